"""The trade-off curve: cover against p, each point with its bound, and the knee."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .cover import max_cover
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
    seed: int = 0,
    effort: int | None = None,
    stop: Stop = never,
    report: Report = silent,
) -> Curve:
    """The best plans for p from 1, or as many as are required, to `p_max`, each from the last.

    Cover never falls along the curve, and a plan for fewer sites is bounded by any bound for more.
    `effort` ends each point after so many solutions of the LP, with the bound reached; without it
    each is proved. After `stop` the points left get the greedy plan and the bound known.
    """
    first = max(1, len(np.unique(np.asarray(required, dtype=np.int64))))
    plans: list[Solution] = []
    for p in range(first, p_max + 1):
        start = plans[-1].chosen if plans else np.empty(0, np.int64)
        plan = max_cover(
            reach,
            weight,
            p=p,
            existing=existing,
            required=required,
            forbidden=forbidden,
            start=start,
            effort=effort,
            seed=seed,
            stop=stop,
            report=report,
        )
        plans.append(plan)
    bound = np.inf
    for at in range(len(plans) - 1, -1, -1):
        bound = min(bound, plans[at].bound)
        plan = plans[at]
        plans[at] = Solution(plan.chosen, plan.objective, max(bound, plan.objective), True)
    return Curve(first, tuple(plans), first - 1 + knee([plan.objective for plan in plans]))


def knee(covers: list[float]) -> int:
    """The p (from 1) whose cover lies farthest above the chord from the first to the last."""
    if len(covers) < 3:
        return len(covers)
    chord = np.linspace(covers[0], covers[-1], len(covers))
    return int(np.argmax(np.asarray(covers) - chord)) + 1
