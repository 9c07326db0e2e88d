"""Small good files of every kind, made here, and how fuzz bytes become files of that kind.

Every target takes raw bytes (first byte even) or, where the parser first meets a container, one
inner part of an otherwise good container (first byte odd, second byte says which part).
"""

from __future__ import annotations

import io
import json
import sqlite3
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

FIXTURES = Path(__file__).parent.parent / "fixtures" / "files"
CSV = "企业编号,企业名称,经度,纬度\r\n001,示例“染整”有限公司,118.6478,24.7318\r\n"
KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><NetworkLink/><Placemark><name>甲</name>
<description><![CDATA[<b>x</b>]]></description><ExtendedData><Data name="n"><value>1</value></Data>
<SchemaData><SimpleData name="s">2</SimpleData></SchemaData></ExtendedData><MultiGeometry><Point>
<coordinates>118.6,24.7,0</coordinates></Point><Polygon><outerBoundaryIs><LinearRing><coordinates>
0,0 1,0 1,1 0,0</coordinates></LinearRing></outerBoundaryIs><innerBoundaryIs><LinearRing>
<coordinates>0,0 1,0 1,1 0,0</coordinates></LinearRing></innerBoundaryIs></Polygon>
</MultiGeometry></Placemark></Document></kml>"""
FEATURE = {
    "type": "Feature",
    "id": 1,
    "properties": {"名称": "甲", "n": 1.5, "list": [1, {"a": None}]},
    "geometry": {"type": "MultiPolygon", "coordinates": [[[[0, 0], [1, 0], [1, 1], [0, 0]]]]},
}
COLLECTION = {
    "type": "FeatureCollection",
    "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}},
    "features": [FEATURE, {"type": "Feature", "properties": None, "geometry": None}],
}


def zipped(parts: dict[str, bytes]) -> bytes:
    """A zip of these parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    """The parts of a zip."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def workbook() -> bytes:
    """A small XLSX with a merged title, a date, an error and a hidden sheet."""
    import datetime as dt

    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["登记表"])
    sheet.merge_cells("A1:D1")
    sheet.append(["名称", "人数", "日期", "停产"])
    sheet.append(["甲", 3, dt.datetime(2026, 3, 5, 8, 30), True])  # noqa: DTZ001
    sheet.append(["乙", 2.5, "#N/A", None])
    book.create_sheet("隐藏").sheet_state = "hidden"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def dbf(rows: list[tuple[str, int]], encoding: str = "gb18030", driver: int = 0) -> bytes:
    """A table with a text and a number column."""
    fields = b""
    for name, kind, width in (("名称", b"C", 20), ("n", b"N", 8), ("d", b"D", 8), ("l", b"L", 1)):
        fields += struct.pack("<11s1s4xBB14x", name.encode(encoding), kind, width, 0)
    head = struct.pack("<4BIHH17xB2x", 3, 26, 3, 5, len(rows), 33 + len(fields), 38, driver)
    body = b""
    for text, number in rows:
        cells = text.encode(encoding)[:20].ljust(20), str(number).encode().rjust(8)
        body += b" " + b"".join(cells) + b"20260305" + b"T"
    return head + fields + b"\r" + body + b"\x1a"


def shp(records: list[bytes], code: int) -> bytes:
    """A .shp of these record contents."""
    body = b"".join(
        struct.pack(">ii", number, len(record) // 2) + record
        for number, record in enumerate(records, 1)
    )
    head = struct.pack(">i20xi", 9994, (100 + len(body)) // 2) + struct.pack("<ii64x", 1000, code)
    return head + body


def poly_record(code: int, parts: list[list[tuple[float, float]]]) -> bytes:
    """The content of a line or polygon record."""
    points = [xy for part in parts for xy in part]
    starts = [sum(map(len, parts[:i])) for i in range(len(parts))]
    flat = [value for xy in points for value in xy]
    return struct.pack(
        f"<i4dii{len(parts)}i{len(flat)}d",
        code,
        0,
        0,
        9,
        9,
        len(parts),
        len(points),
        *starts,
        *flat,
    )


def shapefile() -> dict[str, bytes]:
    """The parts of a Shapefile with a polygon that has a hole."""
    outer = [(0.0, 0.0), (0.0, 9.0), (9.0, 9.0), (9.0, 0.0), (0.0, 0.0)]
    hole = [(1.0, 1.0), (2.0, 1.0), (2.0, 2.0), (1.0, 1.0)]
    records = [poly_record(5, [outer, hole]), struct.pack("<i", 0)]
    return {
        "a/units.shp": shp(records, 5),
        "a/units.dbf": dbf([("甲", 1), ("乙", 2)]),
        "a/units.cpg": b"GBK",
        "a/units.prj": b'GEOGCS["China Geodetic Coordinate System 2000",AUTHORITY["EPSG",4490]]',
    }


def geopackage(blob: bytes = bytes.fromhex("47500001E61000000101000000" + "00" * 16)) -> bytes:
    """A GeoPackage of one row with this geometry."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        "PRAGMA application_id = 1196444487; PRAGMA page_size = 512; VACUUM;"
        "CREATE TABLE gpkg_contents (table_name, data_type);"
        "INSERT INTO gpkg_contents VALUES ('a', 'features');"
        "CREATE TABLE gpkg_geometry_columns (table_name, column_name, srs_id);"
        "INSERT INTO gpkg_geometry_columns VALUES ('a', 'geom', 4326);"
        "CREATE TABLE a (name, geom);"
    )
    connection.execute("INSERT INTO a VALUES ('甲', ?)", (blob,))
    connection.commit()
    data = connection.serialize()
    connection.close()
    return data


