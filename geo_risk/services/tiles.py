"""Vector tiles from the store."""

from __future__ import annotations

from collections.abc import Sequence
from math import atan, degrees, pi, sinh

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_risk.render.mvt import BUFFER, EXTENT, TileLayer, encode
from geo_risk.store import Query, Store

OUTLINES_FROM_ZOOM = 14
_WKB_POINT = np.dtype([("order", "u1"), ("type", "<u4"), ("x", "<f8"), ("y", "<f8")])


def tile_box(z: int, row: int, col: int) -> tuple[float, float, float, float]:
    """West, south, east, north of a WebMercatorQuad tile with its buffer, degrees."""
    n, margin = 2.0**z, BUFFER / EXTENT

    def lat(y: float) -> float:
        return degrees(atan(sinh(pi * (1 - 2 * y / n))))

    west, east = (col - margin) / n * 360 - 180, (col + 1 + margin) / n * 360 - 180
    return max(west, -180.0), lat(row + 1 + margin), min(east, 180.0), lat(row - margin)


def _points(wkb: Sequence[bytes]) -> NDArray[np.float64] | None:
    """(n, 2) positions when all are little-endian points, else None."""
    if any(len(item) != _WKB_POINT.itemsize for item in wkb):
        return None
    raw = np.frombuffer(b"".join(wkb), _WKB_POINT)
    return None if (raw["type"] != 1).any() else np.column_stack([raw["x"], raw["y"]])


def tile(
    store: Store,
    layer_id: str,
    z: int,
    row: int,
    col: int,
    *,
    grades: Sequence[str] = (),
    town: str = "",
) -> bytes:
    """One tile of a layer as uncompressed MVT.

    Layers of points give points (with the id, name and grade); from zoom 14 outlines come
    too, in a second tile layer `<layer_id>_outline`. Other layers give what they have.
    """
    spec = store.spec(layer_id)
    names = [
        name for name in ("id", "name", "grade", "road_class") if name in _columns(store, layer_id)
    ]
    query = Query(
        layer_id, bbox=tile_box(z, row, col), grades=tuple(grades), town=town, exact=False
    )
    rows = store.columns(query, [*names, "geom"])
    if not rows:
        return b""
    *columns, wkb = zip(*rows, strict=True)
    properties = dict(zip(names, columns, strict=True))
    places = _points(wkb)
    if places is not None:
        return encode([TileLayer(layer_id, places, properties)], z, col, row)
    shapes = shapely.from_wkb(np.array(wkb, object))
    if "point" not in spec.geometry:
        return encode([TileLayer(layer_id, shapes, properties)], z, col, row)
    layers = [
        TileLayer(layer_id, shapely.get_coordinates(shapely.point_on_surface(shapes)), properties)
    ]
    if z >= OUTLINES_FROM_ZOOM:
        flat = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
        chosen = {name: [values[i] for i in flat] for name, values in properties.items()}
        layers.append(TileLayer(f"{layer_id}_outline", shapes[flat], chosen))
    return encode(layers, z, col, row)


def _columns(store: Store, layer_id: str) -> set[str]:
    return {column.name for column in store.schema.layers[layer_id].columns}
