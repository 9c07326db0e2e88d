"""Metres in a file's coordinates: which column is the northing, and which zone they are of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_risk.datums import Datum, parse_datum
from geo_risk.errors import ConflictError, Text
from geo_risk.intake.coordinates import (
    ProjectedAxes,
    epsg_candidates,
    epsg_of_zone,
    projected_axes,
)

Floats = NDArray[np.float64]
_MOST = 0.5
"""From which share of metric pairs on the file as a whole is taken to be metric."""
_PREFIXED = (*range(4491, 4502), *range(4513, 4534))


@dataclass(frozen=True)
class Axes:
    """x and y as easting or longitude, northing or latitude, and the datum they are in."""

    x: Floats
    y: Floats
    datum: Datum
    remarks: tuple[Text, ...] = ()


def settle_axes(x: Floats, y: Floats, declared: Datum, centre_lon: float | None) -> Axes:
    """Put eastings and northings in their order, and find the zone that a prefix names.

    With `cgcs2000` declared a zone prefix decides the projection. `ConflictError` where metres
    come without a prefix, under another datum, or with a prefix other than the declared one:
    `centre_lon`, the city's, picks the codes that the advice names.
    """
    found = projected_axes(x, y)
    given = int(np.isfinite(x).sum())
    if not given or found.metric.sum() < _MOST * given:
        return Axes(x, y, declared)
    datum, remarks = _datum(found, declared, centre_lon)
    if found.swapped.any():
        remarks = (
            *remarks,
            Text(
                "X 列是北坐标(纵坐标)、Y 列是东坐标(横坐标)，已按测量习惯对应",
                "Column X holds northings and Y eastings, as surveyors write: taken so",
            ),
        )
    easting = np.where(found.metric, found.easting_m, x)
    northing = np.where(found.metric, found.northing_m, y)
    return Axes(easting, northing, datum, remarks)


def _datum(
    found: ProjectedAxes, declared: Datum, centre_lon: float | None
) -> tuple[Datum, tuple[Text, ...]]:
    zones = found.zones
    by_prefix = epsg_of_zone(zones[0]) if len(zones) == 1 else None
    if declared.projected:
        prefixed = declared.epsg in _PREFIXED
        if (zones == (0,) and not prefixed) or (prefixed and by_prefix == declared.epsg):
            return declared, ()
    elif declared.name == "cgcs2000" and by_prefix is not None:
        return parse_datum(f"EPSG:{by_prefix}"), (
            Text(
                f"坐标为米，带号 {zones[0]}，按 EPSG:{by_prefix} 换算",
                f"The coordinates are metres of zone {zones[0]}: read as EPSG:{by_prefix}",
            ),
        )
    codes = [epsg_of_zone(zone) for zone in zones if zone]
    if 0 in zones and centre_lon is not None:
        codes += epsg_candidates(centre_lon)
    names = "、".join(f"EPSG:{code}" for code in codes if code)
    raise ConflictError(
        "coordinates_metric",
        Text(
            f"坐标是以米为单位的平面坐标{_told(zones, 'zh')}，与声明的 {declared.name} 不符",
            f"The coordinates are metres{_told(zones, 'en')}, which {declared.name} is not",
        ),
        where="--datum",
        got=declared.name,
        fix=Text(
            f"按资料上的中央子午线声明，可能是 {names or 'EPSG:4534–4554'}",
            f"Declare the zone your source names, perhaps {names or 'EPSG:4534 to 4554'}",
        ),
    )


def _told(zones: tuple[int, ...], lang: str) -> str:
    listed = "、".join(str(zone) for zone in zones if zone)
    if not listed:
        return "(无带号)" if lang == "zh" else " without a zone prefix"
    return f"(带号 {listed})" if lang == "zh" else f" of zone {listed}"
