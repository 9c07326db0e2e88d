"""Joint-prevention groups: communities of the graph of links, within limits; their ids and leads.

Method, example and limits: docs/methods/groups.md.
"""

from __future__ import annotations

import base64
import hashlib
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from ..errors import Text
from ..vocabulary import SEVERITY, Grade
from .likeness import DEPTHS, Policy

Part = frozenset[int]
Floats = NDArray[np.float64]
_SEED = 42
_LEAST_WEIGHT = 1e-9
_GRADED = (Grade.RED, Grade.ORANGE, Grade.YELLOW, Grade.BLUE)
_LETTERS = {"site": "L", "alliance": "H", "area": "Q"}
TAG_WORDS = {
    "process": Text("工艺", "process"),
    "hazard": Text("危险种类", "hazard"),
    "substance": Text("物质", "substance"),
    "scale": Text("规模", "scale"),
    "other": Text("业态", "business"),
}


@dataclass(frozen=True)
class Limits:
    """What makes a group workable: metres across, and how many members."""

    max_diameter_m: float
    min_members: int
    max_members: int


@dataclass(frozen=True)
class Link:
    """A link of two units by their ids, a < b; depth -1 and business None are unknown."""

    a: str
    b: str
    distance_m: float
    depth: int
    business: float | None
    score: float
    shared: tuple[tuple[str, str], ...]


def site_groups(
    ids: Sequence[str],
    xy_m: Floats,
    first: ArrayLike,
    second: ArrayLike,
    weight: ArrayLike,
    limits: Limits,
    tick: Callable[[], None] = lambda: None,
) -> list[tuple[int, ...]]:
    """Rows of each group, by id; groups by their first id. Independent of the order of rows.

    Parameters
    ----------
    ids, xy_m : n different ids and positions in metres, shape (n, 2).
    first, second, weight : links by row, shape (m,), each once; weights from 0 on.
    tick : called often while it works; what it raises ends the work.

    A connected part of the graph that keeps the limits is a group. Another is divided into its
    Louvain communities, again where need be, or halved between its two farthest units; what is
    left too small joins the part it is linked to most, or takes units of larger parts beside it,
    where the limits allow. Each group is connected by its own links; what stays below
    `min_members` is left out.
    """
    order = sorted(range(len(ids)), key=ids.__getitem__)
    place = np.asarray(xy_m, np.float64).reshape(-1, 2)[order]
    graph = _graph(order, first, second, weight)
    found: list[Part] = []
    for component in nx.connected_components(graph):
        parts = _divided(graph, place, frozenset(component), limits, tick)
        found += _joined(graph, place, parts, limits) if len(parts) > 1 else parts
    large = sorted(sorted(part) for part in found if len(part) >= limits.min_members)
    return [tuple(order[node] for node in part) for part in large]


def diameter_m(xy_m: Floats) -> float:
    """The greatest distance between two of n positions, shape (n, 2); 0 for fewer than two."""
    return _farthest(np.asarray(xy_m, np.float64).reshape(-1, 2))[0]


def lead_order(
    ids: Sequence[str], grades: Sequence[str], people: Sequence[int | None]
) -> list[int]:
    """Rows, the lead first: the worst grade, then most people (unknown last), then id."""

    def key(row: int) -> tuple[int, float, str]:
        number = people[row]
        return -SEVERITY[Grade(grades[row])], 1 if number is None else -number, ids[row]

    return sorted(range(len(ids)), key=key)


def group_ids(
    groups: Sequence[Collection[str]],
    leads: Sequence[str],
    kind: str,
    previous: Mapping[str, Collection[str]],
) -> list[str]:
    """An id per group: that of the previous group of which more than half are in it, or a new one.

    Of several such the one with most members here, then the lesser id. A new id is a letter for
    the kind and the hash of kind and lead.
    """
    at = {member: number for number, group in enumerate(groups) for member in group}
    claims: list[tuple[int, str, int]] = []
    for key, members in previous.items():
        stayed: dict[int, int] = {}
        for member in set(members):
            if member in at:
                stayed[at[member]] = stayed.get(at[member], 0) + 1
        for number, count in stayed.items():
            if count * 2 > len(set(members)):
                claims.append((-count, key, number))
    kept: dict[int, str] = {}
    for _, key, number in sorted(claims):
        kept.setdefault(number, key)
    # An id that has just gone is not given to another group.
    taken = set(previous)
    names = []
    for number, lead in enumerate(leads):
        name = kept.get(number) or _new_id(kind, lead, taken)
        taken.add(name)
        names.append(name)
    return names


