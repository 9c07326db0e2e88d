"""Roll-up of graded points to an area: the worst grade, and an index that tells areas apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np
import numpy.typing as npt

from ..errors import Text, UsageError
from ..reference import table
from ..vocabulary import GRADES, Grade
from .profiles import refuse_profile

ROLL_UP_COLUMNS: tuple[Grade, ...] = tuple(GRADES)
"""The columns of `counts`, worst first: red, orange, yellow, blue, no data."""


@dataclass(frozen=True)
class IndexPolicy:
    """A named index: the weight of each grade and where each fill colour begins."""

    name: str
    title: Text
    weights: tuple[float, ...]
    starts: tuple[float, ...]
    formula: str
    clause: str


@dataclass(frozen=True)
class RollUp:
    """The roll-up of n areas, all in the order of the rows of `counts`.

    `worst` is the badge; `index` is NaN and `fill` is no data where nothing is graded;
    `graded` of `total` points have a grade.
    """

    policy: IndexPolicy
    worst: list[Grade]
    index: npt.NDArray[np.float64]
    fill: list[Grade]
    graded: npt.NDArray[np.int64]
    total: npt.NDArray[np.int64]


def index_names() -> tuple[str, ...]:
    """The roll-up indices that exist."""
    return tuple(row["name"] for row in table("rollup_indices"))


@cache
def index_policy(name: str) -> IndexPolicy:
    """A named index of `rollup_indices.csv`; `UsageError` names those that exist."""
    refuse_profile(name, index_names())
    row = next(row for row in table("rollup_indices") if row["name"] == name)
    graded = ROLL_UP_COLUMNS[:-1]
    return IndexPolicy(
        name,
        Text(row["title_zh"], row["title_en"]),
        tuple(float(Fraction(row[grade])) for grade in graded),
        tuple(float(Fraction(row[f"{grade}_from"])) for grade in graded[:-1]),
        row["formula"],
        row["clause"],
    )


def count_grades(grades: Sequence[Grade]) -> npt.NDArray[np.int64]:
    """How many of each grade, shape (5,), in the order of `ROLL_UP_COLUMNS`."""
    return np.array([grades.count(grade) for grade in ROLL_UP_COLUMNS], dtype=np.int64)


def roll_up(counts: npt.NDArray[np.int64], index: str = "mean_weight_8421") -> RollUp:
    """Roll the counts of n areas up.

    Parameters
    ----------
    counts : shape (n, 5), points per grade in the order of `ROLL_UP_COLUMNS`.
    index : name of a policy in `rollup_indices.csv`; a policy of this project, not a standard.

    Raises `UsageError` for another shape, negative counts or an unknown index.
    See docs/methods/rollup.md.
    """
    policy = index_policy(index)
    counts = _checked(counts)
    by_grade = counts[:, :-1]
    graded = by_grade.sum(axis=1)
    weighted = by_grade @ np.array(policy.weights)
    mean = np.full(len(counts), np.nan)
    np.divide(weighted, graded, out=mean, where=graded > 0)
    return RollUp(
        policy=policy,
        worst=[_worst(row, some) for row, some in zip(by_grade > 0, graded > 0, strict=True)],
        index=mean,
        fill=[fill_of(value, policy.starts) for value in mean.tolist()],
        graded=graded,
        total=counts.sum(axis=1),
    )


def _checked(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    array = np.asarray(counts)
    shaped = array.ndim == 2 and array.shape[1] == len(ROLL_UP_COLUMNS)
    if shaped and np.issubdtype(array.dtype, np.integer) and bool((array >= 0).all()):
        return array.astype(np.int64)
    raise UsageError(
        "counts_illegal",
        Text(
            "汇总计数必须是非负整数的 n×5 表", "Counts must be an n x 5 table of whole numbers >= 0"
        ),
        where="counts",
        got=f"{array.dtype} {array.shape}",
    )


def _worst(present: npt.NDArray[np.bool_], some: bool) -> Grade:
    return ROLL_UP_COLUMNS[int(present.argmax())] if some else Grade.NO_DATA


def fill_of(mean: float, starts: tuple[float, ...]) -> Grade:
    """The grade that a value reaches by where red, orange and yellow begin; no data for NaN."""
    if math.isnan(mean):
        return Grade.NO_DATA
    for grade, start in zip(ROLL_UP_COLUMNS, starts, strict=False):
        if mean >= start:
            return grade
    return Grade.BLUE
