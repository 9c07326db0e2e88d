"""Compiled search for a p-median: open sites one by one, then swap while a swap helps.

The lists of a demand (`site[start[i]:start[i + 1]]`, with `price`) are the usable candidates that
reach it, dearest last. Every demand knows its two nearest open sites; per swap only those demands
are looked at again whose two nearest change (Resende & Werneck 2007, Eur. J. Oper. Res. 182, 54).
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
def nearest_two(
    i: int, start: Longs, site: Ints, price: Floats, slot: Ints, near: Ints, paid: Floats
) -> None:
    """Write demand i's two nearest open sites (`near[i]`, -1: none) and their prices."""
    missing = paid[i, 2]
    near[i, 0] = near[i, 1] = -1
    paid[i, 0] = paid[i, 1] = missing
    found = 0
    for k in range(start[i], start[i + 1]):
        if slot[site[k]] >= 0:
            near[i, found], paid[i, found] = site[k], price[k]
            found += 1
            if found == 2:
                return


@kernel
def count_in(
    i: int,
    sign: float,
    start: Longs,
    site: Ints,
    price: Floats,
    slot: Ints,
    near: Ints,
    paid: Floats,
    gain: Floats,
    loss: Floats,
    extra: Floats,
) -> None:
    """Add (or with sign -1 take away) what demand i says about each opening, closing and swap."""
    first, second, mine = paid[i, 0], paid[i, 1], near[i, 0]
    s = slot[mine] if mine >= 0 else -1
    if s >= 0:
        loss[s] += sign * (second - first)
    for k in range(start[i], start[i + 1]):
        here = price[k]
        if here >= second:
            return
        if site[k] != mine:
            if here < first:
                gain[site[k]] += sign * (first - here)
            if s >= 0:
                extra[site[k], s] += sign * (second - max(first, here))


@kernel
def open_greedily(
    count: int,
    start: Longs,
    site: Ints,
    price: Floats,
    weighted: Floats,
    usable: Flags,
    unserved: Floats,
    chosen: Ints,
    opened: int,
) -> None:
    """Fill `chosen` from place `opened` on, each time with the site that saves most."""
    n, m = weighted.shape
    paid = unserved.copy()
    closed = usable.copy()
    for s in range(opened):
        closed[chosen[s]] = False
        for i in range(n):
            paid[i] = min(paid[i], weighted[i, chosen[s]])
    gain = np.zeros(m)
    for i in range(n):
        for k in range(start[i], start[i + 1]):
            if price[k] >= paid[i]:
                break
            gain[site[k]] += paid[i] - price[k]
    for s in range(opened, count):
        best = -1
        for j in range(m):
            if closed[j] and (best < 0 or gain[j] > gain[best]):
                best = j
        closed[best] = False
        chosen[s] = best
        for i in range(n):
            now = weighted[i, best]
            if now < paid[i]:
                for k in range(start[i], start[i + 1]):
                    if price[k] >= paid[i]:
                        break
                    gain[site[k]] -= paid[i] - max(now, price[k])
                paid[i] = now


@kernel
def best_swap(
    chosen: Ints, movable: int, slot: Ints, usable: Flags, gain: Floats, loss: Floats, extra: Floats
) -> tuple[float, int, int]:
    """The change of cost, the place to free (from `movable` on) and the candidate to open."""
    best, place, other = np.inf, -1, -1
    for j in range(len(slot)):
        if usable[j] and slot[j] < 0:
            for s in range(movable, len(chosen)):
                change = loss[s] - extra[j, s] - gain[j]
                if change < best:
                    best, place, other = change, s, j
    return best, place, other


@kernel
def swap(
    place: int,
    other: int,
    chosen: Ints,
    slot: Ints,
    start: Longs,
    site: Ints,
    price: Floats,
    weighted: Floats,
    near: Ints,
    paid: Floats,
    gain: Floats,
    loss: Floats,
    extra: Floats,
) -> float:
    """Open candidate `other` in the place of the site at `place`; the new total."""
    leaving, total = chosen[place], 0.0
    n = len(near)
    touched = np.empty(n, np.bool_)
    for i in range(n):
        touched[i] = (
            near[i, 0] == leaving or near[i, 1] == leaving or weighted[i, other] < paid[i, 1]
        )
        if touched[i]:
            count_in(i, -1.0, start, site, price, slot, near, paid, gain, loss, extra)
    slot[leaving], slot[other], chosen[place] = -1, place, other
    for i in range(n):
        if touched[i]:
            nearest_two(i, start, site, price, slot, near, paid)
            count_in(i, 1.0, start, site, price, slot, near, paid, gain, loss, extra)
        total += paid[i, 0]
    return total


@kernel
def descend(
    chosen: Ints,
    movable: int,
    usable: Flags,
    start: Longs,
    site: Ints,
    price: Floats,
    weighted: Floats,
    unserved: Floats,
    kicks: Longs,
) -> float:
    """Swap for the better until no swap helps; `chosen` changes in place, the total comes back.

    Places before `movable` stay. `kicks` (place, candidate) are swapped in first, as they stand.
    """
    n, m = weighted.shape
    slot = np.full(m, -1, np.int32)
    for s in range(len(chosen)):
        slot[chosen[s]] = s
    near, paid = np.empty((n, 2), np.int32), np.empty((n, 3))
    gain, loss, extra = np.zeros(m), np.zeros(len(chosen)), np.zeros((m, len(chosen)))
    total = 0.0
    for i in range(n):
        paid[i, 2] = unserved[i]
        nearest_two(i, start, site, price, slot, near, paid)
        count_in(i, 1.0, start, site, price, slot, near, paid, gain, loss, extra)
        total += paid[i, 0]
    lists, sums = (start, site, price), (gain, loss, extra)
    for k in range(len(kicks)):
        if slot[kicks[k, 1]] < 0:
            total = swap(
                kicks[k, 0], kicks[k, 1], chosen, slot, *lists, weighted, near, paid, *sums
            )
    while True:
        change, place, other = best_swap(chosen, movable, slot, usable, *sums)
        if not change < -1e-9 * total:
            return total
        left, before = chosen[place], total
        total = swap(place, other, chosen, slot, *lists, weighted, near, paid, *sums)
        if total >= before:  # rounding only: it was no gain
            return swap(place, left, chosen, slot, *lists, weighted, near, paid, *sums)
