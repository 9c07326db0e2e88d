"""The readable twin of geo_risk.render.mvt for points: one feature, one number at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any


def place_on_tile(
    lon: float, lat: float, z: int, x: int, y: int, extent: int = 4096
) -> tuple[float, float]:
    """A position in units of the tile, y down (the textbook formula of Web Mercator)."""
    world = 2**z
    lat = max(-85.0511287798066, min(85.0511287798066, lat))
    across = (lon + 180.0) / 360.0 * world
    phi = math.radians(lat)
    down = (1.0 - math.log(math.tan(phi) + 1.0 / math.cos(phi)) / math.pi) / 2.0 * world
    return (across - x) * extent, (down - y) * extent


def point_features(
    lon: Sequence[float],
    lat: Sequence[float],
    properties: Mapping[str, Sequence[Any]],
    tile: tuple[int, int, int],
    buffer: int = 64,
) -> list[tuple[float, float, dict[str, Any]]]:
    """What a reader of the tile must find: unrounded place and properties of each feature."""
    found = []
    for i in range(len(lon)):
        if not (math.isfinite(lon[i]) and math.isfinite(lat[i])):
            continue
        px, py = place_on_tile(lon[i], lat[i], *tile)
        if not (-buffer <= round(px) <= 4096 + buffer and -buffer <= round(py) <= 4096 + buffer):
            continue
        held = {key: column[i] for key, column in properties.items()}
        found.append((px, py, {k: v for k, v in held.items() if v is not None and v == v}))
    return found
