"""Places along the roads where a site could stand: junctions first, no two too near."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ..errors import InputError, Text, UsageError
from .network import Floats, Ints, Roads

LEAST_SPACING_M, MOST_SPACING_M = 10.0, 50_000.0
MOST_PLACES = 20_000
NOT_ALONG = ("motorway", "motorway_link")
"""Roads that nobody may build at."""


def places_along(roads: Roads, spacing_m: float) -> tuple[Floats, Floats]:
    """Longitude and latitude of places on the roads, at least `spacing_m` (straight) apart.

    Tried are the nodes, those of most roads first, then points at most `spacing_m` apart along
    each edge; each is kept unless a kept one is nearer. Every road that is used lies within
    1.5 `spacing_m` of one. Raises `UsageError` `spacing_invalid`; `InputError` `places_too_many`
    over 20,000.
    """
    if not LEAST_SPACING_M <= spacing_m <= MOST_SPACING_M:
        raise UsageError(
            "spacing_invalid",
            Text("间距不正确", "The spacing is not valid"),
            where="--spacing",
            got=f"{spacing_m:g}",
            fix=Text("10 到 50000 米", "From 10 to 50000 metres"),
        )
    used = ~np.isin(roads.road_class.astype(str), NOT_ALONG)
    nodes = _nodes(roads, used)
    x_m, y_m = roads.crs.forward(roads.lon[nodes], roads.lat[nodes])
    tried = np.vstack([np.column_stack([x_m, y_m]), _between(roads.lines_m[used], spacing_m)])
    kept = _thinned(tried, spacing_m)
    if len(kept) > MOST_PLACES:
        raise InputError(
            "places_too_many",
            Text("沿路候选点过多", "Too many places along the roads"),
            where="--spacing",
            got=f"{len(kept)} > {MOST_PLACES}",
            fix=Text("加大间距", "Space them wider"),
        )
    return roads.crs.inverse(tried[kept, 0], tried[kept, 1])


def _nodes(roads: Roads, used: NDArray[np.bool_]) -> Ints:
    """Nodes of these edges, those of most edges first."""
    degree = np.bincount(np.concatenate([roads.u[used], roads.v[used]]), minlength=len(roads.lon))
    order = np.argsort(-degree, kind="stable")
    return order[degree[order] > 0]


def _between(lines_m: NDArray[np.object_], spacing_m: float) -> Floats:
    """Points inside each line that cut it into equal pieces of at most `spacing_m`."""
    length_m = shapely.length(lines_m)
    pieces = np.maximum(1, np.ceil(length_m / spacing_m).astype(np.int64))
    line = np.repeat(np.arange(len(lines_m)), pieces - 1)
    first = np.repeat(np.cumsum(pieces - 1) - (pieces - 1), pieces - 1)
    share = (np.arange(len(line)) - first + 1) / pieces[line]
    points = shapely.line_interpolate_point(lines_m[line], share, normalized=True)
    return np.asarray(shapely.get_coordinates(points)).reshape(-1, 2)


def _thinned(xy_m: Floats, spacing_m: float) -> Ints:
    """Rows of places in their order, without those nearer than `spacing_m` to one before."""
    near = cKDTree(xy_m)
    gone = np.zeros(len(xy_m), bool)
    kept: list[int] = []
    for row in range(len(xy_m)):
        if not gone[row]:
            kept.append(row)
            gone[near.query_ball_point(xy_m[row], spacing_m * (1 - 1e-12))] = True
    return np.array(kept, np.int64)
