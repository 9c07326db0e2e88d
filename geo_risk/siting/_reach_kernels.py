"""Compiled loops over a reach: equal, dominated and implied parts, neighbours, clusters, cuts.

Each is called with arrays of one set of types only, so it is compiled once and then cached. A
reach comes twice: by row (`starts`, `sites`) and by site (`site_starts`, `rows`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..compiled import kernel

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@kernel
def row_hashes(starts: Longs, sites: Ints, keys: Longs) -> Longs:
    """One number per row, equal for equal rows: the sum of its sites' keys."""
    hashes = np.zeros(len(starts) - 1, np.int64)
    for i in range(len(hashes)):
        for e in range(starts[i], starts[i + 1]):
            hashes[i] += keys[sites[e]]
    return hashes


@kernel
def first_equal(order: Longs, hashes: Longs, starts: Longs, sites: Ints) -> Longs:
    """For each row the first row in `order` (sorted by hash) that holds the same sites.

    A row whose hash agrees with its neighbour's by chance stays on its own.
    """
    same_as = np.empty(len(order), np.int64)
    head = np.int64(-1)
    for at in range(len(order)):
        i = order[at]
        equal = False
        if head >= 0 and hashes[head] == hashes[i]:
            length = starts[i + 1] - starts[i]
            equal = length == starts[head + 1] - starts[head]
            for k in range(length):
                if not equal:
                    break
                equal = sites[starts[i] + k] == sites[starts[head] + k]
        if not equal:
            head = i
        same_as[i] = head
    return same_as


@kernel
def dominated(cost: Floats, starts: Longs, sites: Ints, site_starts: Longs, rows: Ints) -> Flags:
    """Sites whose rows another reaches too at no higher cost (of equal ones the first stays)."""
    n = len(cost)
    out = np.zeros(n, np.bool_)
    common = np.zeros(n, np.int64)
    for j in range(n):
        size = site_starts[j + 1] - site_starts[j]
        for e in range(site_starts[j], site_starts[j + 1]):
            for f in range(starts[rows[e]], starts[rows[e] + 1]):
                common[sites[f]] += 1
        if size == 0:
            out[j] = True
            continue
        i = rows[site_starts[j]]
        for f in range(starts[i], starts[i + 1]):
            k = sites[f]
            if k == j or common[k] < size or cost[k] > cost[j]:
                continue
            equal = cost[k] == cost[j] and site_starts[k + 1] - site_starts[k] == size
            if not equal or k < j:
                out[j] = True
                break
        for e in range(site_starts[j], site_starts[j + 1]):
            for f in range(starts[rows[e]], starts[rows[e] + 1]):
                common[sites[f]] = 0
    return out


@kernel
def holds_another(
    sizes: Longs, starts: Longs, sites: Ints, site_starts: Longs, rows: Ints
) -> Flags:
    """Rows that hold all sites of another, smaller row."""
    n = len(sizes)
    out = np.zeros(n, np.bool_)
    common = np.zeros(n, np.int64)
    for i in range(n):
        for e in range(starts[i], starts[i + 1]):
            for f in range(site_starts[sites[e]], site_starts[sites[e] + 1]):
                k = rows[f]
                common[k] += 1
                if common[k] == sizes[k] and sizes[k] < sizes[i]:
                    out[i] = True
        for e in range(starts[i], starts[i + 1]):
            for f in range(site_starts[sites[e]], site_starts[sites[e] + 1]):
                common[rows[f]] = 0
    return out


@kernel
def neighbours(starts: Longs, sites: Ints, site_starts: Longs, rows: Ints) -> tuple[Longs, Ints]:
    """For each site those that share a row with it: where each one's begin, and all of them."""
    n = len(site_starts) - 1
    begins = np.zeros(n + 1, np.int64)
    found = np.empty(16 * n + 16, np.int32)
    marked = np.full(n, -1, np.int64)
    filled = 0
    for j in range(n):
        for e in range(site_starts[j], site_starts[j + 1]):
            for f in range(starts[rows[e]], starts[rows[e] + 1]):
                k = sites[f]
                if marked[k] != j:
                    marked[k] = j
                    if filled == len(found):
                        found = np.concatenate((found, np.empty_like(found)))
                    found[filled] = k
                    filled += 1
        begins[j + 1] = filled
    return begins, found[:filled].copy()


@kernel
def clusters(
    order: Longs, weight: Floats, starts: Longs, sites: Ints, site_starts: Longs, rows: Ints
) -> Ints:
    """A cluster for each site: sites in `order` that share no row with an earlier centre are
    centres, each other joins the centre with which it shares most weight.
    """
    n = len(order)
    label = np.full(n, -1, np.int32)
    strongest = np.zeros(n)
    common = np.zeros(n)
    made = 0
    for j in order:
        if label[j] >= 0:
            continue
        for e in range(site_starts[j], site_starts[j + 1]):
            i = rows[e]
            for f in range(starts[i], starts[i + 1]):
                common[sites[f]] += weight[i]
        label[j] = made
        strongest[j] = np.inf
        for k in range(n):
            if common[k] > strongest[k]:
                label[k], strongest[k] = made, common[k]
            common[k] = 0.0
        made += 1
    return label


@kernel
def row_labels(label: Ints, starts: Longs, sites: Ints) -> Ints:
    """The most frequent cluster among each row's sites."""
    votes = np.zeros(label.max() + 1, np.int64)
    out = np.empty(len(starts) - 1, np.int32)
    for i in range(len(out)):
        out[i] = label[sites[starts[i]]]
        for e in range(starts[i], starts[i + 1]):
            mine = label[sites[e]]
            votes[mine] += 1
            if votes[mine] > votes[out[i]]:
                out[i] = mine
        for e in range(starts[i], starts[i + 1]):
            votes[label[sites[e]]] = 0
    return out


@kernel
def cut(
    x: Floats,
    starts: Longs,
    sites: Ints,
    weight: Floats,
    group: Ints,
    slot: Ints,
    constant: Floats,
    slope: Floats,
) -> None:
    """The cuts at x: per group Σ weight of full rows + Σ slope x bounds the cover of any plan."""
    constant[:] = 0.0
    slope[:] = 0.0
    for i in range(len(weight)):
        full = 0.0
        for e in range(starts[i], starts[i + 1]):
            full += x[sites[e]]
            if full >= 1.0:
                break
        if full >= 1.0:
            constant[group[i]] += weight[i]
        else:
            for e in range(starts[i], starts[i + 1]):
                slope[slot[e]] += weight[i]


@kernel
def full_rows(x: Floats, starts: Longs, sites: Ints) -> Flags:
    """Rows whose sites' shares sum to 1 or more, as `cut` sums them."""
    out = np.zeros(len(starts) - 1, np.bool_)
    for i in range(len(out)):
        full = 0.0
        for e in range(starts[i], starts[i + 1]):
            full += x[sites[e]]
            if full >= 1.0:
                out[i] = True
                break
    return out
