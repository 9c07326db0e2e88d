"""Compiled search for sites that serve every demand within a radius, and a proof that few cannot.

Lists as in `_swap_kernels`, with `price` the cost itself.
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
def serve_greedily(
    start: Longs, site: Ints, price: Floats, cost: Floats, radius: float, chosen: Ints, fixed: int
) -> Flags:
    """Fill `chosen` from place `fixed` on with the site that serves most of the unserved demands.

    Returns which demands stay unserved; places that nothing needs are filled with -1.
    """
    n, m = cost.shape
    unserved, gain = np.ones(n, np.bool_), np.zeros(m, np.int64)
    for i in range(n):
        for k in range(start[i], start[i + 1]):
            if price[k] > radius:
                break
            gain[site[k]] += 1
    for s in range(len(chosen)):
        if s >= fixed:
            best = np.int32(np.argmax(gain))
            chosen[s] = best if gain[best] > 0 else np.int32(-1)
        if chosen[s] < 0:
            continue
        for i in range(n):
            if unserved[i] and cost[i, chosen[s]] <= radius:
                unserved[i] = False
                for k in range(start[i], start[i + 1]):
                    if price[k] > radius:
                        break
                    gain[site[k]] -= 1
    return unserved


@kernel
def apart(start: Longs, site: Ints, price: Floats, radius: float, sites: int, fixed: Flags) -> int:
    """How many demands, none served by a fixed site, are found of which no two share a site.

    Each needs a site of its own, so that fewer free sites cannot serve all.
    """
    n = len(start) - 1
    reach = np.zeros(n, np.int64)
    for i in range(n):
        for k in range(start[i], start[i + 1]):
            if price[k] > radius:
                break
            reach[i] += 1
            if fixed[site[k]]:
                reach[i] = np.iinfo(np.int64).max
                break
    taken, count = np.zeros(sites, np.bool_), 0
    for i in np.argsort(reach):
        if reach[i] == np.iinfo(np.int64).max:
            break
        free = True
        for k in range(start[i], start[i] + reach[i]):
            free &= not taken[site[k]]
        if free:
            count += 1
            for k in range(start[i], start[i] + reach[i]):
                taken[site[k]] = True
    return count


@kernel
def lone(bits: NDArray[np.uint64], larger: bool) -> Flags:
    """Which sets (a row of bits each) to keep so that no kept one contains another kept one.

    Of two of which one contains the other, the larger stays or the smaller; of equals, one.
    """
    n, words = bits.shape
    size = np.zeros(n, np.int64)
    for i in range(n):
        for w in range(words):
            left = bits[i, w]
            while left:
                left &= left - np.uint64(1)
                size[i] += 1
    order = np.argsort(-size if larger else size, kind="mergesort")
    kept, count, keep = np.empty(n, np.int64), 0, np.zeros(n, np.bool_)
    for i in order:
        alone = True
        for s in range(count):
            small, big = (i, kept[s]) if larger else (kept[s], i)
            inside = True
            for w in range(words):
                if bits[small, w] & ~bits[big, w]:
                    inside = False
                    break
            if inside:
                alone = False
                break
        if alone:
            kept[count] = i
            count += 1
            keep[i] = True
    return keep
