"""Fictional buildings: halls on the plots of enterprises, rows of houses along the streets.

As in a real survey, the ground is mapped where something was looked for: the streets around
enterprises have their houses, the open country has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from .city import city_plane, generator, in_degrees
from .enterprises import Enterprise, enterprises
from .hamlets import CORE
from .roads import Road, roads
from .writing import Row

Floats = NDArray[np.float64]

HOUSES = 1450
CLEAR_M = {"trunk": 11.0, "secondary": 8.0, "local": 5.0}
"""From the middle of a road to the nearest wall, the simplified line of the file allowed for."""
APART_M = 2.5
SHORE_M = 20.0
AROUND_M = 260.0
"""Streets with the most enterprises so near are the first of their town to be given houses."""
CORE_M = 2600.0
LOWEST_M, HIGHEST_M = 3.0, 30.0
STOREY_M = {"house": 3.2, "apartments": 3.0, "industrial": 4.2, "warehouse": 6.0, "retail": 4.0}

TALL = {
    "garment": ("industrial", 3, 5), "dyeing": ("industrial", 2, 4),
    "printing": ("industrial", 2, 4), "hotel": ("apartments", 6, 9),
    "market": ("retail", 1, 2), "wholesale": ("retail", 2, 4),
    "workshop": ("house", 2, 4), "fuel": ("retail", 1, 1),
}  # fmt: skip
"""Use and levels of the halls of a kind; those not named are one storey of a warehouse."""


@dataclass(frozen=True)
class Building:
    """A rectangle in the plane, its use as OpenStreetMap words it, levels and height."""

    outline: BaseGeometry
    use: str
    levels: int
    height_m: float


def building_features() -> list[tuple[Row, BaseGeometry]]:
    """Features of buildings.geojson, WGS84: halls first, then houses."""
    found: list[tuple[Row, BaseGeometry]] = []
    for one in buildings():
        row: Row = {
            "code": f"JZ{len(found) + 1:04d}",
            "building": one.use,
            "levels": one.levels,
            "height": one.height_m,
            "synthetic": True,
        }
        found.append((row, in_degrees(one.outline)))
    return found


@cache
def buildings() -> tuple[Building, ...]:
    """All buildings: none over a road, none over another, houses on nobody's plot."""
    rng = generator("buildings")
    halls = [hall for one in enterprises() if one.outline is not None for hall in _halls(one, rng)]
    return (*halls, *_houses(rng))


def _built(outline: BaseGeometry, use: str, levels: int, rng: np.random.Generator) -> Building:
    height_m = levels * STOREY_M[use] + rng.uniform(0.3, 1.8)
    return Building(outline, use, levels, round(float(np.clip(height_m, LOWEST_M, HIGHEST_M)), 1))


def _halls(owner: Enterprise, rng: np.random.Generator) -> Iterator[Building]:
    """One to three halls side by side on a plot, each clear of the roads that cross it."""
    use, least, most = TALL.get(owner.kind.key, ("warehouse", 1, 1))
    corners = shapely.get_coordinates(owner.outline)
    along, across = corners[1] - corners[0], corners[-2] - corners[0]
    long_m, deep_m = float(np.hypot(*along)), float(np.hypot(*across))
    bays = int(np.clip(round(long_m / 45), 1, 3))
    margin_m, gap_m = min(5.0, 0.1 * deep_m), 8.0
    wide_m = (long_m - 2 * margin_m - (bays - 1) * gap_m) / bays
    axes = np.array([along / long_m, across / deep_m])
    for bay in range(bays):
        start_m = margin_m + bay * (wide_m + gap_m)
        share = rng.uniform(0.55, 0.95)
        far_m = margin_m + (deep_m - 2 * margin_m) * share
        hall = _fitted(corners[0], axes, (start_m, margin_m, start_m + wide_m, far_m), owner)
        if hall is not None:
            yield _built(hall, use, int(rng.integers(least, most + 1)), rng)


def _fitted(
    origin: Floats, axes: Floats, box: tuple[float, float, float, float], owner: Enterprise
) -> BaseGeometry | None:
    """A box of the plot's own axes, made smaller until it lies on the plot and off the roads."""
    west, south, east, north = box
    for _ in range(8):
        hall = _rectangle(origin, axes, (west, south, east, north))
        if shapely.contains(owner.outline, hall) and _clear(np.array([hall]))[0]:
            return hall
        east, north = west + 0.8 * (east - west), south + 0.8 * (north - south)
        if min(east - west, north - south) < 5:
            return None
    return None


