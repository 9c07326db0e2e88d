"""Compiled loops over sorted points; see docs/methods/neighbours.md for why they are exact.

Each is called with arrays of one set of types only, so it is compiled once and then cached.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..compiled import kernel

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
_ROW, _GRADE = np.int64(2**31 - 1), np.int64(127)
_ROW_AT, _COLUMN_AT = np.int64(7), np.int64(38)
FARTHEST_M = 1e9


@kernel
def extent(x_m: Floats, y_m: Floats) -> tuple[int, float, float, float, float]:
    """The first row that is nowhere on Earth (-1 if none), then west, east, south and north."""
    west = south = np.inf
    east = north = -np.inf
    for i in range(len(x_m)):
        x, y = x_m[i], y_m[i]
        if not (abs(x) <= FARTHEST_M and abs(y) <= FARTHEST_M):
            return i, 0.0, 0.0, 0.0, 0.0
        west, east = min(west, x), max(east, x)
        south, north = min(south, y), max(north, y)
    return -1, west, east, south, north


@kernel
def sort_points(
    x_m: Floats,
    y_m: Floats,
    bucket: Ints,
    grade: NDArray[np.int8],
    west: float,
    south: float,
    width_m: float,
    height_m: float,
    columns: int,
    strips: int,
    starts: Ints,
) -> tuple[Longs, Floats]:
    """Rows of known bucket and grade, sorted by (bucket, strip, column), ready for `sweep`.

    Returns per point column, row and grade in one number, and x and y, shape (m, 2). Two passes of
    a counting sort, by column and then by strip, which move the points themselves: sequential
    reads cost a third of the random ones through an index. `starts`, of length buckets x strips +
    1, is filled with where each strip of each bucket begins.
    """
    n = len(x_m)
    begins = np.zeros(columns + 1, np.int32)
    for i in range(n):
        if bucket[i] >= 0 and grade[i] >= 0:
            begins[np.int64((x_m[i] - west) / width_m) + 1] += 1
            starts[np.int64((y_m[i] - south) / height_m) + bucket[i] * strips + 1] += 1
    for c in range(columns):
        begins[c + 1] += begins[c]
    for s in range(len(starts) - 1):
        starts[s + 1] += starts[s]
    known = starts[-1]
    half_strip = np.empty(known, np.int32)
    half_told = np.empty(known, np.int64)
    half_xy = np.empty((known, 2), np.float64)
    for i in range(n):
        if bucket[i] >= 0 and grade[i] >= 0:
            column = np.int64((x_m[i] - west) / width_m)
            at = begins[column]
            begins[column] = at + 1
            half_strip[at] = np.int64((y_m[i] - south) / height_m) + bucket[i] * strips
            half_told[at] = (column << _COLUMN_AT) | (i << _ROW_AT) | np.int64(grade[i])
            half_xy[at, 0], half_xy[at, 1] = x_m[i], y_m[i]
    told = np.empty(known, np.int64)
    xy_m = np.empty((known, 2), np.float64)
    filled = starts.copy()
    for k in range(known):
        at = filled[half_strip[k]]
        filled[half_strip[k]] = at + 1
        told[at] = half_told[k]
        xy_m[at, 0], xy_m[at, 1] = half_xy[k, 0], half_xy[k, 1]
    return told, xy_m


@kernel
def sweep(
    state: Longs,
    starts: Ints,
    strips: int,
    told: Longs,
    xy_m: Floats,
    grade_within: int,
    reach: int,
    radius_m: float,
    first: Ints,
    second: Ints,
    distance_m: Floats,
) -> bool:
    """Write pairs until all are found (True) or there is no room for more (False).

    `state` is strip, point, window start and pairs so far; a call with more room goes on from it.
    Each candidate is written and counted only if it is a pair: no branch to mispredict.
    """
    limit, room = radius_m * radius_m, len(first)
    strip, i, low, count = state[0], state[1], state[2], state[3]
    while strip < len(starts) - 1:
        end = np.int64(starts[strip + 1])
        last = end if (strip + 1) % strips == 0 else np.int64(starts[strip + 2])
        low = max(low, end)
        while i < end:
            x, y = xy_m[i, 0], xy_m[i, 1]
            a, grade = (told[i] >> _ROW_AT) & _ROW, told[i] & _GRADE
            column = told[i] >> _COLUMN_AT
            least, beyond = (column - reach) << _COLUMN_AT, (column + reach + 1) << _COLUMN_AT
            while low < last and told[low] < least:
                low += 1
            before = count
            for part in range(2):
                j, until = (i + 1, end) if part == 0 else (low, last)
                while j < until and told[j] < beyond:
                    if count >= room:
                        state[0], state[1], state[2], state[3] = strip, i, low, before
                        return False
                    dx, dy = xy_m[j, 0] - x, xy_m[j, 1] - y
                    square = dx * dx + dy * dy
                    b = (told[j] >> _ROW_AT) & _ROW
                    first[count], second[count] = min(a, b), max(a, b)
                    distance_m[count] = square
                    near = square <= limit
                    like = abs(grade - (told[j] & _GRADE)) <= grade_within
                    count += np.int64(near & like)
                    j += 1
            i += 1
        strip += 1
    state[3] = count
    for k in range(count):
        distance_m[k] = np.sqrt(distance_m[k])
    return True


@kernel
def overlap(
    first: Ints,
    second: Ints,
    starts: Longs,
    tag: Ints,
    weight: Floats,
    total: Floats,
) -> Floats:
    """Weighted Jaccard overlap of two rows' tags per pair; NaN where a row has no tags.

    `tag[starts[r]:starts[r + 1]]` are row r's tags, ascending, each once; `weight` is by tag,
    `total` the sum of a row's weights.
    """
    found = np.empty(len(first), np.float64)
    for k in range(len(first)):
        a, b = first[k], second[k]
        i, i_end, j, j_end = starts[a], starts[a + 1], starts[b], starts[b + 1]
        both = 0.0
        if i == i_end or j == j_end:
            found[k] = np.nan
            continue
        while i < i_end and j < j_end:
            if tag[i] == tag[j]:
                both += weight[tag[i]]
                i += 1
                j += 1
            elif tag[i] < tag[j]:
                i += 1
            else:
                j += 1
        found[k] = both / (total[a] + total[b] - both)
    return found


@kernel
def common_depth(level: NDArray[np.int32], first: Ints, second: Ints) -> NDArray[np.int8]:
    """How many numbers two rows of levels begin with alike, per pair; -1 where one is unknown.

    `level` has shape (n, 4); a negative number is unknown and alike to none.
    """
    found = np.empty(len(first), np.int8)
    for k in range(len(first)):
        a, b = level[first[k]], level[second[k]]
        depth = -1 if a[0] < 0 or b[0] < 0 else 0
        while 0 <= depth < 4 and a[depth] == b[depth] and a[depth] >= 0:
            depth += 1
        found[k] = depth
    return found
