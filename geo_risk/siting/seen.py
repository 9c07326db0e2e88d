"""Which targets each viewpoint sees, and under which headings: sparse, from one sight a viewpoint.

Rules as formulas: docs/methods/visibility.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from ..errors import Text, UsageError
from .visibility import (
    cell_order,
    checked_range_m,
    near_together,
    outlooks,
    positions,
    put_back,
)
from .walls import Walls, walls

EVERY_15_DEG = tuple(15.0 * step for step in range(24))
_FIRST_FOUND = 1 << 16
_MOST_COLUMNS = 2000
Spots = tuple[
    float,
    float,
    float,
    int,
    int,
    NDArray[np.int64],
    NDArray[np.int32],
    NDArray[np.float64],
]


@dataclass(frozen=True)
class Seen:
    """Viewpoint i sees the targets `target[starts[i]:starts[i + 1]]`, rows from 0, ascending.

    `bearing_deg` is from the viewpoint to each of them, clockwise from north, NaN where the target
    is the viewpoint itself.
    """

    starts: NDArray[np.int64]
    target: NDArray[np.int32]
    bearing_deg: NDArray[np.float64]


@dataclass(frozen=True)
class Reached:
    """Sparse rows (CSR): row `viewpoint x headings + heading` reaches `indices[indptr[row]:…]`."""

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    heading_deg: NDArray[np.float64]


def seen(
    among: Walls,
    x_m: ArrayLike,
    y_m: ArrayLike,
    range_m: float,
    target_x_m: ArrayLike,
    target_y_m: ArrayLike,
    *,
    camera_height_m: float | None = None,
    target_height_m: float = 0.0,
) -> Seen:
    """The targets that each viewpoint sees all round, at most `range_m` away in the plane.

    Without `camera_height_m` every building hides all behind it. With it the straight line from
    the camera, so high above flat ground, to `target_height_m` above the target must pass over or
    beside every building of known height; one of unknown height hides all behind it. A target on
    a wall is seen from that wall's outer side; a line that only touches a corner or runs along a
    wall is free. Raises `UsageError` `range_invalid`, `lengths_differ`, `position_not_finite`,
    `height_invalid`. For many viewpoints, call it for some at a time to ask whether to stop.
    """
    from ._sight_kernels import seen as fill

    limit_m = checked_range_m(range_m)
    x, y = positions(x_m, y_m)
    target_x, target_y = positions(target_x_m, target_y_m)
    tall, low, k = _by_height(among, camera_height_m, target_height_m)
    shown = np.flatnonzero(~low.inside(target_x, target_y))
    spots = _spots(target_x[shown] - tall.west_m, target_y[shown] - tall.south_m, shown, limit_m)
    corners = _corners(low, target_x, target_y)
    low_order = cell_order(limit_m, low.grid[0])
    order = near_together(x, y, limit_m)
    x, y = x[order], y[order]
    starts, room = np.zeros(len(x) + 1, np.int64), _FIRST_FOUND
    targets, bearings = [np.empty(0, np.int32)], [np.empty(0)]
    for begin, end, begins, pieces in outlooks(tall, x, y, tall.inside(x, y), limit_m):
        state, part_starts = np.zeros(2, np.int64), np.zeros(end - begin + 1, np.int64)
        target, bearing_deg = np.empty(room, np.int32), np.empty(room)
        part = (x[begin:end] - tall.west_m, y[begin:end] - tall.south_m, limit_m, begins, pieces)
        given = (*part, low.grid, low_order, k, spots, *corners, part_starts)
        while not fill(state, *given, target, bearing_deg):
            room *= 2
            target.resize(room, refcheck=False)
            bearing_deg.resize(room, refcheck=False)
        starts[begin + 1 : end + 1] = starts[begin] + part_starts[1:]
        targets.append(target[: int(state[1])].copy())
        bearings.append(bearing_deg[: int(state[1])].copy())
    starts, at = put_back(order, starts)
    return Seen(starts, np.concatenate(targets)[at], np.concatenate(bearings)[at])


def reached(by: Seen, hfov_deg: float, heading_deg: ArrayLike = EVERY_15_DEG) -> Reached:
    """What each viewpoint reaches under each heading: targets within half the field of view of it.

    With a field of view of 360 degrees there is one heading, 0. Raises `UsageError`
    `hfov_invalid`.
    """
    from ._sight_kernels import by_heading

    half_deg = checked_hfov_deg(hfov_deg) / 2.0
    headings = np.zeros(1) if half_deg == 180.0 else np.atleast_1d(np.asarray(heading_deg, float))
    indptr = np.zeros((len(by.starts) - 1) * len(headings) + 1, np.int64)
    given = (by.starts, by.target, by.bearing_deg, headings, half_deg, indptr)
    by_heading(*given, np.empty(0, np.int32))
    indices = np.empty(int(indptr[-1]), np.int32)
    by_heading(*given, indices)
    return Reached(indptr, indices, headings)


def checked_hfov_deg(hfov_deg: float) -> float:
    """The field of view in degrees; `UsageError` where it is not over 0 and at most 360."""
    if not 0.0 < hfov_deg <= 360.0:
        raise UsageError(
            "hfov_invalid",
            Text("水平视场角不正确", "The horizontal field of view is not valid"),
            where="hfov",
            got=hfov_deg,
            fix=Text("给出大于 0、不超过 360 的度数", "Give degrees over 0 and at most 360"),
        )
    return float(hfov_deg)


def _by_height(
    among: Walls, camera_m: float | None, target_m: float
) -> tuple[Walls, Walls, NDArray[np.float64]]:
    """Walls that hide all behind them, those of lower buildings, and how far these hide.

    A wall of height H met at distance w hides the target heights up to k w, with
    k = (camera - target) / (camera - H).
    """
    origin_m, height_m = (among.west_m, among.south_m), among.of.height_m
    if camera_m is None:
        return among, walls(among.of.only(np.zeros(len(among.of), bool)), origin_m), np.empty(0)
    if not 0.0 <= target_m <= camera_m < np.inf:
        raise UsageError(
            "height_invalid",
            Text("摄像机应不低于目标", "The camera must not be lower than its targets"),
            where="camera_height_m, target_height_m",
            got=f"{camera_m}, {target_m}",
            fix=Text("给出 0 ≤ 目标高度 ≤ 安装高度", "Give 0 ≤ target height ≤ mounting height"),
        )
    low = walls(among.of.only((height_m < camera_m) & (height_m > target_m)), origin_m)
    k = (camera_m - target_m) / (camera_m - low.of.height_m[low.building])
    return hiding(among, camera_m), low, k


def hiding(among: Walls, camera_height_m: float | None) -> Walls:
    """The walls that hide all behind them: of buildings no lower than the camera, or of all."""
    if camera_height_m is None:
        return among
    tall = among.of.only(among.of.height_m >= camera_height_m)
    return walls(tall, (among.west_m, among.south_m))


def _corners(
    low: Walls, x_m: NDArray[np.float64], y_m: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For each target the walls and corners on which it lies: where they start, and both sides.

    The inside of a building is counter-clockwise from the first side to the second: on a wall from
    back along it to on along it, on a corner to on along the wall that begins there.
    """
    from ._visibility_kernels import ON_WALL_M

    xy_m = np.column_stack([x_m - low.west_m, y_m - low.south_m])
    lines = shapely.linestrings(low.ends_m.reshape(-1, 2, 2))
    at, wall = shapely.STRtree(lines).query(shapely.points(xy_m), "dwithin", ON_WALL_M)
    begin_m, end_m, next_m = low.ends_m[wall, :2], low.ends_m[wall, 2:], low.grid[-1][wall]
    on_begin, on_end = (np.hypot(*(one - xy_m[at]).T) <= ON_WALL_M for one in (begin_m, end_m))
    on = np.where(on_end[:, None], next_m, end_m + end_m - begin_m) - end_m
    sides = np.hstack([begin_m - end_m, on])
    # The corner where a wall begins is the end of another.
    rank = np.flatnonzero(~on_begin | on_end)
    rank = rank[np.argsort(at[rank], kind="stable")]
    return np.searchsorted(at[rank], np.arange(len(x_m) + 1)), sides[rank]


def _spots(
    x_m: NDArray[np.float64], y_m: NDArray[np.float64], row: NDArray[np.intp], range_m: float
) -> Spots:
    """Targets sorted by cells about half as wide as the range, for `_sight_kernels.seen`."""
    west_m, south_m = float(x_m.min(initial=np.inf)), float(y_m.min(initial=np.inf))
    if not len(x_m):
        west_m = south_m = 0.0
    extent_m = (x_m.max(initial=west_m) - west_m, y_m.max(initial=south_m) - south_m)
    side_m = max(range_m / 2.0, max(extent_m) / _MOST_COLUMNS)
    columns, rows = (int(one / side_m) + 1 for one in extent_m)
    cell = ((y_m - south_m) / side_m).astype(np.int64) * columns
    cell += ((x_m - west_m) / side_m).astype(np.int64)
    rank = np.argsort(cell, kind="stable")
    firsts = np.searchsorted(cell[rank], np.arange(columns * rows + 1))
    xy_m = np.column_stack([x_m, y_m])[rank]
    return side_m, west_m, south_m, columns, rows, firsts, row[rank].astype(np.int32), xy_m
