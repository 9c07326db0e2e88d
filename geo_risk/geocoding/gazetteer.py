"""The gazetteer of one county: addresses and names in, matches with reasons out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from geo_risk.vocabulary import MatchLevel

from .address import SEPARATORS, ParsedAddress, parse_address
from .chain import Chain, Contradiction, read_chain
from .index import COUNTY, TOWN, VILLAGE, Index, Name
from .model import Match, Place
from .names import is_zone
from .normalisation import normalise
from .placing import candidates, place_by_name, place_chain, unplaced


class Gazetteer:
    """Divisions, roads and doors of a county and the names of its neighbours.

    `within` is the county's code (`350581`). Give also the county, its city and the towns of
    the neighbouring counties, so that addresses elsewhere are known to be elsewhere.
    Read-only after construction, so threads may share it.
    """

    def __init__(self, places: Iterable[Place], within: str) -> None:
        self._index = Index(places, within)

    def geocode(self, addresses: Sequence[str], towns: Sequence[str] | None = None) -> list[Match]:
        """One match per address, in order.

        `towns` gives per address what the table's own town column says, name or code, empty
        where it says nothing; `ValueError` when the lengths differ.
        """
        stated = [""] * len(addresses) if towns is None else towns
        if len(stated) != len(addresses):
            raise ValueError(f"{len(addresses)} addresses but {len(stated)} towns")
        known: dict[tuple[str, str], Match] = {}
        matches = []
        for pair in zip(addresses, stated, strict=True):
            match = known.get(pair)
            if match is None:
                match = known[pair] = self._geocode_one(*pair)
            matches.append(match)
        return matches

    def _geocode_one(self, address: str, stated: str) -> Match:
        text = normalise(address or "")
        reasons: list[str] = []
        town = None
        if stated and stated.strip():
            town = self.town_of(stated)
            if town is None and self._is_foreign_town(stated):
                return self._contradicted(Contradiction("town_of_other_county"), None)
            reasons.append("town_stated" if town else "town_stated_unknown")
        # A development zone overlaps towns, so it narrows nothing and contradicts nothing.
        zone, town = (town, None) if town and is_zone(town) else (None, town)
        try:
            chain = read_chain(self._index, text, town)
            if town and chain.town and chain.town != town:
                raise Contradiction("town_differs", [chain.town, town])
        except Contradiction as contradiction:
            return self._contradicted(contradiction, town)
        chain.zone = chain.zone or zone
        reasons = [r for r in reasons if r != "town_stated" or chain.town is None]
        if not text.strip(SEPARATORS):
            chain.town = town
            return unplaced(self._index, chain, [*reasons, "address_empty"], [])
        if not chain.county:
            reasons.append("county_assumed")
        reasons += chain.reasons
        match = self._flag_unknown_village(chain, place_chain(self._index, chain, reasons))
        return place_by_name(self._index, chain, match, reasons)

    def _flag_unknown_village(self, chain: Chain, match: Match) -> Match:
        """With an unknown village only an exact door is believed."""
        if not chain.unknown_village or match.lon is None:
            return match
        reasons = [*match.reasons, "village_unknown"]
        if match.level is MatchLevel.DOOR:
            return Match(
                match.lon, match.lat, match.level, match.uncertainty_m,
                round(match.score - 0.05, 2), match.town, match.village, tuple(reasons),
            )  # fmt: skip
        chain.town = chain.town or match.town
        return unplaced(self._index, chain, list(match.reasons), chain.suggested)

    def _contradicted(self, contradiction: Contradiction, town: str | None) -> Match:
        codes = [*contradiction.suggested, *([town] if town else [])]
        shown = candidates(self._index, codes)
        return Match(
            None, None, MatchLevel.NONE, None, 0.0, None, None, (contradiction.reason,), shown
        )

    def parts(self, address: str) -> ParsedAddress:
        """The address split into its parts; a lone 石狮市 is the county that it is here."""
        parts = parse_address(address)
        names = self._index.names.get(parts.city, ()) if not parts.county else ()
        if any(name.level == COUNTY for name in names):
            return replace(parts, city="", county=parts.city)
        return parts

    def name_of(self, code: str) -> str:
        """The registered name of a division, empty when it is not known."""
        return self._index.name_of(code)

    def town_of(self, text: str) -> str | None:
        """The 9-digit code of this county's town with this name or code, else None.

        With or without 镇, 街道; the county's name may stand before it.
        """
        plain = normalise(text)
        if plain.isascii() and plain.isdigit():
            code = plain[:9]
            place = self._index.divisions.get(code)
            return code if place is not None and code.startswith(self._index.within) else None
        codes = self._lookup(plain, TOWN)
        return codes[0] if len(codes) == 1 else None

    def village_of(self, text: str, town: str | None) -> str | None:
        """The 12-digit code of the village with this name or code, in `town` where given.

        None when it is unknown or when several villages of the county have the name.
        """
        plain = normalise(text)
        if plain.isascii() and plain.isdigit():
            inside = plain.startswith(town or self._index.within) and len(plain) >= 12
            place = self._index.divisions.get(plain[:12])
            return plain[:12] if inside and place and place.kind == "village" else None
        codes = self._lookup(plain, VILLAGE, town)
        return codes[0] if len(codes) == 1 else None

    def _lookup(self, text: str, level: int, town: str | None = None) -> list[str]:
        """The codes of one level that a name alone means; larger divisions may stand before."""
        position = 0
        while position < len(text):
            found = self._whole(text[position:], level, town)
            if found:
                return found
            prefix = self._prefix(text, position, level)
            if not prefix:
                return []
            length, meaning = prefix
            position += length
            town = meaning.code if meaning.level == TOWN and town is None else town
        return []

    def _whole(self, text: str, level: int, town: str | None) -> list[str]:
        names = [
            n
            for n in self._index.names.get(text, ())
            if n.own and n.level == level
            and (town is None or n.code.startswith(town))
            and not (n.in_town_only and town is None)
        ]  # fmt: skip
        best = min((n.rank for n in names), default=0)
        return sorted({n.code for n in names if n.rank == best})

    def _prefix(self, text: str, position: int, level: int) -> tuple[int, Name] | None:
        for length, meanings in self._index.longest(text, position):
            for meaning in meanings:
                if meaning.own and meaning.level < level and meaning.rank < 2:
                    return length, meaning
        return None

    def _is_foreign_town(self, text: str) -> bool:
        plain = normalise(text)
        for length, meanings in self._index.longest(plain, 0):
            full = [m for m in meanings if m.rank < 2]
            if full and not any(m.own for m in full):
                whole = length == len(plain)
                return whole if min(m.level for m in full) >= TOWN else True
        return False
