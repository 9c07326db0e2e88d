"""Ways to sum an area up beside its worst grade: index, k worst, share of ground, density."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np
import numpy.typing as npt

from ..errors import Text
from ..reference import Row, table
from ..vocabulary import Grade
from .profiles import refuse_profile
from .roll_up import ROLL_UP_COLUMNS, fill_of, index_policy, roll_up

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
INDEX = "mean_weight_8421"
METHODS = ("max", "index", "topk", "share", "density")
WHY: dict[str, Text] = {
    "nothing_graded": Text("没有已分级的", "Nothing of it is graded"),
    "no_ground": Text("这样的分组没有面积", "Such a group has no ground"),
    "outline_unknown": Text("范围未知，没有面积", "Its outline is not known, so it has no area"),
    "not_placed": Text("红色和橙色的都没有位置", "None of its red and orange items has a position"),
}
"""Why an area has no value by a method, by code."""


@dataclass(frozen=True)
class Method:
    """A way to sum up: its formula, parameters and where each grade begins (empty: no grades)."""

    name: str
    title: Text
    formula: Text
    parameters: dict[str, float]
    starts: tuple[float, ...]
    note: Text
    clause: str


@dataclass(frozen=True)
class Ground:
    """The ground of n areas: m² (NaN where unknown), shares of it in cells with a worst grade.

    `unplaced` are red and orange items of the area without a position, `placed` those with one.
    """

    area_m2: Floats
    red: Floats
    red_orange: Floats
    placed: Counts
    unplaced: Counts


@dataclass(frozen=True)
class Summed:
    """n areas by one method: value (NaN with a code of `WHY`), grade (None: no limits), rank.

    Rank 1 is the highest value, equal values share a rank, 0 is without a value.
    """

    method: str
    value: Floats
    grade: list[Grade | None]
    rank: Counts
    why: list[str]


@cache
def roll_up_method(name: str) -> Method:
    """A method of `rollup_methods.csv`; `UsageError` names those that exist."""
    refuse_profile(name, METHODS)
    row = next(row for row in table("rollup_methods") if row["name"] == name)
    policy = index_policy(INDEX)
    weights = dict(zip(map(str, ROLL_UP_COLUMNS), policy.weights, strict=False))
    held = {key: float(row[key]) for key in ("k", "cell_m") if row[key]}
    return Method(
        name,
        Text(row["title_zh"], row["title_en"]),
        Text(row["formula_zh"], row["formula_en"]),
        held if name == "share" else held | weights,
        policy.starts if name == "index" else _starts(row),
        Text(row["note_zh"], row["note_en"]),
        row["clause"],
    )


def _starts(row: Row) -> tuple[float, ...]:
    limits = [row[f"{grade}_from"] for grade in ROLL_UP_COLUMNS[:3]]
    return tuple(float(Fraction(limit)) for limit in limits) if all(limits) else ()


def counts_by_group(
    code: npt.ArrayLike, group: npt.ArrayLike, groups: int, times: npt.ArrayLike | None = None
) -> Counts:
    """How many items of each grade each group has, shape (groups, 5).

    Parameters
    ----------
    code : shape (n,), the item's grade as its place in `ROLL_UP_COLUMNS`, 0 to 4.
    group : shape (n,), its group, 0 to groups - 1; an item of group -1 belongs to none.
    times : shape (n,), how many such items there are; 1 where not given.
    """
    columns = len(ROLL_UP_COLUMNS)
    codes, of = np.asarray(code, np.int64), np.asarray(group, np.int64)
    inside = of >= 0
    weights = None if times is None else np.asarray(times, np.float64)[inside]
    slots = of[inside] * columns + codes[inside]
    counted = np.bincount(slots, weights, groups * columns).astype(np.int64)
    return counted.reshape(groups, columns)


def sum_up(counts: Counts, ground: Ground | None = None) -> dict[str, Summed]:
    """n areas by every method, side by side.

    `counts` is as in `roll_up`; `ground` None where such groups have none (an industry). See
    docs/methods/rollup.md.
    """
    graded = counts[:, :-1].sum(axis=1) > 0
    rolled = roll_up(counts, INDEX)
    weights = np.array(rolled.policy.weights)
    worst = np.where(graded, weights[(counts[:, :-1] > 0).argmax(axis=1)], np.nan)
    of_counts = {"max": worst, "index": rolled.index, "topk": _top_mean(counts, weights)}
    ungraded = ["" if some else "nothing_graded" for some in graded.tolist()]
    found = {name: _summed(name, value, ungraded) for name, value in of_counts.items()}
    return found | _by_ground(counts, weights, ground, ungraded)


def _top_mean(counts: Counts, weights: Floats) -> Floats:
    """The mean weight of the k worst: from each grade, worst first, what is left of k."""
    k = int(roll_up_method("topk").parameters["k"])
    by_grade = counts[:, :-1]
    before = np.cumsum(by_grade, axis=1) - by_grade
    taken = np.clip(k - before, 0, by_grade)
    size = taken.sum(axis=1)
    mean = np.full(len(counts), np.nan)
    np.divide(taken @ weights, size, out=mean, where=size > 0)
    return mean


def _by_ground(
    counts: Counts, weights: Floats, ground: Ground | None, ungraded: Sequence[str]
) -> dict[str, Summed]:
    if ground is None:
        nothing, why = np.full(len(counts), np.nan), ["no_ground"] * len(counts)
        return {name: _summed(name, nothing, why) for name in ("share", "density")}
    known = np.isfinite(ground.area_m2) & (ground.area_m2 > 0)
    why = [
        said or ("" if here else "outline_unknown")
        for said, here in zip(ungraded, known.tolist(), strict=True)
    ]
    density = np.full(len(counts), np.nan)
    np.divide(counts[:, :-1] @ weights * 1e6, ground.area_m2, out=density, where=known)
    lost = (ground.unplaced > 0) & (ground.placed == 0)
    why_share = [
        said or ("not_placed" if gone else "")
        for said, gone in zip(why, lost.tolist(), strict=True)
    ]
    return {
        "share": _summed("share", ground.red, why_share),
        "density": _summed("density", density, why),
    }


def _summed(name: str, value: Floats, why: Sequence[str]) -> Summed:
    """Values masked where there is a reason, with rank, and grade where the method has limits."""
    method = roll_up_method(name)
    value = np.where([not said for said in why], value, np.nan)
    grade: list[Grade | None] = [
        Grade.NO_DATA
        if said == "nothing_graded"
        else (fill_of(one, method.starts) if method.starts else None)
        for one, said in zip(value.tolist(), why, strict=True)
    ]
    return Summed(name, value, grade, _ranks(value), list(why))


def _ranks(value: Floats) -> Counts:
    known = np.sort(value[np.isfinite(value)])
    rank = len(known) - np.searchsorted(known, value, side="right") + 1
    return np.where(np.isfinite(value), rank, 0).astype(np.int64)
