"""Compiled Lagrangian bound of a p-median, and what it lets one leave out.

Lists as in `_swap_kernels`; `state` of a candidate is 1 (in), 0 (free) or -1 (out). The formulas
stand in docs/methods/median.md.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..compiled import kernel

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
States = NDArray[np.int8]
_ROUNDING = 2.0**-51


@kernel
def saving(start: Longs, site: Ints, price: Floats, offer: Floats, value: Floats) -> None:
    """Write into `value` what opening each candidate adds to the relaxed cost (0 or less)."""
    value[:] = 0.0
    for i in range(len(offer)):
        most = offer[i]
        for k in range(start[i], start[i + 1]):
            if price[k] >= most:
                break
            value[site[k]] += price[k] - most


@kernel
def relaxed(value: Floats, state: States, p: int, order: Longs) -> tuple[int, float]:
    """Put the p cheapest allowed candidates first in `order` (then the rest of them, ascending).

    Returns how many candidates `order` holds, and the sum of the first p values.
    """
    keyed = value.copy()
    held = 0
    for j in range(len(value)):
        if state[j] > 0:
            keyed[j] = -np.inf
        elif state[j] < 0:
            keyed[j] = np.inf
        if state[j] >= 0:
            held += 1
    order[:] = np.argsort(keyed)
    total = 0.0
    for s in range(p):
        total += value[order[s]]
    return held, total


@kernel
def bound_of(offer: Floats, total: float, m: int) -> float:
    """The relaxed cost, lowered by more than floating-point sums can have raised it."""
    sum_ = 0.0
    for i in range(len(offer)):
        sum_ += offer[i]
    return sum_ + total - (len(offer) + m) * _ROUNDING * (sum_ - total)


@kernel
def serve(
    start: Longs,
    site: Ints,
    price: Floats,
    picked: NDArray[np.bool_],
    offer: Floats,
    slack: Floats,
) -> float:
    """Write 1 - (picked sites that would serve demand i at its offer); the picked plan's cost."""
    cost = 0.0
    for i in range(len(offer)):
        served, first = 0, np.inf
        for k in range(start[i], start[i + 1]):
            if price[k] >= offer[i] and first < np.inf:
                break
            if picked[site[k]]:
                first = min(first, price[k])
                if price[k] < offer[i]:
                    served += 1
        slack[i] = 1.0 - served
        cost += first
    return cost


@kernel
def ascend(
    start: Longs,
    site: Ints,
    price: Floats,
    state: States,
    p: int,
    cutoff: float,
    offer: Floats,
    share: Floats,
    pace: Floats,
    iterations: int,
    plan: Ints,
) -> tuple[float, float]:
    """Raise the bound by subgradient steps along a smoothed direction (a volume algorithm).

    `offer`, shape (n,), are the multipliers: the best come back in it. `share` is the smoothed
    part of each candidate in the relaxed plans. `pace` is the step factor, the best known cost.
    `plan` receives the best of the relaxed plans. Returns the bound and that plan's cost.
    """
    n, m = len(offer), len(state)
    value, order, slack = np.empty(m), np.empty(m, np.int64), np.empty(n)
    at, heading = offer.copy(), np.zeros(n)
    best, known, cheapest, idle = -np.inf, pace[1], np.inf, 0
    for turn in range(iterations):
        saving(start, site, price, at, value)
        _, total = relaxed(value, state, p, order)
        now = bound_of(at, total, m)
        picked = np.zeros(m, np.bool_)
        picked[order[:p]] = True
        cost = serve(start, site, price, picked, at, slack)
        if cost < cheapest:
            cheapest = cost
            known = min(known, cost)
            plan[:] = order[:p].astype(np.int32)
        if now > best:
            best, idle = now, 0
            offer[:] = at
            if best >= cutoff:
                break
        else:
            idle += 1
            if idle >= 6:
                idle = 0
                pace[0] *= 0.7
                at[:] = offer
        norm = 0.0
        keep = 0.0 if turn == 0 else 0.8
        for j in range(m):
            share[j] = 0.9 * share[j] + 0.1 * picked[j]
        for i in range(n):
            heading[i] = keep * heading[i] + (1.0 - keep) * slack[i]
            norm += heading[i] * heading[i]
        if norm == 0.0:
            break
        step = pace[0] * (known * 1.0001 - now) / norm
        for i in range(n):
            at[i] = max(0.0, at[i] + step * heading[i])
    return best, cheapest


@kernel
def fix(
    start: Longs,
    site: Ints,
    price: Floats,
    state: States,
    p: int,
    cutoff: float,
    offer: Floats,
) -> int:
    """Settle the free candidates whose other state alone lifts the bound to the cutoff.

    Returns how many were settled.
    """
    m = len(state)
    value, order = np.empty(m), np.empty(m, np.int64)
    saving(start, site, price, offer, value)
    held, total = relaxed(value, state, p, order)
    now = bound_of(offer, total, m)
    settled = 0
    for s in range(held):
        j = order[s]
        if state[j] != 0:
            continue
        if s < p:
            other = now - value[j] + value[order[p]] if held > p else np.inf
        else:
            other = now + value[j] - value[order[p - 1]] if p > 0 else np.inf
        if other >= cutoff:
            state[j] = 1 if s < p else -1
            settled += 1
    return settled


@kernel
def shorten(start: Longs, site: Ints, price: Floats, state: States) -> tuple[Longs, Ints, Floats]:
    """The lists without what is out, each ending at the first site that is in."""
    n = len(start) - 1
    begins = np.zeros(n + 1, np.int64)
    sites, prices = np.empty(len(site), np.int32), np.empty(len(site))
    at = 0
    for i in range(n):
        for k in range(start[i], start[i + 1]):
            if state[site[k]] >= 0:
                sites[at], prices[at] = site[k], price[k]
                at += 1
                if state[site[k]] > 0:
                    break
        begins[i + 1] = at
    return begins, sites[:at].copy(), prices[:at].copy()
