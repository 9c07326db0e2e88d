"""The network in seconds: quickest edges between nodes as a sparse matrix, parts, closures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from ..errors import Text, UsageError
from .network import Floats, Ints, Roads, in_metres
from .tags import AGAINST, ALONG

_M_S_OF_KMH = 3.6
Marks = NDArray[np.bool_]


@dataclass(frozen=True)
class RoadGraph:
    """Seconds on the edges of a network of `nodes` nodes, shape (m,) each.

    `along_s` from u to v and `against_s` from v to u; infinite where that way is not allowed.
    """

    nodes: int
    u: NDArray[np.int32]
    v: NDArray[np.int32]
    along_s: Floats
    against_s: Floats

    def turned(self) -> RoadGraph:
        """The same with every direction turned: what led from a to b leads from b to a."""
        return RoadGraph(self.nodes, self.u, self.v, self.against_s, self.along_s)

    def links(self) -> tuple[NDArray[np.int32], NDArray[np.int32], Floats]:
        """From node, to node and seconds of each direction that is allowed."""
        start = np.concatenate([self.u, self.v])
        end = np.concatenate([self.v, self.u])
        cost_s = np.concatenate([self.along_s, self.against_s])
        open_ = np.isfinite(cost_s)
        return start[open_], end[open_], cost_s[open_]


@dataclass(frozen=True)
class Parts:
    """How far a network hangs together.

    Attributes
    ----------
    number : parts without any road between them. `of_node`: the part of each node, shape (n,),
        0 the one with most road, then by falling length.
    length_m : of the open road of each part.
    one_way_trap_m : road of the first part that one can enter or leave, but not both, from the
        greatest set of nodes that all reach each other; each end stands for half its edge.
    """

    number: int
    of_node: Ints
    length_m: Floats
    one_way_trap_m: float


def road_graph(roads: Roads, speed_kmh: ArrayLike, closed: ArrayLike | None = None) -> RoadGraph:
    """Seconds along each edge at `speed_kmh`, shape (m,); `closed` edges, bool (m,), lead nowhere.

    Raises `UsageError` `speed_invalid` for a speed that is not greater than 0.
    """
    speed = np.asarray(speed_kmh, np.float64)
    bad = np.flatnonzero(~(speed > 0))
    if speed.shape != roads.length_m.shape or len(bad):
        raise UsageError(
            "speed_invalid",
            Text("车速不正确", "A speed is not valid"),
            where=f"edge {bad[0]}" if len(bad) else "speed_kmh",
            got=speed[bad[0]] if len(bad) else speed.shape,
            fix=Text("每条边一个大于 0 的 km/h", "Give each edge km/h greater than 0"),
        )
    seconds = roads.length_m / (speed / _M_S_OF_KMH)
    shut = np.zeros(len(roads), bool) if closed is None else np.asarray(closed, bool)
    along_s = np.where(shut | (roads.oneway == AGAINST), np.inf, seconds)
    against_s = np.where(shut | (roads.oneway == ALONG), np.inf, seconds)
    return RoadGraph(len(roads.lon), roads.u, roads.v, along_s, against_s)


def matrix_s(start: ArrayLike, end: ArrayLike, cost_s: ArrayLike, nodes: int) -> csr_array:
    """Links as CSR of shape (nodes, nodes), the least seconds where several are parallel."""
    key = np.asarray(start, np.int64) * nodes + np.asarray(end, np.int64)
    cost = np.asarray(cost_s, np.float64)
    order = np.lexsort((cost, key))
    key, cost = key[order], cost[order]
    least = np.ones(len(key), bool)
    least[1:] = key[1:] != key[:-1]
    key, cost = key[least], cost[least]
    begins = np.searchsorted(key, np.arange(nodes + 1, dtype=np.int64) * nodes)
    indices = (key % nodes).astype(np.int32)
    return csr_array((cost, indices, begins.astype(np.int32)), shape=(nodes, nodes))


def parts_of(roads: Roads, graph: RoadGraph) -> Parts:
    """The parts of the network, closed edges left out, and what its one-way roads cut off."""
    start, end, cost_s = graph.links()
    links = matrix_s(start, end, cost_s, graph.nodes)
    number, part = connected_components(links, directed=False)
    half_m = np.where(
        np.isfinite(np.minimum(graph.along_s, graph.against_s)), roads.length_m / 2, 0
    )
    ends = np.concatenate([roads.u, roads.v])
    halves = np.concatenate([half_m, half_m])
    part_m = np.bincount(part[ends], halves, number).astype(np.float64)
    order = np.argsort(-part_m, kind="stable")
    rank = np.empty(number, np.int64)
    rank[order] = np.arange(number)
    _, strong = connected_components(links, directed=True, connection="strong")
    greatest = np.argmax(np.bincount(strong[ends], halves))
    outside = (strong[ends] != greatest) & (rank[part[ends]] == 0)
    return Parts(number, rank[part], part_m[order], float(halves[outside].sum()))


def closed_in(roads: Roads, zones: ArrayLike) -> Marks:
    """Edges of which any point lies in one of the polygons (WGS84): they close as a whole."""
    marks = np.zeros(len(roads), bool)
    shapes = np.atleast_1d(np.asarray(zones, dtype=object))
    if len(shapes):
        tree = shapely.STRtree(roads.lines_m)
        marks[tree.query(in_metres(roads.crs, shapes), predicate="intersects")[1]] = True
    return marks


def closed_rows(roads: Roads, rows: ArrayLike) -> Marks:
    """Edges that were cut out of one of these lines, by row."""
    return np.isin(roads.source, np.asarray(rows, np.int64))
