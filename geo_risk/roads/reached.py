"""The pieces of road that are reached in some seconds, cut exactly where the time ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from .graph import RoadGraph
from .network import Floats, Ints, Lines, Roads
from .snapping import Snapped


@dataclass(frozen=True)
class Pieces:
    """Parts of edges, shape (k,) each: the edge, and from which share to which along it (u = 0).

    Ascending by edge and share; no two of one edge touch.
    """

    edge: Ints
    begin: Floats
    end: Floats

    def length_m(self, roads: Roads) -> float:
        """Metres of road in all."""
        return float(((self.end - self.begin) * roads.length_m[self.edge]).sum())


def reached(graph: RoadGraph, sites: Snapped, node_s: Floats, limit_s: float) -> Pieces:
    """What is reached from the nearest of the sites within `limit_s`.

    node_s : seconds to each node, as `node_times_s` gives them for these sites and a limit of at
        least `limit_s`. A time that is not greater gives pieces that lie within those of a
        greater one.
    """
    found = [
        *_from_ends(graph, node_s, limit_s),
        *_from_sites(graph, sites, limit_s),
    ]
    edge, begin, end = (np.concatenate(part) for part in zip(*found, strict=True))
    return _joined(edge, begin.clip(0.0, 1.0), end.clip(0.0, 1.0))


def rest_of(pieces: Pieces, edges: int) -> Pieces:
    """The parts of all edges that are in no piece."""
    edge = np.concatenate([pieces.edge, np.arange(edges)])
    begin = np.concatenate([pieces.end, np.zeros(edges)])
    from_ = np.lexsort((begin, edge))
    to_edge = np.concatenate([pieces.edge, np.arange(edges)])
    end = np.concatenate([pieces.begin, np.ones(edges)])
    to_ = np.lexsort((end, to_edge))
    edge, begin, end = edge[from_], begin[from_], end[to_]
    some = end > begin
    return Pieces(edge[some], begin[some], end[some])


def lines_of(roads: Roads, pieces: Pieces) -> Lines:
    """The pieces as LineStrings in metres (`roads.crs`), shape (k,)."""
    lines = roads.lines_m[pieces.edge].copy()
    cut = np.flatnonzero((pieces.begin > 0) | (pieces.end < 1))
    for at in cut:
        lines[at] = substring(lines[at], pieces.begin[at], pieces.end[at], normalized=True)
    points = shapely.get_type_id(lines) == 0
    lines[points] = shapely.linestrings(
        np.repeat(shapely.get_coordinates(lines[points]), 2, axis=0).reshape(-1, 2, 2)
    )
    return lines


def _from_ends(
    graph: RoadGraph, node_s: Floats, limit_s: float
) -> list[tuple[Ints, Floats, Floats]]:
    """What is reached over the ends of edges: from u on, and from v back."""
    found = []
    for node, edge_s, back in ((graph.u, graph.along_s, False), (graph.v, graph.against_s, True)):
        left_s = limit_s - node_s[node]
        edge = np.flatnonzero((left_s >= 0) & np.isfinite(edge_s))
        share = np.minimum(left_s[edge] / edge_s[edge], 1.0)
        none, whole = np.zeros(len(edge)), np.ones(len(edge))
        found.append((edge, whole - share, whole) if back else (edge, none, share))
    return found


def _from_sites(
    graph: RoadGraph, sites: Snapped, limit_s: float
) -> list[tuple[Ints, Floats, Floats]]:
    """What is reached on the sites' own edges, on and back."""
    good = sites.edge >= 0
    edge, share = sites.edge[good], sites.share[good]
    ahead, back = limit_s / graph.along_s[edge], limit_s / graph.against_s[edge]
    on, off = np.isfinite(graph.along_s[edge]), np.isfinite(graph.against_s[edge])
    return [
        (edge[on], share[on], (share + ahead)[on]),
        (edge[off], (share - back)[off], share[off]),
    ]


def _joined(edge: Ints, begin: Floats, end: Floats) -> Pieces:
    """Intervals that overlap or touch as one."""
    order = np.lexsort((begin, edge))
    edge, begin, end = edge[order], begin[order], end[order]
    furthest = np.maximum.accumulate(2.0 * edge + end)
    fresh = np.ones(len(edge), bool)
    fresh[1:] = 2.0 * edge[1:] + begin[1:] > furthest[:-1]
    at: NDArray[np.intp] = np.flatnonzero(fresh)
    if not len(at):
        return Pieces(edge, begin, end)
    return Pieces(edge[at], begin[at], np.maximum.reduceat(end, at))
