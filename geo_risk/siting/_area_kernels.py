"""Compiled enumeration of an area's plans by what they lose against the LP; see `areas.py`.

Sites come in the order in which they are decided, rows in the order of their last site.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..compiled import kernel

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]


class Area(NamedTuple):
    """Reach by row and by site, and losses as whole numbers.

    A plan loses `never[i]` for each row it does not reach, `twice[i]` for each site but one that
    reaches row i, `opened[j]` or `closed[j]` for each site. Rows `ends[j]` to `ends[j + 1]` have
    j as their last site.
    """

    starts: Longs
    sites: Ints
    site_starts: Longs
    rows: Ints
    ends: Longs
    twice: Longs
    never: Longs
    opened: Longs
    closed: Longs


@kernel
def vibration(overlap: Floats, start: Floats, rounds: int) -> Floats:
    """A smooth function over sites: the slowest vibration of a net with these strengths, roughly.

    Overwrites `overlap`, shape (n, n), symmetric.
    """
    n = len(start)
    still = np.empty(n)
    for j in range(n):
        still[j] = np.sqrt(np.sum(overlap[j]) + 1e-300)
    for j in range(n):
        overlap[j] /= still[j] * still
    rest = still / np.sqrt(np.sum(still * still))
    found = start.copy()
    for _ in range(rounds):
        found -= np.sum(found * rest) * rest
        moved = found.copy()
        for j in range(n):
            moved[j] += np.sum(overlap[j] * found)
        found = moved / (np.max(np.abs(moved)) + 1e-300)
    return found / still


@kernel
def change(j: int, by: int, times: Ints, loss_in: Longs, area: Area) -> int:
    """Open (+1) or close (-1) site j: keep up what opening each further site loses. The work."""
    starts, sites = area.starts, area.sites
    work = 0
    for e in range(area.site_starts[j], area.site_starts[j + 1]):
        i = area.rows[e]
        if times[i] + (by - 1) // 2 == 0:
            for f in range(starts[i], starts[i + 1]):
                loss_in[sites[f]] += by * area.twice[i]
            work += starts[i + 1] - starts[i]
        times[i] += by
        work += 1
    return work


@kernel
def left_out(j: int, times: Ints, area: Area) -> int:
    """What it loses to decide against site j, after all sites before it."""
    lost = int(area.closed[j])
    for i in range(area.ends[j], area.ends[j + 1]):
        if times[i] == 0:
            lost += area.never[i]
    return lost


@kernel
def hopeless(j: int, room: int, times: Ints, loss_in: Longs, area: Area) -> tuple[bool, int]:
    """Whether rows that no site from j on can reach within `room` lose that much; the work."""
    starts, sites = area.starts, area.sites
    lost, work = 0, 0
    for i in range(area.ends[j], len(times)):
        if times[i] > 0:
            continue
        e = starts[i + 1] - 1
        while e >= starts[i] and sites[e] >= j and loss_in[sites[e]] >= room:
            e -= 1
        work += starts[i + 1] - e
        if e < starts[i] or sites[e] < j:
            lost += area.never[i]
            if lost >= room:
                return True, work
    return False, work


@kernel
def plans_below(
    below: int, most_work: int, marks: bool, seen: Longs, area: Area
) -> tuple[int, int, int]:
    """The least loss of a plan where it is less than `below`, else `below`; plans seen; the work.

    With `marks` all plans that lose less than `below` are looked at, and `seen[j]` counts those
    with site j. Gives up with a loss of -1 after so much work.
    """
    n = len(area.opened)
    times = np.zeros(len(area.twice), np.int32)
    loss_in = area.opened.copy()
    chosen, before = np.empty(n + 1, np.int64), np.empty(n + 1, np.int64)
    least, room, plans, work = below, below, 0, 0
    depth, at, loss = 0, 0, 0
    while work < most_work:
        while at < n and loss < room and loss + loss_in[at] >= room:
            loss += left_out(at, times, area)
            at += 1
        done = bool(loss >= room)
        if at < n and not done:
            done, more = hopeless(at, room - loss, times, loss_in, area)
            work += more
        if at < n and not done:
            chosen[depth], before[depth] = at, loss
            depth += 1
            loss += loss_in[at]
            work += change(at, 1, times, loss_in, area)
            at += 1
            continue
        if not done:
            plans += 1
            least = min(least, loss)
            if marks:
                for k in range(depth):
                    seen[chosen[k]] += 1
            else:
                room = least
        if depth == 0:
            return least, plans, work
        depth -= 1
        at, loss = chosen[depth], before[depth]
        work += change(at, -1, times, loss_in, area)
        loss += left_out(at, times, area)
        at += 1
    return -1, plans, work
