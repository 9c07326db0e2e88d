"""People around one plant, counted on the ellipsoid: slow, in degrees, written to be read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import shapely
from pyproj import Geod, Transformer

GEOD = Geod(ellps="WGS84")
ARC_CORNERS = 2000
"""Corners of a quarter circle."""


@dataclass(frozen=True)
class Around:
    """How many places lie in the zone, their people, those without a number, people of areas."""

    places: int
    place_people: float
    places_unknown: int
    area_people: float


def people_around(
    plant: shapely.Geometry,
    places: list[tuple[shapely.Geometry, float | None]],
    areas: list[tuple[shapely.Geometry, float]],
    radius_m: float = 500.0,
) -> Around:
    """Everything in WGS84 degrees; None people are not known."""
    number, people, unknown = 0, 0.0, 0
    for place, here in places:
        if _inside(plant, place) or geodesic_gap_m(plant, place) > radius_m:
            continue
        number += 1
        if here is None:
            unknown += 1
        else:
            people += here
    spread = sum(here * share_in_zone(plant, area, radius_m) for area, here in areas)
    return Around(number, people, unknown, spread)


def _inside(plant: shapely.Geometry, place: shapely.Geometry) -> bool:
    """Wholly within the plant's outline; on the fence is outside."""
    return plant.geom_type != "Point" and plant.covers(place) and not plant.touches(place)


def geodesic_gap_m(one: shapely.Geometry, other: shapely.Geometry) -> float:
    """The shortest geodesic between two geometries: of all corners of either to the other's edges.

    Two segments that do not cross are nearest at an end of one of them.
    """
    if one.intersects(other):
        return 0.0
    gaps = [_to_edges_m(corner, other) for corner in shapely.get_coordinates(one)]
    gaps += [_to_edges_m(corner, one) for corner in shapely.get_coordinates(other)]
    return min(gaps)


def _to_edges_m(corner: np.ndarray, shape: shapely.Geometry) -> float:
    """From a corner to each edge, by halving the edge's most promising part again and again."""
    ring = shapely.get_coordinates(shape)
    if len(ring) == 1:
        return _metres(corner, ring[0])
    return min(_to_edge_m(corner, a, b) for a, b in pairwise(ring))


def _to_edge_m(corner: np.ndarray, a: np.ndarray, b: np.ndarray) -> float:
    low, high = 0.0, 1.0
    for _ in range(40):
        left, right = low + (high - low) / 3, high - (high - low) / 3
        if _metres(corner, a + left * (b - a)) < _metres(corner, a + right * (b - a)):
            high = right
        else:
            low = left
    middle = (low + high) / 2
    return min(_metres(corner, a), _metres(corner, b), _metres(corner, a + middle * (b - a)))


def _metres(one: np.ndarray, other: np.ndarray) -> float:
    return float(GEOD.inv(one[0], one[1], other[0], other[1])[2])


def share_in_zone(plant: shapely.Geometry, area: shapely.Geometry, radius_m: float) -> float:
    """Geodesic area of the part in the zone by that of the whole.

    The zone is drawn in a plane around the plant's centre, true to distance there (to 1e-8
    within some kilometres), and carried back to degrees.
    """
    centre = plant.centroid
    if geodesic_gap_m(centre, area) > radius_m + _reach_m(plant):
        return 0.0
    plane = _plane(round(centre.x, 7), round(centre.y, 7))
    here = shapely.transform(plant, lambda at: np.column_stack(plane.transform(*at.T)))
    zone = shapely.difference(here.buffer(radius_m, quad_segs=ARC_CORNERS), here)
    back = shapely.transform(
        zone, lambda at: np.column_stack(plane.transform(*at.T, direction="INVERSE"))
    )
    return _area_m2(area.intersection(back)) / _area_m2(area)


def share_by_sampling(
    plant: shapely.Geometry, area: shapely.Geometry, radius_m: float, side: int = 40
) -> float:
    """The same by a grid of points over the area, each measured by a geodesic."""
    west, south, east, north = area.bounds
    steps = (np.arange(side) + 0.5) / side
    lon, lat = np.meshgrid(west + steps * (east - west), south + steps * (north - south))
    points = shapely.points(lon.ravel(), lat.ravel())
    inside = [point for point in points[shapely.contains(area, points)]]
    hits = [p for p in inside if not _inside(plant, p) and geodesic_gap_m(plant, p) <= radius_m]
    return len(hits) / len(inside)


def _reach_m(plant: shapely.Geometry) -> float:
    centre = shapely.get_coordinates(plant.centroid)[0]
    return max(_metres(centre, corner) for corner in shapely.get_coordinates(plant))


@lru_cache(maxsize=256)
def _plane(lon: float, lat: float) -> Transformer:
    target = f"+proj=aeqd +lat_0={lat} +lon_0={lon} +ellps=WGS84 +units=m"
    return Transformer.from_crs("EPSG:4326", target, always_xy=True)


def _area_m2(shape: shapely.Geometry) -> float:
    total = 0.0
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon" and not part.is_empty:
            total += abs(GEOD.geometry_area_perimeter(shapely.geometry.polygon.orient(part))[0])
    return total


def whole(people: float) -> int:
    """Rounded up to a whole person."""
    return math.ceil(people - 1e-6)
