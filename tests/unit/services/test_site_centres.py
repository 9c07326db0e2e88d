"""Centres on a street of seven places, 100 s from one to the next: every answer by hand.

With 100 s, c1 reaches d0 to d2, c3 reaches d2 to d4, c5 reaches d4 to d6.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from geo_risk.errors import GeoRiskError, InputError, UsageError
from geo_risk.resources import shipped
from geo_risk.services import site_checks, site_plans
from geo_risk.services.centre_inputs import CentreOptions
from geo_risk.services.site_centres import plan_centres
from geo_risk.services.watching import Watch
from geo_risk.siting.infeasible import InfeasibleError
from tests.unit.services.centre_street import Street, at, place_row, write_street


@pytest.fixture
def street(tmp_path: Path) -> Street:
    return Street(tmp_path)


def role(plan: dict[str, Any], name: str) -> dict[str, dict[str, Any]]:
    """The properties of the features of a role, by id."""
    told = [one["properties"] for one in plan["features"]]
    return {one.get("id", ""): one for one in told if one["role"] == name}


def test_two_sites_reach_six_of_seven_and_that_is_proved(street: Street) -> None:
    plan = plan_centres(street.options(p=2))
    assert plan["chosen"] == ["c1", "c5"]
    assert (plan["objective"], plan["bound"], plan["status"]) == (6.0, 6.0, "optimal")
    assert (plan["cover"]["n"], plan["cover"]["share"]) == (6, 0.857)
    missed = role(plan, "demand_not_reached")
    assert list(missed) == ["d3"]
    assert (missed["d3"]["why"], missed["d3"]["seconds"]) == ("not_by_this_plan", 200)


def test_each_site_tells_whom_it_reaches_and_what_is_lost_without_it(street: Street) -> None:
    plan = plan_centres(street.options(p=3))
    sites = role(plan, "site")
    assert sites["c3"]["reaches"] == 3
    assert sites["c3"]["lost_without"]["ids"] == ["d3"]
    assert sites["c1"]["lost_without"]["ids"] == ["d0", "d1"]
    assert sites["c1"]["marginal"] == 2.0
    assert (sites["c1"]["farthest_s"], sites["c1"]["nearest_to"]) == (100, 3)
    worst = plan["loss"][0]
    assert (worst["site"], worst["n"], worst["share"]) == ("c1", 2, 0.285)
    assert worst["cut_off"] == []
    assert plan["loss"][2]["slower"] == {"n": 0, "most_s": 0}


def test_a_red_demand_counts_eight_blue_ones(street: Street) -> None:
    grades = ["blue"] * 7
    grades[3] = "red"
    grades[0] = ""
    street.rows(
        "demand.csv",
        "id,lon,lat,weight,grade,town",
        *(place_row(f"d{n}", n, 0, 1, grades[n], "东" if n < 4 else "西") for n in range(7)),
    )
    plan = plan_centres(street.options(p=1))
    assert (plan["chosen"], plan["objective"]) == (["c3"], 10.0)
    assert plan["cover"]["by_grade"]["red"] == {"n": 1, "of": 1}
    assert plan["cover"]["by_grade"]["no_data"] == {"n": 0, "of": 1}
    assert plan["cover"]["by_town"] == {"东": {"n": 2, "of": 4}, "西": {"n": 1, "of": 3}}
    assert plan["parameters"]["weights"]["no_data"] == 1.0


def test_red_demand_can_be_kept_safe_from_the_loss_of_one_site(street: Street) -> None:
    header = "id,lon,lat,grade"

    def grade(red: int) -> None:
        colours = ["red" if n == red else "blue" for n in range(7)]
        street.rows("demand.csv", header, *(place_row(f"d{n}", n, 0, colours[n]) for n in range(7)))

    grade(2)
    assert plan_centres(street.options(p=2))["chosen"] == ["c1", "c5"]
    plan = plan_centres(street.options(p=2, k_fold={"red": 2}))
    assert (plan["chosen"], plan["objective"], plan["status"]) == (["c1", "c3"], 12.0, "optimal")
    assert not any("d2" in one["ids"] for one in plan["loss"])
    assert {one["name"] for one in site_checks.check(plan)["checks"]} >= {"k_fold red", "p"}
    assert site_checks.check(plan)["ok"]
    grade(0)
    assert code_of(street.options(p=2, k_fold={"red": 2}), InfeasibleError)
    asked = street.options(cover=0.5, k_fold={"red": 2})
    assert code_of(asked, UsageError) == "options_contradict"


def test_the_fewest_for_a_share_are_proved_by_the_bound_of_one_fewer(street: Street) -> None:
    plan = plan_centres(street.options(cover=0.95))
    assert plan["chosen"] == ["c1", "c3", "c5"]
    few = plan["fewest"]
    assert (few["p"], few["proved"], few["bound_of_one_fewer"]) == (3, True, 6.0)
    assert plan_centres(street.options(cover=0.85))["fewest"]["p"] == 2


def test_without_time_the_fewest_are_said_not_to_be_proved(street: Street) -> None:
    plan = plan_centres(street.options(cover=0.95), Watch(limit_s=0.0))
    assert plan["cover"]["n"] == 7
    few = plan["fewest"]
    assert few["proved"] is (few["bound_of_one_fewer"] < few["needed"])


def test_existing_sites_are_kept_and_credited_first(street: Street) -> None:
    street.rows("stand.csv", "id,lon,lat,status", place_row("s5", 5, 0.001, ""))
    plan = plan_centres(street.options(p=1, existing=street.folder / "stand.csv"))
    assert plan["chosen"] == ["c1", "s5"]
    assert role(plan, "site")["s5"]["status"] == "existing"
    assert role(plan, "site")["c1"]["status"] == "new"
    assert role(plan, "site")["s5"]["aside_m"] == 1
    curve = plan_centres(street.options(p=0, existing=street.folder / "stand.csv", curve=2))
    assert [one["objective"] for one in curve["curve"]["points"]] == [3.0, 6.0, 7.0]


def test_required_and_forbidden_hold(street: Street) -> None:
    street.rows(
        "candidates.csv",
        "id,lon,lat,status",
        place_row("c1", 1, 0, "forbidden"),
        place_row("c3", 3, 0, "required"),
        place_row("c5", 5, 0, "candidate"),
    )
    plan = plan_centres(street.options(p=2))
    assert plan["chosen"] == ["c3", "c5"]
    assert role(plan, "site")["c3"]["status"] == "required"


def test_the_curve_has_a_bound_for_each_number_and_a_knee(street: Street) -> None:
    curve = plan_centres(street.options(p=1, curve=3))["curve"]
    assert [(one["p"], one["objective"]) for one in curve["points"]] == [
        (0, 0.0), (1, 3.0), (2, 6.0), (3, 7.0),
    ]  # fmt: skip
    assert [one["status"] for one in curve["points"]] == ["optimal"] * 4
    assert curve["knee"] == 2


def test_hazards_exclude_by_assessment_or_by_screening_and_say_which(street: Street) -> None:
    street.rows(
        "hazards.csv",
        "id,lon,lat,radius_m,source",
        place_row("H1", 1.4, 0, 500, "安全评价报告"),  # 445 m from c1
        place_row("H3", 3.2, 0, "", ""),  # 223 m from c3, 668 m from nobody else
        place_row("H5", 5.5, 0, 900, ""),  # 557 m from c5: its radius has no source
    )
    hazards = street.folder / "hazards.csv"
    plan = plan_centres(street.options(p=3, hazards=hazards))
    assert plan["chosen"] == ["c5"]
    excluded = role(plan, "excluded")
    assert excluded["c1"]["hazards"] == [
        {
            "hazard": "H1",
            "distance_m": 445,
            "radius_m": 500.0,
            "basis": "declared",
            "basis_text": "已申报的评估 / declared assessment",
            "source": "安全评价报告",
        }
    ]
    (screened,) = excluded["c3"]["hazards"]
    assert (screened["hazard"], screened["distance_m"], screened["radius_m"]) == ("H3", 223, 300.0)
    assert screened["basis_text"] == "筛查，未评估 / screening, not assessed"
    assert plan["hazards_without_source"] == ["H5"]
    assert {one["id"]: one["why"] for one in role(plan, "demand_not_reached").values()}[
        "d0"
    ] == "no_candidate_in_time"
    wider = street.options(p=3, hazards=hazards, screening_m=100.0)
    assert plan_centres(wider)["chosen"] == ["c3", "c5"]


def test_a_site_that_stands_in_a_hazard_zone_is_kept_and_named(street: Street) -> None:
    stand = street.rows("stand.csv", "id,lon,lat", place_row("s1", 1))
    ring = [at(0.9, -0.1), at(1.1, -0.1), at(1.1, 0.1), at(0.9, 0.1), at(0.9, -0.1)]
    zone = {"type": "Polygon", "coordinates": [ring]}
    rows = [{"type": "Feature", "geometry": zone, "properties": {"id": "H"}}]
    hazards = street.folder / "zones.geojson"
    hazards.write_text(json.dumps({"type": "FeatureCollection", "features": rows}), "utf-8")
    plan = plan_centres(street.options(p=1, hazards=hazards, existing=stand))
    assert plan["chosen"] == ["c5", "s1"]
    assert plan["excluded"]["ids"] == ["c1"]
    (near,) = role(plan, "site")["s1"]["near_hazards"]
    assert (near["hazard"], near["distance_m"]) == ("H", 0)
    assert plan["stands_near"][0]["id"] == "s1"
    clause = next(one for one in plan["clauses"] if one["clause"] == "fire_hazchem")
    assert (clause["outcome"], clause["figure"], clause["failing"]) == ("not_met", 0.0, ["s1"])


def test_a_closed_road_cuts_off_delays_or_slows_by_id(street: Street) -> None:
    closures = street.rows("closed.csv", "id", "R3")
    plan = plan_centres(street.options(p=2, closures=closures))
    assert plan["cover"]["n"] == 6, "the undisturbed plan stands beside it"
    closed = plan["closures"]
    assert (closed["closed_edges"], closed["closed_km"]) == (1, 1.1)
    assert closed["cut_off"]["ids"] == []
    assert closed["cover"]["n"] == 6, "d2 comes from c1, d4 from c5"
    closures = street.rows("closed.csv", "id", "R4", "R1")
    closed = plan_centres(street.options(p=2, closures=closures))["closures"]
    assert closed["cut_off"]["ids"] == ["d2", "d3", "d4"]
    assert closed["cover"]["n"] == 4


def test_a_detour_is_told_with_its_delay(street: Street) -> None:
    features = json.loads(street.roads.read_text("utf-8"))["features"]
    detour = [at(1), at(1.5, 1), at(2)]
    features.append(
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": detour},
            "properties": {"id": "D", "highway": "residential", "maxspeed": "40.08"},
        }
    )
    street.roads.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    closures = street.rows("closed.csv", "id", "R1")
    closed = plan_centres(street.options(p=2, closures=closures))["closures"]
    late = dict(zip(closed["slower"]["ids"], closed["slower"]["delay_s"], strict=True))
    assert late == {"d2": 122}, "two legs of 1,238 m, not 1,113 m"
    assert closed["not_in_time"]["ids"] == ["d2"]
    assert closed["cut_off"]["ids"] == []


def test_people_flee_to_a_shelter_against_the_one_way_of_engines(street: Street) -> None:
    write_street(street.roads, oneway="yes")  # only eastwards
    from_sites = plan_centres(street.options(p=3))
    assert from_sites["cover"]["n"] == 6, "d0 is upstream of all"
    to_sites = plan_centres(street.options(p=3, to_sites=True))
    assert [one["id"] for one in role(to_sites, "demand_not_reached").values()] == ["d6"]
    radius = next(one for one in to_sites["clauses"] if one["clause"] == "shelter_radius")
    assert (radius["outcome"], radius["figure"]) == ("not_met", 1114.0)


def test_people_on_foot_mind_neither_limits_nor_one_way(street: Street) -> None:
    write_street(street.roads, oneway="yes")  # 1,113 m take 1,002 s at 4 km/h
    asked = street.options(p=3, minutes=16.75, to_sites=True, on_foot=True)
    plan = plan_centres(asked)
    assert plan["cover"]["n"] == 7
    assert plan["roads"]["speeds"] == "walking"
    assert role(plan, "site")["c1"]["farthest_s"] == 1002
    topic = street.options(p=3, minutes=16.75, on_foot=True, topic="public_service")
    (walk,) = plan_centres(topic)["clauses"]
    assert (walk["clause"], walk["outcome"], walk["figure"]) == ("service_walk", "not_met", 16.7)
    (walk,) = plan_centres(street.options(p=3, topic="public_service"))["clauses"]
    assert walk["outcome"] == "unknown"


def test_turnout_is_taken_off_and_counts_in_the_clause(street: Street) -> None:
    plan = plan_centres(street.options(p=3, minutes=5, turnout_s=201))
    assert plan["cover"]["n"] == 3, "99 s on the road: none gets a whole step"
    plan = plan_centres(street.options(p=3, minutes=5, turnout_s=60))
    arrival = next(one for one in plan["clauses"] if one["clause"] == "fire_arrival")
    assert (arrival["outcome"], arrival["figure"]) == ("met", 2.67)
    area = next(one for one in plan["clauses"] if one["clause"] == "fire_area_class1")
    assert area["outcome"] == "unknown"


def test_nothing_chosen_and_sites_off_the_road_are_plans_too(street: Street) -> None:
    none = plan_centres(street.options(p=0))
    assert (none["chosen"], none["loss"], none["clauses"]) == ([], [], [])
    assert none["not_reached"]["n"] == 7
    stand = street.rows("stand.csv", "id,lon,lat", place_row("off", 5, 2), "far,-60,10")
    hazards = street.rows("h.csv", "id,lon,lat", place_row("H", 3), "away,-60,10")
    asked = street.options(p=1, existing=stand, hazards=hazards, station="class1")
    plan = plan_centres(asked)
    assert [one["id"] for one in plan["stands_near"]] == ["off", "far"]
    assert role(plan, "site")["off"]["reaches"] == 0
    area = next(one for one in plan["clauses"] if one["clause"] == "fire_area_class1")
    assert (area["outcome"], area["unknown"]) == ("unknown", 2)


def test_districts_part_the_area_between_sites(street: Street) -> None:
    plan = plan_centres(street.options(p=3, station="small"))
    area = next(one for one in plan["features"] if one["properties"]["role"] == "area")
    figure = next(one for one in plan["clauses"] if one["clause"] == "fire_area_small")["figure"]
    assert (area["properties"]["area_km2"], figure) == (0.7, 0.2)


def test_the_district_of_a_kind_of_station_is_measured(street: Street) -> None:
    plan = plan_centres(street.options(p=1, station="small"))
    rules = {one["clause"]: one for one in plan["clauses"]}
    assert "fire_area_class1" not in rules
    area = next(one for one in plan["features"] if one["properties"]["role"] == "area")
    assert rules["fire_area_small"]["figure"] == area["properties"]["area_km2"] == 0.2


def test_points_far_from_a_road_are_named_never_dropped(street: Street) -> None:
    with street.demand.open("a") as file:
        file.write(place_row("far", 3, 1) + "\n")
    with street.candidates.open("a") as file:
        file.write(place_row("off", 3, 2) + "\n")
    plan = plan_centres(street.options(p=3))
    assert plan["cover"]["of"] == 8
    assert plan["snapping"]["demand"]["far"] == {"n": 1, "ids": ["far"]}
    assert role(plan, "demand_not_reached")["far"]["why"] == "no_road_near"
    assert role(plan, "excluded")["off"]["why"] == "no_road"
    assert role(plan, "excluded")["off"]["aside_m"] == pytest.approx(2211, abs=2)
    assert plan["unreached"]["ids"] == ["far"]


def test_places_along_the_roads_serve_as_candidates(street: Street) -> None:
    plan = plan_centres(street.options(candidates=None, spacing_m=1200, cover=1.0))
    assert plan["cover"]["share"] == 1.0
    assert plan["fewest"]["p"] == 3
    assert all(one.startswith("auto-") for one in plan["chosen"])
    assert plan["parameters"]["spacing_m"] == 1200


def test_made_up_roads_say_so(street: Street) -> None:
    assert plan_centres(street.options(p=1))["notice"] == []
    write_street(street.roads, synthetic=True)
    (notice,) = plan_centres(street.options(p=1))["notice"]
    assert notice["zh"] == "在生成路网上的方法演示"
    assert notice["en"] == "method demonstration on generated roads"


@pytest.mark.parametrize("asked", [{"p": 2}, {"cover": 0.95}, {"p": 1, "to_sites": True}])
def test_a_written_plan_holds_all_that_a_check_needs(street: Street, asked: dict[str, Any]) -> None:
    path = street.folder / "plan.geojson"
    site_plans.write_plan(path, plan_centres(street.options(**asked)))
    plan = site_plans.read_plan(path)
    assert plan["type"] == "FeatureCollection"
    assert site_checks.check(plan)["ok"]
    plan["chosen"] = plan["chosen"][:-1]
    assert not site_checks.check(plan)["ok"]


def test_equal_questions_give_equal_plans(street: Street) -> None:
    one, other = (plan_centres(street.options(p=2, curve=3)) for _ in range(2))
    assert {**one, "seconds": 0} == {**other, "seconds": 0}


def code_of(options: CentreOptions, kind: type[GeoRiskError]) -> str:
    with pytest.raises(kind) as caught:
        plan_centres(options)
    assert caught.value.message["zh"] and caught.value.message["en"]
    return caught.value.code


def test_what_cannot_be_asked_is_refused(street: Street) -> None:
    for asked, code in (
        ({}, "options_contradict"),
        ({"p": 1, "cover": 0.5}, "options_contradict"),
        ({"p": 1, "minutes": float("nan")}, "number_invalid"),
        ({"p": 1, "turnout_s": 101.0}, "number_invalid"),
        ({"cover": 1.5}, "number_invalid"),
        ({"p": -1}, "number_invalid"),
        ({"p": 1, "topic": "pub"}, "topic_unknown"),
        ({"p": 1, "station": "class9"}, "station_kind_unknown"),
        ({"p": 1, "speeds": "fast"}, "policy_unknown"),
        ({"p": 1, "candidates": None, "spacing_m": 1.0}, "spacing_invalid"),
        ({"p": 1, "hazards": street.demand, "screening_m": -1.0}, "number_invalid"),
    ):
        assert code_of(street.options(**asked), UsageError) == code


def test_what_cannot_be_met_says_which(street: Street) -> None:
    far = street.rows("demand.csv", "id,lon,lat", place_row("x", 3, 1), place_row("y", 900))
    assert code_of(street.options(p=1, demand=far), InfeasibleError) == "reached_none"
    street = Street(street.folder)
    hazards = street.rows("h.csv", "id,lon,lat", place_row("H", 3))
    asked = street.options(p=1, hazards=hazards, screening_m=5000)
    assert code_of(asked, InfeasibleError) == "candidates_none"
    street.rows("candidates.csv", "id,lon,lat,status", place_row("c3", 3, 0, "required"))
    assert code_of(street.options(p=1, hazards=hazards), InfeasibleError) == "required_excluded"
    with pytest.raises(InfeasibleError, match=r"cover 42\.9%") as caught:
        plan_centres(street.options(cover=0.9))
    assert caught.value.code == "cover_out_of_reach"
    assert caught.value.where == "d0, d1, d5, d6"
    assert code_of(street.options(p=0), InfeasibleError) == "budget_too_small"


def test_hostile_files_are_refused_with_words(street: Street) -> None:
    bad = street.folder / "bad.geojson"
    bad.write_text('{"type":"FeatureCollection","features":[', "utf-8")
    for name in ("roads", "demand", "candidates", "hazards", "closures"):
        assert code_of(street.options(p=1, **{name: bad}), GeoRiskError)
    points = street.rows("p.csv", "id,lon,lat,radius_m", place_row("H", 3, 0, "wide"))
    assert code_of(street.options(p=1, roads=points), InputError) == "roads_none"
    assert code_of(street.options(p=1, hazards=points), InputError) == "number_invalid"
    empty = {"type": "Feature", "geometry": None, "properties": {"id": "H"}}
    bad.write_text(json.dumps({"type": "FeatureCollection", "features": [empty]}), "utf-8")
    assert code_of(street.options(p=1, hazards=bad), InputError) == "position_missing"
    assert code_of(street.options(p=1, closures=bad), InputError) == "closures_unread"
    none = street.rows("none.csv", "id,lon,lat")
    assert code_of(street.options(p=1, demand=none), InputError) == "demand_none"
    nowhere = street.rows("n.csv", "id,lon,lat", "H,,")
    assert code_of(street.options(p=1, hazards=nowhere), InputError) == "position_missing"
    assert code_of(street.options(p=1, closures=points), InputError) == "road_unknown"
    double = street.options(p=1, existing=street.candidates)
    assert code_of(double, InputError) == "id_double"


def test_helsinki_at_one_two_and_five_minutes_with_the_loss_of_any_one() -> None:
    folder = shipped("data") / "demo" / "helsinki"
    shares, losses = [], []
    for minutes in (1, 2, 5):
        plan = plan_centres(
            CentreOptions(
                folder / "roads_edges.geojson",
                folder / "pois.geojson",
                None,
                minutes=minutes,
                p=3,
                spacing_m=100,
            )
        )
        assert plan["status"] == "optimal"
        assert plan["unreached"]["n"] == 40, "on an island of the extract"
        shares.append(plan["cover"]["share"])
        losses.append(plan["loss"][0]["n"])
    assert shares == [0.748, 0.977, 0.979]
    assert losses == [579, 901, 1817]
