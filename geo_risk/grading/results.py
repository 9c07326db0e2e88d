"""What a grader answers: the grade, and every step to it in words (zh, en) with its clause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ..errors import GeoRiskError, Text
from ..vocabulary import Grade

Details = Mapping[str, str | None]

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Reason:
    """One step to a grade: a stable code, the sentence, the clause, and the exact values used."""

    code: str
    text: Text
    clause: str
    inputs: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

    def as_json(self) -> dict[str, object]:
        """`{"code", "zh", "en", "clause", "inputs"}`."""
        return {
            "code": self.code,
            "zh": self.text["zh"],
            "en": self.text["en"],
            "clause": self.clause,
            "inputs": dict(self.inputs),
        }


@dataclass(frozen=True)
class Basis:
    """What a grade was computed from: enough to compute it again, kept with the grade.

    `formula` is the version of the computation itself; `profile` the one asked for (the grade's
    own may be `stated`); `rules` the direct rules that were asked.
    """

    method: str
    edition: str
    formula: str
    profile: str
    rules: tuple[str, ...]
    inputs: Mapping[str, object]

    def as_json(self) -> dict[str, object]:
        """`{"method", "edition", "formula", "profile", "rules", "inputs"}`."""
        return {
            "method": self.method,
            "edition": self.edition,
            "formula": self.formula,
            "profile": self.profile,
            "rules": list(self.rules),
            "inputs": dict(self.inputs),
        }


@dataclass(frozen=True)
class Graded:
    """A grade with the profile that gave it, the score it rests on and its reasons in order.

    `score` is D (LEC), R (LS, and GB 18218 where the unit is a major hazard source), else None;
    `details` holds the same and more as exact text. `basis` is there where rows of a layer are
    graded.
    """

    grade: Grade
    score: float | None
    profile: str
    reasons: tuple[Reason, ...]
    details: Details
    basis: Basis | None = None

    def as_json(self) -> dict[str, object]:
        """`{"grade", "score", "profile", "reasons", "details"}`."""
        return {
            "grade": self.grade.value,
            "score": self.score,
            "profile": self.profile,
            "reasons": [reason.as_json() for reason in self.reasons],
            "details": dict(self.details),
        }


def not_computable(profile: str, reasons: tuple[Reason, ...], details: Details) -> Graded:
    """No grade: the reasons say what is needed."""
    return Graded(Grade.NO_DATA, None, profile, reasons, details)


def reason_of(error: GeoRiskError, clause: str) -> Reason:
    """An input error as the reason why a stored row has no grade."""
    got_zh, got_en = (f"（得到 {error.got}）", f" (got {error.got})") if error.got else ("", "")
    text = Text(
        "。".join(part for part in (error.message["zh"] + got_zh, error.fix["zh"]) if part),
        ". ".join(part for part in (error.message["en"] + got_en, error.fix["en"]) if part),
    )
    inputs = {} if error.got is None else {error.where or "value": error.got}
    return Reason(error.code, text, clause, inputs)
