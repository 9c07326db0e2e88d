"""Mixed-integer models through HiGHS: built row by row, stoppable, started from a known plan."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from .quiet import quiet_solver
from .reach import Floats, Longs
from .solution import Stop

_TOLERANCE = 1e-7
"""More than HiGHS's feasibility tolerance moves a bound here, as a share of it."""
_GREATEST, _DIGITS = 1e9, 13
_ULPS = 4 * float(np.finfo(np.float64).eps)
"""How far a sum or product of short decimals may be from the decimal meant, as a share of it."""


def in_units(values: Floats) -> tuple[Floats, float]:
    """Numbers of at least 0 as multiples of a unit, and the unit.

    HiGHS's tolerances are absolute: what is much less than 1 counts for nothing there. Short
    decimals become whole multiples; of others the smallest positive one is at least the unit.
    """
    some = values[values > 0]
    if not len(some):
        return values, 1.0
    for digits in range(_DIGITS):
        whole = np.rint(values * 10.0**digits)
        if whole.sum() > _GREATEST:
            break
        if (np.abs(whole / 10.0**digits - values) <= _ULPS * values).all():
            common = float(np.gcd.reduce(whole.astype(np.int64)))
            return whole / common, common / 10.0**digits
    unit = float(max(min(some.min(), 1.0), some.max() / _GREATEST))
    return values / unit, unit


@dataclass(frozen=True)
class Found:
    """Values of all columns (none where no plan is known), their objective, and a bound.

    `infeasible` says that there is no plan; then objective and bound mean nothing.
    """

    values: Floats | None
    objective: float
    bound: float
    infeasible: bool


@dataclass
class Model:
    """Columns from 0 to `upper` with these costs, integer or not, and rows added in blocks."""

    cost: Floats
    upper: Floats
    integer: Any
    sense: Literal["least", "most"] = "most"
    _blocks: list[tuple[Longs, Longs, Floats, Floats, Floats]] = field(default_factory=list)

    def add(
        self, starts: Longs, columns: Longs, values: Floats, least: Floats, most: Floats
    ) -> None:
        """Rows `least ≤ Σ values x[columns] ≤ most`, row i from starts[i] to starts[i + 1]."""
        self._blocks.append((starts, columns, values, least, most))

    def solve(self, stop: Stop, start: Floats | None = None, apart: float = 0.0) -> Found:
        """The best plan; any other is at most `apart` better. Stops soon after `stop` says so."""
        import highspy

        solver = quiet_solver(stop, random_seed=0, mip_rel_gap=1e-7, mip_abs_gap=max(apart, 1e-9))
        solver.passModel(self._lp(highspy))
        if start is not None:
            known = highspy.HighsSolution()
            known.col_value = start
            solver.setSolution(known)
        solver.run()
        return self._read(solver, highspy)

    def _lp(self, highspy: Any) -> Any:
        lp = highspy.HighsLp()
        starts, columns, values, least, most = zip(*self._blocks, strict=True)
        begins = np.cumsum([0, *(block[-1] for block in starts)])
        lp.num_col_, lp.num_row_ = len(self.cost), sum(len(block) for block in least)
        most_wanted = highspy.ObjSense.kMaximize
        lp.sense_ = most_wanted if self.sense == "most" else highspy.ObjSense.kMinimize
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = self.cost, 0.0 * self.upper, self.upper
        lp.row_lower_, lp.row_upper_ = np.concatenate(least), np.concatenate(most)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        at = [block[:-1] + begin for block, begin in zip(starts, begins, strict=False)]
        lp.a_matrix_.start_ = np.concatenate([*at, begins[-1:]]).astype(np.int32)
        lp.a_matrix_.index_ = np.concatenate(columns).astype(np.int32)
        lp.a_matrix_.value_ = np.concatenate(values)
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(one)] for one in self.integer]
        return lp

    def _read(self, solver: Any, highspy: Any) -> Found:
        status, info = solver.getModelStatus(), solver.getInfo()
        none = status in (
            highspy.HighsModelStatus.kInfeasible,
            highspy.HighsModelStatus.kUnboundedOrInfeasible,
        )
        feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        solution = np.asarray(solver.getSolution().col_value) if feasible else None
        outward = 1.0 if self.sense == "most" else -1.0
        bound = info.mip_dual_bound
        if math.isfinite(bound) and abs(bound) < 1e30:
            bound += outward * _TOLERANCE * max(abs(bound), 1.0)
        else:
            bound = outward * math.inf
        objective = float(self.cost @ solution) if solution is not None else -outward * math.inf
        return Found(solution, objective, bound, none)
