"""GB 18218-2018: is the unit a major hazard source (重大危险源), and of which level; exact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

from ..errors import CatalogueError, Text, UsageError
from ..reference import Row, table
from ..vocabulary import GRADES, Grade
from .exact import exact_text, said
from .gb18218_tables import EDITION, alpha_of
from .profiles import band_of, refuse_profile
from .quantities import Resolved, resolve
from .results import Details, Graded, Reason, not_computable
from .substances import Substance

BELOW = "S<1"
_LEVEL_EN = {"一级": "level 1", "二级": "level 2", "三级": "level 3", "四级": "level 4"}


def colour_profiles() -> tuple[str, ...]:
    """The policies that give a level its colour."""
    return tuple(dict.fromkeys(row["profile"] for row in table("hazard_level_colours")))


def level_names() -> tuple[str, ...]:
    """All that a colour policy colours: the four levels, and below."""
    return tuple(dict.fromkeys(row["level"] for row in table("hazard_level_colours")))


def level_colour(profile: str, level: str) -> Grade:
    """The colour of a level (一级 to 四级, `S<1`) by a policy."""
    refuse_profile(profile, colour_profiles())
    return _colour(profile, level)[1]


def hazard_level(r: Fraction) -> str:
    """The level (一级 to 四级) of a major hazard source by R.

    References
    ----------
    GB 18218-2018, Table 6.
    """
    return band_of("R", "gb18218_R", r).label_zh


def grade_major_hazard(
    substances: Iterable[Substance],
    exposed: int | None,
    profile: str = "hazard_level_colours",
    *,
    counted: Mapping[str, object] | None = None,
) -> Graded:
    """Identify and grade one unit by GB 18218-2018.

    Parameters
    ----------
    substances : all hazardous substances of the unit with their design maximum in tonnes.
    exposed : people within 500 m of the plant boundary; needed only when S >= 1.
    profile : the policy that gives a level its colour.
    counted : what the register's people come to: `count`, whether that is `usable` (else it is only
        a lower bound), and in `text` how it was counted (zh, en). It is taken where `exposed` is
        None, and told beside a stated number that it makes doubtful.

    S >= 1 makes a major hazard source. With a substance, a β or the number of people missing the
    grade is no data and the reasons say what is needed; nothing defaults to 1. `details` has S,
    R, level, alpha, constitutes ("true", "false" or None where S is not known) and exposed as
    exact text. Raises `UsageError` for negative people, no substances or an unknown profile.
    See docs/methods/gb18218.md.
    """
    refuse_profile(profile, colour_profiles())
    if exposed is not None:
        alpha_of(exposed)
    unit = _identify(tuple(substances), exposed, profile, counted)
    if not unit.known:
        open_ = [row.beta_reason for row in unit.rows if row.share is not None and row.beta is None]
        return unit.without_grade(open_ if unit.total >= 1 else ())
    if unit.total < 1:
        return _below(unit)
    return _classify(unit)


@dataclass(frozen=True)
class _Unit:
    """A unit on its way: what was resolved, the sum so far, the steps so far.

    `counted` is the count that was taken for the people, `beside` one that a stated number beat.
    """

    rows: tuple[Resolved, ...]
    exposed: int | None
    profile: str
    total: Fraction
    known: bool
    reasons: tuple[Reason, ...]
    counted: Mapping[str, object] | None = None
    beside: Mapping[str, object] | None = None

    def details(
        self, r: Fraction | None = None, level: str | None = None, alpha: Fraction | None = None
    ) -> Details:
        constitutes = "true" if self.total >= 1 else "false" if self.known else None
        return {
            "edition": EDITION,
            "S": exact_text(self.total) if self.known else None,
            "constitutes": constitutes,
            "alpha": None if alpha is None else exact_text(alpha),
            "R": None if r is None else exact_text(r),
            "level": level,
            "exposed": None if self.exposed is None else str(self.exposed),
            "exposed_source": self.source(),
        }

    def source(self) -> str | None:
        """Whether the people were given or counted; None where there is no number."""
        if self.exposed is None:
            return None
        return "given" if self.counted is None else "counted"

    def without_grade(self, more: Iterable[Reason] = ()) -> Graded:
        return not_computable(self.profile, (*self.reasons, *more), self.details())


def _identify(
    substances: Sequence[Substance],
    exposed: int | None,
    profile: str,
    counted: Mapping[str, object] | None,
) -> _Unit:
    """Resolve the substances and sum S over those that could be."""
    if not substances:
        raise UsageError(
            "unit_empty",
            Text("单元内没有物质，无法辨识", "A unit without substances cannot be identified"),
            where="substances",
            fix=Text("请填写物质与设计最大量", "Give its substances with their design maximum"),
        )
    rows = tuple(map(resolve, substances))
    total = sum((row.share for row in rows if row.share is not None), Fraction(0))
    known = all(row.share is not None for row in rows)
    steps = (*(row.quantity_reason for row in rows), _identification(rows, total, known))
    if exposed is not None or counted is None:
        return _Unit(rows, exposed, profile, total, known, steps, None, counted)
    people = int(str(counted["count"])) if counted["usable"] else None
    return _Unit(rows, people, profile, total, known, steps, counted)


def _identification(rows: Sequence[Resolved], total: Fraction, known: bool) -> Reason:
    shares = [row.share for row in rows if row.share is not None]
    inputs: dict[str, str] = {}
    for row in rows:
        key = row.label if row.label not in inputs else f"{row.label} #{len(inputs) + 1}"
        inputs[key] = "?" if row.share is None else exact_text(row.share)
    if not known:
        sure = total >= 1
        zh = f"S 无法完整计算；已知部分合计 {said(total)}"
        en = f"S cannot be fully computed; the known part is {said(total)}"
        if sure:
            zh += "，已 ≥ 1，构成重大危险源，级别待定"
            en += ", already ≥ 1: a major hazard source, its level not known"
        return Reason("gb18218_s_incomplete", Text(zh, en), f"{EDITION} 4.2.1", inputs)
    terms = " + ".join(map(exact_text, shares))
    formula = f"S = Σ q/Q = {terms} = {said(total)}" if len(shares) > 1 else f"S = {said(total)}"
    if total >= 1:
        said_zh, said_en = "≥ 1，构成重大危险源", "≥ 1: a major hazard source"
    else:
        said_zh, said_en = "< 1，不构成重大危险源", "< 1: not a major hazard source"
    text = Text(f"{formula} {said_zh}", f"{formula} {said_en}")
    return Reason("gb18218_s", text, f"{EDITION} 4.2.1", inputs)


def _below(unit: _Unit) -> Graded:
    row, grade = _colour(unit.profile, BELOW)
    style = GRADES[grade]
    reason = Reason(
        "gb18218_below",
        Text(
            f"S < 1，不构成重大危险源，按方案 {unit.profile} 为{style.level['zh']}色",
            f"S < 1, not a major hazard source: {style.level['en'].lower()} by the policy "
            f"{unit.profile}",
        ),
        row["clause"],
        {"S": exact_text(unit.total), "profile": unit.profile},
    )
    return Graded(grade, None, unit.profile, (*unit.reasons, reason), unit.details())


def _classify(unit: _Unit) -> Graded:
    """α, β, R, level and colour of a major hazard source."""
    needed = [row.beta_reason for row in unit.rows if row.beta is None]
    if unit.exposed is None:
        needed.append(_people_needed(unit.counted))
    if needed or unit.exposed is None:
        return unit.without_grade(needed)
    alpha, clause = alpha_of(unit.exposed)
    r = alpha * sum(
        (
            row.beta * row.share
            for row in unit.rows
            if row.beta is not None and row.share is not None
        ),
        Fraction(0),
    )
    level = hazard_level(r)
    row, grade = _colour(unit.profile, level)
    reasons = (
        *unit.reasons,
        *(resolved.beta_reason for resolved in unit.rows),
        _alpha_reason(unit, alpha, clause),
        *_more_counted(unit, alpha),
        _r_reason(unit.rows, alpha, r),
        _level_reason(r, level),
        _colour_reason(unit.profile, level, grade, row["clause"]),
    )
    return Graded(grade, float(r), unit.profile, reasons, unit.details(r, level, alpha))


def _colour(profile: str, level: str) -> tuple[Row, Grade]:
    for row in table("hazard_level_colours"):
        if row["profile"] == profile and row["level"] == level:
            grade = Grade(row["colour"])
            if level == BELOW or grade not in (Grade.BLUE, Grade.NO_DATA):
                return row, grade
    raise CatalogueError(
        "level_colour",
        Text(
            "重大危险源级别没有颜色，或被涂成蓝色",
            "A level of major hazard source has no colour, or is painted blue",
        ),
        where=f"data/reference/hazard_level_colours.csv {profile}",
        got=level,
    )


def _people_needed(counted: Mapping[str, object] | None) -> Reason:
    zh = "缺少厂界外 500 m 范围内的人数，无法确定 α，级别不能计算"
    en = (
        "The number of people within 500 m of the plant boundary is needed for α; "
        "without it the level cannot be computed"
    )
    if counted is not None:
        words = _words(counted)
        zh, en = f"{zh}。{words['zh']}", f"{en}. {words['en']}"
    inputs = {} if counted is None else {"at_least": str(counted["count"])}
    return Reason("exposed_needed", Text(zh, en), f"{EDITION} 表5", inputs)


def _more_counted(unit: _Unit, alpha: Fraction) -> tuple[Reason, ...]:
    """A doubt where the register states fewer people than are counted, and α would be higher."""
    if unit.beside is None or unit.exposed is None:
        return ()
    count = int(str(unit.beside["count"]))
    more = alpha_of(count)[0]
    if more <= alpha:
        return ()
    words = _words(unit.beside)
    return (
        Reason(
            "exposed_more_counted",
            Text(
                f"登记填写 {unit.exposed} 人，但{words['zh']}，α 应为 {exact_text(more)}：请核实"
                "（以登记为准）",
                f"The register states {unit.exposed}, but: {words['en']}; α would be "
                f"{exact_text(more)}. Check it (the register stands)",
            ),
            f"{EDITION} 表5",
            {"stated": str(unit.exposed), "counted": str(count)},
        ),
    )


def _words(counted: Mapping[str, object]) -> Mapping[str, str]:
    return cast("Mapping[str, str]", counted["text"])


def _alpha_reason(unit: _Unit, alpha: Fraction, clause: str) -> Reason:
    value, people = exact_text(alpha), unit.exposed
    zh, en = f"厂界外 500 m 范围内 {people} 人", f"{people} people within 500 m of the boundary"
    if unit.counted is not None:
        words = _words(unit.counted)
        zh, en = f"{zh}（{words['zh']}）", f"{en} ({words['en']})"
    return Reason(
        "gb18218_alpha",
        Text(f"{zh}，α = {value}", f"{en}: α = {value}"),
        clause,
        {"exposed": str(people), "alpha": value},
    )


def _r_reason(rows: Sequence[Resolved], alpha: Fraction, r: Fraction) -> Reason:
    terms = " + ".join(
        f"{exact_text(row.beta)} × {exact_text(row.share)}"
        for row in rows
        if row.beta is not None and row.share is not None
    )
    formula = f"R = α Σ β q/Q = {exact_text(alpha)} × ({terms}) = {said(r)}"
    inputs = {"alpha": exact_text(alpha), "R": exact_text(r)}
    return Reason("gb18218_r", Text(formula, formula), f"{EDITION} 4.3.2", inputs)


def _level_reason(r: Fraction, level: str) -> Reason:
    band = band_of("R", "gb18218_R", r)
    return Reason(
        "gb18218_level",
        Text(
            f"{band.range_text('R')}，{level}重大危险源",
            f"{band.range_text('R')}: a major hazard source of {_LEVEL_EN[level]}",
        ),
        band.clause,
        {"R": exact_text(r), "level": level},
    )


def _colour_reason(profile: str, level: str, grade: Grade, clause: str) -> Reason:
    style = GRADES[grade]
    return Reason(
        "hazard_level_colour",
        Text(
            f"{level}按方案 {profile} 为{style.level['zh']}色（本系统的规定，标准没有规定颜色）",
            f"{_LEVEL_EN[level].capitalize()} is {style.level['en'].lower()} by the policy "
            f"{profile} (a rule of this system; the standard gives no colours)",
        ),
        clause,
        {"level": level, "profile": profile},
    )
