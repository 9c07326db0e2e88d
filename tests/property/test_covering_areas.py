"""What plans lose in an area, against all subsets: no bound too low, no better plan ruled out."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geo_risk.siting import _area_kernels as kernels
from geo_risk.siting import areas as module
from geo_risk.siting import cover as solver
from geo_risk.siting.areas import Areas
from geo_risk.siting.bound import Master
from geo_risk.siting.instance import decided, first_instance
from geo_risk.siting.reach import reach_from_table
from geo_risk.siting.solution import never
from tests.oracles import covering as slow

SITES = 7
row_lists = st.lists(
    st.frozensets(st.integers(0, SITES - 1), min_size=1, max_size=4), min_size=2, max_size=14
)
losses = st.integers(0, 9)


def reach_of(rows):
    pairs = [(i, j) for i, row in enumerate(rows) for j in sorted(row)]
    demand, candidate = np.array(pairs, int).T
    return reach_from_table(demand, candidate, demands=len(rows), candidates=SITES)


@st.composite
def instances(draw):
    rows = draw(row_lists)
    weights = st.sampled_from([0.3, 1.0, 2.0, 4.0, 8.0]) | st.floats(0.01, 9.0)
    weight = np.array(draw(st.lists(weights, min_size=len(rows), max_size=len(rows))))
    scale = draw(st.sampled_from([1.0, 1e-6, 1e9]))
    cost = np.array(draw(st.lists(st.sampled_from([1.0, 1.5, 2.0]), min_size=7, max_size=7)))
    budget = draw(st.sampled_from([1.0, 2.0, 3.5, 5.0]))
    none = np.zeros(SITES, bool)
    return decided(first_instance(reach_of(rows), weight * scale, cost, budget), none, none)


def plans(instance):
    for open_ in itertools.product([False, True], repeat=len(instance.cost)):
        plan = np.array(open_, bool)
        if instance.cost[plan].sum() <= instance.budget:
            yield plan, instance.cover(plan)


@settings(deadline=None, max_examples=60)
@given(row_lists, st.data())
def test_the_least_loss_and_the_sites_of_all_plans_below_a_limit(rows, data):
    rows = sorted(rows, key=max)
    twice, nobody = (
        data.draw(st.lists(losses, min_size=len(rows), max_size=len(rows))) for _ in range(2)
    )
    opened, closed = (data.draw(st.lists(losses, min_size=SITES, max_size=SITES)) for _ in "ab")
    reach = reach_of(rows)
    site_starts, by_site = reach.by_candidate()
    ends = np.concatenate([[0], np.cumsum(np.bincount([max(r) for r in rows], minlength=SITES))])
    area = kernels.Area(
        *(reach.starts, reach.candidate, site_starts, by_site, ends.astype(np.int64)),
        *(np.array(loss, np.int64) for loss in (twice, nobody, opened, closed)),
    )
    told = slow.losses(rows, twice, nobody, opened, closed)
    limit = data.draw(st.integers(1, 60))
    seen = np.zeros(SITES, np.int64)
    least, _, work = kernels.plans_below(limit, 10**9, False, seen, area)
    assert least == min(limit, *told.values())
    assert kernels.plans_below(limit, 10**9, True, seen, area)[0] == least
    below = [plan for plan, loss in told.items() if loss < limit]
    assert set().union(*below) == set(np.flatnonzero(seen).tolist())
    if work:
        assert kernels.plans_below(limit, 0, False, seen, area)[0] == -1


@settings(deadline=None, max_examples=120)
@given(instances(), st.integers(1, 6), st.sampled_from([0.5, 3.0]), st.sampled_from([30, 10**6]))
def test_the_bound_by_areas_is_above_every_plan_and_no_better_plan_is_ruled_out(
    instance, solutions, open_, work
):
    assume(len(instance.cost) > 0)
    master = Master(instance, never)
    x, theta = np.full(len(instance.cost), 0.3), np.full(master.groups, np.inf)
    for _ in range(solutions):
        if not master.separate(x, x, theta)[1] or not master.solve():
            break
        x, theta = master.x, master.theta
    assume(master.solved or master.solve())
    covers = list(plans(instance))
    best_plan, best = max(covers, key=lambda one: one[1])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_OPEN", open_)
        areas = Areas(master, np.zeros(len(instance.cost), bool), never)
    before = areas.bound
    assert best <= before <= master.bound()[0] * (1 + 1e-9)
    areas.improve(best_plan, max(before - best, 0.1 * best), work)
    assert best <= areas.bound <= before
    goal = best * 0.9
    opened, closed = areas.rule_out(goal, work)
    assert max(best, goal) <= areas.bound
    for plan, cover in covers:
        if cover > goal * (1 + 1e-9):
            assert plan[opened].all()
            assert not plan[closed].any()


@settings(deadline=None, max_examples=60)
@given(instances())
def test_areas_alone_lead_to_the_best_plan(instance):
    assume(len(instance.cost) > 0)
    best = max(cover for _, cover in plans(instance))
    rows = np.repeat(np.arange(len(instance.weight)), np.diff(instance.starts))
    reach = reach_from_table(
        rows, instance.sites, demands=len(instance.weight), candidates=len(instance.cost)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solver, "_LESS", 0.0)
        patch.setattr(solver, "_CALM", 0.5)
        budget = {"budget": instance.budget, "cost": instance.cost}
        found = solver.max_cover(reach, instance.weight, **budget)
    assert found.objective == pytest.approx(best, rel=1e-6)
    assert found.bound >= best * (1 - 1e-12)
    assert instance.cost[found.chosen].sum() <= instance.budget * (1 + 1e-12)
