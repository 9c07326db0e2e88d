"""Named grade profiles: bands of a score with their colours, allowed scores, what controls do.

The bands stand in `grade_profiles.csv`; `profile_rules.csv` builds further profiles on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from .. import settings
from ..errors import CatalogueError, Text, UsageError
from ..reference import Row, table
from ..vocabulary import GRADES, SEVERITY, Grade
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
                where=f"grade_profiles.csv {self.profile}",
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


@dataclass(frozen=True)
class ProfileRule:
    """What a profile adds to the bands of `base`.

    `between` allows scores between the official ones of a scale; a control of one of
    `control_kinds`, recorded with evidence, lowers the grade by `control_steps`, never below
    `control_floor`.
    """

    profile: str
    base: str
    between: bool
    control_kinds: frozenset[str]
    control_steps: int
    control_floor: Grade
    note: Text
    clause: str


def _policies() -> str:
    """By which folder of policies what is read from tables is kept."""
    return settings.text("policies_dir")


def profile_names(method: str) -> tuple[str, ...]:
    """The profiles of a method (`LEC`, `LS`), in file order."""
    return _names(method, _policies())


@cache
def _names(method: str, _further: str) -> tuple[str, ...]:
    rows = (*table("grade_profiles"), *table("profile_rules"))
    return tuple(dict.fromkeys(row["profile"] for row in rows if row["method"] == method))


def profile_rule(profile: str) -> ProfileRule:
    """The rule of a profile; a profile of bands alone takes official scores and no controls."""
    return _rule_of(profile, _policies())


@cache
def _rule_of(profile: str, _further: str) -> ProfileRule:
    for row in table("profile_rules"):
        if row["profile"] == profile:
            return _rule(row)
    nothing = Text("", "")
    return ProfileRule(profile, profile, False, frozenset(), 0, Grade.BLUE, nothing, "")


def _rule(row: Row) -> ProfileRule:
    kinds = frozenset(kind for kind in row["control_kinds"].split(";") if kind)
    try:
        steps = int(row["control_steps"] or 0)
        floor = Grade(row["control_floor"] or Grade.BLUE)
        if row["scores"] not in ("official", "between") or steps < 0 or floor is Grade.NO_DATA:
            raise ValueError
    except ValueError:
        raise _broken(
            f"profile_rules.csv {row['profile']}",
            Text("分级方案的规则不可用", "The rule of the profile cannot be used"),
            Text(
                "scores 为 official 或 between，control_steps 为非负整数，control_floor 为颜色",
                "scores is official or between, control_steps a whole number, control_floor a "
                "colour",
            ),
        ) from None
    note = Text(row["note_zh"], row["note_en"])
    between = row["scores"] == "between"
    return ProfileRule(
        row["profile"], row["base"], between, kinds, steps, floor, note, row["clause"]
    )


def bands(method: str, profile: str) -> tuple[Band, ...]:
    """The bands of a profile, worst first; `UsageError` names the profiles that exist."""
    return _bands(method, profile, _policies())


@cache
def _bands(method: str, profile: str, _further: str) -> tuple[Band, ...]:
    refuse_profile(profile, profile_names(method))
    base = profile_rule(profile).base
    rows = [row for row in table("grade_profiles") if row["profile"] == base]
    try:
        found = tuple(_band(row, profile) for row in rows if row["method"] == method)
    except (ValueError, ZeroDivisionError):
        raise _broken(
            f"grade_profiles.csv {profile}",
            Text("颜色或界限不可用", "A colour or a limit cannot be used"),
            Text(
                "colour 为 red、orange、yellow、blue，min、max 为数字或空",
                "colour is red, orange, yellow or blue; min and max are numbers or empty",
            ),
        ) from None
    _check(found, method, profile)
    return found


def refuse_profile(profile: str, known: tuple[str, ...]) -> None:
    """Raise `UsageError` unless the profile is one of the known ones."""
    if profile not in known:
        names = ", ".join(known)
        raise UsageError(
            "profile_unknown",
            Text("没有这个分级方案", "There is no such grade profile"),
            where="profile",
            got=profile,
            fix=Text(
                f"可用方案：{names}；本市自己的方案须设 GEO_RISK_POLICIES_DIR",
                f"Profiles: {names}; a city's own needs GEO_RISK_POLICIES_DIR",
            ),
        )


def _band(row: Row, profile: str) -> Band:
    return Band(
        profile=profile,
        grade=Grade(row["colour"]) if row["colour"] else None,
        label_zh=row["grade_zh"],
        low=Fraction(row["min"]) if row["min"] else None,
        low_in=row["min_inclusive"] == "1",
        high=Fraction(row["max"]) if row["max"] else None,
        high_in=row["max_inclusive"] == "1",
        clause=row["clause"],
        verified=row["verified"] in ("verified", "policy"),
    )


_MATRIX = sorted({Fraction(i * j) for i in range(1, 6) for j in range(1, 6)})


def _check(found: tuple[Band, ...], method: str, profile: str) -> None:
    """Refuse bands that leave a score out, hold one twice, or whose colours do not rise."""
    ends = {end for band in found for end in (band.low, band.high) if end is not None}
    near, least, most = Fraction(1, 1000), Fraction(1, 1000), Fraction(10**6)
    around = {end + step for end in ends for step in (-near, 0, near)}
    scores = _MATRIX if method == "LS" else sorted({*around, least, most})
    held = [[band for band in found if band.holds(score)] for score in scores]
    grades = [band.grade for band in found]
    if len(set(grades)) != len(grades) and None not in grades:
        raise _broken(
            f"grade_profiles.csv {profile}",
            Text(
                "一种颜色写了两次，或方案名已被占用", "A colour stands twice, or the name is taken"
            ),
            Text("每色一行；本市方案请另取名", "One row a colour; give your profile another name"),
        )
    ranks = [SEVERITY[band.grade] for one in held for band in one if band.grade is not None]
    if not found or any(len(one) != 1 for one in held) or ranks != sorted(ranks):
        raise _broken(
            f"grade_profiles.csv {profile}",
            Text(
                "分级方案有缺口、重叠或颜色倒置",
                "The profile has a gap, an overlap or an inversion",
            ),
            Text("各段须首尾相接，分值高颜色重", "Bands must meet, and a higher score be worse"),
        )


def _broken(where: str, message: Text, fix: Text) -> CatalogueError:
    return CatalogueError("profile_invalid", message, where=where, fix=fix)


def band_of(method: str, profile: str, score: Fraction) -> Band:
    """The one band that holds the score; a profile with a gap is a `CatalogueError`."""
    for band in bands(method, profile):
        if band.holds(score):
            return band
    raise CatalogueError(
        "profile_gap",
        Text("分级方案没有覆盖这个分值", "The grade profile has no band for this score"),
        where=f"grade_profiles.csv {profile}",
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
