"""The clauses on a plan of centres: the figures it gives for them, and what became of each."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from geo_risk.datums import geodesic_distance_m
from geo_risk.roads.isochrones import isochrones
from geo_risk.roads.network import Floats, in_metres
from geo_risk.siting.clauses import OUTCOMES, STATION_AREAS, Check, check_plan, nearest_m

from .centre_inputs import NO_CLAUSES, CentreInputs
from .centre_outcome import Outcome

_MINUTES = {"fire_station": ("fire_arrival",), "ems": ("ems_urban", "ems_suburban")}
_ON_FOOT = {"public_service": ("service_walk",)}
_FIRE_SOURCE_M = 30.0


def clauses_told(asked: CentreInputs, outcome: Outcome) -> list[dict[str, Any]]:
    """Every clause of the topic: met, not met or cannot be checked, with figure and source."""
    topic = asked.options.about
    if topic in NO_CLAUSES or not len(outcome.chosen):
        return []
    figures, of_demand = _figures(topic, asked, outcome)
    site_ids = [outcome.id_of(at) for at in range(len(outcome.chosen))]
    return [
        _told(one, asked.demand.ids if one.clause.rule in of_demand else site_ids)
        for one in check_plan(topic, figures)
    ]


def _figures(
    topic: str, asked: CentreInputs, outcome: Outcome
) -> tuple[dict[str, Floats], set[str]]:
    """Clause -> figures, and which of them stand for demands; the others stand for sites."""
    options = asked.options
    from_call_s = outcome.soonest_s + options.turnout_s
    rules = _ON_FOOT if options.on_foot else _MINUTES
    found: dict[str, Floats] = {
        rule: np.round(from_call_s / 60, 2) for rule in rules.get(topic, ())
    }
    if topic == "nfpa1710" and not options.on_foot:
        found["nfpa_travel"] = outcome.soonest_s
    of_demand = set(found)
    if topic == "nfpa1710" and options.turnout_s:
        found["nfpa_turnout"] = np.array([options.turnout_s])
    if topic == "fire_station":
        found |= _station(asked, outcome)
    if topic == "shelter":
        found["shelter_radius"] = _farthest_m(asked, outcome)
        hazard_m = _hazard_m(asked, outcome)
        # Other sources of fire are not known: only what is too near already is told.
        found["shelter_fire_source"] = np.where(hazard_m < _FIRE_SOURCE_M, hazard_m, np.nan)
    return found, of_demand


def _station(asked: CentreInputs, outcome: Outcome) -> dict[str, Floats]:
    """Metres to the nearest hazard, and km² of the district under the clause of its kind."""
    found = {"fire_hazchem": _hazard_m(asked, outcome)}
    station = asked.options.station
    if station:
        none = {rule: np.empty(0) for kind, rule in STATION_AREAS.items() if kind != station}
        found |= none | {STATION_AREAS[station]: district_km2(asked, outcome)}
    return found


def _hazard_m(asked: CentreInputs, outcome: Outcome) -> Floats:
    """Metres from each site to the nearest hazard, NaN where none were given."""
    if asked.hazards is None:
        return np.full(len(outcome.chosen), np.nan)
    points_m = asked.points_m()[outcome.chosen]
    return np.floor(nearest_m(points_m, asked.hazards.shapes_m))


def _farthest_m(asked: CentreInputs, outcome: Outcome) -> Floats:
    """Straight metres from each site to the farthest demand that has it nearest by road."""
    found = np.zeros(len(outcome.chosen))
    rows = np.flatnonzero(outcome.nearest >= 0)
    site = outcome.nearest[rows]
    at = outcome.chosen[site]
    demand, sites = asked.demand, asked.candidates
    metres = geodesic_distance_m(demand.lon[rows], demand.lat[rows], sites.lon[at], sites.lat[at])
    np.maximum.at(found, site, np.ceil(metres))
    return found


def district_km2(asked: CentreInputs, outcome: Outcome) -> Floats:
    """km² of each site's district, drawn as the part of the area in time that lies nearest.

    Shape (k,), to 0.1 km²; NaN for a site that is on no road. Nearest is straight; sites on one
    place share one district.
    """
    roads = asked.file.roads
    (area,) = isochrones(roads, asked.graph, outcome.sites, [asked.options.limit_s])
    (area_m,) = in_metres(roads.crs, np.array([area.area], dtype=object))
    found = np.full(len(outcome.chosen), np.nan)
    on_road = np.flatnonzero(outcome.sites.edge >= 0)
    points_m = asked.points_m()[outcome.chosen[on_road]]
    found[on_road] = area_m.area
    if len({one.coords[0] for one in points_m}) > 1:
        around = shapely.multipoints(points_m)
        cells = shapely.get_parts(shapely.voronoi_polygons(around, extend_to=area_m))
        point, cell = shapely.STRtree(cells).query_nearest(points_m, all_matches=False)
        own = shapely.intersection(cells[cell], area_m)
        found[on_road[point]] = shapely.area(own)
    return np.round(found / 1e6, 1)


def _told(one: Check, ids: list[str]) -> dict[str, Any]:
    clause = one.clause
    figure = one.figure
    return {
        "clause": clause.rule,
        "title": dict(clause.title),
        "limit": clause.value,
        "unit": clause.unit,
        "bound": clause.bound,
        "outcome": one.outcome,
        "outcome_text": dict(OUTCOMES[one.outcome]),
        "figure": figure if np.isfinite(figure) else None,
        "reached_by_nobody": bool(np.isinf(figure)),
        "failing": [ids[row] for row in one.failing.tolist()],
        "unknown": len(one.unknown),
        "source": clause.clause,
        "say": {"zh": one.say("zh"), "en": one.say("en")},
    }
