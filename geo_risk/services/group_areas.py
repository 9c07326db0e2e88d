"""Area pairs: adjacent towns of like risk, and contact slots across the city's border."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from geo_risk.datums import metric_crs
from geo_risk.errors import Text
from geo_risk.neighbours.group_policies import GroupPolicy
from geo_risk.neighbours.groups import profile_likeness
from geo_risk.store import Query, Store

from .gazetteer import areas
from .group_units import LAYER, in_metres

_GRADED = ("red", "orange", "yellow", "blue")


def area_pairs(store: Store, policy: GroupPolicy) -> list[dict[str, Any]]:
    """Bodies of the pairs: two towns, or a town and what lies across the border (open slot)."""
    towns = areas(store, "towns")
    beyond = areas(store, "surroundings") if "surroundings" in store.schema.specs else []
    if not towns:
        return []
    codes = [code for code, _ in (*towns, *beyond)]
    shapes = np.array([shape for _, shape in (*towns, *beyond)], object)
    middle = shapely.get_coordinates(shapely.point_on_surface(shapes[: len(towns)]))
    metric = in_metres(metric_crs(*middle.T), shapes)
    names = _names(store)
    profiles = _profiles(store)
    found = []
    for a in range(len(towns)):
        metres = shapely.distance(metric[a], metric)
        for b in range(a + 1, len(codes)):
            if not metres[b] <= policy.border_m:
                continue
            told = _told(codes[a], codes[b], profiles, b >= len(towns), policy)
            if told is not None:
                told["distance_m"] = round(float(metres[b]), 1)
                told["members"] = [
                    {"id": code, "name": names.get(code) or code} for code in (codes[a], codes[b])
                ]
                found.append(told)
    return found


def _told(
    a: str, b: str, profiles: dict[str, dict[str, int]], slot: bool, policy: GroupPolicy
) -> dict[str, Any] | None:
    """A pair as it is kept; None where the two are not alike."""
    mine, theirs = profiles.get(a, {}), profiles.get(b, {})
    like = None if slot else profile_likeness(mine, theirs)
    if not slot and (like is None or like < policy.area_likeness):
        return None
    reason = Text(
        "与市外相邻，对方联系人待填", "at the city's edge, contact across it to be filled"
    )
    if like is not None:
        reason = Text(f"相邻，风险构成相近 {like:.2f}", f"adjacent, risk profiles alike {like:.2f}")
    towns = {a: mine} if slot else {a: mine, b: theirs}
    return {
        "slot": slot,
        "likeness": None if like is None else round(like, 4),
        "reasons": [dict(reason)],
        "profiles": towns,
        "graded": sum(of.get(grade, 0) for of in towns.values() for grade in _GRADED),
        "n": sum(sum(of.values()) for of in towns.values()),
        "worst": next((g for g in _GRADED if any(of.get(g) for of in towns.values())), "no_data"),
    }


def _profiles(store: Store) -> dict[str, dict[str, int]]:
    """Units by grade per town, no data among them."""
    found: dict[str, dict[str, int]] = {}
    for (town, grade), count in sorted(
        store.count_by(Query(LAYER), "town", "grade").items(), key=str
    ):
        if town:
            found.setdefault(town, {})[grade or "no_data"] = count
    return found


def _names(store: Store) -> dict[str, str]:
    layers = [name for name in ("towns", "surroundings") if name in store.schema.specs]
    return {key: name for one in layers for key, name in store.columns(Query(one), ("id", "name"))}
