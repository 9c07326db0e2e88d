"""Positions and shapes of rows, in the declared datum: read, checked by kind, repaired."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_risk.errors import Text

from . import faults
from .faults import Fault
from .model import UNREADABLE, Finding
from .values import plain, to_float

_KINDS = {
    "point": {shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOINT},
    "line": {shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING},
    "area": {shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON},
    "outline": {shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON},
}
_NAMES = {
    "point": Text("点", "points"),
    "line": Text("线", "lines"),
    "area": Text("面", "areas"),
    "outline": Text("轮廓", "outlines"),
}
_DMS = re.compile(
    r"(-?\d{1,3}(?:\.\d+)?)[°度](?:(\d{1,2}(?:\.\d+)?)[′'分])?(?:(\d{1,2}(?:\.\d+)?)(?:″|\"|''|秒))?"
)
_DIRECTION = re.compile(r"^(?:[东西]经|[南北]纬)|[EWNSewns]$|^[EWNSewns]")
_LEAST_PAIRS = 3


def _degrees(text: str) -> float | None:
    """A number with degree signs: `118°38′52″`, `东经118.65`, `118.65°E`."""
    negative = text[:1] in "西南" or text[-1:] in "WwSs" or text[:1] in "WwSs"
    bare = _DIRECTION.sub("", text).replace(" ", "").replace("′′", "″").replace("’", "'")
    bare = _DIRECTION.sub("", bare).replace("”", '"')
    value = to_float(bare)
    found = None if value is not None else _DMS.fullmatch(bare)
    if found:
        degrees, minutes, seconds = (float(part or 0) for part in found.groups())
        if minutes >= 60 or seconds >= 60 or degrees < 0:
            return None
        value = degrees + minutes / 60 + seconds / 3600
    if value is None:
        return None
    return -value if negative else value


def _ordinate(cell: object) -> float | None:
    """NaN for an empty cell, None for one that cannot be read."""
    if cell is None or cell == "":
        return np.nan
    if isinstance(cell, bool):
        return None
    text = plain(cell)
    if not text:
        return np.nan
    value = to_float(text)
    return value if value is not None else _degrees(text)


def read_points(
    xs: Sequence[object], ys: Sequence[object]
) -> tuple[NDArray[np.float64], NDArray[np.float64], dict[int, Fault]]:
    """x and y of two columns, NaN where both are empty; faults by index."""
    bad: dict[int, Fault] = {}
    x, y = np.full(len(xs), np.nan), np.full(len(ys), np.nan)
    for at, pair in enumerate(zip(xs, ys, strict=True)):
        left, right = map(_ordinate, pair)
        if left is None or right is None or (left != left) != (right != right):  # noqa: PLR0124
            bad[at] = faults.coordinate(*pair)
        else:
            x[at], y[at] = left, right
    return x, y, bad


def read_outline(cell: object) -> shapely.Polygon | Fault | None:
    """The polygon of `lon,lat;lon,lat;…`; None for an empty cell."""
    text = plain(cell).strip("[]() ") if cell is not None else ""
    if not text:
        return None
    pairs = [
        [to_float(part) for part in re.split(r"[,\s]+", item.strip("[]() \t"))]
        for item in re.split(r"[;|\n]|\)\s*,\s*\(|\]\s*,\s*\[", text)
        if item.strip()
    ]
    if len(pairs) < _LEAST_PAIRS or any(len(p) != 2 or None in p for p in pairs):
        return Fault(
            "geometry_invalid",
            Text(
                f"边界坐标“{faults.shown(cell)}”无法读取",
                f"The outline “{faults.shown(cell)}” cannot be read",
            ),
            Text(
                "请写作 经度,纬度;经度,纬度;…，至少三对",
                "Write lon,lat;lon,lat;… with three pairs at least",
            ),
        )
    try:
        return shapely.Polygon(pairs)
    except (shapely.GEOSException, ValueError):
        return faults.geometry("边界坐标无法成面", "The outline makes no polygon")


def from_wkb(raw: Sequence[bytes | None]) -> tuple[NDArray[np.object_], dict[int, Fault]]:
    """Shapely geometries of scanned WKB, 2-D; faults by index for those that cannot be read."""
    cells = np.empty(len(raw), dtype=object)
    cells[:] = [None if wkb == UNREADABLE else wkb for wkb in raw]
    shapes = shapely.force_2d(shapely.from_wkb(cells, on_invalid="ignore"))
    lost = shapely.is_missing(shapes) & np.array([wkb is not None for wkb in raw], dtype=bool)
    fault = faults.geometry("几何无法读取", "The geometry cannot be read")
    return shapes, dict.fromkeys(np.flatnonzero(lost).tolist(), fault)


def _not_finite(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    bad = np.zeros(len(shapes), dtype=bool)
    bad[owner[~np.isfinite(coordinates).all(axis=1)]] = True
    return bad


def _repaired(shape: shapely.Geometry, polygonal: bool) -> shapely.Geometry | None:
    """A valid shape of the same dimension, None if nothing of it is left."""
    mended = shapely.make_valid(shape)
    if not polygonal:
        return mended if mended.length > 0 else None
    parts = [part for part in shapely.get_parts([mended]) if part.geom_type != "GeometryCollection"]
    flat = shapely.get_parts(np.array(parts, dtype=object)) if parts else []
    areas = [part for part in flat if part.geom_type == "Polygon" and part.area > 0]
    return shapely.union_all(areas) if areas else None


def check_shapes(
    shapes: NDArray[np.object_], kinds: Sequence[str], row_numbers: Sequence[int]
) -> tuple[NDArray[np.object_], dict[int, Fault], list[Finding]]:
    """Shapes of the layer's kinds, finite and valid; what was repaired is noted."""
    bad: dict[int, Fault] = {}
    notes: list[Finding] = []
    there = ~shapely.is_missing(shapes)
    types = shapely.get_type_id(shapes)
    allowed = [int(kind) for name in kinds for kind in _KINDS[name]]
    several = (types == shapely.GeometryType.MULTIPOINT) & (shapely.get_num_geometries(shapes) != 1)
    wrong = there & (~np.isin(types, allowed) | several)
    zh, en = (" / ".join(_NAMES[kind][lang] for kind in kinds) for lang in ("zh", "en"))
    kind_fault = faults.geometry(
        f"几何类型不符，本图层只收{zh}",
        f"Wrong kind of geometry: this layer takes {en}",
        "geometry_kind",
    )
    empty_fault = faults.geometry("几何为空或含非数值坐标", "The geometry is empty or not finite")
    empty = there & ~wrong & (shapely.is_empty(shapes) | _not_finite(shapes))
    bad.update(dict.fromkeys(np.flatnonzero(wrong).tolist(), kind_fault))
    bad.update(dict.fromkeys(np.flatnonzero(empty).tolist(), empty_fault))
    polygonal = np.isin(types, [int(kind) for kind in _KINDS["area"]])
    for at in np.flatnonzero(there & ~wrong & ~empty & ~shapely.is_valid(shapes)).tolist():
        mended = _repaired(shapes[at], bool(polygonal[at]))
        if mended is None:
            bad[at] = faults.geometry("几何退化，面积或长度为零", "The geometry has no extent")
            continue
        reason = shapely.is_valid_reason(shapes[at])[:80]
        shapes[at] = mended
        text = Text(
            f"几何无效，已修复：{reason}", f"The geometry was invalid and is mended: {reason}"
        )
        notes.append(Finding(row_numbers[at], "geometry", "geometry_repaired", "noted", text))
    return shapes, bad, notes
