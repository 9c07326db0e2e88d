"""No bytes crash the boundary: every parser answers with a table or with a `GeoRiskError`."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import sqlite3
import zipfile

import openpyxl
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo_risk.catalogue import layer
from geo_risk.errors import GeoRiskError
from geo_risk.intake import clean_rows, map_columns
from geo_risk.intake.child import parse
from geo_risk.intake.credit_code import ALPHABET, check_character, is_credit_code
from geo_risk.intake.header import shape
from geo_risk.intake.limits import Limits
from geo_risk.intake.sniffing import sniff
from geo_risk.intake.values import reader_of
from geo_risk.intake.wkb import BadGeometry, geojson_to_wkb, scan_wkb
from tests.fuzz import seeds

LIMITS = Limits(rows=2000, columns=50, inflated_mb=4)
SLOW = settings(deadline=None, max_examples=120, suppress_health_check=list(HealthCheck))
CELL = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from(["是", "１２", "118°38′52″", "2026年3月5日", "染色、定型", "氨:40", "合计"]),
)


def whole_way(kind, data, layer_id="enterprises"):
    """Parse, shape, map and clean in this process, as the boundary does."""
    answer = {"rows": [], "numbers": [], "geometry": []}
    for message in parse(data, kind, LIMITS):
        json.dumps(message)
        for name, value in message.items():
            if name == "end":
                answer |= value
            elif name != "geometry":
                answer[name] += value
    answer.pop("with_geometry", None)
    table = shape(answer, kind, "")
    spec = layer(layer_id)
    rows = clean_rows(table, spec, map_columns(table.columns, spec))
    assert len(rows.records) + len(rows.rejects) == rows.total
    return rows


@SLOW
@given(data=st.binary(max_size=400), kind=st.sampled_from(seeds.KINDS))
def test_any_bytes(data, kind):
    try:
        whole_way(kind, data)
    except GeoRiskError as error:
        assert error.message["zh"]
        assert error.message["en"]


@SLOW
@given(data=st.binary(max_size=100), name=st.text(max_size=20))
def test_sniffing(data, name):
    try:
        assert sniff(name, data) in seeds.KINDS
    except GeoRiskError as error:
        assert error.fix["en"]


def packed(body: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", body)
        archive.writestr("xl/workbook.xml", body)
        archive.writestr("xl/worksheets/sheet1.xml", body)
    return buffer.getvalue()


@SLOW
@given(body=st.one_of(st.binary(max_size=80), st.text(max_size=80).map(str.encode)))
def test_workbooks_of_anything(body):
    with pytest.raises(GeoRiskError):
        whole_way("xlsx", packed(body))


def a_workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["名称", "人数", "经度", "纬度"])
    book.active.append(["甲", 3, 118.6, 24.7])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


WORKBOOK = a_workbook()
PARTS = {
    name: zipfile.ZipFile(io.BytesIO(WORKBOOK)).read(name)
    for name in zipfile.ZipFile(io.BytesIO(WORKBOOK)).namelist()
}


def flipped(data: bytes, changes: dict[float, int]) -> bytes:
    copy = bytearray(data)
    for share, value in changes.items():
        copy[int(share * len(copy))] = value
    return bytes(copy)


CHANGES = st.dictionaries(
    st.floats(0, 1, exclude_max=True), st.integers(0, 255), min_size=1, max_size=6
)
CUT = st.one_of(st.just(1.0), st.floats(0, 1, exclude_max=True))


@SLOW
@given(part=st.sampled_from(["", *PARTS]), changes=CHANGES, cut=st.integers(0, 30))
def test_workbooks_with_flipped_bytes(part, changes, cut):
    if part:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, data in PARTS.items():
                archive.writestr(name, flipped(data, changes) if name == part else data)
        data = buffer.getvalue()
    else:
        data = flipped(WORKBOOK[cut:], changes)
    with contextlib.suppress(GeoRiskError):
        whole_way("xlsx", data)


GOOD = {kind: seeds.raw_and_parts(kind) for kind in seeds.KINDS}


@SLOW
@given(kind=st.sampled_from(seeds.KINDS), which=st.integers(0, 20), changes=CHANGES, cut=CUT)
def test_good_files_with_flipped_bytes(kind, which, changes, cut):
    whole = GOOD[kind][0]
    data = whole[which % len(whole)]
    answer = flipped(data[: int(len(data) * cut) + 1], changes)
    with contextlib.suppress(GeoRiskError):
        whole_way(kind, answer)


@SLOW
@given(
    kind=st.sampled_from([kind for kind in seeds.KINDS if GOOD[kind][1]]),
    which=st.integers(0, 20),
    changes=CHANGES,
    cut=CUT,
)
def test_good_containers_with_flipped_parts(kind, which, changes, cut):
    body, build = GOOD[kind][1][which % len(GOOD[kind][1])]
    part = flipped(body[: int(len(body) * cut) + 1], changes)
    with contextlib.suppress(GeoRiskError):
        whole_way(kind, build(part))


def test_good_files_are_read():
    for kind, (whole, parts) in GOOD.items():
        for data in [*whole, *(build(body) for body, build in parts)]:
            assert next(iter(parse(data, kind, LIMITS)))["rows"]


def a_geopackage() -> bytes:
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        "PRAGMA application_id = 1196444487; CREATE TABLE gpkg_contents (table_name, data_type);"
        "INSERT INTO gpkg_contents VALUES ('a', 'features');"
        "CREATE TABLE gpkg_geometry_columns (table_name, column_name, srs_id);"
        "INSERT INTO gpkg_geometry_columns VALUES ('a', 'geom', 4326);"
        "CREATE TABLE a (name, geom);"
        "INSERT INTO a VALUES ('x', x'47500001E6100000010100000000000000000000000000000000000000');"
    )
    return connection.serialize()


GEOPACKAGE = a_geopackage()


@SLOW
@given(
    changes=st.dictionaries(
        st.integers(0, len(GEOPACKAGE) - 1), st.integers(0, 255), min_size=1, max_size=8
    )
)
def test_geopackages_with_flipped_bytes(changes):
    data = bytearray(GEOPACKAGE)
    for at, value in changes.items():
        data[at] = value
    try:
        whole_way("gpkg", bytes(data))
    except GeoRiskError as error:
        assert error.fix["zh"]


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=12,
)
GEOMETRY = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["Point", "Polygon", "MultiPolygon", "LineString", "Feature"]),
        "coordinates": st.recursive(
            st.floats() | st.integers(), lambda inner: st.lists(inner, max_size=5), max_leaves=20
        ),
    }
)


@SLOW
@given(geometry=st.one_of(JSON, GEOMETRY), properties=JSON, crs=JSON)
def test_geojson_of_anything(geometry, properties, crs):
    feature = {"type": "Feature", "properties": properties, "geometry": geometry}
    document = {"type": "FeatureCollection", "features": [feature], "crs": crs}
    try:
        whole_way("geojson", json.dumps(document).encode())
    except GeoRiskError as error:
        assert error.message["zh"]


ORDINATE = st.floats(-180, 180)
POSITION = st.lists(ORDINATE, min_size=2, max_size=2)
LINE = st.lists(POSITION, min_size=2, max_size=6)
RING = st.lists(POSITION, min_size=3, max_size=6).map(lambda ring: [*ring, ring[0]])
POLYGON = st.lists(RING, min_size=1, max_size=3)
VALID = st.one_of(
    st.tuples(st.just("Point"), POSITION),
    st.tuples(st.just("LineString"), LINE),
    st.tuples(st.just("Polygon"), POLYGON),
    st.tuples(st.just("MultiPoint"), st.lists(POSITION, min_size=1, max_size=4)),
    st.tuples(st.just("MultiLineString"), st.lists(LINE, min_size=1, max_size=3)),
    st.tuples(st.just("MultiPolygon"), st.lists(POLYGON, min_size=1, max_size=3)),
)


@given(one=VALID)
def test_our_wkb_says_what_shapely_reads_from_the_geojson(one):
    geometry = {"type": one[0], "coordinates": one[1]}
    wkb = geojson_to_wkb(geometry, 8)
    expected = shapely.from_geojson(json.dumps(geometry))
    assert shapely.equals_identical(shapely.from_wkb(wkb), expected)
    assert scan_wkb(wkb, 8) == len(wkb)
    for order in (0, 1):
        foreign = shapely.to_wkb(expected, byte_order=order)
        assert scan_wkb(foreign, 8) == len(foreign)


@given(data=st.binary(max_size=60), cut=st.integers(0, 60))
def test_scanned_wkb_never_overruns(data, cut):
    wkb = (b"\x01\x06\0\0\0" + data)[:cut]
    with contextlib.suppress(BadGeometry, GeoRiskError):
        assert scan_wkb(wkb, 8) <= len(wkb)


@SLOW
@given(
    rows=st.lists(st.lists(CELL, min_size=6, max_size=6), max_size=12),
    encoding=st.sampled_from(["utf-8", "gb18030", "utf-8-sig", "utf-16"]),
)
def test_csv_rows_all_have_a_fate(rows, encoding):
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["企业编号", "企业名称", "人数", "经度", "纬度", "模拟数据"])
    writer.writerows(rows)
    try:
        data = text.getvalue().encode(encoding, "replace")
        whole_way("csv", data)
    except GeoRiskError as error:
        assert error.code in ("encoding_unknown", "file_empty")


@SLOW
@given(cell=CELL)
def test_every_reader_takes_any_cell(cell):
    for layer_id in ("enterprises", "hazard_sources", "hidden_dangers", "risk_points"):
        for field in layer(layer_id).fields:
            reader_of(field)(cell)


@given(body=st.text(ALPHABET, min_size=17, max_size=17), at=st.integers(0, 16))
def test_a_wrong_character_never_passes(body, at):
    code = body + check_character(body)
    assert is_credit_code(code)
    other = ALPHABET[(ALPHABET.index(body[at]) + 1) % 31]
    assert not is_credit_code(body[:at] + other + code[at + 1 :])
