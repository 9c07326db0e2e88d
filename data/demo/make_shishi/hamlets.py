"""A synthetic position for each village, used only to lay out streets and addresses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray

from .city import ZONE_CODE, generator, polygons_of, town_units, villages
from .towns import town_areas

CORE = np.array([-5950.0, 250.0])
"""The centre of the built-up area, between 凤里 and 湖滨, metres."""


@dataclass(frozen=True)
class Hamlet:
    """A village's invented centre in the plane; never written as the village's geometry."""

    code: str
    name: str
    town: str
    town_code: str
    x: float
    y: float


@cache
def hamlets() -> tuple[Hamlet, ...]:
    """One for each village with ground, spread evenly inside its town."""
    rng, found = generator("hamlets"), []
    areas = town_areas()
    for town in town_units():
        if town.code == ZONE_CODE:
            continue
        members = [v for v in villages() if v.parent == town.code]
        places = _spread(polygons_of(areas[town.name])[0].buffer(-180), len(members), rng)
        for village, (x, y) in zip(members, places, strict=True):
            found.append(Hamlet(village.code, village.short, town.name, town.code, x, y))
    return tuple(found)


def _spread(area: shapely.Polygon, number: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Points far from each other: of 24 candidates take the one farthest from those chosen."""
    west, south, east, north = area.bounds
    chosen = np.empty((0, 2))
    while len(chosen) < number:
        points = rng.uniform((west, south), (east, north), size=(600, 2))
        points = points[shapely.contains_xy(area, points[:, 0], points[:, 1])][:24]
        if not len(chosen):
            chosen = points[:1]
            continue
        gaps = np.linalg.norm(points[:, None] - chosen[None], axis=2).min(axis=1)
        chosen = np.vstack([chosen, points[np.argmax(gaps)]])
    return chosen


def hamlet_array() -> NDArray[np.float64]:
    """The positions of all hamlets, shape (n, 2), metres."""
    return np.array([(h.x, h.y) for h in hamlets()])


def nearest_hamlet(point: NDArray[np.float64], town: str) -> Hamlet:
    """The nearest hamlet of the same town."""
    return min(
        (h for h in hamlets() if h.town == town),
        key=lambda h: (h.x - point[0]) ** 2 + (h.y - point[1]) ** 2,
    )
