"""Bounds on maximal covering for many p at once: one LP whose cuts serve all of them.

No cut depends on p, so the LP for p − 1 starts from all that the LP for p has learned. Proofs:
docs/methods/covering.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .bound import Master
from .instance import Instance
from .reach import Floats
from .solution import Stop

_CLOSE = 1e-4
"""The LP for a p is left when its bound is so near to the cover of its plan of shares."""
_INWARD = 0.5
_ROUNDING = 1.0 + 1e-12


@dataclass(frozen=True)
class Bounds:
    """For each p asked a bound on every plan's cover, and the LP's shares of sites where known."""

    bound: Floats
    shares: list[Floats | None]


def bounds_by_p(
    instance: Instance, sites: Sequence[int], start: Floats, effort: int, stop: Stop
) -> Bounds:
    """Bounds on the cover with so many sites, ascending, of an instance whose sites cost 1 each.

    At most `effort` solutions of the LP for each, from the most sites down; `start` are shares of
    sites for the most, shape (sites,). After `stop` the rest is bounded by what was learned.
    """
    bound = np.full(len(sites), (instance.base + float(instance.weight.sum())) * _ROUNDING)
    bound[np.equal(sites, 0)] = instance.base
    shares: list[Floats | None] = [None] * len(sites)
    if len(instance.cost) and sites[-1] > 0 and not stop():
        master = Master(instance, stop)
        master.separate(start, start, np.full(master.groups, np.inf))
        inner = start
        for at in range(len(sites) - 1, -1, -1):
            if sites[at] == 0 or stop():
                break
            master.allow(float(sites[at]))
            inner = inner * min(1.0, sites[at] / max(float(inner.sum()), 1e-12))
            proved, inner = _tightened(master, inner, effort, stop)
            shares[at] = inner
            for held, gain in proved:
                bound[: at + 1] = np.minimum(bound[: at + 1], _by_gains(held, gain, sites, at))
    return Bounds(spread(bound, sites, instance.base), shares)


def spread(bound: Floats, sites: Sequence[int], base: float) -> Floats:
    """Bounds for each number of sites, made as low as those for other numbers allow.

    Fewer sites reach no more; and the best q of p sites add at least q/p of what all p add, so p
    sites add at most p/q times as much as the best q.
    """
    found = bound.copy()
    for at in range(1, len(found)):
        if sites[at - 1] > 0:
            ratio = sites[at] / sites[at - 1]
            above = base + ratio * max(float(found[at - 1]) - base, 0.0)
            found[at] = min(found[at], above * _ROUNDING)
    return np.minimum.accumulate(found[::-1])[::-1]


def _by_gains(held: float, gain: Floats, sites: Sequence[int], last: int) -> Floats:
    """What each number of sites up to `last` reaches at most: the sum of as many best gains."""
    most = min(sites[last], len(gain))
    best = np.sort(np.partition(gain, len(gain) - most)[len(gain) - most :])[::-1]
    sums = np.append(0.0, np.cumsum(np.maximum(best, 0.0)))
    return np.asarray(held + sums[np.minimum(sites[: last + 1], most)])


def _tightened(
    master: Master, inner: Floats, effort: int, stop: Stop
) -> tuple[list[tuple[float, Floats]], Floats]:
    """Cuts until the LP is nearly solved: what each of its solutions proves, and shares of sites.

    `inner` are shares within the budget; those returned reach more, if any do.
    """
    proved: list[tuple[float, Floats]] = []
    reached = -np.inf
    for _ in range(effort):
        if not master.solve():
            break
        x, theta = master.x, master.theta
        bound = master.bound()[0]
        proved.append(master.lines()[:2])
        master.thin_out(bound)
        at = _INWARD * x + (1.0 - _INWARD) * inner
        cover, added = master.separate(at, x, theta)
        if cover > reached:
            inner, reached = at, cover
        if not added:
            cover, added = master.separate(x, x, theta)
            if cover > reached:
                inner, reached = x, cover
        if not added or bound - reached <= _CLOSE * reached or stop():
            break
    return proved, inner
