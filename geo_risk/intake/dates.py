"""A cell with a day: the forms that are certain, and the sentence for each that is not."""

from __future__ import annotations

import datetime as dt
import re

from geo_risk.errors import Text

from .faults import Fault, Noted, invalid, shown
from .texts import is_blank, plain, to_float

_YEARS = range(1900, 2200)
_FIRST_SERIAL, _LAST_SERIAL = 40_000, 60_000
_SERIAL_ZERO = dt.date(1899, 12, 30)
_FIX = Text("请写作 2026-03-05", "Write it as 2026-03-05")

_TIME = (
    r"(?:(?:T|\s*)(?:上午|下午)?\s*\d{1,2}(?:[:时点]\d{1,2}(?:[:分](?:\d{1,2}(?:\.\d+)?秒?)?)?|时|点)分?"
    r"\s*(?:am|pm)?(?:Z|[+-]\d{2}:?\d{2})?)?"
)
_WEEKDAY = r"(?:\s*\(?(?:星期|周)[一二三四五六日天]\)?)?"
_YEAR_FIRST = re.compile(
    rf"(\d{{4}})\s*[-/.年]\s*(\d{{1,2}})\s*[-/.月]\s*(\d{{1,2}})\s*[日号]?{_WEEKDAY}{_TIME}", re.I
)
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0+)?")
_YEAR_LAST = re.compile(rf"(\d{{1,2}})\s*[-/.]\s*(\d{{1,2}})\s*[-/.]\s*(\d{{4}}){_TIME}", re.I)
_SHORT_YEAR = re.compile(r"\d{1,2}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}日?")
_NO_DAY = re.compile(r"\d{4}\s*(?:年|[-/.年]\s*\d{1,2}\s*月?(?:份)?)?|\d{6}(?:\.0+)?")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DAY_MONTH = re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th)?[\s-]*{_MONTH}\.?,?[\s-]*(\d{{4}})", re.I)
_MONTH_DAY = re.compile(rf"{_MONTH}\.?\s*(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})", re.I)


def _in_order(text: str) -> tuple[int, int, int] | None:
    """Year, month and day of a form whose order is certain."""
    found = _YEAR_FIRST.fullmatch(text) or _DIGITS.fullmatch(text)
    if found:
        year, month, day = map(int, found.groups())
        return year, month, day
    found = _DAY_MONTH.fullmatch(text)
    if found:
        return int(found[3]), _month(found[2]), int(found[1])
    found = _MONTH_DAY.fullmatch(text)
    if found:
        return int(found[3]), _month(found[1]), int(found[2])
    found = _YEAR_LAST.fullmatch(text)
    if found and int(found[1]) > 12:
        return int(found[3]), int(found[2]), int(found[1])
    return None


def _month(word: str) -> int:
    return _MONTHS.index(word[:3].casefold()) + 1


def _serial(text: str) -> Noted | None:
    """A day as Excel counts them, with a note: the cell had lost its date format."""
    number = to_float(text) if 5 <= len(text) <= 20 and text[0].isdigit() else None
    if number is None or not _FIRST_SERIAL <= number < _LAST_SERIAL:
        return None
    day = (_SERIAL_ZERO + dt.timedelta(days=int(number))).isoformat()
    return Noted(
        day,
        "date_from_serial",
        Text(
            f"“{text}”是 Excel 的日期序号，已读作 {day}",
            f"“{text}” is a day as Excel counts them, read as {day}",
        ),
        Text("请核对；可把该列设为日期格式", "Check it; give the column a date format"),
    )


def _uncertain(text: str) -> Fault | None:
    """The fault of a date that is there but says too little."""
    if _YEAR_LAST.fullmatch(text) or _SHORT_YEAR.fullmatch(text):
        return Fault(
            "date_ambiguous",
            Text(
                f"“{shown(text)}”分不清年、月、日的先后",
                f"“{shown(text)}” does not say which is the year, the month and the day",
            ),
            Text("请写四位年份在前，如 2026-03-05", "Write the year first, such as 2026-03-05"),
        )
    if _NO_DAY.fullmatch(text):
        return Fault(
            "date_incomplete",
            Text(f"“{shown(text)}”没有写到日", f"“{shown(text)}” lacks the day"),
            Text("请补上日，如 2026-03-05", "Add the day, such as 2026-03-05"),
        )
    return None


def read_date(cell: object) -> object:
    """A day as ISO text, a `Noted` one from a serial number, or a `Fault`; None when empty."""
    text = plain(cell)
    if is_blank(text):
        return None
    if len(text) <= 60 and not isinstance(cell, bool):
        parts = _in_order(text)
        if parts is not None and parts[0] in _YEARS:
            try:
                return dt.date(*parts).isoformat()
            except ValueError:
                pass
        elif parts is None:
            odd = _serial(text) or _uncertain(text)
            if odd is not None:
                return odd
    return invalid(cell, "不是日期", "is not a date", _FIX["zh"], _FIX["en"])
