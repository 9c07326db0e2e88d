"""Positions and shapes of rows, in the declared datum: read, checked by kind, repaired."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_risk.errors import Text

from . import faults
from .angles import read_ordinate, read_pair
from .faults import Fault
from .model import UNREADABLE, Finding
from .texts import is_blank, plain, to_float

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
_LEAST_PAIRS = 3


def read_points(
    xs: Sequence[object], ys: Sequence[object]
) -> tuple[NDArray[np.float64], NDArray[np.float64], dict[int, Fault]]:
    """x and y of two columns, NaN where both are empty; faults by index."""
    bad: dict[int, Fault] = {}
    x, y = list(map(read_ordinate, xs)), list(map(read_ordinate, ys))
    for at, (left, right) in enumerate(zip(x, y, strict=True)):
        if left is None or right is None:
            bad[at] = faults.coordinate(xs[at], ys[at])
        elif (left != left) != (right != right):  # noqa: PLR0124
            bad[at] = faults.half_coordinate(xs[at], ys[at], "x" if left != left else "y")  # noqa: PLR0124
    for at in bad:
        x[at] = y[at] = np.nan
    return np.array(x, dtype=np.float64), np.array(y, dtype=np.float64), bad


def read_pairs(
    cells: Sequence[object],
) -> tuple[NDArray[np.float64], NDArray[np.float64], dict[int, Fault], list[int]]:
    """x and y of one column that holds both, NaN where it is empty.

    Returns x, y, the faults by index, and the indices where latitude came first.
    """
    bad: dict[int, Fault] = {}
    mended: list[int] = []
    x, y = np.full(len(cells), np.nan), np.full(len(cells), np.nan)
    for at, cell in enumerate(cells):
        if cell is None or cell == "" or is_blank(plain(cell)):
            continue
        pair = None if isinstance(cell, bool) else read_pair(cell)
        if pair is None:
            bad[at] = faults.coordinate_pair(cell)
            continue
        x[at], y[at] = pair.x, pair.y
        if pair.mended:
            mended.append(at)
    return x, y, bad, mended


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
