"""The trade-off curve of a plan as it is told: cover against p, and the knee."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from geo_risk.siting.solution import Solution


def curve_told(
    plans: Iterable[tuple[int, Solution]],
    knee: int,
    total: float,
    lonlat: tuple[ArrayLike, ArrayLike],
    standing: ArrayLike = (),
) -> dict[str, Any]:
    """Each p with what its plan covers, the share of the total weight, bound, gap and status.

    `lonlat` are the candidates' positions, so that each p tells with `at` where its new sites are;
    `standing` are the rows of those that stand already.
    """
    at = np.round(np.column_stack(lonlat), 6)
    points = [
        {
            "p": p,
            "objective": float(one.objective),
            "share": share(one.objective, total),
            "bound": float(one.bound),
            "gap": one.gap if math.isfinite(one.gap) else None,
            "status": one.status,
            "at": at[np.setdiff1d(one.chosen, np.asarray(standing, np.int64))].tolist(),
        }
        for p, one in plans
    ]
    return {"points": points, "knee": knee}


def share(part: float, total: float) -> float:
    """A share to three decimals, downwards: what is not whole is never told as 1."""
    return float(np.floor(part / total * 1000 + 1e-9) / 1000) if total else 0.0
