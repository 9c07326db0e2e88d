"""A cell with an interval as registers write it, read as days: 每季度, 3个月, 1次/周, `monthly`.

A month counts 30 days, a quarter 90, half a year 180, a year 365. What is not certain is left out
with a note and does not cost the row: see docs/methods/intake-cells.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

from geo_risk.catalogue import FieldSpec
from geo_risk.errors import Text
from geo_risk.geocoding.normalisation import chinese_number

from .faults import Fault, Noted, shown
from .texts import is_blank, plain, to_float

_HALF = Fraction(1, 2)
_UNITS: dict[str, Fraction] = {
    word: days
    for words, days in (
        ("小时", Fraction(1, 24)),
        ("天 日", Fraction(1)),
        ("周 星期 礼拜 周度", Fraction(7)),
        ("旬", Fraction(10)),
        ("月 月度", Fraction(30)),
        ("季度 季", Fraction(90)),
        ("年 年度", Fraction(365)),
    )
    for word in words.split()
}
_WHOLE: dict[str, Fraction] = {
    word: days
    for words, days in (
        ("半天 半日", _HALF),
        ("班 班次 工作日", Fraction(1)),
        ("隔天 隔日", Fraction(2)),
        ("双周 隔周", Fraction(14)),
        ("半月 半个月", Fraction(15)),
        ("隔月", Fraction(60)),
        ("半年 半年度", Fraction(180)),
    )
    for word in words.split()
}
"""Units that take no number before them: 一个半月 is no half month."""
_ENGLISH_UNITS: dict[str, Fraction] = {
    word: days
    for words, days in (
        ("hour hours", Fraction(1, 24)),
        ("shift shifts day days d", Fraction(1)),
        ("week weeks wk wks w", Fraction(7)),
        ("fortnight fortnights", Fraction(14)),
        ("month months", Fraction(30)),
        ("quarter quarters", Fraction(90)),
        ("year years yr yrs", Fraction(365)),
    )
    for word in words.split()
}
_ADVERBS: dict[str, int] = {
    **{"daily": 1, "weekly": 7, "fortnightly": 14, "monthly": 30, "quarterly": 90},
    **dict.fromkeys(("half-yearly", "half yearly", "semiannual", "semi-annual"), 180),
    **dict.fromkeys(("semiannually", "semi-annually"), 180),
    **dict.fromkeys(("yearly", "annual", "annually"), 365),
}
"""Not `biweekly`, `bimonthly` and `biannual`: each has two meanings."""
_ENGLISH_COUNTS: dict[str, Fraction] = {
    **{"": Fraction(1), "other": Fraction(2)},
    **{"half": _HALF, "half a": _HALF, "once": Fraction(1), "twice": Fraction(2)},
    **{"one": Fraction(1), "two": Fraction(2), "three": Fraction(3)},
    **{"four": Fraction(4), "five": Fraction(5), "six": Fraction(6)},
}
_MONTH_OR_QUARTER = ("月", "季", "季度")
"""With a bare number before them they name one: 3月 is March, 2季度 the second quarter."""


def _either(words: dict[str, Fraction]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_NUMBER = r"(?:[0-9]{1,4}|[一二两三四五六七八九十百]{1,6})"
_PERIOD = (
    rf"(?P<each>[每逐按])?(?:(?P<count>{_NUMBER})?(?P<piece>个)?(?P<unit>{_either(_UNITS)})"
    rf"|个?(?P<whole>{_either(_WHOLE)}))"
)
_TIMES = rf"(?:至少|不少于|最少|不低于)?(?P<times>{_NUMBER})?次"
_CHINESE = (
    re.compile(rf"{_PERIOD}(?:检查|巡查|排查|巡检|检|查)?(?P<often>/?{_TIMES})?"),
    re.compile(rf"(?P<often>{_TIMES})/{_PERIOD}"),
)
_ENGLISH = re.compile(
    r"(?:(?P<times>once|twice|(?:[0-9]{1,3}|one|two|three|four|five|six)(?: times?|x)) ?"
    r"(?:a|an|per|every|each|in|/) ?)?(?:every |each |per )?"
    r"(?P<count>[0-9]{1,4}|one|two|three|four|five|six|half a|half|other)? ?"
    rf"(?P<unit>{_either(_ENGLISH_UNITS)})"
)


def _chinese_days(text: str) -> Fraction | None:
    text = text.replace(" ", "")
    found = next((match for form in _CHINESE if (match := form.fullmatch(text))), None)
    if found is None:
        return None
    count, times = (chinese_number(found[part] or "1") for part in ("count", "times"))
    if not count or not times:
        return None
    if found["whole"]:
        return _WHOLE[found["whole"]] / times
    bare = not (found["each"] or found["piece"] or found["often"])
    if bare and found["count"] not in (None, "两") and found["unit"] in _MONTH_OR_QUARTER:
        return None
    return _UNITS[found["unit"]] * count / times


def _english_count(word: str | None) -> Fraction:
    word = re.sub(r" times?|x$", "", word or "")
    return Fraction(word) if word.isdigit() else _ENGLISH_COUNTS[word]


def _english_days(text: str) -> Fraction | None:
    text = " ".join(text.split())
    if text in _ADVERBS:
        return Fraction(_ADVERBS[text])
    found = _ENGLISH.fullmatch(text)
    if found is None:
        return None
    count, times = _english_count(found["count"]), _english_count(found["times"])
    if not times:
        return None
    half_year = count == _HALF and _ENGLISH_UNITS[found["unit"]] == 365
    return (Fraction(180) if half_year else count * _ENGLISH_UNITS[found["unit"]]) / times


def days_of(cell: object) -> Fraction | None:
    """The days between two checks that a cell states, exact; None where it is not certain."""
    text = plain(cell).casefold().strip("。.;, ")
    if len(text) > 40 or isinstance(cell, bool):
        return None
    number = to_float(text)
    if number is not None:
        return Fraction(number) if number.is_integer() else None
    return _chinese_days(text) or _english_days(text)


def _left_out(field: FieldSpec, cell: object, zh: str, en: str) -> Fault | Noted:
    """A cell left out with a note; a fault where the field is required."""
    got, code = shown(cell), "interval_left_out"
    fix = Text(
        "请写天数，如 30，或 每周、每月、每季度、半年、每年、3个月",
        "Write days, such as 30, or weekly, monthly, quarterly, yearly, 3 months",
    )
    if field.required:
        return Fault("value_invalid", Text(f"“{got}”{zh}", f"“{got}” {en}"), fix)
    message = Text(
        f"“{got}”{zh}，此格按未填处理，该行照常入库",
        f"“{got}” {en}: the cell is left out, the row is taken in",
    )
    return Noted(None, code, message, fix)


def _rounded(cell: object, days: int) -> Noted:
    return Noted(
        days,
        "interval_rounded",
        Text(
            f"“{shown(cell)}”不是整天数，已读作 {days} 天",
            f"“{shown(cell)}” is no whole number of days, read as {days}",
        ),
        Text("请核对；可直接写天数，如 30", "Check it; better write days, such as 30"),
    )


def interval_reader(field: FieldSpec) -> Callable[[object], object]:
    """The reader of an interval's cells: whole days, a `Noted` one, or None when empty.

    A part of a day is dropped with a note, so that a check never comes later than stated; under
    a day is one day.
    """
    low = 1 if field.minimum is None else int(field.minimum)
    high = 36_500 if field.maximum is None else int(field.maximum)

    def read(cell: object) -> object:
        if is_blank(plain(cell)):
            return None
        exact = days_of(cell)
        if exact is None:
            return _left_out(field, cell, "读不出天数", "does not tell a number of days")
        days = 1 if 0 < exact < 1 else int(exact)
        if not low <= days <= high:
            zh, en = f"不在 {low} – {high} 天之内", f"is not within {low} – {high} days"
            return _left_out(field, cell, zh, en)
        return days if days == exact else _rounded(cell, days)

    return read
