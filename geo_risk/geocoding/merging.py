"""One gazetteer of several editions: which entries are the same place, and what each adds.

Codes of villages and towns change between editions, and a code may change its name; the name
inside its town decides, then the code. docs/methods/geocoding.md tells the rules.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from .model import CODE_DIGITS, Place, cut_code, cut_parent
from .names import division_stem
from .normalisation import normalise

Outcome = Literal["new", "updated", "unchanged", "rejected"]
_ORDER = {kind: order for order, kind in enumerate(CODE_DIGITS)}
_RENAMED = ("town", "village")
_Key = tuple[str, str, str]


@dataclass(frozen=True)
class Merged:
    """What became of one incoming place.

    `place` is the entry as it now stands (for a rejected one, the entry in its way, if any);
    `reason` is empty or says what was odd: `code_differs`, `place_renamed` (both taken);
    `place_ambiguous`, `code_of_other_place`, `town_code_gone` (all rejected).
    """

    outcome: Outcome
    place: Place | None
    reason: str = ""


@dataclass
class _Known:
    places: dict[str, Place]
    before: frozenset[str] = frozenset()
    claimed: set[str] = field(default_factory=set)
    by_name: dict[_Key, list[str]] = field(default_factory=lambda: defaultdict(list))
    renumbered: dict[str, str] = field(default_factory=dict)

    def town(self, code: str) -> str:
        return self.renumbered.get(code[:9], code[:9])


def merge_places(known: Iterable[Place], incoming: Sequence[Place]) -> list[Merged]:
    """Merge places into known ones; one outcome per incoming place, in order.

    Nothing is lost: an entry without position never takes one away, and one with a larger or
    unknown radius never replaces one whose radius is known.
    """
    book = _Known({_code(place): place for place in known})
    book.before = frozenset(book.places)
    for code, place in book.places.items():
        if place.kind in _RENAMED:
            book.by_name[_key(book, place)].append(code)
    for place in incoming:
        there = book.places.get(_code(place))
        if there is not None and there.kind == place.kind and _same_stem(there, place):
            book.claimed.add(_code(place))
    results: dict[int, Merged] = {}
    for kind in sorted({place.kind for place in incoming}, key=lambda kind: _ORDER.get(kind, 9)):
        here = [at for at, place in enumerate(incoming) if place.kind == kind]
        # All that is recognised first: a code is a renamed place only if nobody else means it.
        results |= {at: merged for at in here if (merged := _recognised(book, incoming[at]))}
        results |= {at: _other(book, incoming[at]) for at in here if at not in results}
    return [results[at] for at in range(len(incoming))]


def _code(place: Place) -> str:
    return cut_code(place.kind, place.code)


def _key(book: _Known, place: Place) -> _Key:
    above = _code(place)[:6] if place.kind == "town" else book.town(_code(place))
    return place.kind, above, division_stem(place.kind, place.name)


def _same_stem(one: Place, other: Place) -> bool:
    stem = division_stem(one.kind, one.name)
    return stem in {division_stem(one.kind, name) for name in (other.name, *other.aliases)} or (
        division_stem(other.kind, other.name)
        in {division_stem(one.kind, name) for name in one.aliases}
    )


def _recognised(book: _Known, place: Place) -> Merged | None:
    """Merge a place that is known by its code and name, or by its name inside its town."""
    there = book.places.get(_code(place))
    if there is not None and there.kind == place.kind:
        if place.kind not in CODE_DIGITS:
            return _combine(book, there, _moved(book, place))
        if place.kind not in _RENAMED or _same_stem(there, place):
            return _combine(book, there, place)
    named = _by_name(book, place)
    if len(named) > 1:
        return Merged("rejected", book.places[named[0]], "place_ambiguous")
    if not named:
        return None
    book.claimed.add(named[0])
    book.renumbered[_code(place)] = named[0]
    return _combine(book, book.places[named[0]], place, "code_differs")


def _other(book: _Known, place: Place) -> Merged:
    """A new place, a known code under a new name, or a code that is another place's."""
    code = _code(place)
    there = book.places.get(code)
    if there is None:
        if place.kind == "village" and book.town(code) != code[:9]:
            return Merged("rejected", book.places.get(book.town(code)), "town_code_gone")
        place = replace(_moved(book, place), code=code)
        book.places[code] = place
        return Merged("new", place)
    if there.kind != place.kind:
        return Merged("rejected", there, "code_of_other_place")
    if place.kind not in _RENAMED or _same_stem(there, place):  # twice in one file
        return _combine(book, there, _moved(book, place))
    stems = [division_stem(place.kind, each.name) for each in (place, there)]
    if code in book.claimed or not set(stems[0]) & set(stems[1]):
        return Merged("rejected", there, "code_of_other_place")
    book.claimed.add(code)
    return _combine(book, there, place, "place_renamed")


def _moved(book: _Known, place: Place) -> Place:
    """A road, door or point under its parent's present code."""
    if place.kind in CODE_DIGITS:
        return place
    parent = cut_parent(place.parent)
    return replace(place, parent=book.renumbered.get(parent, parent))


def _by_name(book: _Known, place: Place) -> list[str]:
    """Entries from before of this name in this town that no other incoming code means."""
    if place.kind not in _RENAMED:
        return []
    codes = [c for c in book.by_name.get(_key(book, place), ()) if c in book.before - book.claimed]
    exact = [c for c in codes if normalise(book.places[c].name) == normalise(place.name)]
    return exact or codes


def _combine(book: _Known, there: Place, place: Place, reason: str = "") -> Merged:
    names = {normalise(name) for name in (there.name, *there.aliases)}
    aliases = there.aliases
    for name in (place.name, *place.aliases) if place.kind in CODE_DIGITS else ():
        if normalise(name) not in names:
            names.add(normalise(name))
            aliases = (*aliases, name)
    merged = replace(there, aliases=aliases)
    if place.kind not in CODE_DIGITS:
        merged = replace(
            merged,
            name=place.name or there.name,
            parent=place.parent or there.parent,
            road=place.road or there.road,
            number=place.number or there.number,
        )
    if _is_better(place, there):
        at = (place.lon, place.lat, place.radius_m)
        if at != (there.lon, there.lat, there.radius_m):
            merged = replace(
                merged, lon=at[0], lat=at[1], radius_m=at[2], source=place.source, datum=place.datum
            )
    book.places[_code(there)] = merged
    return Merged("unchanged" if merged == there else "updated", merged, reason)


def _is_better(place: Place, there: Place) -> bool:
    """Whether the newcomer's position stands: there is one, and the known one is not surer."""
    if place.lon is None or place.lat is None:
        return False
    if there.lon is None or there.radius_m is None:
        return True
    return place.radius_m is not None and place.radius_m <= there.radius_m
