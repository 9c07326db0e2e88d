"""Covers under further demands, and set covers in small money, against all subsets."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_risk.siting.constrained import Demands, max_cover_with
from geo_risk.siting.infeasible import InfeasibleError
from geo_risk.siting.set_covering import set_cover
from tests.oracles import covering as slow
from tests.property.test_covering import CANDIDATES, budgets, cases, prices, reach_of, some

towns = st.lists(st.sampled_from(["east", "west"]), min_size=CANDIDATES, max_size=CANDIDATES)
minima = st.dictionaries(st.sampled_from(["east", "west"]), st.integers(1, 2))
units = st.sampled_from([1.0, 1.0, 1e-6, 1e-8])
capacities = st.none() | st.lists(st.sampled_from([0.0, 1.0, 2.5, 6.0]), min_size=7, max_size=7)


@st.composite
def folded(draw):
    """A case, and how many sites must reach each of its demands: mostly none."""
    case = draw(cases())
    times = st.sampled_from([0, 0, 0, 0, 1, 2])
    return case, draw(st.lists(times, min_size=len(case[0]), max_size=len(case[0])))


@settings(deadline=None, max_examples=80)
@given(folded(), prices, budgets, units, towns, minima, capacities, some, some)
def test_a_budget_with_further_demands_buys_the_best_of_all_subsets(
    case, cost, budget, unit, towns, least, capacity, existing, must
):
    (rows, weight, _), folds = case
    cost, budget = [c * unit for c in cost], budget * unit
    demands = Demands(
        town=towns,
        min_per_town=least,
        k_fold=folds,
        capacity=capacity,
        existing=sorted(existing),
        required=sorted(must),
    )
    free = [0.0 if j in existing else c for j, c in enumerate(cost)]
    most = budget * (1 + 1e-12)

    def worth(plan):
        if capacity is None:
            return slow.cover(rows, weight, plan)
        return slow.served(rows, weight, capacity, plan)

    best = max(
        (
            worth(plan)
            for plan in slow.plans_within(CANDIDATES, free, most, existing, must)
            if slow.meets(rows, folds, towns, least, plan)
        ),
        default=None,
    )
    asked = (reach_of(rows), weight, demands)
    if best is None:
        with pytest.raises(InfeasibleError):
            max_cover_with(*asked, budget=budget, cost=cost)
        return
    found = max_cover_with(*asked, budget=budget, cost=cost)
    plan = set(found.chosen.tolist())
    assert slow.meets(rows, folds, towns, least, plan) and must | existing <= plan
    assert sum(free[j] for j in plan) <= most
    assert found.objective == pytest.approx(worth(plan), rel=1e-6, abs=1e-9)
    assert found.objective == pytest.approx(best, rel=1e-6, abs=1e-6)
    assert found.bound >= best - 1e-9


small = st.sampled_from([1e-10, 3e-9, 1.25e-8, 1e-7]) | st.floats(1e-9, 1e-8)
mixed = st.sampled_from([0.0, 0.05, 0.1, 0.25, 12.0, 2e-6])


@settings(deadline=None, max_examples=80)
@given(cases(), st.lists(small, min_size=7, max_size=7) | st.lists(mixed, min_size=7, max_size=7))
def test_a_set_cover_in_small_money_is_proved_as_any_other(case, cost):
    rows, _, _ = case
    found = set_cover(reach_of(rows), cost=cost, allow_unreachable=True)
    best = slow.least_cost(rows, CANDIDATES, cost)
    assert found.bound <= best <= found.objective * (1 + 1e-12)
    assert found.objective == pytest.approx(best, rel=1e-6, abs=0)
    assert found.status == "optimal"
