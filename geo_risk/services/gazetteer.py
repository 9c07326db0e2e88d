"""The gazetteer of a store: what addresses are read by, and how much of it there is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from geo_risk.datums import geodesic_distance_m
from geo_risk.errors import Text, UsageError
from geo_risk.geocoding import Gazetteer, Place, merge_places
from geo_risk.store import Query, Record, Store
from geo_risk.vocabulary import MatchLevel

from .identity import TOWN_DIGITS

COUNTY_DIGITS = 6
NAMED_LAYERS = ("enterprises", "facilities", "targets", "hazard_sources")
"""Layers whose features are found by their name when an address says it."""
_SURE = (MatchLevel.POINT, MatchLevel.DOOR, MatchLevel.ROAD)
_ROAD_MARGIN_M = 30.0


def places_of(
    store: Store, *, exclude: Collection[str] = frozenset(), named: bool = True
) -> list[Place]:
    """Everything addresses are read by: divisions, address register, roads, named features.

    Parameters
    ----------
    exclude : ids of features that must not be found by their name: the rows being imported,
        which would otherwise be placed by their own earlier position.
    named : whether features are found by their name at all.
    """
    loaded = [place_of(row) for row in store.rows("gazetteer")]
    places = {place.code: place for place in _divisions(store, loaded)}
    places |= {place.code: place for place in (*_doors(store), *_roads(store))}
    if named:
        places |= {place.code: place for place in _named(store, exclude)}
    return list(places.values())


def place_of(row: Mapping[str, Any]) -> Place:
    """A row of the store's gazetteer table as a place."""
    return Place(
        row["code"],
        row["name"],
        row["kind"],
        row["parent"] or "",
        row["lon"],
        row["lat"],
        row["radius_m"],
        row["road"] or "",
        row["number"] or "",
        tuple(filter(None, (row["aliases"] or "").split(";"))),
        source=row["source"] or "",
        datum=row["datum"] or "",
    )


def row_of(place: Place) -> Record:
    """A place as a row of the store's gazetteer table."""
    return {
        "code": place.code,
        "name": place.name,
        "kind": place.kind,
        "parent": place.parent,
        "lon": place.lon,
        "lat": place.lat,
        "radius_m": place.radius_m,
        "road": place.road,
        "number": place.number,
        "aliases": ";".join(place.aliases),
        "source": place.source,
        "datum": place.datum,
    }


def within_of(store: Store, within: str = "", places: Sequence[Place] = ()) -> str:
    """The county whose addresses are read: the one named, the city of the store, the only one.

    `places` are entries that are about to be loaded.
    """
    if within:
        if not (within.isascii() and within.isdigit() and len(within) == COUNTY_DIGITS):
            raise UsageError(
                "within_invalid",
                Text("县(市、区)代码须为六位数字", "The county's code must have six digits"),
                where="--within",
                got=within,
                fix=Text("例如 --within 350581", "For example --within 350581"),
            )
        return within
    city = store.columns(Query("city", limit=1), ("id",))
    if city:
        return str(city[0][0])[:COUNTY_DIGITS]
    counties = {row["code"][:COUNTY_DIGITS] for row in store.rows("gazetteer") if _is_village(row)}
    counties |= {place.code[:COUNTY_DIGITS] for place in places if place.kind == "village"}
    if len(counties) == 1:
        return str(counties.pop())
    raise UsageError(
        "within_missing",
        Text(
            "不知道按哪个县(市、区)定位：库中没有市域",
            "Which county? The store has no city boundary",
        ),
        where="--within",
        fix=Text(
            "用 --within 给出六位代码，例如 350581，或先导入市域(city)",
            "Give its six digits, as in --within 350581, or import the city first",
        ),
    )


def gazetteer_of(store: Store, within: str = "", *, named: bool = True) -> Gazetteer:
    """The geocoder of a store; `UsageError` when it has no gazetteer or the county is unknown."""
    county = within_of(store, within)
    places = places_of(store, named=named)
    if not any(p.code.startswith(county) for p in places if p.kind in ("county", "town")):
        raise UsageError(
            "no_gazetteer",
            Text("库中没有这个县(市、区)的地名库", "The store has no gazetteer of this county"),
            where="--within",
            got=county,
            fix=Text(
                "先用 geo-risk gazetteer load 载入区划和地名",
                "Load its divisions first: geo-risk gazetteer load",
            ),
        )
    return Gazetteer(places, county)


def stats(store: Store) -> dict[str, Any]:
    """How many entries of each kind there are, with and without position, and their sources."""
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for place in places_of(store):
        kinds[place.kind].update(("total", _has(place)))
    rows = store.rows("gazetteer")
    sources = Counter((row["source"] or "", row["datum"] or "") for row in rows)
    return {
        "kinds": {
            kind: {name: counts[name] for name in ("total", "with_position", "without_position")}
            for kind, counts in sorted(kinds.items())
        },
        "loaded": len(rows),
        "sources": [
            {"source": source or None, "datum": datum or None, "entries": count}
            for (source, datum), count in sorted(sources.items())
        ],
    }


