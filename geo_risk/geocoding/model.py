"""What goes into the geocoder and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from geo_risk.vocabulary import MatchLevel

Kind = Literal["province", "city", "county", "town", "village", "road", "door", "poi"]

CODE_DIGITS: dict[str, int] = {"province": 2, "city": 4, "county": 6, "town": 9, "village": 12}


@dataclass(frozen=True)
class Place:
    """One entry of the gazetteer; positions are WGS84 degrees.

    `code` is the division code (longer ones are cut: a town has 9 digits, a village 12), or any
    unique text for roads and doors. `parent` is the code of the parent; for a road or a door
    that is its village or, when unknown, its town; for a point of interest also its county.
    `aliases` are other names of a division, `level` how a point of interest was itself placed;
    `source` and `datum` say where the position comes from and play no part in matching.
    """

    code: str
    name: str
    kind: Kind
    parent: str = ""
    lon: float | None = None
    lat: float | None = None
    radius_m: float | None = None
    road: str = ""
    number: str = ""
    aliases: tuple[str, ...] = ()
    level: str = MatchLevel.POINT
    source: str = ""
    datum: str = ""


@dataclass(frozen=True)
class Candidate:
    """A place the address may mean, for the person who reviews it."""

    code: str
    name: str
    level: MatchLevel
    lon: float | None
    lat: float | None
    uncertainty_m: float | None


@dataclass(frozen=True)
class Match:
    """Where an address lies and why; `lon` and `lat` are None when it was not placed.

    `uncertainty_m` is the radius around the position inside which the true place is expected;
    `score` (0 to 1) orders the review list; `reasons` are keys of `REASONS`.
    """

    lon: float | None
    lat: float | None
    level: MatchLevel
    uncertainty_m: float | None
    score: float
    town: str | None
    village: str | None
    reasons: tuple[str, ...]
    alternatives: tuple[Candidate, ...] = ()


def cut_code(kind: str, code: str) -> str:
    """A division code with the digits of its kind: 350581106000 is the town 350581106."""
    return code.strip()[: CODE_DIGITS[kind]] if kind in CODE_DIGITS else code.strip()


def cut_parent(code: str) -> str:
    """The parent of a road or door: a village's 12 digits, or a town's 9 when padded with 000."""
    code = code.strip()
    return code[:9] if len(code) == 12 and code.endswith("000") else code
