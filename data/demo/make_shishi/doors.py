"""The synthetic standard address register: doors along the synthetic roads."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray

from .hamlets import Hamlet, hamlets, nearest_hamlet
from .roads import Road, roads
from .towns import town_areas, town_at

DOOR_GAP_M = 38.0
SETBACK_M = 13.0
DOORS_PER_VILLAGE = 32


@dataclass(frozen=True)
class Door:
    """One synthetic door; `number` without 号, position in the plane."""

    code: str
    road: str
    number: int
    hamlet: Hamlet
    x: float
    y: float

    @property
    def address(self) -> str:
        """As a clerk writes it."""
        return f"石狮市{self.hamlet.town}{self.hamlet.name}{self.road}{self.number}号"


@cache
def doors() -> tuple[Door, ...]:
    """About 4,000 doors, at most `DOORS_PER_VILLAGE` in a village."""
    by_village: dict[str, list[tuple[Road, int, Hamlet, float, float]]] = defaultdict(list)
    areas = {name: area.buffer(-30) for name, area in town_areas().items()}
    for road in sorted(roads(), key=lambda road: road.zone < 0):
        points, numbers = _along(road)
        for (x, y), number, town in zip(points, numbers, town_at(points), strict=True):
            if town is None or not shapely.contains_xy(areas[town], x, y):
                continue
            hamlet = _hamlet_of(road, np.array([x, y]), town)
            if hamlet is not None:
                by_village[hamlet.code].append((road, number, hamlet, x, y))
    found: list[Door] = []
    for hamlet in hamlets():
        some = by_village[hamlet.code]
        for index in np.unique(np.linspace(0, len(some) - 1, DOORS_PER_VILLAGE).round()):
            road, number, owner, x, y = some[int(index)]
            code = f"DZ{len(found) + 1:05d}"
            found.append(Door(code, road.name, number, owner, float(x), float(y)))
    return tuple(found)


def _hamlet_of(road: Road, point: NDArray[np.float64], town: str) -> Hamlet | None:
    """The hamlet of a lane is its own; along a main road it is the nearest within 1,200 m."""
    if road.zone >= 0:
        owner = hamlets()[road.zone]
        return owner if owner.town == town else None
    owner = nearest_hamlet(point, town)
    return owner if np.hypot(owner.x - point[0], owner.y - point[1]) < 1200 else None


def _along(road: Road) -> tuple[NDArray[np.float64], list[int]]:
    """Odd numbers left, even numbers right, rising along the longest piece."""
    line = max(shapely.get_parts(road.line), key=lambda part: part.length)
    at = np.arange(DOOR_GAP_M / 2, line.length - 5, DOOR_GAP_M)
    on = shapely.get_coordinates(shapely.line_interpolate_point(line, at))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(line, at + 4))
    forward = (ahead - on) / np.linalg.norm(ahead - on, axis=1)[:, None]
    left = forward[:, ::-1] * (-1, 1) * SETBACK_M
    points = np.stack([on + left, on - left], axis=1).reshape(-1, 2)
    return points, list(range(1, len(points) + 1))


@cache
def doors_of_town() -> dict[str, list[Door]]:
    """The doors of each town."""
    found: dict[str, list[Door]] = defaultdict(list)
    for door in doors():
        found[door.hamlet.town].append(door)
    return dict(found)


def nearest_door(x: float, y: float, town: str) -> Door:
    """The nearest door of the same town."""
    return min(doors_of_town()[town], key=lambda door: (door.x - x) ** 2 + (door.y - y) ** 2)
