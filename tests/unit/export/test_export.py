"""What a user gets on exporting a layer, read back by other programs."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pyogrio.raw
import pytest
import shapely

from geo_risk import catalogue
from geo_risk.errors import UsageError
from geo_risk.export import geojson, write
from geo_risk.export.result_files import write_table

SPEC = catalogue.layer("risk_points")
POINT = shapely.Point(118.6512345678, 24.7)


def row(number: int, **values: Any) -> dict[str, Any]:
    return {
        "id": f"{number:04}", "name": f"锅炉房{number}", "version": 1, "batch": "b",
        "updated_at": "2026-11-23T00:00:00Z", "source": "台账.xlsx", "source_key": f"{number}",
        "datum_in": "wgs84", "position_in": None, "level": "point", "uncertainty_m": 5.0,
        "geom": shapely.to_wkb(POINT), "grade": "orange", "score": 270.0, "profile": "p",
        "reasons": "[]", "synthetic": True, "l": 3.0, "e": 6.0, "c": 15.0, **values,
    }  # fmt: skip


def text_of(rows: list[dict[str, Any]], **more: Any) -> str:
    file = io.StringIO()
    geojson.dump(SPEC, rows, file, **more)
    return file.getvalue()


def test_geojson_is_rfc_7946() -> None:
    clockwise = shapely.Polygon([(0, 0), (0, 1), (1, 1), (1, 0)])
    found = json.loads(text_of([row(1), row(2, geom=shapely.to_wkb(clockwise)), row(3, geom=None)]))
    assert set(found) == {"type", "features"}
    point, polygon, nowhere = found["features"]
    assert point["geometry"] == {"type": "Point", "coordinates": [118.6512346, 24.7]}
    assert shapely.is_ccw(shapely.LinearRing(polygon["geometry"]["coordinates"][0]))
    assert nowhere["geometry"] is None
    assert point["id"] == point["properties"]["id"] == "0001"
    assert point["properties"]["grade"] == "orange"
    assert point["properties"]["l"] == 3.0


def test_an_export_before_a_change_and_after_its_undo_agree_byte_for_byte() -> None:
    before = [row(1), row(2)]
    after = [{**r, "version": 3, "batch": "undo", "updated_at": "later"} for r in before]
    assert text_of(before) != text_of(after)
    omit = geojson.STORE_FIELDS
    assert text_of(before, omit=omit) == text_of(after, omit=omit)


def test_fields_are_told_only_to_those_who_may_see_them() -> None:
    spec = catalogue.layer("enterprises")
    held = row(1, phone="13800000000", credit_code="91350581X")
    assert "phone" not in geojson.feature(spec, held, access=("public", "internal"))["properties"]
    public = geojson.feature(spec, held, access=("public",))["properties"]
    assert "credit_code" not in public
    assert geojson.feature(spec, held)["properties"]["phone"] == "13800000000"


def test_exact_places_of_hazard_sources_are_told_only_to_those_who_may_see_them() -> None:
    spec = catalogue.layer("hazard_sources")
    coarse = geojson.feature(spec, row(1), access=("public",))["geometry"]
    assert coarse == {"type": "Point", "coordinates": [118.65, 24.7]}
    assert geojson.feature(spec, row(1))["geometry"]["coordinates"][0] == 118.6512346


def test_csv_opens_in_excel_and_runs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "风险点.csv"
    names = ["=cmd|' /C calc'!A1", "+1+2", "-7.5", "@x", "\tx", "普通"]
    assert write(SPEC, [row(i, name=name) for i, name in enumerate(names)], path) == len(names)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    lines = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))
    assert [line["名称"] for line in lines] == [
        "'=cmd|' /C calc'!A1", "'+1+2", "-7.5", "'@x", "'\tx", "普通",
    ]  # fmt: skip
    assert (lines[0]["经度"], lines[0]["风险等级"]) == ("118.6512346", "较大")


def test_xlsx_keeps_ids_as_text_and_colours_the_grades(tmp_path: Path) -> None:
    path = tmp_path / "风险点.xlsx"
    assert write(SPEC, [row(1, name="=1+1", address="http://a.b/\x00")], path) == 1
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    titles = [cell.value for cell in sheet[1]]
    line = dict(zip(titles, sheet[2], strict=True))
    assert line["系统编号"].value == "0001"
    assert (line["名称"].value, line["名称"].data_type) == ("=1+1", "s")
    assert line["风险等级"].value == "较大"
    assert line["风险等级"].fill.fgColor.rgb == "FFF57C00"
    assert line["地址"].hyperlink is None
    assert sheet.freeze_panes == "C2"
    assert book.sheetnames[1] == "说明"
    book.close()


def test_a_geopackage_reads_back_with_types_and_gaps(tmp_path: Path) -> None:
    path = tmp_path / "risk.gpkg"
    outline = shapely.to_wkb(shapely.box(118.6, 24.7, 118.61, 24.71))
    assert write(SPEC, [row(1), row(2, score=None, geom=None), row(3, geom=outline)], path) == 3
    meta, _, geometry, fields = pyogrio.raw.read(path)
    columns = dict(zip(meta["fields"], fields, strict=True))
    assert meta["crs"] == "EPSG:4326"
    assert columns["id"].tolist() == ["0001", "0002", "0003"]
    assert columns["score"][0] == 270.0
    assert columns["score"][1] != columns["score"][1]
    assert geometry[1] is None
    assert shapely.from_wkb(geometry[0]).equals(POINT)


@pytest.mark.parametrize("kind", ["geojson", "gpkg", "csv", "xlsx"])
def test_an_empty_layer_is_a_whole_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"empty.{kind}"
    assert write(SPEC, [], path) == 0
    assert path.stat().st_size > 0


def test_headings_are_in_the_language_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write(SPEC, [row(1)], path, lang="en")
    assert path.read_text("utf-8-sig").splitlines()[0].startswith("Id,Name,Risk grade")


def test_a_failed_export_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text("old")

    def broken() -> Any:
        yield row(1)
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        write(SPEC, broken(), path)
    assert [p.name for p in tmp_path.iterdir()] == ["a.geojson"]
    assert path.read_text() == "old"


def test_an_unknown_format_or_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.geojson") as error:
        write(SPEC, [], tmp_path / "a.dwg")
    assert error.value.code == "format_unknown"
    with pytest.raises(UsageError) as error:
        write(SPEC, [], tmp_path / "no" / "a.csv")
    assert error.value.code == "folder_missing"
    with pytest.raises(UsageError) as error:
        write_table(tmp_path / "a.gpkg", ["编号"], [], [])
    assert error.value.code == "format_unknown"
    assert ".csv" in error.value.fix["zh"] and ".gpkg" not in error.value.fix["zh"]
    assert not list(tmp_path.iterdir())


def test_an_interval_is_a_whole_number_of_days_in_a_geopackage(tmp_path: Path) -> None:
    path = tmp_path / "risk.gpkg"
    write(SPEC, [row(1, check_interval_days=90), row(2, check_interval_days=7)], path)
    meta, _, _, fields = pyogrio.raw.read(path)
    at = list(meta["fields"]).index("check_interval_days")
    assert meta["dtypes"][at].startswith("int")
    assert fields[at].tolist() == [90, 7]
