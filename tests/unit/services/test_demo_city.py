"""The demo city: every row's fate, its roll-ups, and the same numbers on both stores."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import shapely

from geo_risk.datums import geodesic_distance_m
from geo_risk.resources import shipped
from geo_risk.services import demo, explaining, features, roll_ups
from geo_risk.services.surroundings import OUTSIDE_TOLERANCE_M
from geo_risk.store import Query, Store, open_store
from tests.unit.services.conftest import Demo

UNITS = ("enterprises", "hazard_sources", "risk_points", "targets", "facilities", "cameras")
CHILDREN = ("hazard_sources", "risk_points", "hidden_dangers")
REJECTED = {
    "missing_name": ("required_missing", "name"),
    "point_in_sea": ("position_at_sea", "coordinates"),
    "duplicate": ("duplicate_row", "code"),
    "credit_code_wrong": ("value_invalid", "credit_code"),
    "date_impossible": ("value_invalid", "found_on"),
}


def _planted() -> list[dict[str, Any]]:
    path = shipped("data") / "demo" / "shishi" / "planted.json"
    return json.loads(path.read_text("utf-8"))


def _report(report: Any) -> dict[str, Any]:
    return {k: v for k, v in report.as_json().items() if k != "batch"}


def _picture(store: Store) -> dict[str, Any]:
    """What a user sees: counts by grade of every layer and every roll-up."""
    layers = {spec: store.count(Query(spec)) for spec in store.schema.specs}
    grades = {spec: store.count_grades(Query(spec)) for spec in store.schema.specs}
    levels = ("enterprise", "village", "town", "city")
    rollups = {level: roll_ups.rollup(store, level)["areas"] for level in levels}
    return {"layers": layers, "grades": grades, "rollups": rollups}


@pytest.mark.postgis
def test_postgis_tells_the_same_story(shishi: Demo, postgis_url: str) -> None:
    reports = demo.build(postgis_url, "shishi", plans=False)
    assert {r.layer: _report(r) for r in reports} == {
        layer: _report(report) for layer, report in shishi.reports.items()
    }
    store = open_store(postgis_url)
    try:
        assert _picture(store) == _picture(shishi.store)
        rows = [
            {row["id"]: (row["grade"], row["reasons"], row["geom"]) for row in s.features(q)}
            for s in (store, shishi.store)
            for q in [Query("risk_points")]
        ]
        assert rows[0] == rows[1]
    finally:
        store.close()


def test_every_row_has_one_fate(shishi: Demo) -> None:
    for layer, report in shishi.reports.items():
        assert report.rows == report.stored + report.rejected + report.unplaced, layer
        assert shishi.store.count(Query(layer)) == report.stored, layer
        assert len({reject.row for reject in report.rejects}) == report.rejected, layer
    assert shishi.reports["enterprises"].stored >= 600
    assert shishi.reports["hazard_sources"].stored >= 60
    assert shishi.reports["risk_points"].stored >= 300


@pytest.mark.parametrize("fault", _planted(), ids=lambda f: f"{f['file']}-{f['row']}-{f['kind']}")
def test_a_planted_fault_meets_its_fate(shishi: Demo, fault: dict[str, Any]) -> None:
    report = shishi.reports[fault["layer"]]
    rejected = {reject.row: reject for reject in report.rejects}
    reviewed = {item["record"]["row"]: item for item in report.review}
    row = shishi.store.feature(fault["layer"], fault["code"])
    if fault["expect"] == "rejected":
        reject = rejected[fault["row"]]
        assert (reject.code, reject.field) == REJECTED[fault["kind"]]
        assert all(reject.message.values())
        assert all(reject.fix.values())
        assert (row is None) == (fault["kind"] != "duplicate"), "the first of two twins stays"
    elif fault["expect"] == "unplaced":
        assert row is None
        assert reviewed[fault["row"]]["level"] in ("town", "none")
        assert reviewed[fault["row"]]["reasons"]
        if fault["kind"] == "swapped_lon_lat":
            assert reviewed[fault["row"]]["reasons"][0]["code"] == "coordinate_swapped"
            turned = reviewed[fault["row"]]["candidates"][0]
            assert 118 < turned["lon"] < 119, "the exchanged position is offered"
        kept = {r["feature_id"]: r for r in shishi.store.rows("review")}
        assert kept[fault["code"]]["state"] == "open"
    else:
        assert row is not None
        assert row["geom"] is not None
        expected = fault["expect"] == "no_data"
        if row.get("grade") and fault["layer"] != "enterprises":
            assert (row["grade"] == "no_data") == expected
        if expected:
            assert json.loads(row["reasons"]), "no data says why, too"


def test_no_unit_lies_outside_the_city(shishi: Demo) -> None:
    city = shapely.from_wkb(next(shishi.store.features(Query("city")))["geom"])
    for layer in UNITS:
        for row in shishi.store.features(Query(layer)):
            shape = shapely.from_wkb(row["geom"])
            if not city.intersects(shape):
                line = shapely.get_coordinates(shapely.shortest_line(city, shape))
                distance = float(geodesic_distance_m(*line[0], *line[1]))
                assert distance <= OUTSIDE_TOLERANCE_M, (layer, row["id"], distance)


def test_a_child_without_a_position_stands_at_its_enterprise(shishi: Demo) -> None:
    owners = {row["id"]: row for row in shishi.store.features(Query("enterprises"))}
    moved = 0
    for layer in CHILDREN:
        for row in shishi.store.features(Query(layer)):
            if row["position_in"] or row["geom"] is None or row["enterprise_id"] not in owners:
                continue
            owner = owners[row["enterprise_id"]]
            outline, point = shapely.from_wkb(owner["geom"]), shapely.from_wkb(row["geom"])
            assert outline.distance(point) < 1e-9, (layer, row["id"])
            assert row["uncertainty_m"] >= 100
            assert row["town"] == owner["town"], (layer, row["id"])
            moved += 1
    assert moved > 0


def test_divisions_have_their_codes(shishi: Demo) -> None:
    towns = [row["id"] for row in shishi.store.features(Query("towns"))]
    villages = list(shishi.store.features(Query("villages")))
    assert len(towns) == 10
    assert len(villages) == 129
    assert {len(key) for key in towns} == {9}
    assert {len(row["id"]) for row in villages} == {12}
    assert {row["geom"] for row in villages} == {None}, "no village's outline is known"
    assert {row["town"] for row in villages} <= set(towns)
    for layer in ("enterprises", "risk_points"):
        found = {row["town"] for row in shishi.store.features(Query(layer))}
        assert found <= set(towns), layer


def test_the_development_zone_is_a_row_that_counts_nothing_twice(shishi: Demo) -> None:
    zone = shishi.store.feature("towns", "350581400")
    assert zone is not None
    assert zone["geom"] is None
    towns, city = (roll_ups.rollup(shishi.store, level)["areas"] for level in ("town", "city"))
    for key in ("graded", "total"):
        assert sum(area[key] for area in towns) == city[0][key]
    added: Counter[str] = Counter()
    for area in towns:
        added.update(area["counts"])
    assert dict(added) == city[0]["counts"]


def test_the_fill_tells_towns_apart_and_the_badge_is_the_worst(shishi: Demo) -> None:
    towns = roll_ups.rollup(shishi.store, "town")
    assert len({area["fill"] for area in towns["areas"] if area["graded"]}) > 1
    assert towns["formula"]
    assert all(towns["title"].values())
    for area in towns["areas"]:
        order = ("red", "orange", "yellow", "blue", "no_data")
        present = [grade for grade in order if area["counts"][grade]]
        assert area["grade"] == (present[0] if area["graded"] else "no_data"), area["name"]
        stored = shishi.store.feature("towns", area["id"])
        assert stored is not None
        assert stored["grade"] == area["grade"]
        if not area["graded"]:
            assert area["index"] is None
            assert area["fill"] == "no_data"


def test_an_enterprise_explains_itself_by_its_children(shishi: Demo) -> None:
    red = next(shishi.store.features(Query("enterprises", grades=("red",), limit=1)))
    told = explaining.explain(shishi.store, "enterprises", red["id"])
    assert told["grade"] == "red"
    assert "red" in {child["grade"] for child in told["children"]}
    assert all(reason["zh"] and reason["en"] for reason in told["reasons"])
    child = next(child for child in told["children"] if child["grade"] == "red")
    assert explaining.explain(shishi.store, child["layer"], child["id"])["reasons"][0]["clause"]


def test_what_is_synthetic_says_so(shishi: Demo) -> None:
    assert features.has_synthetic(shishi.store)
    for layer in (*UNITS, *CHILDREN):
        assert shishi.store.count_by(Query(layer), "synthetic").keys() == {(True,)}, layer


def test_an_interrupted_build_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(done: int, _total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        demo.build(str(tmp_path / "half.gpkg"), "shishi", fail)
    assert list(tmp_path.iterdir()) == []


def test_the_demo_says_what_it_is(shishi: Demo) -> None:
    said = features.notice(shishi.store)
    assert said is not None
    assert "模拟" in said["zh"]
    assert "synthetic" in said["en"]


def test_a_built_demo_is_known_and_not_built_again(shishi: Demo, tmp_path: Path) -> None:
    assert demo.is_built(str(shishi.path))
    assert not demo.is_built(str(tmp_path / "none.gpkg"))
