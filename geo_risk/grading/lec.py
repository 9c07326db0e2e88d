"""LEC: danger D = likelihood L x exposure E x consequence C, exact, only the official scores."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache

from ..errors import Text
from ..reference import Row, table
from .exact import Number, exact, exact_text, unknown_score
from .profiles import Band, band_of, colour_reasons
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

    Parameters are scores of the official scales (text, int, float or Fraction); `score` is D.
    Raises `UsageError` naming the field for a score that does not exist, or for an unknown profile.

    References
    ----------
    作业条件危险性评价法 (LEC), after Graham and Kinney; scales in `lec_scales.csv`, limits of D in
    `grade_profiles.csv`. See docs/methods/lec.md.
    """
    scores = {"L": _score("L", l), "E": _score("E", e), "C": _score("C", c)}
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
        Reason("lec_product", Text(formula, formula), _clause(scores), texts),
        *colour_reasons(band, grade, "D", danger),
    )
    return Graded(grade, float(danger), band.profile, reasons, {**texts, "D": exact_text(danger)})


def _meaning(scores: Mapping[str, Fraction]) -> Reason:
    rows = {factor: scale(factor)[score] for factor, score in scores.items()}
    zh = "；".join(
        f"{_NAMES[f]['zh']} {f}={row['score']}（{row['meaning_zh']}）" for f, row in rows.items()
    )
    en = "; ".join(
        f"{_NAMES[f]['en']} {f}={row['score']} ({row['meaning_en']})" for f, row in rows.items()
    )
    inputs = {factor: row["score"] for factor, row in rows.items()}
    return Reason("lec_scores", Text(zh, en), _clause(scores), inputs)


def _clause(scores: Mapping[str, Fraction]) -> str:
    return scale("C")[scores["C"]]["clause"]


def _score(factor: str, value: object) -> Fraction:
    field = factor.lower()
    score = exact(value, field)
    if score in scale(factor):
        return score
    allowed = ", ".join(row["score"] for row in scale(factor).values())
    fix = Text(f"{factor} 只能取 {allowed}", f"{factor} is one of {allowed}")
    raise unknown_score(factor, _NAMES[factor], value, fix)
