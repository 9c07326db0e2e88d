"""Covering with known answers, and what a user is told when there is no plan."""

from __future__ import annotations

import csv
import itertools
import json
import math

import numpy as np
import pytest

from geo_risk.errors import UsageError
from geo_risk.siting.constrained import Demands, max_cover_with
from geo_risk.siting.cover import max_cover
from geo_risk.siting.curve import cover_curve
from geo_risk.siting.evaluate import cover, cover_by_class
from geo_risk.siting.infeasible import InfeasibleError
from geo_risk.siting.reach import reach_from_table, reach_within
from geo_risk.siting.set_covering import set_cover
from tests.shared_data import shared_data

# Demands a, b, c, d of weight 8, 4, 2, 1; candidates reach ab, bc, cd and d.
HAND = reach_from_table([0, 1, 1, 2, 2, 3, 3], [0, 0, 1, 1, 2, 2, 3], demands=4, candidates=4)
WEIGHT = [8.0, 4.0, 2.0, 1.0]


def clustered(demands=2000, candidates=120, seed=1):
    draw = np.random.default_rng(seed)
    centre = draw.uniform(0, 0.08, (12, 2))
    lon, lat = (centre[draw.integers(0, 12, demands)] + draw.normal(0, 0.006, (demands, 2))).T
    at = draw.choice(demands, candidates, replace=False)
    reach = reach_within(118 + lon, 24 + lat, 118 + lon[at], 24 + lat[at], 800.0)
    return reach, draw.choice([8.0, 4.0, 2.0, 1.0], demands)


def san_francisco():
    base = "optimisation/spopt_san_francisco/"
    path = shared_data(base + "SF_network_distance_candidateStore_16_censusTract_205_new.csv")
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    tracts = sorted({row["DestinationName"] for row in rows})
    stores = sorted({row["name"] for row in rows})
    near = [row for row in rows if float(row["distance"]) <= 5000.0]
    people = {row["DestinationName"]: float(row["demand"]) for row in rows}
    reach = reach_from_table(
        [tracts.index(row["DestinationName"]) for row in near],
        [stores.index(row["name"]) for row in near],
        demands=len(tracts),
        candidates=len(stores),
    )
    told = json.loads(shared_data(base + "published_optima.json").read_text(encoding="utf-8"))
    return reach, [people[tract] for tract in tracts], told


def test_two_sites_by_hand():
    found = max_cover(HAND, WEIGHT, p=2)
    assert (found.chosen.tolist(), found.objective, found.status) == ([0, 2], 15.0, "optimal")
    assert found.bound == 15.0


def test_what_stands_is_credited_first_and_costs_nothing():
    found = max_cover(HAND, WEIGHT, p=1, existing=[2])
    assert (found.chosen.tolist(), found.objective) == ([0, 2], 15.0)
    assert max_cover(HAND, WEIGHT, p=1, required=[1]).chosen.tolist() == [1]
    assert max_cover(HAND, WEIGHT, p=1, forbidden=[0]).objective == 6.0


def test_no_plan_opens_more_sites_than_it_may():
    rows = [{0, 3}, {1, 2, 3}, {1, 2, 3}, {1}, {0}, {1}, set()]
    demand, candidate = zip(*[(i, j) for i, row in enumerate(rows) for j in row], strict=True)
    reach = reach_from_table(demand, candidate, demands=len(rows), candidates=4)
    plan = max_cover(reach, [1, 2, 0.3, 4, 2, 1, 2], p=1)
    assert plan.chosen.tolist() == [1] and plan.status == "optimal"
    assert plan.objective == pytest.approx(7.3)


def test_a_budget_buys_what_fits():
    found = max_cover(HAND, WEIGHT, budget=3.0, cost=[3.0, 1.0, 2.0, 0.5])
    assert (found.chosen.tolist(), found.objective) == ([0], 12.0)


