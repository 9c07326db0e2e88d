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
BLOCK_CELLS = 1_000_000
"""Most cells of a dense block: 8 MB, a few of which are held at once."""


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
    sizes, columns, costs = [np.zeros(1, np.int64)], [], []
    for block_s in _blocks(graph, sites, demands, limit_s, stop):
        demand, site = np.divmod(np.flatnonzero(block_s <= limit_s), block_s.shape[1])
        part = csr_array((block_s[demand, site], (site, demand)), shape=block_s.T.shape)
        sizes.append(np.diff(part.indptr))
        columns.append(part.indices.astype(np.int32))
        costs.append(part.data)
    begins = np.cumsum(np.concatenate(sizes))
    shape = (len(sites), len(demands))
    if not columns:
        return csr_array(shape, dtype=np.float64)
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
) -> Iterator[Floats]:
    """Dense seconds, shape (demands, some sites), infinite or over the limit where not reached.

    A row a demand: the seconds at its two nodes are then read one after the other.
    """
    links = _with_sites(graph, sites)
    size = max(1, BLOCK_CELLS // max(links.shape[0], len(demands), 1))
    ends = _Ends.of(graph, demands)
    for begin in range(0, len(sites), size):
        if stop():
            raise GeoRiskError("stopped", Text("已中止", "Stopped"))
        rows = np.arange(begin, min(begin + size, len(sites)))
        nodes_s = dijkstra(links, indices=graph.nodes + rows, limit=limit_s)
        nodes_s = np.ascontiguousarray(nodes_s[:, : graph.nodes].T)
        block_s = nodes_s[ends.u]
        block_s += ends.from_u_s[:, None]
        over_v_s = nodes_s[ends.v]
        over_v_s += ends.from_v_s[:, None]
        np.minimum(block_s, over_v_s, out=block_s)
        _on_one_edge(graph, sites, rows, demands, block_s)
        yield block_s


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
    """Of each demand: the ends of its edge and the seconds from them, infinite where closed."""

    u: NDArray[np.int32]
    v: NDArray[np.int32]
    from_u_s: Floats
    from_v_s: Floats

    @classmethod
    def of(cls, graph: RoadGraph, demands: Snapped) -> _Ends:
        none = demands.edge < 0
        edge = np.where(none, 0, demands.edge)
        from_u_s = _part_s(graph.along_s[edge], demands.share)
        from_v_s = _part_s(graph.against_s[edge], 1.0 - demands.share)
        from_u_s[none] = from_v_s[none] = np.inf
        return cls(graph.u[edge], graph.v[edge], from_u_s, from_v_s)


def _on_one_edge(
    graph: RoadGraph, sites: Snapped, rows: Ints, demands: Snapped, block_s: Floats
) -> None:
    """Where site and demand are on one edge, the way along it counts too, if it is allowed."""
    order = np.argsort(demands.edge, kind="stable")
    sorted_edge = demands.edge[order]
    for at, row in enumerate(rows):
        edge = sites.edge[row]
        if edge < 0:
            continue
        begin, end = np.searchsorted(sorted_edge, [edge, edge + 1])
        same = order[begin:end]
        ahead = demands.share[same] - sites.share[row]
        direct_s = np.minimum(
            np.where(ahead >= 0, _part_s(graph.along_s[edge], np.maximum(ahead, 0.0)), np.inf),
            np.where(ahead <= 0, _part_s(graph.against_s[edge], np.maximum(-ahead, 0.0)), np.inf),
        )
        block_s[same, at] = np.minimum(block_s[same, at], direct_s)


def _part_s(edge_s: Floats | np.float64, share: Floats) -> NDArray[np.float64]:
    """Seconds of a share of an edge; none of it takes 0 s, also where the edge is closed: a point
    on a node may take any road from there."""
    with np.errstate(invalid="ignore"):
        return np.where(share == 0, 0.0, edge_s * share)
