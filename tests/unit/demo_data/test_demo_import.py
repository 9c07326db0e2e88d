"""The demo's files come in by the usual road, and each planted fault is met as planned."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from geo_risk.services import demo, exports, kept_plans, site_checks
from geo_risk.services.features import items
from geo_risk.services.road_files import read_roads
from geo_risk.store import open_store

PLANTED = Path(__file__).parents[3] / "data/demo/shishi/planted.json"


def test_shishi_rejects_the_planted_rows_and_no_others(tmp_path: Path) -> None:
    target = str(tmp_path / "shishi.gpkg")
    planted = json.loads(PLANTED.read_text(encoding="utf-8"))
    for report in demo.build(target, "shishi", plans=False):
        here = [entry for entry in planted if entry["layer"] == report.layer]
        meant = {entry["row"] for entry in here if entry["expect"] == "rejected"}
        assert {reject.row for reject in report.rejects} == meant, report.layer
        assert report.unplaced == sum(entry["expect"] == "unplaced" for entry in here)
        assert report.rows == report.stored + report.rejected + report.unplaced
    store = open_store(target)
    ungraded = {entry["code"] for entry in planted if entry["expect"] == "no_data"}
    found = {
        feature["id"]: feature["properties"]["grade"]
        for layer in ("risk_points", "hazard_sources")
        for feature in items(store, layer, limit=1000).features
    }
    store.close()
    assert {found[code] for code in ungraded} == {"no_data"}


def test_helsinki_comes_in_without_any_grade(tmp_path: Path) -> None:
    target = str(tmp_path / "helsinki.gpkg")
    for report in demo.build(target, "helsinki"):
        assert report.rows == report.stored + report.rejected + report.unplaced
        assert report.stored > 0
        codes = {"geometry_invalid"} if report.layer == "buildings" else {"required_missing"}
        assert {reject.code for reject in report.rejects} <= codes
    store = open_store(target)
    page = items(store, "enterprises", limit=1000)
    stations = items(store, "facilities", limit=10).features
    ways = {road["properties"]["oneway"] for road in items(store, "roads", limit=1000).features}
    store.close()
    assert [one["properties"]["kind"] for one in stations] == ["fire_station"]
    assert ways == {"yes", "no", None}
    assert page.matched > 600
    assert {feature["properties"]["grade"] for feature in page.features} == {"no_data"}


@pytest.mark.parametrize(("city", "made_up"), [("shishi", True), ("helsinki", False)])
def test_a_demo_city_has_a_plan_of_cameras_and_one_of_centres_with_curve_and_proof(
    tmp_path: Path, city: str, made_up: bool
) -> None:
    demo.build(str(tmp_path / "city.gpkg"), city)
    store = open_store(str(tmp_path / "city.gpkg"))
    plans = {one["subject"]: one["id"] for one in kept_plans.listed(store)}
    assert set(plans) == {"cameras", "centres"}
    for key in plans.values():
        plan = kept_plans.whole(store, key)
        assert site_checks.check(plan)["ok"]
        assert plan["bound"] >= plan["objective"] > plan["curve"]["points"][0]["objective"]
        assert all(one["bound"] >= one["objective"] for one in plan["curve"]["points"])
        labels = [one["en"] for one in kept_plans.shown(store, key)["notice"]]
        assert ("method demonstration on generated roads" in labels) == made_up
    towns = kept_plans.shown(store, plans["cameras"]).get("by_town", [])
    assert len(towns) == (9 if made_up else 0)
    store.close()


def test_helsinkis_streets_come_out_of_the_store_as_the_network_they_were(tmp_path: Path) -> None:
    demo.build(str(tmp_path / "h.gpkg"), "helsinki", plans=False)
    store = open_store(str(tmp_path / "h.gpkg"))
    exports.export(store, "roads", tmp_path / "roads.geojson")
    store.close()
    found = read_roads(tmp_path / "roads.geojson").roads
    source = read_roads(PLANTED.parents[1] / "helsinki/roads_edges.geojson").roads
    assert (len(found), len(found.lon)) == (len(source), len(source.lon))
    assert np.isclose(found.length_m.sum(), source.length_m.sum())
    assert np.array_equal(np.bincount(found.oneway + 1), np.bincount(source.oneway + 1))
    limits = (np.sort(one.maxspeed_kmh) for one in (found, source))
    assert np.array_equal(*limits, equal_nan=True)


def test_of_helsinkis_486_houses_9_are_mended_and_3_without_area_stay_out(tmp_path: Path) -> None:
    reports = {
        one.layer: one for one in demo.build(str(tmp_path / "h.gpkg"), "helsinki", plans=False)
    }
    report = reports["buildings"]
    assert (report.rows, report.stored, report.rejected) == (486, 483, 3)
    assert sum(f.code == "geometry_repaired" for f in report.findings) == 9
    store = open_store(str(tmp_path / "h.gpkg"))
    rows = items(store, "buildings", limit=1000).features
    store.close()
    told = [row["properties"] for row in rows]
    assert sum(one["height_m"] is not None for one in told) == 17
    assert {one["levels"] for one in told} >= {2.5, 3.5, 13.0}
    assert 12.13 in {one["height_m"] for one in told}
    assert sum(one["name"] is None for one in told) > 400
