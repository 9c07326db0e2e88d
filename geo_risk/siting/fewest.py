"""The fewest new sites whose cover reaches a given weight, proved by the bound for one fewer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from geo_risk.errors import Text

from .cover import checked, flags, max_cover
from .infeasible import InfeasibleError
from .reach import Floats, Reach
from .solution import Progress, Report, Solution, Stop, never, silent

_SLACK = 1e-9


@dataclass(frozen=True)
class Fewest:
    """How many new sites it takes.

    Attributes
    ----------
    p : new sites. `solution`: the best cover found with so many, at least what was needed.
    below : a bound on the cover of p - 1 new sites, NaN where p - 1 cannot be.
    proved : whether fewer cannot do: `below` is less than what was needed, or there are no fewer.
    """

    p: int
    solution: Solution
    below: float
    proved: bool


def fewest_sites(
    reach: Reach,
    weight: ArrayLike,
    needed: float,
    *,
    existing: ArrayLike = (),
    required: ArrayLike = (),
    forbidden: ArrayLike = (),
    seed: int = 0,
    stop: Stop = never,
    report: Report = silent,
) -> Fewest:
    """The fewest new sites that reach demand of weight `needed` together with the existing.

    Greedy plans say how many suffice; then one fewer is asked for, until its bound says that it
    cannot be, or `stop` that the time is up. Arguments and errors as for `max_cover`, and
    `InfeasibleError` `cover_out_of_reach` where all candidates together reach less.
    """
    weights = checked(weight, reach.demands, "weight")
    run = _Run(reach, weights, needed, existing, required, forbidden, seed)
    run.check()
    p, best = run.enough()
    below, proved = float("nan"), p == run.least
    while p > run.least and not proved:
        fewer = run.decided(p - 1, stop)
        if not run.reaches(fewer.objective):
            below, proved = fewer.bound, not run.reaches(fewer.bound)
            break
        best, p = fewer, run.new(fewer)
        proved = p == run.least
    last = run.solved(p, stop, report)
    if last.objective < best.objective:
        last = Solution(best.chosen, best.objective, last.bound, True)
    return Fewest(p, last, below, proved)


class _Run:
    """The question, asked again for other numbers of sites."""

    def __init__(
        self,
        reach: Reach,
        weight: Floats,
        needed: float,
        existing: ArrayLike,
        required: ArrayLike,
        forbidden: ArrayLike,
        seed: int,
    ) -> None:
        self.reach, self.weight, self.seed = reach, weight, seed
        self.needed = needed - _SLACK * max(1.0, float(weight.sum()))
        self.rows = {"existing": existing, "required": required, "forbidden": forbidden}
        self.stand = flags(existing, reach.candidates, "existing")
        self.least = int((flags(required, reach.candidates, "required") & ~self.stand).sum())

    def reaches(self, cover: float) -> bool:
        return cover >= self.needed

    def new(self, solution: Solution) -> int:
        """New sites of a plan, at least the required ones."""
        return max(self.least, int((~self.stand[solution.chosen]).sum()))

    def solved(self, p: int, stop: Stop, report: Report = silent) -> Solution:
        asked = {"p": p, "seed": self.seed, "stop": stop, "report": report}
        return max_cover(self.reach, self.weight, **self.rows, **asked)  # type: ignore[arg-type]

    def check(self) -> None:
        barred = flags(self.rows["forbidden"], self.reach.candidates, "forbidden")
        free = (~barred | self.stand)[self.reach.candidate]
        within = np.zeros(self.reach.demands, bool)
        within[self.reach.row_of_entry[free]] = True
        most, total = float(self.weight[within].sum()), float(self.weight.sum())
        if not self.reaches(most):
            share, missed = most / total if total else 0.0, np.flatnonzero(~within)
            n = len(missed)
            raise InfeasibleError(
                "cover_out_of_reach",
                Text(
                    f"所有候选点一起也只能覆盖 {share:.1%}，{n} 个需求点无法覆盖",
                    f"All candidates together cover {share:.1%}; nobody reaches {n} demands",
                ),
                demands=missed,
                got=f"{most:g} < {self.needed:g}",
                fix=Text(
                    "增加候选点，放宽时限，或降低比例",
                    "Add candidates, allow more time, or ask for a smaller share",
                ),
            )

    def enough(self) -> tuple[int, Solution]:
        """A number of sites whose greedy plan does, the least by halving, and that plan."""
        low, high = self.least - 1, max(1, self.least)
        best = self._greedy(high)
        while not self.reaches(best.objective):
            low, high = high, 2 * high
            best = self._greedy(high)
        while high - low > 1:
            middle = (low + high) // 2
            found = self._greedy(middle)
            if self.reaches(found.objective):
                high, best = middle, found
            else:
                low = middle
        return self.new(best), best

    def _greedy(self, p: int) -> Solution:
        return self.solved(p, lambda: True)

    def decided(self, p: int, stop: Stop) -> Solution:
        """A plan of p sites, worked at only until it is clear whether it can do."""
        clear: list[bool] = []

        def hear(now: Progress) -> None:
            if self.reaches(now.objective) or not self.reaches(now.bound):
                clear.append(True)

        return self.solved(p, lambda: bool(clear) or stop(), hear)
