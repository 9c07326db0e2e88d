"""The other way round: from a value to the many right ways of writing it, each one plain line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

Parts = tuple[int, int, float]
FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")


def degrees_of(angle: Parts) -> float:
    degrees, minutes, seconds = angle
    return degrees + minutes / 60 + seconds / 3600


def decimal(angle: Parts) -> str:
    return f"{degrees_of(angle):.9f}"


def sexagesimal(angle: Parts, degree: str, minute: str, second: str) -> str:
    return f"{angle[0]}{degree}{angle[1]:02}{minute}{angle[2]:05.2f}{second}"


def _side(axis: str) -> tuple[str, str, str]:
    return ("东经", "E", "经度") if axis == "x" else ("北纬", "N", "纬度")


ANGLES: dict[str, Callable[[Parts, str], str]] = {
    "decimal": lambda a, _: decimal(a),
    "full width": lambda a, _: decimal(a).translate(FULL_WIDTH),
    "spaces": lambda a, _: f"  {decimal(a)} ",
    "decimal comma": lambda a, _: decimal(a).replace(".", ","),
    "degree sign": lambda a, _: decimal(a) + "°",
    "in words": lambda a, axis: _side(axis)[0] + decimal(a) + "度",
    "in words, colon": lambda a, axis: _side(axis)[0] + "：" + decimal(a),
    "letter before": lambda a, axis: _side(axis)[1] + decimal(a),
    "letter behind": lambda a, axis: decimal(a) + "°" + _side(axis)[1],
    "named": lambda a, axis: _side(axis)[2] + ":" + decimal(a),
    "primes": lambda a, _: sexagesimal(a, "°", "′", "″"),
    "quotes": lambda a, axis: sexagesimal(a, "°", "'", '"') + _side(axis)[1],
    "two single quotes": lambda a, _: sexagesimal(a, "°", "'", "''"),
    "curly quotes": lambda a, _: sexagesimal(a, "°", "’", "”"),
    "other degree sign": lambda a, _: sexagesimal(a, "º", "´", "″"),
    "no last mark": lambda a, _: sexagesimal(a, "°", "′", ""),
    "Chinese": lambda a, axis: _side(axis)[0] + sexagesimal(a, "度", "分", "秒"),
    "spaced": lambda a, axis: sexagesimal(a, "° ", "′ ", "″ ") + _side(axis)[1],
    "colons": lambda a, _: sexagesimal(a, ":", ":", ""),
    "blanks": lambda a, _: sexagesimal(a, " ", " ", ""),
    "hyphens": lambda a, _: sexagesimal(a, "-", "-", ""),
    "points": lambda a, _: sexagesimal(a, ".", ".", ""),
    "decimal minutes": lambda a, _: f"{a[0]}°{a[1] + a[2] / 60:.7f}′",
}


def _both(form: str, sep: str) -> Callable[[Parts, Parts], tuple[str, bool]]:
    return lambda lon, lat: (ANGLES[form](lon, "x") + sep + ANGLES[form](lat, "y"), False)


PAIRS: dict[str, Callable[[Parts, Parts], tuple[str, bool]]] = {
    **{
        f"decimal{sep!r}": _both("decimal", sep)
        for sep in (",", ", ", "，", " ", ";", "/", "、", "\n")
    },
    **{f"primes{sep!r}": _both("primes", sep) for sep in (",", "，", " ", ";", "；", "/")},
    **{f"Chinese{sep!r}": _both("Chinese", sep) for sep in (",", "，", "", " ", "；")},
    **{f"quotes{sep!r}": _both("quotes", sep) for sep in (",", " ", "")},
    **{f"letter{sep!r}": _both("letter before", sep) for sep in (",", " ", "")},
    "spaced": _both("spaced", ", "),
    "decimal comma": _both("decimal comma", " "),
    "blanks": _both("blanks", " "),
    "named": _both("named", ","),
    "full width": _both("full width", "，"),
    "latitude first": lambda lon, lat: (f"{decimal(lat)},{decimal(lon)}", True),
    "latitude first, primes": lambda lon, lat: (
        sexagesimal(lat, "°", "′", "″") + "," + sexagesimal(lon, "°", "′", "″"),
        True,
    ),
    "latitude first, said": lambda lon, lat: (f"北纬{decimal(lat)}，东经{decimal(lon)}", False),
    "letters, latitude first": lambda lon, lat: (f"N{decimal(lat)} E{decimal(lon)}", False),
    "point": lambda lon, lat: (f"POINT({decimal(lon)} {decimal(lat)})", False),
    "point z": lambda lon, lat: (f"Point Z ({decimal(lon)} {decimal(lat)} 12.5)", False),
    "object": lambda lon, lat: (f'{{"lng":{decimal(lon)},"lat":{decimal(lat)}}}', False),
    "object, latitude first": lambda lon, lat: (
        f'{{"lat": "{decimal(lat)}", "lon": "{decimal(lon)}"}}',
        False,
    ),
    "geojson": lambda lon, lat: (
        f'{{"type":"Point","coordinates":[{decimal(lon)}, {decimal(lat)}]}}',
        False,
    ),
    "query": lambda lon, lat: (f"lat={decimal(lat)}&lng={decimal(lon)}", False),
    "brackets": lambda lon, lat: (f"({decimal(lon)}, {decimal(lat)})", False),
    "list": lambda lon, lat: (f"[{decimal(lon)},{decimal(lat)}]", False),
}

DATES: dict[str, Callable[[dt.date], object]] = {
    "iso": lambda d: d.isoformat(),
    "slashes": lambda d: f"{d.year}/{d.month}/{d.day}",
    "points": lambda d: f"{d.year}.{d.month}.{d.day}",
    "Chinese": lambda d: f"{d.year}年{d.month}月{d.day}日",
    "Chinese, spaced": lambda d: f"{d.year} 年 {d.month:02} 月 {d.day:02} 日",
    "eight digits": lambda d: f"{d.year}{d.month:02}{d.day:02}",
    "eight digits as a number": lambda d: int(f"{d.year}{d.month:02}{d.day:02}"),
    "full width": lambda d: d.isoformat().translate(FULL_WIDTH),
    "with a time": lambda d: f"{d.isoformat()} 08:30:00",
    "midnight": lambda d: f"{d.isoformat()}T00:00:00",
    "with a zone": lambda d: f"{d.isoformat()}T08:30:00.5+08:00",
    "short time": lambda d: f"{d.year}/{d.month}/{d.day} 8:30",
    "Chinese time": lambda d: f"{d.year}年{d.month}月{d.day}日 8时30分",
    "weekday": lambda d: f"{d.isoformat()} 星期{'一二三四五六日'[d.weekday()]}",
    "English": lambda d: f"{d.day} {d:%b} {d.year}",
    "American": lambda d: f"{d:%B} {d.day}, {d.year}",
    "hyphens, English": lambda d: f"{d.day:02}-{d:%b}-{d.year}",
}


def excel_serial(day: dt.date) -> int:
    return (day - dt.date(1899, 12, 30)).days


def credit_check(body: str) -> str:
    """GB 32100-2015: 31 minus the weighted sum modulo 31, the weights being powers of 3."""
    alphabet = [c for c in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" if c not in "IOSVZ"]
    weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
    total = 0
    for character, weight in zip(body, weights, strict=True):
        total += alphabet.index(character) * weight
    rest = 31 - total % 31
    return alphabet[0 if rest == 31 else rest]


def organisation_check(body: str) -> str:
    """GB 11714-1997: 11 minus the weighted sum modulo 11; 10 is X, 11 is 0."""
    values = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    weights = [3, 7, 9, 10, 5, 8, 4, 2]
    total = sum(values.index(c) * weight for c, weight in zip(body, weights, strict=True))
    rest = 11 - total % 11
    return "X" if rest == 10 else "0" if rest == 11 else str(rest)


def credit_code(office: str, district: str, organisation: str) -> str:
    """A right code from its office and kind (2), district (6) and organisation body (8)."""
    body = office + district + organisation + organisation_check(organisation)
    return body + credit_check(body)
