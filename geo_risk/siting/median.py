"""The p-median: p sites so that weight x cost to the nearest site is least, with a bound.

A heuristic plan at once, a Lagrangian bound, candidates settled by it, and branch and bound on
what is left. Formulas and limits: docs/methods/median.md.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _dual_kernels as dual
from . import _swap_kernels as search
from .costs import Choice, Floats, checked, checked_weights, nearest_lists
from .serving import serving_sites
from .solution import Progress, Report, Solution, Stop, never, silent

CLOSE = 1e-7
"""Plans whose objective differs by less than this share count as equally good."""
_TURNS, _NODE_TURNS = 25, 30
_KICKS = 8
_STALLED = 2e-5
_WHOLE = 2.0**53
_NO_KICKS = np.empty((0, 2), np.int64)
Node = tuple[float, int, NDArray[np.int8], Floats]
"""Bound, number, state of each candidate (1 in, 0 free, -1 out), multipliers."""


def p_median(
    cost: ArrayLike,
    weights: ArrayLike,
    p: int,
    *,
    fixed: Sequence[int] = (),
    forbidden: Sequence[int] = (),
    gap: float = 0.0,
    seed: int = 0,
    stop: Stop = never,
    report: Report = silent,
) -> Solution:
    """Choose p candidates so that Σ weight x cost to the nearest chosen one is least.

    Parameters
    ----------
    cost : shape (n, m), from 0 on; infinite where the candidate does not reach the demand.
    weights : shape (n,), from 0 on.
    fixed, forbidden : rows of candidates that every plan holds, or none does.
    gap : the search ends as soon as the bound is proved to lie within this share.
    seed : the same input and seed give the same answer (while `stop` does not cut in).

    Raises `InfeasibleError` (its `demands` say which) and `UsageError` `cost_invalid`,
    `weights_invalid`, `lengths_differ`, `sites_invalid`, `p_invalid`.
    """
    choice = checked(cost, p, fixed, forbidden)
    work = _Search(choice, checked_weights(weights, len(choice.cost)), gap, seed, stop, report)
    work.first_plan()
    work.improve(min(_KICKS, p // 2))
    work.raise_bound()
    work.branch()
    chosen = np.sort(work.chosen).astype(np.int64)
    return Solution(chosen, work.objective, work.bound(), maximise=False)


class _Search:
    """The best plan, the bound with its multipliers, and the parts that are still open."""

    def __init__(
        self, choice: Choice, weights: Floats, gap: float, seed: int, stop: Stop, report: Report
    ) -> None:
        self.choice, self.p, self.gap, self.stop, self.report = choice, choice.p, gap, stop, report
        self.draw = np.random.default_rng(seed)
        reached = np.isfinite(choice.cost)
        self.weighted = np.where(reached, choice.cost, 0.0) * weights[:, None]
        self.whole = bool((self.weighted == np.rint(self.weighted)).all())
        self.whole &= self.weighted.sum() < _WHOLE
        self.unserved = self.weighted.max(axis=1)
        if not reached.all():
            self.unserved[:] = self.unserved.sum() + 1.0
            self.weighted[~reached] = np.inf
        self.state = np.where(choice.usable, 0, -1).astype(np.int8)
        self.state[choice.fixed] = 1
        self.lists = dual.shorten(*nearest_lists(self.weighted), self.state)
        self.core = self.lists
        self.chosen = np.empty(0, np.int32)
        self.objective, self.proved, self.skipped = math.inf, 0.0, math.inf

    @property
    def cutoff(self) -> float:
        """The bound from which on a part of the plans holds none that is worth finding."""
        worth = self.objective * (1.0 - CLOSE)
        if self.whole:
            worth = min(worth, self.objective - 1.0 + 1e-6)
        return min(worth, self.objective * (1.0 - self.gap * (1.0 - 1e-9)))

    def bound(self) -> float:
        """At most every plan's objective; rounded up where all objectives are whole."""
        least = min(self.proved, self.skipped)
        return min(float(np.ceil(least)) if self.whole else least, self.objective)

    def prove(self, bound: float) -> bool:
        """Take the bound over and say so; True when it suffices or the time is up."""
        self.proved = max(self.proved, bound)
        self.report(Progress(self.objective, self.bound()))
        return bound >= self.cutoff or self.stop()

    def first_plan(self) -> None:
        """Greedy and swaps; from a plan that serves all where not every candidate does."""
        sites = self.choice.fixed.astype(np.int32)
        if np.isinf(self.weighted).any():
            sites = serving_sites(self.choice, self.lists, self.stop)
        plan = np.empty(self.p, np.int32)
        plan[: len(sites)] = sites
        usable = self.choice.usable
        search.open_greedily(
            self.p, *self.lists, self.weighted, usable, self.unserved, plan, len(sites)
        )
        self.descend(plan)

    def descend(self, plan: NDArray[np.int32], kicks: NDArray[np.int64] = _NO_KICKS) -> None:
        """Swap in the kicks, then for the better; keep the plan if it is as good as the best."""
        fixed, usable = len(self.choice.fixed), self.choice.usable
        search.descend(plan, fixed, usable, *self.lists, self.weighted, self.unserved, kicks)
        objective = float(self.weighted[:, plan].min(axis=1).sum())
        if objective <= self.objective:
            self.chosen, self.objective = plan, objective

    def improve(self, rounds: int) -> None:
        """Iterated local search: swap a few sites at random, descend, go on from the better."""
        fixed, (open_,) = len(self.choice.fixed), np.nonzero(self.choice.usable)
        if self.p == fixed:
            return
        for turn in range(rounds):
            if self.stop():
                return
            count = min(1 + turn % 4, self.p - fixed)
            places = fixed + self.draw.permutation(self.p - fixed)[:count]
            kicks = np.column_stack([places, self.draw.choice(open_, count)])
            self.descend(self.chosen.copy(), kicks)

    def descend_from(self, plan: NDArray[np.int32]) -> None:
        """The same from a relaxed plan, which holds the fixed sites in some place."""
        own = plan[~np.isin(plan, self.choice.fixed)]
        self.descend(np.concatenate([self.choice.fixed.astype(np.int32), own]))

    def raise_bound(self) -> None:
        """Subgradient steps at the root, until the bound suffices or hardly rises."""
        paid = np.sort(self.weighted[:, self.chosen], axis=1)[:, :2]
        second = np.where(np.isfinite(paid[:, -1]), paid[:, -1], paid[:, 0])
        self.offer = paid[:, 0] + 0.25 * (second - paid[:, 0])
        self.share, pace = np.zeros(len(self.state)), np.array([1.0, self.objective])
        past, settled = [0.0], np.count_nonzero(self.state)
        while True:
            bound = self.climb(self.state, self.offer, self.share, pace, _TURNS)
            past.append(max(bound, past[-1]))
            if self.prove(bound) or (len(past) > 4 and past[-1] - past[-5] <= _STALLED * past[-1]):
                return
            if np.count_nonzero(self.state) > settled:
                settled = np.count_nonzero(self.state)
                self.core = dual.shorten(*self.core, self.state)
            self.improve(1)

    def climb(
        self,
        state: NDArray[np.int8],
        offer: Floats,
        share: Floats,
        pace: Floats,
        turns: int,
    ) -> float:
        """Raise a part's bound, settle candidates in it, and try its best relaxed plan.

        Infinite where the part holds no plan but those that have been tried.
        """
        if self.settled(state):
            return math.inf
        plan = self.chosen.astype(np.int32)  # stays so where no relaxed plan serves all
        pace[1] = self.objective
        bound, _ = dual.ascend(
            *self.core, state, self.p, self.cutoff, offer, share, pace, turns, plan
        )
        if not np.isin(plan, self.chosen).all():
            self.descend_from(plan)
        if bound < self.cutoff and dual.fix(*self.core, state, self.p, self.cutoff, offer):
            self.skipped = self.cutoff
        return float(bound)

    def branch(self) -> None:
        """Best-first branch and bound on the candidates that are still free."""
        if self.proved >= self.cutoff:
            return
        self.improve(4 * _KICKS)
        self.core = dual.shorten(*self.core, self.state)
        heap: list[Node] = [(self.proved, 0, self.state, self.offer)]
        number = 0
        while heap:
            if self.prove(heap[0][0]):
                return
            bound, _, state, offer = heapq.heappop(heap)
            state, offer = state.copy(), offer.copy()
            share, pace = np.zeros(len(state)), np.array([0.3, 0.0])
            bound = max(bound, self.climb(state, offer, share, pace, _NODE_TURNS))
            if bound >= self.cutoff:
                self.skipped = min(self.skipped, bound)
            if bound >= self.cutoff or self.settled(state):
                continue
            at = _undecided(state, share)
            for side in (1, -1):
                number += 1
                child = state.copy()
                child[at] = side
                heapq.heappush(heap, (bound, number, child, offer))
        self.prove(self.skipped)

    def settled(self, state: NDArray[np.int8]) -> bool:
        """Whether a part holds at most one plan; that plan is tried."""
        (within,), (possible,) = np.nonzero(state > 0), np.nonzero(state >= 0)
        sites = within if len(within) >= self.p else possible
        if len(sites) == self.p:
            self.descend_from(sites.astype(np.int32))
        return len(sites) <= self.p


def _undecided(state: NDArray[np.int8], share: Floats) -> int:
    """The free candidate that the relaxed plans hold closest to half of the time."""
    return int(np.argmin(np.where(state == 0, np.abs(share - 0.5), np.inf)))
