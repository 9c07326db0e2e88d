"""Metres of CGCS2000 in coordinate columns: which is the northing, which zone, which EPSG code.

Chinese surveyors call the northing X and write the zone's number before the easting.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

NORTHING_M = (2_000_000.0, 6_000_000.0)
"""Northings of China, from Hainan (18° N) to Heilongjiang (54° N)."""

EASTING_M = (100_000.0, 900_000.0)
"""Eastings of one zone, 500 km added; 3-degree zones use 330 to 670 km of them."""

ZONES_3_DEG = (25, 45)
ZONES_6_DEG = (13, 23)
_ZONE_UNIT_M = 1_000_000.0
_PREFIXED_3_DEG, _PREFIXED_6_DEG, _BARE_3_DEG = 4513, 4491, 4534


@dataclass(frozen=True)
class ProjectedAxes:
    """A pair of columns as metric survey coordinates, shape (n,).

    Attributes
    ----------
    easting_m, northing_m : NaN where the pair is not metric; the easting keeps its zone prefix.
    zone : the zone prefix of the easting, 0 where there is none.
    swapped : the first column held the northing.
    """

    easting_m: Floats
    northing_m: Floats
    zone: NDArray[np.int64]
    swapped: NDArray[np.bool_]

    @property
    def metric(self) -> NDArray[np.bool_]:
        """Where the pair was recognised as metres."""
        return ~np.isnan(self.northing_m)

    @property
    def zones(self) -> tuple[int, ...]:
        """The zone prefixes that occur, in order; 0 for metric pairs without one."""
        return tuple(int(zone) for zone in np.unique(self.zone[self.metric]))

    @property
    def epsg(self) -> int | None:
        """The EPSG code of the column; None without a prefix or with several zones."""
        return epsg_of_zone(self.zones[0]) if len(self.zones) == 1 else None


def epsg_of_zone(zone: int) -> int | None:
    """The CGCS2000 code whose eastings carry this prefix: 25–45 3-degree, 13–23 6-degree."""
    if ZONES_3_DEG[0] <= zone <= ZONES_3_DEG[1]:
        return _PREFIXED_3_DEG + zone - ZONES_3_DEG[0]
    if ZONES_6_DEG[0] <= zone <= ZONES_6_DEG[1]:
        return _PREFIXED_6_DEG + zone - ZONES_6_DEG[0]
    return None


def epsg_candidates(lon_deg: float, most: int = 2) -> tuple[int, ...]:
    """Codes (EPSG:4534–4554) that metres without a prefix may mean near a longitude, nearest first.

    At most the `most` zones whose central meridian is within 3 degrees; empty outside China.
    """
    zones = np.arange(ZONES_3_DEG[0], ZONES_3_DEG[1] + 1)
    away_deg = np.abs(zones * 3.0 - lon_deg)
    nearest = np.argsort(away_deg, kind="stable")[:most]
    return tuple(
        int(_BARE_3_DEG + zones[at] - ZONES_3_DEG[0]) for at in nearest if away_deg[at] <= 3.0
    )


def _northing(values: Floats) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = (values >= NORTHING_M[0]) & (values <= NORTHING_M[1])
    return inside


def _zone(values: Floats) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Where values are eastings, and their zone prefix (0 for none)."""
    finite = np.where(np.isfinite(values), values, 0.0)
    prefix = np.floor(finite / _ZONE_UNIT_M)
    within = finite - prefix * _ZONE_UNIT_M
    known = (prefix == 0) | _between(prefix, ZONES_3_DEG) | _between(prefix, ZONES_6_DEG)
    easting = known & (within >= EASTING_M[0]) & (within <= EASTING_M[1])
    return easting, np.where(easting, prefix, 0).astype(np.int64)


def _between(values: Floats, span: tuple[int, int]) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = (values >= span[0]) & (values <= span[1])
    return inside


def projected_axes(x: ArrayLike, y: ArrayLike) -> ProjectedAxes:
    """Recognise metric pairs of China by magnitude, in either order.

    Parameters
    ----------
    x, y : two columns as read, shape (n,), NaN where empty. Degrees are left alone.

    A pair is metric when one value is a northing (2 to 6 million) and the other an easting: 100 to
    900 thousand, or the same after a zone prefix of 13 to 23 (6-degree) or 25 to 45 (3-degree).
    The two ranges never meet, so the order is certain.
    """
    first = np.atleast_1d(np.asarray(x, dtype=np.float64))
    second = np.atleast_1d(np.asarray(y, dtype=np.float64))
    easting_first, zone_first = _zone(first)
    easting_second, zone_second = _zone(second)
    straight = easting_first & _northing(second)
    swapped = _northing(first) & easting_second
    easting = np.where(straight, first, np.where(swapped, second, np.nan))
    northing = np.where(straight, second, np.where(swapped, first, np.nan))
    zone = np.where(straight, zone_first, np.where(swapped, zone_second, 0))
    return ProjectedAxes(easting, northing, zone, swapped)
