"""A plausible network: long roads through the villages, street grids where people live."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from .city import all_towns, all_villages, city_plane, generator
from .hamlets import CORE, hamlet_array, hamlets

FIRST = "鸿锦金海嘉祥德瑞兴泰隆宏源丰华盛新凯润荣恒裕福康安顺吉庆和宁昌盈聚汇信达远腾耀旭晟铭"
SECOND = "锦港湾川岭岩泉溪屿浦澜帆潮鸥榕棠桐梅兰桂枫莲荷云霞辉晖曦岚洲渚汀埭涛沧澄清翠碧丹彩虹星月"


@dataclass(frozen=True)
class Road:
    """A synthetic road in the plane; `zone` is the hamlet it belongs to, or −1."""

    name: str
    road_class: str
    line: BaseGeometry
    zone: int = -1


def _names() -> list[str]:
    """Two-character stems that no town or village of Quanzhou has."""
    real = "、".join(division.name for division in (*all_towns(), *all_villages()))
    stems = [a + b for a in FIRST for b in SECOND if a != b and a + b not in real]
    order = generator("road names").permutation(len(stems))
    return [stems[i] for i in order]


@cache
def roads() -> tuple[Road, ...]:
    """All roads, the main ones first; names are unique in the city."""
    names = iter(_names())
    found = _main_roads(names)
    found += _grid(CORE, 2600.0, 175.0, 0.32, names, zone=-2)
    centres, rng = hamlet_array(), generator("lanes")
    for index, hamlet in enumerate(hamlets()):
        if np.hypot(*(centres[index] - CORE)) < 2350:
            continue
        radius = rng.uniform(230, 430)
        angle = rng.uniform(0, np.pi / 2)
        found += _grid(centres[index], radius, rng.uniform(95, 150), angle, names, zone=index)
        if hamlet.name in PARKS:
            found += _grid(centres[index], 900.0, 290.0, angle + 0.1, names, zone=index)
    return tuple(_unique(found))


PARKS = ("伍堡村", "西墩村", "锦尚村", "厝上村", "祥渔村", "石渔村", "塘园村", "前园村")
"""Villages around which the generator puts industry or a port."""


def _unique(found: list[Road]) -> list[Road]:
    if len({road.name for road in found}) != len(found):
        raise ValueError("two roads share a name")
    return found


def _main_roads(names: Iterator[str]) -> list[Road]:
    """Strokes over the Gabriel graph of the villages, drawn as curves through them."""
    nodes = hamlet_array()
    edges = _gabriel(nodes)
    land = city_plane().buffer(-25)
    drawn = []
    for chain in _strokes(nodes, edges):
        line = LineString(_curve(nodes[chain])).intersection(land)
        if line.length > 250:
            drawn.append(line)
    drawn.sort(key=lambda line: -line.length)
    found = []
    for rank, line in enumerate(drawn):
        stem = next(names)
        if rank < 7:
            found.append(Road(f"{stem}大道", "trunk", line))
        else:
            found.append(Road(f"{stem}路", "secondary" if line.length > 1500 else "local", line))
    return found


def _gabriel(nodes: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Pairs of neighbours with no third node inside the circle over them."""
    gaps = np.linalg.norm(nodes[:, None] - nodes[None], axis=2)
    pairs = []
    for i in range(len(nodes)):
        for j in range(i):
            middle = (nodes[i] + nodes[j]) / 2
            inside = np.linalg.norm(nodes - middle, axis=1) < gaps[i, j] / 2 - 1
            if not inside.any():
                pairs.append((j, i))
    return pairs