def _rectangle(
    origin: Floats, axes: Floats, box: tuple[float, float, float, float]
) -> BaseGeometry:
    west, south, east, north = box
    ring = np.array([(west, south), (east, south), (east, north), (west, north)])
    return shapely.polygons(ring @ axes + origin)


@cache
def _roads_of(road_class: str) -> shapely.STRtree:
    return shapely.STRtree([road.line for road in roads() if road.road_class == road_class])


def _clear(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Which shapes stand off every road by what its class needs, shape (n,)."""
    free = np.ones(len(shapes), dtype=bool)
    for road_class, clear_m in CLEAR_M.items():
        free[_roads_of(road_class).query(shapes, "dwithin", clear_m)[0]] = False
    return free


def _houses(rng: np.random.Generator) -> Iterator[Building]:
    """Rows of houses on free ground."""
    rows = np.array([row for road in roads() for row in _rows(road, rng)], dtype=object)
    rows = rows[shapely.contains(city_plane().buffer(-SHORE_M), rows) & _clear(rows)]
    plots = [one.outline.buffer(APART_M) for one in enterprises() if one.outline is not None]
    taken = np.zeros(len(rows), dtype=bool)
    taken[shapely.STRtree(plots).query(rows, "intersects")[0]] = True
    rows = rows[~taken]
    rows = rows[_in_turn(rows)]
    first, second = shapely.STRtree(rows).query(rows, "dwithin", APART_M)
    beside: dict[int, list[int]] = {}
    for one, other in zip(first.tolist(), second.tolist(), strict=True):
        if other < one:
            beside.setdefault(one, []).append(other)
    chosen: set[int] = set()
    for index, row in enumerate(rows):
        if len(chosen) == HOUSES:
            break
        if chosen.isdisjoint(beside.get(index, ())):
            chosen.add(index)
            yield _house(row, rng)


def _in_turn(rows: NDArray[np.object_]) -> NDArray[np.int64]:
    """The rows in the order of building: streets with most enterprises around first.

    Towns take turns, each as often as it has enterprises.
    """
    owners = enterprises()
    tree = shapely.STRtree([shapely.Point(one.x, one.y) for one in owners])
    around = np.bincount(tree.query(rows, "dwithin", AROUND_M)[0], minlength=len(rows))
    town = np.array([one.town for one in owners])
    of_row = town[tree.nearest(rows)]
    turn = np.empty(len(rows))
    for name in dict.fromkeys(town.tolist()):
        own = np.flatnonzero(of_row == name)
        own = own[np.argsort(-around[own], kind="stable")]
        turn[own] = np.arange(1, len(own) + 1) / (town == name).sum()
    order: NDArray[np.int64] = np.argsort(turn, kind="stable")
    return order


def _house(row: BaseGeometry, rng: np.random.Generator) -> Building:
    """Flats in the town's middle, houses of some storeys elsewhere."""
    x, y = shapely.get_coordinates(row)[0]
    if np.hypot(x - CORE[0], y - CORE[1]) < CORE_M and rng.random() < 0.5:
        return _built(row, "apartments", int(rng.integers(5, 9)), rng)
    return _built(row, "house", int(rng.integers(2, 6)), rng)


def _rows(road: Road, rng: np.random.Generator) -> Iterator[BaseGeometry]:
    """Rectangles on both sides of a road, their fronts in a line."""
    setback_m = CLEAR_M[road.road_class] + 1.0
    for part in shapely.get_parts(road.line):
        for side in (-1.0, 1.0):
            at = rng.uniform(6, 16)
            while at < part.length - 30:
                long_m, deep_m = rng.uniform(18, 44), rng.uniform(9.5, 13)
                ends = shapely.get_coordinates(part.interpolate([at, at + long_m]))
                along = ends[1] - ends[0]
                length_m = float(np.hypot(*along))
                axes = np.array([along, side * along[::-1] * (-1, 1)]) / length_m
                yield _rectangle(ends[0], axes, (0, setback_m, length_m, setback_m + deep_m))
                at += long_m + rng.uniform(4, 14)
