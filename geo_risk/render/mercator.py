"""Web Mercator, for drawing only: distances and areas are never measured in it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Tile = tuple[int, int, int]
"""Zoom level, column and row (from the north)."""

MAX_LATITUDE_DEG = 85.0511287798066


def tile_coordinates(
    lon: ArrayLike, lat: ArrayLike, tile: Tile, extent: int = 4096
) -> NDArray[np.float64]:
    """Longitudes and latitudes (n,) in degrees as (n, 2) units of the tile (z, x, y), y down.

    (0, 0) is the tile's upper left corner, (extent, extent) its lower right one. Latitudes past
    ±85.05° are drawn at the edge of the square world. Source: OGC 17-083r4, WebMercatorQuad.
    """
    z, x, y = tile
    lon_deg = np.asarray(lon, np.float64)
    lat_rad = np.radians(np.clip(np.asarray(lat, np.float64), -MAX_LATITUDE_DEG, MAX_LATITUDE_DEG))
    world_x = lon_deg / 360.0 + 0.5
    world_y = 0.5 - np.arcsinh(np.tan(lat_rad)) / (2.0 * np.pi)
    tiles = float(1 << z)
    return np.column_stack(((world_x * tiles - x) * extent, (world_y * tiles - y) * extent))