def reasons(
    link: Link,
    policy: Policy,
    code: str,
    *,
    near: bool = True,
    labels: Mapping[str, Text] | None = None,
) -> list[Text]:
    """Why two units are linked, in words: near, alike in industry, alike in business.

    `code` is their common industry code; `near` False where distance was no ground; `labels` are
    words of scales by their code.
    """
    found = []
    if near:
        metres = f"{link.distance_m:,.0f} m"
        found.append(Text(f"位置相邻 {metres}", f"near, {metres}"))
    if link.depth >= policy.min_industry_depth:
        depth = DEPTHS[link.depth]
        found.append(
            Text(f"行业相近 {depth['zh']} {code}", f"alike in industry, {depth['en']} {code}")
        )
    if link.business is not None and link.business >= policy.min_business:
        said = _shared_words(link.shared, labels or {})
        found.append(Text(f"业态相似 {said['zh']}", f"alike in business, {said['en']}"))
    return found


def _shared_words(shared: Sequence[tuple[str, str]], labels: Mapping[str, Text]) -> Text:
    by_kind: dict[str, list[Text]] = {}
    for kind, tag in shared:
        word = labels.get(tag) if kind == "scale" else None
        by_kind.setdefault(kind, []).append(word or Text(tag, tag))
    zh, en = [], []
    for kind, words in by_kind.items():
        zh.append(f"{TAG_WORDS[kind]['zh']} {'、'.join(word['zh'] for word in words)}")
        en.append(f"{TAG_WORDS[kind]['en']} {', '.join(word['en'] for word in words)}")
    return Text("；".join(zh), "; ".join(en))


def profile_likeness(first: Mapping[str, int], second: Mapping[str, int]) -> float | None:
    """1 - half the sum of the differences of shares of red, orange, yellow and blue: 0 to 1.

    None where one of the two has nothing graded; what has no data takes no part.
    """
    told = [[float(counts.get(str(grade), 0)) for grade in _GRADED] for counts in (first, second)]
    if not all(map(sum, told)):
        return None
    p, q = (np.array(counts) / sum(counts) for counts in told)
    return 1.0 - float(np.abs(p - q).sum()) / 2


def _new_id(kind: str, lead: str, taken: Collection[str]) -> str:
    for turn in range(len(taken) + 1):
        mark = hashlib.sha256(f"{kind}\n{lead}\n{turn}".encode()).digest()
        name = _LETTERS[kind] + base64.b32encode(mark)[:8].decode()
        if name not in taken:
            break
    return name


def _graph(
    order: Sequence[int], first: ArrayLike, second: ArrayLike, weight: ArrayLike
) -> nx.Graph[int]:
    """The graph over ranks of ids, nodes and links added in that order."""
    rank = np.empty(len(order), np.int64)
    rank[np.asarray(order, np.int64)] = np.arange(len(order))
    i, j = rank[np.asarray(first, np.int64)], rank[np.asarray(second, np.int64)]
    low, high = np.minimum(i, j), np.maximum(i, j)
    heavy = np.maximum(np.asarray(weight, np.float64), _LEAST_WEIGHT)
    by = np.lexsort((high, low))
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(np.unique([low, high]).tolist())
    graph.add_weighted_edges_from(
        zip(low[by].tolist(), high[by].tolist(), heavy[by].tolist(), strict=True)
    )
    return graph


def _part(graph: nx.Graph[int], nodes: Part) -> nx.Graph[int]:
    """A part as a graph of its own: a view would follow the order of a set."""
    found: nx.Graph[int] = nx.Graph()
    found.add_nodes_from(sorted(nodes))
    for a in sorted(nodes):
        for b in sorted(graph[a]):
            if a < b and b in nodes:
                found.add_edge(a, b, weight=graph[a][b]["weight"])
    return found


def _fits(place: Floats, nodes: Part, limits: Limits) -> bool:
    if len(nodes) > limits.max_members:
        return False
    return diameter_m(place[sorted(nodes)]) <= limits.max_diameter_m


