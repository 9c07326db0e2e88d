"""Houses come in with or without names, keep decimals, are drawn as ground and found as nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import mapbox_vector_tile
import pytest

from geo_risk.errors import UsageError
from geo_risk.services import exports, features, imports
from geo_risk.services.tiles import tile
from geo_risk.store import Query, Store, open_store

HEADER = "楼名,高度,层数,建筑用途,边界坐标"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(str(tmp_path / "city.gpkg"), create=True)
    yield opened
    opened.close()


def _square(west: float, south: float = 24.73) -> list[tuple[float, float]]:
    east, north = west + 1e-4, south + 1e-4
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


def _csv(folder: Path, *rows: str) -> Path:
    """Houses side by side, each with an outline of its own."""
    path = folder / "houses.csv"
    corners = [_square(118.68 + 2e-4 * i) for i in range(len(rows))]
    outlines = [";".join(f"{x:.6f},{y:.6f}" for x, y in ring) for ring in corners]
    lines = [f'{row},"{outline}"' for row, outline in zip(rows, outlines, strict=True)]
    path.write_text("\n".join([HEADER, *lines]) + "\n", "utf-8")
    return path


def _osm(folder: Path, *houses: dict[str, object]) -> Path:
    """Ways of OpenStreetMap, none with a name."""
    found = [
        {
            "type": "Feature",
            "properties": {"id": 100 + i, "name": None, "building": "yes"} | house,
            "geometry": {"type": "Polygon", "coordinates": [_square(24.94 + 2e-4 * i, 60.17)]},
        }
        for i, house in enumerate(houses)
    ]
    path = folder / "osm.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": found}), "utf-8")
    return path


def _held(store: Store) -> list[tuple[object, ...]]:
    names = ("name", "height_m", "levels", "use")
    rows = sorted(store.features(Query("buildings")), key=lambda row: str(row["id"]))
    return [tuple(row[name] for name in names) for row in rows]


def test_openstreetmap_heights_and_levels_are_read_and_no_name_is_asked_for(
    store: Store, tmp_path: Path
) -> None:
    path = _osm(
        tmp_path,
        {"height": "12.13 m", "building:levels": None},
        {"height": None, "building:levels": "3.5", "building": "apartments"},
    )
    report = imports.import_file(store, path, "buildings", "wgs84")
    assert (report.stored, report.findings) == (2, [])
    assert _held(store) == [(None, 12.13, None, "yes"), (None, None, 3.5, "apartments")]
    assert {row["id"] for row in store.features(Query("buildings"))} == {"100", "101"}
    assert imports.import_file(store, path, "buildings", "wgs84").changed == 0


def test_a_height_or_a_number_of_levels_that_is_none_is_refused_with_the_cell(
    store: Store, tmp_path: Path
) -> None:
    path = _csv(tmp_path, "甲楼,18.5米,,", "乙楼,约二十,,", "丙楼,,-3,", "丁楼,2400,,")
    report = imports.import_file(store, path, "buildings", "wgs84")
    assert [(f.row, f.field, f.code) for f in report.rejects] == [
        (3, "height_m", "value_invalid"),
        (4, "levels", "value_invalid"),
        (5, "height_m", "value_invalid"),
    ]
    assert "约二十" in report.rejects[0].message["zh"]
    assert all(reject.fix["en"] for reject in report.rejects)
    assert _held(store) == [("甲楼", 18.5, None, None)]


def test_houses_without_code_and_name_are_told_apart_by_their_outlines(
    store: Store, tmp_path: Path
) -> None:
    path = _csv(tmp_path, ",9,3,住宅", ",9,3,住宅", ",24,8,住宅")
    assert imports.import_file(store, path, "buildings", "gcj02").stored == 3
    assert imports.import_file(store, path, "buildings", "gcj02").changed == 0
    assert len(_held(store)) == 3


def test_a_point_is_no_building(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text("编号,名称,经度,纬度\nA1,甲楼,118.68,24.73\n", "utf-8")
    report = imports.import_file(store, path, "buildings", "wgs84")
    assert (report.unplaced, [r.code for r in report.rejects]) == (0, ["outline_missing"])


def test_houses_are_polygons_of_the_tile_and_no_marks(store: Store, tmp_path: Path) -> None:
    imports.import_file(store, _osm(tmp_path, {}, {}), "buildings", "wgs84")
    made = mapbox_vector_tile.decode(tile(store, "buildings", 14, 4742, 9327))
    assert list(made) == ["buildings"]
    assert [f["geometry"]["type"] for f in made["buildings"]["features"]] == ["Polygon"] * 2


def test_houses_are_neither_found_by_search_nor_in_the_one_file_map(
    store: Store, tmp_path: Path
) -> None:
    imports.import_file(store, _csv(tmp_path, "锦绣楼,9,3,", ",9,3,"), "buildings", "wgs84")
    assert features.search(store, "锦绣") == []
    try:
        assert exports.one_file_page(store, tmp_path / "map.html") == 0
    except UsageError as error:
        assert error.code == "web_missing"
