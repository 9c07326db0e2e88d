"""Speeds by class of road, as named policies (data/reference/road_speeds.csv)."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from ..errors import CatalogueError, Text, UsageError
from ..reference import table
from .network import Floats, Roads

DEFAULT_POLICY = "urban"


def speed_policies() -> dict[str, dict[str, float]]:
    """Policy -> class -> km/h, those of the city after the shipped ones; `CatalogueError`."""
    found: dict[str, dict[str, float]] = {}
    for row in table("road_speeds"):
        try:
            speed_kmh = float(row["speed_kmh"])
        except ValueError:
            speed_kmh = math.nan
        speeds = found.setdefault(row["policy"], {})
        if not 0 < speed_kmh <= 200 or not row["class"] or row["class"] in speeds:
            raise CatalogueError(
                "policy_table_invalid",
                Text("车速表有误", "The table of speeds is not valid"),
                where=f"road_speeds.csv, {row['policy']} {row['class']}",
                got=row["speed_kmh"],
                fix=Text("每个等级一行，车速大于 0", "One row a class, a speed over 0"),
            )
        speeds[row["class"]] = speed_kmh
    return found


def speeds_named(name: str = "") -> Mapping[str, float]:
    """The speeds of a policy in km/h by class; `UsageError` `policy_unknown`."""
    known = speed_policies()
    if (name or DEFAULT_POLICY) not in known:
        raise UsageError(
            "policy_unknown",
            Text("没有这个车速方案", "There is no such policy of speeds"),
            where="--speeds",
            got=name,
            fix=Text(f"可用: {'、'.join(known)}", f"Use {', '.join(known)}"),
        )
    return known[name or DEFAULT_POLICY]


def speeds_kmh(roads: Roads, by_class: Mapping[str, float]) -> Floats:
    """The speed on each edge, shape (m,): its limit where that is known, else its class's.

    A class that the policy does not know is NaN.
    """
    classes, at = np.unique(roads.road_class.astype(str), return_inverse=True)
    of_class = np.array([by_class.get(str(one), math.nan) for one in classes], np.float64)
    limit_kmh = roads.maxspeed_kmh
    return np.asarray(np.where(np.isnan(limit_kmh), of_class[at.ravel()], limit_kmh))
