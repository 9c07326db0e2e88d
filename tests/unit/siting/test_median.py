"""What a planner gets from a median or a centre: plans by hand, refusals, words, stopping."""

from __future__ import annotations

import numpy as np
import pytest

from geo_risk.errors import UsageError
from geo_risk.siting import median
from geo_risk.siting.assignment import assign, site_worth
from geo_risk.siting.center import p_center
from geo_risk.siting.graph import graph_costs
from geo_risk.siting.infeasible import InfeasibleError
from geo_risk.siting.median import p_median

INF = np.inf
# Four villages on a road at km 0, 2, 9 and 10; each is a candidate too.
ROAD = np.abs(np.subtract.outer([0.0, 2.0, 9.0, 10.0], [0.0, 2.0, 9.0, 10.0]))


def clustered(n=300, m=60, seed=5):
    draw = np.random.default_rng(seed)
    centre = draw.uniform(0, 1e4, (6, 2))
    demand, candidate = (
        centre[draw.integers(0, 6, count)] + draw.normal(0, 400, (count, 2)) for count in (n, m)
    )
    apart = demand[:, None] - candidate[None]
    return np.hypot(apart[..., 0], apart[..., 1]), draw.integers(1, 9, n).astype(float)


def test_a_median_by_hand():
    # {0, 9}: 3 x 0 + 1 x 2 + 1 x 0 + 1 x 1 = 3; {0, 10} costs the same, all others more.
    found = p_median(ROAD, [3, 1, 1, 1], 2)
    assert found.objective == found.bound == 3
    assert found.chosen[0] == 0 and found.chosen[1] in (2, 3)


def test_a_centre_by_hand():
    found = p_center(ROAD, 1)
    assert (found.chosen.tolist(), found.objective, found.status) == ([1], 8, "optimal")
    assert p_center(ROAD, 2).objective == 2


def test_fixed_and_forbidden_sites_are_heeded():
    found = p_median(ROAD, [1, 1, 1, 1], 2, fixed=[1], forbidden=[2])
    assert (found.chosen.tolist(), found.objective) == ([1, 3], 3)
    assert p_center(ROAD, 1, fixed=[3]).objective == 10


def test_a_site_tells_what_it_carries_what_is_lost_and_its_best_replacement():
    worth = site_worth(ROAD, [3, 1, 1, 1], [0, 2])[1]
    assert (worth.site, worth.demands, worth.weight, worth.cost) == (2, 2, 2, 1)
    assert worth.loss == 9 + 10 - 1
    assert (worth.alternative, worth.price) == (3, 0)
    assert assign(ROAD, [0, 2]).site.tolist() == [0, 0, 2, 2]


@pytest.mark.parametrize("solve", [lambda cost, p: p_median(cost, np.ones(len(cost)), p), p_center])
def test_demand_that_no_plan_reaches_is_named(solve):
    cost = np.array([[1.0, INF, INF], [INF, 1.0, INF], [INF, INF, INF]])
    with pytest.raises(InfeasibleError, match="demand rows 2") as told:
        solve(cost, 2)
    assert (told.value.exit_code, told.value.demands.tolist()) == (4, [2])
    with pytest.raises(InfeasibleError) as told:  # each needs a site of its own
        solve(cost[:2], 1)
    assert len(told.value.demands) == 1
    # Every two demands share a candidate, yet no one candidate serves all three.
    ring = np.array([[1, 1, INF], [INF, 1, 1], [1, INF, 1]])
    with pytest.raises(InfeasibleError):
        solve(ring, 1)
    assert solve(ring, 2).status == "optimal"


def test_a_stopped_search_gives_its_plan_with_an_honest_bound():
    cost, weights = clustered()
    best = p_median(cost, weights, 8)
    assert best.status == "optimal"
    found = p_median(cost, weights, 8, stop=lambda: True)
    assert found.bound <= best.bound <= found.objective
    assert found.gap > 0


def test_a_search_ends_at_the_gap_that_is_asked():
    cost, weights = clustered()
    found = p_median(cost, weights, 8, gap=0.02)
    assert found.gap <= 0.02
    assert found.bound <= p_median(cost, weights, 8).objective


def test_the_same_seed_gives_the_same_answer():
    cost, weights = clustered()
    one, two = (p_median(cost, weights, 8, seed=3) for _ in range(2))
    assert one.chosen.tolist() == two.chosen.tolist()
    assert (one.objective, one.bound) == (two.objective, two.bound)


def test_the_solver_of_a_centre_writes_nothing(capfd):
    cost, _ = clustered()
    p_center(cost, 5)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("cost_invalid", {"cost": [[1.0, -1.0]]}),
        ("cost_invalid", {"cost": [[1.0, np.nan]]}),
        ("cost_invalid", {"cost": np.empty((0, 2))}),
        ("lengths_differ", {"weights": [1, 2]}),
        ("weights_invalid", {"weights": [-1]}),
        ("p_invalid", {"p": 3}),
        ("p_invalid", {"p": 0}),
        ("p_invalid", {"p": 1, "fixed": [0, 1]}),
        ("sites_invalid", {"fixed": [2]}),
        ("sites_invalid", {"fixed": [0], "forbidden": [0]}),
    ],
)
def test_what_cannot_be_is_refused(code: str, change: dict):
    given = {"cost": [[1.0, 2.0]], "weights": [1], "p": 1} | change
    with pytest.raises(UsageError) as told:
        p_median(given.pop("cost"), given.pop("weights"), given.pop("p"), **given)
    assert told.value.code == code


def test_a_graph_takes_the_last_of_two_costs_and_keeps_parts_apart():
    found = graph_costs(["a", "b", "b", "x"], ["b", "c", "a", "y"], [5, 1, 2, 0])
    assert found.node.tolist() == ["a", "b", "c", "x", "y"]
    assert found.cost[0].tolist() == [0, 2, 3, INF, INF]
    assert found.cost[3, 4] == 0
    with pytest.raises(UsageError):
        graph_costs([1], [2], [-1])
    with pytest.raises(UsageError):
        graph_costs([1], [2], [1, 2])


def test_relaxed_plans_that_leave_a_demand_unserved_are_not_searched_from(monkeypatch):
    tried = []
    monkeypatch.setattr(median._Search, "descend_from", lambda search, plan: tried.append(plan))
    found = p_median([[6.0, 3.0], [INF, 0.0]], [2.0, 1.0], 1)
    assert (found.chosen.tolist(), found.objective, tried) == ([1], 6.0, [])
