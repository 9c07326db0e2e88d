"""All pairs of near and like points: attribute and space in one index (位置相邻).

Formula, proof of exactness and limits: docs/methods/neighbours.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import Text, UsageError

MIN_RADIUS_M, MAX_RADIUS_M = 0.001, 1_000_000.0
MAX_POINTS = 2**31 - 2
MAX_PAIRS = 200_000_000
_WIDER = 1.0 + 1e-9
"""Cells are this much wider than they need be: more than rounding moves a cell's edge."""
_CELLS = 1 << 20
"""Most strips and columns, so that rounding stays far below `_WIDER`."""
_COLUMNS_IN_RADIUS = 4
_MOST_WHOLE = 2**63 - 1
_FIRST_PAIRS = 1 << 16


@dataclass(frozen=True)
class Pairs:
    """Pairs of rows i < j, int32 each, and their distance in metres; each pair once.

    The order follows from the input alone, but means nothing.
    """

    i: NDArray[np.int32]
    j: NDArray[np.int32]
    distance_m: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.i)


def pairs_within(
    x_m: ArrayLike,
    y_m: ArrayLike,
    radius_m: float,
    *,
    sector: ArrayLike | None = None,
    grade: ArrayLike | None = None,
    grade_within: int | None = None,
) -> Pairs:
    """All pairs of points at most `radius_m` apart, of one sector and of near grades.

    Parameters
    ----------
    x_m, y_m : metric coordinates, shape (n,); the square of the distance, computed in float64
        from their differences, is compared with the square of the radius (≤ counts).
    sector : whole numbers, shape (n,): only rows of equal number pair; a negative one is
        unknown and pairs with none.
    grade, grade_within : whole numbers from 0 to 127 (negative: no data, which pairs with none),
        and how many steps apart they may be.

    Memory is linear in points and pairs. Raises `UsageError` `radius_invalid`,
    `position_not_finite` (naming the row, from 0), `lengths_differ`, `sector_invalid`,
    `grade_invalid`, `points_too_many`, `pairs_too_many`.
    """
    limit_m = checked_radius_m(radius_m)
    x = np.ascontiguousarray(x_m, dtype=np.float64)
    y = np.ascontiguousarray(y_m, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape:
        raise _lengths("x_m, y_m", f"{x.shape}, {y.shape}")
    if len(x) > MAX_POINTS:
        zh, en = f"多于 {MAX_POINTS} 个点", f"More than {MAX_POINTS} points"
        raise UsageError("points_too_many", Text(zh, en), got=len(x))
    bucket, buckets = sector_codes(sector, len(x))
    codes, steps = grade_codes(grade, grade_within, len(x))
    return _found(x, y, bucket, buckets, codes, steps, limit_m)


def _found(
    x_m: NDArray[np.float64],
    y_m: NDArray[np.float64],
    bucket: NDArray[np.int32],
    buckets: int,
    grade: NDArray[np.int8],
    steps: int,
    radius_m: float,
) -> Pairs:
    from . import _kernels

    bad, west, east, south, north = _kernels.extent(x_m, y_m)
    if bad >= 0:
        raise UsageError(
            "position_not_finite",
            Text("坐标不是可用的米数", "A coordinate is no finite number of metres"),
            where=f"row {bad}",
            got=f"{x_m[bad]}, {y_m[bad]}",
            fix=Text("请先去掉没有位置的行", "Leave rows without a position out"),
        )
    if not len(x_m):
        west = east = south = north = 0.0
    most = max(_CELLS >> 4, min(_CELLS, 2 * len(x_m)))
    height_m, strips = _division(north - south, radius_m * _WIDER, max(1, most // buckets))
    width_m, columns = _division(east - west, radius_m * _WIDER / _COLUMNS_IN_RADIUS, most)
    starts = np.zeros(buckets * strips + 1, np.int32)
    told, xy_m = _kernels.sort_points(
        x_m, y_m, bucket, grade, west, south, width_m, height_m, columns, strips, starts
    )
    reach = int(radius_m / width_m + 1e-6) + 1
    state = np.zeros(4, np.int64)
    first, second = np.empty(_FIRST_PAIRS, np.int32), np.empty(_FIRST_PAIRS, np.int32)
    distance_m = np.empty(_FIRST_PAIRS, np.float64)
    points = (starts, strips, told, xy_m, steps, reach, radius_m)
    while not _kernels.sweep(state, *points, first, second, distance_m):
        _resize(_more(len(first)), first, second, distance_m)
    _resize(int(state[3]), first, second, distance_m)
    return Pairs(first, second, distance_m)


def _division(extent_m: float, least_m: float, most: int) -> tuple[float, int]:
    """Side and number of equal parts of at least `least_m`, at most `most` of them."""
    side_m = max(least_m, extent_m / most * _WIDER)
    return side_m, int(extent_m / side_m) + 1


def _more(room: int) -> int:
    if room >= MAX_PAIRS:
        zh, en = f"邻近对多于 {MAX_PAIRS}", f"There are more than {MAX_PAIRS} pairs"
        fix = Text("请缩小半径，或加行业、等级条件", "Take a smaller radius, or sectors and grades")
        raise UsageError("pairs_too_many", Text(zh, en), where="radius", fix=fix)
    return min(room * 2, MAX_PAIRS)


def _resize(room: int, *arrays: NDArray[np.int32] | NDArray[np.float64]) -> None:
    """Grow or shrink where they lie: the system moves pages, nothing is held twice."""
    for array in arrays:
        array.resize(room, refcheck=False)


def checked_radius_m(radius_m: float) -> float:
    """The radius in metres; `UsageError` when it is no number from 1 mm to 1,000 km."""
    if not MIN_RADIUS_M <= radius_m <= MAX_RADIUS_M:
        raise UsageError(
            "radius_invalid",
            Text("半径不正确", "The radius is not valid"),
            where="radius",
            got=radius_m,
            fix=Text("给出 0.001 到 1000000 米", "Give 0.001 to 1000000 metres"),
        )
    return float(radius_m)


def sector_codes(sector: ArrayLike | None, n: int) -> tuple[NDArray[np.int32], int]:
    """Numbers of sectors from 0 on, -1 where unknown, and how many there may be."""
    if sector is None:
        return np.zeros(n, np.int32), 1
    given = _whole(sector, n, "sector")
    greatest = int(given.max(initial=-1))
    if greatest < 4096:
        low = given if given.dtype == np.int32 else np.maximum(given, -1).astype(np.int32)
        return np.ascontiguousarray(low), max(greatest + 1, 1)
    known = given >= 0
    names, at = np.unique(given[known], return_inverse=True)
    codes = np.full(n, -1, np.int32)
    codes[known] = at
    return codes, len(names)


def grade_codes(
    grade: ArrayLike | None, grade_within: int | None, n: int
) -> tuple[NDArray[np.int8], int]:
    """Grades as int8 and how far apart they may be; all alike where that does not matter."""
    if grade_within is None:
        return np.zeros(n, np.int8), 127
    if grade is None or grade_within < 0:
        words = Text("等级条件不完整", "The condition on grades is not complete")
        fix = Text("给出 grade 和不小于 0 的 grade_within", "Give grade, and grade_within ≥ 0")
        raise UsageError("grade_invalid", words, where="grade_within", got=grade_within, fix=fix)
    given = _whole(grade, n, "grade")
    if int(given.max(initial=0)) > 127:
        words = Text("等级大于 127", "A grade is over 127")
        raise UsageError("grade_invalid", words, where="grade", got=int(given.max()))
    low = given if given.dtype == np.int8 else np.maximum(given, -1).astype(np.int8)
    return np.ascontiguousarray(low), int(grade_within)


def _whole(values: ArrayLike, n: int, name: str) -> NDArray[np.signedinteger]:
    given = np.asarray(values)
    if given.shape != (n,):
        raise _lengths(name, given.shape)
    unsigned = given.dtype.kind == "u"
    if given.dtype.kind not in "iu" or (unsigned and given.max(initial=0) > _MOST_WHOLE):
        words = Text("不是整数，或过大", "These are no whole numbers, or too large")
        raise UsageError(f"{name}_invalid", words, where=name, got=given.dtype)
    return given.astype(np.int64) if unsigned else given


def _lengths(where: str, got: object) -> UsageError:
    words = Text("各列长短不一", "The columns differ in length")
    return UsageError("lengths_differ", words, where=where, got=got)
