"""Siting: a question over demand, candidates and reach becomes a plan with its proof."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from geo_risk import __version__
from geo_risk.siting.infeasible import InfeasibleError, named
from geo_risk.siting.solution import Solution

from .site_near import with_others
from .site_plans import KIND, Plan, input_hash, inputs
from .site_solvers import SOLVERS, Question, dense, states_of, weights_of
from .watching import UNWATCHED, Watch

_OTHERS_SHARE = 0.2
"""Of the time, kept for the plans nearly as good."""


def answered(question: Question, watch: Watch = UNWATCHED) -> Plan:
    """The plan of a question: as good as time allows, with the bound that it has proved.

    `UsageError` and `InfeasibleError` of the model that is asked; the latter names demands by id.
    """
    begin, over = watch.clock(), watch.until()
    others: list[Solution] = []
    with demands_by_id(question.demand.ids):
        if question.parameters.get("plans"):
            solution = SOLVERS[question.model](question, watch.part(1.0 - _OTHERS_SHARE))
            solution, *others = with_others(question, solution, over)
        else:
            solution = SOLVERS[question.model](question, watch)
    plan = plan_of(question, solution, watch.clock() - begin)
    if question.parameters.get("plans"):
        plan["near_best"] = [_other(question, solution, one) for one in others]
    return plan


def _other(question: Question, best: Solution, one: Solution) -> dict[str, Any]:
    ids = question.candidates.ids
    return {
        "chosen": [ids[row] for row in one.chosen.tolist()],
        "objective": one.objective,
        "loss": abs(best.objective - one.objective),
    }


def curve(
    question: Question, limit: int | Sequence[float], watch: Watch = UNWATCHED
) -> dict[str, Any]:
    """Cover for 1 to `limit` new sites, or for these budgets, each with its bound, and the knee.

    `UsageError` and `InfeasibleError` as for a cover.
    """
    from geo_risk.siting.curve import budget_curve, cover_curve

    begin, ids = watch.clock(), question.candidates.ids
    weight = weights_of(question.demand, question.parameters.get("weights"))
    shared: dict[str, Any] = {
        **states_of(question),
        "seed": question.seed,
        "stop": watch.until(),
        "report": watch.report,
    }
    knee: float
    plans: Iterable[tuple[float, Solution]]
    with demands_by_id(question.demand.ids):
        if isinstance(limit, int):
            by_p = cover_curve(question.reach, weight, limit, **shared)
            name, knee, plans = "p", by_p.knee, enumerate(by_p.plans, by_p.first_p)
        else:
            cost = question.candidates.cost
            by_budget = budget_curve(question.reach, weight, cost, limit, **shared)
            name, knee = "budget", by_budget.knee
            plans = zip(by_budget.budgets, by_budget.plans, strict=True)
    points = [
        {
            name: at,
            "chosen": [ids[row] for row in plan.chosen.tolist()],
            "objective": plan.objective,
            "share": plan.objective / float(weight.sum()) if weight.sum() else 0.0,
            "bound": plan.bound,
            "gap": _finite(plan.gap),
            "status": plan.status,
        }
        for at, plan in plans
    ]
    seconds = round(watch.clock() - begin, 3)
    return {
        "model": "curve",
        "total": float(weight.sum()),
        "knee": knee,
        "points": points,
        "seconds": seconds,
        "parameters": dict(question.parameters),
        "seed": question.seed,
    }


@contextmanager
def demands_by_id(ids: Sequence[str]) -> Iterator[None]:
    """Demands that stand in the way are named by their ids, not by their rows."""
    try:
        yield
    except InfeasibleError as error:
        if len(error.demands):
            error.where = named([ids[row] for row in error.demands.tolist()])
        raise


def plan_of(question: Question, solution: Solution, seconds: float) -> Plan:
    """A solution as the document that can be checked."""
    given = inputs(question.demand, question.candidates, question.reach)
    ids = question.candidates.ids
    return {
        "kind": KIND,
        "model": question.model,
        "chosen": [ids[row] for row in solution.chosen.tolist()],
        "objective": solution.objective,
        "bound": solution.bound,
        "gap": _finite(solution.gap),
        "status": solution.status,
        "seconds": round(seconds, 3),
        "solver": f"geo_risk {__version__}",
        "seed": question.seed,
        "input_hash": input_hash(question.model, question.parameters, given),
        "parameters": dict(question.parameters),
        **_told(question, solution),
        "inputs": given,
    }


def _told(question: Question, solution: Solution) -> dict[str, Any]:
    """What a planner asks next: cover by grade and town, and what no site allowed reaches."""
    from geo_risk.siting.set_covering import unreachable

    reach, demand = question.reach, question.demand
    open_ = np.zeros(reach.candidates, bool)
    open_[solution.chosen] = True
    served = np.zeros(reach.demands, bool)
    served[reach.row_of_entry[open_[reach.candidate]]] = True
    barred = np.zeros(reach.candidates, bool)
    barred[question.having("forbidden")] = True
    unreached = unreachable(reach, barred).tolist()
    cover: dict[str, Any] = {"n": int(served.sum()), "of": reach.demands}
    for name, column in (("by_grade", demand.grades), ("by_town", demand.towns)):
        if column is not None:
            cover[name] = _counted(column, served.tolist())
    ids = [demand.ids[row] for row in unreached]
    told = {"cover": cover, "unreached": {"n": len(ids), "ids": ids}}
    return told | (
        {"sites": _WORTHS[question.model](question, solution)} if question.model in _WORTHS else {}
    )


def _cover_worth(question: Question, solution: Solution) -> list[dict[str, Any]]:
    """What each site of a cover reaches, what is lost without it, and what would replace it."""
    from geo_risk.siting.evaluate import site_worths

    ids = question.candidates.ids
    weight = weights_of(question.demand, question.parameters.get("weights"))
    found = site_worths(question.reach, weight, solution.chosen, question.having("candidate"))
    return [
        {
            "id": ids[one.candidate],
            "reached": one.reached,
            "loss": one.lost,
            "alternative": ids[one.alternative] if one.alternative >= 0 else None,
            "price": one.price,
        }
        for one in found
    ]


def _median_worth(question: Question, solution: Solution) -> list[dict[str, Any]]:
    """What each site of a median carries, what is lost without it, and what would replace it."""
    from geo_risk.siting.assignment import site_worth

    ids, table = question.candidates.ids, dense(question.reach)
    weight = weights_of(question.demand, question.parameters.get("weights"))
    found = site_worth(table, weight, solution.chosen, question.having("forbidden"))
    return [
        {
            "id": ids[one.site],
            "demands": one.demands,
            "weight": one.weight,
            "cost": one.cost,
            "greatest_cost": one.greatest_cost,
            "loss": _finite(one.loss),
            "alternative": None if one.alternative is None else ids[one.alternative],
            "price": _finite(one.price),
        }
        for one in found
    ]


_WORTHS = {"cover": _cover_worth, "median": _median_worth}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _counted(column: Sequence[str], served: Sequence[bool]) -> dict[str, dict[str, int]]:
    told: dict[str, dict[str, int]] = {}
    for key, one in zip(column, served, strict=True):
        count = told.setdefault(key, {"n": 0, "of": 0})
        count["n"] += one
        count["of"] += 1
    return told
