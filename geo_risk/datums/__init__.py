"""Datums: WGS84, CGCS2000, GCJ-02, BD-09, listed EPSG codes; metric CRS; geodesics.

Everything is stored as WGS84; this package is the only user of pyproj. Sources, accuracy and
the list of EPSG codes are explained in docs/methods/datums.md.
"""

from __future__ import annotations

from .conversion import from_wgs84, geometries_to_wgs84, to_wgs84
from .declared import ALLOWED_EPSG, Datum, EpsgRange, parse_datum
from .fit import CandidateFit, DatumFit, datum_fit, likely_datums, shift_m
from .offsets import bd09_to_gcj02, gcj02_to_bd09, gcj02_to_wgs84, wgs84_to_gcj02
from .projections import MetricCRS, geodesic_area_m2, geodesic_distance_m, metric_crs

__all__ = [
    "ALLOWED_EPSG",
    "CandidateFit",
    "Datum",
    "DatumFit",
    "EpsgRange",
    "MetricCRS",
    "bd09_to_gcj02",
    "datum_fit",
    "from_wgs84",
    "gcj02_to_bd09",
    "gcj02_to_wgs84",
    "geodesic_area_m2",
    "geodesic_distance_m",
    "geometries_to_wgs84",
    "likely_datums",
    "metric_crs",
    "parse_datum",
    "shift_m",
    "to_wgs84",
    "wgs84_to_gcj02",
]
