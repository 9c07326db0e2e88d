"""Giving rows their place: own coordinates, the parent's place, the address; else review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_risk.catalogue import LayerSpec
from geo_risk.datums import (
    Datum,
    geodesic_distance_m,
    geometries_to_wgs84,
    to_wgs84,
)
from geo_risk.errors import Text
from geo_risk.geocoding import REASONS, Gazetteer, Match
from geo_risk.intake import Finding, Rows
from geo_risk.store import Query, Record, Store
from geo_risk.vocabulary import PLACED_LEVELS, MatchLevel

from .gazetteer import places_of
from .identity import TOWN_DIGITS, VILLAGE_DIGITS, feature_id

OUTSIDE_TOLERANCE_M = 500.0
"""How far outside the city's boundary a position may lie: piers, and a boundary known to 100 m."""
PARENT_UNCERTAINTY_M = 100.0
_UNITS = ("point", "outline")


@dataclass
class Surroundings:
    """What the store knows of its city: gazetteer, areas, the places of possible parents."""

    gazetteer: Gazetteer | None
    city: Any | None
    neighbours: Any | None
    towns: list[tuple[str, Any]] = field(default_factory=list)
    parents: dict[str, Record] = field(default_factory=dict)
    town_codes: frozenset[str] = frozenset()


@dataclass
class Placed:
    """The rows of an import with their fate: to store, to reject, to review."""

    records: list[Record]
    review: list[Record]
    findings: list[Finding]


def _areas(store: Store, layer_id: str) -> list[tuple[str, Any]]:
    if layer_id not in store.schema.specs:
        return []
    rows = store.columns(Query(layer_id), ("id", "geom"))
    return [(key, shapely.from_wkb(wkb)) for key, wkb in rows if wkb is not None]


def surroundings_of(store: Store, layer: LayerSpec) -> Surroundings:
    """Read from the store what placing the rows of a layer needs."""
    city = _areas(store, "city")
    places = places_of(store)
    within = city[0][0] if city else ""
    parents: dict[str, Record] = {}
    if layer.parent:
        names = ("id", "geom", "level", "uncertainty_m", "town", "village")
        rows = store.columns(Query(layer.parent), names)
        parents = {row[0]: dict(zip(names, row, strict=True)) for row in rows}
    neighbours = [shape for _, shape in _areas(store, "surroundings")]
    return Surroundings(
        Gazetteer(places, within) if places and within else None,
        city[0][1] if city else None,
        shapely.union_all(neighbours) if neighbours else None,
        _areas(store, "towns"),
        parents,
        frozenset(key for (key,) in store.columns(Query("towns"), ("id",))),
    )


_TOWN_UNKNOWN = Text(
    "镇(街道)不在本市，已按位置确定",
    "The city has no such town; the position decides",
)
_PARENT_UNKNOWN = Text(
    "没有这个企业，未计入企业等级；请先导入企业",
    "There is no such enterprise: its grade does not count this; import enterprises first",
)
_LOST = Text("坐标无法换算为经纬度", "The coordinates cannot be converted to degrees")
_LOST_FIX = Text(
    "检查经纬度是否颠倒、坐标系是否声明正确",
    "Check whether lon and lat are swapped and the datum is the right one",
)
_SWAPPED = Text("经度和纬度颠倒", "Longitude and latitude are swapped")
_SWAPPED_FIX = Text("对调经度和纬度后重新导入", "Swap the two and import again")
_SEA = Text("位置在市域之外的海上", "The position is at sea, outside the city")
_ELSEWHERE = Text("位置在邻近县市", "The position lies in a neighbouring county")
_OUTSIDE = Text("位置在市域之外", "The position is outside the city")
_OUTSIDE_FIX = Text(
    "核对坐标和坐标系；如确属本市，改用地址导入",
    "Check coordinates and datum; if it is in the city, import it by address",
)


def _fault(record: Record, code: str, message: Text, fix: Text) -> Finding:
    return Finding(record["row"], "coordinates", code, "rejected", message, fix)


