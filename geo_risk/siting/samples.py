"""Points that stand for roads and areas, each with the length or area that it stands for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from ..errors import Text, UsageError


@dataclass(frozen=True)
class Samples:
    """Points in metres, the row of the road or area each comes from, and what it stands for.

    `weight` is a length in metres or an area in square metres; those of one row sum to its whole.
    """

    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    row: NDArray[np.int64]
    weight: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.x_m)


def road_samples(lines_m: ArrayLike, step_m: float = 5.0) -> Samples:
    """The middles of equal pieces of at most `step_m` of each line, weighted by their length.

    `lines_m`: shapely lines in metres, shape (n,); a line without length has no samples. Raises
    `UsageError` `step_invalid`.
    """
    lines, row = shapely.get_parts(np.asarray(lines_m, dtype=object), return_index=True)
    length_m = shapely.length(lines)
    pieces = np.ceil(length_m / checked_step_m(step_m)).astype(np.int64)
    line, place = spread(pieces)
    piece_m = length_m[line] / pieces[line]
    points = shapely.line_interpolate_point(lines[line], (place + 0.5) * piece_m)
    return Samples(shapely.get_x(points), shapely.get_y(points), row[line], piece_m)


def area_samples(areas_m: ArrayLike, step_m: float = 10.0) -> Samples:
    """The points of a square grid of `step_m` inside each area, weighted by equal shares of it.

    An area that no grid point falls into has one point on it. Raises `UsageError` `step_invalid`.
    """
    areas = np.asarray(areas_m, dtype=object)
    step = checked_step_m(step_m)
    points, rows = [], []
    for row, area in enumerate(areas):
        west, south, east, north = area.bounds if not area.is_empty else (0.0, 0.0, 0.0, 0.0)
        x = np.arange(np.floor(west / step), np.ceil(east / step)) * step + step / 2.0
        y = np.arange(np.floor(south / step), np.ceil(north / step)) * step + step / 2.0
        grid = shapely.points(*(part.ravel() for part in np.meshgrid(x, y)))
        shapely.prepare(area)
        inside = grid[shapely.contains(area, grid)]
        if not len(inside) and not area.is_empty:
            inside = np.array([shapely.point_on_surface(area)])
        points.append(inside)
        rows.append(np.full(len(inside), row, np.int64))
    found = np.concatenate([np.empty(0, object), *points])
    row_of = np.concatenate([np.empty(0, np.int64), *rows])
    share = shapely.area(areas)[row_of] / np.bincount(row_of, minlength=len(areas))[row_of]
    return Samples(shapely.get_x(found), shapely.get_y(found), row_of, share)


def spread(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row numbers, each as often as it counts, and the place of each within its row."""
    row = np.repeat(np.arange(len(counts)), counts)
    return row, np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)


def checked_step_m(step_m: float) -> float:
    """The step in metres; `UsageError` where it is no number from 0.1 to 10,000."""
    if not 0.1 <= step_m <= 10_000.0:
        words = Text("间距不正确", "The spacing is not valid")
        fix = Text("给出 0.1 到 10000 米", "Give 0.1 to 10000 metres")
        raise UsageError("step_invalid", words, where="step", got=step_m, fix=fix)
    return float(step_m)
