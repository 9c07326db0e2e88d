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


def weights_worst_first(grades: list[str]) -> list[int]:
    return sorted((WEIGHT[grade] for grade in grades if grade != "no_data"), reverse=True)


def top_mean(grades: list[str], k: int = 5) -> Fraction | None:
    """The mean weight of the k worst graded items, of all where there are fewer."""
    worst = weights_worst_first(grades)[:k]
    return Fraction(sum(worst), len(worst)) if worst else None


def density(grades: list[str], area_m2: int) -> Fraction | None:
    """Weight per km²."""
    weights = weights_worst_first(grades)
    return Fraction(sum(weights) * 1_000_000, area_m2) if weights else None


def share(area: tuple[int, int, int, int], cells: set[tuple[int, int]], side: int) -> Fraction:
    """The share of a rectangle (west, south, east, north in m) in square cells (column, row)."""
    west, south, east, north = area
    covered = 0
    for column, row in cells:
        wide = min(east, (column + 1) * side) - max(west, column * side)
        high = min(north, (row + 1) * side) - max(south, row * side)
        covered += max(wide, 0) * max(high, 0)
    return Fraction(covered, (east - west) * (north - south))
