"""A question of siting, and who answers it: a solver for each model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from geo_risk.errors import Text, UsageError
from geo_risk.siting.reach import Reach
from geo_risk.siting.solution import Solution

from .site_files import Candidates, Demand, Floats
from .watching import Watch

MODELS = ("cover", "set-cover", "median", "center")
GRADES = ("red", "orange", "yellow", "blue", "no_data")
DEFAULT_WEIGHTS = (8.0, 4.0, 2.0, 1.0)


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


def states_of(question: Question) -> dict[str, Any]:
    """The rows of candidates by state, as the solvers name them."""
    return {state: question.having(state) for state in ("existing", "required", "forbidden")}


def has_further(question: Question) -> bool:
    """Whether a cover has to meet more than its limit."""
    return any(question.parameters.get(name) for name in ("min_per_town", "k_fold", "capacity"))


def _cover(question: Question, watch: Watch) -> Solution:
    from geo_risk.siting.cover import max_cover

    weight = weights_of(question.demand, question.parameters.get("weights"))
    if has_further(question):
        return constrained(question, weight, watch, {})
    return max_cover(
        question.reach,
        weight,
        **_limit(question),
        **states_of(question),
        seed=question.seed,
        stop=watch.until(),
        report=watch.report,
    )


def constrained(
    question: Question, weight: Floats, watch: Watch, states: Mapping[str, Any]
) -> Solution:
    """The best cover that meets further demands; `states` stand for those of the candidates."""
    from geo_risk.siting.constrained import Demands, max_cover_with

    asked, towns = question.parameters, question.candidates.towns or []
    least = asked.get("min_per_town")
    if least and not any(towns):
        raise UsageError(
            "towns_missing",
            Text("候选点没有镇(街道)", "The candidates have no towns"),
            where="--min-per-town",
            fix=Text("给候选点一列 town", "Give the candidates a column town"),
        )
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
        **{**states_of(question), **states},
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
        **states_of(question),
        allow_unreachable=bool(question.parameters.get("allow_unreachable")),
        stop=watch.until(),
        report=watch.report,
    )


def _number(question: Question) -> int:
    if question.parameters["p"] is None:
        raise UsageError(
            "option_missing",
            Text("没有给出个数", "The number of sites is missing"),
            where="--p",
            fix=Text("给出 --p", "Give --p"),
        )
    return int(question.parameters["p"])


def _median(question: Question, watch: Watch) -> Solution:
    from geo_risk.siting.median import p_median

    asked, kept = question.parameters, question.having("existing")
    return p_median(
        dense(question.reach),
        weights_of(question.demand, asked.get("weights")),
        _number(question) + len(kept),
        fixed=question.having("existing", "required"),
        forbidden=question.having("forbidden"),
        seed=question.seed,
        stop=watch.until(),
        report=watch.report,
    )


def _center(question: Question, watch: Watch) -> Solution:
    from geo_risk.siting.center import p_center

    kept = question.having("existing")
    return p_center(
        dense(question.reach),
        _number(question) + len(kept),
        fixed=question.having("existing", "required"),
        forbidden=question.having("forbidden"),
        stop=watch.until(),
        report=watch.report,
    )


SOLVERS: dict[str, Callable[[Question, Watch], Solution]] = {
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
