"""Walls of buildings in a uniform grid, ready for many viewpoints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from .buildings import Buildings

Grid = tuple[
    float,
    int,
    int,
    NDArray[np.int64],
    NDArray[np.int32],
    NDArray[np.float64],
    NDArray[np.float64],
]
_WALLS_IN_CELL = 4.0
_SIDE_M = (15.0, 60.0)
_MOST_CELLS = 1 << 22


@dataclass(frozen=True)
class Walls:
    """The walls of buildings, each as (x, y) of its two ends with the building to its right.

    `ends_m`, shape (n, 4), is relative to `west_m, south_m`, whole metres, so that nothing is lost
    of projected coordinates; `building` is the row of each wall's building in `of`, whose outlines
    `tree` holds.
    """

    of: Buildings
    tree: shapely.STRtree
    west_m: float
    south_m: float
    ends_m: NDArray[np.float64]
    building: NDArray[np.int32]
    grid: Grid

    def __len__(self) -> int:
        return len(self.ends_m)

    def inside(self, x_m: NDArray[np.float64], y_m: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which points stand inside a building, farther than a micrometre from its walls."""
        from ._visibility_kernels import ON_WALL_M

        found = np.zeros(len(x_m), bool)
        points = shapely.points(x_m, y_m)
        at, building = self.tree.query(points, predicate="within")
        edges = shapely.boundary(self.of.outline_m[building])
        found[at[shapely.distance(points[at], edges) > ON_WALL_M]] = True
        return found


def walls(of: Buildings, origin_m: tuple[float, float] | None = None) -> Walls:
    """The walls of all outlines, holes included, sorted into cells. Memory is linear.

    `origin_m`, west and south of all of them, is chosen where it is not given.
    """
    ends_m, following_m, building = _rings(of.outline_m)
    low = ends_m.reshape(-1, 2).min(axis=0, initial=np.inf)
    west_m, south_m = origin_m or np.floor(np.where(np.isfinite(low), low, 0.0)).tolist()
    ends_m -= np.array([west_m, south_m, west_m, south_m])
    following_m -= np.array([west_m, south_m])
    tree, grid = shapely.STRtree(of.outline_m), _grid(ends_m, following_m)
    return Walls(of, tree, west_m, south_m, ends_m, building, grid)


def _rings(
    outline_m: NDArray[np.object_],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int32]]:
    """Both ends of each wall, the far end of the wall after it, and the row of its building.

    Outer rings run clockwise and holes counter-clockwise: the building is on the right.
    """
    polygons, of_polygon = shapely.get_parts(
        shapely.orient_polygons(outline_m, exterior_cw=True), return_index=True
    )
    rings, of_ring = shapely.get_rings(polygons, return_index=True)
    rings = shapely.remove_repeated_points(rings)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    begins = np.flatnonzero(ring[:-1] == ring[1:]) if len(ring) else np.zeros(0, np.int64)
    ends_m = np.hstack([xy[begins], xy[begins + 1]]).reshape(-1, 4)
    of_wall = ring[begins]
    following = np.arange(1, len(begins) + 1)
    closes = np.append(of_wall[:-1] != of_wall[1:], True)[: len(of_wall)]
    firsts = np.append(0, np.flatnonzero(closes)[:-1] + 1)[: int(closes.sum())]
    following[closes] = firsts
    building = of_polygon[of_ring[of_wall]].astype(np.int32)
    return ends_m, np.ascontiguousarray(ends_m[following, 2:]), building


def _grid(ends_m: NDArray[np.float64], following_m: NDArray[np.float64]) -> Grid:
    from ._wall_kernels import sort_into_cells

    n = len(ends_m)
    extent = ends_m.reshape(-1, 2).max(axis=0, initial=0.0)
    area_m2 = float(np.prod(extent))
    side_m = float(np.clip(np.sqrt(area_m2 * _WALLS_IN_CELL / max(n, 1)), *_SIDE_M))
    side_m = max(side_m, float(np.sqrt(area_m2 / _MOST_CELLS)), float(extent.max()) / _MOST_CELLS)
    columns, rows = (int(one / side_m) + 1 for one in extent)
    starts = np.zeros(columns * rows + 1, np.int64)
    sort_into_cells(ends_m, side_m, columns, starts, np.zeros(0, np.int32))
    wall = np.zeros(int(starts[-1]), np.int32)
    sort_into_cells(ends_m, side_m, columns, starts, wall)
    starts = np.append(0, starts[:-1])
    return side_m, columns, rows, starts, wall, ends_m[wall], following_m
