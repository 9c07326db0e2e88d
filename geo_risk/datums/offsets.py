"""GCJ-02 and BD-09: the published offsets and their exact inverses.

Sources and accuracy: docs/methods/datums.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arrays import Floats, Pair, columns, mask, on_earth

_GCJ_SEMI_MAJOR_AXIS_M = 6378245.0
_GCJ_ECCENTRICITY_SQUARED = 0.00669342162296594323
_GCJ_LON_RANGE = (72.004, 137.8347)
_GCJ_LAT_RANGE = (0.8293, 55.8271)
_BD_PI = np.pi * 3000.0 / 180.0
_BD_SHIFT_LON, _BD_SHIFT_LAT = 0.0065, 0.006
_INVERSE_TOLERANCE_DEG = 1e-12
_INVERSE_ITERATIONS = 20
_CHUNK = 16_384  # the temporaries of one chunk stay in the processor's cache: 2x faster


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """WGS84 to GCJ-02, degrees, shape (n,); unchanged outside the algorithm's box of China."""
    return _in_chunks(_gcj02_forward, lon, lat)


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """GCJ-02 to WGS84 by fixed point, converged below 1e-9 degrees (0.1 mm); shape (n,).

    Within some 700 m of the box's edge, far from the land, the algorithm is not invertible;
    there the answer inside the box is preferred.
    """
    return _in_chunks(_gcj02_inverse, lon, lat)


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """GCJ-02 to BD-09 (Baidu), degrees, shape (n,)."""
    return _in_chunks(_bd09_forward, lon, lat)


def bd09_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """BD-09 to GCJ-02 by fixed point, converged below 1e-9 degrees; shape (n,)."""
    return _in_chunks(_bd09_inverse, lon, lat)


def _gcj02_forward(lon: Floats, lat: Floats) -> Pair:
    east, north = _gcj02_offset(lon, lat)
    inside = _in_gcj_box(lon, lat)
    return lon + np.where(inside, east, 0.0), lat + np.where(inside, north, 0.0)


def _gcj02_inverse(lon: Floats, lat: Floats) -> Pair:
    near = _in_gcj_box(lon, lat, margin_deg=0.05)
    if not near.any():
        return lon.copy(), lat.copy()

    def shifted(at_lon: Floats, at_lat: Floats) -> Pair:
        east, north = _gcj02_offset(at_lon, at_lat)
        return at_lon + east, at_lat + north

    # Far points stay out of the iteration: the polynomial part explodes over the Atlantic.
    safe_lon, safe_lat = np.where(near, lon, np.nan), np.where(near, lat, np.nan)
    east, north = _gcj02_offset(safe_lon, safe_lat)
    start = (safe_lon - east, safe_lat - north)
    found_lon, found_lat = _fixed_point(shifted, safe_lon, safe_lat, start)
    inside = _in_gcj_box(found_lon, found_lat)
    return np.where(inside, found_lon, lon), np.where(inside, found_lat, lat)


def _bd09_forward(lon: Floats, lat: Floats) -> Pair:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_PI)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_PI)
    return radius * np.cos(angle) + _BD_SHIFT_LON, radius * np.sin(angle) + _BD_SHIFT_LAT


def _bd09_inverse(lon: Floats, lat: Floats) -> Pair:
    return _fixed_point(_bd09_forward, lon, lat, (lon - _BD_SHIFT_LON, lat - _BD_SHIFT_LAT))


def _fixed_point(
    forward: Callable[[Floats, Floats], Pair], lon: Floats, lat: Floats, start: Pair
) -> Pair:
    found_lon, found_lat = start
    going = np.ones(len(found_lon), dtype=bool)
    for _ in range(_INVERSE_ITERATIONS):
        there_lon, there_lat = forward(found_lon, found_lat)
        # A point that has arrived stays: its answer must not depend on the points beside it.
        miss_lon, miss_lat = (lon - there_lon) * going, (lat - there_lat) * going
        found_lon, found_lat = found_lon + miss_lon, found_lat + miss_lat
        # The maps contract by a factor of 0.03 or less, so the error left is far below the miss.
        going &= np.fmax(np.abs(miss_lon), np.abs(miss_lat)) > _INVERSE_TOLERANCE_DEG / 0.03
        if not going.any():
            break
    return found_lon, found_lat


def _gcj02_offset(lon: Floats, lat: Floats) -> Pair:
    """The published offset in degrees, without the test for China."""
    x, y = lon - 105.0, lat - 35.0
    x_pi, y_pi, xy = x * np.pi, y * np.pi, x * y
    root = np.sqrt(np.abs(x))
    ripple = 20.0 * (np.sin(6.0 * x_pi) + np.sin(2.0 * x_pi))
    north_m = ripple + 20.0 * np.sin(y_pi) + 40.0 * np.sin(y_pi / 3.0)
    north_m += 160.0 * np.sin(y_pi / 12.0) + 320.0 * np.sin(y_pi / 30.0)
    north_m *= 2.0 / 3.0
    north_m += -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * xy + 0.2 * root
    east_m = ripple + 20.0 * np.sin(x_pi) + 40.0 * np.sin(x_pi / 3.0)
    east_m += 150.0 * np.sin(x_pi / 12.0) + 300.0 * np.sin(x_pi / 30.0)
    east_m *= 2.0 / 3.0
    east_m += 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * xy + 0.1 * root
    latitude = np.radians(lat)
    w_squared = 1.0 - _GCJ_ECCENTRICITY_SQUARED * np.sin(latitude) ** 2
    w = np.sqrt(w_squared)
    meridian_m = _GCJ_SEMI_MAJOR_AXIS_M * (1.0 - _GCJ_ECCENTRICITY_SQUARED) / (w_squared * w)
    parallel_m = _GCJ_SEMI_MAJOR_AXIS_M / w * np.cos(latitude)
    return np.degrees(east_m / parallel_m), np.degrees(north_m / meridian_m)


def _in_gcj_box(lon: Floats, lat: Floats, margin_deg: float = 0.0) -> NDArray[np.bool_]:
    (west, east), (south, north) = _GCJ_LON_RANGE, _GCJ_LAT_RANGE
    inside: NDArray[np.bool_] = (lon >= west - margin_deg) & (lon <= east + margin_deg)
    return inside & (lat >= south - margin_deg) & (lat <= north + margin_deg)


def _in_chunks(function: Callable[[Floats, Floats], Pair], lon: ArrayLike, lat: ArrayLike) -> Pair:
    lon_values, lat_values = columns(lon, lat)
    lon_values, lat_values = mask(lon_values, lat_values, on_earth(lon_values, lat_values))
    out_lon, out_lat = np.empty_like(lon_values), np.empty_like(lat_values)
    for part in _parts(len(lon_values)):
        out_lon[part], out_lat[part] = function(lon_values[part], lat_values[part])
    return out_lon, out_lat


def _parts(length: int) -> Iterator[slice]:
    for start in range(0, length, _CHUNK):
        yield slice(start, start + _CHUNK)
