"""Commands for places: gazetteer, geocode, datum convert; by their contract."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest

from geo_risk.datums import gcj02_to_wgs84
from tests.unit.cli.conftest import Cli

GAZETTEER = """代码,名称,类型,所属镇,道路,门牌号,经度,纬度
350581,石狮市,县,,,,,
350581106,永宁镇,镇,,,,118.69,24.68
350581106218,沙美村委会,村,,,,118.681,24.695
350582112,英林镇,镇,,,,,
,,门牌,永宁镇,学府路,12号,118.682,24.696
,示例加油站,地点,永宁镇,,,118.683,24.697
"""
ADDRESSES = """﻿编号,地址,镇
1,石狮市永宁镇学府路12号,永宁镇
2,石狮市永宁镇沙美村,
3,石狮市永宁镇,
4,石狮市英林镇某厂,
5,=HYPERLINK("http://x"),永宁镇
"""


@pytest.fixture
def cli(cli: Cli) -> Cli:
    Path("g.csv").write_text(GAZETTEER, encoding="utf-8")
    Path("a.csv").write_text(ADDRESSES, encoding="utf-8")
    return cli


@pytest.fixture
def loaded(cli):
    cli.run("gazetteer", "load", "g.csv", "--datum", "wgs84")
    return cli


def test_loading_says_what_became_of_every_row(cli):
    report = cli.json("gazetteer", "load", "g.csv", "--datum", "wgs84")
    assert (report["rows"], report["new"], report["rejected"]) == (6, 6, 0)
    assert report["by_kind"] == {"county": 1, "door": 1, "poi": 1, "town": 2, "village": 1}
    again = cli.json("gazetteer", "load", "g.csv", "--datum", "wgs84")
    assert (again["new"], again["updated"], again["unchanged"]) == (0, 0, 6)
    Path("bad.csv").write_text(GAZETTEER + ",没有坐标,地点,永宁镇,,,,\n", encoding="utf-8")
    report = cli.json("gazetteer", "load", "bad.csv", "--datum", "wgs84", code=3)
    (finding,) = report["findings"]
    assert (finding["row"], finding["code"]) == (8, "position_missing")
    assert finding["message"] and finding["fix"]
    assert "6 行：新增 0" in cli.run("gazetteer", "load", "g.csv", "--datum", "wgs84")


def test_a_dry_run_stores_nothing(cli):
    cli.run("gazetteer", "load", "g.csv", "--datum", "wgs84", "--dry-run")
    assert not Path("geo_risk.gpkg").exists()


def test_a_gazetteer_without_datum_is_refused(cli):
    error = cli.json("gazetteer", "load", "g.csv", code=2)["error"]
    assert error["code"] == "datum_missing"


def test_stats(loaded):
    stats = loaded.json("gazetteer", "stats")
    assert stats["kinds"]["town"] == {"total": 2, "with_position": 1, "without_position": 1}
    assert {(s["source"], s["datum"]) for s in stats["sources"]} == {
        ("g.csv", "wgs84"),
        ("g.csv", None),
    }
    assert "village" in loaded.run("gazetteer", "stats")


def test_geocoding_a_file_by_the_contract(loaded):
    rows = loaded.json(
        "geocode", "a.csv", "--column", "地址", "--town-column", "镇", "--within", "350581", code=3
    )["rows"]
    keys = {"row", "lon", "lat", "level", "uncertainty_m", "score", "town", "village"}
    assert all(keys | {"reasons", "alternatives"} <= row.keys() for row in rows)
    assert [row["row"] for row in rows] == [2, 3, 4, 5, 6]
    assert [row["level"] for row in rows] == ["door", "village", "town", "none", "town"]
    assert (rows[0]["lon"], rows[0]["lat"]) == (118.682, 24.696)
    for row in rows[2:]:
        assert (row["lon"], row["lat"], row["uncertainty_m"]) == (None, None, None)
    assert [reason["code"] for reason in rows[3]["reasons"]] == ["town_of_other_county"]
    assert rows[0]["parts"]["road"] == "学府路"


def test_one_address(loaded):
    (row,) = loaded.json("geocode", "--address", "石狮市永宁镇示例加油站")["rows"]
    assert (row["level"], row["town_name"], row["uncertainty_m"]) == ("point", "永宁镇", 50.0)
    assert "永宁镇" in loaded.run("geocode", "--address", "石狮市永宁镇沙美村")


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "geojson"])
def test_the_result_goes_to_a_file_beside_the_own_columns(loaded, suffix):
    out = Path(f"out.{suffix}")
    loaded.run("geocode", "a.csv", "--column", "地址", "-o", out, code=3)
    if suffix == "csv":
        lines = list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"))))
        assert lines[0]["定位经度"] == "118.682"
        assert lines[4]["地址"].startswith("'="), "no text becomes a formula"
        assert lines[2]["定位经度"] == ""
    elif suffix == "xlsx":
        sheet = openpyxl.load_workbook(out).active
        cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
        assert cells[0][:4] == ["编号", "地址", "镇", "定位经度"]
        assert sheet["B6"].data_type == "s"
    else:
        features = json.loads(out.read_text("utf-8"))["features"]
        assert features[0]["geometry"]["coordinates"] == [118.682, 24.696]
        assert features[3]["geometry"] is None


def test_what_is_wrong_is_said(loaded):
    for arguments, code in [
        (("a.csv",), "address_missing"),
        ((), "address_missing"),
        (("a.csv", "--column", "住址"), "column_unknown"),
        (("a.csv", "--column", "地址", "--within", "石狮"), "within_invalid"),
        (("a.csv", "--column", "地址", "--within", "110101"), "no_gazetteer"),
        (("a.csv", "--column", "地址", "-o", "out.pdf"), "format_unknown"),
    ]:
        error = loaded.json("geocode", *arguments, code=2)["error"]
        assert error["code"] == code
        assert error["fix"]
        assert loaded.err


def test_converting_a_table(cli):
    text = "编号,经度,纬度,备注\n007,118.65,24.73,甲\n008,,,乙\n009,东边,24.7,丙\n"
    text += "010,24.73,118.65,丁\n"
    Path("p.csv").write_text(text, encoding="utf-8")
    said = cli.json(
        "datum", "convert", "p.csv", "--from", "gcj02", "--to", "wgs84", "-o", "q.csv", code=3
    )
    assert (said["rows"], said["converted"], said["empty"], said["rejected"]) == (4, 1, 1, 2)
    assert [finding["row"] for finding in said["findings"]] == [4, 5]
    lines = list(csv.DictReader(io.StringIO(Path("q.csv").read_text("utf-8-sig"))))
    (lon,), (lat,) = gcj02_to_wgs84(118.65, 24.73)
    assert float(lines[0]["经度"]) == pytest.approx(lon, abs=1e-8)
    assert float(lines[0]["纬度"]) == pytest.approx(lat, abs=1e-8)
    assert [line["编号"] for line in lines] == ["007", "008", "009", "010"]
    assert [line["经度"] for line in lines[1:]] == ["", "", ""], "no old coordinate stays behind"


def test_there_and_back_is_the_same_file(cli):
    points = {"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"name": "甲"},
         "geometry": {"type": "Point", "coordinates": [118.65, 24.73]}},
        {"type": "Feature", "properties": {"name": "乙"},
         "geometry": {"type": "LineString", "coordinates": [[118.65, 24.73], [118.66, 24.74]]}},
    ]}  # fmt: skip
    Path("p.geojson").write_text(json.dumps(points), encoding="utf-8")
    cli.run("datum", "convert", "p.geojson", "--from", "wgs84", "--to", "bd09", "-o", "b.geojson")
    cli.run("datum", "convert", "b.geojson", "--from", "bd09", "--to", "wgs84", "-o", "w.geojson")
    there, back = (json.loads(Path(n).read_text("utf-8")) for n in ("b.geojson", "w.geojson"))
    assert there["features"][0]["geometry"]["coordinates"][0] > 118.655
    for one, other in zip(points["features"], back["features"], strict=True):
        assert one["properties"] == other["properties"]
        flat = [str(f["geometry"]["coordinates"]) for f in (one, other)]
        numbers = [
            [float(n) for n in text.replace("[", "").replace("]", "").split(",")] for text in flat
        ]
        assert numbers[0] == pytest.approx(numbers[1], abs=2e-7)


def test_a_conversion_needs_both_datums_and_coordinates(cli):
    Path("p.csv").write_text("编号,名称\n1,甲\n", encoding="utf-8")
    arguments = ("datum", "convert", "p.csv", "-o", "q.csv", "--from", "gcj02")
    assert cli.json(*arguments, code=2)["error"]["code"] == "datum_missing"
    error = cli.json(*arguments, "--to", "wgs84", code=1)["error"]
    assert error["code"] == "coordinates_missing"
    assert not Path("q.csv").exists()
