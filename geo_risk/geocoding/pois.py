"""Named points: an address that names a known unit or place lies there.

Only the whole name counts, and only where it is the one place of that name in the stated area.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from geo_risk.datums import geodesic_distance_m
from geo_risk.vocabulary import MatchLevel

from .address import ROAD, SEPARATORS, read_number
from .model import Place, cut_parent
from .names import division_forms
from .normalisation import normalise
from .spots import Spot

LEAST_CHARACTERS = 4
NEAR_POI_M = 50.0
"""Added to a named point's own uncertainty: a unit is larger than its point."""
ONE_PLACE_M = 100.0
_SPLIT = str.maketrans(dict.fromkeys(SEPARATORS, " "))


@dataclass(frozen=True)
class Poi:
    """A named point; `town` and `village` are None where not known."""

    code: str
    name: str
    town: str | None
    village: str | None
    spot: Spot
    level: MatchLevel


class Pois:
    """The named points of a county by their names, with and without the county before them."""

    def __init__(self, places: Iterable[Place], above: Sequence[Place], within: str) -> None:
        self._heads = _heads(above)
        self._by_name: dict[str, list[Poi]] = {}
        for place in places:
            poi = _poi(place, within)
            if poi is not None:
                whole = normalise(place.name)
                for name in {whole, self._without_head(whole)}:
                    if len(name) >= LEAST_CHARACTERS:
                        self._by_name.setdefault(name, []).append(poi)

    def __bool__(self) -> bool:
        return bool(self._by_name)

    def find(self, text: str, rest: str, town: str | None, villages: Sequence[str]) -> list[Poi]:
        """The points that a part of the address names: none, one, or several homonyms.

        `rest` is what follows the chain of divisions. A point of another town than `town` or of
        another village than `villages` is never among them.
        """
        for name in self._names(text, rest):
            here = [p for p in self._by_name.get(name, ()) if _inside(p, town, villages)]
            if here:
                return _one_place(here)
        return []

    def _names(self, text: str, rest: str) -> Iterator[str]:
        yield rest
        road = ROAD.match(rest)
        tail = rest[road.end() :].lstrip(SEPARATORS) if road else rest
        yield tail[read_number(tail, bare=road is not None)[1] :].lstrip(SEPARATORS)
        yield text
        yield self._without_head(text)
        for piece in rest.translate(_SPLIT).split():
            yield piece
            yield self._without_head(piece)

    def _without_head(self, name: str) -> str:
        return next((name[len(h) :] for h in self._heads if name.startswith(h)), name)


def _heads(above: Sequence[Place]) -> tuple[str, ...]:
    """How names begin that say province, city and county first, longest first."""
    heads = [""]
    for place in sorted(above, key=lambda place: place.code):
        full = [form for form, rank in division_forms(place.name).items() if rank < 2]
        heads += [head + form for head in heads for form in full]
    return tuple(sorted(filter(None, heads), key=len, reverse=True))


def _poi(place: Place, within: str) -> Poi | None:
    parent = cut_parent(place.parent)
    if not parent.startswith(within) or place.lon is None or place.lat is None:
        return None
    spot = Spot(place.lon, place.lat, (place.radius_m or 0.0) + NEAR_POI_M)
    town = parent[:9] if len(parent) >= 9 else None
    village = parent if len(parent) == 12 else None
    return Poi(place.code, place.name, town, village, spot, MatchLevel(place.level))


def _inside(poi: Poi, town: str | None, villages: Sequence[str]) -> bool:
    if villages:
        if poi.village is not None:
            return poi.village in villages
        return poi.town is not None and any(v.startswith(poi.town) for v in villages)
    return town is None or poi.town == town


def _one_place(pois: list[Poi]) -> list[Poi]:
    """Entries of one name within 100 m are one place, told by the surest of them."""
    if len(pois) == 1:
        return pois
    best = min(pois, key=lambda poi: (poi.spot.radius_m, poi.code))
    lon, lat = [p.spot.lon for p in pois], [p.spot.lat for p in pois]
    apart_m = geodesic_distance_m(best.spot.lon, best.spot.lat, lon, lat)
    return [best] if apart_m.max() <= ONE_PLACE_M else pois
