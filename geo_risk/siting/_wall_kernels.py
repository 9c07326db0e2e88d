"""Compiled loop that puts walls into the cells of a grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..compiled import kernel


@kernel
def sort_into_cells(
    ends_m: NDArray[np.float64],
    side_m: float,
    columns: int,
    starts: NDArray[np.int64],
    wall: NDArray[np.int32],
) -> None:
    """Each wall into the cell of its middle, one longer than a cell into all cells it touches.

    So a cell's walls reach at most half a side beyond it. Call it with no room in `wall` first:
    then `starts`, of length cells + 1, tells where each cell begins, after the second call where
    it ends.
    """
    slack = 1e-9 * side_m
    for w in range(len(ends_m)):
        px, py, qx, qy = ends_m[w, 0], ends_m[w, 1], ends_m[w, 2], ends_m[w, 3]
        dx, dy = qx - px, qy - py
        west = east = int((px + qx) / 2.0 / side_m)
        south = north = int((py + qy) / 2.0 / side_m)
        reach = np.inf
        if max(abs(dx), abs(dy)) > side_m:
            reach = (abs(dx) + abs(dy)) * (side_m / 2.0 + slack)
            west, east = int(min(px, qx) / side_m), int(max(px, qx) / side_m)
            south, north = int(min(py, qy) / side_m), int(max(py, qy) / side_m)
        for row in range(south, north + 1):
            for column in range(west, east + 1):
                cx, cy = (column + 0.5) * side_m - px, (row + 0.5) * side_m - py
                if abs(dx * cy - dy * cx) > reach:
                    continue
                cell = row * columns + column
                if len(wall):
                    wall[starts[cell]] = w
                    starts[cell] += 1
                else:
                    starts[cell + 1] += 1
    if not len(wall):
        for cell in range(len(starts) - 1):
            starts[cell + 1] += starts[cell]
