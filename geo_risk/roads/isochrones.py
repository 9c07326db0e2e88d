"""How far one gets in some minutes, as areas that nest; the rule is in docs/methods/roads.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from ..datums import geodesic_area_m2
from .graph import RoadGraph
from .network import Lines, Roads, in_degrees
from .reached import Pieces, lines_of, reached, rest_of
from .snapping import Snapped
from .travel import node_times_s

DEFAULT_AROUND_M = 50.0
NEST_M = 0.1
"""How far a longer time's area reaches beyond a shorter one's, so that rounding cannot undo it."""
MOST_HOLE_M2 = 250_000.0
"""A larger hole, over some 500 m across, is land that no road of the file leads to."""
_GRID_DEG = 1e-7


@dataclass(frozen=True)
class Isochrone:
    """What is reached within `limit_s`.

    Attributes
    ----------
    area : valid Polygon or MultiPolygon in WGS84, on a grid of 7 decimals; empty where nothing is
        reached. `area_m2` is on the ellipsoid.
    pieces, length_m : the parts of edges that are reached, and their metres.
    lines : the same as LineStrings in WGS84.
    """

    limit_s: float
    area: shapely.Geometry
    area_m2: float
    pieces: Pieces
    length_m: float
    lines: Lines


def isochrones(
    roads: Roads,
    graph: RoadGraph,
    sites: Snapped,
    limits_s: Sequence[float],
    *,
    around_m: float = DEFAULT_AROUND_M,
) -> list[Isochrone]:
    """One for each time, from the least to the greatest, from whichever site is nearest.

    Each area is the reached road with `around_m` on all sides and the area of the next shorter
    time with 0.1 m around it; holes of at most 0.25 km² are filled where no unreached road lies
    in them.
    """
    ordered = sorted(limits_s)
    node_s = node_times_s(graph, sites, ordered[-1] if ordered else 0.0)
    found: list[Isochrone] = []
    inner, whole = shapely.Polygon(), np.zeros(len(roads), bool)
    for limit_s in ordered:
        pieces = reached(graph, sites, node_s, limit_s)
        lines_m = lines_of(roads, pieces)
        left = lines_of(roads, rest_of(pieces, len(roads)))
        inner = _area_m(lines_m[~whole[pieces.edge]], left, inner, around_m)
        whole[pieces.edge[(pieces.begin == 0) & (pieces.end == 1)]] = True
        area = _in_degrees(roads, inner)
        found.append(
            Isochrone(
                limit_s=limit_s,
                area=area,
                area_m2=geodesic_area_m2(area),
                pieces=pieces,
                length_m=pieces.length_m(roads),
                lines=in_degrees(roads.crs, lines_m),
            )
        )
    return found


def _area_m(
    lines_m: Lines, left: Lines, inner: shapely.Geometry, around_m: float
) -> shapely.Geometry:
    """Around the lines that are new and the area so far, which holds those that are not."""
    # A buffer of all lines at once took ten times as long as the union of their buffers.
    near = shapely.buffer(lines_m, around_m)
    nest = shapely.buffer(inner, NEST_M, join_style="mitre")
    return _filled(shapely.union_all([*near, nest]), left)


def _filled(area: shapely.Geometry, left: Lines) -> shapely.Geometry:
    """With the small holes filled in that touch none of the lines that are left."""
    parts = shapely.get_parts(area)
    rings, of = shapely.get_rings(parts, return_index=True)
    inside = np.ones(len(rings), bool)
    inside[np.searchsorted(of, np.arange(len(parts)))] = False
    holes = shapely.polygons(rings[inside])
    fill = shapely.area(holes) <= MOST_HOLE_M2
    if len(holes) and len(left):
        fill[shapely.STRtree(left).query(holes, predicate="intersects")[0]] = False
    return shapely.union_all([area, *holes[fill]])


def _in_degrees(roads: Roads, area_m: shapely.Geometry) -> shapely.Geometry:
    """In WGS84 with 7 decimals, still valid, rings by the right-hand rule."""
    (area,) = in_degrees(roads.crs, np.array([area_m], dtype=object))
    return shapely.orient_polygons(shapely.set_precision(area, _GRID_DEG), exterior_cw=False)
