"""WKB from checked numbers, and a scan of foreign WKB before any library walks it."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from itertools import chain

from .limits import too_deep

_TYPES = {
    "Point": 1,
    "LineString": 2,
    "Polygon": 3,
    "MultiPoint": 4,
    "MultiLineString": 5,
    "MultiPolygon": 6,
    "GeometryCollection": 7,
}
_PARTS = {"MultiPoint": "Point", "MultiLineString": "LineString", "MultiPolygon": "Polygon"}
_MAX_DIMENSIONS = 4


class BadGeometry(ValueError):
    """A geometry that is not what its type demands."""


def _positions(raw: object) -> bytes:
    """Count and coordinates of a list of positions; third and further ordinates are left out."""
    if not isinstance(raw, list):
        raise BadGeometry
    for position in raw:
        if not isinstance(position, list) or not 2 <= len(position) <= _MAX_DIMENSIONS:
            raise BadGeometry
    flat = list(chain.from_iterable(position[:2] for position in raw))
    if not {value.__class__ for value in flat} <= {int, float}:
        raise BadGeometry
    try:
        packed = struct.pack(f"<I{len(flat)}d", len(raw), *flat)
    except (OverflowError, struct.error):
        raise BadGeometry from None
    if not all(map(math.isfinite, flat)):
        raise BadGeometry
    return packed


def _body(kind: str, raw: object) -> bytes:
    if not isinstance(raw, list):
        raise BadGeometry
    if kind == "Point":
        return _positions([raw])[4:] if raw else struct.pack("<2d", math.nan, math.nan)
    if kind == "LineString":
        return _positions(raw)
    if kind == "Polygon":
        return struct.pack("<I", len(raw)) + b"".join(map(_positions, raw))
    part = _PARTS[kind]
    head = struct.pack("<BI", 1, _TYPES[part])
    return struct.pack("<I", len(raw)) + b"".join(head + _body(part, item) for item in raw)


def geojson_to_wkb(geometry: object, depth: int) -> bytes:
    """WKB of a GeoJSON geometry object; `BadGeometry` where it is not one, `InputError` if deep."""
    if depth < 1:
        raise too_deep("geometry")
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if not isinstance(geometry, dict) or not isinstance(kind, str) or kind not in _TYPES:
        raise BadGeometry
    head = struct.pack("<BI", 1, _TYPES[kind])
    if kind == "GeometryCollection":
        parts = geometry.get("geometries")
        if not isinstance(parts, list):
            raise BadGeometry
        inner = b"".join(geojson_to_wkb(part, depth - 1) for part in parts)
        return head + struct.pack("<I", len(parts)) + inner
    return head + _body(kind, geometry.get("coordinates"))


def scan_wkb(data: bytes, depth: int, start: int = 0) -> int:
    """The end of the geometry at `start`; `BadGeometry` if it overruns, `InputError` if deep."""
    if depth < 1:
        raise too_deep("geometry")
    if len(data) < start + 5 or data[start] > 1:
        raise BadGeometry
    order = "<" if data[start] else ">"
    code = struct.unpack_from(order + "I", data, start + 1)[0]
    kind, extra = code % 1000, code // 1000
    if not 1 <= kind <= 7 or extra > 3:
        raise BadGeometry
    size = 8 * (2, 3, 3, 4)[extra]
    at = start + 5
    if kind == 1:
        return _within(data, at + size)
    count, at = _count(data, at, order)
    if kind == 2:
        return _within(data, at + count * size)
    for _ in range(count):
        if kind == 3:
            points, at = _count(data, at, order)
            at = _within(data, at + points * size)
        else:
            at = scan_wkb(data, depth - 1, at)
    return at


def _count(data: bytes, at: int, order: str) -> tuple[int, int]:
    _within(data, at + 4)
    return struct.unpack_from(order + "I", data, at)[0], at + 4


def _within(data: Sequence[int], end: int) -> int:
    if end > len(data):
        raise BadGeometry
    return end
