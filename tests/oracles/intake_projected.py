"""One metric pair of CGCS2000 told by its digits, written to be read."""

from __future__ import annotations


def easting_zone(value: float) -> int | None:
    """The zone prefix of an easting, 0 without one, None when it is no easting."""
    if 100_000 <= value <= 900_000:
        return 0
    whole = str(int(value))
    if len(whole) != 8 or value < 0:
        return None
    zone = int(whole[:2])
    if not (13 <= zone <= 23 or 25 <= zone <= 45):
        return None
    return zone if 100_000 <= value - zone * 1_000_000 <= 900_000 else None


def is_northing(value: float) -> bool:
    return 2_000_000 <= value <= 6_000_000


def told(x: float, y: float) -> tuple[float, float, int, bool] | None:
    """(easting, northing, zone, swapped) of a metric pair, else None."""
    if is_northing(y) and easting_zone(x) is not None:
        return x, y, easting_zone(x), False
    if is_northing(x) and easting_zone(y) is not None:
        return y, x, easting_zone(y), True
    return None
