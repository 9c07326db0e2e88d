"""The grade that a register states: taken where nothing can be computed, else only compared."""

from __future__ import annotations

from dataclasses import replace

from ..errors import Text
from ..vocabulary import GRADES, Grade
from .results import Graded, Reason

STATED_FIELD = "stated_grade"
STATED_PROFILE = "stated"

_CLAUSE = "台账登记 / the register"


def stated_grade(value: object) -> Grade | None:
    """The grade of a stored `stated_grade`; None when there is none or it is no grade."""
    try:
        grade = Grade(str(value))
    except ValueError:
        return None
    return None if grade is Grade.NO_DATA else grade


def stated_only(grade: Grade) -> Graded:
    """The stated grade as it stands, without a score, with the reason that says so."""
    label = GRADES[grade].label
    reason = Reason(
        "grade_stated",
        Text(
            f"采用台账登记的等级（{label['zh']}），未按标准计算",
            f"The grade is the one the register states ({label['en']}); it was not computed",
        ),
        _CLAUSE,
        {STATED_FIELD: grade.value},
    )
    return Graded(grade, None, STATED_PROFILE, (reason,), {})


def beside_stated(graded: Graded, stated: Grade) -> Graded:
    """The grader's answer; where the register states another grade, a last reason says so."""
    if graded.grade is stated:
        return graded
    ours, theirs = GRADES[graded.grade].label, GRADES[stated].label
    reason = Reason(
        "grade_differs_from_stated",
        Text(
            f"台账登记的等级是{theirs['zh']}，与计算结果（{ours['zh']}）不同，以计算结果为准",
            f"The register states {theirs['en']}, the result is {ours['en']}: the result stands",
        ),
        _CLAUSE,
        {STATED_FIELD: stated.value},
    )
    return replace(graded, reasons=(*graded.reasons, reason))
