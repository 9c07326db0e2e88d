"""The roll-up of one area, point by point."""

from fractions import Fraction

WORST_FIRST = ("red", "orange", "yellow", "blue")
WEIGHT = {"red": 8, "orange": 4, "yellow": 2, "blue": 1}


def roll_up_points(grades: list[str]) -> tuple[str, Fraction | None, str]:
    """The worst grade, the exact mean weight (None where nothing is graded) and the fill."""
    graded = [grade for grade in grades if grade != "no_data"]
    if not graded:
        return "no_data", None, "no_data"
    worst = min(graded, key=WORST_FIRST.index)
    mean = Fraction(sum(WEIGHT[grade] for grade in graded), len(graded))
    if mean >= Fraction(9, 2):
        return worst, mean, "red"
    if mean >= Fraction(11, 4):
        return worst, mean, "orange"
    return worst, mean, "yellow" if mean >= Fraction(15, 8) else "blue"
