"""Splitting one address into its parts by its own suffix words, without any gazetteer."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .names import PROVINCES, division_forms
from .normalisation import chinese_number, normalise

SEPARATORS = " ,，、;；:：。.()[]【】〔〕/|\\-_·"
_HAN = r"[\u4e00-\u9fff]"
_COUNT = r"(?:\d{1,5}|[零一二三四五六七八九十百千两]{1,7})"
ROAD = re.compile(rf"{_HAN}{{1,8}}?(?:大道|路(?!口)|街(?!道)|巷|弄)")
_NUMBER = re.compile(
    rf"(?:(?:[东西南北中]段|段)?)({_COUNT})(?:[-#]({_COUNT}))?"
    rf"(?:号(?!楼|院|地块|厂房)(?:[-之附]?({_COUNT})(?!楼|层|室|栋|幢|单元|车间|\d)号?)?"
    rf"|之({_COUNT})号?)"
)
_BARE_NUMBER = re.compile(
    r"(?:[东西南北中]段)?(\d{1,4})(?:-(\d{1,3}))?(?![\d米公里栋幢楼层室单元弄巷#])"
)
_PARTS = tuple(
    (part, re.compile(rf"{_HAN}{{{fewest},{most}}}?(?:{suffixes})"))
    for part, fewest, most, suffixes in (
        ("city", 2, 6, "市(?!场|政|民)|自治州|地区|盟"),
        ("county", 1, 6, "市(?!场|政|民)|县(?!城|道)|(?<![小社园新业发])区|旗"),
        ("town", 1, 10, "街道办事处|街道|镇(?![中东西南北]?路)|乡(?!镇)|开发区"),
        ("community", 1, 10, "村民委员会|村委会|村|社区居民委员会|社区居委会|社区|居委会"),
        ("road", 1, 8, "大道|路(?!口)|街(?!道)|巷|弄"),
    )
)
_MUNICIPALITIES = ("北京市", "天津市", "上海市", "重庆市")


@dataclass(frozen=True)
class ParsedAddress:
    """The parts of an address as written (after `normalise`), empty where absent.

    `number` is canonical (`128`, `128-1`); `place` is the rest up to the first separator,
    `remainder` what follows it.
    """

    province: str = ""
    city: str = ""
    county: str = ""
    town: str = ""
    community: str = ""
    road: str = ""
    number: str = ""
    place: str = ""
    remainder: str = ""


def parse_address(text: str) -> ParsedAddress:
    """Split an address by its suffix words; nothing is looked up.

    A lone 市 counts as the city, because only a gazetteer knows which ones are counties.
    """
    rest = normalise(text).lstrip(SEPARATORS)
    found: dict[str, str] = {}
    found["province"], rest = _leading_province(rest)
    for part, pattern in _PARTS:
        match = pattern.match(rest)
        if found.get(part) or match is None:
            continue
        found[part] = match[0]
        rest = rest[match.end() :].lstrip(SEPARATORS)
    number, used = read_number(rest, bare=bool(found.get("road")))
    rest = rest[used:].lstrip(SEPARATORS)
    cut = next((i for i, c in enumerate(rest) if c in SEPARATORS), len(rest))
    place, remainder = rest[:cut], rest[cut:].strip(SEPARATORS)
    return ParsedAddress(**found, number=number, place=place, remainder=remainder)


def _leading_province(text: str) -> tuple[str, str]:
    for name in PROVINCES.values():
        for form in division_forms(name):
            if text.startswith(form) and name not in _MUNICIPALITIES:
                if form != name and text[len(form) : len(form) + 1] in ("路", "街", "大"):
                    continue
                return form, text[len(form) :].lstrip(SEPARATORS)
    return "", text


def read_number(text: str, *, bare: bool = False) -> tuple[str, int]:
    """The canonical house number at the start of `text` and the characters used, or ("", 0).

    128号, 128-1号, 128号之一, 128号附1 and 一百二十八号; with `bare` also 128 alone.
    """
    match = _NUMBER.match(text)
    if match is not None:
        sub = match[2] or match[3] or match[4]
    elif bare and (match := _BARE_NUMBER.match(text)) is not None:
        sub = match[2]
    else:
        return "", 0
    number = chinese_number(match[1])
    extra = chinese_number(sub) if sub else None
    if number is None or (sub and extra is None):
        return "", 0
    return (f"{number}-{extra}" if sub else str(number)), match.end()


def canonical_number(text: str) -> str:
    """A register's number in the same form: `128号` and `１２８` are `128`."""
    plain = normalise(text)
    number, used = read_number(plain, bare=True)
    return number if number and used == len(plain) else plain.removesuffix("号")
