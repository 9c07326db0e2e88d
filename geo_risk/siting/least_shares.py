"""Maximal covering that must reach at least a share of some classes of demand.

The bound is Lagrangian: with multipliers λ ≥ 0 no plan that meets the shares reaches more than
max Σ w (1 + λ) − Σ λ needed. Plans come of the same problem with the missed classes' weights
raised; what is small goes to HiGHS as one model. Proofs: docs/methods/cameras.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from geo_risk.errors import Text

from .constrained import Demands, LeastWeight, max_cover_with
from .cover import checked, max_cover
from .evaluate import cover, times_covered
from .infeasible import InfeasibleError
from .instance import Flags
from .quick_curve import max_cover_from_quick, quick_plan
from .reach import Floats, Longs, Reach
from .share_swaps import Rules, swapped
from .solution import OPTIMAL_GAP, Progress, Report, Solution, Stop, gap, never, silent

_SLACK = 1e-9
"""A share counts as met up to this, as a check of the plan has it."""
_EFFORT, _MOST_EFFORT = 20, 60
"""Solutions of the LP for each set of weights, and for a class alone."""
_RAISES, _HALVINGS = 12, 5
"""How often weights are doubled at most, and how often the factor is then halved in between."""
_SMALL = 20_000
"""Entries that go to HiGHS as one model."""


@dataclass(frozen=True)
class Least:
    """A class of demand (True in `rows`, shape (demands,)) and the least share of its weight."""

    name: Text
    rows: Flags
    share: float


@dataclass(frozen=True)
class Shared:
    """The plan, and what it would reach of each class (a share) without any demand on shares.

    `free` is None where the shares were met without.
    """

    solution: Solution
    free: list[float] | None


def max_cover_with_shares(
    reach: Reach,
    weight: ArrayLike,
    least: Sequence[Least],
    *,
    p: int | None = None,
    budget: float | None = None,
    cost: ArrayLike | None = None,
    existing: ArrayLike = (),
    seed: int = 0,
    stop_free: Stop = never,
    stop: Stop = never,
    report: Report = silent,
) -> Shared:
    """The plan of `max_cover` that reaches the least share of each class, with a valid bound.

    `stop_free` ends the search for the plan without shares, `stop` the whole. Errors as of
    `max_cover`; `InfeasibleError` `share_impossible` where no plan reaches a class's share,
    `demands_conflict` where none reaches all, `shares_not_found` where none was found and none is
    proved not to be.
    """
    weights = checked(weight, reach.demands, "weight")
    limits = {"p": p, "budget": budget, "cost": cost, "existing": existing}
    solve = partial(max_cover, reach, **limits, seed=seed)  # type: ignore[arg-type]
    if p is not None and p > 0:
        free = max_cover_from_quick(
            *(reach, weights, p), existing=existing, seed=seed, stop=stop_free, report=report
        )
    else:
        free = solve(weight=weights, stop=stop_free, report=report)
    if not least:
        return Shared(free, None)
    prices = np.ones(reach.candidates) if cost is None else np.array(cost, np.float64)
    prices[np.asarray(existing, np.int64)] = 0.0
    most = float(p if budget is None else budget)  # type: ignore[arg-type]
    hunt = _Hunt(reach, weights, least, free, solve, stop, (prices, most))
    if p is not None:
        hunt.planned = partial(quick_plan, reach, p=p, existing=existing, effort=_EFFORT, stop=stop)
    if hunt.best is not None:
        return Shared(free, None)
    hunt.look_at_each()
    hunt.raise_weights()
    if len(reach.candidate) <= _SMALL:
        hunt.solve_whole(limits)
    if hunt.best is None:
        raise hunt.failure(cover(reach, weights, existing))
    bound = max(hunt.bound, hunt.best.objective)
    report(Progress(hunt.best.objective, bound))
    solution = Solution(hunt.best.chosen, hunt.best.objective, bound, True)
    return Shared(solution, hunt.shares(free.chosen).tolist())


class _Hunt:
    """The best plan that meets the shares so far, and the best bound on any such plan."""

    def __init__(
        self,
        reach: Reach,
        weights: Floats,
        least: Sequence[Least],
        free: Solution,
        solve: Callable[..., Solution],
        stop: Stop,
        limit: tuple[Floats, float],
    ) -> None:
        self._reach, self._weights, self._least = reach, weights, least
        self._solve, self._stop = solve, stop
        self.planned: Callable[..., Solution] = partial(solve, effort=_EFFORT, stop=stop)
        self._rows = np.array([one.rows for one in least], bool)
        self._whole = np.array([weights[rows].sum() for rows in self._rows], np.float64)
        self._needed = np.array([one.share - _SLACK for one in least]) * self._whole
        self._rules = Rules(np.vstack([weights, self._rows * weights]), self._needed, *limit)
        self.bound, self.best, self._last = free.bound, None, free.chosen
        self._take(free.chosen)

    best: Solution | None

    @property
    def _proved(self) -> bool:
        return self.best is not None and gap(self.best.objective, self.bound) <= OPTIMAL_GAP

    def shares(self, chosen: Longs) -> Floats:
        """The share of each class that a plan reaches; all of a class without weight."""
        some = self._whole > 0
        return np.where(some, self._reached(chosen) / np.where(some, self._whole, 1.0), 1.0)

    def look_at_each(self) -> None:
        """Each class that is missed, alone: `InfeasibleError` where its share is out of reach."""
        for at in np.flatnonzero(self._missed(self._last)).tolist():
            needed = float(self._needed[at])
            known = _Known(needed, self._stop)
            plan = self._solve(
                weight=np.where(self._rows[at], self._weights, 0.0),
                effort=_MOST_EFFORT,
                stop=known.stop,
                report=known.heard,
            )
            if plan.bound < needed:
                raise self._impossible(at, plan)
            self._take(plan.chosen)

    def raise_weights(self) -> None:
        """Raise the weights of the classes missed until none is, then lower one after the other.

        Raising goes on when the time is up: then each plan takes no longer than greed.
        """
        low = high = np.ones(len(self._least))
        for _ in range(_RAISES):
            missed = self._missed(self._last)
            if not missed.any():
                break
            low, high = high, np.where(missed, 2.0 * high, high)
            self._weighed(high)
        self.swap()
        raised = np.flatnonzero(high > 1.0)
        for at in raised.tolist():
            least = low[at] if len(raised) == 1 else 1.0
            high[at] = self._lowered(high, at, least)
        self.swap()

    def _lowered(self, times: Floats, at: int, low: float) -> float:
        """About the least factor of one class's weight with which all are met, the others held."""
        high = float(times[at])
        for _ in range(_HALVINGS):
            if self._stop() or self._proved:
                break
            middle = math.sqrt(low * high)
            tried = times.copy()
            tried[at] = middle
            self._weighed(tried)
            if self._missed(self._last).any():
                low = middle
            else:
                high = middle
        return high

    def solve_whole(self, limits: Mapping[str, Any]) -> None:
        """All as one model, from the best plan known. `InfeasibleError` `demands_conflict`."""
        if self._proved:
            return
        held = [
            LeastWeight(one.name, rows, float(needed))
            for one, rows, needed in zip(self._least, self._rows, self._needed, strict=True)
            if needed > 0
        ]
        demands = Demands(existing=limits["existing"], weights=held)
        limit = {name: limits[name] for name in ("p", "budget", "cost")}
        start = () if self.best is None else self.best.chosen
        try:
            found = max_cover_with(
                self._reach, self._weights, demands, **limit, start=start, stop=self._stop
            )
        except InfeasibleError as error:
            if error.code == "demands_conflict" and self.best is None:
                raise
            return
        self._take(found.chosen)
        self.bound = min(self.bound, found.bound)

    def failure(self, nothing: float) -> InfeasibleError:
        """That no plan was found; proved where the bound lies below the cover of `nothing` new."""
        names = [one.name for one in self._least]
        zh, en = "；".join(one["zh"] for one in names), "; ".join(one["en"] for one in names)
        if self.bound < nothing * (1.0 - _SLACK):
            words = Text(f"这些要求不能同时满足：{zh}", f"These cannot be met together: {en}")
            return InfeasibleError("demands_conflict", words, got=len(names))
        words = Text(
            f"没有找到同时满足的方案，也没有证明不可能：{zh}",
            f"No plan was found that meets all, nor is it proved that none does: {en}",
        )
        found = ", ".join(f"{math.floor(one * 1000) / 10:g} %" for one in self.shares(self._last))
        return InfeasibleError("shares_not_found", words, got=found)

    def _impossible(self, at: int, plan: Solution) -> InfeasibleError:
        """What is possible of a class at most: by its best plan, or by the bound."""
        most = math.ceil(min(plan.bound / self._whole[at], 1.0) * 1000 - 1e-6) / 10
        name, found = self._least[at].name, math.floor(plan.objective / self._whole[at] * 1000) / 10
        words = Text(
            f"{name['zh']} 达不到：已证明最多 {most:g} %(找到 {found:g} %)",
            f"{name['en']} is out of reach: proved to be {most:g} % at most ({found:g} % found)",
        )
        return InfeasibleError("share_impossible", words, got=f"{most:g} %")

    def _weighed(self, times: Floats) -> None:
        """The plan for weights so many times as great, and the bound that it proves."""
        raised = self._weights * (1.0 + (times - 1.0) @ self._rows)
        plan = self.planned(weight=raised)
        self._last = plan.chosen
        self._take(plan.chosen)
        bound = plan.bound - float((times - 1.0) @ self._needed)
        self.bound = min(self.bound, bound + _SLACK * float(raised.sum()))

    def _take(self, chosen: Longs) -> None:
        """Keep a plan that meets all and is better."""
        worth = cover(self._reach, self._weights, chosen)
        better = self.best is None or worth > self.best.objective
        if better and self._rules.kept(self._reach, chosen):
            self.best = Solution(chosen, worth, math.inf, True)

    def swap(self) -> None:
        """Better the best plan by exchanges."""
        if self.best is not None and not self._proved:
            self._take(swapped(self._reach, self._rules, self.best.chosen, self._stop))

    def _missed(self, chosen: Longs) -> Flags:
        return np.asarray(self._reached(chosen) < self._needed)

    def _reached(self, chosen: Longs) -> Floats:
        """The weight of each class that a plan reaches."""
        served = np.where(times_covered(self._reach, chosen) > 0, self._weights, 0.0)
        return np.asarray(self._rows @ served, np.float64)


class _Known:
    """Whether a search has found as much as is needed."""

    def __init__(self, needed: float, stop: Stop) -> None:
        self._needed, self._stop, self._known = needed, stop, False

    def heard(self, now: Progress) -> None:
        self._known = now.objective >= self._needed

    def stop(self) -> bool:
        return self._known or self._stop()
