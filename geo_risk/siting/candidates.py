"""Places where a camera could hang: on poles along roads, on façades, at given points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from ..errors import Text, UsageError
from .samples import checked_step_m, spread
from .visibility import positions
from .walls import Walls


@dataclass(frozen=True)
class Candidates:
    """Places in metres outside all buildings, and the row each comes from.

    `inside` lists the rows of places that were left out as they stand inside a building (once for
    each such place).
    """

    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    row: NDArray[np.int64]
    inside: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.x_m)


def along_roads(
    among: Walls, lines_m: ArrayLike, every_m: float, kerb_m: float = 0.0
) -> Candidates:
    """Poles along each line, at most `every_m` apart, both ends included.

    With `kerb_m` they stand so far from the line, by turns to its right and its left. Lines in
    metres, shape (n,); what comes of several lines meeting stands once (to a centimetre). Raises
    `UsageError` `step_invalid`, `kerb_invalid`.
    """
    if not 0.0 <= kerb_m <= 100.0:
        words, fix = Text("路侧距离不正确", "The offset is not valid"), Text("0–100", "0 to 100")
        raise UsageError("kerb_invalid", words, where="kerb", got=kerb_m, fix=fix)
    parts, source = shapely.get_parts(np.asarray(lines_m, dtype=object), return_index=True)
    length_m = shapely.length(parts)
    pieces = np.ceil(length_m / checked_step_m(every_m)).astype(np.int64)
    part, place = spread(np.where(length_m > 0, pieces + 1, 0))
    at_m = length_m[part] * place / np.maximum(pieces[part], 1)
    x, y = _beside(parts[part], at_m, np.where(place % 2, -kerb_m, kerb_m))
    return outside(among, *_once(x, y, source[part]))


def on_facades(among: Walls, every_m: float, push_m: float = 0.5) -> Candidates:
    """Places along the outer rings of all buildings, pushed outwards by `push_m`.

    At most `every_m` apart, and at each corner of the pushed outline. `row` is the row given to
    `buildings`. Places inside another building are left out. Raises `UsageError` `step_invalid`.
    """
    every = checked_step_m(every_m)
    pushed = shapely.buffer(among.of.outline_m, checked_step_m(push_m), join_style="mitre")
    parts, building = shapely.get_parts(pushed, return_index=True)
    rings = shapely.segmentize(shapely.get_exterior_ring(parts), every)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    rows = among.of.row[building[ring]]
    return outside(among, *_once(xy[:, 0], xy[:, 1], rows))


def at_points(among: Walls, x_m: ArrayLike, y_m: ArrayLike) -> Candidates:
    """Given points, shape (n,); raises `UsageError` `lengths_differ`, `position_not_finite`."""
    x, y = positions(x_m, y_m)
    return outside(among, x, y, np.arange(len(x)))


def outside(
    among: Walls, x_m: NDArray[np.float64], y_m: NDArray[np.float64], row: NDArray[np.int64]
) -> Candidates:
    """Those that stand inside no building; on a wall counts as outside."""
    inside = among.inside(x_m, y_m)
    return Candidates(x_m[~inside], y_m[~inside], row[~inside], row[inside])


def _beside(
    lines: NDArray[np.object_], at_m: NDArray[np.float64], right_m: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points along lines, moved to the right of their direction there."""
    here = shapely.get_coordinates(shapely.line_interpolate_point(lines, at_m))
    half_m = np.minimum(0.5, shapely.length(lines) / 2.0)
    low = np.maximum(at_m - half_m, 0.0)
    before = shapely.get_coordinates(shapely.line_interpolate_point(lines, low))
    after = shapely.get_coordinates(shapely.line_interpolate_point(lines, low + 2 * half_m))
    along = after - before
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    return here[:, 0] + right_m * along[:, 1], here[:, 1] - right_m * along[:, 0]


def _once(
    x_m: NDArray[np.float64], y_m: NDArray[np.float64], row: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """The first of places that agree to a centimetre, in the order given."""
    cells = np.round(np.column_stack([x_m, y_m]), 2)
    first = np.sort(np.unique(cells, axis=0, return_index=True)[1])
    return x_m[first], y_m[first], row[first]
