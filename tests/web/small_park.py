"""The small city with a dyeing park in its west and three foundries in its east."""

from __future__ import annotations

import json
from pathlib import Path

from geo_risk.services import groups, imports, stores
from tests.web import small_city
from tests.web.small_city import HOSTILE, point

LEAD, MEMBERS, FAR = "P1", ["P1", "P2", "P3", "P4"], "P9"
NAMES = {"P1": f"示例染整甲{HOSTILE}", "P2": "示例染整乙", "P3": "示例染整丙", "P4": "示例染整丁"}


def _unit(code: str, lon: float, lat: float, industry: str, processes: str) -> dict[str, object]:
    properties = {
        "code": code,
        "name": NAMES.get(code, f"示例单位{code}"),
        "industry": industry,
        "processes": processes,
        "synthetic": True,
    }
    return {"type": "Feature", "geometry": point(lon, lat), "properties": properties}


DYEING, CASTING = ("1752", "染色;定型"), ("3391", "熔炼;浇铸")
UNITS = [
    _unit("P1", 118.610, 24.7500, *DYEING),
    _unit("P2", 118.612, 24.7500, *DYEING),
    _unit("P3", 118.610, 24.7515, *DYEING),
    _unit("P4", 118.612, 24.7515, *DYEING),
    _unit(FAR, 118.690, 24.7100, *DYEING),
    _unit("F1", 118.680, 24.7600, *CASTING),
    _unit("F2", 118.681, 24.7600, *CASTING),
    _unit("F3", 118.682, 24.7600, *CASTING),
]
RISK = {
    "type": "Feature",
    "geometry": point(118.610, 24.7501),
    "properties": {
        "code": "RP1",
        "name": "示例染缸",
        "enterprise_id": LEAD,
        "accident_type": "火灾",
        "l": 10,
        "e": 6,
        "c": 40,
        "synthetic": True,
    },
}


def build(folder: Path, *, grouped: bool = True) -> str:
    """Write and import the files, build the groups, give the store's path."""
    target = small_city.build(folder)
    store = stores.open_store(target)
    try:
        for layer, features in (("enterprises", UNITS), ("risk_points", [RISK])):
            path = folder / f"park_{layer}.geojson"
            body = {"type": "FeatureCollection", "features": features}
            path.write_text(json.dumps(body, ensure_ascii=False), "utf-8")
            report = imports.import_file(store, path, layer, "wgs84")
            assert report.stored == len(features), report
        if grouped:
            groups.build(store)
    finally:
        store.close()
    return target
