"""The small park with streets, a fire station and a camera: what plans are made from."""

from __future__ import annotations

import json
from pathlib import Path

from geo_risk.services import imports, stores
from tests.web import small_city, small_park
from tests.web.small_city import point

WEST_TOWN = "350581100"
STATION = "F1"


def _street(code: str, *ends: tuple[float, float]) -> dict[str, object]:
    geometry = {"type": "LineString", "coordinates": [list(end) for end in ends]}
    told = {"code": code, "name": f"示例路{code}", "road_class": "secondary", "synthetic": True}
    return {"type": "Feature", "geometry": geometry, "properties": told}


def _place(lon: float, lat: float, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "geometry": point(lon, lat), "properties": properties}


LAYERS = {
    "roads": [
        _street("D1", (118.602, 24.750), (118.698, 24.750)),
        _street("D2", (118.610, 24.746), (118.610, 24.754)),
        _street("D3", (118.680, 24.746), (118.680, 24.754)),
        _street("D4", (118.625, 24.738), (118.625, 24.752)),
    ],
    "targets": [_place(118.6105, 24.7505, code="T1", name="示例小学", kind="school", people=300)],
    "facilities": [
        _place(118.6802, 24.7502, code=STATION, name="示例消防站", kind="fire_station"),
    ],
    "cameras": [
        _place(118.6798, 24.7498, code="C1", name="示例摄像机", heading_deg=90,
               field_of_view_deg=90, range_m=60),
    ],
}  # fmt: skip
"""Streets cross without a common point: they meet only where `crossings` is asked for."""


def build(folder: Path, *, riskless: bool = False) -> str:
    """Write and import the files, give the store's path; `riskless` only streets and units."""
    target = small_city.build(folder, ("enterprises",)) if riskless else small_park.build(folder)
    store = stores.open_store(target)
    try:
        for layer, features in LAYERS.items():
            path = folder / f"streets_{layer}.geojson"
            body = {"type": "FeatureCollection", "features": features}
            path.write_text(json.dumps(body, ensure_ascii=False), "utf-8")
            report = imports.import_file(store, path, layer, "wgs84")
            assert report.stored == len(features), report
    finally:
        store.close()
    return target
