"""Registers that meet: fewer columns, our own exports, two people's files, the same thing moved."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
import shapely

from geo_risk.datums import from_wgs84, parse_datum
from geo_risk.errors import ConflictError, InputError
from geo_risk.resources import shipped
from geo_risk.services import exports, imports
from geo_risk.services.reading import ReadingOptions
from geo_risk.store import Query, Store

FULL = "企业编号,企业名称,详细地址,经度,纬度,联系电话,行业代码"
ROW = "T1,甲示例纺织厂,石狮市灵秀镇塔前村,118.65,24.73,0595-88880000,1751"


def _take(
    store: Store,
    folder: Path,
    header: str,
    *rows: str,
    layer: str = "enterprises",
    **options: object,
) -> imports.ImportReport:
    path = folder / "rows.csv"
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    datum = str(options.pop("datum", "wgs84"))
    return imports.import_file(store, path, "enterprises", datum, **options)  # type: ignore[arg-type]


def _codes(report: imports.ImportReport, *outcomes: str) -> set[tuple[int, str]]:
    return {(f.row, f.code) for f in report.findings if f.outcome in outcomes}


def _positions(store: Store) -> dict[str, tuple[object, ...]]:
    names = ("id", "geom", "level", "uncertainty_m", "datum_in", "position_in", "flags")
    return {row[0]: row[1:] for row in store.columns(Query("enterprises"), names)}


def test_what_a_file_has_no_column_for_stays_and_the_report_says_so(
    own_shishi: Store, tmp_path: Path
) -> None:
    _take(own_shishi, tmp_path, FULL, ROW)
    before = own_shishi.feature("enterprises", "T1")
    report = _take(own_shishi, tmp_path, "企业编号,企业名称,从业人数", "T1,甲示例纺织厂,40")
    after = own_shishi.feature("enterprises", "T1")
    assert before is not None
    assert after is not None
    assert after["people"] == 40
    for name in ("phone", "industry", "address", "geom", "level", "position_in", "town", "village"):
        assert after[name] == before[name], name
    assert any("联系电话" in remark["zh"] for remark in report.remarks)
    emptied = _take(own_shishi, tmp_path, "企业编号,企业名称,联系电话", "T1,甲示例纺织厂,")
    after = own_shishi.feature("enterprises", "T1")
    assert after is not None
    assert after["phone"] is None, "an empty cell empties, a missing column does not"
    assert emptied.changed == 1


@pytest.mark.parametrize("kind", ["xlsx", "csv", "gpkg", "geojson"])
def test_our_own_export_comes_back_as_it_was(own_shishi: Store, tmp_path: Path, kind: str) -> None:
    before = _positions(own_shishi)
    path = tmp_path / f"enterprises.{kind}"
    exports.export(own_shishi, "enterprises", path)
    report = imports.import_file(own_shishi, path, "enterprises", "wgs84")
    assert report.stored == len(before)
    assert _positions(own_shishi) == before
    assert report.changed == 0


def test_a_name_changed_and_a_position_moved_are_told(own_shishi: Store, tmp_path: Path) -> None:
    _take(own_shishi, tmp_path, FULL, ROW)
    moved = ROW.replace("118.65", "118.66").replace("甲示例纺织厂", "乙示例制衣厂")
    report = _take(own_shishi, tmp_path, FULL, moved)
    assert _codes(report, "noted") == {(2, "name_changed"), (2, "position_moved")}
    assert "甲示例纺织厂" in report.of("noted")[0].message["zh"]


def test_a_pile_is_one_in_two_files_too(own_shishi: Store, tmp_path: Path) -> None:
    names = ["海盛", "永丰", "嘉利", "宏远", "金泰", "华联"]
    rows = [f"P{i},{name}纸箱厂,福建路{i + 1}号,118.65,24.73" for i, name in enumerate(names)]
    header = "企业编号,企业名称,详细地址,经度,纬度"
    assert _take(own_shishi, tmp_path, header, *rows[:3]).stored == 3
    second = _take(own_shishi, tmp_path, header, *rows[3:])
    assert {code for _, code in _codes(second, "queued")} == {"pile_up"}
    again = _take(own_shishi, tmp_path, header, *rows[:3])
    assert (again.stored, again.changed) == (3, 0), "what is stored stays"


def test_a_neighbour_that_came_later_changes_nothing_of_a_file(
    own_shishi: Store, tmp_path: Path
) -> None:
    header = "企业编号,企业名称,经度,纬度"
    first = "A1,辛鼎丰纺织有限公司,118.65,24.73"
    one = _take(own_shishi, tmp_path, header, first)
    two = _take(own_shishi, tmp_path, header, "B1,辛鼎丰纺织厂,118.6501,24.73")
    assert _codes(two, "flagged") == {(2, "near_duplicate")}
    again = _take(own_shishi, tmp_path, header, first)
    assert again.changed == 0
    assert imports.undo(own_shishi, one.batch or "")["features"] == 1


def _polygons(folder: Path, points: Sequence[tuple[float, float]]) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {"编号": f"S{i}", "名称": f"示例{i}"},
            "geometry": shapely.geometry.mapping(shapely.Point(at).buffer(0.0002, quad_segs=2)),
        }
        for i, at in enumerate(points)
    ]
    path = folder / "shapes.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def test_outlines_are_checked_for_their_datum(own_shishi: Store, tmp_path: Path) -> None:
    at = own_shishi.columns(Query("targets"), ("address", "geom"))
    placed = [(text, shapely.point_on_surface(shapely.from_wkb(geom))) for text, geom in at if text]
    lon, lat = from_wgs84([p.x for _, p in placed], [p.y for _, p in placed], parse_datum("gcj02"))
    path = _polygons(tmp_path, list(zip(lon.tolist(), lat.tolist(), strict=True)))
    document = json.loads(path.read_text("utf-8"))
    for feature, (address, _) in zip(document["features"], placed, strict=True):
        feature["properties"]["地址"] = address
    path.write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    with pytest.raises(ConflictError) as stopped:
        imports.import_file(own_shishi, path, "targets", "wgs84")
    assert stopped.value.code == "datum_doubtful"
    assert imports.import_file(own_shishi, path, "targets", "gcj02").stored == len(placed)


def test_a_road_of_another_city_is_refused(own_shishi: Store, tmp_path: Path) -> None:
    line = {"type": "LineString", "coordinates": [[116.3, 39.9], [116.4, 39.9]]}
    path = tmp_path / "roads.geojson"
    feature = {"type": "Feature", "properties": {"编号": "R1", "名称": "长安街"}, "geometry": line}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    report = imports.import_file(own_shishi, path, "roads", "wgs84")
    assert _codes(report, "rejected") == {(1, "position_outside_city")}


def test_a_file_that_names_its_crs_is_compared_with_what_is_declared(
    own_shishi: Store, tmp_path: Path
) -> None:
    path = _polygons(tmp_path, [(118.65, 24.73)])
    document = json.loads(path.read_text("utf-8"))
    for name, stops in (("EPSG:4326", False), ("EPSG:4548", True)):
        document["crs"] = {"type": "name", "properties": {"name": name}}
        path.write_text(json.dumps(document), "utf-8")
        if stops:
            with pytest.raises(ConflictError) as stopped:
                imports.import_file(own_shishi, path, "targets", "gcj02")
            assert stopped.value.code == "datum_contradicts_header"
        else:
            report = imports.import_file(own_shishi, path, "targets", "gcj02")
            assert any("wgs84" in remark["zh"] for remark in report.remarks)


def test_swapped_points_of_a_geometry_file_have_a_way_out(
    own_shishi: Store, tmp_path: Path
) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {"编号": f"S{i}", "名称": f"示例{i}"},
            "geometry": {"type": "Point", "coordinates": [24.73, 118.65 + i / 1000]},
        }
        for i in range(4)
    ]
    path = tmp_path / "points.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    with pytest.raises(InputError) as stopped:
        imports.import_file(own_shishi, path, "targets", "wgs84")
    assert stopped.value.code == "coordinates_swapped"
    assert "--map" not in stopped.value.fix["zh"], "there are no columns to map"


def test_a_wrong_mapping_goes_with_its_import(own_shishi: Store, tmp_path: Path) -> None:
    header, row = "企业编号,企业名称,甲,乙,备注", "T1,甲示例厂,118.65,24.73,24.73"
    wrong = {"甲": "x", "备注": "y"}
    first = _take(own_shishi, tmp_path, header, row, how=ReadingOptions(chosen=wrong))
    assert first.stored == 1
    assert _take(own_shishi, tmp_path, header, row).changed == 0, "remembered"
    imports.undo(own_shishi, first.batch or "")
    assert _take(own_shishi, tmp_path, header, row).unplaced == 1, "forgotten with the import"
    right, anew = ReadingOptions(chosen={"甲": "x", "乙": "y"}), ReadingOptions(recall=False)
    _take(own_shishi, tmp_path, header, row, how=right)
    assert _take(own_shishi, tmp_path, header, row, how=anew, dry_run=True).unplaced == 0
    fresh = _take(own_shishi, tmp_path, header, "T2,乙示例厂,118.65,24.73,", how=anew)
    assert fresh.unplaced == 1


def test_a_header_that_names_another_datum_leaves_a_trace_when_accepted(
    own_shishi: Store, tmp_path: Path
) -> None:
    header = FULL.replace("经度", "高德经度").replace("纬度", "高德纬度")
    report = _take(own_shishi, tmp_path, header, ROW, accept_datum=True)
    assert any("gcj02" in remark["zh"] for remark in report.remarks)
    row = own_shishi.feature("enterprises", "T1")
    assert row is not None
    assert "datum_doubtful" in row["flags"].split(";")


def test_a_workbook_without_anything_to_mend_says_so(own_shishi: Store, tmp_path: Path) -> None:
    report = _take(own_shishi, tmp_path, FULL, ROW, report_to=tmp_path / "p.xlsx")
    assert (report.complete, report.to_mend) == (True, 0)
    bad = ROW.replace("甲示例纺织厂", "")
    assert _take(own_shishi, tmp_path, FULL, bad, report_to=tmp_path / "p.xlsx").to_mend == 1


def test_the_demo_imported_again_keeps_every_flag_and_version(own_shishi: Store) -> None:
    before = _positions(own_shishi)
    register = shipped("data") / "demo" / "shishi" / "enterprises.xlsx"
    assert imports.import_file(own_shishi, register, "enterprises", "gcj02").changed == 0
    assert _positions(own_shishi) == before
