"""Named grade profiles: the bands of a score and the colour of each, from `grade_profiles.csv`."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from ..errors import CatalogueError, Text, UsageError
from ..reference import Row, table
from ..vocabulary import GRADES, Grade
from .exact import exact_text
from .results import Reason


@dataclass(frozen=True)
class Band:
    """One band of a profile: from `low` to `high`, each end in or out, open where None."""

    profile: str
    grade: Grade | None
    label_zh: str
    low: Fraction | None
    low_in: bool
    high: Fraction | None
    high_in: bool
    clause: str
    verified: bool

    def colour(self) -> Grade:
        """The band's colour; the bands of GB 18218's R have a level and no colour."""
        if self.grade is None:
            raise CatalogueError(
                "profile_colour",
                Text("分级方案缺少颜色", "The grade profile has a band without a colour"),
                where=f"data/reference/grade_profiles.csv {self.profile}",
            )
        return self.grade

    def holds(self, score: Fraction) -> bool:
        """Whether the score lies in this band."""
        above = self.low is None or score > self.low or (self.low_in and score == self.low)
        below = self.high is None or score < self.high or (self.high_in and score == self.high)
        return above and below

    def range_text(self, symbol: str) -> str:
        """The band as an inequality, `160 < D ≤ 320`."""
        low, high = self.low, self.high
        left = "" if low is None else f"{exact_text(low)} {'≤' if self.low_in else '<'} "
        right = "" if high is None else f" {'≤' if self.high_in else '<'} {exact_text(high)}"
        return left + symbol + right


def profile_names(method: str) -> tuple[str, ...]:
    """The profiles of a method (`LEC`, `LS`), in file order."""
    rows = table("grade_profiles")
    return tuple(dict.fromkeys(row["profile"] for row in rows if row["method"] == method))


@cache
def bands(method: str, profile: str) -> tuple[Band, ...]:
    """The bands of a profile, worst first; `UsageError` names the profiles that exist."""
    rows = [
        row
        for row in table("grade_profiles")
        if row["method"] == method and row["profile"] == profile
    ]
    if not rows:
        refuse_profile(profile, profile_names(method))
    return tuple(map(_band, rows))


def refuse_profile(profile: str, known: tuple[str, ...]) -> None:
    """Raise `UsageError` unless the profile is one of the known ones."""
    if profile not in known:
        names = ", ".join(known)
        raise UsageError(
            "profile_unknown",
            Text("没有这个分级方案", "There is no such grade profile"),
            where="profile",
            got=profile,
            fix=Text(f"可用方案：{names}", f"Profiles: {names}"),
        )


def _band(row: Row) -> Band:
    return Band(
        profile=row["profile"],
        grade=Grade(row["colour"]) if row["colour"] else None,
        label_zh=row["grade_zh"],
        low=Fraction(row["min"]) if row["min"] else None,
        low_in=row["min_inclusive"] == "1",
        high=Fraction(row["max"]) if row["max"] else None,
        high_in=row["max_inclusive"] == "1",
        clause=row["clause"],
        verified=row["verified"] == "verified",
    )


def band_of(method: str, profile: str, score: Fraction) -> Band:
    """The one band that holds the score; a profile with a gap is a `CatalogueError`."""
    for band in bands(method, profile):
        if band.holds(score):
            return band
    raise CatalogueError(
        "profile_gap",
        Text("分级方案没有覆盖这个分值", "The grade profile has no band for this score"),
        where=f"data/reference/grade_profiles.csv {profile}",
        got=exact_text(score),
    )


def colour_reasons(band: Band, grade: Grade, symbol: str, score: Fraction) -> tuple[Reason, ...]:
    """Why the score has this colour, and the doubt where the profile is not verified."""
    style = GRADES[grade]
    value = exact_text(score)
    reason = Reason(
        f"{symbol.lower()}_band",
        Text(
            f"{symbol} = {value}，{band.range_text(symbol)}，"
            f"{style.label['zh']}风险，{style.level['zh']}色（方案 {band.profile}）",
            f"{symbol} = {value}, {band.range_text(symbol)}: "
            f"{style.label['en']} risk, {style.level['en'].lower()} (profile {band.profile})",
        ),
        band.clause,
        {symbol: value, "profile": band.profile},
    )
    return (reason,) if band.verified else (reason, _doubt(band))


def _doubt(band: Band) -> Reason:
    return Reason(
        "profile_unverified",
        Text(
            f"方案 {band.profile} 的分界值尚未与原文核对，仅供比较",
            f"The limits of profile {band.profile} were not checked against their source; "
            "for comparison only",
        ),
        band.clause,
        {"profile": band.profile},
    )
