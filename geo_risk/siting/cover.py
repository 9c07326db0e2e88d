"""Maximal covering (最大覆盖): the plan within p sites or a budget that reaches most weight.

Model, bound and proof: docs/methods/covering.md.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from geo_risk.errors import Text, UsageError

from .areas import Areas, few_enough
from .bound import Master
from .branching import Branching
from .explicit import solve_explicit
from .infeasible import InfeasibleError
from .instance import Flags, Instance, decided, first_instance
from .reach import Floats, Longs, Reach
from .search import Search
from .solution import Progress, Report, Solution, Stop, never, silent

_ENOUGH = 2e-7
"""Plans better by less than this share are not looked for: a fifth of what counts as proof."""
_MOVES, _MOST_PHASES = 100, 200
"""Moves of search in a phase, and how many phases at most follow one solution of the LP."""
_MOST_EAGER, _LEAST_EAGER, _TIRING = 10.0, 1.0, 0.9
"""Moves for each step of the LP at first, at last, and how they fall while none finds more."""
_WORK = 20_000
"""Entries that the moves for one step of the LP touch at most, at first."""
_INWARD, _CALM = 0.5, 0.1
"""Where cuts are taken, and the share of the gap that may be left to the LP when it ends."""
_LESS, _BARELY_LESS = 0.8, 0.95
"""The share of sites left at which the LP is begun anew, at once and when all is tried."""
_AREA_WORK, _MORE, _MOST_AREA_WORK = 10_000_000, 4, 1_500_000_000
"""Entries touched when an area's plans are enumerated: at first, the factor, and at most."""
_WORK_OF_A_STEP = 60_000
"""Entries whose enumeration counts like a step of the LP in the search's share of the work."""
WIDER = 1.0 + 1e-12
"""A budget is kept up to this: costs of 0.1, 0.2 and 0.3 fit into 0.6, whatever their order."""
_SMALL, _FEW = 20_000, 30
"""Entries that HiGHS solves quickly, and how many parts are looked at before it is asked."""


def max_cover(
    reach: Reach,
    weight: ArrayLike,
    *,
    p: int | None = None,
    budget: float | None = None,
    cost: ArrayLike | None = None,
    existing: ArrayLike = (),
    required: ArrayLike = (),
    forbidden: ArrayLike = (),
    start: ArrayLike = (),
    effort: int | None = None,
    seed: int = 0,
    stop: Stop = never,
    report: Report = silent,
) -> Solution:
    """At most `p` new sites, or new sites within a budget, that reach the most weight of demand.

    Parameters
    ----------
    weight : at least 0, shape (demands,).
    p, budget, cost : how many sites, or the money and each candidate's cost, shape (candidates,).
    existing : candidates that stand already: kept, credited first, free and not counted in p.
    required, forbidden : candidates that must and must not be among the new ones.
    start : candidates of a known plan to begin with; left out where it does not fit.
    effort : end after so many solutions of the LP, with the bound reached by then.
    seed : equal seeds give equal answers, unless `stop` comes at another moment.

    `chosen` holds the existing, the required and the new; fewer than p where no more can add.
    Works until the optimum is proved, the effort spent or `stop` says so. Raises `UsageError`
    `lengths_differ`, `weight_invalid`, `cost_invalid`, `limit_invalid`, `row_unknown`;
    `InfeasibleError` `budget_too_small`, `required_forbidden`.
    """
    weights = checked(weight, reach.demands, "weight")
    costs, limit = _limit(p, budget, cost, reach.candidates)
    kept, wanted, barred = (
        flags(rows, reach.candidates, name)
        for rows, name in ((existing, "existing"), (required, "required"), (forbidden, "forbidden"))
    )
    if np.any(wanted & barred):
        zh, en = "有候选点既必选又禁选", "A candidate is both required and forbidden"
        row = int(np.flatnonzero(wanted & barred)[0])
        raise InfeasibleError("required_forbidden", Text(zh, en), where=f"candidate {row}")
    costs = np.where(kept, 0.0, costs)
    needed = float(costs[wanted].sum())
    if needed > limit:
        zh = "必选点的数量或费用超过上限"
        en = "The required sites are more than p, or cost more than the budget"
        raise InfeasibleError("budget_too_small", Text(zh, en), got=f"{needed} > {limit}")
    given = first_instance(reach, weights, costs, limit)
    first = decided(given, kept | wanted, barred & ~kept)
    run = _Run(given, first, np.random.default_rng(seed), stop, report, effort)
    run.solve(first, flags(start, reach.candidates, "start"))
    return Solution(run.chosen, run.best, max(run.bound, run.best), True)


