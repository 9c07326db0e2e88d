"""What a viewpoint sees among buildings, exactly: as polygons and as lists of targets.

Rules as formulas, proof of exactness and limits: docs/methods/visibility.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from ..errors import Text, UsageError
from .walls import Walls
from .wedges import area_m2, chords, cut

MIN_RANGE_M, MAX_RANGE_M = 0.1, 20_000.0
_BLOCK = 256
_FIRST_PIECES = 1 << 14


@dataclass(frozen=True)
class Sights:
    """What each of n viewpoints sees, as a polygon that is star-shaped around it.

    Polygon i has the vertices `vertices_m[starts[i]:starts[i + 1]]`, counter-clockwise, (east,
    north) *from its viewpoint*, so that nothing is lost of projected coordinates. The edge that
    begins at vertex k is straight, or where `arc[k]` a piece of at most a quarter of the range
    circle, run counter-clockwise. `area_m2` counts those arcs as arcs. `inside`: the viewpoint
    stands inside a building and sees nothing (no vertices).
    """

    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    range_m: float
    starts: NDArray[np.int64]
    vertices_m: NDArray[np.float64]
    arc: NDArray[np.bool_]
    area_m2: NDArray[np.float64]
    inside: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.x_m)

    def outline(
        self, row: int, chord_m: float = 0.1, wedge: tuple[float, float] | None = None
    ) -> shapely.Geometry:
        """Polygon `row` for drawing, each arc as chords at most `chord_m` inside it.

        `wedge` (heading in degrees clockwise from north, field of view in degrees) cuts it to what
        a camera has in its picture. Empty where nothing is seen; a multipolygon where the corner
        on which the viewpoint stands parts its wedge.
        """
        xy, arc = self._edges(row)
        if wedge is not None and wedge[1] < 360.0 and len(xy):
            xy, arc = cut(xy, arc, *wedge)
        if len(xy) < 3 and not arc.any():
            return shapely.Polygon()
        drawn = chords(xy, arc, self.range_m, chord_m)
        outline = shapely.Polygon(drawn + np.array([self.x_m[row], self.y_m[row]]))
        return outline if outline.is_valid else shapely.make_valid(outline)

    def wedge_area_m2(self, row: int, heading_deg: float, hfov_deg: float) -> float:
        """The area of polygon `row` within half the field of view of the heading."""
        if hfov_deg >= 360.0:
            return float(self.area_m2[row])
        return area_m2(*cut(*self._edges(row), heading_deg, hfov_deg))

    def _edges(self, row: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        part = slice(self.starts[row], self.starts[row + 1])
        return self.vertices_m[part], self.arc[part]


def sights(walls: Walls, x_m: ArrayLike, y_m: ArrayLike, range_m: float) -> Sights:
    """The exact visible polygon of each viewpoint, x and y in metres of shape (n,).

    A point is seen where it is at most `range_m` away and the straight line to it passes through
    the interior of no building; every building is taken as higher than any line. Raises
    `UsageError` `range_invalid`, `lengths_differ`, `position_not_finite`.
    """
    from ._sight_kernels import polygons

    limit_m = checked_range_m(range_m)
    x, y = positions(x_m, y_m)
    order = near_together(x, y, limit_m)
    was, inside = np.argsort(order), walls.inside(x[order], y[order])
    starts, areas_m2 = np.zeros(len(x) + 1, np.int64), np.zeros(len(x))
    vertices_m, arc = [np.empty((0, 2))], [np.empty(0, bool)]
    for low, high, begins, pieces in outlooks(walls, x[order], y[order], inside, limit_m):
        room = 2 * len(pieces)
        vertex_m, is_arc = np.empty((room, 2)), np.empty(room, bool)
        part = (starts[low : high + 1], areas_m2[low:high])
        count = polygons(begins, pieces, limit_m, *part, vertex_m, is_arc)
        vertices_m.append(vertex_m[:count].copy())
        arc.append(is_arc[:count].copy())
    starts, at = put_back(order, starts)
    columns = np.concatenate(vertices_m)[at], np.concatenate(arc)[at]
    return Sights(x, y, limit_m, starts, *columns, areas_m2[was], inside[was])


def outlooks(
    walls: Walls,
    x_m: NDArray[np.float64],
    y_m: NDArray[np.float64],
    inside: NDArray[np.bool_],
    range_m: float,
) -> Iterator[tuple[int, int, NDArray[np.int64], NDArray[np.float64]]]:
    """For block after block of viewpoints low … high - 1 where the pieces begin, and the pieces.

    What a piece is tells `_visibility_kernels`. The pieces are overwritten by the next block.
    """
    from . import _visibility_kernels as kernels

    pieces = np.empty((_FIRST_PIECES, 6))
    order = cell_order(range_m, walls.grid[0])
    x, y = x_m - walls.west_m, y_m - walls.south_m
    for low in range(0, len(x), _BLOCK):
        high = min(low + _BLOCK, len(x))
        begins, state = np.zeros(high - low + 1, np.int64), np.zeros(2, np.int64)
        given = (x[low:high], y[low:high], inside[low:high], range_m, walls.grid, order, begins)
        while not kernels.outlooks(state, *given, pieces):
            pieces = np.concatenate([pieces, np.empty_like(pieces)])
        yield low, high, begins, pieces[: int(state[1])]


def near_together(
    x_m: NDArray[np.float64], y_m: NDArray[np.float64], range_m: float
) -> NDArray[np.intp]:
    """An order of points in which the next is near: in a large city their walls are in cache."""
    return np.lexsort((x_m, np.floor(y_m / range_m)))


def put_back(
    order: NDArray[np.intp], starts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Ragged rows of ordered points in the order given: their starts, and where each entry was."""
    was = np.argsort(order)
    length = np.diff(starts)[was]
    now = np.append(0, np.cumsum(length))
    return now, np.arange(now[-1]) + np.repeat(starts[:-1][was] - now[:-1], length)