def xls() -> bytes:
    """The old workbook of the fixtures."""
    return (FIXTURES / "register.xls").read_bytes()


def xls_with(stream: bytes) -> bytes:
    """The old workbook with its records overwritten by these bytes."""
    from geo_risk.intake.ole import _Container

    data = bytearray(xls())
    starts, size, length = _Container(bytes(data)).places("Workbook")
    for at, value in enumerate(stream[:length]):
        data[starts[at // size] + at % size] = value
    return bytes(data)


def xls_stream() -> bytes:
    """The records of the old workbook."""
    from geo_risk.intake.ole import _Container

    data = xls()
    starts, size, length = _Container(data).places("Workbook")
    return b"".join(data[at : at + size] for at in starts)[:length]


def ods() -> bytes:
    """The spreadsheet of the fixtures."""
    return (FIXTURES / "register.ods").read_bytes()


Build = Callable[[bytes], bytes]


def varint(number: int) -> bytes:
    """A number as protocol buffers write it."""
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def _field(number: int, value: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(value)) + value


def osm_blob(kind: bytes, blob: bytes) -> bytes:
    """One blob of an .osm.pbf with its header and length."""
    head = _field(1, kind) + b"\x18" + varint(len(blob))
    return struct.pack(">I", len(head)) + head + blob


def osm_with(block: bytes) -> bytes:
    """An .osm.pbf, nothing compressed, with this block of data."""
    features = _field(4, b"OsmSchema-V0.6") + _field(4, b"DenseNodes")
    return osm_blob(b"OSMHeader", _field(1, features)) + osm_blob(b"OSMData", _field(1, block))


def osm_block() -> bytes:
    """Three nodes and a way over them that is a road."""
    words = (b"", b"highway", b"primary", b"name", "金相路".encode())
    table = b"".join(_field(1, word) for word in words)
    ids, degrees = b"\x02\x02\x02", b"".join(varint(2 * n) for n in (100, 100, 100))
    nodes = _field(1, ids) + _field(8, degrees) + _field(9, degrees)
    way = b"\x08\x07" + _field(2, b"\x01\x03") + _field(3, b"\x02\x04") + _field(8, ids)
    return _field(1, table) + _field(2, _field(2, nodes)) + _field(2, _field(3, way))


def _parts_of(parts: dict[str, bytes]) -> list[tuple[bytes, Build]]:
    """Per part its good bytes, and the container with other bytes in its place."""

    def build(name: str) -> Build:
        return lambda data: zipped({**parts, name: data})

    return [(body, build(name)) for name, body in parts.items()]


def raw_and_parts(kind: str) -> tuple[list[bytes], list[tuple[bytes, Build]]]:
    """Good files of a kind, and its inner parts that are worth changing."""
    lines = "\n".join(json.dumps(FEATURE, ensure_ascii=False) for _ in range(2)).encode()
    plain: dict[str, list[bytes]] = {
        "csv": [CSV.encode(name) for name in ("utf-8", "gb18030", "utf-16", "utf-8-sig")],
        "geojson": [json.dumps(COLLECTION).encode(), json.dumps(FEATURE["geometry"]).encode()],
        "geojsonl": [lines, b"\x1e" + lines.replace(b"\n", b"\n\x1e")],
        "kml": [KML.encode(), KML.replace("UTF-8", "GB18030").encode("gb18030")],
    }
    if kind in plain:
        return plain[kind], []
    if kind == "kmz":
        return [zipped({"doc.kml": KML.encode()})], _parts_of({"doc.kml": KML.encode()})
    if kind == "shp":
        return [zipped(shapefile())], _parts_of(shapefile())
    if kind == "gpkg":
        blob = bytes.fromhex("47500001E61000000101000000" + "00" * 16)
        return [geopackage()], [(blob, geopackage)]
    if kind == "xls":
        return [xls()], [(xls_stream(), xls_with)]
    if kind == "osm":
        return [osm_with(osm_block())], [(osm_block(), osm_with)]
    parts = unzipped(workbook() if kind == "xlsx" else ods())
    return [zipped(parts)], _parts_of(parts)


KINDS = ("csv", "xlsx", "xls", "ods", "geojson", "geojsonl", "gpkg", "shp", "kml", "kmz", "osm")
