"""A plan of centres as GeoJSON features: sites, areas, demands not reached, excluded places.

The property `role` says which is which: `site`, `area`, `demand_not_reached`, `excluded`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from geo_risk.export.geojson import geometry_json
from geo_risk.roads.isochrones import isochrones

from .centre_inputs import CentreInputs
from .centre_outcome import Outcome
from .site_curve import share

Feature = dict[str, Any]
NEW = "new"


def features_of(asked: CentreInputs, outcome: Outcome) -> list[Feature]:
    """The features of a plan, what lies beneath first."""
    return [
        *_area(asked, outcome),
        *_excluded(asked),
        *_not_reached(asked, outcome),
        *(_site(asked, outcome, at) for at in range(len(outcome.chosen))),
    ]


def _site(asked: CentreInputs, outcome: Outcome, at: int) -> Feature:
    row = int(outcome.chosen[at])
    sites, status = asked.candidates, asked.candidates.status[row]
    aside_m = asked.candidates_on.aside_m[row]
    return _point(
        (sites.lon[row], sites.lat[row]),
        {
            "role": "site",
            "id": sites.ids[row],
            "status": NEW if status == "candidate" else status,
            "town": (sites.towns[row] or None) if sites.towns else None,
            "aside_m": None if np.isnan(aside_m) else round(float(aside_m)),
            **_serves(asked, outcome, at),
            "marginal": float(outcome.lost[at]),
            "marginal_share": share(float(outcome.lost[at]), float(asked.weight.sum())),
            "lost_without": outcome.loss_told(at),
            "near_hazards": asked.stands_near.get(row, {}).get("hazards", []),
        },
    )


def _serves(asked: CentreInputs, outcome: Outcome, at: int) -> dict[str, Any]:
    """Whom a site reaches in time, and how long its way is to those that have it nearest."""
    times = outcome.in_time_s
    mine = times.indices[times.indptr[at] : times.indptr[at + 1]]
    nearest = np.flatnonzero((outcome.nearest == at) & outcome.served)
    took_s = outcome.soonest_s[nearest]
    return {
        "reaches": len(mine),
        "reaches_weight": float(asked.weight[mine].sum()),
        "nearest_to": len(nearest),
        "median_s": round(float(np.median(took_s))) if len(nearest) else None,
        "farthest_s": round(float(took_s.max())) if len(nearest) else None,
        "farthest": asked.demand.ids[int(nearest[took_s.argmax()])] if len(nearest) else None,
    }


def _area(asked: CentreInputs, outcome: Outcome) -> list[Feature]:
    """What is reached in time by road, from whichever site is the soonest."""
    if not (outcome.sites.edge >= 0).any():
        return []
    (one,) = isochrones(asked.file.roads, asked.graph, outcome.sites, [asked.options.limit_s])
    told = {
        "role": "area",
        "minutes": asked.options.minutes,
        "travel_s": round(one.limit_s),
        "area_km2": round(one.area_m2 / 1e6, 1),
        "road_km": round(one.length_m / 1000, 1),
    }
    return [{"type": "Feature", "geometry": geometry_json(one.area), "properties": told}]


def _not_reached(asked: CentreInputs, outcome: Outcome) -> list[Feature]:
    """Demands out of time: near no road, by any candidate, or only by this plan."""
    demand, nobody = asked.demand, set(asked.reach.unreached.tolist())
    found = []
    for row in np.flatnonzero(~outcome.served).tolist():
        why = "no_candidate_in_time" if row in nobody else "not_by_this_plan"
        seconds, aside_m = outcome.soonest_s[row], asked.demand_on.aside_m[row]
        told = {
            "role": "demand_not_reached",
            "id": demand.ids[row],
            "why": "no_road_near" if asked.demand_on.edge[row] < 0 else why,
            "weight": float(asked.weight[row]),
            "grade": demand.grades[row] if demand.grades else None,
            "town": demand.towns[row] if demand.towns else None,
            "seconds": round(float(seconds)) if np.isfinite(seconds) else None,
            "aside_m": None if np.isnan(aside_m) else round(float(aside_m)),
        }
        found.append(_point((demand.lon[row], demand.lat[row]), told))
    return found


def _excluded(asked: CentreInputs) -> list[Feature]:
    """Candidates that may not stand where they are, and why."""
    sites = asked.candidates
    return [
        _point(
            (sites.lon[row], sites.lat[row]),
            {"role": "excluded", "id": sites.ids[row], **why},
        )
        for row, why in asked.excluded.items()
    ]


def _point(lonlat: tuple[float, float], properties: dict[str, Any]) -> Feature:
    point = geometry_json(shapely.Point(float(lonlat[0]), float(lonlat[1])))
    return {"type": "Feature", "geometry": point, "properties": properties}
