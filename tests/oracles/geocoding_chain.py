"""A geocoder by brute force: write out every address there can be and see which one was meant.

It knows no parsing: every village is spelled in every chain, every door behind every village;
the longest spelling that begins the address wins.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

PREFIXES = ("福建省泉州市石狮市", "福建省石狮市", "泉州市石狮市", "石狮市", "")


@dataclass(frozen=True)
class Village:
    code: str
    stem: str
    town: str
    community: bool
    lon: float | None = None
    lat: float | None = None

    def spellings(self) -> list[str]:
        if self.community:
            return [self.stem + "社区", self.stem + "社区居委会", self.stem + "居委会"]
        return [self.stem + "村", self.stem + "村委会", self.stem + "村民委员会"]


@dataclass(frozen=True)
class Door:
    village: Village
    road: str
    number: int
    lon: float
    lat: float


@dataclass(frozen=True)
class Answer:
    level: str
    village: str | None
    lon: float | None = None
    lat: float | None = None


def geocode(address: str, villages: list[Village], doors: list[Door]) -> Answer:
    """`level` is door, village (anything between: road, village) or none (for review)."""
    written: dict[str, set[Village]] = {}
    for village, prefix in product(villages, PREFIXES):
        for town, name in product((village.town, ""), village.spellings()):
            written.setdefault(prefix + town + name, set()).add(village)
    heads = [head for head in written if address.startswith(head)]
    if not heads:
        return Answer("none", None)
    head = max(heads, key=len)
    meant = written[head]
    if len(meant) > 1:
        return Answer("none", None)
    (village,) = meant
    rest = address[len(head) :]
    for door in doors:
        if door.village == village and rest.startswith(f"{door.road}{door.number}号"):
            return Answer("door", village.code, door.lon, door.lat)
    known = village.lon is not None or any(door.village == village for door in doors)
    return Answer("village" if known else "none", village.code)
