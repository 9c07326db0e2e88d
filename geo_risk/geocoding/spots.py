"""A position with the radius around it inside which the place lies."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Spot:
    """A position, WGS84 degrees, and the radius around it inside which the place lies."""

    lon: float
    lat: float
    radius_m: float
