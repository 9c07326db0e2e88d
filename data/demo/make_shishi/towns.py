"""Approximate town areas: known bounding boxes, a cost for each, borders drawn where costs meet."""

from __future__ import annotations

from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from .city import ZONE_CODE, city_plane, generator, polygons_of, rows, to_plane, town_units

STEP_M = 60.0
WIGGLE = {4100.0: 0.05, 2300.0: 0.035, 1250.0: 0.022, 700.0: 0.012}
"""Wavelength in metres to the disturbance of a cost: a border follows streams and field paths."""
ESTIMATED_BOXES = {
    "湖滨街道": (118.5920, 24.7240, 118.6270, 24.7660),
    "永宁镇": (118.6400, 24.6600, 118.7270, 24.7130),
}
"""Two towns without a known box: our estimate, next to 凤里 and around GeoNames' Yongning."""
EXTRA_BOXES = {"蚶江镇": (118.6960, 24.7930, 118.7420, 24.8300)}
"""The northern headland with its port is 蚶江's: its box reaches the headland's very tip."""


def _boxes() -> dict[str, tuple[float, float, float, float]]:
    known = {
        row["name"]: (
            float(row["min_lon"]),
            float(row["min_lat"]),
            float(row["max_lon"]),
            float(row["max_lat"]),
        )
        for row in rows("town_bboxes_sizhi.csv")
    }
    return {**known, **ESTIMATED_BOXES}


def _costs(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """The distance of each point to each town's box centre, in half-sizes, gently disturbed."""
    boxes, rng = _boxes(), generator("towns")
    costs = []
    for town in areas_of():
        cost = _box_cost(boxes[town], x, y)
        if town in EXTRA_BOXES:
            cost = np.minimum(cost, _box_cost(EXTRA_BOXES[town], x, y))
        for wave_m, height in WIGGLE.items():
            angle, phase = rng.uniform(0, np.pi), rng.uniform(0, 2 * np.pi)
            along = (x * np.cos(angle) + y * np.sin(angle)) / wave_m * 2 * np.pi
            cost = cost + height * np.sin(along + phase)
        costs.append(cost)
    return np.array(costs)


def _box_cost(
    box: tuple[float, float, float, float], x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.float64]:
    corners = to_plane(np.array([box[:2], box[2:]]))
    centre, half = corners.mean(axis=0), (corners[1] - corners[0]) / 2
    dx, dy = np.abs(x - centre[0]) / half[0], np.abs(y - centre[1]) / half[1]
    cost: NDArray[np.float64] = (dx**6 + dy**6) ** (1 / 6)
    return cost


def areas_of() -> tuple[str, ...]:
    """The names of the towns that have ground."""
    return tuple(town.name for town in town_units() if town.code != ZONE_CODE)


def _label(points: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.argmin(_costs(points[:, 0], points[:, 1]), axis=0)


def _borders() -> list[LineString]:
    """Smooth lines where the cheapest town changes, on a grid wider than the city."""
    west, south, east, north = city_plane().bounds
    x = np.arange(west - 900, east + 900, STEP_M)
    y = np.arange(south - 900, north + 900, STEP_M)
    grid_x, grid_y = np.meshgrid(x, y)
    labels = _label(np.column_stack([grid_x.ravel(), grid_y.ravel()])).reshape(grid_x.shape)
    half = STEP_M / 2
    edges = []
    for row, column in np.argwhere(labels[:, 1:] != labels[:, :-1]):
        at = x[column] + half
        edges.append([(at, y[row] - half), (at, y[row] + half)])
    for row, column in np.argwhere(labels[1:] != labels[:-1]):
        at = y[row] + half
        edges.append([(x[column] - half, at), (x[column] + half, at)])
    merged = shapely.line_merge(shapely.set_precision(shapely.multilinestrings(edges), 0.5))
    return [_smooth(line) for line in shapely.get_parts(merged)]


def _smooth(line: LineString) -> LineString:
    """A drawn-looking line with the same ends: thinned, then its corners cut three times."""
    points = shapely.get_coordinates(line.simplify(STEP_M * 1.6))
    for _ in range(3):
        if len(points) < 3:
            break
        first, second = (
            points[:-1] * 0.75 + points[1:] * 0.25,
            points[:-1] * 0.25 + points[1:] * 0.75,
        )
        inner = np.stack([first, second], axis=1).reshape(-1, 2)[1:-1]
        points = np.vstack([points[:1], inner, points[-1:]])
    return LineString(points)


@cache
def town_areas() -> dict[str, BaseGeometry]:
    """Town name to its approximate area in the plane; together they tile the city exactly."""
    lines = [*_borders(), shapely.boundary(city_plane())]
    noded = shapely.union_all(lines, grid_size=0.5)
    inside = shapely.buffer(city_plane(), 1.0)
    faces = [f for f in shapely.get_parts(shapely.polygonize([noded])) if _within(f, inside)]
    names = areas_of()
    at = np.array([face.representative_point().coords[0] for face in faces])
    parts: dict[str, list[Polygon]] = {name: [] for name in names}
    for face, label in zip(faces, _label(at), strict=True):
        parts[names[label]].append(face)
    _give_fragments_away(parts)
    return {name: _union(found) for name, found in parts.items()}


def _within(face: Polygon, inside: BaseGeometry) -> bool:
    return bool(inside.contains(face.representative_point()))


def _union(parts: list[Polygon]) -> BaseGeometry:
    merged = shapely.coverage_union_all(parts)
    return MultiPolygon(polygons_of(merged)) if merged.geom_type != "Polygon" else merged


def _give_fragments_away(parts: dict[str, list[Polygon]]) -> None:
    """A piece cut off from its town joins the neighbour it shares the longest border with."""
    for name, found in parts.items():
        groups = polygons_of(shapely.union_all(found))
        kept = groups[0]
        for face in list(found):
            if kept.covers(face.representative_point()):
                continue
            shared = {
                other: shapely.union_all(faces).intersection(face.exterior).length
                for other, faces in parts.items()
                if other != name
            }
            best = max(shared, key=shared.__getitem__)
            if shared[best] > 0:
                found.remove(face)
                parts[best].append(face)


def town_at(points: NDArray[np.float64]) -> list[str | None]:
    """The town of each point of the plane, None at sea or abroad."""
    areas = town_areas()
    result: list[str | None] = [None] * len(points)
    for name, area in areas.items():
        shapely.prepare(area)
        for index in np.flatnonzero(shapely.contains_xy(area, points[:, 0], points[:, 1])):
            result[index] = name
    return result