def test_the_published_optima_of_san_francisco_are_met():
    reach, people, told = san_francisco()
    found = max_cover(reach, people, p=told["p"])
    assert (found.objective, found.status) == (told["MCLP_covered_pop"], "optimal")
    share = 100 * cover(reach, np.ones(reach.demands), found.chosen) / reach.demands
    assert share == pytest.approx(told["MCLP_perc_tracts_covered"])
    assert len(set_cover(reach).chosen) == told["LSCP_facilities"]


@pytest.mark.parametrize("name", ["scp41", "scp42", "scp43", "scp44", "scp45"])
def test_set_covers_of_the_or_library_are_proved(name):
    numbers = iter(
        shared_data(f"optimisation/orlib_scp/{name}.txt").read_text(encoding="utf-8").split()
    )
    rows, columns = int(next(numbers)), int(next(numbers))
    cost = [float(next(numbers)) for _ in range(columns)]
    pairs = [(i, int(next(numbers)) - 1) for i in range(rows) for _ in range(int(next(numbers)))]
    demand, candidate = np.array(pairs).T
    reach = reach_from_table(demand, candidate, demands=rows, candidates=columns)
    with shared_data("optimisation/orlib_scp/highs_reference.csv").open(encoding="utf-8") as file:
        told = {row["instance"]: float(row["weighted_obj"]) for row in csv.DictReader(file)}
    found = set_cover(reach, cost=cost)
    assert (found.objective, found.bound) == (told[name], told[name])
    assert (cover(reach, np.ones(rows), found.chosen)) == rows


def test_manhattans_best_known_plan_is_met_and_the_bound_is_above_it():
    lines = shared_data("optimisation/mclp_newyork/NewYork.txt").read_text("utf-8").split("\n")
    lat, lon = np.array([line.split() for line in lines[5:2718]], float).T
    weight = np.array([line.split()[-1] for line in lines[2719 : 2719 + 2713]], float)
    reach = reach_within(lon, lat, lon, lat, 400.0, sphere_m=6378100.0)
    found = max_cover(reach, weight, p=50, effort=120)
    assert found.objective >= 1153640 * 0.999
    assert found.bound >= 1153640
    assert found.gap < 0.01


def test_a_budget_holds_what_costs_that_much_in_whatever_order():
    found = max_cover(HAND, WEIGHT, budget=0.6, cost=[0.1, 0.2, 0.3, 0.1])
    again = max_cover(HAND, WEIGHT, budget=0.6, cost=[0.3, 0.2, 0.1, 0.1], required=[0, 1])
    assert (found.objective, again.objective) == (15.0, 15.0)


def test_a_plan_is_never_above_the_bound_however_its_weights_are_summed():
    rows = np.arange(12)
    reach = reach_from_table(rows, np.zeros(12, int), demands=12, candidates=1)
    for seed in range(40):
        weight = np.random.default_rng(seed).uniform(0.0, 9.0, 12)
        assert max_cover(reach, weight, p=1).bound >= math.fsum(weight)


def test_equal_seeds_give_equal_plans_and_progress_only_improves():
    reach, weight = clustered()
    told = []
    one = max_cover(reach, weight, p=8, seed=3, report=told.append)
    other = max_cover(reach, weight, p=8, seed=3)
    assert one.chosen.tolist() == other.chosen.tolist()
    assert one.status == "optimal"
    pairs = list(itertools.pairwise(told))
    assert all(b.objective >= a.objective and b.bound <= a.bound for a, b in pairs)
    assert cover(reach, weight, one.chosen) == one.objective


def test_a_stopped_search_gives_what_it_has_with_a_true_bound():
    reach, weight = clustered()
    asked = iter(range(10**6))
    best = max_cover(reach, weight, p=8).objective
    for patience in (0, 1, 3, 10):
        asked = iter(range(10**6))
        found = max_cover(reach, weight, p=8, stop=lambda: next(asked) >= patience)  # noqa: B023
        assert found.objective <= best <= found.bound


def test_a_curve_rises_with_falling_gain_and_its_knee_is_marked():
    reach, weight = clustered()
    curve = cover_curve(reach, weight, 6)
    covers = [plan.objective for plan in curve.plans]
    assert covers == sorted(covers)
    assert all(plan.status == "optimal" for plan in curve.plans)
    assert covers[3] == max_cover(reach, weight, p=4).objective
    assert 1 <= curve.knee <= 6


