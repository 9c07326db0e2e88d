"""Which site serves each demand, and what each site of a plan is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Assignment:
    """Per demand, shape (n,): its cheapest site and the cost, not weighted.

    `site` is a row of a candidate, of equally cheap ones the lowest; -1, with an infinite cost,
    where no site reaches the demand.
    """

    site: Rows
    cost: Floats


@dataclass(frozen=True)
class SiteWorth:
    """What one site of a plan carries; costs are Σ weight x cost unless said otherwise.

    demands, weight, cost : number, weight and cost of the demands that it serves.
    greatest_cost : the greatest cost of one of them, not weighted; 0 without any.
    loss : how much the plan's cost rises without it; infinite where that cuts a demand off.
    alternative, price : the candidate that replaces it best (None: no candidate can), and how much
        the plan's cost then rises (below 0: it falls).
    """

    site: int
    demands: int
    weight: float
    cost: float
    greatest_cost: float
    loss: float
    alternative: int | None
    price: float


def assign(cost: ArrayLike, chosen: ArrayLike) -> Assignment:
    """Give each demand its cheapest site; `cost` (n, m), `chosen` rows of candidates."""
    table, sites = np.asarray(cost, np.float64), np.unique(np.asarray(chosen, np.int64))
    own = table[:, sites]
    least = own.min(axis=1)
    return Assignment(np.where(np.isfinite(least), sites[own.argmin(axis=1)], -1), least)


def site_worth(
    cost: ArrayLike, weights: ArrayLike, chosen: ArrayLike, forbidden: Sequence[int] = ()
) -> list[SiteWorth]:
    """What each site of a plan that reaches every demand is worth, by candidate's row.

    `cost` (n, m), `weights` (n,); `forbidden` candidates replace nothing. Time grows with n x m.
    """
    table, weight = np.asarray(cost, np.float64), np.asarray(weights, np.float64)
    sites = np.unique(np.asarray(chosen, np.int64))
    served = assign(table, sites)
    nearer = np.maximum(served.cost[:, None] - table, 0.0)
    saved = weight @ nearer
    barred = np.union1d(sites, np.asarray(forbidden, np.int64))
    found = []
    for site in sites:
        mine = np.flatnonzero(served.site == site)
        own, paid = weight[mine], served.cost[mine]
        second = table[np.ix_(mine, sites[sites != site])].min(axis=1, initial=np.inf)
        instead = _rise(np.minimum(table[mine], second[:, None]) - paid[:, None], own)
        price = instead - (saved - own @ nearer[mine])
        price[barred] = np.inf
        best = int(price.argmin())
        some = bool(np.isfinite(price[best]))
        found.append(
            SiteWorth(
                site=int(site),
                demands=len(mine),
                weight=float(own.sum()),
                cost=float(own @ paid),
                greatest_cost=float(paid.max(initial=0.0)),
                loss=float(_rise((second - paid)[:, None], own)[0]),
                alternative=best if some else None,
                price=float(price[best]),
            )
        )
    return found


def _rise(each: Floats, weight: Floats) -> Floats:
    """Σ weight x rise per column; infinite where a demand is cut off, whatever its weight."""
    cut = np.isinf(each)
    total = weight @ np.where(cut, 0.0, each)
    return np.where(cut.any(axis=0), np.inf, total)
