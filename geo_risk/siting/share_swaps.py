"""A plan bettered by exchanges that keep what it must reach of each class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .evaluate import times_covered
from .reach import Floats, Longs, Reach, summed
from .solution import Stop

_NOTHING = 1e-9
"""An exchange that gains less than this share of what is reached is none."""


@dataclass(frozen=True)
class Rules:
    """What a plan has to keep: a least value of each class, and a limit on prices.

    `values` of each demand, shape (1 + classes, demands), the objective first; `needed` shape
    (classes,); `price` of each candidate, 0 for those that stay, and the most they may cost.
    """

    values: Floats
    needed: Floats
    price: Floats
    most: float

    def kept(self, reach: Reach, chosen: Longs) -> bool:
        """Whether a plan keeps them."""
        served = times_covered(reach, chosen) > 0
        enough = self.values[1:] @ served >= self.needed
        return bool(enough.all() and self.price[chosen].sum() <= self.most * (1.0 + 1e-12))


def swapped(reach: Reach, rules: Rules, chosen: Longs, stop: Stop) -> Longs:
    """The plan after the best exchanges of one site, or one more, that keep the rules.

    Sites of price 0 stay. Ends when none gains or `stop` says so.
    """
    starts, demand = reach.by_candidate()
    while not stop():
        count = times_covered(reach, chosen)
        reached = rules.values @ (count > 0)
        rest = rules.most * (1.0 + 1e-12) - rules.price[chosen].sum()
        closed = ~np.isin(np.arange(reach.candidates), chosen)
        gains = _reached(reach, rules.values, np.flatnonzero(count == 0))
        best, better = _NOTHING * float(reached[0]), None
        for out in [-1, *chosen[rules.price[chosen] > 0].tolist()]:
            rows = demand[starts[out] : starts[out + 1]] if out >= 0 else demand[:0]
            lone = rows[count[rows] == 1].astype(np.int64)
            total = gains + _reached(reach, rules.values, lone)
            total -= rules.values[:, lone].sum(axis=1)[:, None]
            fits = closed & (rules.price <= rest + (rules.price[out] if out >= 0 else 0.0))
            fits &= (total[1:] >= (rules.needed - reached[1:])[:, None]).all(axis=0)
            site = int(np.argmax(np.where(fits, total[0], -np.inf)))
            if fits[site] and total[0, site] > best:
                best, better = float(total[0, site]), (out, site)
        if better is None:
            break
        chosen = np.sort(np.append(chosen[chosen != better[0]], better[1]))
    return chosen


def _reached(reach: Reach, values: Floats, rows: Longs) -> Floats:
    """For each value and candidate what it reaches of some demands, shape (values, candidates)."""
    sizes = np.diff(reach.starts)[rows]
    ends = np.cumsum(sizes)
    at = np.repeat(reach.starts[rows] - ends + sizes, sizes) + np.arange(int(sizes.sum()))
    sites, of = reach.candidate[at], np.repeat(rows, sizes)
    return np.array([summed(sites, one[of], reach.candidates) for one in values])
