"""GCJ-02 and BD-09 forward, one point at a time, written to be read."""

from __future__ import annotations

from math import atan2, cos, degrees, hypot, pi, radians, sin, sqrt

SEMI_MAJOR_AXIS_M = 6378245.0
ECCENTRICITY_SQUARED = 0.00669342162296594323


def in_china_box(lon: float, lat: float) -> bool:
    return 72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271


def offset_m(lon: float, lat: float) -> tuple[float, float]:
    x, y = lon - 105.0, lat - 35.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    north += (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    north += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    east += (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    east += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    return east, north


def wgs84_to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    if not in_china_box(lon, lat):
        return lon, lat
    east_m, north_m = offset_m(lon, lat)
    w = sqrt(1.0 - ECCENTRICITY_SQUARED * sin(radians(lat)) ** 2)
    meridian_radius_m = SEMI_MAJOR_AXIS_M * (1.0 - ECCENTRICITY_SQUARED) / w**3
    parallel_radius_m = SEMI_MAJOR_AXIS_M / w * cos(radians(lat))
    return lon + degrees(east_m / parallel_radius_m), lat + degrees(north_m / meridian_radius_m)


def gcj02_to_bd09(lon: float, lat: float) -> tuple[float, float]:
    radius = hypot(lon, lat) + 0.00002 * sin(lat * pi * 3000.0 / 180.0)
    angle = atan2(lat, lon) + 0.000003 * cos(lon * pi * 3000.0 / 180.0)
    return radius * cos(angle) + 0.0065, radius * sin(angle) + 0.006
