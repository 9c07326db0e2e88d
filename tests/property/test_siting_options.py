"""Near-best plans, curves by budget, covers with further demands within a budget, decimal costs."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_risk.siting.constrained import Demands, max_cover_with
from geo_risk.siting.cover import max_cover
from geo_risk.siting.curve import budget_curve
from geo_risk.siting.exchanges import Limits, cover_worth, exchanged, median_worth
from geo_risk.siting.infeasible import InfeasibleError
from geo_risk.siting.median import p_median
from geo_risk.siting.near_best import near_best
from geo_risk.siting.reach import reach_from_table
from geo_risk.siting.set_covering import set_cover
from tests.oracles import covering as slow
from tests.oracles import siting_median as slow_median

CANDIDATES = 6
rows_of = st.lists(
    st.frozensets(st.integers(0, CANDIDATES - 1), max_size=3), min_size=1, max_size=9
)
prices = st.lists(
    st.sampled_from([0.1, 0.2, 0.3, 0.7, 1.5]), min_size=CANDIDATES, max_size=CANDIDATES
)


@st.composite
def cases(draw):
    rows = draw(rows_of)
    weight = draw(
        st.lists(st.sampled_from([1.0, 2.0, 4.0]), min_size=len(rows), max_size=len(rows))
    )
    return rows, weight


def reach_of(rows):
    pairs = [(i, j) for i, row in enumerate(rows) for j in sorted(row)]
    demand, candidate = np.array(pairs, int).reshape(-1, 2).T
    return reach_from_table(demand, candidate, demands=len(rows), candidates=CANDIDATES)


@settings(deadline=None, max_examples=40)
@given(cases(), prices, st.integers(1, 4))
def test_no_subset_lies_above_a_curve_by_budget_and_it_never_falls(case, cost, steps):
    rows, weight = case
    budgets = [0.8 * step for step in range(1, steps + 1)]
    curve = budget_curve(reach_of(rows), weight, cost, budgets)
    covers = [plan.objective for plan in curve.plans]
    assert covers == sorted(covers)
    assert curve.knee in budgets
    for budget, plan in zip(curve.budgets, curve.plans, strict=True):
        best = slow.best_cover(rows, weight, CANDIDATES, cost, budget * (1 + 1e-12))
        assert plan.objective == pytest.approx(best)
        assert plan.bound >= best - 1e-9
        assert sum(cost[j] for j in plan.chosen) <= budget * (1 + 1e-12)


@settings(deadline=None, max_examples=40)
@given(cases(), st.integers(1, 4), st.integers(1, 4))
def test_near_best_plans_are_plans_and_differ_from_each_other(case, p, most):
    rows, weight = case
    reach = reach_of(rows)
    best = max_cover(reach, weight, p=p)

    def solve(without):
        return max_cover(reach, weight, p=p, forbidden=without)

    found = near_best(solve, best.chosen, best.chosen, most)
    assert len(found) <= most
    plans = [set(best.chosen.tolist()), *(set(one.chosen.tolist()) for one in found)]
    for one, other in combinations(plans, 2):
        assert one - other and other - one
    for one in found:
        assert len(one.chosen) <= p
        assert one.objective == pytest.approx(slow.cover(rows, weight, set(one.chosen.tolist())))
        assert one.objective <= best.objective + 1e-9
    assert [one.objective for one in found] == sorted((o.objective for o in found), reverse=True)


def are_apart(best, found, free):
    """All differ by a site each way at least; those that stay open or closed are in all."""
    plans = [set(one.chosen.tolist()) for one in (best, *found)]
    for one, other in combinations(plans, 2):
        assert one - other and other - one
        assert (one ^ other) <= free
    return plans


@settings(deadline=None, max_examples=60)
@given(cases(), prices, st.sampled_from([0.5, 1.0, 2.5]), st.integers(1, 5), st.booleans())
def test_plans_by_exchange_within_a_budget_are_apart_and_as_good_as_any_one_exchange_away(
    case, cost, budget, most, stands
):
    rows, weight = case
    existing, free = {0} if stands else set(), set(range(1, CANDIDATES))
    most_money = budget * (1 + 1e-12)
    barred = [] if stands else [0]
    reach = reach_of(rows)
    states = {"existing": sorted(existing), "forbidden": barred}
    best = max_cover(reach, weight, budget=budget, cost=cost, **states)
    limits = Limits(np.arange(CANDIDATES) > 0, np.array(cost), most_money)
    found = exchanged(cover_worth(reach, weight), best, limits, most)
    plans = are_apart(best, found, free)
    for one, plan in zip(found, plans[1:], strict=True):
        assert one.objective == pytest.approx(slow.cover(rows, weight, plan))
        assert one.objective <= best.objective + 1e-9
        assert sum(cost[j] for j in plan & free) <= most_money
    covers = [one.objective for one in found]
    assert covers == sorted(covers, reverse=True)
    near = [slow.cover(rows, weight, p) for p in slow.exchanges(plans[0], free, cost, most_money)]
    assert bool(near) <= bool(found)
    if near:
        (one,) = exchanged(cover_worth(reach, weight), best, limits, 1)
        assert one.objective >= max(near) - 1e-9


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.lists(st.integers(0, 9) | st.just(np.inf), min_size=6, max_size=6), min_size=1),
    st.integers(1, 4),
    st.integers(1, 6),
)
def test_medians_by_exchange_are_apart_and_as_good_as_any_one_exchange_away(cost, p, most):
    weight = [float(at % 3) for at in range(len(cost))]
    try:
        best = p_median(np.array(cost, float), weight, p, forbidden=[5])
    except InfeasibleError:
        return
    ones, free = [1.0] * CANDIDATES, set(range(5))
    limits = Limits(np.arange(CANDIDATES) < 5, np.array(ones), float(p))
    worth = median_worth(np.array(cost, float), weight)
    found = exchanged(worth, best, limits, most)
    plans = are_apart(best, found, free)
    for one, plan in zip(found, plans[1:], strict=True):
        assert len(plan) == p
        assert one.objective == pytest.approx(slow_median.median_cost(cost, weight, plan))
        assert one.objective >= best.objective - 1e-9
    total = [one.objective for one in found]
    assert total == sorted(total)
    near = [
        slow_median.median_cost(cost, weight, p_) for p_ in slow.exchanges(plans[0], free, ones, p)
    ]
    near = [one for one in near if np.isfinite(one)]
    assert bool(near) <= bool(found)
    if near:
        (one,) = exchanged(worth, best, limits, 1)
        assert one.objective <= min(near) + 1e-9


def test_plans_by_exchange_are_many_sites_apart_where_a_plan_has_many():
    draw = np.random.default_rng(7)
    demand, candidate = np.nonzero(draw.random((600, 80)) < 0.03)
    reach = reach_from_table(demand, candidate, demands=600, candidates=80)
    best = max_cover(reach, np.ones(600), p=25, effort=5)
    limits = Limits(np.ones(80, bool), np.ones(80), 25.0)
    found = exchanged(cover_worth(reach, np.ones(600)), best, limits, 6)
    plans = [set(one.chosen.tolist()) for one in (best, *found)]
    assert len(found) == 6
    assert all(len(one - other) >= 3 <= len(other - one) for one, other in combinations(plans, 2))
    stopped = exchanged(cover_worth(reach, np.ones(600)), best, limits, 2, lambda: True)
    assert len(stopped) == 2 and max(s.objective for s in stopped) <= best.bound


@settings(deadline=None, max_examples=30)
@given(cases(), prices, st.sampled_from([0.5, 1.0, 2.5]), st.integers(0, 2))
def test_further_demands_within_a_budget_are_the_best_of_all_subsets(case, cost, budget, fold):
    rows, weight = case
    k_fold = [min(fold, len(row)) for row in rows]
    towns = ["A", "A", "A", "B", "B", "B"]
    demands = Demands(town=towns, min_per_town={"A": 1}, k_fold=k_fold)
    best = max(
        (
            slow.cover(rows, weight, set(plan))
            for size in range(CANDIDATES + 1)
            for plan in combinations(range(CANDIDATES), size)
            if sum(cost[j] for j in plan) <= budget * (1 + 1e-12)
            and any(towns[j] == "A" for j in plan)
            and all(len(row & set(plan)) >= k for row, k in zip(rows, k_fold, strict=True))
        ),
        default=None,
    )
    if best is None:
        with pytest.raises(InfeasibleError):
            max_cover_with(reach_of(rows), weight, demands, budget=budget, cost=cost)
        return
    found = max_cover_with(reach_of(rows), weight, demands, budget=budget, cost=cost)
    assert found.objective == pytest.approx(best)
    assert found.bound >= best - 1e-9


@settings(deadline=None, max_examples=40)
@given(
    cases(),
    st.lists(
        st.sampled_from([0.01, 0.02, 0.003, 1e-6, 0.1]) | st.floats(1e-6, 1e-3),
        min_size=CANDIDATES,
        max_size=CANDIDATES,
    ),
)
def test_a_set_cover_with_small_costs_is_proved(case, cost):
    rows, _ = case
    found = set_cover(reach_of(rows), cost=cost, allow_unreachable=True)
    best = slow.least_cost(rows, CANDIDATES, cost)
    assert found.objective == pytest.approx(best, rel=1e-6)
    assert found.bound <= best * (1 + 1e-12)
    assert found.status == "optimal"
