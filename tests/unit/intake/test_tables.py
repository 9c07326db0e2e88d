"""Tables as clerks write them: encodings, titles, sums, headers, XLSX, GeoJSON, GeoPackage."""

from __future__ import annotations

import datetime as dt
import json
import shlex

import numpy as np
import openpyxl
import pyogrio
import pytest
import shapely

from geo_risk.catalogue import layer
from geo_risk.errors import InputError, UsageError
from geo_risk.intake import clean_rows, column_missing, map_columns, read_table
from tests.shared_data import shared_data

HEADER = ["企业编号", "企业名称", "地址", "从业人数", "经度", "纬度"]
ROW = ["001", "示例染整有限公司", "福建省石狮市鸿山镇伍堡村1号", "12", "118.6478", "24.7318"]
ENCODINGS = ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("count", [1, 3, 50])
def test_encodings_are_found(write_csv, intake, encoding, count):
    path = write_csv([HEADER, *[ROW] * count], encoding)
    rows = intake(path)
    assert [record["name"] for record in rows.records] == [ROW[1]] * count
    assert rows.records[0]["code"] == "001"


def test_four_byte_characters_of_gb18030(write_csv, intake):
    row = [ROW[0], "示例㐀𠀀有限公司", *ROW[2:]]
    assert intake(write_csv([HEADER, row], "gb18030")).records[0]["name"] == row[1]


def test_one_gbk_line_in_a_utf8_file_is_named(tmp_path):
    lines = [",".join(HEADER), *[",".join(ROW)] * 3]
    data = "\n".join(lines).encode() + b"\n" + ",".join(ROW).encode("gbk")
    (tmp_path / "a.csv").write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_table(tmp_path / "a.csv")
    assert caught.value.code == "encoding_unknown"
    assert "line 5" in caught.value.where


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters(write_csv, intake, delimiter):
    assert intake(write_csv([HEADER, ROW], delimiter=delimiter)).records[0]["people"] == 12


def test_title_rows_blank_rows_and_sums(write_csv, intake):
    title = ["石狮市工业企业台账", "", "", "", "", ""]
    made = ["填报单位：某某办", "", "", "2026年3月", "", ""]
    total = ["合 计", "", "", "12", "", ""]
    path = write_csv([title, made, HEADER, ROW, [""] * 6, ROW, total, [""] * 6])
    assert read_table(path).header_row == 3
    rows = intake(path)
    assert [record["row"] for record in rows.records] == [4, 6]
    assert rows.total == 2
    assert [(f.row, f.code) for f in rows.findings] == [(7, "sum_skipped")]


def test_a_cell_of_several_lines_counts_from_its_first_line(write_csv, intake):
    row = [ROW[0], ROW[1], "第一行\n第二行", *ROW[3:]]
    rows = intake(write_csv([HEADER, row, ROW]))
    assert [record["row"] for record in rows.records] == [2, 4]
    assert rows.records[0]["address"] == "第一行 第二行"


def test_xlsx_as_clerks_write_it(tmp_path, intake):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["隐患台账"])
    sheet.merge_cells("A1:F1")
    sheet.append(["隐患编号", "隐患描述", "隐患级别", "整改状态", "发现日期", "企业编号"])
    sheet.append([3.0, "通道堵塞", "重大", "整改中", dt.datetime(2026, 3, 5), 12345678901.0])  # noqa: DTZ001
    book.save(tmp_path / "h.xlsx")
    rows = intake(tmp_path / "h.xlsx", "hidden_dangers")
    record = rows.records[0]
    assert (record["row"], record["code"], record["enterprise_id"]) == (3, "3", "12345678901")
    assert (record["severity"], record["state"]) == ("major", "rectifying")
    assert record["found_on"] == "2026-03-05"
    assert np.isnan(rows.x[0])


