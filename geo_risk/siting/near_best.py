"""Other plans nearly as good: each does without some sites of the best, and differs from the rest.

They are found by solving again, not proved to be the next best: docs/methods/covering.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from .infeasible import InfeasibleError
from .reach import Longs
from .solution import Solution, Stop, never

APART = 0.1
"""The share of the best plan's new sites that each other plan does without."""


def least_apart(sites: int) -> int:
    """How many sites each of two plans must have beyond the other, of so many in the best."""
    return max(1, math.ceil(APART * sites - 1e-9))


def near_best(
    solve: Callable[[Longs], Solution],
    chosen: ArrayLike,
    dispensable: ArrayLike,
    most: int,
    stop: Stop = never,
) -> list[Solution]:
    """Up to `most` plans, best first, each apart from the best and from each other.

    Parameters
    ----------
    solve : the plan without these candidates (row numbers), by whatever model was asked.
    chosen : the best plan.
    dispensable : its sites that may be left out, those first whose loss costs least.

    Two plans are apart where at least a tenth of the dispensable sites, and at least one, of either
    are not in the other. Each plan is solved without the next so many dispensable sites; what
    cannot be, or is not apart, is passed over, so there may be fewer than `most`.
    """
    order = np.asarray(dispensable, np.int64)
    least = least_apart(len(order))
    known = [set(np.asarray(chosen, np.int64).tolist())]
    found: list[Solution] = []
    for at in range(0, len(order) - least + 1, least):
        if len(found) >= most or stop():
            break
        try:
            plan = solve(order[at : at + least])
        except InfeasibleError:
            continue
        sites = set(plan.chosen.tolist())
        if all(min(len(sites - other), len(other - sites)) >= least for other in known):
            known.append(sites)
            found.append(plan)
    sign = -1.0 if any(plan.maximise for plan in found) else 1.0
    return sorted(found, key=lambda plan: sign * plan.objective)
