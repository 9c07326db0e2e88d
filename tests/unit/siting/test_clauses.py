"""Clauses on siting: each is met, not met or cannot be checked, with its figure and source."""

import numpy as np
import pytest
import shapely

from geo_risk.errors import CatalogueError, UsageError
from geo_risk.reference import table
from geo_risk.siting import clauses
from geo_risk.siting.clauses import check_plan, clauses_of, district_areas, nearest_m


def outcome(checks, rule):
    (found,) = [one for one in checks if one.clause.rule == rule]
    return found


def test_a_plan_of_fire_stations_is_checked_clause_by_clause():
    checks = check_plan(
        "fire_station",
        {
            "fire_arrival": [3.0, 4.99, 5.0],
            "fire_hazchem": [1200.0, 299.0],
            "fire_upwind": [1, 1],
            **district_areas(["class1", "class2"], [6.9, 4.2]),
        },
    )
    assert outcome(checks, "fire_arrival").outcome == "met"
    assert outcome(checks, "fire_arrival").figure == 5.0
    near = outcome(checks, "fire_hazchem")
    assert (near.outcome, near.figure, near.failing.tolist()) == ("not_met", 299.0, [1])
    assert (
        "第15条" in near.say("zh") and "不满足" in near.say("zh") and "worst 299" in near.say("en")
    )
    assert outcome(checks, "fire_upwind").outcome == "met"
    assert outcome(checks, "fire_area_class1").outcome == "met"
    assert outcome(checks, "fire_area_class2").outcome == "not_met"
    assert not [one for one in checks if one.clause.rule == "fire_area_small"]
    exits = outcome(checks, "fire_public_exits")
    assert (exits.outcome, np.isnan(exits.figure), exits.unknown.tolist()) == ("unknown", True, [0])
    assert "无法核查" in exits.say()


def test_a_missing_figure_leaves_a_clause_open_unless_another_breaks_it():
    (radius,) = [
        one
        for one in check_plan("shelter", {"shelter_radius": [400.0, np.nan]})
        if one.clause.rule == "shelter_radius"
    ]
    assert (radius.outcome, radius.figure, radius.share) == ("unknown", 400.0, 0.5)
    assert "1 without a figure" in radius.say("en")
    broken = outcome(check_plan("shelter", {"shelter_radius": [501.0, np.nan]}), "shelter_radius")
    assert broken.outcome == "not_met"


def test_a_demand_that_nobody_reaches_breaks_the_clause():
    found = outcome(check_plan("ems", {"ems_urban": [7.0, np.inf]}), "ems_urban")
    assert (found.outcome, found.failing.tolist()) == ("not_met", [1])


def test_a_clause_on_nine_of_ten_cases_allows_the_tenth():
    travel = [200.0] * 9 + [900.0]
    assert outcome(check_plan("nfpa1710", {"nfpa_travel": travel}), "nfpa_travel").outcome == "met"
    worse = [200.0] * 8 + [900.0, np.nan]
    assert outcome(check_plan("nfpa1710", {"nfpa_travel": worse}), "nfpa_travel").outcome == (
        "unknown"
    )
    worst = [200.0] * 8 + [900.0] * 2
    assert outcome(check_plan("nfpa1710", {"nfpa_travel": worst}), "nfpa_travel").outcome == (
        "not_met"
    )


def test_only_what_was_read_in_a_source_is_checked_unless_asked():
    default = {one.rule for one in clauses_of("shelter")}
    every = {one.rule for one in clauses_of("shelter", unverified=True)}
    assert "shelter_short_radius" in every - default
    assert all(one.verified for topic in ("shelter", "fire_station") for one in clauses_of(topic))


def test_distances_are_to_the_nearest_outline():
    sites = shapely.points([[0, 0], [500, 0]])
    plants = [shapely.box(300, -10, 400, 10)]
    assert nearest_m(sites, plants).tolist() == [300, 100]
    assert nearest_m(sites, []).tolist() == [np.inf, np.inf]


def test_unknown_topics_clauses_and_kinds_are_named_with_those_there_are():
    with pytest.raises(UsageError, match="fire_station"):
        clauses_of("police")
    with pytest.raises(UsageError, match="fire_arrival"):
        check_plan("fire_station", {"shelter_radius": [1.0]})
    with pytest.raises(UsageError, match="class1"):
        district_areas(["class3"], [1.0])


def test_an_unverified_clause_cannot_be_switched_on(monkeypatch):
    row = dict(table("siting_standards")[9]) | {"on": "1"}
    monkeypatch.setattr(clauses, "table", lambda name: [row])
    with pytest.raises(CatalogueError, match="fire_travel_implied"):
        clauses_of("fire_station")