def _checked(
    rows: Rows, lon: NDArray[np.float64], lat: NDArray[np.float64], around: Surroundings
) -> dict[int, Finding]:
    """Faults of positions: unconvertible, swapped, at sea, in another county; by row index."""
    faults: dict[int, Finding] = {}
    given = np.isfinite(rows.x)
    for i in np.flatnonzero(given & ~np.isfinite(lon)):
        swapped = abs(rows.y[i]) > 90 >= abs(rows.x[i])
        words = (_SWAPPED, _SWAPPED_FIX) if swapped else (_LOST, _LOST_FIX)
        code = "coordinate_swapped" if swapped else "coordinate_unconvertible"
        faults[int(i)] = _fault(rows.records[i], code, *words)
    if around.city is None:
        return faults
    some = np.flatnonzero(np.isfinite(lon))
    points = shapely.points(lon[some], lat[some])
    shapely.prepare(around.city)
    outside = ~shapely.intersects(around.city, points)
    for i, point in zip(some[outside], points[outside], strict=True):
        if _near(around.city, point):
            continue
        in_neighbour = around.neighbours is not None and around.neighbours.intersects(point)
        code, message = "position_outside_city", _OUTSIDE
        if in_neighbour:
            code, message = "position_in_other_county", _ELSEWHERE
        elif around.neighbours is not None and around.neighbours.distance(point) < 1:
            code, message = "position_at_sea", _SEA
        faults[int(i)] = _fault(rows.records[i], code, message, _OUTSIDE_FIX)
    return faults


def _near(city: Any, point: Any) -> bool:
    close = shapely.get_coordinates(shapely.shortest_line(city, point))
    distance = geodesic_distance_m(close[0, 0], close[0, 1], close[1, 0], close[1, 1])
    return bool(np.ravel(distance)[0] <= OUTSIDE_TOLERANCE_M)


def _set_divisions(
    records: Sequence[Record], around: Surroundings, match: list[Match]
) -> list[Finding]:
    """Town and village codes: the row's own columns, the address, the town area it lies in.

    A town that the city does not have is noted, and the area decides.
    """
    notes: list[Finding] = []
    index = shapely.STRtree([shape for _, shape in around.towns]) if around.towns else None
    known: dict[str, str | None] = {}
    for record, found in zip(records, match, strict=True):
        town, village = str(record.get("town") or ""), str(record.get("village") or "")
        if around.gazetteer is not None:
            if town and not town.isdigit():
                if town not in known:
                    known[town] = around.gazetteer.town_of(town)
                town = known[town] or town
            town = town or found.town or ""
            village = found.village or village
        if town.isdigit():
            town = town[:TOWN_DIGITS]
        if town and around.town_codes and town not in around.town_codes:
            notes.append(
                Finding(int(record["row"]), "town", "town_unknown", "noted", _TOWN_UNKNOWN)
            )
            town = ""
        if not town and index is not None and record["geom"] is not None:
            point = shapely.point_on_surface(shapely.from_wkb(record["geom"]))
            hits = index.query(point, predicate="intersects")
            town = around.towns[int(hits[0])][0] if len(hits) else ""
        if around.gazetteer is not None and village and not village.isdigit():
            village = around.gazetteer.village_of(village, town or None) or village
        if village.isdigit():
            village = village[:VILLAGE_DIGITS]
        record["town"], record["village"] = town or None, village or None
    return notes


def _from_parent(record: Record, around: Surroundings) -> bool:
    parent = around.parents.get(record.get("enterprise_id") or "")
    if parent is None or parent["geom"] is None:
        return False
    point = shapely.point_on_surface(shapely.from_wkb(parent["geom"]))
    record["geom"], record["level"] = shapely.to_wkb(point), parent["level"]
    record["uncertainty_m"] = max(parent["uncertainty_m"] or 0.0, PARENT_UNCERTAINTY_M)
    record["town"] = record.get("town") or parent["town"]
    record["village"] = record.get("village") or parent["village"]
    return True


def _from_address(record: Record, match: Match) -> bool:
    record["level"], record["uncertainty_m"] = str(match.level), match.uncertainty_m
    if match.lon is None or match.level not in PLACED_LEVELS:
        return False
    record["geom"] = shapely.to_wkb(shapely.Point(match.lon, match.lat))
    return True


def _review(record: Record, match: Match) -> Record:
    reasons = [
        {"code": code, **(_NO_GAZETTEER if code == "no_gazetteer" else REASONS[code])}
        for code in (match.reasons or ("address_empty",))
    ]
    nearest = [
        {
            "code": c.code,
            "name": c.name,
            "level": str(c.level),
            "lon": c.lon,
            "lat": c.lat,
            "uncertainty_m": c.uncertainty_m,
        }
        for c in match.alternatives
    ]
    return {"record": record, "level": str(match.level), "reasons": reasons, "candidates": nearest}