class _Run:
    """One solution on its way: best plan, best bound, and who wants to know."""

    def __init__(
        self,
        given: Instance,
        instance: Instance,
        rng: np.random.Generator,
        stop: Stop,
        report: Report,
        effort: int | None,
    ) -> None:
        self.rng, self._stop, self.report = rng, stop, report
        self._solved, self._effort = 0, math.inf if effort is None else effort
        self.whole = given.whole
        self._candidates = len(given.cost)
        self._shares: Floats | None = None
        self.best, self.chosen = instance.base, instance.opened
        # A sum of so many weights, none negative, is off by less than that, in whatever order.
        self._off = 0.0 if self.whole else len(given.weight) * float(np.finfo(np.float64).eps)
        self._left = -math.inf
        self.bound = (instance.base + float(instance.weight.sum())) * (1.0 + self._off)

    def solve(self, instance: Instance, known: Flags | None = None) -> None:
        """Search, bound and reduce until proved or stopped."""
        while True:
            if instance.budget < 0:  # what every better plan opens costs too much: there is none
                self._lower(-math.inf)
                return
            if not len(instance.cost):
                self._take(instance.base, instance.opened)
                self._lower(instance.base)
                return
            search = Search(instance, self.rng)
            search.start()
            search.eager = _eager(instance)
            if known is not None and instance.cost[known[instance.origin]].sum() <= instance.budget:
                search.try_from(known[instance.origin])
            self._look(search)
            self._tell()
            if self.stop() or self.proved:
                return
            master = Master(instance, self.stop)
            worth = self._root(master, search)
            if worth is None or self.proved or self.stop():
                return
            smaller = decided(instance, worth > 0, worth < 0)
            if len(smaller.cost) > _LESS * len(instance.cost):
                smaller = self._by_areas(master, search, worth)
                if self.proved or self.stop():
                    return
                if smaller is instance:
                    return self._finish(master, search)
            instance, known = smaller, self._known()

    def _finish(self, master: Master, search: Search) -> None:
        """Exact on what is left: branching, and HiGHS's own where that takes long."""
        self._search = search
        instance = master.instance
        small = len(instance.sites) <= _SMALL
        if Branching(master, self).run(self.bound, _FEW if small else None):
            return
        if self.best > search.best:
            return self.solve(instance, self._known())
        apart = 1.0 - 1e-6 if self.whole else 0.0
        found = solve_explicit(instance, search.best_open, self.stop, apart)
        if found.values is not None:
            open_ = found.values[: len(instance.cost)] > 0.5
            if instance.cost[open_].sum() <= instance.budget:
                self._take(instance.cover(open_), instance.plan(open_))
        self._lower(found.bound + instance.base)
        self._tell()

    @property
    def target(self) -> float:
        """A bound at or below this proves the best plan (or leaves less than `_ENOUGH`)."""
        return self.best + (1.0 - 1e-6 if self.whole else _ENOUGH * abs(self.best))

    @property
    def proved(self) -> bool:
        return self.bound < self.target or self.bound <= self.best

    def stop(self) -> bool:
        """Whether the user or the effort says so."""
        return self._solved >= self._effort or self._stop()

    def stopped(self) -> bool:
        return self.stop() or self.proved

    def found(self, open_: Flags) -> None:
        instance = self._search.instance
        self._take(instance.cover(open_), instance.plan(open_))

    def lowered(self, bound: float) -> None:
        self._solved += 1
        self._lower(bound)

    def rest(self, master: Master, x: Floats) -> None:
        self._guided(self._search, master, x)
        self._tell()

    def _take(self, cover: float, chosen: Longs) -> None:
        if cover > self.best:
            self.best, self.chosen = cover, chosen

    def _look(self, search: Search) -> None:
        if search.best > self.best:
            self._take(search.best, search.instance.plan(search.best_open))

    def _lower(self, bound: float) -> None:
        """A bound on the plans still looked at; what was left out before, and the best, count."""
        bound = max(bound, self._left, self.best * (1.0 + self._off))
        self.bound = min(self.bound, float(math.floor(bound)) if self.whole else bound)

    def _tell(self) -> None:
        self.report(Progress(self.best, max(self.bound, self.best)))

    def _root(self, master: Master, search: Search) -> Floats | None:
        """Cuts until the LP is solved, a search beside it; which sites are decided.

        +1 where every better plan opens the site, -1 where none does; None when stopped.
        """
        instance = master.instance
        decided_ = np.zeros(len(instance.cost))
        x = inner = search.best_open.astype(np.float64)
        if self._shares is not None:
            x = inner = self._shares[instance.origin]
        inner_cover = -math.inf
        theta = np.full(master.groups, math.inf)
        calm = False
        while not self.stop():
            at = _INWARD * x + (1.0 - _INWARD) * inner
            cover, above = master.separate(at, x, theta)
            if cover > inner_cover:
                inner, inner_cover = at, cover
            if not above:
                cover, above = master.separate(x, x, theta)
                if cover > inner_cover:
                    inner, inner_cover = x, cover
            if not above or not master.solve():
                break
            self._solved += 1
            x, theta = master.x, master.theta
            bound, worth = master.bound()
            self._lower(bound)
            calm = bound - inner_cover < _CALM * (bound - self.best)
            if not calm:
                master.thin_out(bound)
            self._guided(search, master, x)
            sure = bound - np.abs(worth) < self.target
            decided_[sure] = np.sign(worth[sure])
            self._left = max(self._left, (bound - np.abs(worth[sure])).max(initial=-math.inf))
            self._tell()
            if self.proved or calm:
                break
        return None if self.stop() else decided_

    def _by_areas(self, master: Master, search: Search, worth: Floats) -> Instance:
        """What is left when the plans of areas are enumerated; the same where that is no less."""
        instance = smaller = master.instance
        if not few_enough(master) or not (master.solved or master.solve()):
            return instance
        self._shares = np.zeros(self._candidates)
        self._shares[instance.origin] = master.x
        areas = Areas(master, worth < 0, self.stop)
        work = _AREA_WORK
        while work <= _MOST_AREA_WORK and not self.stop():
            areas.improve(search.best_open, areas.bound - self.best, work)
            self.lowered(areas.bound)
            master.steps += areas.work // _WORK_OF_A_STEP
            areas.work = 0
            self._guided(search, master, master.x)
            self._tell()
            if self.proved:
                break
            goal = (self.best + self.target) / 2.0
            opened, closed = areas.rule_out(goal, work // 2)
            self._left = max(self._left, goal)
            self._lower(areas.bound)
            smaller = decided(instance, opened | (worth > 0), closed | (worth < 0))
            if self.proved or len(smaller.cost) <= _LESS * len(instance.cost):
                return smaller
            work *= _MORE
        return smaller if len(smaller.cost) <= _BARELY_LESS * len(instance.cost) else instance

    def _known(self) -> Flags:
        """The best plan, shape (candidates,)."""
        known = np.zeros(self._candidates, bool)
        known[self.chosen] = True
        return known

    def _guided(self, search: Search, master: Master, x: Floats) -> None:
        search.shares, before = x, search.best
        phases = 1 + min(int(search.eager * master.steps / _MOVES), _MOST_PHASES)
        master.steps = 0
        for _ in range(phases):
            if self.stop():
                return
            search.improve(_MOVES)
        tired = max(_LEAST_EAGER, _TIRING * search.eager)
        search.eager = _eager(search.instance) if search.best > before else tired
        self._look(search)


def _eager(instance: Instance) -> float:
    """Moves of search for each step of the LP at first: fewer where a move touches much."""
    touched = float((np.diff(instance.starts).astype(np.float64) ** 2).sum()) / len(instance.cost)
    return min(max(_WORK / max(touched, 1.0), 1.0), _MOST_EAGER)


def _limit(
    p: int | None, budget: float | None, cost: ArrayLike | None, candidates: int
) -> tuple[Floats, float]:
    """Cost of each candidate and what may be spent; p is a budget of sites at 1 each."""
    given = p if p is not None else budget
    if (p is None) == (budget is None) or (p is not None and cost is not None):
        words = Text("上限不明确", "The limit is not clear")
        fix = Text("给出 p，或 budget 和 cost", "Give p, or budget and cost")
        raise UsageError("limit_invalid", words, where="p, budget", fix=fix)
    if given is None or not (math.isfinite(given) and given >= 0):
        words = Text("上限不正确", "The limit is not valid")
        raise UsageError("limit_invalid", words, where="p, budget", got=given)
    if cost is None:
        return np.ones(candidates), float(given)
    return checked(cost, candidates, "cost"), float(given) * WIDER


def checked(values: ArrayLike, n: int, name: str) -> Floats:
    """Finite numbers of at least 0, shape (n,); `UsageError` otherwise, naming the row."""
    found = np.ascontiguousarray(values, dtype=np.float64)
    if found.shape != (n,):
        words = Text("各列长短不一", "The columns differ in length")
        raise UsageError("lengths_differ", words, where=name, got=f"{found.shape}, not ({n},)")
    bad = np.flatnonzero(~(np.isfinite(found) & (found >= 0)))
    if len(bad):
        words = Text("不是大于等于 0 的数", "This is no number of at least 0")
        where = f"{name}, row {bad[0]}"
        raise UsageError(f"{name}_invalid", words, where=where, got=found[bad[0]])
    return found


def flags(rows: ArrayLike, n: int, name: str) -> Flags:
    """True for these row numbers; `UsageError` `row_unknown` for one that does not exist."""
    at = np.asarray(rows, dtype=np.int64).reshape(-1)
    bad = np.flatnonzero((at < 0) | (at >= n))
    if len(bad):
        words = Text("没有这个候选点", "There is no such candidate")
        raise UsageError("row_unknown", words, where=name, got=int(at[bad[0]]))
    found = np.zeros(n, bool)
    found[at] = True
    return found
