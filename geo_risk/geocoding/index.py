"""The gazetteer's indexes: names to places, roads to doors, villages to positions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from geo_risk.datums import geodesic_distance_m

from .address import canonical_number
from .model import Place, cut_code, cut_parent
from .names import (
    PROVINCES,
    Forms,
    division_forms,
    is_virtual,
    town_forms,
    village_forms,
)
from .normalisation import normalise
from .pois import Pois
from .spots import Spot

PROVINCE, CITY, COUNTY, TOWN, VILLAGE = range(5)
LEVELS = {"province": PROVINCE, "city": CITY, "county": COUNTY, "town": TOWN, "village": VILLAGE}
VILLAGE_RADIUS_M = 700.0
"""A circle as large as Shishi's mean village: 189 km² by 129 villages."""
DOOR_RADIUS_M = 30.0
FEW_DOORS = 5


@dataclass(frozen=True)
class Name:
    """One written form of a division. `rank`: 0 as registered, 1 other suffix, 2 none."""

    level: int
    code: str
    rank: int
    own: bool
    in_town_only: bool = False


@dataclass(frozen=True)
class Door:
    """One row of the address register, placed."""

    road: str
    number: str
    town: str
    village: str | None
    lon: float
    lat: float
    radius_m: float


def spot_of(doors: Iterable[Door], fewest_m: float = DOOR_RADIUS_M) -> Spot:
    """The mean of some doors and the radius that covers them, at least `fewest_m`."""
    doors = list(doors)
    if len(doors) == 1:
        return Spot(doors[0].lon, doors[0].lat, fewest_m)
    lon, lat = np.array([(door.lon, door.lat) for door in doors]).T
    centre = float(lon.mean()), float(lat.mean())
    reach_m = float(geodesic_distance_m(*centre, lon, lat).max())
    return Spot(*centre, max(fewest_m, reach_m))


Area = tuple[str | None, str | None]
"""A town and a village code, None where not known."""


class Stretch:
    """The doors of one road inside one area, with what is asked of them again and again."""

    def __init__(self, doors: list[Door]) -> None:
        self.doors = doors

    @cached_property
    def towns(self) -> set[str]:
        """The towns its doors lie in."""
        return {door.town for door in self.doors}

    @cached_property
    def villages(self) -> set[str | None]:
        """The villages its doors lie in, None for a door known only to its town."""
        return {door.village for door in self.doors}

    @cached_property
    def spot(self) -> Spot:
        """The centre of its doors and the radius that covers them."""
        return spot_of(self.doors, max(door.radius_m for door in self.doors))

    @cached_property
    def by_number(self) -> dict[int, Door]:
        """Its doors with a plain number."""
        return {int(d.number): d for d in self.doors if d.number.isascii() and d.number.isdigit()}