_NOT_ASKED = Match(None, None, MatchLevel.NONE, None, 0.0, None, None, ("no_gazetteer",), ())
_NO_GAZETTEER = Text(
    "库中没有地名库，地址无法定位；请先导入市域、镇、村和标准地址",
    "The store has no gazetteer: import city, towns, villages and addresses first",
)


def place(rows: Rows, layer: LayerSpec, datum: Datum, around: Surroundings) -> Placed:
    """Place clean rows: every row is stored, rejected or reviewed, each with its reason."""
    lon, lat = to_wgs84(rows.x, rows.y, datum) if len(rows.records) else (rows.x, rows.y)
    shapes = geometries_to_wgs84(rows.geometry, datum) if len(rows.records) else rows.geometry
    unit = bool(set(_UNITS) & set(layer.geometry))
    faults = _checked(rows, lon, lat, around) if unit else {}
    faults |= _shape_faults(rows, shapes, around.city if unit else None)
    matches = _geocode(rows, layer, around, unit)
    kept, review = [], []
    notes: list[Finding] = []
    for i, record in enumerate(rows.records):
        if i in faults:
            continue
        if record.get("enterprise_id") and layer.parent:
            record["enterprise_id"] = feature_id(str(record["enterprise_id"]))
            if record["enterprise_id"] not in around.parents:
                at = int(str(record["row"])), "enterprise_id", "parent_unknown"
                notes.append(Finding(*at, "noted", _PARENT_UNKNOWN))
        _settle(record, (lon[i], lat[i]), shapes[i], datum)
        record["position_in"] = _original(rows.x[i], rows.y[i], rows.geometry[i], datum)
        located = record["geom"] is not None or not unit
        if not located:
            located = bool(layer.parent) and _from_parent(record, around)
        if not located:
            located = _from_address(record, matches[i])
        if located or layer.placement == "optional":
            kept.append((record, matches[i]))
        else:
            review.append(_review(record, matches[i]))
    if layer.id == "villages":
        for record, _ in kept:
            record["town"] = str(record.get("town") or record["id"])[:TOWN_DIGITS]
    elif "town" in layer.by_name:
        notes += _set_divisions(
            [record for record, _ in kept], around, [match for _, match in kept]
        )
    return Placed([record for record, _ in kept], review, [*faults.values(), *notes])


def _shape_faults(rows: Rows, shapes: NDArray[np.object_], city: Any | None) -> dict[int, Finding]:
    """Outlines and lines that cannot be converted, or that lie outside the city."""
    faults: dict[int, Finding] = {}
    for i, given in enumerate(rows.geometry):
        if given is None:
            continue
        if shapes[i] is None:
            faults[i] = _fault(rows.records[i], "coordinate_unconvertible", _LOST, _LOST_FIX)
        elif city is not None and not (city.intersects(shapes[i]) or _near(city, shapes[i])):
            faults[i] = _fault(rows.records[i], "position_outside_city", _OUTSIDE, _OUTSIDE_FIX)
    return faults


def _geocode(rows: Rows, layer: LayerSpec, around: Surroundings, unit: bool) -> list[Match]:
    if around.gazetteer is None or not unit or "address" not in layer.by_name:
        return [_NOT_ASKED] * len(rows.records)
    return around.gazetteer.geocode(
        [str(record.get("address") or "") for record in rows.records],
        [str(record.get("town") or "") for record in rows.records],
    )


def _original(x: float, y: float, shape: Any | None, datum: Datum) -> str | None:
    """The position as it was declared: `x,y`, or WKT of a shape that was converted."""
    if shape is not None and datum.name != "wgs84":
        return str(shapely.to_wkt(shape, rounding_precision=10))
    return f"{x:.12g},{y:.12g}" if np.isfinite(x) else None


def _settle(record: Record, at: tuple[float, float], shape: Any | None, datum: Datum) -> None:
    """The position the row itself brings."""
    lon, lat = at
    record |= {
        "geom": None,
        "datum_in": datum.name,
        "level": str(MatchLevel.NONE),
        "uncertainty_m": None,
    }
    if shape is not None:
        record["geom"] = shapely.to_wkb(shape)
    elif np.isfinite(lon):
        record["geom"] = shapely.to_wkb(shapely.Point(lon, lat))
    if record["geom"] is not None:
        record["level"] = str(MatchLevel.POINT)