def test_a_quick_curve_lies_close_below_its_bounds_and_takes_a_known_plan():
    reach, weight = clustered()
    exact = cover_curve(reach, weight, 6)
    best = exact.plans[3]
    quick = cover_curve(reach, weight, 6, effort=20, known={4: best})
    for one, other in zip(quick.plans, exact.plans, strict=True):
        assert one.objective <= other.objective <= one.bound
        assert one.gap < 0.05
    assert quick.plans[3].objective == best.objective
    assert quick.plans[3].status == "optimal"


def test_cover_is_told_by_grade():
    told = cover_by_class(HAND, WEIGHT, [0], ["red", "red", "blue", "blue"])
    assert [(one.name, one.weight, one.covered, one.share) for one in told] == [
        ("red", 12.0, 12.0, 1.0),
        ("blue", 3.0, 0.0, 0.0),
    ]


def test_demand_that_nobody_reaches_is_named_and_can_be_allowed():
    reach = reach_from_table([0, 2], [0, 1], demands=4, candidates=2)
    with pytest.raises(InfeasibleError) as error:
        set_cover(reach)
    assert (error.value.code, error.value.where, error.value.got) == (
        *("demand_unreachable", "demand rows 1, 3", "2"),
    )
    assert error.value.exit_code == 4
    assert set_cover(reach, allow_unreachable=True).chosen.tolist() == [0, 1]
    assert reach.unreached.tolist() == [1, 3]


def test_demands_that_exclude_each_other_are_told():
    with pytest.raises(InfeasibleError, match="required sites are more"):
        max_cover(HAND, WEIGHT, p=1, required=[0, 1])
    with pytest.raises(InfeasibleError, match="both required and forbidden"):
        max_cover(HAND, WEIGHT, p=1, required=[0], forbidden=[0])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"p": None}, "limit_invalid"),
        ({"p": -1}, "limit_invalid"),
        ({"weight": [1.0]}, "lengths_differ"),
        ({"weight": [1.0, 1.0, -1.0, 1.0]}, "weight_invalid"),
        ({"p": None, "budget": 1.0, "cost": [1.0, np.nan, 1.0, 1.0]}, "cost_invalid"),
        ({"existing": [4]}, "row_unknown"),
    ],
)
def test_what_cannot_be_is_refused(change, code):
    with pytest.raises(UsageError) as error:
        max_cover(HAND, **({"weight": WEIGHT, "p": 1} | change))
    assert error.value.code == code


def test_further_demands_are_met_and_conflicts_named():
    towns = ["east", "east", "west", "west"]
    free = max_cover_with(HAND, WEIGHT, Demands(), p=2)
    assert (free.chosen.tolist(), free.objective, free.status) == ([0, 2], 15.0, "optimal")
    west = Demands(town=towns, min_per_town={"west": 2}, k_fold=[0, 0, 0, 2])
    found = max_cover_with(HAND, WEIGHT, west, p=3)
    assert (found.chosen.tolist(), found.objective) == ([0, 2, 3], 15.0)
    with pytest.raises(InfeasibleError) as error:
        max_cover_with(HAND, WEIGHT, Demands(town=towns, min_per_town={"west": 2, "east": 1}), p=2)
    assert error.value.message["en"] == (
        "These demands cannot be met together: at most 2 new sites; at least 2 in west; "
        "at least 1 in east"
    )
    with pytest.raises(InfeasibleError, match="1 demands reached at least 2 times") as error:
        max_cover_with(HAND, WEIGHT, Demands(k_fold=[2, 0, 0, 0], required=[1]), p=4)
    assert "required" not in error.value.message["en"]


def test_capacity_limits_what_a_site_serves():
    found = max_cover_with(HAND, WEIGHT, Demands(capacity=[9.0, 5.0, 2.0, 1.0]), p=2)
    assert found.objective == pytest.approx(14.0)
    assert found.chosen.tolist() == [0, 1]
