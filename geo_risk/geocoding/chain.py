"""Reading an address against the gazetteer: province, city, county, town, village, rest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from .address import ROAD, SEPARATORS
from .index import CITY, COUNTY, PROVINCE, TOWN, VILLAGE, Index, Name
from .names import is_zone

_HAN = r"[\u4e00-\u9fff]"
_OTHER_CITY = re.compile(rf"{_HAN}{{2,6}}?(?:市(?!场|政|民)|自治州|地区|盟)")
_OTHER_COUNTY = re.compile(rf"{_HAN}{{1,4}}?(?:市(?!场|政|民)|县(?!城|道)|(?<![小社园新业发])区)")
_OTHER_TOWN = re.compile(rf"{_HAN}{{1,4}}?(?:街道|镇(?![中东西南北路村区企政])|乡(?![村镇企路]))")
_OTHER_VILLAGE = re.compile(rf"{_HAN}{{1,6}}?(?:村(?![路道])|社区|居委会)")
_AFTER_SHORT_VILLAGE = re.compile(
    r"$|[\d(,，、;；:]|工业|开发区|科技园|[东西南北中]区|第?[一二三四五六七八九十]组|自然村"
)
_AFTER_SHORT_TOWN = re.compile(rf"(?!(?:{_HAN}{{0,2}}(?:路|街|大道|巷|弄|村|社区|道))|大厦|大酒店)")
_STOP = re.compile(r"\d+(?:-\d+)?号|大道|路|街(?!道)|巷")
_BOUNDARY = frozenset(SEPARATORS + "区园城镇乡村道市县处队组心旁侧于在址")


@dataclass
class Chain:
    """What an address says, read as far as the gazetteer knows it."""

    text: str
    stated_town: str | None = None
    county: bool = False
    city: bool = False
    town: str | None = None
    zone: str | None = None
    villages: list[str] = field(default_factory=list)
    unknown_village: str = ""
    reasons: list[str] = field(default_factory=list)
    suggested: list[str] = field(default_factory=list)
    end: int = 0
    level: int = -1

    @property
    def rest(self) -> str:
        """What follows the chain: road, number, place."""
        return self.text[self.end :].lstrip(SEPARATORS)


class Contradiction(Exception):
    """The address speaks against itself or lies elsewhere; carries the reason's code."""

    def __init__(self, reason: str, suggested: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.suggested = list(suggested)


def read_chain(index: Index, text: str, stated_town: str | None) -> Chain:
    """Read a normalised address from the left; raises `Contradiction`.

    `stated_town` (a code) comes from the table's town column. It narrows homonymous villages
    and must not differ from the town in the address.
    """
    chain = Chain(text, stated_town)
    stop = _STOP.search(text)
    limit = stop.start() if stop else len(text)
    position = 0
    while position < len(text):
        while position < len(text) and text[position] in SEPARATORS:
            position += 1
        contiguous = position == 0 or _only_separators(text, chain.end, position)
        length = _accept(index, chain, position, contiguous)
        if length:
            position += length
            chain.end = position
            if chain.level >= VILLAGE:
                break
            continue
        if contiguous:
            _check_unknown(index, chain, position)
        if position >= limit:
            break
        position += 1
    return chain


def _only_separators(text: str, start: int, end: int) -> bool:
    return all(c in SEPARATORS for c in text[start:end])


def _accept(index: Index, chain: Chain, position: int, contiguous: bool) -> int:
    for length, meanings in index.longest(chain.text, position):
        fitting = [m for m in meanings if m.level > chain.level]
        if not fitting:
            continue
        after = chain.text[position + length :]
        if not contiguous:
            fitting = _full_after_gap(chain, fitting, position)
        own = [m for m in fitting if m.own]
        # An own name of any spelling goes before a foreign one, unless only the foreign one is
        # written out: 东园 is a village here, 东园镇 a town elsewhere.
        foreign = [m for m in fitting if not m.own]
        if own and foreign:
            _refuse_homonym(chain, own, foreign)
        if own and _take_own(index, chain, own, position, length):
            return length
        if foreign and not own:
            _refuse_foreign(index, chain, foreign, after, contiguous)
    return 0


def _refuse_homonym(chain: Chain, own: list[Name], foreign: list[Name]) -> None:
    """泉州市塘边村 without a county may be any of the city's villages of that name."""
    open_question = chain.city and not chain.county and not (chain.town or chain.stated_town)
    if open_question and all(m.level == VILLAGE for m in (*own, *foreign)):
        raise Contradiction("village_of_other_county", sorted({m.code for m in (*own, *foreign)}))


def _full_after_gap(chain: Chain, meanings: list[Name], position: int) -> list[Name]:
    """After unread characters only a full name counts, and a small one only at a boundary."""
    bounded = chain.text[position - 1] in _BOUNDARY
    return [
        m for m in meanings if m.rank < 2 and not m.in_town_only and (m.level <= COUNTY or bounded)
    ]


def _take_own(
    index: Index,
    chain: Chain,
    own: list[Name],
    position: int,
    length: int,
) -> bool:
    after = chain.text[position + length :]
    level = min(m.level for m in own)
    if level <= COUNTY:
        if min(m.rank for m in own if m.level == level) == 2 and not _divides(index, after):
            return False
        chain.level = level
        chain.county = chain.county or level == COUNTY
        chain.city = chain.city or level == CITY
        return True
    if level == TOWN and _take_town(chain, own, after):
        return True
    villages = [m for m in own if m.level == VILLAGE]
    return bool(villages) and _take_villages(index, chain, villages, position, length)


def _divides(index: Index, after: str) -> bool:
    """A bare 石狮 or 泉州 is the division only where another known division follows it."""
    following = bool(index.longest(after, 0)) or bool(index.road_at(after, 0))
    return after == "" or after[0] in SEPARATORS or following


def _take_town(chain: Chain, own: list[Name], after: str) -> bool:
    towns = [m for m in own if m.level == TOWN]
    best = min(m.rank for m in towns)
    codes = {m.code for m in towns if m.rank == best}
    if len(codes) != 1 or (best == 2 and not _AFTER_SHORT_TOWN.match(after)):
        return False
    (code,) = codes
    if is_zone(code):
        if chain.zone:
            return False
        chain.zone = code
        return True
    chain.town, chain.level = code, TOWN
    return True


def _take_villages(
    index: Index,
    chain: Chain,
    villages: list[Name],
    position: int,
    length: int,
) -> bool:
    town = chain.town or chain.stated_town
    after = chain.text[position + length :]
    if town is None:
        villages = [m for m in villages if not m.in_town_only]
    here = [m for m in villages if town is None or m.code.startswith(town)]
    if not here:
        if chain.town and villages and min(m.rank for m in villages) == 0:
            raise Contradiction(
                "village_in_other_town", [chain.town, *sorted({m.code for m in villages})]
            )
        return False
    best = min(m.rank for m in here)
    codes = sorted({m.code for m in here if m.rank == best})
    if best == 2:
        if not _AFTER_SHORT_VILLAGE.match(after) or index.road_at(chain.text, position):
            chain.suggested += codes
            return False
        chain.reasons.append("village_short_name")
    chain.villages, chain.level = codes, VILLAGE
    return True


def _refuse_foreign(
    index: Index, chain: Chain, foreign: list[Name], after: str, contiguous: bool
) -> None:
    full = [m for m in foreign if m.rank < 2]
    level = min(m.level for m in (full or foreign))
    codes = {m.code for m in (full or foreign)}
    if level in (PROVINCE, CITY, COUNTY):
        if full or _followed_by_child(index, codes, after):
            reason = {PROVINCE: "other_province", CITY: "other_city", COUNTY: "other_county"}
            raise Contradiction(reason[level])
    elif level == TOWN:
        alone = contiguous and after and _AFTER_SHORT_TOWN.match(after)
        if full or alone or (contiguous and _followed_by_child(index, codes, after)):
            raise Contradiction("town_of_other_county", sorted(codes))
    elif chain.town is None and full:
        raise Contradiction("village_of_other_county", sorted(codes))


def _followed_by_child(index: Index, codes: set[str], after: str) -> bool:
    return any(
        meaning.code.startswith(code) and meaning.code != code
        for _, meanings in index.longest(after, 0)
        for meaning in meanings
        for code in codes
    )


def _check_unknown(index: Index, chain: Chain, position: int) -> None:
    """A division-like word that the gazetteer does not have: elsewhere, or not known."""
    text = chain.text
    road = ROAD.match(text, position)
    if road is not None and index.road_at(text, position):
        return
    if not chain.county and chain.level < CITY and (m := _OTHER_CITY.match(text, position)):
        if not any(
            n.own and n.level == COUNTY for _, ns in index.longest(text, m.end()) for n in ns
        ):
            raise Contradiction("other_city")
        return
    if not chain.county and chain.level == CITY and _OTHER_COUNTY.match(text, position):
        raise Contradiction("other_county")
    if chain.level < TOWN and (m := _OTHER_TOWN.match(text, position)):
        if road is None or road.end() > m.end():
            raise Contradiction("town_unknown")
    elif not chain.unknown_village and (m := _OTHER_VILLAGE.match(text, position)):
        chain.unknown_village = m[0]
