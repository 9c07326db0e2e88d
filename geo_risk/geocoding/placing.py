"""From a read chain to a position: door, between doors, road, village, or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from geo_risk.datums import geodesic_distance_m
from geo_risk.vocabulary import MatchLevel

from .address import ROAD, SEPARATORS, read_number
from .chain import Chain
from .index import Area, Door, Index, Stretch
from .model import Candidate, Match
from .spots import Spot

ROAD_MAX_RADIUS_M = 2000.0
INTERPOLATION_MAX_GAP_M = 500.0
SUB_NUMBER_RADIUS_M = 60.0
MOST_ALTERNATIVES = 8
_ROAD_BOUNDARY = "区园村镇城市队组处心角口"
_BASE_SCORE = {
    MatchLevel.POINT: 0.9,
    MatchLevel.DOOR: 1.0,
    MatchLevel.ROAD: 0.8,
    MatchLevel.VILLAGE: 0.7,
    MatchLevel.TOWN: 0.3,
    MatchLevel.NONE: 0.0,
}
_DOUBTS = frozenset(
    {
        "county_assumed", "town_inferred", "village_short_name", "village_unknown",
        "number_unknown", "road_unknown", "road_ambiguous", "road_too_long",
        "town_stated_unknown", "village_radius_assumed", "sub_number_dropped",
    }
)  # fmt: skip


def score(level: MatchLevel, reasons: Iterable[str]) -> float:
    """1 for a door, less for each coarser level, 0.05 less for each doubt; for sorting only."""
    return round(max(0.0, _BASE_SCORE[level] - 0.05 * len(_DOUBTS.intersection(reasons))), 2)


def place_chain(index: Index, chain: Chain, reasons: list[str]) -> Match:
    """The best position that the chain and the rest of the address allow."""
    if len(chain.villages) > 1:
        return unplaced(index, chain, [*reasons, "village_ambiguous"], chain.villages)
    village = chain.villages[0] if chain.villages else None
    town = chain.town or (village[:9] if village else None) or chain.stated_town
    if chain.town is None and village and chain.stated_town is None:
        reasons = [*reasons, "town_inferred"]
    road, number = _road_and_number(index, chain.rest, village)
    found: Match | list[str] = []
    if road is not None:
        found = _place_on_road(index, road, number, (town, village), reasons)
    if isinstance(found, Match):
        return found
    reasons = [*reasons, *found]
    if road is None and ROAD.match(chain.rest):
        reasons.append("road_unknown")
    if village:
        return _place_in_village(index, village, reasons, number)
    chain.town = town
    return unplaced(index, chain, reasons, chain.suggested)


def _road_and_number(index: Index, rest: str, village: str | None) -> tuple[str | None, str]:
    """The register's road at the start of the rest and the number behind it.

    A road may follow an area's name (工业区石泉路12号) but is never cut out of a longer name:
    新石泉路 is not 石泉路. Without a road the number may be the village's own (塘边村12号).
    """
    road = index.road_at(rest, 0)
    if road:
        return road, read_number(rest[len(road) :].lstrip(SEPARATORS), bare=True)[0]
    written = ROAD.match(rest)
    if written is not None:
        for start in range(1, written.end() - 1):
            road = index.road_at(rest, start) if rest[start - 1] in _ROAD_BOUNDARY else ""
            if road and start + len(road) == written.end():
                return road, read_number(rest[written.end() :], bare=True)[0]
        return None, ""
    number = read_number(rest, bare=False)[0] if village else ""
    return ("" if number and "" in index.doors else None), number


def _place_on_road(
    index: Index,
    road: str,
    number: str,
    area: Area,
    reasons: list[str],
) -> Match | list[str]:
    """A match on the road, or the reasons why there is none."""
    town, village = area
    near = index.stretch(road, area)
    if number:
        exact = [d for d in index.numbered(road, number) if _inside(d.town, d.village, area)]
        if exact:
            return _one_place(Stretch(exact), MatchLevel.DOOR, [*reasons, "door_exact"], area)
        between = _between(near, number)
        if between is not None:
            return _between_match(between, reasons, area)
        reasons = [*reasons, "number_unknown"]
    if road == "":
        return ["number_unknown"]
    lines = [(p, s) for p, s in index.road_spots.get(road, ()) if _parent_inside(p, area)]
    if near.doors:
        return _one_place(near, MatchLevel.ROAD, [*reasons, "road_level"], area)
    if len(lines) == 1:
        parent, spot = lines[0]
        inferred = [] if town else ["town_inferred"]
        known = (parent[:9], parent if len(parent) == 12 else village)
        return _too_long(spot) or _match(
            spot, MatchLevel.ROAD, [*reasons, "road_level", *inferred], known
        )
    return ["road_ambiguous"] if lines else ["road_unknown"]


def _inside(town: str, village: str | None, area: Area) -> bool:
    # A door known only to its town may lie in the village that the address names.
    in_village = area[1] is None or village is None or village == area[1]
    return in_village and (area[0] is None or town == area[0])


def _parent_inside(parent: str, area: Area) -> bool:
    return _inside(parent[:9], parent if len(parent) == 12 else None, area)


def _one_place(
    stretch: Stretch, level: MatchLevel, reasons: list[str], area: Area
) -> Match | list[str]:
    """All doors as one place, unless they lie in several towns or too far apart."""
    town, village = area
    if level is MatchLevel.DOOR and village and len(stretch.villages) > 1:
        stretch = Stretch([door for door in stretch.doors if door.village == village])
    several = len(stretch.doors) > 1
    if len(stretch.towns) > 1 or (level is MatchLevel.DOOR and len(stretch.villages) > 1):
        return ["road_ambiguous"]
    spot = stretch.spot
    if level is MatchLevel.DOOR and several and spot.radius_m > INTERPOLATION_MAX_GAP_M:
        return ["road_ambiguous"]
    if town is None:
        reasons = [*reasons, "town_inferred"]
    found = village or (next(iter(stretch.villages)) if len(stretch.villages) == 1 else None)
    return _too_long(spot) or _match(spot, level, reasons, (next(iter(stretch.towns)), found))


def _too_long(spot: Spot) -> list[str]:
    return ["road_too_long"] if spot.radius_m > ROAD_MAX_RADIUS_M else []


def _between(stretch: Stretch, number: str) -> tuple[Spot, str, Door] | None:
    """A position from the main number, or between the two next known numbers, of one village."""
    main = int(number.partition("-")[0]) if number.partition("-")[0].isdigit() else None
    known = stretch.by_number
    # Numbers of several villages start again in each: nothing lies between them.
    if main is None or len(stretch.villages) > 1 or len(stretch.towns) > 1:
        return None
    if main in known and "-" in number:
        door = known[main]
        return Spot(door.lon, door.lat, SUB_NUMBER_RADIUS_M), "sub_number_dropped", door
    below = max((n for n in known if n < main), default=None)
    above = min((n for n in known if n > main), default=None)
    if below is None or above is None:
        return None
    low, high = known[below], known[above]
    gap_m = float(geodesic_distance_m(low.lon, low.lat, high.lon, high.lat)[0])
    if gap_m > INTERPOLATION_MAX_GAP_M:
        return None
    share = (main - below) / (above - below)
    lon = low.lon + share * (high.lon - low.lon)
    lat = low.lat + share * (high.lat - low.lat)
    radius_m = max(low.radius_m, high.radius_m, gap_m * max(share, 1.0 - share))
    return Spot(lon, lat, radius_m), "number_interpolated", low


def _between_match(
    between: tuple[Spot, str, Door],
    reasons: list[str],
    area: Area,
) -> Match:
    """A road-level match from a position between doors."""
    spot, reason, door = between
    inferred = [] if area[0] else ["town_inferred"]
    return _match(
        spot, MatchLevel.ROAD, [*reasons, reason, *inferred], (door.town, area[1] or door.village)
    )


def _place_in_village(index: Index, village: str, reasons: list[str], number: str) -> Match:
    spot, why = index.village_spot(village)
    if number and "number_unknown" not in reasons:
        reasons = [*reasons, "number_unknown"]
    if spot is None:
        return _unplaced(index, village[:9], village, [*reasons, *why], [village])
    return _match(
        spot, MatchLevel.VILLAGE, [*reasons, "village_level", *why], (village[:9], village)
    )


def _match(spot: Spot, level: MatchLevel, reasons: list[str], area: Area) -> Match:
    return Match(
        spot.lon, spot.lat, level, spot.radius_m, score(level, reasons), *area, _once(reasons)
    )


def place_by_name(index: Index, chain: Chain, match: Match, reasons: list[str]) -> Match:
    """A match that a whole name in the address makes better; an exact door is never replaced."""
    if not index.pois or match.level is MatchLevel.DOOR:
        return match
    town = chain.town or chain.stated_town
    found = index.pois.find(chain.text, chain.rest, town, chain.villages)
    if len(found) > 1:
        shown = [
            Candidate(p.code, p.name, p.level, p.spot.lon, p.spot.lat, p.spot.radius_m)
            for p in found[:MOST_ALTERNATIVES]
        ]
        return replace(
            match,
            reasons=_once([*match.reasons, "poi_ambiguous"]),
            alternatives=(*shown, *match.alternatives)[:MOST_ALTERNATIVES],
        )
    if not found or (match.uncertainty_m or np.inf) <= found[0].spot.radius_m:
        return match
    (poi,) = found
    if town is None and not chain.villages:
        reasons = [*reasons, "town_inferred"]
    if chain.unknown_village:
        reasons = [*reasons, "village_unknown"]
    village = poi.village or (chain.villages[0] if len(chain.villages) == 1 else None)
    return _match(poi.spot, poi.level, [*reasons, "poi_exact"], (poi.town or town, village))


def _once(reasons: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reasons))


def unplaced(index: Index, chain: Chain, reasons: list[str], suggested: list[str]) -> Match:
    """No position: the town where it is known, and what the address may mean."""
    if chain.unknown_village:
        reasons = [*reasons, "village_unknown"]
        suggested = [*suggested, *_similar(index, chain.town, chain.unknown_village)]
    elif chain.suggested:
        reasons = [*reasons, "village_possible"]
    town = chain.town or chain.zone
    if town is None and not suggested and "address_empty" not in reasons:
        reasons = [*reasons, "county_only" if chain.level >= 0 else "nothing_found"]
    elif chain.town:
        reasons = [*reasons, "town_only"]
    elif chain.zone:
        reasons = [*reasons, "zone_only"]
    return _unplaced(index, town, None, reasons, suggested)


def _similar(index: Index, town: str | None, written: str) -> list[str]:
    """Villages of the town that share most characters with an unknown name."""
    letters = set(written.rstrip("村社区"))
    scored = []
    for code in index.villages_by_town.get(town or "", ()):
        shared = len(letters & set(index.name_of(code).rstrip("村委会社区居")))
        if shared and shared * 2 >= len(letters):
            scored.append((-shared, code))
    return [code for _, code in sorted(scored)[:MOST_ALTERNATIVES]]


def _unplaced(
    index: Index, town: str | None, village: str | None, reasons: list[str], suggested: list[str]
) -> Match:
    level = MatchLevel.TOWN if town else MatchLevel.NONE
    codes = dict.fromkeys([*suggested, *([town] if town else [])])
    alternatives = candidates(index, codes)
    return Match(
        None, None, level, None, score(level, reasons), town, village, _once(reasons), alternatives
    )


def candidates(index: Index, codes: Iterable[str]) -> tuple[Candidate, ...]:
    """Divisions as candidates for review, with a position to look at where one is known."""
    found = []
    for code in list(dict.fromkeys(codes))[:MOST_ALTERNATIVES]:
        if len(code) == 12:
            spot, _ = index.village_spot(code)
            level = MatchLevel.VILLAGE
        else:
            spot, level = _town_spot(index, code), MatchLevel.TOWN
        at = (spot.lon, spot.lat, spot.radius_m) if spot else (None, None, None)
        found.append(Candidate(code, index.name_of(code), level, *at))
    return tuple(found)


def _town_spot(index: Index, code: str) -> Spot | None:
    """Only to open the review map at the right place: the town's own position or its villages'."""
    place = index.divisions.get(code)
    if place is not None and place.lon is not None and place.lat is not None:
        return Spot(place.lon, place.lat, place.radius_m or 3000.0)
    spots = [s for v in index.villages_by_town.get(code, ()) if (s := index.village_spot(v)[0])]
    if not spots:
        return None
    lon, lat = np.array([(s.lon, s.lat) for s in spots]).T
    centre = float(lon.mean()), float(lat.mean())
    reach_m = float(geodesic_distance_m(*centre, lon, lat).max())
    return Spot(*centre, max(reach_m, 1000.0))
