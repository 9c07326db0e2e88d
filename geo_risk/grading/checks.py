"""When a graded item is to be checked again, and how it stands: intervals, due days, states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import cache
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from ..errors import Text
from ..reference import table
from ..vocabulary import Grade
from .profiles import refuse_profile

Days = npt.NDArray[np.datetime64]
Counts = npt.NDArray[np.int64]
DEFAULT_INTERVALS = "by_grade_30_90_180_365"
NO_INTERVAL = 0


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


@cache
def interval_policy(name: str) -> Mapping[Grade, int]:
    """Days between checks for each grade, 0 where the policy sets none.

    No standard prescribes them: each set is a policy. `UsageError` names those that exist.
    """
    refuse_profile(name, interval_names())
    days = dict.fromkeys(Grade, NO_INTERVAL)
    for row in table("check_intervals"):
        if row["profile"] == name and row["interval_days"]:
            days[Grade(row["grade"])] = int(row["interval_days"])
    return MappingProxyType(days)


@cache
def suggested_levels() -> Mapping[Grade, str]:
    """The control level that this project suggests for a grade; empty for no data."""
    rows = table("control_levels")
    return MappingProxyType({Grade(row["grade"]): row["control_level"] for row in rows})


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