def _has(place: Place) -> str:
    return "without_position" if place.lon is None else "with_position"


def _is_village(row: Mapping[str, Any]) -> bool:
    return bool(row["kind"] == "village")


def _divisions(store: Store, loaded: list[Place]) -> list[Place]:
    """The loaded gazetteer and the layers of towns and villages, whose codes and names stand."""
    layers = [
        Place(key, name, "town", key[:COUNTY_DIGITS])
        for key, name in store.columns(Query("towns"), ("id", "name"))
    ]
    for key, name, town, wkb in store.columns(Query("villages"), ("id", "name", "town", "geom")):
        at = (None, None, None) if wkb is None else extent_of(shapely.from_wkb(wkb))
        layers.append(Place(key, name, "village", town or key[:TOWN_DIGITS], *at))
    if not layers:
        return loaded
    merged = merge_places(layers, loaded)
    kept = {place.code: place for place in layers}
    # An entry that cannot be told from another village stays out: it would make two of one.
    kept |= {m.place.code: m.place for m in merged if m.place and m.outcome != "rejected"}
    return list(kept.values())


def extent_of(shape: Any) -> tuple[float, float, float | None]:
    """A point on a shape and the radius around it that covers the shape; none for a point."""
    point = shape.point_on_surface()
    if shape.geom_type in ("Point", "MultiPoint"):
        return point.x, point.y, None
    vertices = shapely.get_coordinates(shape)
    reach_m = geodesic_distance_m(point.x, point.y, vertices[:, 0], vertices[:, 1]).max()
    return point.x, point.y, float(reach_m)


def _doors(store: Store) -> list[Place]:
    names = ("id", "name", "town", "village", "road", "number", "geom")
    rows = store.columns(Query("addresses"), names)
    points = _points([row[-1] for row in rows])
    return [
        Place(
            f"door:{key}", name, "door", village or town or "", lon, lat, None, road or "", no or ""
        )
        for (key, name, town, village, road, no, _), (lon, lat) in zip(rows, points, strict=True)
    ]


def _points(shapes: list[bytes | None]) -> list[tuple[float | None, float | None]]:
    """A point on each shape, (None, None) where there is none."""
    points = shapely.point_on_surface(shapely.from_wkb(np.array(shapes, dtype=object)))
    lon, lat = shapely.get_x(points).tolist(), shapely.get_y(points).tolist()
    return [(None, None) if x != x else (x, y) for x, y in zip(lon, lat, strict=True)]  # noqa: PLR0124


def _roads(store: Store) -> list[Place]:
    """Each named road of the store once per town it runs through, with the part's extent."""
    if "roads" not in store.schema.specs:
        return []
    lines: dict[str, list[Any]] = defaultdict(list)
    for name, wkb in store.columns(Query("roads"), ("name", "geom")):
        if name and wkb is not None:
            lines[name].append(shapely.from_wkb(wkb))
    towns = areas(store, "towns")
    tree = shapely.STRtree([area for _, area in towns])
    places = []
    for name, parts in lines.items():
        road = shapely.union_all(parts)
        for at in sorted(tree.query(road, predicate="intersects").tolist()):
            town, area = towns[at]
            inside = road.intersection(area)
            if inside.length > 0:
                places.append(_road(name, town, inside))
    return places


def _road(name: str, town: str, line: Any) -> Place:
    middle = shapely.minimum_bounding_circle(line).centroid
    lon, lat = shapely.get_coordinates(shapely.shortest_line(line, middle))[0]
    vertices = shapely.get_coordinates(line)
    reach_m = geodesic_distance_m(lon, lat, vertices[:, 0], vertices[:, 1]).max()
    radius_m = float(reach_m) + _ROAD_MARGIN_M
    return Place(f"road:{town}:{name}", name, "road", town, float(lon), float(lat), radius_m)


def _named(store: Store, exclude: Collection[str]) -> list[Place]:
    names = ("id", "name", "town", "village", "level", "uncertainty_m", "geom")
    places = []
    for layer_id in NAMED_LAYERS:
        spec = store.schema.specs.get(layer_id)
        if spec is None or not {"town", "village"} <= set(spec.by_name):
            continue
        rows = [
            row
            for row in store.columns(Query(layer_id), names)
            if row[1] and row[0] not in exclude and row[4] in _SURE and row[-1] is not None
        ]
        for row, at in zip(rows, _points([row[-1] for row in rows]), strict=True):
            key, name, town, village, level, uncertainty_m, _ = row
            parent = village or town or ""
            place = Place(f"{layer_id}:{key}", name, "poi", parent, *at, uncertainty_m, level=level)
            places.append(place)
    return places


def areas(store: Store, layer_id: str) -> list[tuple[str, Any]]:
    """The ids and shapes of a layer's features."""
    if layer_id not in store.schema.specs:
        return []
    rows = store.columns(Query(layer_id), ("id", "geom"))
    return [(key, shapely.from_wkb(wkb)) for key, wkb in rows if wkb is not None]
