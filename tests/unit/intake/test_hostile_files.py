"""Files that hang, explode or lie cost one clear sentence; nothing is read beside them."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import time
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pyogrio
import pytest
import shapely

from geo_risk.errors import GeoRiskError, InputError
from geo_risk.intake import boundary, read_table

VRT = (
    b'<OGRVRTDataSource><OGRVRTLayer name="p"><SrcDataSource>/etc/passwd</SrcDataSource>'
    b"</OGRVRTLayer></OGRVRTDataSource>"
)
WFS = b'<?xml version="1.0"?><OGRWFSDataSource><URL>http://127.0.0.1:9/</URL></OGRWFSDataSource>'
GDALG = json.dumps({"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read x"})
POINT = {"type": "Feature", "properties": {"name": "a"}, "geometry": None}


def refused(path: Path, code: str | None = None) -> GeoRiskError:
    with pytest.raises(GeoRiskError) as caught:
        read_table(path)
    error = caught.value
    assert error.message["zh"]
    assert error.message["en"]
    assert error.fix["zh"]
    assert "Traceback" not in error.say("en")
    if code:
        assert error.code == code, error
    return error


def collection(**more: object) -> dict[str, object]:
    return {"type": "FeatureCollection", "features": [POINT], **more}


@pytest.mark.parametrize("suffix", ["geojson", "json", "csv", "gpkg", "xlsx", "txt", "vrt", "shp"])
@pytest.mark.parametrize(
    "content", [VRT, WFS, b"\xef\xbb\xbf\n " + VRT, VRT.decode().encode("utf-16")]
)
def test_xml_under_any_name_is_refused(tmp_path, suffix, content):
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(content)
    refused(path, "file_kind")


def test_a_gdal_pipeline_is_no_geojson(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(GDALG)
    refused(path, "file_damaged")


def test_names_that_mean_something_to_gdal_or_a_shell(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("-rf.geojson", "GeoJSON:a.geojson", "$(id).geojson", "名 称.geojson"):
        Path(name).write_text(json.dumps(collection()))
        assert len(read_table(Path(name)).rows) == 1
    for name in ("/vsicurl/http://127.0.0.1:9/a.geojson", "GeoJSON:none.geojson", "a\0.csv"):
        refused(Path(name), "file_missing")
    refused(tmp_path, "file_kind")


def test_a_named_pipe_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "a.csv")
    refused(tmp_path / "a.csv", "file_kind")


def test_an_xlsx_called_csv(tmp_path):
    openpyxl.Workbook().save(tmp_path / "a.xlsx")
    (tmp_path / "a.xlsx").rename(tmp_path / "a.csv")
    refused(tmp_path / "a.csv", "file_kind")


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"Point","coordinates":[NaN,1]}',
        '{"type":"Point","coordinates":[Infinity,1]}',
        '{"type":"Feature","properties":{"a":1e999},"geometry":null}',
        '{"type":"Feature","properties":{"a":"red","a":"blue"},"geometry":null}',
        '{"type":"Feature","properties":{"a":' + "9" * 5000 + '},"geometry":null}',
        '{"type":"FeatureCollection","features":[1]}',
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":[]}]}',
        '{"type":"FeatureCollection"',
        "[]",
        "{}",
    ],
)
def test_json_that_lies(tmp_path, text):
    path = tmp_path / "a.geojson"
    path.write_text(text)
    refused(path, "file_damaged")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000 + "]" * 100_000,
        '{"type":"GeometryCollection","geometries":[' * 100_000 + "]}" * 100_000,
        '{"type":"GeometryCollection","geometries":[' * 20 + "]}" * 20,
        '{"type":"Feature","properties":{"a":' + "[" * 50 + "]" * 50 + '},"geometry":null}',
    ],
)
def test_depth_is_refused(tmp_path, text):
    path = tmp_path / "a.geojson"
    path.write_text(text)
    refused(path, "too_deep")


def test_out_of_range_coordinates_reject_the_feature_only(tmp_path):
    path = tmp_path / "a.geojson"
    path.write_text('{"type":"Point","coordinates":[1e999,1]}')
    assert read_table(path).geometry == [b""]


@pytest.mark.parametrize(
    "crs",
    [
        {"type": "link", "properties": {"href": "http://127.0.0.1:9/crs", "type": "proj4"}},
        {"type": "name", "properties": {"name": "http://127.0.0.1:9/crs"}},
        {"type": "name", "properties": {"name": "+proj=longlat +nadgrids=/etc/passwd"}},
        {"type": "name", "properties": {"name": "EPSG:2437"}},
        "EPSG:4326",
    ],
)
def test_a_crs_is_a_listed_name_or_nothing(tmp_path, crs):
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps(collection(crs=crs)))
    refused(path, "crs_refused")


def test_a_lone_surrogate_is_dropped_not_stored(tmp_path, intake):
    path = tmp_path / "a.geojson"
    path.write_text(r'{"type":"Feature","properties":{"name":"\ud800甲"},"geometry":null}')
    assert intake(path).records[0]["name"] == "甲"


def rezip(source: Path, target: Path, change: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            if entry not in change:
                new.writestr(entry, old.read(entry))
        for name, data in change.items():
            new.writestr(name, data)
    return target


@pytest.fixture
def workbook(tmp_path) -> Path:
    book = openpyxl.Workbook()
    book.active.append(["名称"])
    book.active.append(["甲"])
    book.save(tmp_path / "good.xlsx")
    return tmp_path / "good.xlsx"


def test_entities_in_a_workbook(tmp_path, workbook):
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "' + b"x" * 99 + b'">]><sst>&b;</sst>'
    refused(rezip(workbook, tmp_path / "a.xlsx", {"xl/sharedStrings.xml": bomb}), "file_damaged")
    wide = bomb.decode().encode("utf-16")
    refused(rezip(workbook, tmp_path / "b.xlsx", {"xl/sharedStrings.xml": wide}), "file_damaged")


def test_a_zip_that_inflates_to_256_mib(tmp_path, workbook):
    big = io.BytesIO()
    with zipfile.ZipFile(big, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", "xl/workbook.xml"):
            archive.writestr(name, "<a/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as stream:
            for _ in range(257):
                stream.write(bytes(1 << 20))
    (tmp_path / "a.xlsx").write_bytes(big.getvalue())
    refused(tmp_path / "a.xlsx")


@pytest.mark.parametrize("name", ["../../etc/cron.d/x", "/etc/x", "..\\x", "C:/x"])
def test_zip_slip_names(tmp_path, workbook, name):
    refused(rezip(workbook, tmp_path / "a.xlsx", {name: b"x"}), "file_damaged")
    assert not (tmp_path.parent.parent / "etc").exists()


def sheet_xml(*cells: str) -> bytes:
    rows = "".join(
        f'<row r="{ref.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}"><c r="{ref}" t="inlineStr">'
        f"<is><t>x</t></is></c></row>"
        for ref in cells
    )
    head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    return f"{head}<sheetData>{rows}</sheetData></worksheet>".encode()


def test_one_cell_in_the_last_corner(tmp_path, workbook):
    part = "xl/worksheets/sheet1.xml"
    started = time.monotonic()
    path = rezip(workbook, tmp_path / "a.xlsx", {part: sheet_xml("A1", "XFD1048576")})
    refused(path, "file_too_big")
    far_down = rezip(workbook, tmp_path / "b.xlsx", {part: sheet_xml("A1", "A1048576")})
    assert read_table(far_down).row_numbers == [1048576]
    assert time.monotonic() - started < 20


def test_too_many_columns_and_rows(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text(",".join(f"c{i}" for i in range(20_000)) + "\n")
    refused(path, "file_too_big")
    path.write_text("name\n" + "x\n" * 200)
    monkeypatch.setenv("GEO_RISK_IMPORT_MAX_ROWS", "100")
    assert "GEO_RISK_IMPORT_MAX_ROWS" in refused(path, "file_too_big").fix["en"]


def test_a_file_over_the_size_limit(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text("name\n" + "x" * (1 << 20) + "\n")
    monkeypatch.setenv("GEO_RISK_IMPORT_MAX_MB", "1")
    refused(path, "file_too_big")


@pytest.mark.parametrize(
    "content", [b"", b"\0\0\0\0", b"a,b\n\0,1\n", b"\x01\x02\x03,\n", b"\xff\xfea", b"%PDF-1.4"]
)
def test_what_is_no_text(tmp_path, content):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    refused(path)


def geopackage(path: Path) -> Path:
    pyogrio.raw.write(
        path,
        shapely.to_wkb(shapely.points([[118.6, 24.7]])),
        [np.array(["甲"], dtype=object)],
        ["name"],
        layer="units",
        geometry_type="Point",
        crs="EPSG:4326",
        driver="GPKG",
    )
    return path


def test_views_triggers_and_virtual_tables_are_not_layers(tmp_path):
    path = geopackage(tmp_path / "a.gpkg")
    connection = sqlite3.connect(path)
    connection.execute("CREATE VIEW secrets AS SELECT load_extension('x') AS a")
    connection.execute("CREATE TRIGGER t AFTER INSERT ON gpkg_contents BEGIN SELECT 1; END")
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES "
        "('secrets', 'features', 'secrets'), ('sqlite_master', 'features', 's')"
    )
    connection.commit()
    connection.close()
    assert read_table(path).rows == [[1, "甲"]]
    with pytest.raises(InputError) as caught:
        read_table(path, gpkg_layer="secrets")
    assert caught.value.code == "gpkg_layer"


def test_a_table_whose_columns_call_functions(tmp_path):
    path = geopackage(tmp_path / "a.gpkg")
    connection = sqlite3.connect(path)
    connection.execute("ALTER TABLE units ADD COLUMN big AS (hex(zeroblob(100000000)))")
    connection.commit()
    connection.close()
    refused(path, "file_damaged")


def test_a_damaged_geopackage(tmp_path):
    data = bytearray(geopackage(tmp_path / "a.gpkg").read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    (tmp_path / "b.gpkg").write_bytes(data)
    refused(tmp_path / "b.gpkg", "file_damaged")
    (tmp_path / "c.gpkg").write_bytes(data[:100])
    refused(tmp_path / "c.gpkg", "file_damaged")


def test_deeply_nested_wkb_in_a_geopackage(tmp_path):
    path = geopackage(tmp_path / "a.gpkg")
    nested = b"\x01\x07\0\0\0\x01\0\0\0" * 100_000
    connection = sqlite3.connect(path)
    for (name,) in connection.execute(
        "SELECT name FROM sqlite_master WHERE type='trigger'"
    ).fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute("UPDATE units SET geom = ?", (b"GP\0\1\0\0\0\0" + nested,))
    connection.commit()
    connection.close()
    refused(path, "too_deep")


def planted(monkeypatch, code: str) -> None:
    monkeypatch.setattr(boundary, "_CHILD", "import sys; sys.argv.pop(1); " + code)


@pytest.fixture
def small_csv(tmp_path) -> Path:
    (tmp_path / "a.csv").write_text("name\nx\n")
    return tmp_path / "a.csv"


def test_a_parser_that_dies_hangs_or_babbles(small_csv, monkeypatch):
    planted(monkeypatch, "import os; os.kill(os.getpid(), 11)")
    refused(small_csv, "parser_crashed")
    planted(monkeypatch, "print('no json')")
    refused(small_csv, "parser_crashed")
    planted(monkeypatch, "sys.exit(0)")
    refused(small_csv, "parser_crashed")
    monkeypatch.setenv("GEO_RISK_IMPORT_SECONDS", "1")
    planted(monkeypatch, "import time; time.sleep(60)")
    started = time.monotonic()
    refused(small_csv, "parser_timeout")
    assert time.monotonic() - started < 5


def test_a_parser_that_eats_memory(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text("name\n" + "x" * 60_000_000 + "\n")
    monkeypatch.setenv("GEO_RISK_IMPORT_MEMORY_MB", "100")
    refused(path, "parser_memory")


LOOK = """
import json, os
sys.path.insert(0, {home!r})
from geo_risk.intake import child
from geo_risk.intake.limits import Limits
child.confine(Limits())
found = [name for name in os.environ if "SECRET" in name or name == "HOME"]
try:
    open({probe!r}, "wb", 0).write(b"x")
    found.append("write")
except OSError:
    pass
print(json.dumps({{"rows": [["name"], [" ".join(found) or "confined"]], "numbers": [1, 2]}}))
print(json.dumps({{"end": {{}}}}))
"""


def test_the_child_is_confined(tmp_path, small_csv, monkeypatch):
    monkeypatch.setenv("GEO_RISK_SECRET", "s")
    home = str(Path(boundary.__file__).parents[2])
    planted(monkeypatch, LOOK.format(home=home, probe=str(tmp_path / "probe")))
    assert read_table(small_csv).rows == [["confined"]]
