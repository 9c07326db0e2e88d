"""The p-centre: p sites so that the greatest cost from a demand to its nearest site is least.

A search over the distinct costs: each asks whether p sites can serve all within it. Formulas and
limits: docs/methods/median.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from . import _dual_kernels as dual
from . import _swap_kernels as search
from .costs import Choice, Floats, checked, nearest_lists, too_few, undecided
from .serving import Serving, Sites
from .solution import Progress, Report, Solution, Stop, never, silent


def p_center(
    cost: ArrayLike,
    p: int,
    *,
    fixed: Sequence[int] = (),
    forbidden: Sequence[int] = (),
    stop: Stop = never,
    report: Report = silent,
) -> Solution:
    """Choose p candidates so that the greatest cost to the nearest chosen one is least.

    `cost`, `fixed`, `forbidden` and the errors are those of `p_median`. Sites that the least
    radius does not need are chosen so that the sum of all costs falls most.
    """
    work = _Search(checked(cost, p, fixed, forbidden), stop, report)
    work.narrow()
    work.decide()
    return work.solution()


class _Search:
    """Distinct costs; `low` is the first that may serve, `high` the least that is known to."""

    def __init__(self, choice: Choice, stop: Stop, report: Report) -> None:
        self.choice, self.stop, self.report = choice, stop, report
        state = np.where(choice.usable, 0, -1).astype(np.int8)
        state[choice.fixed] = 1
        self.lists = dual.shorten(*nearest_lists(choice.cost), state)
        self.serving = Serving(choice, self.lists, stop)
        start, _, price = self.lists
        least = price[start[:-1]].max()
        self.costs: Floats = np.unique(price[price >= least])
        self.low, self.high = 0, len(self.costs)
        self.sites: Sites | None = None

    def narrow(self) -> None:
        """Close in from above by greedy plans, from below by demands that share no site."""
        _first(0, len(self.costs), self.serves_greedily)
        self.low = _first(0, self.high, lambda at: not self.serving.too_tight(self.costs[at]))
        self.tell()

    def serves_greedily(self, at: int) -> bool:
        sites, unserved = self.serving.greedy(self.costs[at])
        if not len(unserved):
            self.take(sites)
        return not len(unserved)

    def take(self, sites: Sites) -> None:
        """Take a plan over if its greatest cost is less."""
        radius = self.choice.cost[:, sites].min(axis=1).max()
        at = int(np.searchsorted(self.costs, radius))
        if at < self.high:
            self.sites, self.high = sites, at

    def decide(self) -> None:
        """Halve what lies between by exact answers."""
        while self.low < self.high and not self.stop():
            at = (self.low + min(self.high, len(self.costs) - 1)) // 2
            if self.high == len(self.costs):
                at = len(self.costs) - 1  # first of all, whether any plan serves all
            sites, proved = self.serving.decided(self.costs[at])
            if sites is not None:
                self.take(sites)
            elif proved:
                self.low = at + 1
            else:
                return
            self.tell()

    def tell(self) -> None:
        if self.high < len(self.costs):
            least = self.costs[min(self.low, self.high)]
            self.report(Progress(float(self.costs[self.high]), float(least)))

    def solution(self) -> Solution:
        if self.sites is None:
            if self.low <= self.high - 1:
                raise undecided()
            raise too_few(self.serving.greedy(self.costs[-1])[1], self.choice.p)
        choice = self.choice
        plan = np.empty(choice.p, np.int32)
        plan[: len(self.sites)] = self.sites
        worst = choice.cost[:, self.sites].min(axis=1)
        search.open_greedily(
            choice.p, *self.lists, choice.cost, choice.usable, worst, plan, len(self.sites)
        )
        chosen = np.sort(plan).astype(np.int64)
        objective = float(choice.cost[:, chosen].min(axis=1).max())
        return Solution(chosen, objective, float(self.costs[self.low]), maximise=False)


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The first number from `low` on at which it holds, if it then holds for all above; or high."""
    while low < high:
        at = (low + high) // 2
        if holds(at):
            high = at
        else:
            low = at + 1
    return low
