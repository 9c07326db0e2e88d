"""Maximal covering under further demands: sites per town, k-fold cover, capacity.

One explicit model for HiGHS, which looks for plans itself. Where no plan exists, the demands that
cannot be met together are found by leaving out one after the other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from geo_risk.errors import Text, UsageError

from .cover import WIDER, checked, flags
from .evaluate import cover as covered
from .infeasible import InfeasibleError
from .instance import Flags
from .mip import Found, Model, in_units
from .reach import Floats, Longs, Reach
from .solution import Progress, Report, Solution, Stop, never, silent


@dataclass(frozen=True)
class LeastWeight:
    """At least so much weight is to be reached of the demands that are True in `rows`."""

    name: Text
    rows: ArrayLike
    weight: float


@dataclass(frozen=True)
class Demands:
    """What a plan has to meet besides the limit on its sites.

    `town` names each candidate's town, `min_per_town` the least number of sites in a town (new or
    existing). `k_fold` is how many sites must reach each demand, 0 for no demand, shape
    (demands,). `weights` are classes of demand and the least weight to reach of each. `capacity`
    is the weight that each candidate can serve: then a demand counts as far as it is served, in
    parts if need be. `required`, `forbidden` and `existing` as in `max_cover`.
    """

    town: Sequence[str] = ()
    min_per_town: Mapping[str, int] = field(default_factory=dict)
    k_fold: ArrayLike | None = None
    capacity: ArrayLike | None = None
    weights: Sequence[LeastWeight] = ()
    existing: ArrayLike = ()
    required: ArrayLike = ()
    forbidden: ArrayLike = ()


@dataclass(frozen=True)
class _Group:
    """Rows of the model that stand and fall together, and what they are called."""

    name: Text
    starts: Longs
    columns: Longs
    values: Floats
    least: Floats
    most: Floats


def max_cover_with(
    reach: Reach,
    weight: ArrayLike,
    demands: Demands,
    *,
    p: int | None = None,
    budget: float | None = None,
    cost: ArrayLike | None = None,
    start: ArrayLike = (),
    stop: Stop = never,
    report: Report = silent,
) -> Solution:
    """At most `p` new sites (or as the budget buys) that meet the demands and reach most weight.

    `start` are candidates of a known plan that meets them. With capacities weight is served.

    Stopped before any plan is known, it raises `InfeasibleError` `no_plan_yet`. Raises `UsageError`
    as `max_cover` does, and `InfeasibleError` `demands_conflict`, which names in words a smallest
    set of demands that cannot be met together.
    """
    weights = checked(weight, reach.demands, "weight")
    limit = _limit(reach, demands, p, budget, cost)
    groups = [limit, *_groups(reach, demands), *_least(reach, weights, demands)]
    cover = _cover_rows(reach, weights, demands)
    known = _known(reach, flags(start, reach.candidates, "start"))
    found = _solve(reach, weights, [cover, *groups], stop, known)
    if found.infeasible:
        always = [cover] if demands.weights else []
        names = [group.name for group in _conflict(reach, groups, always, stop)]
        words = Text(
            "这些要求不能同时满足：" + "；".join(name["zh"] for name in names),
            "These demands cannot be met together: " + "; ".join(name["en"] for name in names),
        )
        raise InfeasibleError("demands_conflict", words, got=len(names))
    if found.values is None:
        words = Text("还没有找到方案", "No plan was found in the time")
        raise InfeasibleError("no_plan_yet", words)
    chosen = np.flatnonzero(found.values[: reach.candidates] > 0.5)
    bound = _bound(found.bound, weights, whole=demands.capacity is None)
    # What HiGHS holds for served may be off by its tolerance; what is reached is known exactly.
    exact = demands.capacity is None
    objective = covered(reach, weights, chosen) if exact else found.objective
    bound = max(bound, objective)
    report(Progress(objective, bound))
    return Solution(chosen, objective, bound, True)


def _bound(bound: float, weights: Floats, *, whole: bool) -> float:
    """A bound as what can be reached: at most all weight, whole where all that is reached is."""
    bound = min(bound, float(weights.sum()))
    return float(math.floor(bound)) if whole and not np.any(weights % 1.0) else bound


def _known(reach: Reach, open_: Flags) -> Floats | None:
    """The columns of a plan, None without one: each demand is served by its first open site."""
    if not open_.any():
        return None
    hit = np.flatnonzero(open_[reach.candidate])
    first = hit[np.unique(reach.row_of_entry[hit], return_index=True)[1]]
    served = np.zeros(len(reach.candidate))
    served[first] = 1.0
    values: Floats = np.r_[open_.astype(np.float64), served]
    return values


def _solve(
    reach: Reach, weights: Floats, groups: list[_Group], stop: Stop, known: Floats | None
) -> Found:
    """Columns: a site each, then how much of each entry (demand and candidate) is served."""
    entries = len(reach.candidate)
    value = weights[reach.row_of_entry]
    model = Model(
        np.r_[np.zeros(reach.candidates), value],
        np.ones(reach.candidates + entries),
        np.r_[np.ones(reach.candidates, bool), np.zeros(entries, bool)],
    )
    for group in groups:
        model.add(group.starts, group.columns, group.values, group.least, group.most)
    return model.solve(stop, known)


def _cover_rows(reach: Reach, weights: Floats, demands: Demands) -> _Group:
    """Each demand is served once at most, and only by open sites within their capacity."""
    entries, first = len(reach.candidate), reach.candidates
    served = first + np.arange(entries)
    pairs = np.column_stack([served, reach.candidate.astype(np.int64)]).ravel()
    starts = np.concatenate([reach.starts, reach.starts[-1] + 2 * np.arange(1, entries + 1)])
    columns = np.concatenate([served, pairs])
    values = np.concatenate([np.ones(entries), np.tile([1.0, -1.0], entries)])
    most = np.concatenate([np.ones(reach.demands), np.zeros(entries)])
    if demands.capacity is not None:
        capacity = checked(demands.capacity, reach.candidates, "capacity")
        order = np.argsort(reach.candidate, kind="stable")
        counts = np.bincount(reach.candidate, minlength=first)
        ends = np.cumsum(counts)
        columns = np.concatenate([columns, np.insert(served[order], ends, np.arange(first))])
        load = weights[reach.row_of_entry][order]
        values = np.concatenate([values, np.insert(load, ends, -capacity)])
        starts = np.concatenate([starts, starts[-1] + np.cumsum(counts + 1)])
        most = np.concatenate([most, np.zeros(first)])
    least = np.full(len(most), -np.inf)
    return _Group(Text("", ""), starts, columns, values, least, most)


def _limit(
    reach: Reach, demands: Demands, p: int | None, budget: float | None, cost: ArrayLike | None
) -> _Group:
    """New sites within p, or what they cost within the budget (up to rounding)."""
    if (p is None) == (budget is None) or (budget is None) != (cost is None):
        words = Text("上限不明确", "The limit is not clear")
        fix = Text("给出 p，或 budget 和 cost", "Give p, or budget and cost")
        raise UsageError("limit_invalid", words, where="p, budget", fix=fix)
    costs = np.ones(reach.candidates) if cost is None else checked(cost, reach.candidates, "cost")
    most = float(p) if p is not None else float(budget or 0.0) * WIDER
    if not (math.isfinite(most) and most >= 0):
        words = Text("上限不正确", "The limit is not valid")
        fix = Text("给出不小于 0 的有限数", "Give a finite number of at least 0")
        raise UsageError("limit_invalid", words, where="p, budget", got=most, fix=fix)
    new = np.flatnonzero(~flags(demands.existing, reach.candidates, "existing"))
    zh, en = f"最多新建 {p} 处", f"at most {p} new sites"
    if p is None:
        zh, en = f"费用不超过 {budget:g}", f"at most {budget:g} of money"
    values, unit = in_units(costs[new])
    limit = most / unit if np.any(values % 1.0) else math.floor(most / unit)
    starts, limits = np.array([0, len(new)]), np.array([float(limit)])
    return _Group(Text(zh, en), starts, new, values, np.array([-np.inf]), limits)


def _least(reach: Reach, weights: Floats, demands: Demands) -> list[_Group]:
    """For each class the weight that is served of it, at least what it needs."""
    groups = []
    for one in demands.weights:
        entries = np.flatnonzero(np.asarray(one.rows, bool)[reach.row_of_entry])
        columns, values = reach.candidates + entries, weights[reach.row_of_entry[entries]]
        starts, least = np.array([0, len(entries)]), np.array([one.weight])
        groups.append(_Group(one.name, starts, columns, values, least, np.array([np.inf])))
    return groups


def _groups(reach: Reach, demands: Demands) -> list[_Group]:
    kept, wanted, barred = (
        flags(rows, reach.candidates, name)
        for rows, name in (
            (demands.existing, "existing"),
            (demands.required, "required"),
            (demands.forbidden, "forbidden"),
        )
    )
    groups = []
    for at, zh, en, rows in (
        (1.0, "既有点保留", "existing sites stay", kept),
        (1.0, "必选点", "required sites", wanted),
        (0.0, "禁选点", "forbidden sites", barred & ~kept),
    ):
        sites = np.flatnonzero(rows)
        if len(sites):
            each, held = np.ones(len(sites)), np.full(len(sites), at)
            starts = np.arange(len(sites) + 1)
            groups.append(_Group(Text(zh, en), starts, sites, each, held, held))
    towns = np.asarray(demands.town, dtype=np.str_)
    for town, least in demands.min_per_town.items():
        name = Text(f"{town} 至少 {least} 处", f"at least {least} in {town}")
        groups.append(_sum(name, np.flatnonzero(towns == town), least, np.inf))
    if demands.k_fold is not None:
        fold = checked(demands.k_fold, reach.demands, "k_fold")
        for times in np.unique(fold[fold > 0]):
            groups.append(_fold(reach, np.flatnonzero(fold == times), float(times)))
    return groups


def _fold(reach: Reach, rows: Longs, times: float) -> _Group:
    sizes = np.diff(reach.starts)[rows]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    at = np.repeat(reach.starts[rows] - starts[:-1], sizes) + np.arange(starts[-1])
    zh = f"{len(rows)} 个需求点至少 {times:g} 重覆盖"
    en = f"{len(rows)} demands reached at least {times:g} times"
    least, most = np.full(len(rows), times), np.full(len(rows), np.inf)
    columns = reach.candidate[at].astype(np.int64)
    return _Group(Text(zh, en), starts, columns, np.ones(len(at)), least, most)


def _sum(name: Text, sites: Longs, least: float, most: float) -> _Group:
    starts, each = np.array([0, len(sites)]), np.ones(len(sites))
    return _Group(name, starts, sites, each, np.array([float(least)]), np.array([float(most)]))


def _conflict(reach: Reach, groups: list[_Group], always: list[_Group], stop: Stop) -> list[_Group]:
    """A smallest set of groups without a plan: each is left out in turn, for good if none still.

    `always` are groups that stay: who is served by whom, where any group is about that.
    """
    columns = reach.candidates + (len(reach.candidate) if always else 0)
    whole = np.arange(columns) < reach.candidates
    sites = Model(np.zeros(columns), np.ones(columns), whole)
    kept = list(groups)
    for group in groups:
        rest = [other for other in kept if other is not group]
        trial = Model(sites.cost, sites.upper, sites.integer)
        for other in [*always, *rest]:
            trial.add(other.starts, other.columns, other.values, other.least, other.most)
        if rest and trial.solve(stop).infeasible:
            kept = rest
    return kept
