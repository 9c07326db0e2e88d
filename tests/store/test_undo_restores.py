"""Undo restores every layer byte for byte: whole imports, review entries, roll-ups, a restart."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from geo_risk.services import imports, review
from geo_risk.store import Query, Store, open_store
from tests.store.records import content

LAYERS = ("city", "towns", "enterprises", "risk_points", "targets")
HEADER = "编号,名称,所属企业编号,地址,经度,纬度,L,E,C"
_ROOT = Path(__file__).parents[2]
_PRINT = """
import sys
from geo_risk.store import open_store
from tests.store.records import content
store = open_store(sys.argv[1])
for layer in sys.argv[2:]:
    sys.stdout.write(content(store, layer))
store.close()
"""


def _box(west: float, east: float) -> dict:
    ring = [[west, 24.7], [east, 24.7], [east, 24.8], [west, 24.8], [west, 24.7]]
    return {"type": "Polygon", "coordinates": [ring]}


def _features(folder: Path, name: str, rows: list[tuple[dict, dict]]) -> Path:
    path = folder / f"{name}.geojson"
    features = [
        {"type": "Feature", "properties": properties, "geometry": geometry}
        for properties, geometry in rows
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def _csv(folder: Path, name: str, *rows: str) -> Path:
    path = folder / f"{name}.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n", "utf-8")
    return path


def _build(store: Store, folder: Path) -> None:
    """A city of two towns with an enterprise and a risk point."""
    city = _features(folder, "city", [({"编号": "350581", "名称": "示例市"}, _box(118.6, 118.8))])
    towns = [
        ({"编号": "350581101", "名称": "甲镇"}, _box(118.6, 118.7)),
        ({"编号": "350581102", "名称": "乙镇"}, _box(118.7, 118.8)),
    ]
    imports.import_file(store, city, "city", "wgs84")
    imports.import_file(store, _features(folder, "towns", towns), "towns", "wgs84")
    factory = _csv(folder, "企业", "E1,示例厂,,,118.65,24.75,,,")
    imports.import_file(store, factory, "enterprises", "gcj02")
    points = _csv(folder, "点", "R1,示例点,E1,,118.65,24.75,1,3,3")
    imports.import_file(store, points, "risk_points", "gcj02")


def _contents(store: Store) -> list[str]:
    return [content(store, layer) for layer in LAYERS]


def _in_a_new_process(target: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _PRINT, target, *LAYERS],
        capture_output=True,
        check=True,
        cwd=_ROOT,
        timeout=120,
    )
    return done.stdout.decode("utf-8")


def test_imports_and_review_taken_back_leave_every_layer_as_it_was(
    store: Store, target: str, tmp_path: Path
) -> None:
    _build(store, tmp_path)
    before = _contents(store)
    later = _csv(
        tmp_path,
        "后来",
        "R1,示例点改名,E1,,118.66,24.75,10,10,100",
        "R2,示例新点,E1,,118.75,24.75,3,6,15",
        "R3,示例待核点,,无此地,,,3,6,15",
        "R4,,E1,,118.75,24.75,3,6,15",
    )
    report = imports.import_file(store, later, "risk_points", "bd09")
    assert (report.stored, report.unplaced, report.rejected) == (2, 1, 1)
    owner = store.feature("enterprises", "E1") or {}
    assert owner["grade"] == "red"
    number = review.waiting(store)[0]["number"]
    placed = review.place(store, number, lon=118.72, lat=24.76, datum="cgcs2000")
    assert placed["town"] == "350581102"
    with_all = _contents(store)
    assert with_all != before
    store.close()

    again = open_store(target)
    undone = [imports.undo(again, batch) for batch in (placed["batch"], str(report.batch))]
    assert _contents(again) == before
    assert again.count(Query("risk_points")) == 1
    assert [row["state"] for row in again.rows("review")] == ["undone"]
    again.close()
    assert _in_a_new_process(target) == "".join(before)

    third = open_store(target)
    for taken in reversed(undone):
        imports.undo(third, taken["batch"])
    assert _contents(third) == with_all
    assert [row["state"] for row in third.rows("review")] == ["placed"]
    third.close()
    assert _in_a_new_process(target) == "".join(with_all)
