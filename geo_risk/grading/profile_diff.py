"""What a change of profile would recolour: every cell of a method under two profiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from ..errors import Text, UsageError
from ..vocabulary import Grade
from .graders import Grader, grader_of_profile
from .lec import grade_lec, scale
from .ls import grade_ls
from .major_hazard import level_colour, level_names


@dataclass(frozen=True)
class Cell:
    """One possible input and its colour under both profiles."""

    inputs: dict[str, str]
    a: Grade
    b: Grade


def compared_grader(a: str, b: str) -> Grader:
    """The method of two profiles; `UsageError` where they are of different methods."""
    grader, other = grader_of_profile(a), grader_of_profile(b)
    if grader is other:
        return grader
    raise UsageError(
        "profiles_differ_in_method",
        Text("两个方案属于不同方法，不能比较", "The profiles belong to different methods"),
        where="profile",
        got=f"{a} ({grader.name}), {b} ({other.name})",
        fix=Text("选择同一方法的两个方案", "Choose two profiles of one method"),
    )


def cells(a: str, b: str) -> tuple[Cell, ...]:
    """Every cell of the method with both colours: 252 of LEC, 25 of LS, 5 levels of GB 18218."""
    grader = compared_grader(a, b)
    return tuple({"lec": _lec, "ls": _ls, "gb18218": _levels}[grader.name](a, b))


def _lec(a: str, b: str) -> Iterator[Cell]:
    scores = [[row["score"] for row in scale(factor).values()] for factor in "LEC"]
    for l, e, c in product(*scores):  # noqa: E741
        colours = [grade_lec(l, e, c, profile).grade for profile in (a, b)]
        yield Cell({"l": l, "e": e, "c": c}, *colours)


def _ls(a: str, b: str) -> Iterator[Cell]:
    for l, s in product(range(1, 6), repeat=2):  # noqa: E741
        colours = [grade_ls(l, s, profile).grade for profile in (a, b)]
        yield Cell({"l": str(l), "s": str(s)}, *colours)


def _levels(a: str, b: str) -> Iterator[Cell]:
    for level in level_names():
        yield Cell({"level": level}, level_colour(a, level), level_colour(b, level))
