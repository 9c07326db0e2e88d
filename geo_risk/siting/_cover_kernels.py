"""Compiled loops of the covering models; see docs/methods/covering.md.

Each is called with arrays of one set of types only, so it is compiled once and then cached. A
reach comes twice: by row (`starts`, `sites`) and by site (`site_starts`, `rows`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., Any])
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
_NO_CACHE = "cannot cache function"


def kernel(loop: F) -> F:
    """The loop compiled on first use, without the GIL, kept on disk where there is a place."""
    try:
        return cast("F", njit(cache=True, nogil=True)(loop))
    except RuntimeError as error:  # an installation that nobody may write to, without a home
        if _NO_CACHE not in str(error):
            raise
        return cast("F", njit(nogil=True)(loop))


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
def put(
    j: int,
    slot: int,
    slot_of: Ints,
    count: Ints,
    holders: Longs,
    value: Floats,
    shared: Floats,
    weight: Floats,
    starts: Longs,
    sites: Ints,
    site_starts: Longs,
    rows: Ints,
) -> None:
    """Open site j in a slot and keep count, holders, value and shared true.

    `value` is what a closed site would add and what an open one alone holds; `holders` the sum of
    the open sites' numbers that reach a row, so the one where there is one; `shared[slot, k]` the
    weight that the open site in the slot alone holds and k reaches too.
    """
    own = 0.0
    shared[slot, :] = 0.0
    for e in range(site_starts[j], site_starts[j + 1]):
        i = rows[e]
        before = count[i]
        if before == 0:
            own += weight[i]
            for f in range(starts[i], starts[i + 1]):
                value[sites[f]] -= weight[i]
                shared[slot, sites[f]] += weight[i]
        elif before == 1:
            value[holders[i]] -= weight[i]
            other = slot_of[holders[i]]
            for f in range(starts[i], starts[i + 1]):
                shared[other, sites[f]] -= weight[i]
        count[i] = before + 1
        holders[i] += j
    slot_of[j] = slot
    value[j] = own


@kernel
def take(
    j: int,
    slot_of: Ints,
    count: Ints,
    holders: Longs,
    value: Floats,
    shared: Floats,
    weight: Floats,
    starts: Longs,
    sites: Ints,
    site_starts: Longs,
    rows: Ints,
) -> None:
    """Close site j and keep count, holders, value and shared true; see `put`."""
    own = 0.0
    slot_of[j] = -1
    for e in range(site_starts[j], site_starts[j + 1]):
        i = rows[e]
        before = count[i]
        count[i] = before - 1
        holders[i] -= j
        if before == 1:
            own += weight[i]
            for f in range(starts[i], starts[i + 1]):
                value[sites[f]] += weight[i]
        elif before == 2:
            value[holders[i]] += weight[i]
            other = slot_of[holders[i]]
            for f in range(starts[i], starts[i + 1]):
                shared[other, sites[f]] += weight[i]
    value[j] = own


@kernel
def draw(state: NDArray[np.uint64], below: int) -> int:
    """A whole number from 0 to below - 1 (xorshift64*)."""
    s = state[0]
    s ^= s >> np.uint64(12)
    s ^= s << np.uint64(25)
    s ^= s >> np.uint64(27)
    state[0] = s
    bits: Any = (s * np.uint64(2685821657736338717)) >> np.uint64(33)
    drawn: int = int(np.int64(bits) % below)
    return drawn


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
def best_exchange(
    now: int,
    state: NDArray[np.uint64],
    tabu: Longs,
    slot_of: Ints,
    cost: Floats,
    room: float,
    to_beat: float,
    value: Floats,
    shared: Floats,
    begins: Longs,
    near: Ints,
) -> tuple[float, int, int]:
    """The gain, site in and site out of the best exchange that fits and is not tabu.

    A tabu exchange of neighbours counts where it gains more than `to_beat`. Of sites that share no
    row only the one that adds most can be best, and those that still fit without removal are
    opened before. (-inf, -1, -1) without any.
    """
    n = len(cost)
    best_gain, best_in, best_out = -np.inf, -1, -1
    turn = draw(state, n)
    for step in range(n):
        r = step + turn if step + turn < n else step + turn - n
        if slot_of[r] < 0:
            continue
        free = tabu[r] <= now
        mine = shared[slot_of[r]]
        space = room + cost[r]
        for at in range(begins[r], begins[r + 1]):
            j = near[at]
            gain = value[j] + mine[j] - value[r]
            fits = gain > best_gain and slot_of[j] < 0 and cost[j] <= space
            if fits and ((free and tabu[j] <= now) or gain > to_beat):
                best_gain, best_in, best_out = gain, j, r
    most = -np.inf
    for j in range(n):
        if slot_of[j] < 0 and tabu[j] <= now:
            most = max(most, value[j])
    for r in range(n):
        if slot_of[r] < 0 or tabu[r] > now or most - value[r] <= best_gain:
            continue
        for j in range(n):
            gain = value[j] - value[r]
            if gain > best_gain and slot_of[j] < 0 and tabu[j] <= now and cost[j] <= room + cost[r]:
                best_gain, best_in, best_out = gain, j, r
    if best_in >= 0:
        best_gain = value[best_in] + shared[slot_of[best_out], best_in] - value[best_out]
    return best_gain, best_in, best_out


@kernel
def search(  # noqa: PLR0912, one move after the other
    moves: int,
    tenure: int,
    state: NDArray[np.uint64],
    tabu: Longs,
    begins: Longs,
    near: Ints,
    cost: Floats,
    budget: float,
    slot_of: Ints,
    best_open: Flags,
    best: float,
    count: Ints,
    holders: Longs,
    value: Floats,
    shared: Floats,
    weight: Floats,
    starts: Longs,
    sites: Ints,
    site_starts: Longs,
    rows: Ints,
) -> float:
    """Tabu search by the best addition, else exchange, else removal; the best cover found.

    Opens sites while one fits and adds. Works on slot_of, count, holders, value and shared in
    place and keeps the best plan in best_open.
    """
    n = len(cost)
    spent = cover = 0.0
    free_slots = np.empty(len(shared), np.int64)
    used = np.zeros(len(shared), np.bool_)
    for j in range(n):
        if slot_of[j] >= 0:
            spent += cost[j]
            used[slot_of[j]] = True
    free = 0
    for slot in range(len(shared)):
        if not used[slot]:
            free_slots[free] = slot
            free += 1
    for i in range(len(weight)):
        if count[i] > 0:
            cover += weight[i]
    tabu[:] = 0
    for now in range(1, moves + 1):
        room = budget - spent
        gain, site_in, site_out = 0.0, -1, -1
        if free > 0:
            for j in range(n):
                fits = slot_of[j] < 0 and cost[j] <= room
                if fits and value[j] > gain and (tabu[j] < now or cover + value[j] > best):
                    gain, site_in = value[j], j
        if site_in < 0:
            gain, site_in, site_out = best_exchange(
                now, state, tabu, slot_of, cost, room, best - cover, value, shared, begins, near
            )
            if site_in < 0:
                opened = np.flatnonzero(slot_of >= 0)
                if len(opened) == 0:
                    break
                site_out = opened[np.argmin(value[opened])]
                gain = -value[site_out]
        if site_out >= 0:
            free_slots[free] = slot_of[site_out]
            free += 1
            take(
                site_out,
                slot_of,
                count,
                holders,
                value,
                shared,
                weight,
                starts,
                sites,
                site_starts,
                rows,
            )
            spent -= cost[site_out]
            tabu[site_out] = now + tenure + draw(state, tenure + 1)
        if site_in >= 0:
            free -= 1
            put(
                site_in,
                free_slots[free],
                slot_of,
                count,
                holders,
                value,
                shared,
                weight,
                starts,
                sites,
                site_starts,
                rows,
            )
            spent += cost[site_in]
            tabu[site_in] = now + tenure // 2 + draw(state, tenure // 2 + 1)
        cover += gain
        if cover > best + 1e-9 * best:
            best = cover
            best_open[:] = slot_of >= 0
    return best


@kernel
def greedy(
    cost: Floats,
    room: float,
    per_cost: bool,
    slot_of: Ints,
    count: Ints,
    holders: Longs,
    value: Floats,
    shared: Floats,
    weight: Floats,
    starts: Longs,
    sites: Ints,
    site_starts: Longs,
    rows: Ints,
) -> None:
    """Open the site that adds most (per cost) while one fits and adds, in free slots."""
    used = np.zeros(len(shared), np.bool_)
    for j in range(len(cost)):
        if slot_of[j] >= 0:
            used[slot_of[j]] = True
            room -= cost[j]
    slot = 0
    while True:
        while slot < len(used) and used[slot]:
            slot += 1
        if slot == len(used):
            return
        best, best_at = 0.0, -1
        for j in range(len(cost)):
            if slot_of[j] < 0 and cost[j] <= room:
                gain = value[j] / max(cost[j], 1e-300) if per_cost else value[j]
                if gain > best and value[j] > 0.0:
                    best, best_at = gain, j
        if best_at < 0:
            return
        put(
            best_at,
            slot,
            slot_of,
            count,
            holders,
            value,
            shared,
            weight,
            starts,
            sites,
            site_starts,
            rows,
        )
        used[slot] = True
        room -= cost[best_at]


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
