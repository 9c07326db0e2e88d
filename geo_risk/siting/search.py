"""Good plans quickly: greedy, then tabu search by exchanges with restarts from the best."""

from __future__ import annotations

import numpy as np

from . import _cover_kernels as kernels
from ._reach_kernels import neighbours
from .instance import Flags, Instance
from .reach import Floats

_PHASES = 3
"""So many phases without a better plan before part of the best is torn out and filled anew."""
_TORN = 0.25
_BY_SHARES = 0.2
_TENURE = (np.log(0.06), np.log(1.0))
"""Logarithms of the least and most moves a site rests, as a share of the sites in a plan."""
_MOST_SHARED = 40_000_000


class Search:
    """A search over one instance; `best_open` and `best` only improve."""

    def __init__(self, instance: Instance, rng: np.random.Generator) -> None:
        self.instance, self.rng = instance, rng
        sites = len(instance.cost)
        self._slots = _most_open(instance)
        self._alone = instance.alone
        self._problem = kernels.Problem(
            instance.weight, *instance.matrix, instance.cost, instance.budget
        )
        self._shared = np.zeros((self._slots, sites))
        self._near = neighbours(*instance.matrix)
        self._tabu = np.zeros(sites, np.int64)
        self._state = rng.integers(1, 2**63, 1).astype(np.uint64)
        self._stale = 0
        self.best_open = np.zeros(sites, bool)
        self.best = instance.base
        self.eager = 1.0
        """Moves for each step of the LP, as long as they find better plans."""
        self.shares: Floats | None = None
        self._load(self.best_open)

    def start(self) -> None:
        """The better of the two greedy plans, by gain and by gain per cost."""
        for per_cost in (False, True):
            self._load(np.zeros(len(self.instance.cost), bool))
            kernels.greedy(per_cost, self._plan, self._problem)
            self._note()

    def try_from(self, open_: Flags) -> None:
        """Go on from another plan, filled up as far as the budget allows."""
        self._load(open_)
        kernels.greedy(False, self._plan, self._problem)
        self._note()
        self._stale = 0

    def improve(self, moves: int) -> bool:
        """Some moves of tabu search; whether the best got better."""
        instance, usual = self.instance, max(int(np.count_nonzero(self.best_open)), 1)
        tenure = 2 + int(usual * np.exp(self.rng.uniform(*_TENURE)))
        before = self.best
        above = kernels.search(
            moves,
            tenure,
            self._state,
            self._tabu,
            *self._near,
            self.best_open,
            before - instance.base,
            self._plan,
            self._problem,
        )
        if above > before - instance.base:
            self.best = max(before, instance.cover(self.best_open))
        self._stale = 0 if self.best > before else self._stale + 1
        if self._stale >= _PHASES:
            self._tear()
        return self.best > before

    def _tear(self) -> None:
        """Start anew from most of the best plan, or from a draw by the LP's shares of sites."""
        if self.shares is not None and self.rng.random() < _BY_SHARES:
            drawn = np.log(self.shares + 1e-9) + self.rng.gumbel(size=len(self.shares))
            count = int((1.0 - _TORN) * np.count_nonzero(self.best_open))
            open_ = np.zeros(len(drawn), bool)
            open_[np.argsort(-drawn, kind="stable")[:count]] = True
            if self.instance.cost[open_].sum() <= self.instance.budget:
                return self.try_from(open_)
        plan = np.flatnonzero(self.best_open)
        torn = self.rng.permutation(plan)[: int(np.ceil(_TORN * len(plan)))]
        rest = self.best_open.copy()
        rest[torn] = False
        return self.try_from(rest)

    def _note(self) -> None:
        cover = float(self.instance.weight[self._plan.times > 0].sum() + self.instance.base)
        if cover > self.best:
            self.best = cover
            self.best_open = self._plan.slot_of >= 0

    def _load(self, open_: Flags) -> None:
        sites, rows = len(open_), len(self.instance.weight)
        self._plan = kernels.Plan(
            np.full(sites, -1, np.int32),
            np.zeros(rows, np.int32),
            np.zeros(rows, np.int64),
            self._alone.copy(),
            self._shared,
        )
        for slot, site in enumerate(np.flatnonzero(open_)[: self._slots]):
            kernels.put(site, slot, self._plan, self._problem)


def _most_open(instance: Instance) -> int:
    """How many sites a plan can hold at most, and as many as the memory carries."""
    spent = np.cumsum(np.sort(instance.cost))
    fit = int(np.searchsorted(spent, instance.budget, side="right"))
    return max(1, min(fit, _MOST_SHARED // max(len(instance.cost), 1)))
