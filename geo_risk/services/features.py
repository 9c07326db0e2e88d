"""Reading features: pages, one item, search, counts, extent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import shapely

from geo_risk.errors import Text
from geo_risk.export import geojson
from geo_risk.store import Query, Store

from .explaining import the_feature

Box = tuple[float, float, float, float]
SEARCHED = ("enterprises", "hazard_sources", "risk_points", "targets", "facilities", "cameras")
SYNTHETIC = Text(
    "演示数据：企业、危险源和风险点均为模拟生成",
    "Demo data: enterprises, hazard sources and risk points are synthetic",
)
_PLACES = ("towns", "villages", "roads")


@dataclass(frozen=True)
class Page:
    """Some features of a query as GeoJSON, and how many the query finds in all."""

    features: list[dict[str, Any]]
    matched: int


def items(
    store: Store,
    layer_id: str,
    *,
    bbox: Box | None = None,
    grades: Sequence[str] = (),
    town: str = "",
    name: str = "",
    limit: int = 100,
    offset: int = 0,
) -> Page:
    """A page of a layer's features."""
    spec = store.spec(layer_id)
    query = Query(
        layer_id, bbox=bbox, grades=tuple(grades), town=town, name=name, limit=limit, offset=offset
    )
    features = [geojson.feature(spec, row) for row in store.features(query)]
    return Page(features, store.count(query))


def item(store: Store, layer_id: str, feature_id: str) -> dict[str, Any]:
    """One feature as GeoJSON; `NotFoundError` when it is not there."""
    row = the_feature(store, layer_id, feature_id)
    return geojson.feature(store.spec(layer_id), row)


def search(store: Store, text: str, limit: int = 20) -> list[dict[str, Any]]:
    """Features whose name holds a text or whose id is it, units first, then places."""
    found: list[dict[str, Any]] = []
    text = text.strip()
    for layer_id in (*SEARCHED, *_PLACES):
        if not text or len(found) >= limit or layer_id not in store.schema.specs:
            continue
        for row in store.features(Query(layer_id, name=text, limit=limit - len(found))):
            point = (
                None if row["geom"] is None else shapely.from_wkb(row["geom"]).point_on_surface()
            )
            found.append(
                {
                    "layer": layer_id,
                    "id": row["id"],
                    "name": row["name"],
                    "grade": row.get("grade"),
                    "lon": None if point is None else point.x,
                    "lat": None if point is None else point.y,
                    "address": row.get("address"),
                }
            )
    return found


def counts(
    store: Store, layer_ids: Sequence[str], *, bbox: Box | None = None, town: str = ""
) -> dict[str, dict[str, int]]:
    """Per layer the number of features of each grade, or under `total` for ungraded layers."""
    result = {}
    for layer_id in layer_ids:
        query = Query(layer_id, bbox=bbox, town=town)
        graded = store.count_grades(query) if store.spec(layer_id).graded else None
        result[layer_id] = {"total": store.count(query)} if graded is None else graded
    return result


def extent(store: Store) -> list[float] | None:
    """West, south, east, north of the city, or else of everything that is placed."""
    city = store.extent("city")
    if city:
        return list(city)
    others = (store.extent(layer) for layer in store.schema.specs if layer != "surroundings")
    boxes = [box for box in others if box]
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return [min(west), min(south), max(east), max(north)]


def state(store: Store) -> str:
    """A short text that changes with any write; for ETags."""
    states = json.dumps(
        [store.meta("store_id"), store.meta("notice"), sorted(store.layer_states().items())]
    )
    return hashlib.sha256(states.encode()).hexdigest()[:16]


def notice(store: Store) -> Text | None:
    """What must be said beside the map: the store's own notice, or that units are synthetic."""
    kept = json.loads(store.meta("notice") or "null")
    if kept:
        return Text(kept["zh"], kept["en"])
    return SYNTHETIC if has_synthetic(store) else None


def has_synthetic(store: Store) -> bool:
    """Whether any unit on the map is synthetic, so that the map must say so."""
    return any(
        key[0]
        for layer in SEARCHED
        if layer in store.schema.specs
        for key in store.count_by(Query(layer), "synthetic")
    )
