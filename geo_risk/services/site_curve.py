"""The trade-off curve of a plan as it is told: cover against p, and the knee."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from geo_risk.siting.solution import Solution


def curve_told(plans: Iterable[tuple[int, Solution]], knee: int, total: float) -> dict[str, Any]:
    """Each p with what its plan covers, the share of the total weight, bound, gap and status."""
    points = [
        {
            "p": p,
            "objective": float(one.objective),
            "share": share(one.objective, total),
            "bound": float(one.bound),
            "gap": one.gap if math.isfinite(one.gap) else None,
            "status": one.status,
        }
        for p, one in plans
    ]
    return {"points": points, "knee": knee}


def share(part: float, total: float) -> float:
    """A share to three decimals, downwards: what is not whole is never told as 1."""
    return float(np.floor(part / total * 1000 + 1e-9) / 1000) if total else 0.0
