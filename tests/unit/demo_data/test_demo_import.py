"""The demo's files come in by the usual road, and each planted fault is met as planned."""

from __future__ import annotations

import json
from pathlib import Path

from geo_risk.services import demo
from geo_risk.services.features import items
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
        assert {reject.code for reject in report.rejects} <= {"required_missing"}
    store = open_store(target)
    page = items(store, "enterprises", limit=1000)
    store.close()
    assert page.matched > 600
    assert {feature["properties"]["grade"] for feature in page.features} == {"no_data"}