def test_duplicate_headers_get_suffixes(write_csv):
    table = read_table(write_csv([["名称", "地址", "名称", ""], ["甲", "乙", "丙", "丁"]]))
    assert table.columns == ["名称", "地址", "名称_2", "column_4"]
    assert map_columns(table.columns, layer("enterprises")).unmapped == ["名称_2", "column_4"]


def test_id_columns_go_where_they_belong():
    spec = layer("risk_points")
    mapping = map_columns(
        ["企业编号", "风险点编号", "风险点名称*", "L(可能性)", "E 值", "后果 C"], spec
    )
    assert mapping.fields == {"code": 1, "name": 2, "enterprise_id": 0, "l": 3, "e": 4, "c": 5}
    assert map_columns(["企业编号", "单位名称（必填）"], layer("enterprises")).fields == {
        "code": 0,
        "name": 1,
    }


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ("经度", "纬度"),
        ("经度(GCJ-02)", "纬度(GCJ-02)"),
        ("东经（°）", "北纬（°）"),
        ("Longitude", "LATITUDE"),
        ("lng", "lat"),
        ("X坐标", "Y坐标"),
        ("＊经度", "＊纬度"),
    ],
)
def test_coordinate_headers(x, y):
    mapping = map_columns(["名称", y, x], layer("enterprises"))
    assert (mapping.x, mapping.y) == (2, 1)


def test_every_field_is_found_by_name_label_and_synonym():
    for layer_id in ("enterprises", "hazard_sources", "risk_points", "targets", "facilities"):
        spec = layer(layer_id)
        for field in spec.fields:
            for word in (field.name, field.label["zh"], field.label["en"]):
                assert field.name in map_columns([word], spec).fields, word


def test_where_keeps_rows_without_an_expression_language(write_csv, intake):
    rows = [["名称", "类别"], ["甲", "学校"], ["乙", "医院"], ["丙", "市场"], ["丁", ""]]
    path = write_csv(rows)
    kept = intake(path, "targets", ["类别=学校,医院"])
    assert (len(kept.records), kept.filtered, kept.total) == (2, 2, 2)
    assert intake(path, "targets", ["kind=*"]).total == 3
    assert intake(path, "targets", ["类别=*", "名称=丙"]).records[0]["kind"] == "market"
    with pytest.raises(UsageError) as caught:
        intake(path, "targets", ["没有=1"])
    assert "类别" in caught.value.fix["zh"]
    with pytest.raises(UsageError):
        intake(path, "targets", ["类别 > 1"])


def test_a_missing_required_column_says_what_to_write(write_csv, intake):
    with pytest.raises(InputError) as caught:
        intake(write_csv([["地址", "电话"], ["甲", "1"]]))
    assert caught.value.code == "column_missing"
    assert "名称" in caught.value.fix["zh"]
    assert "--map" not in caught.value.fix["zh"], "both columns are in use"


@pytest.mark.parametrize(
    ("columns", "header"),
    [
        (["地址", "经度($(touch pwn))", "电话"], "经度($(touch pwn))"),
        (["备查栏", "企业名秤呼", "地址"], "企业名秤呼"),
        (["地址", "it's 甲"], "it's 甲"),
    ],
)
def test_a_missing_required_column_offers_the_likely_one(columns, header):
    spec = layer("enterprises")
    error = column_missing(spec, map_columns(columns, spec), columns)
    assert error is not None
    for text in error.fix.values():
        told = shlex.split(text[text.index("--map ") :])
        assert told == ["--map", f"{header}=name"]
    assert column_missing(spec, map_columns(columns, spec, {header: "name"}), columns) is None


@pytest.mark.parametrize("layer_id", ["enterprises", "hazard_sources"])
def test_a_look_goes_on_without_a_required_column(write_csv, layer_id):
    """No name; of a hazard source neither its substances nor the grade that may stand for them."""
    spec = layer(layer_id)
    table = read_table(write_csv([["地址", "经度", "纬度"], ["甲", "118.6", "24.7"]]))
    mapping = map_columns(table.columns, spec)
    with pytest.raises(InputError):
        clean_rows(table, spec, mapping)
    rows = clean_rows(table, spec, mapping, partial=True)
    assert [record["name"] for record in rows.records] == [None]
    assert rows.x.tolist() == [118.6]
    assert rows.findings == []


