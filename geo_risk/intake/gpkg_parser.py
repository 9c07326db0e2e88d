"""GeoPackage through sqlite3 on a copy in memory: plain tables only, functions forbidden."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence

from geo_risk.errors import InputError, Text

from .limits import Limits, damaged, too_many_columns, too_many_rows, whole_or_float
from .model import UNREADABLE
from .wkb import BadGeometry, scan_wkb

_ENVELOPE_BYTES = (0, 32, 48, 48, 64)
_ALLOWED = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_PRAGMA,
}
_LARGEST_VALUE = 64 << 20


def _open(data: bytes) -> sqlite3.Connection:
    """The database in memory: no journal, no lock, no other file can be reached."""
    copy = bytearray(data)
    copy[18:20] = b"\x01\x01"
    connection = sqlite3.connect(":memory:")
    connection.deserialize(bytes(copy))
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA query_only = ON")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST_VALUE)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    connection.set_authorizer(
        lambda action, *_: sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY
    )
    return connection


def _tables(connection: sqlite3.Connection) -> dict[str, str]:
    """Real tables by lower-case name; views and virtual tables are as if not there."""
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    return {
        name.lower(): name
        for kind, name, sql in rows
        if kind == "table" and isinstance(sql, str) and not _is_virtual(sql)
    }


def _is_virtual(sql: str) -> bool:
    return sql.split()[1:2] != ["TABLE"] and sql.lower().split()[1:2] != ["table"]


def _layers(connection: sqlite3.Connection, tables: dict[str, str]) -> list[str]:
    rows = connection.execute("SELECT table_name, data_type FROM gpkg_contents").fetchall()
    return [
        str(name)
        for name, kind in rows
        if str(kind) in ("features", "attributes") and str(name).lower() in tables
    ]


def _layer(connection: sqlite3.Connection, tables: dict[str, str], wanted: str) -> str:
    there = _layers(connection, tables)
    if wanted in there:
        return tables[wanted.lower()]
    if not wanted and len(there) == 1:
        return tables[there[0].lower()]
    listed = ", ".join(there)[:300]
    raise InputError(
        "gpkg_layer",
        Text("须指定 GeoPackage 中的图层", "Name the layer of the GeoPackage")
        if there
        else Text("GeoPackage 中没有要素表", "The GeoPackage has no table of features"),
        got=wanted or None,
        fix=Text(f"可用图层: {listed}", f"Layers there: {listed}"),
    )


def _geometry_column(
    connection: sqlite3.Connection, tables: dict[str, str], table: str
) -> tuple[str | None, str | None]:
    if "gpkg_geometry_columns" not in tables:
        return None, None
    rows = connection.execute(
        "SELECT column_name, srs_id, table_name FROM gpkg_geometry_columns"
    ).fetchall()
    for column, srs, name in rows:
        if str(name).lower() == table.lower():
            return str(column), _crs(connection, tables, srs)
    return None, None


def _crs(connection: sqlite3.Connection, tables: dict[str, str], srs: object) -> str | None:
    if "gpkg_spatial_ref_sys" not in tables or not isinstance(srs, int):
        return None
    row = connection.execute(
        "SELECT organization, organization_coordsys_id FROM gpkg_spatial_ref_sys WHERE srs_id = ?",
        (srs,),
    ).fetchone()
    if row and str(row[0]).upper() == "EPSG" and isinstance(row[1], int):
        return f"EPSG:{row[1]}"
    return None


def _wkb(blob: object, depth: int) -> bytes | None:
    """The WKB in a GeoPackage blob (header as in OGC 12-128r18, clause 2.1.3)."""
    if blob is None:
        return None
    if not isinstance(blob, bytes) or len(blob) < 13 or blob[:2] != b"GP":
        return UNREADABLE
    flags = blob[3]
    envelope = (flags >> 1) & 7
    if envelope > 4 or flags & 0x20:
        return UNREADABLE
    wkb = blob[8 + _ENVELOPE_BYTES[envelope] :]
    try:
        return wkb if scan_wkb(wkb, depth) == len(wkb) else UNREADABLE
    except BadGeometry:
        return UNREADABLE


def _cell(value: object, longest: int) -> object:
    if isinstance(value, float):
        return whole_or_float(value) if math.isfinite(value) else None
    if isinstance(value, str):
        return value[:longest]
    return None if isinstance(value, bytes) else value


def _check_length(data: bytes) -> None:
    """Refuse a database whose head counts more pages than there are (file format, 1.3.7)."""
    if len(data) < 100:
        raise damaged("GeoPackage", "文件被截断", "the file is cut off")
    size = int.from_bytes(data[16:18], "big")
    pages = int.from_bytes(data[28:32], "big")
    if data[24:28] == data[92:96] and pages * (65536 if size == 1 else size) > len(data):
        raise damaged("GeoPackage", "文件被截断", "the file is cut off")


def read_gpkg(data: bytes, limits: Limits, layer: str = "") -> dict[str, object]:
    """Columns, rows, WKB and crs name of one layer; `InputError` for anything damaged."""
    _check_length(data)
    try:
        connection = _open(data)
        try:
            return _read(connection, limits, layer)
        finally:
            connection.close()
    except (sqlite3.Error, OverflowError, UnicodeDecodeError) as error:
        raise damaged("GeoPackage", "数据库损坏", "the database is damaged", error) from None


def _read(connection: sqlite3.Connection, limits: Limits, layer: str) -> dict[str, object]:
    tables = _tables(connection)
    if "gpkg_contents" not in tables:
        raise damaged("GeoPackage", "缺少 gpkg_contents 表", "it lacks the table gpkg_contents")
    table = _layer(connection, tables, layer)
    geometry_column, crs = _geometry_column(connection, tables, table)
    quoted = '"' + table.replace('"', '""') + '"'
    cursor = connection.execute(f"SELECT * FROM {quoted}")  # noqa: S608
    names = [str(item[0]) for item in cursor.description]
    if len(names) > limits.columns:
        raise too_many_columns(limits, len(names))
    at = _index(names, geometry_column)
    kept = [i for i in range(len(names)) if i != at]
    raw: list[Sequence[object]] = cursor.fetchmany(limits.rows + 1)
    if len(raw) > limits.rows:
        raise too_many_rows(limits, len(raw))
    return {
        "columns": [names[i] for i in kept],
        "rows": [[_cell(row[i], limits.cell_chars) for i in kept] for row in raw],
        "numbers": list(range(1, len(raw) + 1)),
        "geometry": None if at is None else [_wkb(row[at], limits.depth) for row in raw],
        "crs_name": crs,
        "sheet": table,
        "sheets": _layers(connection, tables),
    }


def _index(names: list[str], column: str | None) -> int | None:
    lowered = [name.lower() for name in names]
    if column is None or column.lower() not in lowered:
        return None
    return lowered.index(column.lower())
