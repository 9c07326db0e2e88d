"""Rows in the many right forms with what they must become, and ten kinds of planted faults."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from random import Random
from typing import Any

from tests.oracles.intake_cells import (
    ANGLES,
    DATES,
    FULL_WIDTH,
    PAIRS,
    Parts,
    credit_code,
    degrees_of,
    excel_serial,
)

Row = dict[str, Any]

COLUMNS = (
    *("code", "name", "credit_code", "address", "town", "people", "phone", "stated_grade"),
    *("synthetic", "scale", "processes", "found_on", "x", "y", "lonlat"),
)
LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
GRADES = {
    "red": (
        "红",
        "重大",
        "重大风险",
        "Ⅰ级",
        "一级",
        "1",
        1,
        "A级",
        "red",
        "红(重大)",
        "Ⅰ级（红色）",
    ),
    "orange": ("橙", "较大风险", "Ⅱ级", "2", 2, "b", "Orange", "橙色/较大"),
    "yellow": ("黄色", "一般", "三级", "III", 3, "C", "黄（一般风险）"),
    "blue": ("蓝", "低", "较小", "Ⅳ级", "4级", 4, "D级", "低风险（蓝色）", "绿色", "绿"),
}
SCALES = {"large": ("大型", "大", "LARGE"), "medium": ("中型", "中"), "micro": ("微型", "micro")}


def _empty(rng: Random) -> Any:
    return rng.choice([None, "", " ", "/", "无", "—"])


def _number(rng: Random, value: int) -> Any:
    forms = [value, float(value), str(value), f"{value:,}", str(value).translate(FULL_WIDTH)]
    return rng.choice([*forms, f" {value} ", f"{value}人", f"{value}.0"])


def _code(rng: Random, value: str) -> str:
    spaced = f"{value[:6]} {value[6:12]} {value[12:]}"
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in value)
    return rng.choice([value, value.lower(), f" {value}", spaced, wide, f"{value[:8]}-{value[8:]}"])


def _position(rng: Random) -> tuple[Row, tuple[float, float] | None]:
    lon: Parts = (118, rng.randrange(30, 50), rng.randrange(6000) / 100)
    lat: Parts = (24, rng.randrange(36, 50), rng.randrange(6000) / 100)
    where = (degrees_of(lon), degrees_of(lat))
    kind = rng.random()
    if kind < 0.1:
        return {"x": _empty(rng), "y": _empty(rng), "lonlat": None}, None
    if kind < 0.5:
        pair = PAIRS[rng.choice(list(PAIRS))](lon, lat)[0]
        return {"x": None, "y": "", "lonlat": pair}, where
    if kind < 0.6:
        return {"x": round(where[0], 7), "y": round(where[1], 7), "lonlat": None}, where
    x, y = (ANGLES[rng.choice(list(ANGLES))](a, axis) for a, axis in ((lon, "x"), (lat, "y")))
    return {"x": x, "y": y, "lonlat": None}, where


def right_row(rng: Random, number: int) -> tuple[Row, Row]:
    """A row as a clerk may rightly write it, and the record that it is."""
    day = dt.date(2020, 1, 1) + dt.timedelta(days=rng.randrange(2500))
    people, grade = rng.randrange(5000), rng.choice(list(GRADES))
    scale, phone = rng.choice(list(SCALES)), f"0595{rng.randrange(10**8):08}"
    organisation = "MA" + "".join(rng.choices(LETTERS, k=6))
    licence = credit_code("9" + rng.choice("123"), "350581", organisation)
    date = excel_serial(day) if rng.random() < 0.05 else DATES[rng.choice(list(DATES))](day)
    known = [rng.random() < 0.85 for _ in range(4)]
    position, where = _position(rng)
    identity = rng.choice([f"QY{number:05}", f"{number:07}"])
    cells = {
        "code": identity + ".0" if identity.isdigit() and rng.random() < 0.1 else identity,
        "name": rng.choice(["", " "]) + f"石狮示例{number}号有限公司",
        "credit_code": _code(rng, licence) if known[0] else _empty(rng),
        "address": rng.choice([f"灵秀镇金曾路{number}号", None, ""]),
        "town": rng.choice(["350581100", 350581100, "350581100.0"]),
        "people": _number(rng, people) if known[1] else _empty(rng),
        "phone": phone,
        "stated_grade": rng.choice(GRADES[grade]) if known[2] else _empty(rng),
        "synthetic": rng.choice(["是", "√", 1, True, "Y", "yes"]),
        "scale": rng.choice(SCALES[scale]) if known[3] else _empty(rng),
        "processes": rng.choice(["染色、定型", "染色;定型", "染色，定型", "染色/定型；染色"]),
        "found_on": date,
        **position,
    }
    record = {
        "code": identity,
        "name": f"石狮示例{number}号有限公司",
        "credit_code": licence if known[0] else None,
        "town": "350581100",
        "people": people if known[1] else None,
        "phone": phone,
        "stated_grade": grade if known[2] else None,
        "synthetic": True,
        "scale": scale if known[3] else None,
        "processes": "染色;定型",
        "found_on": day.isoformat(),
        "where": where,
    }
    return cells, record


def _wrong_credit_code(rng: Random, row: Row) -> Row:
    good = credit_code("91", "350581", "MA" + "".join(rng.choices(LETTERS, k=6)))
    at = rng.randrange(18)
    return {"credit_code": good[:at] + rng.choice(LETTERS.replace(good[at], "")) + good[at + 1 :]}


def _impossible_coordinate(rng: Random, row: Row) -> Row:
    cell = rng.choice(["118°75′10″", "东经很远", "118.6.4.7.8", "NaN", "1e999", "W118.6E", "待测"])
    axis = rng.choice("xy")
    other = "y" if axis == "x" else "x"
    return {axis: cell, other: "24.7", "lonlat": None}


def _half_coordinate(rng: Random, row: Row) -> Row:
    return rng.choice([{"x": "118.64", "y": _empty(rng)}, {"x": _empty(rng), "y": "24°43′54″"}]) | {
        "lonlat": None
    }


FAULTS: dict[str, tuple[set[str], str, Callable[[Random, Row], Row]]] = {
    "wrong credit code": ({"credit_code"}, "value_invalid", _wrong_credit_code),
    "missing name": (
        {"name"},
        "required_missing",
        lambda rng, row: {"name": rng.choice([None, "", "  ", "　"])},
    ),
    "no such day": (
        {"found_on"},
        "value_invalid",
        lambda rng, row: {"found_on": rng.choice(["2026-02-30", "2026/13/1", "昨天", "20260230"])},
    ),
    "unknown choice": (
        {"scale"},
        "value_invalid",
        lambda rng, row: {"scale": rng.choice(["规上", "特大", "XL", "4", "大中型"])},
    ),
    "text for a number": (
        {"people"},
        "value_invalid",
        lambda rng, row: {"people": rng.choice(["约20", "十几人", "20-30", "3.5", "∞", "1e999"])},
    ),
    "out of range": (
        {"people"},
        "value_invalid",
        lambda rng, row: {"people": rng.choice([-1, "-5", 1_000_001, "99999999", 1e12])},
    ),
    "impossible coordinate": ({"x"}, "coordinate_invalid", _impossible_coordinate),
    "half coordinate": ({"x", "y"}, "coordinate_half", _half_coordinate),
    "scientific id": (
        {"code", "phone"},
        "id_scientific",
        lambda rng, row: {rng.choice(["code", "phone"]): rng.choice(["1.38E+10", "9E+17", 1.5e17])},
    ),
    "contradictory grade": (
        {"stated_grade"},
        "grade_contradiction",
        lambda rng, row: {"stated_grade": rng.choice(["红(一般)", "Ⅰ级/橙", "蓝色重大", "2级 红"])},
    ),
}
