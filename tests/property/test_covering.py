"""Covering plans against all subsets: bounds, optima, monotony, and rows in any order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_risk.siting.cover import max_cover
from geo_risk.siting.curve import cover_curve
from geo_risk.siting.curve_bounds import spread
from geo_risk.siting.evaluate import cover, site_worths, times_covered
from geo_risk.siting.quick_curve import max_cover_from_quick
from geo_risk.siting.reach import reach_from_table, reach_within
from geo_risk.siting.set_covering import set_cover
from tests.oracles import covering as slow

CANDIDATES = 7


@st.composite
def cases(draw):
    rows = draw(
        st.lists(st.frozensets(st.integers(0, CANDIDATES - 1), max_size=4), min_size=1, max_size=14)
    )
    weights = st.sampled_from([0.0, 0.3, 1.0, 2.0, 4.0, 8.0]) | st.floats(0.0, 9.0)
    weight = draw(st.lists(weights, min_size=len(rows), max_size=len(rows)))
    cost = draw(st.lists(st.sampled_from([1.0, 1.5, 2.0, 3.0]), min_size=7, max_size=7))
    return rows, weight, cost


def reach_of(rows):
    pairs = [(i, j) for i, row in enumerate(rows) for j in sorted(row)]
    demand, candidate = np.array(pairs, int).reshape(-1, 2).T
    return reach_from_table(demand, candidate, demands=len(rows), candidates=CANDIDATES)


prices = st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.7, 1.5]), min_size=7, max_size=7)
budgets = st.integers(0, 30).map(lambda tenths: tenths / 10) | st.floats(0.0, 4.0)
some = st.frozensets(st.integers(0, CANDIDATES - 1), max_size=2)


@settings(deadline=None, max_examples=60)
@given(cases(), prices, budgets, some, some, some)
def test_a_plan_within_a_budget_is_the_best_of_all_subsets(
    case, cost, budget, existing, must, never
):
    rows, weight, _ = case
    never = never - must
    free = [0.0 if j in existing else c for j, c in enumerate(cost)]
    most = budget * (1 + 1e-12)
    if sum(free[j] for j in must) > most:
        return
    found = max_cover(
        *(reach_of(rows), weight),
        budget=budget,
        cost=cost,
        existing=sorted(existing),
        required=sorted(must),
        forbidden=sorted(never),
    )
    best = slow.best_cover(rows, weight, CANDIDATES, free, most, existing, must, never - existing)
    assert found.bound >= best
    assert found.objective == pytest.approx(best, rel=1e-6, abs=1e-9)
    assert found.objective == pytest.approx(slow.cover(rows, weight, found.chosen.tolist()))
    assert must | existing <= set(found.chosen.tolist())
    assert sum(free[j] for j in found.chosen) <= most


@settings(deadline=None, max_examples=40)
@given(cases(), st.integers(0, CANDIDATES), st.randoms(use_true_random=False))
def test_order_of_rows_and_one_site_more(case, p, shuffle):
    rows, weight, _ = case
    found = max_cover(reach_of(rows), weight, p=p)
    order = list(range(len(rows)))
    shuffle.shuffle(order)
    again = max_cover(reach_of([rows[i] for i in order]), [weight[i] for i in order], p=p)
    assert again.objective == pytest.approx(found.objective, rel=1e-6)
    assert max_cover(reach_of(rows), weight, p=p + 1).objective >= found.objective * (1 - 1e-6)
    assert len(found.chosen) <= p
    stopped = max_cover(reach_of(rows), weight, p=p, stop=lambda: True)
    assert stopped.objective <= found.bound
    assert stopped.bound >= found.objective


@settings(deadline=None, max_examples=60)
@given(cases(), some, some, some, st.integers(0, 4), st.integers(0, 3))
def test_no_subset_lies_above_a_quick_curve_and_none_of_its_plans_is_made_up(
    case, existing, must, never, effort, patience
):
    rows, weight, _ = case
    never, asked = never - must, iter(range(1000))
    states = {"existing": sorted(existing), "required": sorted(must), "forbidden": sorted(never)}
    stop = (lambda: next(asked) >= 3 * patience) if patience else (lambda: False)
    reach = reach_of(rows)
    curve = cover_curve(reach, weight, CANDIDATES, **states, effort=effort, stop=stop)
    free = [0.0 if j in existing else 1.0 for j in range(CANDIDATES)]
    covers = [plan.objective for plan in curve.plans]
    assert covers == sorted(covers)
    for p, plan in enumerate(curve.plans, curve.first_p):
        chosen = set(plan.chosen.tolist())
        assert existing | must <= chosen
        assert not (never - existing) & chosen
        assert len(chosen - existing) <= p
        assert plan.objective == pytest.approx(slow.cover(rows, weight, chosen), abs=1e-9)
        best = slow.best_cover(rows, weight, CANDIDATES, free, p, existing, must, never - existing)
        assert plan.objective - 1e-9 <= best <= plan.bound + 1e-9


@settings(deadline=None, max_examples=100)
@given(cases(), some, st.integers(0, 5), st.integers(0, 6))
def test_a_search_begun_from_a_quick_plan_ends_at_the_best_or_below_its_bound(
    case, existing, p, patience
):
    rows, weight, _ = case
    tick, told = iter(range(10**6)), []
    reach, limits = reach_of(rows), {"existing": sorted(existing), "report": told.append}
    stop = (lambda: next(tick) >= patience) if patience else (lambda: False)
    free = [0.0 if j in existing else 1.0 for j in range(CANDIDATES)]
    best = slow.best_cover(rows, weight, CANDIDATES, free, p, existing)
    found = max_cover_from_quick(reach, weight, p, **limits, stop=stop)
    chosen = set(found.chosen.tolist())
    assert len(chosen - existing) <= p
    assert found.objective == pytest.approx(slow.cover(rows, weight, chosen), abs=1e-9)
    assert found.objective - 1e-9 <= best <= found.bound + 1e-9
    assert patience or found.status == "optimal" or best == 0
    assert all(one.objective <= best + 1e-9 <= one.bound + 2e-9 for one in told)


@settings(deadline=None, max_examples=60)
@given(cases(), st.lists(st.floats(0.0, 20.0), min_size=7, max_size=7))
def test_bounds_for_other_numbers_of_sites_bound_this_one(case, above):
    rows, weight, _ = case
    ones = [1.0] * CANDIDATES
    best = [slow.best_cover(rows, weight, CANDIDATES, ones, p) for p in range(1, CANDIDATES + 1)]
    found = spread(np.array(best) + above, range(1, CANDIDATES + 1), 0.0)
    assert (found >= np.array(best) - 1e-9).all()
    assert (found <= np.array(best) + above + 1e-9).all()


@settings(deadline=None, max_examples=40)
@given(cases(), some)
def test_a_set_cover_is_the_cheapest_of_all_subsets(case, existing):
    rows, _, cost = case
    found = set_cover(reach_of(rows), cost=cost, existing=sorted(existing), allow_unreachable=True)
    best = slow.least_cost(rows, CANDIDATES, cost, existing)
    assert found.bound <= best
    assert found.objective == pytest.approx(best)
    assert found.status == "optimal"
    reached = times_covered(reach_of(rows), found.chosen) > 0
    assert all(reached[i] for i, row in enumerate(rows) if row)


@settings(deadline=None, max_examples=40)
@given(cases(), st.frozensets(st.integers(0, CANDIDATES - 1), min_size=1, max_size=4))
def test_what_a_site_is_worth_is_what_changes_without_it(case, plan):
    rows, weight, _ = case
    reach = reach_of(rows)
    whole = cover(reach, weight, sorted(plan))
    assert whole == pytest.approx(slow.cover(rows, weight, plan))
    for worth in site_worths(reach, weight, sorted(plan)):
        rest = plan - {worth.candidate}
        assert worth.lost == pytest.approx(whole - slow.cover(rows, weight, rest))
        assert worth.reached == pytest.approx(slow.cover(rows, weight, {worth.candidate}))
        others = set(range(CANDIDATES)) - plan
        best = max(slow.cover(rows, weight, rest | {j}) for j in others)
        assert worth.price == pytest.approx(whole - best)
        assert slow.cover(rows, weight, rest | {worth.alternative}) == pytest.approx(best)


degrees = st.floats(-0.02, 0.02)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(degrees, degrees), min_size=1, max_size=12),
    st.lists(st.tuples(degrees, degrees), min_size=1, max_size=12),
    st.sampled_from([0.0, 24.7, 89.9]),
    st.sampled_from([0.0, 118.6, 180.0]),
    st.integers(0, 11),
)
def test_reach_is_that_of_every_pair_and_the_boundary_counts(demand, candidate, lat0, lon0, at):
    lon, lat = (np.array([row[k] for row in demand]) for k in (0, 1))
    x, y = (np.array([row[k] for row in candidate]) for k in (0, 1))
    lon, x = (((v + lon0 + 180.0) % 360.0) - 180.0 for v in (lon, x))
    lat, y = lat + lat0, y + lat0
    sphere_m = 6378100.0
    way_m = [
        [slow.great_circle_m(lon[i], lat[i], x[j], y[j], sphere_m) for j in range(len(x))]
        for i in range(len(lon))
    ]
    radius_m = max(way_m[0][at % len(x)], 0.001)
    found = reach_within(lon, lat, x, y, radius_m, sphere_m=sphere_m, with_cost=True)
    assert found.cost is not None
    got = dict(zip(zip(found.row_of_entry, found.candidate, strict=True), found.cost, strict=True))
    for i in range(len(lon)):
        for j in range(len(x)):
            if abs(way_m[i][j] - radius_m) > 1e-8:
                assert ((i, j) in got) == (way_m[i][j] <= radius_m)
            if (i, j) in got:
                assert got[i, j] == pytest.approx(way_m[i][j], abs=1e-6)
