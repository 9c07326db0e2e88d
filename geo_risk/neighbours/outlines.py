"""Pairs by the distance from boundary to boundary, where units have outlines."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from ..errors import Text, UsageError
from .pairs import Pairs, checked_radius_m, grade_codes, pairs_within, sector_codes

_BLOCK = 20_000
_WIDER = 1.0 + 1e-9


def shape_pairs_within(
    shapes_m: NDArray[np.object_],
    radius_m: float,
    *,
    sector: ArrayLike | None = None,
    grade: ArrayLike | None = None,
    grade_within: int | None = None,
) -> Pairs:
    """As `pairs_within`, for shapely geometries in metres: 0 where two touch or overlap.

    Points go through the kernel; what has an outline is found by its box (one tree per sector) and
    measured with `shapely.distance`, which is compared with the radius. Raises also `UsageError`
    `shape_empty`, naming the row.
    """
    limit_m = checked_radius_m(radius_m)
    _check(shapes_m)
    bucket, buckets = sector_codes(sector, len(shapes_m))
    codes, steps = grade_codes(grade, grade_within, len(shapes_m))
    is_point = shapely.get_type_id(shapes_m) == 0
    points = np.flatnonzero(is_point)
    xy = shapely.get_coordinates(shapes_m[points])
    near = pairs_within(
        *(xy[:, 0], xy[:, 1], limit_m),
        sector=bucket[points],
        grade=codes[points],
        grade_within=steps,
    )
    found = [(points[near.i], points[near.j], near.distance_m)]
    for one in range(buckets):
        rows = np.flatnonzero((bucket == one) & (codes >= 0))
        found += _with_outlines(shapes_m, rows, rows[~is_point[rows]], codes, steps, limit_m)
    first, second, distance_m = (np.concatenate(part) for part in zip(*found, strict=True))
    return Pairs(first.astype(np.int32), second.astype(np.int32), distance_m)


def _with_outlines(
    shapes_m: NDArray[np.object_],
    rows: NDArray[np.intp],
    outlined: NDArray[np.intp],
    codes: NDArray[np.int8],
    steps: int,
    radius_m: float,
) -> list[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]]:
    """Pairs of `rows` with `outlined` ones, block by block."""
    found: list[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]] = []
    if not len(outlined):
        return found
    tree = shapely.STRtree(shapes_m[outlined])
    has_outline = np.zeros(len(shapes_m), bool)
    has_outline[outlined] = True
    for begin in range(0, len(rows), _BLOCK):
        block = rows[begin : begin + _BLOCK]
        # A little wider, as the tree's own test need not round as the distance does.
        at, other = tree.query(shapes_m[block], "dwithin", radius_m * _WIDER)
        a, b = block[at], outlined[other]
        # Two outlines find each other twice, a point and an outline once.
        once = (a < b) | ~has_outline[a]
        once &= np.abs(codes[a].astype(np.int16) - codes[b]) <= steps
        a, b = a[once], b[once]
        distance_m = shapely.distance(shapes_m[a], shapes_m[b])
        within = distance_m <= radius_m
        a, b = a[within], b[within]
        found.append((np.minimum(a, b), np.maximum(a, b), distance_m[within]))
    return found


def _check(shapes_m: NDArray[np.object_]) -> None:
    bounds = shapely.bounds(shapes_m)
    bad = np.flatnonzero(~np.isfinite(bounds).all(axis=1))
    if len(bad):
        raise UsageError(
            "shape_empty",
            Text("几何为空或坐标不是有限的数", "A shape is empty or has no finite coordinates"),
            where=f"row {bad[0]}",
            fix=Text("请先去掉没有位置的行", "Leave rows without a position out"),
        )
