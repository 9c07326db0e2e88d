"""The trade-off curve: cover against p, each point with its bound, and the knee."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from .cover import WIDER, checked, max_cover
from .quick_curve import quick_plans
from .reach import Reach
from .solution import Report, Solution, Stop, never, silent


@dataclass(frozen=True)
class Curve:
    """Plans for p = first_p, first_p + 1, …; after the `knee` more sites add clearly less.

    The knee is the point farthest above the straight line from the first to the last point.
    """

    first_p: int
    plans: tuple[Solution, ...]
    knee: int


def cover_curve(
    reach: Reach,
    weight: ArrayLike,
    p_max: int,
    *,
    existing: ArrayLike = (),
    required: ArrayLike = (),
    forbidden: ArrayLike = (),
    known: Mapping[int, Solution] | None = None,
    seed: int = 0,
    effort: int | None = None,
    stop: Stop = never,
    report: Report = silent,
) -> Curve:
    """The best plans for p from 1, or as many as are required, to `p_max`, each from the last.

    Cover never falls along the curve, and a plan for fewer sites is bounded by any bound for more.
    Without `effort` each point is proved. With it each gets a plan by greed or rounded from the
    LP, which is solved at most so often for each, and the bound of that LP: seconds where proof
    takes minutes. `known` are plans for some p to
    go on from. After `stop` the
    points left get the greedy plan and the bound known. Errors as of `max_cover`.
    """
    first = max(1, len(np.unique(np.asarray(required, dtype=np.int64))))
    solve = partial(
        max_cover,
        reach,
        weight,
        existing=existing,
        required=required,
        forbidden=forbidden,
        seed=seed,
        stop=stop,
    )
    counts = range(first, p_max + 1)
    if effort is None or not counts:
        plans = _proved(solve, counts, report)
    else:
        # The plan for the first also says what is wrong with the question.
        given = {first: solve(p=first, effort=0), **(known or {})}
        plans = quick_plans(
            *(reach, weight, counts),
            existing=existing,
            required=required,
            forbidden=forbidden,
            known=given,
            effort=effort,
            stop=stop,
            report=report,
        )
    return Curve(first, tuple(plans), first - 1 + knee([plan.objective for plan in plans]))


@dataclass(frozen=True)
class BudgetCurve:
    """Plans for rising budgets; after `knee`, one of the budgets, more money adds clearly less."""

    budgets: tuple[float, ...]
    plans: tuple[Solution, ...]
    knee: float


def budget_curve(
    reach: Reach,
    weight: ArrayLike,
    cost: ArrayLike,
    budgets: Sequence[float],
    *,
    existing: ArrayLike = (),
    required: ArrayLike = (),
    forbidden: ArrayLike = (),
    seed: int = 0,
    stop: Stop = never,
    report: Report = silent,
) -> BudgetCurve:
    """The best plans for budgets that rise, each from the last.

    Cover never falls along the curve, and a plan for less money is bounded by any bound for more.
    Each is proved, until `stop`. Budgets that do not pay for what is required are left out; errors
    as of `max_cover`, where none does.
    """
    costs = checked(cost, reach.candidates, "cost")
    needed = float(costs[np.setdiff1d(required, existing).astype(np.int64)].sum())
    budgets = [money for money in budgets if needed <= money * WIDER] or budgets[-1:]
    solve = partial(
        max_cover,
        reach,
        weight,
        cost=costs,
        existing=existing,
        required=required,
        forbidden=forbidden,
        seed=seed,
        stop=stop,
        report=report,
    )
    plans: list[Solution] = []
    for budget in budgets:
        start = plans[-1].chosen if plans else np.empty(0, np.int64)
        plans.append(solve(budget=budget, start=start))
    covers = [plan.objective for plan in plans]
    return BudgetCurve(tuple(budgets), tuple(_bounded(plans)), budgets[knee(covers) - 1])


def _proved(solve: Callable[..., Solution], counts: range, report: Report) -> list[Solution]:
    """Each point by `max_cover`, from the plan before."""
    plans: list[Solution] = []
    for p in counts:
        start = plans[-1].chosen if plans else np.empty(0, np.int64)
        plans.append(solve(p=p, start=start, report=report))
    return _bounded(plans)


def _bounded(plans: list[Solution]) -> list[Solution]:
    """The plans, each with the least of its own bound and those of all that may do more."""
    plans, bound = list(plans), np.inf
    for at in range(len(plans) - 1, -1, -1):
        bound = min(bound, plans[at].bound)
        plan = plans[at]
        plans[at] = Solution(plan.chosen, plan.objective, max(bound, plan.objective), True)
    return plans


def knee(covers: list[float]) -> int:
    """The p (from 1) whose cover lies farthest above the chord from the first to the last."""
    if len(covers) < 3:
        return len(covers)
    chord = np.linspace(covers[0], covers[-1], len(covers))
    return int(np.argmax(np.asarray(covers) - chord)) + 1
