"""A city small enough to count by hand, imported by the ordinary road."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from geo_risk.services import imports, stores

HOSTILE = "{{ 7*7 }}<img src=x onerror=alert(1)>"
SHARED_CODE = "DEMO51310000000001"
WEST, SOUTH, EAST, NORTH = 118.60, 24.70, 118.70, 24.78
MIDDLE = 118.65


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def point(lon: float, lat: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, lat]}


def _feature(geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _risk(code: str, owner: str, lon: float, lat: float, l: float, e: float, c: float) -> Any:  # noqa: E741
    name = f"示例风险点{code}"
    return _feature(
        point(lon, lat), code=code, name=name, enterprise_id=owner, l=l, e=e, c=c, synthetic=True
    )


LAYERS: dict[str, list[dict[str, Any]]] = {
    "city": [_feature(box(WEST, SOUTH, EAST, NORTH), code="350581", name="石狮市")],
    "towns": [
        _feature(box(WEST, SOUTH, MIDDLE, NORTH), code="350581100", name="灵秀镇"),
        _feature(box(MIDDLE, SOUTH, EAST, NORTH), code="350581101", name="宝盖镇"),
    ],
    "enterprises": [
        _feature(
            box(118.624, 24.739, 118.626, 24.741),
            code="E1",
            name=HOSTILE,
            synthetic=True,
            people=7,
            credit_code=SHARED_CODE,
        ),
        _feature(
            point(118.68, 24.75),
            code="E2",
            name="示例锦源染整有限公司",
            synthetic=True,
            credit_code=SHARED_CODE,
        ),
    ],
    "risk_points": [
        _risk("R1", "E1", 118.625, 24.74, 10, 6, 40),
        _risk("R2", "E2", 118.68, 24.75, 1, 3, 3),
        _risk("R3", "E2", 118.681, 24.751, 3, 3, 15),
    ],
}
"""R1 has D = 2400 (red), R2 D = 9 (blue), R3 D = 135 (yellow); so E1 is red and E2 yellow."""


def build(folder: Path, layers: Collection[str] = tuple(LAYERS)) -> str:
    """Write the files of these layers, import them, give the store's path."""
    target = str(folder / "small_city.gpkg")
    store = stores.open_store(target, create=True)
    try:
        for layer_id, features in LAYERS.items():
            if layer_id not in layers:
                continue
            path = folder / f"{layer_id}.geojson"
            body = {"type": "FeatureCollection", "features": features}
            path.write_text(json.dumps(body, ensure_ascii=False), "utf-8")
            report = imports.import_file(store, path, layer_id, "wgs84")
            assert report.stored == len(features), report
    finally:
        store.close()
    return target
