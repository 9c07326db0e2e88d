"""Travel times by road the plain way: edges split at every position, then networkx."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from itertools import pairwise

import networkx as nx

Edge = tuple[int, int, float, float]
"""From u, to v, seconds from u to v, seconds from v to u (infinite where not allowed)."""
Position = tuple[int, float]
"""Row of an edge, and how far along it from u, as a share."""


def place(edges: Sequence[Edge], position: Position) -> Hashable:
    """The node of a position: that of the network at the ends of an edge."""
    u, v, _, _ = edges[position[0]]
    return {0.0: u, 1.0: v}.get(position[1], position)


def split_graph(edges: Sequence[Edge], positions: Sequence[Position]) -> nx.DiGraph:
    """The network with a node for each position; parallel edges keep the quicker way."""
    graph = nx.DiGraph()
    graph.add_nodes_from(place(edges, position) for position in positions)
    for row, (_, _, along_s, against_s) in enumerate(edges):
        shares = sorted({0.0, 1.0, *(share for edge, share in positions if edge == row)})
        for from_, to in pairwise(shares):
            a, b = place(edges, (row, from_)), place(edges, (row, to))
            _link(graph, a, b, along_s * (to - from_))
            _link(graph, b, a, against_s * (to - from_))
    return graph


def _link(graph: nx.DiGraph, a: Hashable, b: Hashable, seconds: float) -> None:
    if math.isfinite(seconds) and seconds < graph.get_edge_data(a, b, {}).get("s", math.inf):
        graph.add_edge(a, b, s=seconds)


def times_s(
    edges: Sequence[Edge], sites: Sequence[Position], demands: Sequence[Position]
) -> list[list[float]]:
    """Seconds from each site to each demand, infinite where there is no way."""
    graph = split_graph(edges, [*sites, *demands])
    table = []
    for site in sites:
        found = nx.single_source_dijkstra_path_length(graph, place(edges, site), weight="s")
        table.append([found.get(place(edges, demand), math.inf) for demand in demands])
    return table
