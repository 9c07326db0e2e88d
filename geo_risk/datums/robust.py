"""Robust statistics of offsets from control points; docs/methods/position-checks.md."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, erfc, radians, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arrays import Floats, Pair

_UNIFORM_SPREAD = 0.5  # per axis, of a disc's radius, when places lie anywhere in it
_CONTROL_BIAS = 0.25  # how far a control lies off the middle of its places, of its uncertainty
_MEDIAN_ERROR = sqrt(np.pi / 2.0)
_MAD_TO_SIGMA = 1.4826
_SEMI_MAJOR_AXIS_M, _ECCENTRICITY_SQUARED = 6378137.0, 0.00669437999014


@dataclass(frozen=True)
class Controls:
    """Control points of the rows that have one; shape (n,)."""

    lon: Floats
    lat: Floats
    uncertainty_m: Floats

    @property
    def weights(self) -> Floats:
        """One over the uncertainty: best for a median, and no single door outweighs a town."""
        return 1.0 / self.uncertainty_m

    def offsets(self, lon: Floats, lat: Floats) -> Pair:
        """East and north in metres from control to position."""
        per_lon, per_lat = metres_per_degree(self.lat)
        return (lon - self.lon) * per_lon, (lat - self.lat) * per_lat

    def kept(self, keep: NDArray[np.bool_]) -> Controls:
        """Those of the mask."""
        return Controls(self.lon[keep], self.lat[keep], self.uncertainty_m[keep])


def metres_per_degree(lat: ArrayLike) -> Pair:
    """Metres of one degree of longitude and of latitude there, on the WGS84 ellipsoid."""
    latitude = np.radians(np.asarray(lat, dtype=np.float64))
    root = np.sqrt(1.0 - _ECCENTRICITY_SQUARED * np.sin(latitude) ** 2)
    parallel_m = _SEMI_MAJOR_AXIS_M / root * np.cos(latitude)
    meridian_m = _SEMI_MAJOR_AXIS_M * (1.0 - _ECCENTRICITY_SQUARED) / root**3
    return radians(1.0) * parallel_m, radians(1.0) * meridian_m


def weighted_median(values: ArrayLike, weights: ArrayLike) -> float:
    """The value with half the weight on either side; the middle of two when exactly between."""
    array, shares = np.asarray(values, np.float64), np.asarray(weights, np.float64)
    order = np.argsort(array, kind="stable")
    ordered, reached = array[order], np.cumsum(shares[order])
    half = reached[-1] / 2.0
    at = int(np.searchsorted(reached, half))
    if reached[at] == half and at + 1 < len(ordered):
        return float((ordered[at] + ordered[at + 1]) / 2.0)
    return float(ordered[at])


def robust_mean(east_m: Floats, north_m: Floats, controls: Controls) -> Pair:
    """The mean offset and its standard errors, each (east, north), wrong controls left out.

    Weights are 1/uncertainty. The weighted median is the start; offsets farther from it than
    their own plus the median uncertainty are left out and the rest averaged. Where that would
    leave out half the rows or more, the median stands.
    """
    weights, radius = controls.weights, controls.uncertainty_m
    middle = np.array([weighted_median(axis, weights) for axis in (east_m, north_m)])
    away = np.hypot(east_m - middle[0], north_m - middle[1])
    kept = away <= radius + np.median(radius)
    if 2 * kept.sum() <= len(kept):
        pairs = zip((east_m, north_m), middle, strict=True)
        spreads = [_MAD_TO_SIGMA * np.median(np.abs(a - m) / radius) for a, m in pairs]
        errors = [standard_error_m(_MEDIAN_ERROR * s * radius, controls) for s in spreads]
        return middle, np.array(errors)
    used = controls.kept(kept)
    share = used.weights / used.weights.sum()
    mean = np.array([share @ east_m[kept], share @ north_m[kept]])
    errors = [
        standard_error_m(east_m[kept] - mean[0], used),
        standard_error_m(north_m[kept] - mean[1], used),
    ]
    return mean, np.array(errors)


def standard_error_m(deviation: Floats, controls: Controls) -> float:
    """Standard error of a weighted mean along one axis.

    Single rows scatter around their control (never taken for less than a uniform disc does), and
    the rows of one control share its bias, which more rows do not average away.
    """
    share = controls.weights / controls.weights.sum()
    radius = controls.uncertainty_m
    least = _UNIFORM_SPREAD * np.sqrt(((share * radius) ** 2).sum())
    scatter = max(float(least), float(np.sqrt(((share * deviation) ** 2).sum())))
    places = np.column_stack([controls.lon, controls.lat])
    _, owner = np.unique(places, axis=0, return_inverse=True)
    shared = np.bincount(owner.ravel(), weights=share * _CONTROL_BIAS * radius)
    return float(np.hypot(scatter, np.sqrt((shared**2).sum())))


def sign_test(gained: int, lost: int) -> float:
    """Chance of at least so many gains among the changes if either way were as likely."""
    changes = gained + lost
    if changes > 1000:  # the normal tail, with continuity correction
        return 0.5 * erfc((gained - 0.5 - changes / 2.0) / sqrt(changes / 2.0))
    ways = sum(comb(changes, k) for k in range(gained, changes + 1))
    return float(ways / 2**changes)
