"""What a plan is worth: cover by class, each site's part, what its loss costs, alternatives.

Pure functions over a reach, independent of any solver: a plan is checked by them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .reach import Floats, Longs, Reach, summed


@dataclass(frozen=True)
class ClassCover:
    """Demand of one class (a grade, a town): its weight and how much of it is reached."""

    name: str
    weight: float
    covered: float

    @property
    def share(self) -> float:
        """Covered share; 0 where the class has no weight."""
        return self.covered / self.weight if self.weight else 0.0


@dataclass(frozen=True)
class SiteWorth:
    """One site of a plan: what it reaches, and what would be lost without it.

    `alternative` is the candidate outside the plan that would replace it best, and `price` the
    cover that this exchange costs (negative where it gains); -1 and `lost` where there is none.
    """

    candidate: int
    reached: float
    lost: float
    alternative: int
    price: float


def times_covered(reach: Reach, chosen: ArrayLike) -> Longs:
    """How many of the chosen candidates reach each demand, shape (demands,)."""
    open_ = np.zeros(reach.candidates, bool)
    open_[np.asarray(chosen, dtype=np.int64)] = True
    hit = open_[reach.candidate]
    return np.bincount(reach.row_of_entry[hit], minlength=reach.demands).astype(np.int64)


def cover(reach: Reach, weight: ArrayLike, chosen: ArrayLike) -> float:
    """The weight of demand that at least one of the chosen reaches."""
    return float(np.asarray(weight, np.float64)[times_covered(reach, chosen) > 0].sum())


def cover_by_class(
    reach: Reach, weight: ArrayLike, chosen: ArrayLike, names: NDArray[np.str_] | list[str]
) -> list[ClassCover]:
    """Cover per name of class, shape (demands,), in the order of the names' first rows."""
    weights = np.asarray(weight, np.float64)
    reached = times_covered(reach, chosen) > 0
    kinds, first, of_row = np.unique(np.asarray(names), return_index=True, return_inverse=True)
    total = summed(of_row, weights, len(kinds))
    part = summed(of_row, np.where(reached, weights, 0.0), len(kinds))
    order = np.argsort(first, kind="stable")
    return [ClassCover(str(kinds[k]), float(total[k]), float(part[k])) for k in order]


def site_worths(
    reach: Reach, weight: ArrayLike, chosen: ArrayLike, allowed: ArrayLike | None = None
) -> list[SiteWorth]:
    """For each chosen site, ascending, its worth; alternatives are among `allowed` (default all).

    Of equal alternatives the one with the lowest number.
    """
    weights = np.asarray(weight, np.float64)
    plan = np.unique(np.asarray(chosen, dtype=np.int64))
    count = times_covered(reach, plan)
    starts, demand = reach.by_candidate()
    usable = np.ones(reach.candidates, bool)
    if allowed is not None:
        usable[:] = False
        usable[np.asarray(allowed, dtype=np.int64)] = True
    usable[plan] = False
    row = reach.row_of_entry
    adds = _adds(reach, np.where(count == 0, weights, 0.0), row)
    found = []
    for site in plan:
        rows = demand[starts[site] : starts[site + 1]]
        alone = rows[count[rows] == 1]
        lost = float(weights[alone].sum())
        regained = adds + _regained(reach, weights, alone)
        best = int(np.argmax(np.where(usable, regained, -1.0))) if usable.any() else -1
        price = lost - float(regained[best]) if best >= 0 else lost
        found.append(SiteWorth(int(site), float(weights[rows].sum()), lost, best, price))
    return found


def _adds(reach: Reach, weights: Floats, row: Longs) -> Floats:
    return summed(reach.candidate, weights[row], reach.candidates)


def _regained(reach: Reach, weights: Floats, rows: NDArray[np.int32]) -> Floats:
    """The weight of some rows that each candidate reaches."""
    sizes = np.diff(reach.starts)[rows]
    ends = np.cumsum(sizes)
    at = np.repeat(reach.starts[rows] - ends + sizes, sizes) + np.arange(int(sizes.sum()))
    return summed(reach.candidate[at], np.repeat(weights[rows], sizes), reach.candidates)
