"""Records as imports make them, and the content of a store as bytes."""

from __future__ import annotations

import io
from typing import Any

import shapely

from geo_risk.export import geojson
from geo_risk.store import Query, Store

LAYER = "risk_points"


def record(key: str, lon: float | None = 118.65, lat: float = 24.73, **fields: Any) -> dict:
    geom = None if lon is None else shapely.to_wkb(shapely.Point(lon, lat))
    return {"id": key, "geom": geom, "name": f"示例{key}", "level": "point", **fields}


def put(store: Store, *records: dict, layer: str = LAYER) -> str:
    """Put records as one batch; its id."""
    with store.batch("import", layer=layer) as batch:
        batch.put(store.spec(layer), list(records), "test.csv")
    return batch.id


def undo(store: Store, batch_id: str) -> str:
    with store.batch("undo", undoes=batch_id) as batch:
        batch.undo(batch_id)
    return batch.id


def content(store: Store, layer: str = LAYER) -> str:
    """The GeoJSON export without what tells one write from another."""
    file = io.StringIO()
    rows = store.features(Query(layer))
    geojson.dump(store.spec(layer), rows, file, omit=geojson.STORE_FIELDS)
    return file.getvalue()


def ids(store: Store, **conditions: Any) -> list[str]:
    return [row["id"] for row in store.features(Query(LAYER, **conditions))]
