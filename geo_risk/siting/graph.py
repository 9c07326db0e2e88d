"""Costs between all nodes of a graph whose nodes are both demands and candidates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import Text, UsageError


@dataclass(frozen=True)
class GraphCosts:
    """Node names, ascending, shape (n,), and the cost of the cheapest path between each two.

    `cost`, shape (n, n), is symmetric, 0 on the diagonal and infinite where no path leads.
    """

    node: NDArray[Any]
    cost: NDArray[np.float64]


def graph_costs(u: ArrayLike, v: ArrayLike, cost: ArrayLike) -> GraphCosts:
    """Cheapest paths along undirected edges u – v, each of shape (edges,).

    Where an edge is listed twice, in either direction, the last cost counts (the rule of
    OR-Library's pmed instances). Memory is n². Raises `UsageError` `lengths_differ`,
    `edges_invalid`.
    """
    ends, price = np.stack([np.asarray(u), np.asarray(v)]), np.asarray(cost, np.float64)
    if ends.ndim != 2 or ends.shape[1:] != price.shape:
        words = Text("各列长短不一", "The columns differ in length")
        raise UsageError("lengths_differ", words, where="u, v, cost", got=price.shape)
    bad = np.flatnonzero(~((price >= 0) & np.isfinite(price)))
    if len(bad) or not len(price):
        words = Text("边的费用不是非负数，或没有边", "A cost is no number from 0 on, or no edge")
        where = f"edge {bad[0]}" if len(bad) else "edges"
        raise UsageError("edges_invalid", words, where=where, got=price[bad[:1]])
    node, place = np.unique(ends, return_inverse=True)
    place = np.sort(place.reshape(ends.shape), axis=0)
    n = len(node)
    key, last = np.unique((place[0] * n + place[1])[::-1], return_index=True)
    return GraphCosts(node, _paths(key // n, key % n, price[::-1][last], n))


def _paths(
    low: NDArray[np.int64], high: NDArray[np.int64], price: NDArray[np.float64], n: int
) -> NDArray[np.float64]:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    edges = csr_array((price, (low, high)), shape=(n, n))
    found: NDArray[np.float64] = dijkstra(edges, directed=False)
    return np.minimum(found, found.T)
