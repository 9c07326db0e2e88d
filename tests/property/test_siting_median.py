"""p-median and p-centre against every plan there is, and the bound on its right side."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geo_risk.siting import _dual_kernels as dual
from geo_risk.siting.assignment import assign, site_worth
from geo_risk.siting.center import p_center
from geo_risk.siting.costs import nearest_lists
from geo_risk.siting.graph import graph_costs
from geo_risk.siting.infeasible import InfeasibleError
from geo_risk.siting.median import p_median
from tests.oracles import siting_median as slow

few = settings(deadline=None, max_examples=60)
whole = st.integers(0, 20).map(float)
real = st.floats(0, 1e4).map(lambda x: round(x, 6))
far = st.one_of(whole, st.just(math.inf))


@st.composite
def cases(draw, prices=(whole, real, far)):
    n, m = draw(st.integers(1, 12)), draw(st.integers(1, 8))
    price = draw(st.sampled_from(prices))
    cost = np.array(draw(st.lists(st.lists(price, min_size=m, max_size=m), min_size=n, max_size=n)))
    weights = np.array(draw(st.lists(st.integers(0, 9).map(float), min_size=n, max_size=n)))
    kinds = draw(st.lists(st.sampled_from("ccccfx"), min_size=m, max_size=m))
    fixed = [j for j in range(m) if kinds[j] == "f"]
    forbidden = [j for j in range(m) if kinds[j] == "x"]
    assume(len(forbidden) < m)
    p = draw(st.integers(max(1, len(fixed)), m - len(forbidden)))
    return cost, weights, p, {"fixed": fixed, "forbidden": forbidden}


def legal(solution, m, p, fixed, forbidden):
    chosen = solution.chosen.tolist()
    assert len(set(chosen)) == p and sorted(chosen) == chosen
    assert set(fixed) <= set(chosen) <= set(range(m)) - set(forbidden)


@few
@given(cases())
def test_a_median_is_the_best_of_all_plans(case):
    cost, weights, p, sites = case
    best = slow.best_median(cost.tolist(), weights.tolist(), p, **sites)
    if math.isinf(best):
        with pytest.raises(InfeasibleError):
            p_median(cost, weights, p, **sites)
        return
    found = p_median(cost, weights, p, **sites)
    legal(found, cost.shape[1], p, **sites)
    assert found.objective == pytest.approx(best, rel=1e-6)
    assert found.objective == pytest.approx(
        slow.median_cost(cost.tolist(), weights.tolist(), found.chosen), rel=1e-12
    )
    assert found.bound <= best * (1 + 1e-15)
    assert found.status == "optimal"


@few
@given(cases())
def test_a_centre_is_the_best_of_all_plans(case):
    cost, _, p, sites = case
    best = slow.best_center(cost.tolist(), p, **sites)
    if math.isinf(best):
        with pytest.raises(InfeasibleError):
            p_center(cost, p, **sites)
        return
    found = p_center(cost, p, **sites)
    legal(found, cost.shape[1], p, **sites)
    assert found.objective == best == found.bound


@few
@given(cases((whole, real)), st.integers(0, 6))
def test_a_bound_is_on_the_right_side_whenever_the_time_is_up(case, asked):
    cost, weights, p, sites = case
    told, times = [], iter(range(10**6))
    stop = lambda: next(times) >= asked  # noqa: E731
    found = p_median(cost, weights, p, **sites, stop=stop, report=told.append)
    best = slow.best_median(cost.tolist(), weights.tolist(), p, **sites)
    assert found.bound <= best * (1 + 1e-15) <= found.objective * (1 + 1e-12)
    assert told
    for progress in told:
        assert progress.bound <= best * (1 + 1e-15) <= progress.objective * (1 + 1e-12)
    centre = p_center(cost, p, **sites, stop=stop)
    best = slow.best_center(cost.tolist(), p, **sites)
    assert centre.bound <= best <= centre.objective


@few
@given(cases((whole, real)), st.integers(0, 2**31))
def test_any_multipliers_give_a_bound_and_it_is_the_slow_one(case, seed):
    cost, weights, p, _ = case
    weighted = cost * weights[:, None]
    offers = np.random.default_rng(seed).uniform(0, weighted.max() + 1, len(cost))
    value, order = np.empty(cost.shape[1]), np.empty(cost.shape[1], np.int64)
    dual.saving(*nearest_lists(weighted), offers, value)
    _, total = dual.relaxed(value, np.zeros(cost.shape[1], np.int8), p, order)
    bound = dual.bound_of(offers, total, cost.shape[1])
    expected = slow.lagrangian(cost.tolist(), weights.tolist(), p, offers.tolist())
    assert bound == pytest.approx(expected, rel=1e-9, abs=1e-6)
    assert bound <= slow.best_median(cost.tolist(), weights.tolist(), p)


@few
@given(cases((whole, real)))
def test_another_site_never_raises_the_cost(case):
    cost, weights, p, sites = case
    assume(p < cost.shape[1] - len(sites["forbidden"]))
    median = [p_median(cost, weights, q, **sites).objective for q in (p, p + 1)]
    centre = [p_center(cost, q, **sites).objective for q in (p, p + 1)]
    assert median[1] <= median[0] * (1 + 1e-6)
    assert centre[1] <= centre[0]


@few
@given(cases(), st.integers(0, 5))
def test_what_a_site_is_worth_is_what_changes_without_it(case, seed):
    cost, weights, p, sites = case
    rows, m = cost.tolist(), cost.shape[1]
    draw = np.random.default_rng(seed)
    chosen = sorted(draw.choice(m, p, replace=False).tolist())
    total = slow.median_cost(rows, weights.tolist(), chosen)
    assume(math.isfinite(total))
    served, worths = assign(cost, chosen), site_worth(cost, weights, chosen, sites["forbidden"])
    assert weights @ served.cost == pytest.approx(total)
    assert [worth.site for worth in worths] == chosen
    assert sum(worth.cost for worth in worths) == pytest.approx(total)
    assert sum(worth.weight for worth in worths) == pytest.approx(weights.sum())
    assert max(worth.greatest_cost for worth in worths) == slow.center_cost(rows, chosen)
    for worth in worths:
        mine = served.site == worth.site
        assert (worth.demands, worth.weight) == (mine.sum(), weights[mine].sum())
        rest = [j for j in chosen if j != worth.site]
        close = {"rel": 1e-9, "abs": 1e-6}
        assert worth.loss == pytest.approx(
            slow.median_cost(rows, weights.tolist(), rest) - total, **close
        )
        swaps = {
            j: slow.median_cost(rows, weights.tolist(), [*rest, j]) - total
            for j in range(m)
            if j not in chosen and j not in sites["forbidden"]
        }
        least = min(swaps.values(), default=math.inf)
        assert worth.price == pytest.approx(least, **close)
        if worth.alternative is None:
            assert math.isinf(least)
        else:
            assert swaps[worth.alternative] == pytest.approx(least, **close)


edges = st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(0, 9).map(float))


@few
@given(st.lists(edges, min_size=1, max_size=25))
def test_costs_along_a_graph_are_those_of_floyd_and_warshall(listed):
    found, slowly = graph_costs(*zip(*listed, strict=True)), slow.shortest_paths(listed)
    for a, u in enumerate(found.node.tolist()):
        for b, v in enumerate(found.node.tolist()):
            assert found.cost[a, b] == slowly[u, v]
