"""LS: the 5 x 5 risk matrix, R = likelihood L x severity S."""

from __future__ import annotations

from fractions import Fraction

from ..errors import Text
from .exact import Number, exact, exact_text, unknown_score
from .profiles import band_of, colour_reasons
from .results import Graded, Reason

_NAMES = {"L": Text("可能性", "likelihood"), "S": Text("严重性", "severity")}
_STEPS = frozenset(map(Fraction, range(1, 6)))


def grade_ls(l: Number, s: Number, profile: str = "ls5_17_11_5") -> Graded:  # noqa: E741
    """Grade by the 5 x 5 matrix; L and S are whole scores 1 to 5, `score` is R = L x S.

    The profiles disagree in 17 of 25 cells, so the result names its profile. Raises `UsageError`
    naming the field for another score, or for an unknown profile. See docs/methods/ls.md.
    """
    likelihood, severity = _score("L", l), _score("S", s)
    risk = likelihood * severity
    band = band_of("LS", profile, risk)
    grade = band.colour()
    texts = {"L": exact_text(likelihood), "S": exact_text(severity)}
    formula = f"R = L × S = {texts['L']} × {texts['S']} = {exact_text(risk)}"
    reasons = (
        Reason("ls_product", Text(formula, formula), "风险矩阵法(LS)", texts),
        *colour_reasons(band, grade, "R", risk),
    )
    return Graded(grade, float(risk), profile, reasons, {**texts, "R": exact_text(risk)})


def _score(factor: str, value: object) -> Fraction:
    field = factor.lower()
    score = exact(value, field)
    if score in _STEPS:
        return score
    fix = Text(f"{factor} 只能取 1 到 5 的整数", f"{factor} is a whole number from 1 to 5")
    raise unknown_score(factor, _NAMES[factor], value, fix)
