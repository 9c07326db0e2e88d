"""Whether p sites can serve every demand within a radius: a plan, or the proof that none can."""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from . import _serving_kernels as kernels
from .costs import Choice, Lists, Rows, too_few, undecided
from .quiet import quiet_solver
from .solution import Stop

ANY_COST = float(np.finfo(np.float64).max)
"""A radius that any finite cost lies within."""
Sites = NDArray[np.int32]


class Serving:
    """Answers for one set of costs and one p, at any radius."""

    def __init__(self, choice: Choice, lists: Lists, stop: Stop) -> None:
        self.choice, self.lists, self.stop = choice, lists, stop
        self.fixed = np.zeros(choice.cost.shape[1], np.bool_)
        self.fixed[choice.fixed] = True

    def greedy(self, radius: float) -> tuple[Sites, Rows]:
        """Sites chosen one by one (fixed ones first), and the demands they leave unserved."""
        fixed = self.choice.fixed
        chosen = np.full(self.choice.p, -1, np.int32)
        chosen[: len(fixed)] = fixed
        unserved = kernels.serve_greedily(*self.lists, self.choice.cost, radius, chosen, len(fixed))
        return chosen[chosen >= 0], np.flatnonzero(unserved)

    def too_tight(self, radius: float) -> bool:
        """True where demands that share no site already outnumber the free sites."""
        free = self.choice.p - len(self.choice.fixed)
        return kernels.apart(*self.lists, radius, len(self.fixed), self.fixed) > free

    def decided(self, radius: float) -> tuple[Sites | None, bool]:
        """A plan (or None), and whether that is proved; by HiGHS, as a set cover."""
        needs = self.choice.cost <= radius
        needs &= self.choice.usable
        needs = needs[~needs[:, self.fixed].any(axis=1)]
        rows, columns = _reduced(needs)
        free = self.choice.p - len(self.choice.fixed)
        found, proved = _cover(needs[np.ix_(rows, columns)], free, self.stop)
        if found is None:
            return None, proved
        return np.concatenate([self.choice.fixed, columns[found]]).astype(np.int32), True


def serving_sites(choice: Choice, lists: Lists, stop: Stop) -> Sites:
    """Sites that serve all demands at any finite cost; `InfeasibleError` where no p sites do."""
    serving = Serving(choice, lists, stop)
    sites, unserved = serving.greedy(ANY_COST)
    if not len(unserved):
        return sites
    found, proved = (None, True) if serving.too_tight(ANY_COST) else serving.decided(ANY_COST)
    if found is None:
        raise too_few(unserved, choice.p) if proved else undecided()
    return found


def _reduced(needs: NDArray[np.bool_]) -> tuple[Rows, Rows]:
    """Rows and columns that say the same: no row holds another, no column lies in another."""
    rows, columns = np.arange(needs.shape[0]), np.flatnonzero(needs.any(axis=0))
    while True:
        before = len(rows), len(columns)
        rows = rows[kernels.lone(_bits(needs[np.ix_(rows, columns)]), False)]
        columns = columns[kernels.lone(_bits(needs[np.ix_(rows, columns)].T), True)]
        if (len(rows), len(columns)) == before:
            return rows, columns


def _bits(flags: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Each row's flags as bits, shape (rows, words)."""
    packed = np.packbits(flags, axis=1)
    padded = np.zeros((len(flags), -(-packed.shape[1] // 8) * 8), np.uint8)
    padded[:, : packed.shape[1]] = packed
    return padded.view(np.uint64)


def _cover(needs: NDArray[np.bool_], free: int, stop: Stop) -> tuple[Rows | None, bool]:
    """At most `free` columns that meet every row; None and True where that many cannot."""
    solver = quiet_solver(stop)
    solver.setOptionValue("objective_target", float(free))
    solver.passModel(_cover_model(needs, free))
    solver.run()
    if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        return None, True
    if solver.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None, False
    taken = np.flatnonzero(np.asarray(solver.getSolution().col_value) > 0.5)
    meets = len(taken) <= free and needs[:, taken].any(axis=1).all()
    return (taken, True) if meets else (None, False)


def _cover_model(needs: NDArray[np.bool_], free: int) -> Any:
    """Fewest columns that meet every row, at most `free`, as HiGHS takes it."""
    rows, columns = needs.shape
    _, index = np.nonzero(needs)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = columns, rows + 1
    model.col_cost_ = np.ones(columns)
    model.col_lower_, model.col_upper_ = np.zeros(columns), np.ones(columns)
    model.integrality_ = [highspy.HighsVarType.kInteger] * columns
    model.row_lower_ = np.append(np.ones(rows), 0.0)
    model.row_upper_ = np.append(np.full(rows, highspy.kHighsInf), float(free))
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lengths = np.append(needs.sum(axis=1), columns)
    model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    model.a_matrix_.index_ = np.concatenate([index, np.arange(columns)]).astype(np.int32)
    model.a_matrix_.value_ = np.ones(lengths.sum())
    return model