def _strokes(nodes: NDArray[np.float64], edges: list[tuple[int, int]]) -> list[list[int]]:
    """Edges chained at each node with their straightest partner, as drivers name roads."""
    partner: dict[tuple[int, int], int] = {}
    for node in range(len(nodes)):
        ends = [b if a == node else a for a, b in edges if node in (a, b)]
        turns = sorted(
            (_turn(nodes[a], nodes[node], nodes[b]), a, b) for a in ends for b in ends if a < b
        )
        used: set[int] = set()
        for turn, a, b in turns:
            if turn < 0.75 and not used & {a, b}:
                used |= {a, b}
                partner[(a, node)], partner[(b, node)] = b, a
    chains, seen = [], set()
    for a, b in sorted(edges):
        if (a, b) in seen:
            continue
        chain = _walk(partner, _walk(partner, [a, b])[::-1])
        chains.append(chain)
        for one, two in pairwise(chain):
            seen |= {(min(one, two), max(one, two))}
    return chains


def _walk(partner: dict[tuple[int, int], int], chain: list[int]) -> list[int]:
    while (chain[-2], chain[-1]) in partner:
        following = partner[(chain[-2], chain[-1])]
        if following in chain:
            break
        chain = [*chain, following]
    return chain


def _turn(a: NDArray[np.float64], at: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    inward, outward = at - a, b - at
    cosine = inward @ outward / (np.linalg.norm(inward) * np.linalg.norm(outward))
    return float(np.arccos(np.clip(cosine, -1, 1)))


def _curve(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """A Catmull-Rom curve through the points, eight pieces to a section."""
    if len(points) == 2:
        across = (points[1] - points[0])[::-1] * (1, -1)
        middle = points.mean(axis=0) + across * 0.07
        points = np.vstack([points[0], middle, points[1]])
    ends = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    t = np.linspace(0, 1, 9)[:-1, None]
    pieces = []
    for p0, p1, p2, p3 in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        cubic = 3 * p1 - p0 - 3 * p2 + p3
        pieces.append(
            0.5 * (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + cubic * t**3)
        )
    return np.vstack([*pieces, points[-1:]])


def _grid(
    centre: NDArray[np.float64],
    radius_m: float,
    spacing_m: float,
    angle: float,
    names: Iterator[str],
    *,
    zone: int,
) -> list[Road]:
    """Warped crossing streets inside a ragged disc; gaps widen outwards."""
    rng = generator(f"grid {zone} {round(radius_m)}")
    around = np.linspace(0, 2 * np.pi, 25)[:-1]
    ragged = radius_m * rng.uniform(0.72, 1.05, size=24)
    ring = np.column_stack([np.cos(around) * ragged, np.sin(around) * ragged]) + centre
    area = shapely.polygons(ring).buffer(40).intersection(city_plane().buffer(-30))
    phases = rng.uniform(0, 2 * np.pi, size=4)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    steps = np.linspace(-radius_m * 1.1, radius_m * 1.1, 40)
    found = []
    for direction in (0, 1):
        offset = -radius_m
        while offset < radius_m:
            offset += spacing_m * rng.uniform(0.75, 1.3) * (1 + 0.5 * abs(offset) / radius_m)
            bend = 0.10 * spacing_m * np.sin(steps / 260 + phases[direction])
            bend = bend + 0.28 * spacing_m * np.sin(steps / 900 + phases[direction + 2])
            side = np.full_like(steps, offset) + bend
            local = np.column_stack([steps, side] if direction == 0 else [side, steps])
            cut = (LineString(local @ turn.T + centre)).intersection(_part(area, radius_m, rng))
            parts = [p for p in shapely.get_parts(cut) if p.length > 1.1 * spacing_m]
            if parts:
                longest = max(parts, key=lambda part: part.length)
                suffix = _suffix(zone, radius_m, longest.length)
                found.append(Road(f"{next(names)}{suffix}", "local", longest, zone))
    return found


def _part(area: BaseGeometry, radius_m: float, rng: np.random.Generator) -> BaseGeometry:
    """Some streets end before the edge, as they do."""
    return area.buffer(-radius_m * rng.uniform(0.0, 0.22))


def _suffix(zone: int, radius_m: float, length_m: float) -> str:
    if zone == -2:
        return "街" if length_m > 900 else "巷"
    return "路" if radius_m > 500 else "巷"