class Index:
    """Every lookup the geocoder needs, built once from the places; read-only afterwards."""

    def __init__(self, places: Iterable[Place], within: str) -> None:
        self.within = cut_code("county", within)
        self.divisions: dict[str, Place] = {}
        self.names: dict[str, list[Name]] = {}
        self.lengths: dict[str, tuple[int, ...]] = {}
        self.doors: dict[str, list[Door]] = {}
        self.doors_of_village: dict[str, list[Door]] = {}
        self._village_spots: dict[str, tuple[Spot | None, tuple[str, ...]]] = {}
        self._stretches: dict[tuple[str, Area], Stretch] = {}
        self.road_spots: dict[str, list[tuple[str, Spot]]] = {}
        streets = []
        for place in places:
            if place.kind in LEVELS:
                self.divisions[cut_code(place.kind, place.code)] = place
            else:
                streets.append(place)
        self._name_divisions()
        for place in streets:
            if place.kind != "poi":
                self._add_street(place)
        own = [p for code, p in self.divisions.items() if self.within.startswith(code)]
        self.pois = Pois((p for p in streets if p.kind == "poi"), own, self.within)
        self._measure_names()

    def _name_divisions(self) -> None:
        named = {place.name for place in self.divisions.values() if place.kind == "province"}
        for code, name in PROVINCES.items():
            if name not in named:
                self._add_forms(division_forms(name), PROVINCE, code)
        for code, place in self.divisions.items():
            self._name_division(code, place.kind, place.name)
            for alias in place.aliases:
                self._name_division(code, place.kind, alias)

    def _name_division(self, code: str, kind: str, name: str) -> None:
        if kind == "town":
            self._add_forms(town_forms(name, self.name_of(code[:6])), TOWN, code)
        elif kind != "village":
            self._add_forms(division_forms(name), LEVELS[kind], code)
        elif not is_virtual(name):
            anywhere, in_town = village_forms(name, self.name_of(code[:9]))
            self._add_forms(anywhere, VILLAGE, code)
            self._add_forms(in_town, VILLAGE, code, in_town_only=True)

    def _add_forms(
        self, forms: Forms, level: int, code: str, *, in_town_only: bool = False
    ) -> None:
        own = code.startswith(self.within) or self.within.startswith(code)
        for form, rank in forms.items():
            self.names.setdefault(form, []).append(Name(level, code, rank, own, in_town_only))

    def _add_street(self, place: Place) -> None:
        parent = cut_parent(place.parent)
        if not parent.startswith(self.within) or place.lon is None or place.lat is None:
            return
        road = normalise(place.road or (place.name if place.kind == "road" else ""))
        if place.kind == "road":
            spot = Spot(place.lon, place.lat, place.radius_m or VILLAGE_RADIUS_M)
            self.road_spots.setdefault(road, []).append((parent, spot))
            self.doors.setdefault(road, [])
            return
        village = parent if len(parent) == 12 else None
        door = Door(
            road,
            canonical_number(place.number),
            parent[:9],
            village,
            place.lon,
            place.lat,
            place.radius_m or DOOR_RADIUS_M,
        )
        self.doors.setdefault(road, []).append(door)
        if village:
            self.doors_of_village.setdefault(village, []).append(door)

    def _measure_names(self) -> None:
        lengths: dict[str, set[int]] = {}
        for name in self.names:
            lengths.setdefault(name[0], set()).add(len(name))
        self.lengths = {c: tuple(sorted(found, reverse=True)) for c, found in lengths.items()}

    @cached_property
    def _numbers(self) -> dict[tuple[str, str], list[Door]]:
        found: dict[tuple[str, str], list[Door]] = {}
        for road, doors in self.doors.items():
            for door in doors:
                found.setdefault((road, door.number), []).append(door)
        return found

    def numbered(self, road: str, number: str) -> list[Door]:
        """The doors with this number on roads of this name."""
        return self._numbers.get((road, number), [])

    @cached_property
    def _by_area(self) -> dict[tuple[str, Area], list[Door]]:
        found: dict[tuple[str, Area], list[Door]] = {}
        for road, doors in self.doors.items():
            for door in doors:
                for area in ((door.town, None), (door.town, door.village or "")):
                    found.setdefault((road, area), []).append(door)
        return found

    def stretch(self, road: str, area: Area) -> Stretch:
        """The road's doors in the area; a door known only to its town may be in any village."""
        known = self._stretches.get((road, area))
        if known is None:
            town, village = area
            if town is None:
                doors = self.doors.get(road, [])
            else:
                doors = self._by_area.get((road, area), [])
                if village is not None:
                    doors = doors + self._by_area.get((road, (town, "")), [])
            known = self._stretches[road, area] = Stretch(doors)
        return known

    @cached_property
    def road_lengths(self) -> dict[str, tuple[int, ...]]:
        """First character of a road's name to the lengths of such names, longest first."""
        lengths: dict[str, set[int]] = {}
        for road in filter(None, self.doors):
            lengths.setdefault(road[0], set()).add(len(road))
        return {c: tuple(sorted(found, reverse=True)) for c, found in lengths.items()}

    @cached_property
    def villages_by_town(self) -> dict[str, list[str]]:
        """Town code to the codes of its villages that have ground."""
        found: dict[str, list[str]] = {}
        for code, place in self.divisions.items():
            if place.kind == "village" and not is_virtual(place.name):
                found.setdefault(code[:9], []).append(code)
        return found

    def name_of(self, code: str) -> str:
        """The registered name of a division, empty when it is not in the gazetteer."""
        place = self.divisions.get(code)
        return place.name if place else ""

    def longest(self, text: str, start: int) -> list[tuple[int, list[Name]]]:
        """All names that stand at `start`, longest first: their lengths and meanings."""
        found = []
        for length in self.lengths.get(text[start : start + 1], ()):
            meanings = self.names.get(text[start : start + length])
            if meanings is not None and start + length <= len(text):
                found.append((length, meanings))
        return found

    def road_at(self, text: str, start: int) -> str:
        """The longest road of the register that stands at `start`, else an empty string."""
        for length in self.road_lengths.get(text[start : start + 1], ()):
            road = text[start : start + length]
            if road in self.doors:
                return road
        return ""

    def village_spot(self, code: str) -> tuple[Spot | None, tuple[str, ...]]:
        """A village's position and radius with the reasons; None where nothing is known."""
        known = self._village_spots.get(code)
        if known is None:
            known = self._village_spots[code] = self._find_village_spot(code)
        return known

    def _find_village_spot(self, code: str) -> tuple[Spot | None, tuple[str, ...]]:
        place = self.divisions.get(code)
        doors = self.doors_of_village.get(code, [])
        if place is not None and place.lon is not None and place.lat is not None:
            if place.radius_m is not None:
                return Spot(place.lon, place.lat, place.radius_m), ()
            if len(doors) < FEW_DOORS:
                return Spot(place.lon, place.lat, VILLAGE_RADIUS_M), ("village_radius_assumed",)
            lon, lat = np.array([(door.lon, door.lat) for door in doors]).T
            reach_m = float(geodesic_distance_m(place.lon, place.lat, lon, lat).max())
            return Spot(place.lon, place.lat, max(DOOR_RADIUS_M, reach_m)), ()
        if not doors:
            return None, ("village_no_position",)
        centre = ("village_centre_from_register",)
        if len(doors) < FEW_DOORS:
            return spot_of(doors, VILLAGE_RADIUS_M), (*centre, "village_radius_assumed")
        return spot_of(doors), centre
