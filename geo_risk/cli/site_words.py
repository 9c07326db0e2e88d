"""What the plans of `geo-risk site` tell alike."""

from __future__ import annotations

import math
from typing import Any

from .main import echo


def say_curve(plan: dict[str, Any]) -> None:
    """Each point of a plan's curve, where it has one, with its bound unless proved; * the knee."""
    curve = plan.get("curve", {"points": [], "knee": None})
    for one in curve["points"]:
        mark = " *" if one["p"] == curve["knee"] else ""
        most = "" if one["status"] == "optimal" else f" (≤ {one['bound']:,.6g})"
        echo(f"  p = {one['p']}: {percent(one['share'])}{most}{mark}")


def percent(share: float) -> str:
    """Whole percent, downwards: 99.6 is not all."""
    return f"{math.floor(share * 100 + 1e-9)} %"
