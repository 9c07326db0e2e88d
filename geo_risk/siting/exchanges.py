"""Other plans nearly as good, found by exchanging sites: not proved to be the next best.

See docs/methods/siting-plans.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .instance import Flags
from .near_best import least_apart
from .reach import Floats, Longs, Reach, summed
from .solution import Solution, Stop, never

_MOST_ENTRIES = 5_000_000
_GAIN = 1e-9
"""A plan counts as better by more than this share only, so that rounding never goes in circles."""

Swaps = tuple[float, Longs, Floats]
"""What a plan is worth, the sites that may leave it, and what it is worth after each exchange:
a row for each of these and a last one for none, a column for each candidate that may come and a
last one for none; minus infinity where there can be no such plan."""
Worth = Callable[[Flags, Flags], Swaps]
"""The swaps of a plan among some candidates; more is better."""


@dataclass(frozen=True)
class Limits:
    """What each plan keeps to: which candidates it may exchange, their cost, and the money."""

    free: Flags
    cost: Floats
    most: float


def exchanged(
    worth: Worth, best: Solution, limits: Limits, most: int, stop: Stop = never
) -> list[Solution]:
    """Up to `most` plans, best first, apart from the best and from each other as in `near_best`.

    Each begins at the plan known so far that loses least by the exchanges that set it apart, and
    goes on while an exchange or a further site makes it better. There are fewer than `most` where
    no exchange leads to another. After `stop` only the first exchanges are made, from `best`.
    """
    first = np.zeros(len(limits.free), bool)
    first[best.chosen] = True
    least, found = least_apart(int((first & limits.free).sum())), [first]
    told: list[Solution] = []
    while len(told) < most:
        starts = [_moved(worth, plan, found, limits, least) for plan in _from(found, stop)]
        known = [one for one in starts if one is not None]
        if not known:
            break
        value, plan = max(known, key=lambda one: one[0])
        while not stop():
            now, left, value, other = _exchange(worth, plan, found, limits, least)
            if left or value <= now + _GAIN * abs(now):
                value = now
                break
            plan = other
        found.append(plan)
        objective = value if best.maximise else -value
        told.append(Solution(np.flatnonzero(plan), objective, best.bound, best.maximise))
    sign = -1.0 if best.maximise else 1.0
    return sorted(told, key=lambda one: sign * one.objective)


def _from(found: list[Flags], stop: Stop) -> list[Flags]:
    return found[:1] if stop() else found


def _moved(
    worth: Worth, plan: Flags, found: Sequence[Flags], limits: Limits, least: int
) -> tuple[float, Flags] | None:
    """A plan after the exchanges that set it apart from those found; None if none do."""
    lacking, value = 2.0 * least * len(found), -math.inf
    while lacking:
        _, left, value, plan = _exchange(worth, plan, found, limits, least)
        if left >= lacking:
            return None
        lacking = left
    return value, plan


def _exchange(
    worth: Worth, plan: Flags, found: Sequence[Flags], limits: Limits, least: int
) -> tuple[float, float, float, Flags]:
    """The exchange after which least is lacking to be apart, of these the one worth most.

    Returns what the plan is worth, what is lacking after the exchange (infinite where there is
    none), what it is worth then, and the plan then.
    """
    now, outs, table = worth(plan, limits.free)
    ins = np.flatnonzero(limits.free & ~plan)
    value = table[:, np.append(ins, len(plan))]
    leaves, comes = np.append(limits.cost[outs], 0.0), np.append(limits.cost[ins], 0.0)
    spent = float(limits.cost[plan & limits.free].sum())
    fits = spent - leaves[:, None] + comes <= limits.most
    lacking = np.where(fits & (value > -np.inf), _lacking(plan, found, outs, ins, least), np.inf)
    left = float(lacking.min(initial=np.inf))
    if left == np.inf:
        return now, left, -math.inf, plan
    at, come = np.unravel_index(np.argmax(np.where(lacking == left, value, -np.inf)), value.shape)
    after = plan.copy()
    after[outs[at : at + 1]] = False
    after[ins[come : come + 1]] = True
    return now, left, float(value[at, come]), after


def _lacking(plan: Flags, found: Sequence[Flags], outs: Longs, ins: Longs, least: int) -> Floats:
    """How many sites are lacking, over all plans found and both ways, after each exchange."""
    lacking = np.zeros((len(outs) + 1, len(ins) + 1))
    for other in found:
        both, own = (np.append(held, 0) for held in (other[outs], ~other[outs]))
        back, new = (np.append(held, 0) for held in (other[ins], ~other[ins]))
        without = np.count_nonzero(other & ~plan) + both[:, None] - back
        beyond = np.count_nonzero(plan & ~other) - own[:, None] + new
        lacking += np.maximum(0, least - without) + np.maximum(0, least - beyond)
    return lacking


def cover_worth(reach: Reach, weight: ArrayLike) -> Worth:
    """The weight that is reached, weight of shape (demands,)."""
    weights, row = np.asarray(weight, np.float64), reach.row_of_entry
    n = reach.candidates

    def swaps(plan: Flags, free: Flags) -> Swaps:
        hit = plan[reach.candidate]
        count = np.bincount(row[hit], minlength=reach.demands)
        alone = count[row] == 1
        owner = np.zeros(reach.demands, np.int64)
        owner[row[hit & alone]] = reach.candidate[hit & alone]
        lost = summed(owner[count == 1], weights[count == 1], n)
        adds = summed(reach.candidate, np.where(count == 0, weights, 0.0)[row], n)
        outs = _cheapest(np.flatnonzero(plan & free), lost, n)
        place = np.full(n, -1)
        place[outs] = np.arange(len(outs))
        entries = np.flatnonzero(alone)
        entries = entries[place[owner[row[entries]]] >= 0]
        slot = place[owner[row[entries]]] * n + reach.candidate[entries]
        back = summed(slot, weights[row[entries]], len(outs) * n).reshape(len(outs), n)
        now = float(weights[count > 0].sum())
        table = np.full((len(outs) + 1, n + 1), now)
        table[:, :n] += adds
        table[:-1, :n] += back
        table[:-1] -= lost[outs, None]
        table[-1, n] = -np.inf
        return now, outs, table

    return swaps


def median_worth(cost: ArrayLike, weight: ArrayLike) -> Worth:
    """Minus Σ weight x cost to the nearest site, cost of shape (demands, candidates).

    No site leaves but for another.
    """
    given = np.asarray(cost, np.float64)
    far = ~np.isfinite(given)
    priced = np.where(far, np.inf, np.where(far, 0.0, given) * np.asarray(weight)[:, None])

    def swaps(plan: Flags, free: Flags) -> Swaps:
        own = np.flatnonzero(plan)
        two = np.column_stack([priced[:, own], np.full(len(priced), np.inf)])
        nearest = np.append(own, -1)[np.argmin(two, axis=1)]
        first, second = np.partition(two, 1, axis=1)[:, :2].T if len(own) else (two[:, 0],) * 2
        with_it = np.minimum(priced, first[:, None])
        outs = np.flatnonzero(plan & free)
        table = np.full((len(outs) + 1, len(plan) + 1), -np.inf)
        table[:, :-1] = -with_it.sum(axis=0)
        for at, site in enumerate(outs):
            rows = nearest == site
            rise = np.minimum(priced[rows], second[rows, None]) - with_it[rows]
            table[at, :-1] -= rise.sum(axis=0)
        return -float(first.sum()), outs, table

    return swaps


def _cheapest(outs: Longs, lost: Floats, candidates: int) -> Longs:
    """The sites that lose least, so many that a table of all exchanges fits into memory."""
    most = max(1, _MOST_ENTRIES // candidates)
    return (
        outs if len(outs) <= most else np.sort(outs[np.argsort(lost[outs], kind="stable")[:most]])
    )
