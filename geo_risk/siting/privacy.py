"""Headings under which a camera would look into a declared privacy zone."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from .seen import checked_hfov_deg
from .visibility import Sights

_CHORD_M = 0.01
_TOUCH_M = 0.05


def looks_into(
    sights: Sights, zones_m: ArrayLike, heading_deg: ArrayLike, hfov_deg: float
) -> NDArray[np.bool_]:
    """Which viewpoints (rows) would see any of a zone under which headings (columns).

    `zones_m`: shapely polygons in metres. A heading looks in where the seen part of a zone, its
    edge included and widened by 5 cm, reaches into the wedge. What buildings hide of a zone does
    not count, nor what lies beyond the range; give sights among the buildings that are at least
    as high as the camera where lower ones are seen over.
    """
    zones = np.asarray(zones_m, dtype=object)
    headings = np.atleast_1d(np.asarray(heading_deg, float))
    half_deg = checked_hfov_deg(hfov_deg) / 2.0
    found = np.zeros((len(sights), len(headings)), bool)
    points = shapely.points(sights.x_m, sights.y_m)
    tree = shapely.STRtree(zones)
    at, zone = tree.query(points, "dwithin", sights.range_m + _TOUCH_M)
    for row in np.unique(at):
        seen = sights.outline(int(row), _CHORD_M).buffer(_CHORD_M + _TOUCH_M)
        for one in zones[zone[at == row]]:
            if not sights.inside[row] and seen.intersects(one):
                part = seen.intersection(one)
                found[row] |= _within(part, points[row], headings, half_deg)
    return found


def _within(
    part: shapely.Geometry, point: shapely.Point, heading_deg: NDArray[np.float64], half_deg: float
) -> NDArray[np.bool_]:
    """Whether any edge of the part lies within half the field of view of each heading."""
    if half_deg == 180.0 or shapely.dwithin(part, point, _TOUCH_M):
        return np.ones(len(heading_deg), bool)
    parts = shapely.get_parts(part)
    flat = shapely.get_dimensions(parts) == 2
    edges = shapely.get_parts(np.concatenate([shapely.boundary(parts[flat]), parts[~flat]]))
    xy, line = shapely.get_coordinates(edges, return_index=True)
    bearing = np.degrees(np.arctan2(xy[:, 0] - point.x, xy[:, 1] - point.y))
    joined = np.append(line[:-1] == line[1:], False)
    # Each edge is the bearings from its first end on, less than half a turn either way.
    turn = np.where(joined, (np.roll(bearing, -1) - bearing + 180.0) % 360.0 - 180.0, 0.0)
    middle, reach = bearing + turn / 2.0, np.abs(turn) / 2.0 + half_deg
    apart = np.abs((middle - heading_deg[:, None] + 180.0) % 360.0 - 180.0)
    touched: NDArray[np.bool_] = (apart <= reach + 1e-9).any(axis=1)
    return touched
