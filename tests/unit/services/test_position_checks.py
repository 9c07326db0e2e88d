"""Positions that cannot be believed: the file is stopped, or the row is flagged or queued."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo_risk.datums import from_wgs84, geodesic_distance_m, parse_datum
from geo_risk.errors import ConflictError, InputError
from geo_risk.resources import shipped
from geo_risk.services import imports, review
from geo_risk.services.reading import ReadingOptions
from geo_risk.store import Query, Store

HEADER = "企业编号,企业名称,详细地址,所属镇街,经度,纬度"
IN_CITY = (118.65, 24.73)


def _take(
    store: Store, folder: Path, rows: Sequence[str], header: str = HEADER, **options: object
) -> imports.ImportReport:
    path = folder / "rows.csv"
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    datum = str(options.pop("datum", "wgs84"))
    return imports.import_file(store, path, "enterprises", datum, **options)  # type: ignore[arg-type]


def _at(store: Store, key: str) -> tuple[float, float]:
    row = store.feature("enterprises", key)
    assert row is not None
    point = shapely.from_wkb(row["geom"])
    return point.x, point.y


def _codes(report: imports.ImportReport, *outcomes: str) -> set[tuple[int, str]]:
    return {(f.row, f.code) for f in report.findings if f.outcome in outcomes}


def test_a_register_under_a_wrong_datum_is_stopped_until_confirmed(own_shishi: Store) -> None:
    register = shipped("data") / "demo" / "shishi" / "enterprises.xlsx"
    before = own_shishi.layer_states()
    with pytest.raises(ConflictError) as stopped:
        imports.import_file(own_shishi, register, "enterprises", "wgs84")
    assert stopped.value.code == "datum_doubtful"
    assert "gcj02" in stopped.value.fix["zh"]
    assert own_shishi.layer_states() == before
    report = imports.import_file(
        own_shishi, register, "enterprises", "wgs84", accept_datum=True, dry_run=True
    )
    assert report.datum_check["better"] == "gcj02"
    assert any("gcj02" in remark["zh"] for remark in report.remarks)
    accepted = imports.import_file(own_shishi, register, "enterprises", "wgs84", accept_datum=True)
    flags = dict(own_shishi.columns(Query("enterprises"), ("id", "flags")))
    assert accepted.stored > 600
    assert "datum_doubtful" in (flags["QY0001"] or "")


def test_a_header_that_names_another_datum_stops_the_import(
    own_shishi: Store, tmp_path: Path
) -> None:
    header = HEADER.replace("经度", "GCJ02经度").replace("纬度", "GCJ02纬度")
    rows = ["T1,甲示例店,,,118.65,24.73"]
    with pytest.raises(ConflictError) as stopped:
        _take(own_shishi, tmp_path, rows, header)
    assert stopped.value.code == "datum_contradicts_header"
    assert _take(own_shishi, tmp_path, rows, header, datum="gcj02").stored == 1


def test_two_exchanged_columns_are_the_files_fault_and_the_message_says_how_to_go_on(
    own_shishi: Store, tmp_path: Path
) -> None:
    rows = [f"T{i},示例店{i},,,24.73,{118.65 + i / 1000}" for i in range(5)]
    with pytest.raises(InputError) as stopped:
        _take(own_shishi, tmp_path, rows)
    assert stopped.value.code == "coordinates_swapped"
    assert "--map '经度=y' --map '纬度=x'" in stopped.value.fix["zh"]
    turned = ReadingOptions(chosen={"经度": "y", "纬度": "x"})
    report = _take(own_shishi, tmp_path, rows, how=turned)
    assert report.stored == 5
    again = _take(own_shishi, tmp_path, rows)
    assert (again.stored, again.changed) == (5, 0), "the mapping is remembered for this header"
    assert any("--map" in remark["zh"] for remark in again.remarks)


def test_zero_means_no_coordinates(own_shishi: Store, tmp_path: Path) -> None:
    rows = ["T1,甲示例店,石狮市灵秀镇塔前村,,0,0", "T2,乙示例店,,,0,0"]
    report = _take(own_shishi, tmp_path, rows)
    assert _codes(report, "noted") == {(2, "coordinate_zero")} | {(3, "coordinate_zero")}
    assert report.unplaced == 1
    row = own_shishi.feature("enterprises", "T1")
    assert row is not None
    assert (row["level"], row["position_in"]) == ("village", None)


@pytest.mark.parametrize("northing_first", [False, True])
def test_metres_with_a_zone_prefix_are_cgcs2000_enough(
    own_shishi: Store, tmp_path: Path, northing_first: bool
) -> None:
    east, north = (float(v[0]) for v in from_wgs84(*IN_CITY, parse_datum("EPSG:4528")))
    first, second = (north, east) if northing_first else (east, north)
    header = HEADER.replace("经度", "X坐标").replace("纬度", "Y坐标")
    rows = [f"T1,甲示例店,,,{first:.3f},{second:.3f}"]
    report = _take(own_shishi, tmp_path, rows, header, datum="cgcs2000")
    assert report.stored == 1
    assert any("EPSG:4528" in remark["zh"] for remark in report.remarks)
    assert float(geodesic_distance_m(*IN_CITY, *_at(own_shishi, "T1"))[0]) < 0.01


def test_metres_without_a_zone_stop_and_name_the_zones_near_the_city(
    own_shishi: Store, tmp_path: Path
) -> None:
    east, north = (float(v[0]) for v in from_wgs84(*IN_CITY, parse_datum("EPSG:4548")))
    rows = [f"T1,甲示例店,,,{east:.3f},{north:.3f}"]
    with pytest.raises(ConflictError) as stopped:
        _take(own_shishi, tmp_path, rows, datum="cgcs2000")
    assert stopped.value.code == "coordinates_metric"
    assert "EPSG:4548" in stopped.value.fix["zh"]
    assert _take(own_shishi, tmp_path, rows, datum="EPSG:4548").stored == 1
    assert float(geodesic_distance_m(*IN_CITY, *_at(own_shishi, "T1"))[0]) < 0.01


def test_a_pile_of_companies_with_their_own_addresses_is_not_believed(
    own_shishi: Store, tmp_path: Path
) -> None:
    names = ["海盛", "永丰", "嘉利", "宏远", "金泰", "华联"]
    rows = [f"T{i},{name}纸箱厂,福建路{i + 1}号,,118.65,24.73" for i, name in enumerate(names)]
    report = _take(own_shishi, tmp_path, rows)
    assert report.unplaced == 6
    assert {code for _, code in _codes(report, "queued")} == {"pile_up"}
    entry = next(e for e in review.waiting(own_shishi) if e["feature_id"] == "T0")
    first = entry["candidates"][0]
    assert (first["code"], first["lon"], first["lat"]) == ("given", 118.65, 24.73)
    market = [f"M{i},{name}布行,轻纺市场 1 号,,118.651,24.731" for i, name in enumerate(names)]
    assert _take(own_shishi, tmp_path, market).stored == 6, "a market hall is one building"


def _box(area: shapely.Polygon) -> tuple[tuple[float, float], tuple[float, float]]:
    west, south, east, north = area.bounds
    return (west, south), (east, north)


def _away_m(area: shapely.Polygon, point: shapely.Point) -> float:
    ends = np.ravel(shapely.get_coordinates(shapely.shortest_line(area, point)))
    return float(geodesic_distance_m(*ends)[0])


def test_positions_far_from_their_town_wait_and_near_ones_are_flagged(
    own_shishi: Store, tmp_path: Path
) -> None:
    towns = dict(own_shishi.columns(Query("towns"), ("name", "geom")))
    area, other = (shapely.from_wkb(towns[name]) for name in ("永宁镇", "宝盖镇"))
    near = next(
        point
        for point in shapely.points(np.random.default_rng(5).uniform(*_box(other), (500, 2)))
        if other.contains(point) and 500 < _away_m(area, point) < 2500
    )
    inland = shapely.from_wkb(towns["灵秀镇"]).representative_point()
    rows = [
        f"T1,甲示例店,,永宁镇,{near.x:.6f},{near.y:.6f}",
        f"T2,乙示例店,,永宁镇,{inland.x:.6f},{inland.y:.6f}",
    ]
    report = _take(own_shishi, tmp_path, rows)
    assert _codes(report, "flagged") == {(2, "position_outside_town")}
    assert _codes(report, "queued") == {(3, "position_far_from_town")}
    row = own_shishi.feature("enterprises", "T1")
    assert row is not None
    assert row["flags"] == "position_outside_town"


def test_a_company_that_the_store_knows_under_another_code_is_flagged(
    own_shishi: Store, tmp_path: Path
) -> None:
    known = next(
        row
        for row in own_shishi.features(Query("enterprises"))
        if row["level"] == "point" and row["name"].endswith("有限公司")
    )
    at = shapely.point_on_surface(shapely.from_wkb(known["geom"]))
    rows = [f"T1,石狮市{known['name']},,,{at.x + 0.0002:.6f},{at.y:.6f}"]
    report = _take(own_shishi, tmp_path, rows)
    assert (2, "near_duplicate") in _codes(report, "flagged")
    assert known["id"] in report.of("flagged")[0].message["zh"]
    again = _take(own_shishi, tmp_path, rows)
    assert again.changed == 0, "it is not its own duplicate"


def test_a_risk_point_finds_its_enterprise_by_code_credit_code_or_name(
    own_shishi: Store, tmp_path: Path
) -> None:
    rows = [
        "A1,示例甲店,DEMO51310000999901,118.65,24.73,是",
        "A2,示例乙店,,118.66,24.73,是",
        "A3,示例乙店,,118.67,24.73,是",
    ]
    header = "企业编号,企业名称,统一社会信用代码,经度,纬度,模拟数据"
    assert _take(own_shishi, tmp_path, rows, header).stored == 3
    path = tmp_path / "points.csv"
    path.write_text(
        "风险点编号,风险点名称,企业名称,L,E,C\nP1,灶台,示例甲店,3,6,15\n"
        "P2,灶台,DEMO51310000999901,3,6,15\nP3,灶台,A1,3,6,15\nP4,灶台,示例乙店,3,6,15\n",
        "utf-8",
    )
    report = imports.import_file(own_shishi, path, "risk_points", "wgs84")
    found = dict(own_shishi.columns(Query("risk_points"), ("id", "enterprise_id")))
    assert [found[key] for key in ("P1", "P2", "P3")] == ["A1"] * 3
    assert report.unplaced == 1, "no position without an enterprise"
    assert _codes(report, "queued") == {(5, "parent_ambiguous")}


def test_risk_points_before_their_enterprises_are_told_what_to_import_first(
    own_shishi: Store, tmp_path: Path
) -> None:
    path = tmp_path / "points.csv"
    rows = [f"P{i},灶台,没有的企业{i},3,6,15" for i in range(4)]
    path.write_text("\n".join(["风险点编号,风险点名称,企业名称,L,E,C", *rows]), "utf-8")
    report = imports.import_file(own_shishi, path, "risk_points", "wgs84")
    assert _codes(report, "queued") == {(row, "parent_unknown") for row in range(2, 6)}
    assert all("先导入企业" in finding.fix["zh"] for finding in report.of("queued"))
    assert any("4 行的所属企业不在库中" in remark["zh"] for remark in report.remarks)
    assert report.of("noted") == []
