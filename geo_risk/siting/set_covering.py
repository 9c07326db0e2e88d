"""Set covering (集合覆盖): the fewest or cheapest sites that reach every demand.

Model, bound and proof: docs/methods/covering.md.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from geo_risk.errors import Text

from . import _reach_kernels as kernels
from .cover import checked, flags
from .infeasible import InfeasibleError
from .instance import Flags, Instance, decided, first_instance
from .mip import Model, in_units
from .reach import Floats, Ints, Longs, Reach
from .solution import Progress, Report, Solution, Stop, never, silent

_EPS = float(np.finfo(np.float64).eps)


def set_cover(
    reach: Reach,
    *,
    cost: ArrayLike | None = None,
    existing: ArrayLike = (),
    required: ArrayLike = (),
    forbidden: ArrayLike = (),
    allow_unreachable: bool = False,
    stop: Stop = never,
    report: Report = silent,
) -> Solution:
    """The sites of least total cost (1 each without `cost`) that reach every demand.

    `existing` sites stand already and cost nothing. Demand that no site allowed reaches raises
    `InfeasibleError` `demand_unreachable`, which names the first rows; `allow_unreachable` covers
    the rest. `objective` is the cost of the new sites, `bound` is at most any plan's. Raises
    `UsageError` `lengths_differ`, `cost_invalid`, `row_unknown`.
    """
    given = np.ones(reach.candidates) if cost is None else checked(cost, reach.candidates, "cost")
    kept, wanted, barred = (
        flags(rows, reach.candidates, name)
        for rows, name in ((existing, "existing"), (required, "required"), (forbidden, "forbidden"))
    )
    if np.any(wanted & barred):
        words = Text("有候选点既必选又禁选", "A candidate is both required and forbidden")
        where = f"candidate {np.flatnonzero(wanted & barred)[0]}"
        raise InfeasibleError("required_forbidden", words, where=where)
    lost = unreachable(reach, barred & ~kept)
    if len(lost) and not allow_unreachable:
        raise InfeasibleError(
            "demand_unreachable",
            Text(
                f"{len(lost)} 个需求点没有候选点可达", f"No candidate reaches {len(lost)} demands"
            ),
            demands=lost,
            got=len(lost),
            fix=Text(
                "放宽半径、增加候选点，或允许不可达", "Reach farther, add candidates, or allow it"
            ),
        )
    costs = np.where(kept, 0.0, given)
    # Whole costs also round a bound up.
    scaled, unit = in_units(costs)
    whole = first_instance(reach, np.ones(reach.demands), scaled, np.inf)
    left = decided(whole, kept | wanted, barred & ~kept)

    def told(now: Progress) -> None:
        report(Progress(now.objective * unit, now.bound * unit))

    chosen, reached, bound = _least(left, stop, told, float(scaled[wanted].sum()))
    objective = float(costs[chosen].sum())
    bound = objective if bound == reached else bound * unit
    if np.any(costs % 1.0):  # in another order the sum may be less by that
        bound *= 1.0 - (len(chosen) + 8) * _EPS
    return Solution(chosen, objective, min(bound, objective), False)


def unreachable(reach: Reach, barred: Flags) -> Longs:
    """Rows of demand that no candidate but barred ones reaches."""
    reached = np.bincount(reach.row_of_entry, ~barred[reach.candidate], reach.demands) > 0
    return np.flatnonzero(~reached)


def _least(
    instance: Instance, stop: Stop, report: Report, spent: float
) -> tuple[Longs, float, float]:
    """The chosen candidates, their cost and a bound on any plan's cost."""
    if not len(instance.weight):
        return instance.opened, spent, spent
    open_ = greedy_cover(instance)
    least = float(instance.cost[open_].sum())
    report(Progress(spent + least, spent))
    if stop():
        return instance.plan(open_), spent + least, spent
    whole = not np.any(instance.cost % 1.0)
    model = Model(instance.cost, np.ones(len(instance.cost)), np.ones(len(instance.cost)), "least")
    rows = np.flatnonzero(~_implied(instance))
    sizes = np.diff(instance.starts)[rows]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    entries = np.repeat(instance.starts[rows] - starts[:-1], sizes) + np.arange(starts[-1])
    columns = instance.sites[entries].astype(np.int64)
    some = np.ones(len(rows))
    model.add(starts, columns, np.ones(len(entries)), some, np.full(len(rows), np.inf))
    found = model.solve(stop, open_.astype(np.float64), 1.0 - 1e-6 if whole else 0.0)
    if found.values is not None:
        better = found.values > 0.5
        cost = float(instance.cost[better].sum())
        if cost < least and covers_all(instance, better):
            open_, least = better, cost
    bound = max(found.bound, 0.0)
    bound = float(np.ceil(bound - 1e-9)) if whole else bound
    bound = spent + min(bound, least)
    report(Progress(spent + least, bound))
    return instance.plan(open_), spent + least, bound


def covers_all(instance: Instance, open_: Flags) -> bool:
    """Whether every row has an open site."""
    return bool(np.all(np.add.reduceat(open_[instance.sites].astype(int), instance.starts[:-1])))


def _implied(instance: Instance) -> Flags:
    """Rows whose sites hold all sites of another row: reached whenever that one is."""
    # A row is a site of the transposed problem; equal rows are merged already.
    sizes = np.diff(instance.starts)
    return kernels.holds_another(sizes, *instance.matrix)


def greedy_cover(instance: Instance) -> Flags:
    """A plan that reaches every row: most new rows per cost first, then what is not needed out."""
    sites, cost = len(instance.cost), np.maximum(instance.cost, 1e-9)
    open_ = np.zeros(sites, bool)
    count = np.zeros(len(instance.weight), np.int64)
    value: Floats = np.diff(instance.site_starts).astype(np.float64)
    while (count == 0).any():
        site = int(np.argmax(np.where(open_, -1.0, value / cost)))
        rows = _rows(instance, site)
        for row in rows[count[rows] == 0]:
            value[instance.sites[instance.starts[row] : instance.starts[row + 1]]] -= 1.0
        count[rows] += 1
        open_[site] = True
    for site in np.flatnonzero(open_)[np.argsort(-instance.cost[open_], kind="stable")]:
        rows = _rows(instance, int(site))
        if (count[rows] > 1).all():
            open_[site] = False
            count[rows] -= 1
    return open_


def _rows(instance: Instance, site: int) -> Ints:
    return instance.rows[instance.site_starts[site] : instance.site_starts[site + 1]]
