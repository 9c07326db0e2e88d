"""What a solver of siting gives: the chosen candidates, what they are worth, and a bound."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

OPTIMAL_GAP = 1e-6
Status = Literal["optimal", "feasible", "infeasible"]


@dataclass(frozen=True)
class Solution:
    """Chosen candidates (ascending row numbers) with their objective and a bound on any plan's.

    `bound` is at least the objective of every possible plan where more is better (`maximise`), at
    most that of every possible plan otherwise.
    """

    chosen: NDArray[np.int64]
    objective: float
    bound: float
    maximise: bool

    @property
    def gap(self) -> float:
        """How far the bound lies from the objective, as a share of the objective; 0 is proof."""
        return gap(self.objective, self.bound)

    @property
    def status(self) -> Status:
        """`optimal` only when the bound proves it."""
        return "optimal" if self.gap <= OPTIMAL_GAP else "feasible"


@dataclass(frozen=True)
class Progress:
    """The best plan so far and the best bound so far; NaN for what is not known yet."""

    objective: float
    bound: float


Report = Callable[[Progress], None]
Stop = Callable[[], bool]
"""True when the time is up or the user cancelled: a solver asks it often, and then returns the
best that it has with the bound that it has proved."""


def gap(objective: float, bound: float) -> float:
    """|bound - objective| / |objective|; 0 where both are equal, infinite where only one is 0."""
    apart = abs(bound - objective)
    if apart == 0:
        return 0.0
    return apart / abs(objective) if objective and math.isfinite(bound) else math.inf


def never() -> bool:
    """A `Stop` that never stops."""
    return False


def silent(progress: Progress) -> None:
    """A `Report` that says nothing."""
