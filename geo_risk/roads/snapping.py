"""Points on the nearest road: the edge, how far along it, and how far aside the point lies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError, Text
from .network import Floats, Ints, Roads

DEFAULT_SNAP_M = 300.0
_ON_NODE_M = 0.001


@dataclass(frozen=True)
class Snapped:
    """Points on edges, shape (k,) each.

    Attributes
    ----------
    edge : the edge, -1 where none is near enough. `share`: how far along it from u, 0 to 1; a
        point at 0 or 1 is on the node, and may take any road from there.
    aside_m : metres from the point to the road, also where that is too far; NaN where the point
        has no usable position.
    """

    edge: Ints
    share: Floats
    aside_m: Floats

    def __len__(self) -> int:
        return len(self.edge)

    @property
    def far(self) -> Ints:
        """Rows of the points that no road is near enough to."""
        return np.flatnonzero(self.edge < 0)


def snap(
    roads: Roads,
    lon: ArrayLike,
    lat: ArrayLike,
    *,
    limit_m: float = DEFAULT_SNAP_M,
    usable: ArrayLike | None = None,
) -> Snapped:
    """Each point (WGS84 degrees, shape (k,)) on the nearest edge at most `limit_m` away.

    Of equally near edges the first counts. `usable`, bool (m,), says which edges may be taken.
    The way from the point to the road takes no time: `aside_m` is for the reader to judge.
    """
    x_m, y_m = roads.crs.forward(lon, lat)
    rows = np.flatnonzero(np.isfinite(x_m) & np.isfinite(y_m))
    edge = np.full(len(x_m), -1, np.int64)
    share, aside_m = np.full(len(x_m), np.nan), np.full(len(x_m), np.nan)
    of = np.arange(len(roads)) if usable is None else np.flatnonzero(np.asarray(usable, bool))
    if len(rows) and len(of):
        points = shapely.points(x_m[rows], y_m[rows])
        at, near = shapely.STRtree(roads.lines_m[of]).query_nearest(points)
        order = np.lexsort((near, at))
        first = order[np.searchsorted(at[order], np.arange(len(rows)))]
        edge[rows] = of[near[first]]
        lines = roads.lines_m[edge[rows]]
        aside_m[rows] = shapely.distance(points, lines)
        share[rows] = _shares(lines, points)
    beyond = ~(aside_m <= limit_m)
    edge[beyond], share[beyond] = -1, np.nan
    return Snapped(edge, share, aside_m)


def _shares(lines: NDArray[np.object_], points: NDArray[np.object_]) -> Floats:
    """How far along each line its point lies, 0 and 1 within a millimetre of the ends."""
    length_m = shapely.length(lines)
    along_m = shapely.line_locate_point(lines, points)
    along_m[along_m < _ON_NODE_M] = 0.0
    return np.where(along_m > length_m - _ON_NODE_M, 1.0, along_m / length_m)


def position(roads: Roads, snapped: Snapped) -> NDArray[np.object_]:
    """The points on the road in metres (`roads.crs`), shape (k,); None where there is none."""
    found = np.full(len(snapped), None, dtype=object)
    good = snapped.edge >= 0
    lines = roads.lines_m[snapped.edge[good]]
    found[good] = shapely.line_interpolate_point(lines, snapped.share[good], normalized=True)
    return found


def check_near(snapped: Snapped, ids: list[str], limit_m: float) -> None:
    """`InputError` `road_far` naming the points that no road is near enough to."""
    far = snapped.far.tolist()
    if not far:
        return
    named = "、".join(ids[row] for row in far[:10])
    distances = [snapped.aside_m[row] for row in far[:10]]
    got = ", ".join("–" if np.isnan(one) else f"{one:,.0f} m" for one in distances)
    raise InputError(
        "road_far",
        Text(
            f"{len(far)} 个点 {limit_m:g} 米内没有道路",
            f"No road within {limit_m:g} m of {len(far)} points",
        ),
        where=named,
        got=got,
        fix=Text(
            "请核对坐标(WGS84 经度,纬度)和道路范围，或放宽距离",
            "Check the position (WGS84 lon,lat) and the extent of the roads, or allow more metres",
        ),
    )
