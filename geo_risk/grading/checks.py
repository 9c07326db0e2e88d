"""When a graded item is to be checked again, and how it stands: intervals, due days, states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import cache
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from .. import settings
from ..errors import CatalogueError, Text, UsageError
from ..reference import Row, table
from ..vocabulary import Grade

Days = npt.NDArray[np.datetime64]
Counts = npt.NDArray[np.int64]
DEFAULT_INTERVALS = "by_grade_30_90_180_365"
NO_INTERVAL = 0
LONGEST_INTERVAL = 36_500


class CheckState(StrEnum):
    """How the checks of an item stand."""

    OVERDUE = "overdue"
    DUE = "due"
    PLANNED = "planned"
    NEVER_CHECKED = "never_checked"
    NO_INTERVAL = "no_interval"


CHECK_STATES: dict[CheckState, Text] = {
    CheckState.OVERDUE: Text("逾期", "Overdue"),
    CheckState.DUE: Text("到期", "Due"),
    CheckState.PLANNED: Text("未到期", "Not due yet"),
    CheckState.NEVER_CHECKED: Text("无检查记录", "No check on record"),
    CheckState.NO_INTERVAL: Text("无检查周期", "No interval"),
}


def interval_names() -> tuple[str, ...]:
    """The named interval policies of `check_intervals.csv`, in file order."""
    return tuple(dict.fromkeys(row["profile"] for row in table("check_intervals")))


def _policies() -> str:
    """By which folder of policies what is read from tables is kept."""
    return settings.text("policies_dir")


def interval_policy(name: str) -> Mapping[Grade, int]:
    """Days between checks for each grade, 0 where the policy sets none.

    No standard prescribes them: each set is a policy. `UsageError` names those that exist;
    `CatalogueError` where a city's rows cannot be used.
    """
    return _intervals(name, _policies())


@cache
def _intervals(name: str, _further: str) -> Mapping[Grade, int]:
    _refuse_intervals(name)
    days: dict[Grade, int] = {}
    for row in table("check_intervals"):
        if row["profile"] == name:
            grade, interval = _grade(row, "check_intervals"), row["interval_days"]
            if grade in days or not (interval == "" or _is_days(interval)):
                raise _broken(
                    f"check_intervals.csv {name} {grade}",
                    Text(
                        "每个等级一行，interval_days 为正整数或空",
                        "One row for each grade, interval_days a whole number of days or empty",
                    ),
                )
            days[grade] = int(interval or NO_INTERVAL)
    return MappingProxyType({grade: days.get(grade, NO_INTERVAL) for grade in Grade})


def _refuse_intervals(name: str) -> None:
    known = interval_names()
    if name not in known:
        names = ", ".join(known)
        raise UsageError(
            "intervals_unknown",
            Text("没有这个检查周期规定", "There is no such set of check intervals"),
            where="--intervals",
            got=name,
            fix=Text(f"可用: {names}", f"Use one of {names}"),
        )


def suggested_levels() -> Mapping[Grade, str]:
    """The control level that is suggested for a grade; empty for no data.

    A city's own row replaces the one of this project.
    """
    return _levels(_policies())


@cache
def _levels(_further: str) -> Mapping[Grade, str]:
    rows = table("control_levels")
    levels = {_grade(row, "control_levels"): row["control_level"].strip() for row in rows}
    return MappingProxyType(levels)


def _grade(row: Row, name: str) -> Grade:
    try:
        return Grade(row["grade"])
    except ValueError:
        grades = ", ".join(Grade)
        raise _broken(f"{name}.csv {row['grade']}", Text(f"grade 为 {grades}", grades)) from None


def _is_days(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text) <= LONGEST_INTERVAL


def _broken(where: str, fix: Text) -> CatalogueError:
    message = Text("检查周期或管控层级的规定不可用", "A policy of checks cannot be used")
    return CatalogueError("checks_invalid", message, where=where, fix=fix)


def intervals(
    own: Counts, grades: Sequence[Grade], policy: str = DEFAULT_INTERVALS
) -> tuple[Counts, npt.NDArray[np.bool_]]:
    """Days between the checks of n items, and whether they are the register's own.

    Parameters
    ----------
    own : shape (n,), the interval that the register states, 0 where it states none.
    grades : n grades; the policy's interval is taken where the register states none.
    policy : name of an interval policy; 0 comes out where it sets none either.
    """
    by_grade = interval_policy(policy)
    stated = own > NO_INTERVAL
    others = np.array([by_grade[grade] for grade in grades], np.int64).reshape(own.shape)
    return np.where(stated, own, others), stated


def next_due(last_check: Days, interval_days: Counts) -> Days:
    """The day of the next check, last check + interval, shape (n,), NaT where either is missing."""
    missing = interval_days <= NO_INTERVAL
    due = last_check.astype("datetime64[D]") + interval_days.astype("timedelta64[D]")
    return np.where(missing, np.datetime64("NaT", "D"), due)


def check_states(
    last_check: Days, interval_days: Counts, today: date, due_by: date | None = None
) -> list[CheckState]:
    """How n items stand: overdue before `today`, due until `due_by` (today by default).

    An item without a last check is `never_checked`, whatever its interval.
    """
    due = next_due(last_check, interval_days)
    limit = np.datetime64(max(today, due_by or today), "D")
    found = np.select(
        [
            np.isnat(last_check),
            interval_days <= NO_INTERVAL,
            due < np.datetime64(today, "D"),
            due <= limit,
        ],
        [
            CheckState.NEVER_CHECKED.value,
            CheckState.NO_INTERVAL.value,
            CheckState.OVERDUE.value,
            CheckState.DUE.value,
        ],
        CheckState.PLANNED.value,
    )
    return [CheckState(state) for state in found.tolist()]
