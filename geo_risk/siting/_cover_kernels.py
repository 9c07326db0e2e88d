"""Compiled search for covering plans: open and close sites, fill up, exchange; see `search.py`.

Each is called with arrays of one set of types only, so it is compiled once and then cached.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..compiled import kernel

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Random = NDArray[np.uint64]


class Problem(NamedTuple):
    """Weights of rows, the reach by row and by site, costs of sites and what may be spent."""

    weight: Floats
    starts: Longs
    sites: Ints
    site_starts: Longs
    rows: Ints
    cost: Floats
    budget: float


class Plan(NamedTuple):
    """Open sites, and what each site is worth to them.

    `slot_of` is an open site's number among the open ones, else -1. `times` says how many open
    sites reach a row, `holders` the sum of their numbers, so the one where there is one. `value`
    is what a closed site would add and what an open one alone holds; `shared[slot, k]` the weight
    that the open site in the slot alone holds and k reaches too.
    """

    slot_of: Ints
    times: Ints
    holders: Longs
    value: Floats
    shared: Floats


@kernel
def put(j: int, slot: int, plan: Plan, problem: Problem) -> None:
    """Open site j in a free slot."""
    slot_of, times, holders, value, shared = plan
    weight, starts, sites, site_starts, rows, _, _ = problem
    own = 0.0
    shared[slot, :] = 0.0
    for e in range(site_starts[j], site_starts[j + 1]):
        i = rows[e]
        before = times[i]
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
        times[i] = before + 1
        holders[i] += j
    slot_of[j] = slot
    value[j] = own


@kernel
def take(j: int, plan: Plan, problem: Problem) -> None:
    """Close site j."""
    slot_of, times, holders, value, shared = plan
    weight, starts, sites, site_starts, rows, _, _ = problem
    own = 0.0
    slot_of[j] = -1
    for e in range(site_starts[j], site_starts[j + 1]):
        i = rows[e]
        before = times[i]
        times[i] = before - 1
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
def draw(state: Random, below: int) -> int:
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
def free_slots(slot_of: Ints, slots: int) -> list[int]:
    """The slots that no open site has, the lowest last."""
    used = np.zeros(slots, np.bool_)
    for slot in slot_of:
        if slot >= 0:
            used[slot] = True
    return [slot for slot in range(slots - 1, -1, -1) if not used[slot]]


@kernel
def spent_on(slot_of: Ints, cost: Floats) -> float:
    """What the open sites cost."""
    spent = 0.0
    for j in range(len(cost)):
        if slot_of[j] >= 0:
            spent += cost[j]
    return spent


@kernel
def greedy(per_cost: bool, plan: Plan, problem: Problem) -> None:
    """Open the site that adds most (per cost) while one fits and adds and a slot is free."""
    slot_of, value, cost = plan.slot_of, plan.value, problem.cost
    room = problem.budget - spent_on(slot_of, cost)
    free = free_slots(slot_of, len(plan.shared))
    while len(free) > 0:
        best, best_at = 0.0, -1
        for j in range(len(cost)):
            if slot_of[j] < 0 and cost[j] <= room:
                gain = value[j] / max(cost[j], 1e-300) if per_cost else value[j]
                if gain > best and value[j] > 0.0:
                    best, best_at = gain, j
        if best_at < 0:
            return
        put(best_at, free.pop(), plan, problem)
        room -= cost[best_at]


@kernel
def best_addition(
    now: int, tabu: Longs, room: float, to_beat: float, plan: Plan, cost: Floats
) -> tuple[float, int]:
    """The gain and site of the best addition that fits and is not tabu, or gains over `to_beat`.

    (0, -1) where none adds.
    """
    slot_of, value = plan.slot_of, plan.value
    gain, site = 0.0, -1
    for j in range(len(cost)):
        fits = slot_of[j] < 0 and cost[j] <= room
        if fits and value[j] > gain and (tabu[j] <= now or value[j] > to_beat):
            gain, site = value[j], j
    return gain, site


@kernel
def best_exchange(
    now: int,
    first: int,
    tabu: Longs,
    room: float,
    to_beat: float,
    begins: Longs,
    near: Ints,
    plan: Plan,
    cost: Floats,
) -> tuple[float, int, int]:
    """The gain, site in and site out of the best exchange that fits and is not tabu.

    A tabu exchange of neighbours counts where it gains more than `to_beat`. Of sites that share no
    row only the one that adds most can be best, and those that still fit without removal are
    opened before. Of equal ones the next from site `first` on. (-inf, -1, -1) without any.
    """
    slot_of, value, shared = plan.slot_of, plan.value, plan.shared
    n = len(cost)
    best_gain, best_in, best_out = -np.inf, -1, -1
    for step in range(n):
        r = step + first if step + first < n else step + first - n
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
def least_held(plan: Plan) -> int:
    """The open site that alone holds least, -1 where none is open."""
    least, at = np.inf, -1
    for j in range(len(plan.value)):
        if plan.slot_of[j] >= 0 and plan.value[j] < least:
            least, at = plan.value[j], j
    return at


@kernel
def search(
    moves: int,
    tenure: int,
    state: Random,
    tabu: Longs,
    begins: Longs,
    near: Ints,
    best_open: Flags,
    best: float,
    plan: Plan,
    problem: Problem,
) -> float:
    """Tabu search by the best addition, else exchange, else removal; the best cover found.

    Opens sites while one fits and adds. Works on the plan in place, `begins` and `near` are the
    sites' neighbours, and the best plan is kept in `best_open`.
    """
    slot_of, cost = plan.slot_of, problem.cost
    spent = spent_on(slot_of, cost)
    free = free_slots(slot_of, len(plan.shared))
    cover = np.sum(np.where(plan.times > 0, problem.weight, 0.0))
    tabu[:] = 0
    for now in range(1, moves + 1):
        room = problem.budget - spent
        gain, site_in, site_out = 0.0, -1, -1
        if len(free) > 0:
            gain, site_in = best_addition(now - 1, tabu, room, best - cover, plan, cost)
        if site_in < 0:
            first = draw(state, len(cost))
            gain, site_in, site_out = best_exchange(
                now, first, tabu, room, best - cover, begins, near, plan, cost
            )
        if site_in < 0:
            site_out = least_held(plan)
            if site_out < 0:
                break
            gain = -plan.value[site_out]
        if site_out >= 0:
            free.append(slot_of[site_out])
            take(site_out, plan, problem)
            spent -= cost[site_out]
            tabu[site_out] = now + tenure + draw(state, tenure + 1)
        if site_in >= 0:
            put(site_in, free.pop(), plan, problem)
            spent += cost[site_in]
            tabu[site_in] = now + tenure // 2 + draw(state, tenure // 2 + 1)
        cover += gain
        if cover > best + 1e-9 * best:
            best = cover
            best_open[:] = slot_of >= 0
    return best