def _divided(
    graph: nx.Graph[int], place: Floats, nodes: Part, limits: Limits, tick: Callable[[], None]
) -> list[Part]:
    """Connected parts that keep the limits."""
    waiting, found = [nodes], []
    while waiting:
        tick()
        one = waiting.pop()
        if _fits(place, one, limits):
            found.append(one)
            continue
        part = _part(graph, one)
        halves = nx.community.louvain_communities(part, weight="weight", seed=_SEED)
        if len(halves) < 2:
            halves = _halved(place, one)
        for half in halves:
            waiting += map(frozenset, nx.connected_components(_part(part, frozenset(half))))
    return sorted(found, key=sorted)


def _halved(place: Floats, nodes: Part) -> list[set[int]]:
    """Each to the nearer of the two farthest units; coincident ones in half by id."""
    rows = sorted(nodes)
    far_m, a, b = _farthest(place[rows])
    if far_m == 0:
        middle = len(rows) // 2
        return [set(rows[:middle]), set(rows[middle:])]
    to_a = np.hypot(*(place[rows] - place[rows[a]]).T)
    to_b = np.hypot(*(place[rows] - place[rows[b]]).T)
    nearer = to_a <= to_b
    return [
        {row for row, one in zip(rows, nearer, strict=True) if one == side}
        for side in (True, False)
    ]


def _farthest(xy_m: Floats) -> tuple[float, int, int]:
    """The greatest distance and the first two rows that have it."""
    if len(xy_m) < 2:
        return 0.0, 0, 0
    rows = np.arange(len(xy_m))
    if len(xy_m) > 64:
        corners = shapely.get_coordinates(shapely.convex_hull(shapely.multipoints(xy_m)))
        told = {tuple(corner) for corner in corners.tolist()}
        rows = np.array([row for row, at in enumerate(xy_m.tolist()) if tuple(at) in told])
    apart = xy_m[rows, None] - xy_m[None, rows]
    distances = np.hypot(apart[..., 0], apart[..., 1])
    a, b = divmod(int(np.argmax(distances)), len(rows))
    return float(distances[a, b]), int(rows[a]), int(rows[b])


def _joined(
    graph: nx.Graph[int], place: Floats, parts: Sequence[Part], limits: Limits
) -> list[Part]:
    """What is too small joins the part it is linked to most, or takes units of larger ones."""
    whole = dict(enumerate(parts))
    owner = {node: number for number, part in whole.items() for node in part}
    small = sorted((len(part), number) for number, part in whole.items())
    waiting = deque(number for size, number in small if size < limits.min_members)
    while waiting:
        number = waiting.popleft()
        part = whole.get(number)
        if part is None or len(part) >= limits.min_members:
            continue
        for other in _by_weight(graph, part, owner):
            both = part | whole[other]
            if _fits(place, both, limits):
                whole[other] = both
                del whole[number]
                owner |= dict.fromkeys(part, other)
                waiting.append(other)
                break
    for size, number in small:
        if size < limits.min_members and number in whole:
            _complete(graph, place, number, whole, owner, limits)
    return list(whole.values())


def _complete(
    graph: nx.Graph[int],
    place: Floats,
    number: int,
    whole: dict[int, Part],
    owner: dict[int, int],
    limits: Limits,
) -> None:
    """Give a part that is too small units of larger ones beside it, or leave all as it is."""
    part, taken = whole[number], dict[int, Part]()
    while len(part) < limits.min_members:
        for node in _beside(graph, part):
            rest = taken.get(owner[node], whole[owner[node]]) - {node}
            if len(rest) < limits.min_members or not _fits(place, part | {node}, limits):
                continue
            if nx.is_connected(_part(graph, rest)):
                part, taken[owner[node]] = part | {node}, rest
                break
        else:
            return
    whole |= {**taken, number: part}
    owner |= dict.fromkeys(part, number)


def _beside(graph: nx.Graph[int], part: Part) -> list[int]:
    """Nodes linked to a part, those of most weight first."""
    weights: dict[int, float] = {}
    for node in sorted(part):
        for near in sorted(graph[node]):
            if near not in part:
                weights[near] = weights.get(near, 0.0) + graph[node][near]["weight"]
    return sorted(weights, key=lambda node: (-weights[node], node))


def _by_weight(graph: nx.Graph[int], part: Part, owner: Mapping[int, int]) -> list[int]:
    """The other parts that a part is linked to, those of most weight first."""
    weights: dict[int, Any] = {}
    for node in sorted(part):
        for near in sorted(graph[node]):
            if near not in part:
                other = owner[near]
                weights[other] = weights.get(other, 0.0) + graph[node][near]["weight"]
    return sorted(weights, key=lambda other: (-weights[other], other))
