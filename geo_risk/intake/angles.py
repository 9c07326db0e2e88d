"""Longitude and latitude as clerks write them: one in a cell, or both in one cell."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from .texts import as_text, is_blank, is_number, to_float

_LONGEST = 200
_MARKS = str.maketrans(
    {
        **dict.fromkeys("º˚⁰度", "°"),
        **dict.fromkeys("分′’‘`´ʹ", "'"),
        **dict.fromkeys("秒″”“〞ʺ", '"'),
        **dict.fromkeys("−–—", "-"),
    }
)
_AXES = {
    **dict.fromkeys(("东经", "东", "e"), ("x", 1)),
    **dict.fromkeys(("西经", "西", "w"), ("x", -1)),
    **dict.fromkeys(("北纬", "北", "n"), ("y", 1)),
    **dict.fromkeys(("南纬", "南", "s"), ("y", -1)),
    **dict.fromkeys(("longitude", "long", "lng", "lon", "x"), ("x", 0)),
    **dict.fromkeys(("latitude", "lat", "y"), ("y", 0)),
}
_WORD = "|".join(sorted(_AXES, key=len, reverse=True))
_DIRECTED = re.compile(
    rf"((?:(?:{_WORD})\s*[:=]?\s*){{0,2}})([-+]?[0-9.][^a-z]*?)\s*({_WORD})?", re.I
)
_WORDS = re.compile(_WORD, re.I)
_MARKED = re.compile(
    r"([0-9]{1,3}(?:\.[0-9]+)?) ?°"
    r"(?: ?([0-9]{1,2}(?:\.[0-9]+)?)(?: ?' ?(?:([0-9]{1,2}(?:\.[0-9]+)?) ?\"?)?)?)?"
)
_PARTED = re.compile(r"([0-9]{1,3})([-: .])([0-9]{1,2})\2([0-9]{1,2}(?:\.[0-9]+)?)")
_TWO_PARTS = re.compile(r"([0-9]{1,3})[: ]([0-9]{1,2}(?:\.[0-9]+)?)")
_COMMA = re.compile(r"([+-]?[0-9]{1,3}),([0-9]+)")
_POINT = re.compile(
    r"point *(?:z|m|zm)? *\( *([-+.0-9e]+) +([-+.0-9e]+)(?: +[-+.0-9e]+){0,2} *\)", re.I
)
_GEOJSON = re.compile(r"\{.*coordinates: ?\[ ?([-+.0-9e]+) ?, ?([-+.0-9e]+)[^\[]*", re.I)
_SPLITS = (
    re.compile(r" *[;|/、&] *"),
    re.compile(r" *, *"),
    re.compile(r"(?<=[0-9°'\"ewns]) *(?=[东西]经|[南北]纬|lng|lat)", re.I),
    re.compile(r"(?<=[0-9°'\"]) *(?=[ewns] ?[0-9])", re.I),
    re.compile(r"(?<=[0-9°'\"][ewns]) *(?=[0-9])", re.I),
)
_CHINA_LON, _CHINA_LAT = (73.0, 136.0), (3.0, 55.0)


class Angle(NamedTuple):
    """A number and the axis it says it is on: `x`, `y` or empty."""

    value: float
    axis: str


class Pair(NamedTuple):
    """Both ordinates of one cell; `mended` says that latitude came first without a word."""

    x: float
    y: float
    mended: bool


def normal(cell: object) -> str:
    """A cell in normal width with one kind of degree, minute and second mark."""
    text = as_text(cell).replace("经度", "lng").replace("纬度", "lat")
    text = unicodedata.normalize("NFKC", text.translate(_MARKS)).translate(_MARKS)
    return " ".join(text.replace("''", '"').split()) if len(text) <= _LONGEST else ""


def _decimal(text: str) -> float | None:
    """A plain number; `118,6478` has a decimal comma, `118,647` may be metres and is refused."""
    comma = _COMMA.fullmatch(text)
    if comma is None:
        return to_float(text)
    thousands = len(comma[2]) == 3 and len(comma[1].lstrip("+-")) == 3
    return None if thousands else float(f"{comma[1]}.{comma[2]}")


def _sexagesimal(text: str) -> float | None:
    if "°" in text or "'" in text:
        text = re.sub(r"(?<=[0-9]),(?=[0-9])", ".", text)
    text = re.sub(r" ?: ?", ":", text)
    found = _MARKED.fullmatch(text)
    parts: tuple[str | None, ...]
    if found:
        parts = found.groups()
    elif found := _PARTED.fullmatch(text):
        parts = (found[1], found[3], found[4])
    elif found := _TWO_PARTS.fullmatch(text):
        parts = (found[1], found[2], None)
    else:
        return None
    given = [part for part in parts if part is not None]
    if any("." in part for part in given[:-1]):
        return None
    degrees, minutes, seconds = (float(part or 0) for part in parts)
    if minutes >= 60 or seconds >= 60:
        return None
    value = degrees + minutes / 60 + seconds / 3600
    return value if value <= 180 else None


def parse_angle(text: str) -> Angle | None:
    """One ordinate of normal text, with its sign and what it says of its axis."""
    value = _decimal(text)
    if value is not None:
        return Angle(value, "")
    found = _DIRECTED.fullmatch(text)
    if found is None:
        return None
    says = [_AXES[word.casefold()] for word in _WORDS.findall(f"{found[1]} {found[3] or ''}")]
    axes = {axis for axis, _ in says}
    signs = {sign for _, sign in says if sign}
    body = found[2].strip()
    bare = body.lstrip("+-").strip()
    value = _decimal(bare)
    if value is None:
        value = _sexagesimal(bare)
    negative = body.startswith("-")
    if value is None or len(axes) > 1 or len(signs) > 1 or (negative and signs):
        return None
    if says and abs(value) > 180 and signs:
        return None
    sign = -1.0 if negative or -1 in signs else 1.0
    return Angle(sign * value, "".join(axes))


def read_ordinate(cell: object) -> float | None:
    """The number of an x or y cell, NaN when empty, None when it cannot be read."""
    if cell is None or cell == "":
        return math.nan
    if isinstance(cell, bool):
        return None
    if isinstance(cell, float):
        return float(cell) if math.isfinite(cell) else None
    if isinstance(cell, str) and cell.isascii() and is_number(cell):
        value = float(cell)
        return value if math.isfinite(value) else None
    text = normal(cell)
    if is_blank(text):
        return math.nan if len(as_text(cell)) <= _LONGEST else None
    angle = parse_angle(text)
    return None if angle is None else angle.value


def _halves(text: str) -> Iterator[tuple[str, str]]:
    """Every way in which the text falls into two."""
    for split in _SPLITS:
        parts = split.split(text)
        if len(parts) == 2:
            yield parts[0], parts[1]
    words = text.split(" ")
    if len(words) % 2 == 0 and len(words) <= 8:
        middle = len(words) // 2
        yield " ".join(words[:middle]), " ".join(words[middle:])


def _within(value: float, span: tuple[float, float]) -> bool:
    return span[0] <= value <= span[1]


def _ordered(first: Angle, second: Angle) -> Pair | None:
    """Two ordinates as x and y: by what they say, else by range where only one order can be."""
    a, b = first.value, second.value
    degrees = [abs(value) <= 180 for value in (a, b)]
    if degrees[0] != degrees[1] or (first.axis and first.axis == second.axis):
        return None
    if first.axis or second.axis:
        swapped = first.axis == "y" or second.axis == "x"
        return Pair(b, a, False) if swapped else Pair(a, b, False)
    in_china = _within(a, _CHINA_LAT) and _within(b, _CHINA_LON)
    if all(degrees) and (in_china or abs(b) > 90 >= abs(a)):
        return Pair(b, a, True)
    return Pair(a, b, False)


def read_pair(cell: object) -> Pair | None:
    """Longitude and latitude of one cell; None when they cannot be read.

    Takes two ordinates in any form of `read_ordinate`, parted by a comma, semicolon, slash or
    space; `POINT(118.64 24.73)`; `{"lng": 118.64, "lat": 24.73}`; a GeoJSON point. Longitude
    comes first unless the cell says otherwise or only the other order can lie on the earth (a
    latitude of China, 3 to 55, before a longitude of China, 73 to 136).
    """
    text = normal(cell)
    point = _POINT.fullmatch(text)
    if point is None and text[:1] == "{":
        text = text.replace('"', "").replace("'", "")
        point = _GEOJSON.fullmatch(text)
    if point:
        x, y = to_float(point[1]), to_float(point[2])
        return None if x is None or y is None else _ordered(Angle(x, ""), Angle(y, ""))
    text = text.strip("{}[]() ,;")
    for left, right in _halves(text):
        first, second = parse_angle(left), parse_angle(right)
        if first is not None and second is not None:
            pair = _ordered(first, second)
            if pair is not None:
                return pair
    return None