def test_geojson_points_lines_and_bad_features(tmp_path, intake):
    def feature(name, geometry):
        return {"type": "Feature", "id": name, "properties": {"name": name}, "geometry": geometry}

    square = [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]
    features = [
        feature("a", {"type": "Point", "coordinates": [118.6, 24.7, 3]}),
        feature("b", {"type": "Polygon", "coordinates": square}),
        feature("c", {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}),
        feature("d", {"type": "Point", "coordinates": ["1", 2]}),
        feature("e", {"type": "Polygon", "coordinates": []}),
        feature("f", None),
        feature("g", {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}),
    ]
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    rows = intake(path)
    assert [record["code"] for record in rows.records] == ["a", "b", "f"]
    assert (rows.x[0], rows.y[0], rows.geometry[0]) == (118.6, 24.7, None)
    assert rows.geometry[1].is_valid
    assert rows.geometry[1].area == pytest.approx(2)
    noted = [f for f in rows.findings if f.outcome == "noted"]
    assert [(f.row, f.code) for f in noted] == [(2, "geometry_repaired")]
    codes = {reject.row: reject.code for reject in rows.rejects}
    invalid = "geometry_invalid"
    assert codes == {3: "geometry_kind", 4: invalid, 5: invalid, 7: invalid}


def test_an_outline_column_becomes_a_polygon(write_csv, intake):
    rows = intake(
        write_csv(
            [
                ["名称", "边界坐标"],
                ["甲", "118.60,24.70;118.61,24.70；118.61,24.71"],
                ["乙", "118.60,24.70;118.61,24.70"],
                ["丙", ""],
            ]
        )
    )
    assert rows.geometry[0].geom_type == "Polygon"
    assert [reject.row for reject in rows.rejects] == [3]
    assert rows.geometry[1] is None


def test_geopackage_layers(tmp_path, intake):
    path = tmp_path / "a.gpkg"
    points = shapely.to_wkb(shapely.points([[118.6, 24.7], [118.7, 24.8]]))
    for name in ("first", "second"):
        pyogrio.raw.write(
            path,
            points,
            [np.array(["甲", "乙"], dtype=object), np.array([3.0, 4.5])],
            ["名称", "人数"],
            layer=name,
            geometry_type="Point",
            crs="EPSG:4326",
            driver="GPKG",
            append=path.exists(),
        )
    with pytest.raises(InputError) as caught:
        read_table(path)
    assert "first, second" in caught.value.fix["en"]
    table = read_table(path, gpkg_layer="second")
    assert table.crs_name in ("EPSG:4326", "wgs84")
    spec = layer("enterprises")
    rows = clean_rows(table, spec, map_columns(table.columns, spec))
    assert rows.records[0]["people"] == 3
    assert rows.rejects[0].code == "value_invalid"
    assert rows.x.tolist() == [118.6]


def test_helsinki_schools_and_hospitals(intake):
    path = shared_data("helsinki_osm/pois.geojson")
    table = read_table(path)
    assert (len(table.rows), table.crs_name) == (1939, "CRS84")
    raw = json.loads(path.read_text("utf-8"))["features"]
    wanted = [f for f in raw if f["properties"]["amenity"] in ("school", "hospital")]
    named = [f for f in wanted if f["properties"]["name"]]
    rows = intake(path, "targets", ["amenity=school,hospital"])
    assert rows.total == len(wanted) == 1939 - rows.filtered
    assert len(rows.records) == len(named) > 0
    assert rows.x.tolist() == [f["geometry"]["coordinates"][0] for f in named]
    assert {reject.code for reject in rows.rejects} <= {"required_missing"}
    everything = intake(path, "enterprises")
    assert len(everything.records) == 1406
    assert len(everything.rejects) == 533
