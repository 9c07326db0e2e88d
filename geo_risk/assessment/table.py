"""What a table in words is, and the columns that many tables share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..errors import Lang
from ..vocabulary import GRADES, Grade
from .model import Tally
from .words import WORDS

Kind = Literal[
    "text",
    "long",
    "id",
    "count",
    "of",
    "grade",
    "move",
    "index",
    "score",
    "signed",
    "ranked",
    "bar",
]
Cell = (
    str
    | int
    | float
    | Grade
    | Tally
    | tuple[int, int]
    | tuple[float | None, int | None]
    | tuple[float | None, Grade]
    | tuple[Grade | None, Grade | None]
    | None
)
"""What a cell holds by the kind of its column.

`of` is (n, m), shown as n/m; `ranked` (value, rank); `index` (value, colour of its fill); `move`
(grade then, grade now); `bar` a tally, drawn as a stacked bar; `grade` a `Grade`.
"""


@dataclass(frozen=True)
class Column:
    """A heading, what kind of cells stand below, and for counts of which grade they are."""

    label: str
    kind: Kind
    grade: Grade | None = None


@dataclass(frozen=True)
class Table:
    """A table in words. `total` says that the last row is the sum."""

    key: str
    chapter: str
    title: str
    note: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: bool = False
    empty: str = ""


def count_columns(lang: Lang) -> tuple[Column, ...]:
    """A column for the number of each grade."""
    return tuple(Column(style.level[lang], "count", grade) for grade, style in GRADES.items())


def tally_columns(lang: Lang) -> tuple[Column, ...]:
    """Bar, number of each grade, n of m graded, worst grade."""
    return (
        Column(WORDS["share"][lang], "bar"),
        *count_columns(lang),
        Column(WORDS["graded_of"][lang], "of"),
        Column(WORDS["worst"][lang], "grade"),
    )


def tally_cells(tally: Tally) -> tuple[Cell, ...]:
    """The cells of a tally under `tally_columns`."""
    return (tally, *tally.counts, (tally.graded, tally.total), tally.worst)
