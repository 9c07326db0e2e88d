"""Working days of China: the State Council's calendar where it is known, else Monday to Friday."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import version

from geo_risk.errors import Text, UsageError

FIRST_YEAR, LAST_YEAR = 2004, 2100
LONGEST_DAYS = 366
_SOURCE = "chinesecalendar"
FIXED_HOLIDAYS = ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3))
"""Month and day of the holidays of the solar calendar (全国年节及纪念日放假办法, 2024)."""


@dataclass(frozen=True)
class Calendar:
    """The working days of a period, and the years for which holidays are not known."""

    days: tuple[date, ...]
    approximate_years: tuple[int, ...]

    def as_json(self) -> dict[str, object]:
        """Where the days come from."""
        source = f"{_SOURCE} {version(_SOURCE)}"
        return {"source": source, "approximate_years": list(self.approximate_years)}


def unknown_holidays(year: int) -> Text:
    """Which holidays of a year are not known: those of the lunar calendar."""
    return Text(
        f"{year} 年放假安排未公布：春节、清明、端午、中秋和调休未知，"
        "按周一至周五，除去元旦、劳动节、国庆节",
        f"The holidays of {year} are not announced: Spring Festival, Qingming, Dragon Boat and "
        "Mid-Autumn and the make-up days are not known; Monday to Friday without 1 January, "
        "1–2 May and 1–3 October",
    )


def check_day(day: date, where: str) -> None:
    """`UsageError` (`date_out_of_range`) for a day outside the years that are served."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise UsageError(
            "date_out_of_range",
            Text("日期超出范围", "The date is out of range"),
            where=where,
            got=day.isoformat(),
            fix=Text(
                f"{FIRST_YEAR} 年至 {LAST_YEAR} 年",
                f"Give a day from {FIRST_YEAR} to {LAST_YEAR}",
            ),
        )


def check_period(start: date, end: date) -> None:
    """`UsageError` for a period that ends before it begins or is longer than a year."""
    check_day(start, "--from")
    check_day(end, "--to")
    if start > end or (end - start).days >= LONGEST_DAYS:
        raise UsageError(
            "period_invalid",
            Text("时段不正确", "The period is not valid"),
            where="--from --to",
            got=f"{start} … {end}",
            fix=Text(
                f"开始不晚于结束，最长 {LONGEST_DAYS} 天",
                f"Begin on or before the end; {LONGEST_DAYS} days at most",
            ),
        )


def working_days(start: date, end: date) -> Calendar:
    """The working days from `start` to `end`, both included, with make-up days (调休).

    A year that the calendar does not know yet has Monday to Friday without the holidays of the
    solar calendar, and is named.
    """
    import chinese_calendar

    found, approximate = [], set()
    for offset in range((end - start).days + 1):
        day = start + timedelta(days=offset)
        try:
            works = bool(chinese_calendar.is_workday(day))
        except NotImplementedError:
            approximate.add(day.year)
            works = day.weekday() < 5 and (day.month, day.day) not in FIXED_HOLIDAYS
        if works:
            found.append(day)
    return Calendar(tuple(found), tuple(sorted(approximate)))
