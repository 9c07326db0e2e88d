"""LEC: danger D = likelihood L x exposure E x consequence C, exact, only the official scores."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache

from ..errors import Text
from ..reference import Row, table
from .exact import Number, exact, exact_text, unknown_score
from .profiles import (
    Band,
    band_of,
    colour_reasons,
    profile_names,
    profile_rule,
    refuse_profile,
)
from .results import Graded, Reason

_NAMES = {
    "L": Text("可能性", "likelihood"),
    "E": Text("暴露频次", "exposure"),
    "C": Text("后果", "consequence"),
}


@cache
def scale(factor: str) -> Mapping[Fraction, Row]:
    """The official scores of a factor (L, E or C) with what each means."""
    return {Fraction(row["score"]): row for row in table("lec_scales") if row["factor"] == factor}


def grade_lec(l: Number, e: Number, c: Number, profile: str = "lec_strict_gt") -> Graded:  # noqa: E741
    """Grade by LEC.

    Parameters are scores of the official scales (text, int, float or Fraction), or between two of
    them where the profile allows it; `score` is D. Raises `UsageError` naming the field for a
    score that does not exist, or for an unknown profile.

    References
    ----------
    作业条件危险性评价法 (LEC), after Graham and Kinney; scales in `lec_scales.csv`, limits of D in
    `grade_profiles.csv`. See docs/methods/lec.md.
    """
    refuse_profile(profile, profile_names("LEC"))
    between = profile_rule(profile).between
    given = {"L": l, "E": e, "C": c}
    scores = {factor: _score(factor, value, between) for factor, value in given.items()}
    danger = scores["L"] * scores["E"] * scores["C"]
    band = band_of("LEC", profile, danger)
    return _graded(scores, danger, band)


def _graded(scores: Mapping[str, Fraction], danger: Fraction, band: Band) -> Graded:
    grade = band.colour()
    texts = {factor: exact_text(score) for factor, score in scores.items()}
    product = " × ".join(texts.values())
    formula = f"D = L × E × C = {product} = {exact_text(danger)}"
    reasons = (
        _meaning(scores),
        Reason("lec_product", Text(formula, formula), _clause(), texts),
        *colour_reasons(band, grade, "D", danger),
    )
    return Graded(grade, float(danger), band.profile, reasons, {**texts, "D": exact_text(danger)})


def _meaning(scores: Mapping[str, Fraction]) -> Reason:
    words = {factor: _words(factor, score) for factor, score in scores.items()}
    texts = {factor: exact_text(score) for factor, score in scores.items()}
    zh = "；".join(f"{_NAMES[f]['zh']} {f}={texts[f]}（{words[f]['zh']}）" for f in scores)
    en = "; ".join(f"{_NAMES[f]['en']} {f}={texts[f]} ({words[f]['en']})" for f in scores)
    return Reason("lec_scores", Text(zh, en), _clause(), texts)


def _words(factor: str, score: Fraction) -> Text:
    """What a score means; one between two official ones names both."""
    rows = scale(factor)
    if score in rows:
        return Text(rows[score]["meaning_zh"], rows[score]["meaning_en"])
    below, above = max(s for s in rows if s < score), min(s for s in rows if s > score)
    ends = exact_text(below), exact_text(above)
    return Text(f"介于 {ends[0]} 与 {ends[1]} 之间", f"between {ends[0]} and {ends[1]}")


def _clause() -> str:
    return next(iter(scale("C").values()))["clause"]


def _score(factor: str, value: object, between: bool) -> Fraction:
    score = exact(value, factor.lower())
    official = scale(factor)
    if score in official or (between and min(official) < score < max(official)):
        return score
    allowed = ", ".join(row["score"] for row in official.values())
    fix = Text(f"{factor} 只能取 {allowed}", f"{factor} is one of {allowed}")
    if between:
        low, high = exact_text(min(official)), exact_text(max(official))
        fix = Text(f"{factor} 取 {low} 到 {high}", f"{factor} is from {low} to {high}")
    raise unknown_score(factor, _NAMES[factor], value, fix)
