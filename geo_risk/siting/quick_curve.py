"""Cover for every p in one run, with bounds: greedy plans and plans rounded from one LP.

For long curves of large instances, where proving each point would take minutes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from .cover import checked, flags, max_cover
from .curve_bounds import bounds_by_p
from .instance import Flags, Instance, decided, first_instance
from .reach import Floats, Longs, Reach
from .solution import OPTIMAL_GAP, Progress, Report, Solution, Stop, gap, never, silent

_SURE = 0.5
"""Sites that the LP opens by more than this are in the plan that it is rounded to."""
_EFFORT = 20
"""Solutions of the LP for a plan alone; the demo's towns and city took fewer."""
_NOTHING = 1e-12
"""A site that adds less than this share of all weight adds nothing but rounding."""


class _Plan:
    """Sites of an instance open so far, and what each other one would add."""

    def __init__(self, instance: Instance, sites: Sequence[int] | Longs = ()) -> None:
        self.instance = instance
        self.sites: list[int] = []
        self.gain = instance.alone
        self._nothing = _NOTHING * float(instance.weight.sum())
        self._reached = np.zeros(len(instance.weight), bool)
        for site in sites:
            self.open(int(site))

    @property
    def cover(self) -> float:
        return float(self.instance.weight[self._reached].sum() + self.instance.base)

    def open(self, site: int) -> None:
        one = self.instance
        rows = one.rows[one.site_starts[site] : one.site_starts[site + 1]]
        rows = rows[~self._reached[rows]]
        self._reached[rows] = True
        size = one.starts[rows + 1] - one.starts[rows]
        ends = np.cumsum(size)
        at = np.arange(size.sum()) + np.repeat(one.starts[rows] - ends + size, size)
        np.subtract.at(self.gain, one.sites[at], np.repeat(one.weight[rows], size))
        self.gain[site] = -np.inf
        self.sites.append(site)

    def fill(self, count: int) -> None:
        """Open what adds most, until so many are open."""
        while len(self.sites) < count and self.gain.max(initial=0.0) > self._nothing:
            self.open(int(np.argmax(self.gain)))


def quick_plans(
    reach: Reach,
    weight: ArrayLike,
    counts: Sequence[int],
    *,
    existing: ArrayLike,
    required: ArrayLike,
    forbidden: ArrayLike,
    known: Mapping[int, Solution],
    effort: int,
    stop: Stop,
    report: Report,
) -> list[Solution]:
    """A plan and a bound for each number of new sites, ascending and at least the required ones.

    `effort` is how many solutions of the LP each takes at most; `known` are plans for some of the
    numbers, taken where no better one is found. Errors as of `max_cover`, which checks the rest.
    """
    weights = checked(weight, reach.demands, "weight")
    kept, wanted, barred = (
        flags(rows, reach.candidates, name)
        for rows, name in ((existing, "existing"), (required, "required"), (forbidden, "forbidden"))
    )
    costs = np.where(kept, 0.0, 1.0)
    given = first_instance(reach, weights, costs, float(counts[-1]))
    instance = decided(given, kept | wanted, barred & ~kept)
    sites = [p - int(costs[wanted].sum()) for p in counts]
    greedy = _Plan(instance)
    greedy.fill(sites[-1])
    start = np.zeros(len(instance.cost))
    start[greedy.sites] = 1.0
    limits = bounds_by_p(instance, sites, start, effort, stop)
    found: list[Solution] = []
    last = _Plan(instance)
    for p, count, bound, shares in zip(counts, sites, limits.bound, limits.shares, strict=True):
        last = _best(instance, last, count, shares, known.get(p))
        plan = _told(instance, last, float(bound), known.get(p))
        report(Progress(plan.objective, plan.bound))
        found.append(plan)
    return found


def quick_plan(
    reach: Reach, weight: ArrayLike, p: int, existing: ArrayLike, effort: int, stop: Stop
) -> Solution:
    """One plan for p new sites with its bound, as a quick curve has it."""
    (plan,) = quick_plans(
        *(reach, weight, [p]),
        existing=existing,
        required=(),
        forbidden=(),
        known={},
        effort=effort,
        stop=stop,
        report=silent,
    )
    return plan


def max_cover_from_quick(
    reach: Reach,
    weight: ArrayLike,
    p: int,
    *,
    existing: ArrayLike = (),
    seed: int = 0,
    stop: Stop = never,
    report: Report = silent,
) -> Solution:
    """`max_cover` for p new sites, begun from a quick plan and held to that one's bound too.

    For instances of which the LP is soon solved and a search among its plans takes long.
    """
    begin = quick_plan(reach, weight, p, existing, _EFFORT, stop)
    best = [begin.objective]

    def heard(now: Progress) -> None:
        best[0] = max(best[0], now.objective)
        report(Progress(best[0], max(best[0], min(now.bound, begin.bound))))

    found = begin
    if begin.status != "optimal":
        found = max_cover(
            reach,
            weight,
            p=p,
            existing=existing,
            start=begin.chosen,
            seed=seed,
            stop=lambda: gap(best[0], begin.bound) <= OPTIMAL_GAP or stop(),
            report=heard,
        )
    plan = found if found.objective > begin.objective else begin
    bound = max(plan.objective, min(begin.bound, found.bound))
    report(Progress(plan.objective, bound))
    return Solution(plan.chosen, plan.objective, bound, True)


def _best(
    instance: Instance, last: _Plan, count: int, shares: Floats | None, known: Solution | None
) -> _Plan:
    """The best of the last plan with one more site, what the LP rounds to, and the known one."""
    starts: list[Sequence[int] | Longs] = [last.sites]
    if shares is not None:
        most = np.argsort(-shares, kind="stable")[:count]
        starts.append(most[shares[most] > _SURE])
    if known is not None:
        starts.append(np.flatnonzero(np.isin(instance.origin, known.chosen)))
    plans = [_Plan(instance, sites) for sites in starts]
    for plan in plans:
        plan.fill(count)
    return max(plans, key=lambda plan: plan.cover)


def _told(instance: Instance, plan: _Plan, bound: float, known: Solution | None) -> Solution:
    open_: Flags = np.zeros(len(instance.cost), bool)
    open_[plan.sites] = True
    chosen, cover = instance.plan(open_), instance.cover(open_)
    if known is not None:
        bound = min(bound, known.bound)
        if known.objective >= cover:
            chosen, cover = known.chosen, known.objective
    return Solution(chosen, cover, max(bound, cover), True)
