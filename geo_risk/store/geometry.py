"""One geometry column type for GeoPackage and PostGIS; in Python a geometry is WKB bytes, WGS84."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Any

import shapely
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import UserDefinedType

SRID = 4326
_POINT_HEADER = struct.pack("<2sBBi", b"GP", 0, 0b00000001, SRID)
_POINT = struct.Struct("<BIdd")
_BOX = struct.Struct("<dddd")
_ENVELOPE_BYTES = (0, 32, 48, 48, 64)


def gpkg_blob(wkb: bytes) -> bytes:
    """WKB as a GeoPackage blob (OGC 12-128r19, 2.1.3); all but points carry their envelope."""
    if len(wkb) == _POINT.size and wkb[:5] == b"\x01\x01\x00\x00\x00":
        return _POINT_HEADER + wkb
    geometry = shapely.from_wkb(wkb)
    if geometry.is_empty:
        return struct.pack("<2sBBi", b"GP", 0, 0b00010001, SRID) + wkb
    west, south, east, north = geometry.bounds
    header = struct.pack("<2sBBi", b"GP", 0, 0b00000011, SRID)
    return header + _BOX.pack(west, east, south, north) + wkb


def gpkg_wkb(blob: bytes) -> bytes:
    """The WKB inside a GeoPackage blob."""
    return blob[8 + _ENVELOPE_BYTES[(blob[3] >> 1) & 7] :]


def gpkg_box(blob: bytes) -> tuple[float, float, float, float] | None:
    """West, east, south, north of a GeoPackage blob, or None when it is empty."""
    flags = blob[3]
    if flags & 0b10000:
        return None
    if (flags >> 1) & 7:
        order = "<" if flags & 1 else ">"
        west, east, south, north = struct.unpack_from(order + "dddd", blob, 8)
        return west, east, south, north
    wkb = blob[8:]
    if len(wkb) == _POINT.size and wkb[0] == 1:
        _, _, x, y = _POINT.unpack(wkb)
        return None if math.isnan(x) else (x, x, y, y)
    geometry = shapely.from_wkb(wkb)
    if geometry.is_empty:
        return None
    west, south, east, north = geometry.bounds
    return west, east, south, north


def gpkg_intersects(blob: bytes | None, w: float, s: float, e: float, n: float) -> int:
    """Whether a GeoPackage blob's geometry meets a box; exact, the R-tree alone is float32."""
    box = None if blob is None else gpkg_box(blob)
    if blob is None or box is None:
        return 0
    west, east, south, north = box
    if west > e or east < w or south > n or north < s:
        return 0
    if west >= w and east <= e and south >= s and north <= n:
        return 1
    return int(shapely.intersects(shapely.from_wkb(gpkg_wkb(blob)), shapely.box(w, s, e, n)))


class Geometry(UserDefinedType[bytes]):
    """A geometry column: WKB bytes in Python, a GeoPackage blob or PostGIS EWKB in the store."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The column's SQL type in a GeoPackage."""
        return "GEOMETRY"

    def bind_processor(self, dialect: Dialect) -> Callable[[bytes | None], Any]:
        """WKB to what the database takes."""
        if dialect.name == "sqlite":
            return lambda wkb: None if wkb is None else gpkg_blob(wkb)
        return lambda wkb: (
            None
            if wkb is None
            else shapely.to_wkb(
                shapely.set_srid(shapely.from_wkb(wkb), SRID), True, include_srid=True
            )
        )

    def result_processor(self, dialect: Dialect, _coltype: object) -> Callable[[Any], bytes | None]:
        """What the database gives to WKB."""
        if dialect.name == "sqlite":
            return lambda blob: None if blob is None else gpkg_wkb(blob)
        return lambda text: (
            None
            if text is None
            else shapely.to_wkb(shapely.from_wkb(bytes.fromhex(text)), include_srid=False)
        )


@compiles(Geometry, "postgresql")
def _postgis_type(_type: Geometry, _compiler: object, **_: Any) -> str:
    return f"geometry(Geometry,{SRID})"
