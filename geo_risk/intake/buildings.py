"""Which building an address names, as far as its text tells: to compare, not to place."""

from __future__ import annotations

import re

from geo_risk.geocoding import normalise, parse_address
from geo_risk.geocoding.address import SEPARATORS

_HOUSE = re.compile(r"(.{2,}?(?:批发城|服装城|商城|城|市场|广场|大厦|商场|商厦|大楼|商业中心))(.*)")
_UNIT = re.compile(
    r"(?:第?[\dA-Z零一二三四五六七八九十-]*(?:区|栋|幢|座|楼|层|室|铺|店面|店|摊位|摊|单元|号)?)*$"
)
_COMMUNITY_END = re.compile(r"^(?:社区居民委员会|社区居委会|社区|居委会)(?=.{2})")


def hall(address: str) -> str:
    """The market hall or tower that an address names, without its number; empty for none.

    One tenant writes 塔前村和月街19号轻纺市场3号店面, another 塔前村轻纺市场5号店面.
    """
    parts = parse_address(normalise(address).strip(SEPARATORS))
    house = _HOUSE.match(parts.place)
    return f"{parts.community}|{house[1]}" if house and _UNIT.match(house[2]) else ""


def building(address: str) -> str:
    """A key that is equal for addresses in one building, empty for an empty address.

    Road and main number where there are both (128-1号 and 128号3楼 are one building); a market
    hall or tower without its stall, floor or room; else the whole text in one spelling.
    """
    text = normalise(address).strip(SEPARATORS)
    if not text:
        return ""
    parts = parse_address(text)
    if parts.road and parts.number:
        road = _COMMUNITY_END.sub("", parts.road)  # of 东村社区汇帆街 the parser takes 东村 alone
        return f"{road}|{parts.number.split('-')[0]}"
    place = parts.place if not parts.number else f"{parts.number}号{parts.place}"
    house = _HOUSE.match(parts.place)
    if house and _UNIT.match(house[2]):
        return f"{parts.community}|{parts.road}|{house[1]}"
    return f"{parts.community}|{parts.road}|{place or text}"
