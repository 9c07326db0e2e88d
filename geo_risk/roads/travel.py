"""Who arrives when: the least seconds by road from sites to demands, as a sparse matrix.

Exact to the positions on both edges; formula in docs/methods/roads.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from ..errors import GeoRiskError, Text, UsageError
from .graph import RoadGraph, matrix_s
from .network import Floats, Ints
from .snapping import Snapped

Stop = Callable[[], bool]
BLOCK_CELLS = 500_000
"""Most cells of a dense block: 4 MB, a few of which are held at once."""


def arrival_s(
    graph: RoadGraph,
    sites: Snapped,
    demands: Snapped,
    limit_s: float,
    *,
    stop: Stop = lambda: False,
) -> csr_array:
    """Seconds from each site to each demand, where at most `limit_s`, shape (sites, demands).

    A CSR matrix whose stored values are the seconds (0 where both are on one place); what is not
    stored is not reached. Points that are on no road reach nothing. Raises `UsageError`
    `limit_invalid`, and `GeoRiskError` `stopped` where `stop` says so.
    """
    if not 0 <= limit_s < np.inf:
        raise UsageError(
            "limit_invalid",
            Text("时限不正确", "The time limit is not valid"),
            where="limit_s",
            got=limit_s,
            fix=Text("给出不小于 0 的秒数", "Give seconds, 0 or more"),
        )
    shape = (len(sites), len(demands))
    sizes, columns, costs = [np.zeros(1, np.int64)], [], []
    for rows, block_s in _blocks(graph, sites, demands, limit_s, stop):
        near, site = np.divmod(np.flatnonzero(block_s <= limit_s), block_s.shape[1])
        found = (block_s[near, site], (site, rows[near]))
        part = csr_array(found, shape=(block_s.shape[1], len(demands)))
        sizes.append(np.diff(part.indptr))
        columns.append(part.indices.astype(np.int32))
        costs.append(part.data)
    if not columns:
        return csr_array(shape, dtype=np.float64)
    begins = np.cumsum(np.concatenate(sizes))
    if begins[-1] < np.iinfo(np.int32).max:
        begins = begins.astype(np.int32)
    return csr_array((np.concatenate(costs), np.concatenate(columns), begins), shape=shape)


def escape_s(
    graph: RoadGraph,
    sites: Snapped,
    demands: Snapped,
    limit_s: float,
    *,
    stop: Stop = lambda: False,
) -> csr_array:
    """As `arrival_s`, but from each demand to each site, as people flee to a shelter."""
    return arrival_s(graph.turned(), sites, demands, limit_s, stop=stop)


def node_times_s(graph: RoadGraph, sites: Snapped, limit_s: float) -> Floats:
    """Seconds from the nearest site to each node, shape (n,), infinite beyond `limit_s`."""
    if not (sites.edge >= 0).any():
        return np.full(graph.nodes, np.inf)
    links = _with_sites(graph, sites)
    starts = graph.nodes + np.flatnonzero(sites.edge >= 0)
    times_s = dijkstra(links, indices=starts, limit=limit_s, min_only=True)
    return np.asarray(times_s[: graph.nodes])


def _blocks(
    graph: RoadGraph, sites: Snapped, demands: Snapped, limit_s: float, stop: Stop
) -> Iterator[tuple[Ints, Floats]]:
    """Rows of demands, and dense seconds from some sites to them, shape (rows, some sites).

    Demands of which neither end is reached are left out; what is over the limit is not. A row a
    demand: the seconds at its two nodes are then read one after the other.
    """
    links = _with_sites(graph, sites)
    size = max(1, BLOCK_CELLS // max(links.shape[0], len(demands), 1))
    ends = _Ends.of(graph, demands)
    for begin in range(0, len(sites), size):
        if stop():
            raise GeoRiskError("stopped", Text("已中止", "Stopped"))
        some = np.arange(begin, min(begin + size, len(sites)))
        nodes_s = dijkstra(links, indices=graph.nodes + some, limit=limit_s)
        nodes_s = np.ascontiguousarray(nodes_s[:, : graph.nodes].T)
        direct, site, direct_s = _on_one_edge(graph, sites, some, demands, ends)
        reached = np.isfinite(nodes_s).any(axis=1)
        wanted = reached[ends.u] | reached[ends.v]
        wanted[direct] = True
        rows = np.flatnonzero(wanted)
        block_s = nodes_s[ends.u[rows]]
        block_s += ends.from_u_s[rows, None]
        over_v_s = nodes_s[ends.v[rows]]
        over_v_s += ends.from_v_s[rows, None]
        np.minimum(block_s, over_v_s, out=block_s)
        at = np.searchsorted(rows, direct), site
        block_s[at] = np.minimum(block_s[at], direct_s)
        yield rows, block_s


def _with_sites(graph: RoadGraph, sites: Snapped) -> csr_array:
    """The links with one more node for each site, from which its edge's ends are reached."""
    good = np.flatnonzero(sites.edge >= 0)
    edge, share, own = sites.edge[good], sites.share[good], graph.nodes + good
    start, end, cost_s = graph.links()
    to_v_s = _part_s(graph.along_s[edge], 1.0 - share)
    to_u_s = _part_s(graph.against_s[edge], share)
    open_v, open_u = np.isfinite(to_v_s), np.isfinite(to_u_s)
    return matrix_s(
        np.concatenate([start, own[open_v], own[open_u]]),
        np.concatenate([end, graph.v[edge[open_v]], graph.u[edge[open_u]]]),
        np.concatenate([cost_s, to_v_s[open_v], to_u_s[open_u]]),
        graph.nodes + len(sites),
    )