def cell_order(range_m: float, side_m: float) -> NDArray[np.int32]:
    """Steps in columns and rows to all cells that the range may reach, from near to far."""
    reach = int(range_m / side_m + 0.5) + 1
    step = np.arange(-reach, reach + 1, dtype=np.int32)
    columns, rows = (part.ravel() for part in np.meshgrid(step, step))
    away = np.hypot(np.maximum(np.abs(columns) - 1, 0), np.maximum(np.abs(rows) - 1, 0))
    middle = np.hypot(columns, rows)
    near = np.flatnonzero((away - 0.5) * side_m <= range_m)
    return np.column_stack([columns, rows])[near[np.argsort(middle[near], kind="stable")]]


def checked_range_m(range_m: float) -> float:
    """The range in metres; `UsageError` where it is no number from 0.1 to 20,000."""
    if not MIN_RANGE_M <= range_m <= MAX_RANGE_M:
        raise UsageError(
            "range_invalid",
            Text("视距不正确", "The range is not valid"),
            where="range",
            got=range_m,
            fix=Text("给出 0.1 到 20000 米", "Give 0.1 to 20000 metres"),
        )
    return float(range_m)


def positions(x_m: ArrayLike, y_m: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Two columns of finite metres of one length, or a `UsageError`."""
    x = np.ascontiguousarray(x_m, dtype=np.float64)
    y = np.ascontiguousarray(y_m, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape:
        words = Text("各列长短不一", "The columns differ in length")
        raise UsageError("lengths_differ", words, where="x_m, y_m", got=f"{x.shape}, {y.shape}")
    bad = np.flatnonzero(~(np.isfinite(x) & np.isfinite(y)))
    if len(bad):
        raise UsageError(
            "position_not_finite",
            Text("坐标不是可用的米数", "A coordinate is no finite number of metres"),
            where=f"row {bad[0]}",
            got=f"{x[bad[0]]}, {y[bad[0]]}",
        )
    return x, y
