"""Siting: a question over demand, candidates and reach becomes a plan with its proof."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from geo_risk import __version__
from geo_risk.siting.infeasible import InfeasibleError, named
from geo_risk.siting.reach import Longs, Reach
from geo_risk.siting.solution import Solution

from .site_files import Candidates, Demand, Floats
from .site_plans import KIND, Plan, input_hash, inputs
from .watching import UNWATCHED, Watch

MODELS = ("cover", "set-cover", "median", "center")
GRADES = ("red", "orange", "yellow", "blue", "no_data")
DEFAULT_WEIGHTS = (8.0, 4.0, 2.0, 1.0)
_OTHER_EFFORT = 5
"""Solutions of the LP for each near-best plan, which needs no proof."""


@dataclass(frozen=True)
class Question:
    """What is asked: a model over demand, candidates and reach, its parameters, the seed."""

    model: str
    demand: Demand
    candidates: Candidates
    reach: Reach
    parameters: Mapping[str, Any]
    seed: int = 0

    def having(self, *states: str) -> list[int]:
        """The rows of candidates in one of these states."""
        return [row for row, state in enumerate(self.candidates.status) if state in states]


def weights_of(demand: Demand, by_grade: Mapping[str, float] | None) -> Floats:
    """Each demand's weight, times that of its grade where there are grades, shape (n,)."""
    if demand.grades is None or by_grade is None:
        return demand.weight
    return demand.weight * np.array([by_grade[grade] for grade in demand.grades], np.float64)


def answered(question: Question, watch: Watch = UNWATCHED) -> Plan:
    """The plan of a question: as good as time allows, with the bound that it has proved.

    `UsageError` and `InfeasibleError` of the model that is asked; the latter names demands by id.
    """
    begin = watch.clock()
    others: list[Solution] = []
    with demands_by_id(question.demand.ids):
        solution = _SOLVERS[question.model](question, watch)
        if question.parameters.get("plans"):
            others = _near_best(question, solution, watch)
    plan = plan_of(question, solution, watch.clock() - begin)
    if question.parameters.get("plans"):
        plan["near_best"] = [_other(question, solution, one) for one in others]
    return plan


def _near_best(question: Question, best: Solution, watch: Watch) -> list[Solution]:
    """Other plans of a cover, without the sites that are cheapest to do without."""
    from geo_risk.siting.evaluate import site_worths
    from geo_risk.siting.near_best import near_best

    free = set(question.having("candidate"))
    weight = weights_of(question.demand, question.parameters.get("weights"))
    worths = site_worths(question.reach, weight, best.chosen, sorted(free))
    dispensable = [one.candidate for one in sorted(worths, key=lambda one: one.price)]
    barred = question.having("forbidden")

    def solve(without: Longs) -> Solution:
        rows = [*barred, *without.tolist()]
        return _cover(question, watch, forbidden=rows, effort=_OTHER_EFFORT)

    rows = [row for row in dispensable if row in free]
    return near_best(solve, best.chosen, rows, question.parameters["plans"], watch.until())


def _other(question: Question, best: Solution, one: Solution) -> dict[str, Any]:
    ids = question.candidates.ids
    return {
        "chosen": [ids[row] for row in one.chosen.tolist()],
        "objective": one.objective,
        "loss": best.objective - one.objective,
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
        **_states(question),
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


def _states(question: Question) -> dict[str, Any]:
    return {state: question.having(state) for state in ("existing", "required", "forbidden")}


def _cover(question: Question, watch: Watch, **more: Any) -> Solution:
    """The best cover; `more` are further rows forbidden, and a plan to start from."""
    from geo_risk.siting.cover import max_cover

    asked = question.parameters
    weight = weights_of(question.demand, asked.get("weights"))
    if any(asked.get(name) for name in ("min_per_town", "k_fold", "capacity")):
        more.pop("effort", None)
        return _constrained(question, weight, watch, more)
    return max_cover(
        question.reach,
        weight,
        **_limit(question),
        **{**_states(question), **more},
        seed=question.seed,
        stop=watch.until(),
        report=watch.report,
    )


def _constrained(
    question: Question, weight: Floats, watch: Watch, states: Mapping[str, Any]
) -> Solution:
    from geo_risk.siting.constrained import Demands, max_cover_with

    asked, towns = question.parameters, question.candidates.towns or []
    least = asked.get("min_per_town")
    k_fold = asked.get("k_fold") or {}
    grades = question.demand.grades or ["no_data"] * len(question.demand.ids)
    demands = Demands(
        town=towns,
        min_per_town=dict.fromkeys(sorted({*filter(None, towns)}), least) if least else {},
        k_fold=np.array([k_fold.get(grade, 0) for grade in grades]) if k_fold else None,
        # Without a limit a site can serve all there is.
        capacity=np.minimum(question.candidates.capacity, weight.sum())
        if asked.get("capacity")
        else None,
        **{**_states(question), **states},
    )
    return max_cover_with(
        question.reach,
        weight,
        demands,
        **_limit(question),
        stop=watch.until(),
        report=watch.report,
    )


def _limit(question: Question) -> dict[str, Any]:
    """How many new sites, or what they may cost and each costs."""
    asked, money = question.parameters, question.parameters.get("budget") is not None
    cost = question.candidates.cost if money else None
    return {"p": asked["p"], "budget": asked.get("budget"), "cost": cost}


def _set_cover(question: Question, watch: Watch) -> Solution:
    from geo_risk.siting.set_covering import set_cover

    return set_cover(
        question.reach,
        cost=question.candidates.cost,
        **_states(question),
        allow_unreachable=bool(question.parameters.get("allow_unreachable")),
        stop=watch.until(),
        report=watch.report,
    )


def _median(question: Question, watch: Watch) -> Solution:
    from geo_risk.siting.median import p_median

    asked, kept = question.parameters, question.having("existing")
    return p_median(
        dense(question.reach),
        weights_of(question.demand, asked.get("weights")),
        asked["p"] + len(kept),
        fixed=question.having("existing", "required"),
        forbidden=question.having("forbidden"),
        seed=question.seed,
        stop=watch.until(),
        report=watch.report,
    )


def _center(question: Question, watch: Watch) -> Solution:
    from geo_risk.siting.center import p_center

    asked, kept = question.parameters, question.having("existing")
    return p_center(
        dense(question.reach),
        asked["p"] + len(kept),
        fixed=question.having("existing", "required"),
        forbidden=question.having("forbidden"),
        stop=watch.until(),
        report=watch.report,
    )


_SOLVERS: dict[str, Callable[[Question, Watch], Solution]] = {
    "cover": _cover,
    "set-cover": _set_cover,
    "median": _median,
    "center": _center,
}


def dense(reach: Reach) -> Floats:
    """The costs of reach, shape (demands, candidates); infinite where it is not reached."""
    table = np.full((reach.demands, reach.candidates), np.inf)
    table[reach.row_of_entry, reach.candidate] = 0.0 if reach.cost is None else reach.cost
    return table


def _told(question: Question, solution: Solution) -> dict[str, Any]:
    """What a planner asks next: cover by grade and town, and what nobody reaches."""
    reach, demand = question.reach, question.demand
    open_ = np.zeros(reach.candidates, bool)
    open_[solution.chosen] = True
    served = np.zeros(reach.demands, bool)
    served[reach.row_of_entry[open_[reach.candidate]]] = True
    unreached = reach.unreached.tolist()
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
