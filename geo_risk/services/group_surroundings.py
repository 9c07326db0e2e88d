"""Around a group: nearest rescue team, depot and shelter, and hazards that reach members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_risk.neighbours.group_policies import (
    DECLARED,
    SCREENING,
    Reach,
    declared_reaches,
    screening_radii,
)
from geo_risk.store import Query, Store

from .group_units import Units, in_metres

RESOURCES = ("rescue_team", "fire_station", "depot", "shelter")
_KINDS = {"risk_points": "accident_type", "hazard_sources": ""}


@dataclass(frozen=True)
class Hazard:
    """A hazard inside a unit, where it lies in metres, and how far it reaches."""

    layer: str
    id: str
    name: str
    grade: str
    kind: str
    shape_m: Any
    reach: Reach


@dataclass(frozen=True)
class Facilities:
    """Facilities of one kind: ids, names and positions in metres, shape (n, 2)."""

    ids: list[str]
    names: list[str]
    xy_m: NDArray[np.float64]


def facilities(store: Store, units: Units) -> dict[str, Facilities]:
    """The placed facilities by kind."""
    if units.crs is None:
        return {}
    rows = store.columns(Query("facilities"), ("id", "name", "kind", "geom"))
    found = {}
    for kind in RESOURCES:
        of = sorted(row for row in rows if row[2] == kind and row[3] is not None)
        shapes = shapely.centroid(shapely.from_wkb(np.array([row[3] for row in of], object)))
        if of:
            xy = shapely.get_coordinates(in_metres(units.crs, shapes))
            found[kind] = Facilities([r[0] for r in of], [r[1] or r[0] for r in of], xy)
    return found


def nearest(found: Mapping[str, Facilities], xy_m: NDArray[np.float64]) -> dict[str, Any]:
    """Of each kind the facility nearest to the middle of some positions; None without any."""
    told: dict[str, Any] = dict.fromkeys(RESOURCES)
    if not len(xy_m):
        return told
    middle = xy_m.mean(axis=0)
    for kind, of in found.items():
        metres = np.hypot(*(of.xy_m - middle).T)
        at = int(np.argmin(metres))
        told[kind] = {
            "id": of.ids[at],
            "name": of.names[at],
            "distance_m": round(float(metres[at]), 1),
        }
    return told


def hazards_of(store: Store, units: Units) -> dict[str, list[Hazard]]:
    """Per unit the placed hazards that are declared or screened to reach beyond it."""
    if units.crs is None:
        return {}
    declared, radii = declared_reaches(), screening_radii()
    found: dict[str, list[Hazard]] = {}
    for layer, column in _KINDS.items():
        names = ["id", "name", "enterprise_id", "grade", "geom", *([column] if column else [])]
        rows = store.columns(Query(layer), names)
        rows = [row for row in rows if row[2] and row[4] is not None]
        shapes = in_metres(units.crs, shapely.from_wkb(np.array([r[4] for r in rows], object)))
        for row, shape in zip(rows, shapes, strict=True):
            kind = (row[5] or "") if column else ""
            reach = declared.get((layer, row[0]))
            if reach is None and (layer, kind) in radii:
                reach = Reach(radii[layer, kind])
            if reach is not None and reach.radius_m > 0:
                told = (row[0], row[1] or row[0], row[3] or "no_data", kind)
                found.setdefault(row[2], []).append(Hazard(layer, *told, shape, reach))
    return found


def reaches(
    units: Units, members: Sequence[int], hazards: Mapping[str, list[Hazard]]
) -> list[dict[str, Any]]:
    """Which hazards of a member lie within their reach of another; each says on what ground."""
    found = []
    placed = [row for row in members if units.placed[row]]
    shapes = units.shapes_m[placed]
    for row in members:
        for hazard in sorted(hazards.get(units.ids[row], []), key=lambda h: (h.layer, h.id)):
            metres = shapely.distance(hazard.shape_m, shapes)
            for other, distance_m in zip(placed, metres.tolist(), strict=True):
                if other != row and distance_m <= hazard.reach.radius_m:
                    found.append(_told(hazard, units.ids[row], units.ids[other], distance_m))
    return found


def _told(hazard: Hazard, owner: str, other: str, distance_m: float) -> dict[str, Any]:
    reach = hazard.reach
    return {
        "layer": hazard.layer,
        "id": hazard.id,
        "name": hazard.name,
        "grade": hazard.grade,
        "kind": hazard.kind,
        "from": owner,
        "to": other,
        "distance_m": round(distance_m, 1),
        "radius_m": reach.radius_m,
        "basis": "declared" if reach.declared else "screening",
        "basis_words": dict(DECLARED if reach.declared else SCREENING),
        "source": reach.source or None,
    }
