"""Fictional residents of each village: blocks with an outline, and settlements known as a point."""

from __future__ import annotations

from functools import cache

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from .city import generator
from .doors import doors
from .enterprises import enterprises
from .hamlets import hamlets
from .towns import town_areas
from .writing import ORIGIN, Row, in_gcj02

PEOPLE_PER_VILLAGE = (3600, 6400)
SHARE_OUTLINED = 0.4
"""How many of the entries have an outline; the others are a point."""
TRIES = 400


def resident_features() -> list[tuple[Row, BaseGeometry]]:
    """Features of population.geojson, GCJ-02: three to six entries a village, none in a plant."""
    rng = generator("population")
    found: list[tuple[Row, BaseGeometry]] = []
    blocks: list[BaseGeometry] = []
    for hamlet in hamlets():
        near = [door for door in doors() if door.hamlet.code == hamlet.code]
        number = int(rng.integers(3, 7))
        shares = rng.dirichlet(np.full(number, 5.0)) * int(rng.integers(*PEOPLE_PER_VILLAGE))
        for rank, people in enumerate(shares, 1):
            at = [(door.x, door.y) for door in near] or [(hamlet.x, hamlet.y)]
            place = _block(at, hamlet.town, blocks, rng)
            blocks.append(place)
            if rng.random() >= SHARE_OUTLINED:
                place = place.centroid
            row: Row = {
                "编号": f"RK{len(found) + 1:04d}",
                "名称": f"{hamlet.name}示例{rank}号居民点",
                "所属镇街": hamlet.town,
                "所属村": hamlet.name,
                "常住人口": max(20, round(float(people))),
                "模拟数据": "是",
                "数据来源": ORIGIN,
            }
            found.append((row, in_gcj02(place)))
    return found


def _block(
    at: list[tuple[float, float]],
    town: str,
    taken: list[BaseGeometry],
    rng: np.random.Generator,
) -> BaseGeometry:
    """A free turned rectangle beside a door of the village, smaller where there is little room."""
    wide, deep = rng.uniform(120, 300), rng.uniform(90, 220)
    for _ in range(TRIES):
        x, y = rng.normal(at[int(rng.integers(len(at)))], 40)
        block = _turned(float(x), float(y), wide / 2, deep / 2, float(rng.uniform(0, np.pi / 2)))
        free = (
            not len(_plants().query(block, "intersects"))
            and not shapely.intersects(block, taken).any()
        )
        if free and town_areas()[town].contains(block):
            return block
        wide, deep = max(wide * 0.97, 30), max(deep * 0.97, 30)
    raise RuntimeError(f"no room for residents in {town}")


def _turned(x: float, y: float, half_x: float, half_y: float, angle: float) -> BaseGeometry:
    ring = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], dtype=float) * (half_x, half_y)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return shapely.polygons(ring @ turn.T + (x, y))


@cache
def _plants() -> shapely.STRtree:
    return shapely.STRtree([one.outline for one in enterprises() if one.outline is not None])
