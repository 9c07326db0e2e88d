"""Files that hang, explode or lie cost one clear sentence; nothing is read beside them."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import struct
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
from geo_risk.intake.sniffing import sniff
from tests.fuzz import seeds

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


@pytest.mark.parametrize(
    "suffix",
    [
        *("geojson", "json", "csv", "gpkg", "xlsx", "txt", "vrt", "shp"),
        *("kml", "kmz", "zip", "xls", "ods", "geojsonl"),
    ],
)
@pytest.mark.parametrize(
    "content", [VRT, WFS, b"\xef\xbb\xbf\n " + VRT, VRT.decode().encode("utf-16")]
)
def test_xml_under_any_name_is_refused(tmp_path, suffix, content):
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(content)
    refused(path, "file_kind")


@pytest.mark.parametrize("suffix", ["json", "geojson", "geojsonl"])
def test_a_gdal_pipeline_is_no_geojson(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    path.write_text(GDALG)
    refused(path, "file_damaged")


@pytest.mark.parametrize("inner", ["doc.kml", "a.shp", "content.xml", "xl/workbook.xml"])
@pytest.mark.parametrize("suffix", ["kmz", "zip", "ods", "xlsx"])
def test_a_vrt_inside_a_zip(tmp_path, inner, suffix):
    (tmp_path / f"a.{suffix}").write_bytes(seeds.zipped({inner: VRT, "mimetype": b"x"}))
    refused(tmp_path / f"a.{suffix}")


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
        '{"type":{}}',
        '{"type":[],"coordinates":[1,2]}',
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


def test_the_last_corner_costs_little(tmp_path, workbook):
    part = "xl/worksheets/sheet1.xml"
    path = rezip(workbook, tmp_path / "a.xlsx", {part: sheet_xml("A1", "XFD1048576")})
    before = os.times()
    refused(path, "file_too_big")
    after = os.times()
    assert after.children_user - before.children_user < 2
    wide_and_far = rezip(workbook, tmp_path / "b.xlsx", {part: sheet_xml("A1", "ZZ1", "A1048576")})
    refused(wide_and_far, "file_too_big")
    at_the_limit = rezip(workbook, tmp_path / "c.xlsx", {part: sheet_xml("A1", "CV1", "A1048576")})
    error = refused(at_the_limit, "file_too_big")
    assert "Ctrl+End" in error.fix["zh"]


def test_a_far_corner_of_a_hidden_sheet_does_not_matter(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["名称"])
    book.active.append(["甲"])
    book.create_sheet("隐藏").sheet_state = "hidden"
    book.save(tmp_path / "good.xlsx")
    change = {"xl/worksheets/sheet2.xml": sheet_xml("A1", "XFD1048576")}
    assert read_table(rezip(tmp_path / "good.xlsx", tmp_path / "a.xlsx", change)).rows == [["甲"]]


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="XFE0"/>',
        '<c r="1A"><v>1</v></c>',
        '<c r="ZZZZZZZZZ1"><v>1</v></c>',
        '<c r="A99999999999999999999"><v>1</v></c>',
        '<c r="A1" t="s"><v>99999</v></c>',
        "<c",
        "&lol;",
    ],
)
def test_cells_that_lie(tmp_path, workbook, cell):
    xml = f'<worksheet><sheetData><row r="1">{cell}</row></sheetData></worksheet>'
    refused(rezip(workbook, tmp_path / "a.xlsx", {"xl/worksheets/sheet1.xml": xml.encode()}))


def content_xml(*rows: str) -> bytes:
    return (
        '<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><office:body>'
        f'<office:spreadsheet><table:table table:name="a">{"".join(rows)}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    ).encode()


FULL = '<table:table-cell office:value-type="string"><text:p>a</text:p></table:table-cell>'
WIDE = '<table:table-cell table:number-columns-repeated="16384"/>'
TALL = '<table:table-row table:number-rows-repeated="1048576">'
END = "</table:table-row>"


@pytest.mark.parametrize(
    "rows",
    [
        [TALL, FULL * 20, END],
        ["<table:table-row>", WIDE, FULL, END],
        [*["<table:table-row>", WIDE * 50, END] * 50, "<table:table-row>", FULL, END],
        [TALL.replace("1048576", "9" * 20), FULL, END],
        [TALL.replace("1048576", "-5"), FULL, END],
        [TALL, FULL.replace("<text:p>a", "<text:p>" + "a" * 2000), END],
    ],
)
def test_repetitions_in_a_spreadsheet(tmp_path, rows):
    parts = seeds.unzipped(seeds.ods()) | {"content.xml": content_xml(*rows)}
    (tmp_path / "a.ods").write_bytes(seeds.zipped(parts))
    started = time.monotonic()
    assert refused(tmp_path / "a.ods").code in ("file_too_big", "file_damaged")
    assert time.monotonic() - started < 10


def test_entities_in_a_spreadsheet(tmp_path):
    bomb = b'<!DOCTYPE a [<!ENTITY b "' + b"x" * 99 + b'">]><a>&b;</a>'
    parts = seeds.unzipped(seeds.ods()) | {"content.xml": bomb}
    (tmp_path / "a.ods").write_bytes(seeds.zipped(parts))
    refused(tmp_path / "a.ods", "file_damaged")


@pytest.mark.parametrize("share", [0.01, 0.2, 0.5, 0.9])
@pytest.mark.parametrize("kind", ["xls", "ods", "xlsx", "shp", "kmz", "kml", "gpkg"])
def test_truncated_files(tmp_path, kind, share):
    whole = seeds.raw_and_parts(kind)[0][0]
    path = tmp_path / f"a.{'zip' if kind == 'shp' else kind}"
    path.write_bytes(whole[: int(len(whole) * share)])
    refused(path)


@pytest.mark.parametrize("part", ["a/units.shp", "a/units.dbf"])
@pytest.mark.parametrize("cut", [10, 60, 110])
def test_truncated_parts_of_a_shapefile(tmp_path, part, cut):
    parts = seeds.shapefile()
    parts[part] = parts[part][:-cut]
    (tmp_path / "a.zip").write_bytes(seeds.zipped(parts))
    refused(tmp_path / "a.zip", "file_damaged")


@pytest.mark.parametrize("count", [3, 1, 0xFFFFFFFF])
def test_a_dbf_that_lies_about_its_records(tmp_path, count):
    parts = seeds.shapefile()
    table = bytearray(parts["a/units.dbf"])
    struct.pack_into("<I", table, 4, count)
    (tmp_path / "a.zip").write_bytes(seeds.zipped(parts | {"a/units.dbf": bytes(table)}))
    error = refused(tmp_path / "a.zip", "file_damaged")
    assert "2" in error.message["zh"]


@pytest.mark.parametrize("offsets", [(0, 99), (5, 0), (-1, 5), (0, 0), (0, 2**31 - 1)])
def test_part_offsets_out_of_range_make_that_shape_unreadable(tmp_path, offsets):
    parts = seeds.shapefile()
    record = bytearray(parts["a/units.shp"])
    struct.pack_into("<2i", record, 100 + 8 + 44, *offsets)
    (tmp_path / "a.zip").write_bytes(seeds.zipped(parts | {"a/units.shp": bytes(record)}))
    assert read_table(tmp_path / "a.zip").geometry == [b"", None]


def test_a_shape_that_claims_a_billion_points(tmp_path):
    parts = seeds.shapefile()
    for at in (36, 40):
        record = bytearray(parts["a/units.shp"])
        struct.pack_into("<i", record, 100 + 8 + at, 2**30)
        (tmp_path / "a.zip").write_bytes(seeds.zipped(parts | {"a/units.shp": bytes(record)}))
        assert read_table(tmp_path / "a.zip").geometry == [b"", None]


@pytest.mark.parametrize("suffix", ["shp", "dbf", "shx"])
def test_a_bare_part_of_a_shapefile_says_what_to_pack(tmp_path, suffix):
    path = tmp_path / f"units.{suffix}"
    path.write_bytes(seeds.shapefile().get(f"a/units.{suffix}", b"\0\0\x27\x0a"))
    assert "zip" in refused(path, "file_kind").fix["zh"]


def test_a_shapefile_without_its_table(tmp_path):
    parts = seeds.shapefile()
    del parts["a/units.dbf"]
    (tmp_path / "a.zip").write_bytes(seeds.zipped(parts))
    assert ".dbf" in refused(tmp_path / "a.zip", "file_damaged").message["zh"]


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE kml [<!ENTITY a "b">]><kml><Placemark><name>&a;</name></Placemark></kml>',
        '<?xml version="1.0"?><!-- x --><!DOCTYPE kml SYSTEM "file:///etc/passwd"><kml/>',
        "<kml><Placemark>",
        "<kml>&unknown;</kml>",
        "<kmlx/>",
        "<!-- <kml> --><OGRVRTDataSource/>",
        "<kml></kml><kml/>",
    ],
)
def test_kml_that_lies(tmp_path, text):
    (tmp_path / "a.kml").write_text(text)
    assert refused(tmp_path / "a.kml").code in ("file_kind", "file_damaged")
    (tmp_path / "a.kmz").write_bytes(seeds.zipped({"doc.kml": text.encode()}))
    refused(tmp_path / "a.kmz", "file_damaged")


@pytest.mark.parametrize("element", ["Folder", "MultiGeometry"])
def test_deep_kml(tmp_path, element):
    inner = f"<{element}>" * 100_000 + f"</{element}>" * 100_000
    (tmp_path / "a.kml").write_text(f"<kml><Placemark>{inner}</Placemark></kml>")
    refused(tmp_path / "a.kml", "too_deep")
    inner = f"<{element}>" * 20 + f"</{element}>" * 20
    (tmp_path / "b.kml").write_text(f"<kml><Placemark>{inner}</Placemark></kml>")
    if element == "MultiGeometry":
        refused(tmp_path / "b.kml", "too_deep")
    else:
        assert read_table(tmp_path / "b.kml").geometry == [None]


def test_a_head_of_comments_is_sniffed_at_once():
    started = time.monotonic()
    with pytest.raises(InputError):
        sniff("a.kml", (b"<!---->" * 580) + b"<x")
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.xls", b"<html><body><table><tr><td>x</td></tr></table></html>", "网页格式"),
        ("a.xls", b"\xef\xbb\xbf\r\n<table border=1><tr><td>x</td></tr></table>", "网页格式"),
        ("a.xls", b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><W/>', "2003"),
        ("a.xls", seeds.workbook(), ".xlsx"),
        ("a.xls", b"a,b\n1,2\n", ".csv"),
        ("a.xlsx", seeds.xls(), ".xls"),
        ("a.xlsx", b"a,b\n1,2\n", ".csv"),
        ("a.csv", seeds.workbook(), ".xlsx"),
        ("a.csv", seeds.ods(), ".ods"),
        ("a.xlsx", seeds.ods(), ".ods"),
        ("a.ods", seeds.workbook(), ".xlsx"),
        ("a.kmz", seeds.zipped(seeds.shapefile()), ".zip"),
        ("a.zip", seeds.zipped({"doc.kml": b"<kml/>"}), ".kmz"),
        ("a.geojson", seeds.KML.encode(), ".kml"),
        ("a.kml", b'{"type":"Point","coordinates":[1,2]}', ".geojson"),
    ],
)
def test_a_misnamed_file_is_called_what_it_is(tmp_path, name, data, words):
    (tmp_path / name).write_bytes(data)
    error = refused(tmp_path / name, "file_kind")
    assert words in error.say("zh")


def test_other_office_files(tmp_path):
    word = seeds.xls().replace("Workbook".encode("utf-16-le"), "WordDocu".encode("utf-16-le"))
    (tmp_path / "a.xls").write_bytes(word)
    refused(tmp_path / "a.xls", "file_kind")
    (tmp_path / "a.xlsx").write_bytes(seeds.zipped({"word/document.xml": b"<a/>"}))
    refused(tmp_path / "a.xlsx", "file_kind")


def test_passwords(tmp_path):
    stream = bytearray(seeds.xls_stream())
    first = 4 + struct.unpack_from("<H", stream, 2)[0]
    struct.pack_into("<H", stream, first, 0x2F)
    (tmp_path / "a.xls").write_bytes(seeds.xls_with(bytes(stream)))
    refused(tmp_path / "a.xls", "file_password")
    manifest = {"META-INF/manifest.xml": b"<m><encryption-data/></m>"}
    (tmp_path / "a.ods").write_bytes(seeds.zipped(seeds.unzipped(seeds.ods()) | manifest))
    refused(tmp_path / "a.ods", "file_password")


def test_an_old_workbook_that_claims_all_the_world(tmp_path):
    stream = bytearray(seeds.xls_stream())
    at = stream.index(struct.pack("<HH", 0x200, 14))
    struct.pack_into("<IIHH", stream, at + 4, 0, 0xFFFFFFFF, 0, 0xFFFF)
    (tmp_path / "a.xls").write_bytes(seeds.xls_with(bytes(stream)))
    assert len(read_table(tmp_path / "a.xls").rows) == 2


@pytest.mark.parametrize(
    ("setting", "value", "kind"),
    [
        ("MAX_ENTRIES", "3", "xlsx"),
        ("MAX_RATIO", "2", "zeros"),
        ("MAX_COLUMNS", "2", "kml"),
        ("MAX_ROWS", "1", "geojsonl"),
        *(("MAX_CELLS", "3", kind) for kind in ("csv", "xlsx", "ods", "kml")),
        ("MAX_CELL_CHARS", "3", "csv"),
        ("MAX_CELL_CHARS", "3", "kml"),
    ],
)
def test_every_cap_has_a_setting(tmp_path, monkeypatch, setting, value, kind):
    if kind == "zeros":
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.shp", bytes(9 << 20))
        data, suffix = buffer.getvalue(), "zip"
    else:
        data, suffix = seeds.raw_and_parts(kind)[0][0], kind
    (tmp_path / f"a.{suffix}").write_bytes(data)
    monkeypatch.setenv(f"GEO_RISK_IMPORT_{setting}", value)
    error = refused(tmp_path / f"a.{suffix}")
    assert error.code == "file_too_big"
    assert f"GEO_RISK_IMPORT_{setting}" in error.fix["en"]


def test_too_many_columns_and_rows(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text(",".join(f"c{i}" for i in range(20_000)) + "\n")
    refused(path, "file_too_big")
    path.write_text("name\n" + "x\n" * 200)
    monkeypatch.setenv("GEO_RISK_IMPORT_MAX_ROWS", "100")
    assert "GEO_RISK_IMPORT_MAX_ROWS" in refused(path, "file_too_big").fix["en"]


def test_short_rows_under_a_wide_header_cost_what_they_become(tmp_path):
    """1 MB of one-letter rows would be filled up to 250 million cells in the parent."""
    path = tmp_path / "a.csv"
    path.write_text(",".join(f"c{i}" for i in range(500)) + "\n" + "x\n" * 500_000)
    error = refused(path, "file_too_big")
    assert "GEO_RISK_IMPORT_MAX_CELLS" in error.fix["en"]


def test_a_file_over_the_size_limit(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text("name\n" + "x" * (1 << 20) + "\n")
    monkeypatch.setenv("GEO_RISK_IMPORT_MAX_MB", "1")
    refused(path, "file_too_big")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0\0\0\0",
        b"a,b\n\0,1\n",
        b"name\n\x1b[2J\n",
        b"\x01\x02\x03,\n",
        b"\xff\xfea",
        b"%PDF-1.4",
    ],
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
    monkeypatch.setattr(boundary, "_END_SECONDS", 0.2)
    planted(monkeypatch, "import os, time; os.close(1); time.sleep(60)")
    refused(small_csv, "parser_timeout")
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
