"""The gazetteer of a store: what addresses are read by."""

from __future__ import annotations

import shapely

from geo_risk.geocoding import Place
from geo_risk.store import Query, Store

from .identity import TOWN_DIGITS


def places_of(store: Store) -> list[Place]:
    """The gazetteer: loaded divisions, the layers of towns and villages, the address register."""
    places = {
        row["code"]: Place(
            row["code"],
            row["name"],
            row["kind"],
            row["parent"] or "",
            row["lon"],
            row["lat"],
            row["radius_m"],
        )
        for row in store.rows("gazetteer")
    }
    for key, name in store.columns(Query("towns"), ("id", "name")):
        places.setdefault(key, Place(key, name, "town", key[:6]))
    for key, name, town in store.columns(Query("villages"), ("id", "name", "town")):
        places.setdefault(key, Place(key, name, "village", town or key[:TOWN_DIGITS]))
    names = ("id", "name", "town", "village", "road", "number", "geom")
    for key, name, town, village, road, number, wkb in store.columns(Query("addresses"), names):
        point = None if wkb is None else shapely.from_wkb(wkb)
        places[f"door:{key}"] = Place(
            f"door:{key}",
            name,
            "door",
            village or town or "",
            None if point is None else point.x,
            None if point is None else point.y,
            None,
            road or "",
            number or "",
        )
    return list(places.values())
