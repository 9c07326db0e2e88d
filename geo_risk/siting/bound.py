"""An upper bound on every plan's cover: Benders cuts by groups of rows, the master in HiGHS.

Each row of a group is bounded by its weight or by its weight times the open sites that reach it.
Any convex combination of such cuts bounds the group's cover, so the bound is computed afresh from
the master's multipliers and never rests on the LP solver's tolerances.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from . import _reach_kernels as kernels
from .instance import Flags, Instance
from .quiet import quiet_solver
from .reach import Floats, Longs, summed
from .solution import Stop

_IDLE = 3
"""A cut leaves the master when its multiplier was 0 in so many solutions at a stretch."""
_MARGIN = 1e-10
"""More than float64 loses in the bound's sums, as a share of all weight."""


@dataclass(frozen=True)
class Cuts:
    """Cuts of groups: theta[group] ≤ constant + Σ slope x[site], entries by cut.

    `point` numbers the plan of shares at which a cut was made.
    """

    group: Longs
    point: Longs
    constant: Floats
    cut: Longs
    site: Longs
    slope: Floats


@dataclass
class Master:
    """The LP over sites and one theta per group, with the cuts found so far."""

    instance: Instance
    stop: Stop
    low: Floats = field(init=False)
    high: Floats = field(init=False)
    empty: bool = field(init=False, default=False)
    steps: int = field(init=False, default=0)
    """Steps of the LP solver since somebody set this to 0: a measure of work without a clock."""
    remembers: bool = field(init=False, default=True)
    """Whether the points of new cuts are kept, as `row_prices` needs them."""
    solved: bool = field(init=False, default=False)
    """Whether there is a solution to ask for."""

    def __post_init__(self) -> None:
        instance, sites = self.instance, len(self.instance.cost)
        order = np.argsort(-instance.alone, kind="stable")
        label = kernels.clusters(order, instance.weight, *instance.matrix)
        self.group = kernels.row_labels(label, instance.starts, instance.sites)
        self.groups = int(self.group.max()) + 1
        self._most = summed(self.group, instance.weight, self.groups)
        entry_group = np.repeat(self.group, np.diff(instance.starts)).astype(np.int64)
        slots, slot = np.unique(entry_group * sites + instance.sites, return_inverse=True)
        self._slot = slot.astype(np.int32)
        self._slot_group, self._slot_site = slots // sites, slots % sites
        self._constant, self._slope = np.zeros(self.groups), np.zeros(len(slots))
        none = np.empty(0, np.int64)
        self._cuts = Cuts(none, none, np.empty(0), none, none, np.empty(0))
        self._points: dict[int, Floats] = {}
        self._made = 0
        self._idle, self._thinned_at = none, np.inf
        self.low, self.high = np.zeros(sites), np.ones(sites)
        self._solver = self._empty_solver()

    def _empty_solver(self) -> Any:
        import highspy

        sites, groups = len(self.instance.cost), self.groups
        solver = quiet_solver(self.stop, presolve="off")
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = sites + groups, 1
        lp.sense_ = highspy.ObjSense.kMaximize
        lp.col_cost_ = np.r_[np.zeros(sites), np.ones(groups)]
        lp.col_lower_ = np.zeros(sites + groups)
        lp.col_upper_ = np.r_[np.ones(sites), self._most]
        lp.row_lower_, lp.row_upper_ = np.array([-np.inf]), np.array([self.instance.budget])
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.array([0, sites], np.int32)
        lp.a_matrix_.index_ = np.arange(sites, dtype=np.int32)
        lp.a_matrix_.value_ = self.instance.cost
        solver.passModel(lp)
        return solver

    def restrict(self, low: Floats, high: Floats) -> None:
        """Bounds of the sites from now on."""
        moved = np.flatnonzero((low != self.low) | (high != self.high)).astype(np.int32)
        self.low, self.high = low.copy(), high.copy()
        self._solver.changeColsBounds(len(moved), moved, low[moved], high[moved])

    def allow(self, budget: float) -> None:
        """Another budget from now on; the cuts hold for any."""
        self.instance = replace(self.instance, budget=budget)
        self._solver.changeRowBounds(0, -np.inf, budget)

    def solve(self) -> bool:
        """Solve the LP; False where it was stopped or has no plan."""
        import highspy

        self._solver.run()
        self.steps += max(int(self._solver.getInfo().simplex_iteration_count), 1)
        self.empty = float(self.instance.cost @ self.low) > self.instance.budget * (1.0 + 1e-9)
        self.solved = bool(self._solver.getModelStatus() == highspy.HighsModelStatus.kOptimal)
        return self.solved

    @property
    def x(self) -> Floats:
        """The master's plan, shares of sites from 0 to 1."""
        values = np.asarray(self._solver.getSolution().col_value)
        x: Floats = np.clip(values[: len(self.instance.cost)], self.low, self.high)
        return x

    @property
    def theta(self) -> Floats:
        """What the master believes that each group reaches."""
        return np.asarray(self._solver.getSolution().col_value)[len(self.instance.cost) :]

    def separate(self, at: Floats, x: Floats, theta: Floats) -> tuple[float, float]:
        """The cover at a plan of shares, and by how much the master's plan breaks its cuts.

        Cuts broken are added to the master.
        """
        instance = self.instance
        kernels.cut(
            *(at, instance.starts, instance.sites, instance.weight, self.group, self._slot),
            *(self._constant, self._slope),
        )
        per_group = summed(self._slot_group, self._slope * at[self._slot_site], self.groups)
        cover = float((self._constant + per_group).sum() + instance.base)
        right = self._constant + summed(
            self._slot_group, self._slope * x[self._slot_site], self.groups
        )
        least = 1e-6 * (self._most.sum() / self.groups)
        broken = np.flatnonzero(theta > right + least)
        if len(broken):
            self._add(broken, at)
        return cover, float((theta - right)[broken].sum())

    def _add(self, groups: Longs, at: Floats) -> None:
        which = np.full(self.groups, -1)
        which[groups] = np.arange(len(groups))
        live = np.flatnonzero((which[self._slot_group] >= 0) & (self._slope != 0.0))
        cut, site, slope = (
            which[self._slot_group[live]],
            self._slot_site[live],
            self._slope[live],
        )
        first = np.searchsorted(cut, np.arange(len(groups)))
        sites = len(self.instance.cost)
        index = np.insert(site, first, sites + groups).astype(np.int32)
        value = np.insert(-slope, first, 1.0)
        begins = (first + np.arange(len(groups))).astype(np.int32)
        self._solver.addRows(
            *(len(groups), np.full(len(groups), -np.inf), self._constant[groups]),
            *(len(index), begins, index, value),
        )
        old = self._cuts
        self._idle = np.r_[self._idle, np.zeros(len(groups), np.int64)]
        self._cuts = Cuts(
            np.r_[old.group, groups],
            np.r_[old.point, np.full(len(groups), self._made)],
            np.r_[old.constant, self._constant[groups]],
            np.r_[old.cut, cut + len(old.group)],
            np.r_[old.site, site],
            np.r_[old.slope, slope],
        )
        if self.remembers:
            self._points[self._made] = at.copy()
        self._made += 1

    def thin_out(self, bound: float) -> None:
        """After a solution: drop cuts that have long been idle, where the bound fell since then.

        Only then, so that no cut comes and goes for ever. The solution is gone afterwards.
        """
        duals = np.asarray(self._solver.getSolution().row_dual)[1:]
        self._idle = np.where(duals > 1e-9, 0, self._idle + 1)
        keep = self._idle < _IDLE
        if keep.mean() > 0.9 or bound >= self._thinned_at:
            return
        rows = 1 + np.flatnonzero(~keep).astype(np.int32)
        self._solver.deleteRows(len(rows), rows)
        self.solved = False
        self._thinned_at, self._idle = bound, self._idle[keep]
        cuts, number = self._cuts, np.cumsum(keep) - 1
        live = keep[cuts.cut]
        self._cuts = Cuts(
            *(cuts.group[keep], cuts.point[keep], cuts.constant[keep], number[cuts.cut[live]]),
            *(cuts.site[live], cuts.slope[live]),
        )
        used = set(self._cuts.point.tolist())
        self._points = {number: at for number, at in self._points.items() if number in used}

    @property
    def margin(self) -> float:
        """More than float64 loses in a bound's sums."""
        return _MARGIN * float(np.abs(self._most).sum() + self.instance.base)

    def _multipliers(self) -> tuple[float, Floats, Flags]:
        """The price of the budget, each cut's part in its group's bound, groups without any."""
        duals = np.maximum(np.asarray(self._solver.getSolution().row_dual), 0.0)
        share, group = duals[1:], self._cuts.group
        total = summed(group, share, self.groups)
        some = total > 1e-9
        share = np.where(some[group], share / np.where(some, total, 1.0)[group], 0.0)
        return float(duals[0]), share, ~some

    def row_prices(self) -> tuple[Floats, float]:
        """What the bound pays each site for a row, 0 to its weight, and the price of the budget."""
        instance, cuts = self.instance, self._cuts
        price, share, _ = self._multipliers()
        paid = np.zeros(len(instance.weight))
        live = np.flatnonzero(share > 0.0)
        for point in np.unique(cuts.point[live]):
            mine = live[cuts.point[live] == point]
            full = kernels.full_rows(self._points[point], instance.starts, instance.sites)
            by_group = summed(cuts.group[mine], share[mine], self.groups)
            paid += np.where(full, 0.0, by_group[self.group])
        return np.minimum(paid, 1.0) * instance.weight, price

    def bound(self) -> tuple[float, Floats]:
        """A bound on the cover of every plan within `low` and `high`, and each site's worth.

        The worth is what opening a site adds to the bound beyond its share of the budget: a plan
        without a site of positive worth, or with one of negative worth, is bounded by that less.
        """
        instance = self.instance
        held, gain, price = self.lines()
        worth = gain - price * instance.cost
        best = np.maximum(worth * self.low, worth * self.high).sum()
        return held + price * instance.budget + float(best), worth

    def lines(self) -> tuple[float, Floats, float]:
        """What the multipliers of the last solution prove, for any budget.

        A plan covers at most the first number plus the gains of its sites; the last is the price
        of the budget.
        """
        cuts = self._cuts
        price, share, without = self._multipliers()
        held = self._most[without].sum() + float((share * cuts.constant).sum())
        gain = summed(cuts.site, share[cuts.cut] * cuts.slope, len(self.instance.cost))
        return float(self.instance.base + held + self.margin), gain, price