@dataclass(frozen=True)
class _Ends:
    """Of each demand: the ends of its edge and the seconds from them, infinite where closed; and
    the demands in the order of their edges."""

    u: NDArray[np.int32]
    v: NDArray[np.int32]
    from_u_s: Floats
    from_v_s: Floats
    by_edge: NDArray[np.intp]
    edge: Ints

    @classmethod
    def of(cls, graph: RoadGraph, demands: Snapped) -> _Ends:
        none = demands.edge < 0
        edge = np.where(none, 0, demands.edge)
        from_u_s = _part_s(graph.along_s[edge], demands.share)
        from_v_s = _part_s(graph.against_s[edge], 1.0 - demands.share)
        from_u_s[none] = from_v_s[none] = np.inf
        by_edge = np.argsort(demands.edge, kind="stable")
        u, v = graph.u[edge], graph.v[edge]
        return cls(u, v, from_u_s, from_v_s, by_edge, demands.edge[by_edge])


def _on_one_edge(
    graph: RoadGraph, sites: Snapped, some: Ints, demands: Snapped, ends: _Ends
) -> tuple[Ints, Ints, Floats]:
    """Pairs on one edge, with the seconds along it where that way is allowed: rows of demands and
    places in `some`."""
    edge = sites.edge[some]
    begin, end = np.searchsorted(ends.edge, [edge, edge + 1])
    sizes = np.where(edge < 0, 0, end - begin)
    site = np.repeat(np.arange(len(some)), sizes)
    skipped = np.repeat(begin - np.cumsum(sizes) + sizes, sizes)
    demand = ends.by_edge[skipped + np.arange(len(site))]
    edge, ahead = edge[site], demands.share[demand] - sites.share[some][site]
    direct_s = np.where(
        ahead >= 0,
        _part_s(graph.along_s[edge], np.abs(ahead)),
        _part_s(graph.against_s[edge], np.abs(ahead)),
    )
    return demand, site, direct_s


def _part_s(edge_s: Floats | np.float64, share: Floats) -> NDArray[np.float64]:
    """Seconds of a share of an edge; none of it takes 0 s, also where the edge is closed: a point
    on a node may take any road from there."""
    with np.errstate(invalid="ignore"):
        return np.where(share == 0, 0.0, edge_s * share)
