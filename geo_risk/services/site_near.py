"""Other plans of a question, nearly as good as the best."""

from __future__ import annotations

import numpy as np

from geo_risk.siting.reach import Longs
from geo_risk.siting.solution import Solution, Stop

from .site_solvers import Question, constrained, dense, has_further, weights_of
from .watching import Watch


def with_others(question: Question, best: Solution, stop: Stop) -> list[Solution]:
    """The best plan and others; where one of these is better after all, it comes first."""
    others = _solved_again if has_further(question) else _exchanged
    found = [best, *others(question, best, stop)]
    sign = -1.0 if best.maximise else 1.0
    first, *rest = sorted(found, key=lambda one: sign * one.objective)
    bound = (max if best.maximise else min)(best.bound, first.objective)
    return [Solution(first.chosen, first.objective, bound, best.maximise), *rest]


def _exchanged(question: Question, best: Solution, stop: Stop) -> list[Solution]:
    """Other plans of a cover or a median, by exchanging sites."""
    from geo_risk.siting.cover import WIDER
    from geo_risk.siting.exchanges import Limits, cover_worth, exchanged, median_worth

    asked, reach = question.parameters, question.reach
    weight = weights_of(question.demand, asked.get("weights"))
    free = np.zeros(reach.candidates, bool)
    free[question.having("candidate")] = True
    cost, most = np.ones(reach.candidates), float(asked["p"] or 0)
    if asked.get("budget") is not None:
        cost, most = question.candidates.cost, asked["budget"] * WIDER
    limits = Limits(free, cost, most - float(cost[question.having("required")].sum()))
    median = question.model == "median"
    worth = median_worth(dense(reach), weight) if median else cover_worth(reach, weight)
    return exchanged(worth, best, limits, asked["plans"], stop)


def _solved_again(question: Question, best: Solution, stop: Stop) -> list[Solution]:
    """Other plans of a cover with further demands, without sites that are cheap to do without."""
    from geo_risk.siting.evaluate import site_worths
    from geo_risk.siting.near_best import near_best

    free = set(question.having("candidate"))
    weight = weights_of(question.demand, question.parameters.get("weights"))
    worths = site_worths(question.reach, weight, best.chosen, sorted(free))
    dispensable = [one.candidate for one in sorted(worths, key=lambda one: one.price)]
    barred = question.having("forbidden")

    def solve(without: Longs) -> Solution:
        states = {"forbidden": [*barred, *without.tolist()]}
        return constrained(question, weight, Watch(cancelled=stop), states)

    rows = [row for row in dispensable if row in free]
    return near_best(solve, best.chosen, rows, question.parameters["plans"], stop)
