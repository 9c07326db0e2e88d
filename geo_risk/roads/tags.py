"""What the tags of a road say: its direction and its speed limit, as numbers.

The values are those of OpenStreetMap (`oneway`, `junction`, `maxspeed`).
"""

from __future__ import annotations

import math
import re

ALONG, AGAINST, BOTH = 1, -1, 0
LEAST_KMH, MOST_KMH = 5.0, 130.0
"""A speed limit outside of these is no speed limit of a road, and is not used."""

_ALONG = frozenset(("yes", "true", "1", "是", "单行"))
_AGAINST = frozenset(("-1", "reverse"))
_BOTH = frozenset(("no", "false", "0", "否", "双向"))
_ROUND = frozenset(("roundabout", "circular"))
_ONE_WAY_CLASSES = frozenset(("motorway",))
_SPEED = re.compile(r"(\d{1,4}(?:\.\d{1,3})?)\s*(km/h|kmh|kph|mph)?")
_KM_OF_MILE = 1.609344


def direction(oneway: object, junction: object = None, road_class: str = "") -> int:
    """1 along the line only, -1 against it only, 0 both ways.

    Without a word on it a roundabout and a motorway are one-way along their line; any other
    word (`reversible`, `alternating`) is both ways.
    """
    word = _word(oneway)
    if word in _ALONG:
        return ALONG
    if word in _AGAINST:
        return AGAINST
    if word in _BOTH:
        return BOTH
    implied = not word and (_word(junction) in _ROUND or road_class in _ONE_WAY_CLASSES)
    return ALONG if implied else BOTH


def speed_limit_kmh(maxspeed: object) -> float:
    """`50`, `50 km/h` and `30 mph` in km/h; NaN for anything else and what no road has."""
    found = _SPEED.fullmatch(_word(maxspeed))
    if found is None:
        return math.nan
    speed_kmh = float(found[1]) * (_KM_OF_MILE if found[2] == "mph" else 1.0)
    return speed_kmh if LEAST_KMH <= speed_kmh <= MOST_KMH else math.nan


def _word(cell: object) -> str:
    if cell is None or cell is False:
        return "" if cell is None else "no"
    return "yes" if cell is True else str(cell).strip().lower()
