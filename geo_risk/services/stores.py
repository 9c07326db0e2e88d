"""Opening the store and asking how it is."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from geo_risk import __version__
from geo_risk.catalogue import layers
from geo_risk.errors import GeoRiskError
from geo_risk.store import Query, Store, default_target, open_store

from .choices import missing_choices

__all__ = ["Store", "default_target", "doctor", "open_store"]

_PARTS = (
    *("SQLAlchemy", "shapely", "pyproj", "pyogrio", "numpy", "Flask", "folium", "psycopg"),
    *("python-calamine", "rapidfuzz", "charset-normalizer"),
)


def doctor(target: str) -> dict[str, Any]:
    """What is installed, where the store is, whether it is sound."""
    parts: dict[str, str | None] = {}
    for name in _PARTS:
        try:
            parts[name] = version(name)
        except PackageNotFoundError:
            parts[name] = None
    report: dict[str, Any] = {
        "geo_risk": __version__,
        "python": platform.python_version(),
        "parts": parts,
        "layers": len(layers()),
        "store": None,
        "sound": None,
        "problems": [],
    }
    try:
        store = open_store(target)
    except GeoRiskError as error:
        return report | {"problems": [error.say("zh")]}
    try:
        problems = [*store.check(), *missing_choices(store)]
        counts = {layer: store.count(Query(layer)) for layer in store.schema.specs}
    finally:
        store.close()
    return report | {
        "store": store.target,
        "sound": not problems,
        "problems": problems,
        "features": counts,
    }
