"""Fictional enterprises inside their towns: places, outlines, names, people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from .city import generator, polygons_of
from .doors import Door, doors_of_town, nearest_door
from .hamlets import hamlets
from .kinds import KINDS, PARK_CENTRES, PORTS, Kind
from .roads import FIRST, roads
from .towns import town_areas

SURNAMES = "陈林王蔡吴李黄郭邱卢谢洪施许高何曾张刘杨"
BRANDS = "达发丽雅美佳顺源辉腾翔邦成诚信益联合旺利茂彩妮尚琦"
SHARE_ADDRESS_ONLY = 0.15
OUTLINE_TRIES = 6
TOWN_ONLY = 6


@dataclass(frozen=True)
class Enterprise:
    """One fictional enterprise; position in the plane, outline or None, how it is placed."""

    code: str
    name: str
    kind: Kind
    town: str
    door: Door
    x: float
    y: float
    people: int
    outline: BaseGeometry | None
    given: str
    """point, address or town: what of its place the register states"""


@cache
def enterprises() -> tuple[Enterprise, ...]:
    """All enterprises, mixed as a register grows, codes in file order."""
    rng = generator("enterprises")
    grounds = {name: polygons_of(area.buffer(-95))[0] for name, area in town_areas().items()}
    sites: list[tuple[Kind, str, float, float, float]] = []
    for kind in KINDS:
        for town, number in kind.towns.items():
            for _ in range(number):
                x, y, size = _site(kind, town, grounds[town], sites, rng)
                sites.append((kind, town, x, y, size))
    order = rng.permutation(len(sites))
    given = _given(len(sites), rng)
    names = _names(rng)
    found = []
    for number, index in enumerate(order):
        kind, town, x, y, size = sites[index]
        found.append(
            _enterprise(number, kind, town, (x, y, size), given=given[number], names=names, rng=rng)
        )
    return tuple(found)


def _given(number: int, rng: np.random.Generator) -> list[str]:
    """15 % have an address only, a few of these no more than the town."""
    given = ["point"] * number
    chosen = rng.choice(number, size=round(SHARE_ADDRESS_ONLY * number), replace=False)
    for rank, index in enumerate(chosen):
        given[index] = "town" if rank < TOWN_ONLY else "address"
    return given


def _enterprise(
    number: int,
    kind: Kind,
    town: str,
    site: tuple[float, float, float],
    *,
    given: str,
    names: Iterator[str],
    rng: np.random.Generator,
) -> Enterprise:
    x, y, size = site
    door = nearest_door(x, y, town)
    if given != "point":
        x, y = door.x, door.y
    people = int(np.exp(rng.uniform(*np.log(kind.people))))
    form = "（个体）" if kind.key in ("workshop", "wholesale") else "有限公司"
    if kind.key in ("fuel", "hotel", "market"):
        form = ""
    name = f"{next(names)}示例{kind.word}{form}"
    outline = _fitting_outline((x, y, size), town, rng) if given == "point" else None
    return Enterprise(f"QY{number + 1:04d}", name, kind, town, door, x, y, people, outline, given)


def _names(rng: np.random.Generator) -> Iterator[str]:
    stems = [a + b for a in FIRST for b in BRANDS if a != b]
    return iter([stems[i] for i in rng.permutation(len(stems))])


def _site(
    kind: Kind,
    town: str,
    ground: BaseGeometry,
    sites: list[tuple[Kind, str, float, float, float]],
    rng: np.random.Generator,
) -> tuple[float, float, float]:
    """A free place on the ground of the town; after 60 tries the distances are relaxed."""
    low, high = kind.size_m
    size = float(rng.uniform(low, high))
    taken = np.array([(s[2], s[3], s[4]) for s in sites if s[1] == town]).reshape(-1, 3)
    for attempt in range(4000):
        x, y = _candidate(kind, town, ground, rng, 1 + attempt / 120)
        if not shapely.contains_xy(ground, x, y) or _on_main_road(x, y, size):
            size = max(low * 0.8, size * 0.995)
            continue
        gaps = np.hypot(taken[:, 0] - x, taken[:, 1] - y) - 0.62 * (taken[:, 2] + size)
        if not len(taken) or gaps.min() > 0:
            return x, y, size
        size = max(low * 0.8, size * 0.985)
    raise RuntimeError(f"no room for {kind.key} in {town}")


@cache
def _main_roads() -> shapely.STRtree:
    return shapely.STRtree([road.line for road in roads() if road.road_class != "local"])


def _on_main_road(x: float, y: float, size: float) -> bool:
    """Whether a site of this size would lie on a trunk or secondary road."""
    return bool(len(_main_roads().query(shapely.Point(x, y), "dwithin", 0.62 * size + 9)))


def _candidate(
    kind: Kind, town: str, ground: BaseGeometry, rng: np.random.Generator, spread: float
) -> tuple[float, float]:
    if kind.zone == "park":
        chosen = [h for h in hamlets() if h.name in PARK_CENTRES[town] and h.town == town]
        at = chosen[int(rng.integers(len(chosen)))]
        x, y = rng.normal((at.x, at.y), 430 * spread)
    elif kind.zone == "port":
        x, y = rng.normal(PORTS[town], 520 * spread)
    elif kind.zone == "roads":
        x, y = _beside_road(ground, rng)
    else:
        door = doors_of_town()[town][int(rng.integers(len(doors_of_town()[town])))]
        x, y = rng.normal((door.x, door.y), 45 * spread)
    return float(x), float(y)


def _beside_road(ground: BaseGeometry, rng: np.random.Generator) -> NDArray[np.float64]:
    lines = [road.line.intersection(ground) for road in roads() if road.road_class != "local"]
    lengths = np.array([line.length for line in lines])
    line = lines[int(rng.choice(len(lines), p=lengths / lengths.sum()))]
    part = max(shapely.get_parts(line), key=lambda one: one.length)
    point = shapely.get_coordinates(part.interpolate(rng.uniform(0, part.length)))[0]
    beside: NDArray[np.float64] = point + rng.normal(0, 38, size=2)
    return beside


def _fitting_outline(
    site: tuple[float, float, float], town: str, rng: np.random.Generator
) -> BaseGeometry | None:
    """An outline inside its town; smaller where the border is near."""
    x, y, size = site
    for _ in range(OUTLINE_TRIES):
        outline = _outline(x, y, size, rng)
        if town_areas()[town].contains(outline):
            return outline
        size *= 0.7
    return None


def _outline(x: float, y: float, size: float, rng: np.random.Generator) -> BaseGeometry:
    """A turned rectangle, sometimes with a corner cut out."""
    half_x, half_y = size / 2, size / 2 * rng.uniform(0.55, 0.95)
    ring = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], dtype=float) * (half_x, half_y)
    if rng.random() < 0.35:
        cut = np.array([(1, 0.2), (0.3, 0.2), (0.3, 1)]) * (half_x, half_y)
        ring = np.vstack([ring[:2], cut, ring[3:]])
    angle = rng.uniform(0, np.pi / 2)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return shapely.polygons(ring @ turn.T + (x, y))
