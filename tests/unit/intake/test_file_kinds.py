"""Every kind of file becomes the same plain table: workbooks, GeoJSON lines, Shapefiles, KML."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pyogrio
import pytest
import shapely

from geo_risk.errors import InputError, UsageError
from geo_risk.intake import read_table
from geo_risk.intake.child import parse
from geo_risk.intake.limits import Limits
from geo_risk.intake.shp_parser import crs_of_prj
from tests.fuzz import seeds

FILES = Path(__file__).parents[2] / "fixtures" / "files"
HEADER = ["企业编号", "企业名称", "从业人数", "成立日期", "经度", "纬度", "停产"]
REGISTER = [
    ["001", "示例染整有限公司", 12, "2026-03-05", 118.6478, 24.7318, True],
    [12345678901, "示例㐀𠀀食品厂", 3.5, "2026-03-05 08:30:00", 118.65, 24.74, False],
]


@pytest.mark.parametrize("suffix", ["xls", "ods"])
def test_old_and_open_workbooks(suffix):
    table = read_table(FILES / f"register.{suffix}")
    assert (table.kind, table.sheet) == (suffix, "企业台账")
    assert table.columns == HEADER
    assert table.rows == REGISTER
    assert type(table.rows[1][0]) is int
    assert table.row_numbers == [3, 4]
    assert table.sheets == ["企业台账", "第二张"]
    assert table.merged == [(1, 0, 1, 6)]


@pytest.mark.parametrize("suffix", ["xls", "ods"])
def test_a_sheet_may_be_chosen(suffix):
    table = read_table(FILES / f"register.{suffix}", sheet="第二张")
    assert (table.columns, table.rows) == (["名称"], [["甲"]])
    with pytest.raises(UsageError) as caught:
        read_table(FILES / f"register.{suffix}", sheet="说明")
    assert "企业台账、第二张" in caught.value.fix["zh"]


def test_workbook_cells(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(seeds.workbook())
    table = read_table(tmp_path / "a.xlsx")
    assert table.columns == ["名称", "人数", "日期", "停产"]
    assert table.rows == [["甲", 3, "2026-03-05 08:30:00", True], ["乙", 2.5, "#N/A", None]]
    assert table.merged == [(1, 0, 1, 3)]
    assert table.sheets == ["Sheet"]


def test_a_table_that_begins_in_the_middle_of_a_sheet_keeps_its_rows_and_columns(tmp_path):
    book = openpyxl.Workbook()
    for row, cells in enumerate([["名称", "人数"], ["甲", 3]], 4):
        for column, value in enumerate(cells, 3):
            book.active.cell(row, column, value)
    book.active.merge_cells("C4:C4")
    book.active.merge_cells("C7:D7")
    book.save(tmp_path / "a.xlsx")
    data = (tmp_path / "a.xlsx").read_bytes()
    chunk, end = parse(data, "xlsx", Limits())
    assert chunk["rows"] == [[None, None, "名称", "人数"], [None, None, "甲", 3]]
    assert chunk["numbers"] == [4, 5]
    assert (7, 2, 7, 3) in end["end"]["merged"]


def test_geojson_one_feature_per_line(tmp_path):
    one = {"type": "Feature", "properties": {"名称": "甲"}, "geometry": None}
    two = {"type": "Point", "coordinates": [118.6, 24.7]}
    lines = [json.dumps(one, ensure_ascii=False), "", json.dumps(two)]
    for name, text in (("a.geojsonl", "\n"), ("a.ndjson", "\r\n"), ("a.jsonl", "\n")):
        (tmp_path / name).write_bytes(text.join(lines).encode())
        table = read_table(tmp_path / name)
        assert (table.kind, table.columns) == ("geojsonl", ["名称"])
        assert table.rows == [["甲"], [None]]
        assert table.row_numbers == [1, 3]
        assert table.geometry is not None
        assert table.geometry[0] is None
        assert shapely.from_wkb(table.geometry[1]) == shapely.Point(118.6, 24.7)


def test_geojson_with_record_separators(tmp_path):
    one = json.dumps({"type": "Feature", "properties": {"a": 1}, "geometry": None}, indent=1)
    (tmp_path / "a.geojsonl").write_text(f"\x1e{one}\n\x1e{one}\n")
    assert read_table(tmp_path / "a.geojsonl").rows == [[1], [1]]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{", "file_damaged"),
        ("[1]", "file_damaged"),
        ('{"type":"FeatureCollection","features":[]}', "file_damaged"),
        ('{"type":"Feature","properties":{"a":NaN},"geometry":null}', "file_damaged"),
        ('{"type":"Point","coordinates":[1,2],"crs":{"type":"link"}}', "crs_refused"),
        ('{"type":"Feature","properties":{"a":' + "[" * 99 + "]" * 99 + "}}", "too_deep"),
    ],
)
def test_a_bad_line_refuses_the_file(tmp_path, line, code):
    good = '{"type":"Point","coordinates":[1,2]}'
    (tmp_path / "a.geojsonl").write_text(f"{good}\n{line}\n")
    with pytest.raises(InputError) as caught:
        read_table(tmp_path / "a.geojsonl")
    assert caught.value.code == code


def test_lines_under_the_name_geojson_say_how_to_rename(tmp_path):
    (tmp_path / "a.geojson").write_text('{"type":"Point","coordinates":[1,2]}\n' * 2)
    with pytest.raises(InputError) as caught:
        read_table(tmp_path / "a.geojson")
    assert ".geojsonl" in caught.value.fix["zh"]


POLYGON = shapely.Polygon(
    [(0, 0), (10, 0), (10, 10), (0, 10)],
    [[(1, 1), (2, 1), (2, 2)], [(5, 5), (6, 5), (6, 6)]],
)
SHAPES = {
    "points": [shapely.Point(118.6, 24.7), shapely.Point(118.7, 24.8)],
    "points_z": [shapely.Point(118.6, 24.7, 5), shapely.Point(118.7, 24.8, 6)],
    "multipoints": [shapely.MultiPoint([(0, 0), (1, 1)]), shapely.MultiPoint([(2, 2)])],
    "lines": [
        shapely.LineString([(0, 0), (1, 1)]),
        shapely.MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3), (4, 3)]]),
    ],
    "polygons": [
        POLYGON,
        shapely.MultiPolygon([POLYGON, shapely.box(20, 0, 30, 9), shapely.box(5.2, 5.1, 5.3, 5.2)]),
    ],
    "polygons_z": [shapely.force_3d(POLYGON, 7), shapely.force_3d(shapely.box(0, 0, 1, 1), 7)],
}


def zip_folder(folder: Path, target: Path, leave: tuple[str, ...] = ()) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            if not path.name.endswith(leave or ("\0",)):
                archive.write(path, f"资料/{path.name}")
    return target


def write_shp(folder: Path, shapes, encoding="UTF-8", crs="EPSG:4490", name="units") -> Path:
    folder.mkdir(exist_ok=True)
    kinds = {shape.geom_type for shape in shapes}
    kind = next((kind for kind in kinds if kind.startswith("Multi")), shapes[0].geom_type)
    kind = kind.removeprefix("Multi") if kind != "MultiPoint" else kind
    pyogrio.raw.write(
        folder / f"{name}.shp",
        shapely.to_wkb(np.array(shapes, dtype=object), output_dimension=3),
        [np.array(["甲", "乙丙"], dtype=object), np.array([1, 12345678901])],
        ["名称", "编号"],
        geometry_type=kind + (" Z" if shapes[0].has_z else ""),
        crs=crs,
        driver="ESRI Shapefile",
        encoding=encoding,
    )
    return folder


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", SHAPES)
def test_shapefiles_are_read_as_gdal_reads_them(tmp_path, name):
    folder = write_shp(tmp_path / "s", SHAPES[name])
    table = read_table(zip_folder(folder, tmp_path / "a.zip"))
    assert (table.kind, table.columns, table.sheet) == ("shp", ["名称", "编号"], "units")
    assert table.rows == [["甲", 1], ["乙丙", 12345678901]]
    assert table.geometry is not None
    wkb = pyogrio.raw.read(folder / "units.shp")[2]
    for mine, theirs in zip(table.geometry, shapely.from_wkb(wkb), strict=True):
        shape = shapely.from_wkb(mine)
        expected = shapely.force_2d(theirs)
        assert shape.geom_type == expected.geom_type
        assert shapely.equals_identical(shapely.normalize(shape), shapely.normalize(expected))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("encoding", "leave", "found"),
    [
        ("UTF-8", (), ("utf-8", "declared")),
        ("UTF-8", (".cpg",), ("utf-8", "strict")),
        ("GB18030", (), ("gb18030", "declared")),
        ("GB18030", (".cpg",), ("gb18030", "gb18030")),
        ("CP936", (), ("gbk", "declared")),
        ("CP936", (".cpg",), ("gbk", "declared")),
    ],
)
def test_the_encoding_of_attributes(tmp_path, encoding, leave, found):
    folder = write_shp(tmp_path / "s", SHAPES["points"], encoding)
    table = read_table(zip_folder(folder, tmp_path / "a.zip", leave))
    assert [row[0] for row in table.rows] == ["甲", "乙丙"]
    assert table.encoding_how in (found[1], "gb18030")
    assert table.encoding in (found[0], "gb18030")
    declared = read_table(tmp_path / "a.zip", encoding=found[0])
    assert (declared.rows, declared.encoding_how) == (table.rows, "declared")


def test_a_name_cut_in_the_middle_of_a_character_loses_only_that(tmp_path):
    parts = seeds.shapefile()
    parts["a/units.dbf"] = seeds.dbf([("石狮市示例染整有限公司", 1), ("乙", 2)], "utf-8")
    del parts["a/units.cpg"]
    (tmp_path / "a.zip").write_bytes(seeds.zipped(parts))
    table = read_table(tmp_path / "a.zip")
    assert (table.rows[0][0], table.encoding) == ("石狮市示例染", "utf-8")


def test_what_else_lies_in_the_zip_of_a_shapefile_does_not_matter(tmp_path):
    more = {
        "a/units.shp.xml": b'<!DOCTYPE metadata SYSTEM "esriprof80.dtd"><metadata/>',
        "__MACOSX/a/._units.shp": b"x",
        "说明.docx".encode("gbk").decode("cp437"): b"x",
        "a/": b"",
    }
    (tmp_path / "a.zip").write_bytes(seeds.zipped(seeds.shapefile() | more))
    assert read_table(tmp_path / "a.zip").sheets == ["units"]


def test_several_shapefiles_in_one_zip(tmp_path):
    parts = seeds.shapefile()
    parts |= {name.replace("units", "道路"): body for name, body in parts.items()}
    (tmp_path / "a.zip").write_bytes(seeds.zipped(parts))
    with pytest.raises(UsageError) as caught:
        read_table(tmp_path / "a.zip")
    assert "units、道路" in caught.value.fix["zh"]
    assert read_table(tmp_path / "a.zip", sheet="道路").sheet == "道路"
    with pytest.raises(UsageError):
        read_table(tmp_path / "a.zip", sheet="桥")


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("crs", "found"),
    [
        ("EPSG:4326", "EPSG:4326"),
        ("EPSG:4490", "EPSG:4490"),
        ("EPSG:3857", "EPSG:3857"),
        ("EPSG:32650", "EPSG:32650"),
        *((f"EPSG:{code}", f"EPSG:{code}") for code in (4498, 4509, 4527, 4533, 4548, 4534)),
        ("EPSG:2437", None),
        ("EPSG:4610", None),
    ],
)
def test_what_a_prj_names(tmp_path, crs, found):
    folder = write_shp(tmp_path / "s", SHAPES["points"], crs=crs)
    assert crs_of_prj((folder / "units.prj").read_bytes()) == found


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_an_unknown_prj_is_said_not_used(tmp_path):
    folder = write_shp(tmp_path / "s", SHAPES["points"], crs="EPSG:2437")
    table = read_table(zip_folder(folder, tmp_path / "a.zip"))
    assert table.crs_name is None
    assert [code for code, _ in table.notes] == ["crs_unknown"]
    assert "Beijing" in table.notes[0][1]["zh"]
    (folder / "units.prj").write_text('PROJCS["x",AUTHORITY["EPSG","2437"]]')
    table = read_table(zip_folder(folder, tmp_path / "b.zip"))
    assert "EPSG:2437" in table.notes[0][1]["zh"]


@pytest.mark.parametrize("kind", ["kml", "kmz", "gb"])
def test_kml(tmp_path, kind):
    path = tmp_path / ("a.kmz" if kind == "kmz" else "a.kml")
    data = seeds.KML.encode()
    if kind == "kmz":
        data = seeds.zipped({"files/a.png": b"x", "other.kml": b"<kml/>", "doc.kml": data})
    if kind == "gb":
        data = seeds.KML.replace("UTF-8", "GB18030").encode("gb18030")
    path.write_bytes(data)
    table = read_table(path)
    assert table.columns == ["name", "description", "n", "s"]
    assert table.rows == [["甲", "<b>x</b>", "1", "2"]]
    assert table.geometry is not None
    shape = shapely.from_wkb(table.geometry[0])
    assert shape.geoms[0] == shapely.Point(118.6, 24.7)
    assert len(shape.geoms[1].interiors) == 1
    assert [code for code, _ in table.notes] == ["kml_left_out"]
    assert "NetworkLink" in table.notes[0][1]["en"]
    assert table.crs_name is None


@pytest.mark.parametrize(
    ("geometry", "expected"),
    [
        ("<Point><coordinates>1,2</coordinates></Point>", shapely.Point(1, 2)),
        (
            "<LineString><coordinates>1,2,0\n3,4,0</coordinates></LineString>",
            shapely.LineString([(1, 2), (3, 4)]),
        ),
        (
            "<MultiGeometry><Point><coordinates>1,2</coordinates></Point>"
            "<Point><coordinates>3,4</coordinates></Point></MultiGeometry>",
            shapely.MultiPoint([(1, 2), (3, 4)]),
        ),
        ("", None),
        ("<Point><coordinates>1;2</coordinates></Point>", "unreadable"),
        ("<Point><coordinates>nan,2</coordinates></Point>", "unreadable"),
        ("<Point><coordinates>1e999,2</coordinates></Point>", "unreadable"),
        ("<Point><coordinates>1_0,2</coordinates></Point>", "unreadable"),
        ("<Model/>", "unreadable"),
    ],
)
def test_geometries_of_kml(tmp_path, geometry, expected):
    text = f"<kml><Placemark><name>甲</name>{geometry}</Placemark></kml>"
    (tmp_path / "a.kml").write_text(text)
    table = read_table(tmp_path / "a.kml")
    assert table.geometry is not None
    found = table.geometry[0]
    if expected == "unreadable":
        assert found == b""
    else:
        assert (None if found is None else shapely.from_wkb(found)) == expected


def test_geopackage_layers_are_sheets(tmp_path):
    (tmp_path / "a.gpkg").write_bytes(seeds.geopackage())
    table = read_table(tmp_path / "a.gpkg", sheet="a")
    assert (table.sheet, table.sheets, table.rows) == ("a", ["a"], [["甲"]])
