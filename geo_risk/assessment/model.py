"""What an assessment holds: frozen dataclasses without any behaviour but counting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from ..errors import Text
from ..vocabulary import GRADES, Grade

Ring = npt.NDArray[np.float64]
"""One closed ring or line in metres, shape (n, 2): easting, northing."""

MoveKind = Literal["new", "removed", "worse", "better", "graded", "ungraded", "rules"]
MOVES: tuple[MoveKind, ...] = (
    *("worse", "new", "ungraded", "better", "graded", "rules", "removed"),
)
Checked = Literal["verified", "unverified", "policy", "none"]
"""How a profile's limits stand to their source; `none` where there are none to check."""


@dataclass(frozen=True)
class Tally:
    """How many of each grade, in the order of `GRADES` (no data last)."""

    counts: tuple[int, ...] = (0, 0, 0, 0, 0)

    @classmethod
    def of_mapping(cls, counts: Mapping[str, int]) -> Tally:
        """From `{"red": 3, …}`; what is missing is 0."""
        return cls(tuple(int(counts.get(str(grade), 0)) for grade in GRADES))

    def of(self, grade: Grade) -> int:
        """The number of one grade."""
        return self.counts[tuple(GRADES).index(grade)]

    @property
    def total(self) -> int:
        """All, graded or not."""
        return sum(self.counts)

    @property
    def graded(self) -> int:
        """Those that have a grade."""
        return self.total - self.of(Grade.NO_DATA)

    @property
    def worst(self) -> Grade:
        """The worst grade that occurs; no data when nothing is graded."""
        return next((grade for grade in GRADES if self.of(grade)), Grade.NO_DATA)

    def __add__(self, other: Tally) -> Tally:
        pairs = zip(self.counts, other.counts, strict=True)
        return Tally(tuple(mine + theirs for mine, theirs in pairs))

    def __sub__(self, other: Tally) -> Tally:
        pairs = zip(self.counts, other.counts, strict=True)
        return Tally(tuple(mine - theirs for mine, theirs in pairs))

    def as_json(self) -> dict[str, int]:
        """`{"red": n, …, "no_data": n}`."""
        return dict(zip(map(str, GRADES), self.counts, strict=True))


@dataclass(frozen=True)
class Group:
    """An area, industry, kind or department: its points per grade, worst grade, index, fill."""

    id: str
    name: Text
    tally: Tally
    index: float | None = None
    fill: Grade = Grade.NO_DATA
    part_of: Text | None = None


@dataclass(frozen=True)
class Breakdown:
    """The points by one thing (town, industry …); the groups' sum is the whole that is counted."""

    key: str
    title: Text
    label: Text
    groups: tuple[Group, ...]
    note: Text
    part_label: Text | None = None


@dataclass(frozen=True)
class Method:
    """A way to roll a town up: its formula, and (value, grade, rank) of each town.

    `share`: the values are parts of one, shown in per cent.
    """

    name: str
    title: Text
    formula: Text
    share: bool
    values: tuple[tuple[float | None, Grade | None, int | None], ...]


@dataclass(frozen=True)
class Ranked:
    """One of the worst: what it is, where, its score and why in one line."""

    id: str
    name: Text
    grade: Grade
    score: float | None
    where: str = ""
    unit: str = ""
    kind: Text | None = None
    tally: Tally | None = None
    reason: Text | None = None
    label: str = ""
    """How it is called on the map: 1, 2 … or a, b …; empty where it is no point."""


@dataclass(frozen=True)
class Ranking:
    """The worst of one kind, worst first, and the rule of the order."""

    key: str
    title: Text
    score: Text
    order: Text
    rows: tuple[Ranked, ...]
    of: int
    kind: Text | None = None


@dataclass(frozen=True)
class Moved:
    """One item that came, went, or has another grade than then."""

    layer: str
    layer_title: Text
    id: str
    name: str
    where: str
    before: Grade | None
    after: Grade | None
    kind: MoveKind
    reason: Text | None = None


@dataclass(frozen=True)
class PolicyChange:
    """Items of a layer that are graded by another profile or other direct rules than then."""

    layer: str
    layer_title: Text
    profiles: tuple[str, str]
    rules: tuple[tuple[str, ...], tuple[str, ...]]
    items: int


@dataclass(frozen=True)
class Change:
    """What stood at `since` against what stands now. `moved` may be cut: `counts` is whole.

    `history_begins` is the moment of the first batch where `since` lies before it.
    """

    since: str
    batch: str | None
    then: Tally
    now: Tally
    counts: Mapping[MoveKind, int]
    towns: tuple[tuple[Group, Tally], ...]
    moved: tuple[Moved, ...]
    policies: tuple[PolicyChange, ...] = ()
    history_begins: str = ""


@dataclass(frozen=True)
class LayerFigure:
    """A layer that is counted: how many of each grade, and by which profile how many."""

    layer: str
    title: Text
    tally: Tally
    profiles: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Dangers:
    """Hidden dangers that are not closed; `overdue` are past their deadline on the day made."""

    total: int
    open: int
    overdue: int
    major_open: int


@dataclass(frozen=True)
class CheckRow:
    """The checks of one group: items, those overdue by grade, those never checked."""

    name: Text
    total: int
    overdue: Tally
    never: int


@dataclass(frozen=True)
class Checks:
    """Checks by the control ledger on the day made, and how declared grades compare.

    `stated_lower` items declare a lower grade than the computed one.
    """

    all: CheckRow
    towns: tuple[CheckRow, ...]
    departments: tuple[CheckRow, ...]
    stated_lower: int
    stated_higher: int


@dataclass(frozen=True)
class Profile:
    """A grading profile in use: where each colour begins, its clause, whether it was verified.

    `adds` is what it adds to the bands of another one, with the clause of that.
    """

    name: str
    method: Text
    bands: tuple[tuple[Grade | None, Text, str], ...]
    checked: Checked
    used_by: int
    adds: tuple[Text, str] | None = None


@dataclass(frozen=True)
class Gap:
    """Why some items of a layer have no grade: the code, how many, the first of them in words."""

    layer: str
    layer_title: Text
    code: str
    count: int
    example: Text
    example_id: str


@dataclass(frozen=True)
class Unplaced:
    """Rows of a layer that wait in the review queue: they are on no map and in no count."""

    layer: str
    layer_title: Text
    count: int


@dataclass(frozen=True)
class MapArea:
    """An area of a map in metres; `label_at` is the centre of the widest circle inside."""

    id: str
    name: str
    fill: Grade
    rings: tuple[Ring, ...]
    label_at: tuple[float, float] | None = None
    label_room_m: float = 0.0


@dataclass(frozen=True)
class MapMark:
    """A point of a map in metres; `label` is its place among the ten worst, "" for others."""

    grade: Grade
    x_m: float
    y_m: float
    label: str = ""
    coarse: bool = False


@dataclass(frozen=True)
class GridCell:
    """A cell of a grid by its worst grade, its ring in metres, and how many points it holds."""

    grade: Grade
    ring: Ring
    count: int


@dataclass(frozen=True)
class MapData:
    """Everything that is drawn, in metres of the metric CRS `epsg`."""

    epsg: int
    box_m: tuple[float, float, float, float]
    city: tuple[Ring, ...]
    around: tuple[Ring, ...]
    towns: tuple[MapArea, ...]
    roads: tuple[Ring, ...]
    marks: tuple[MapMark, ...]
    cells: tuple[GridCell, ...]
    cell_side_m: int
    approximate: bool
    undrawn: int
    """Red and orange points that have no position."""


@dataclass(frozen=True)
class Assessment:
    """The comprehensive assessment of a city (城市安全风险评估)."""

    city: Group
    made_at: str
    data_at: str
    last_batch: str
    notice: Text | None
    origins: tuple[str, ...]
    enterprises: int
    enterprises_graded: int
    layers: tuple[LayerFigure, ...]
    dangers: Dangers | None
    checks: Checks
    index_title: Text
    index_formula: Text
    index_starts: Mapping[str, float]
    methods: tuple[Method, ...]
    breakdowns: tuple[Breakdown, ...]
    rankings: tuple[Ranking, ...]
    change: Change | None
    profiles: tuple[Profile, ...]
    gaps: tuple[Gap, ...]
    unplaced: tuple[Unplaced, ...]
    map: MapData | None

    def breakdown(self, key: str) -> Breakdown:
        """The breakdown by one thing: town, village, industry, accident_type …"""
        return next(part for part in self.breakdowns if part.key == key)

    def ranking(self, key: str) -> Ranking:
        """The worst of one kind: risk_points, hazard_sources, enterprises, towns, industries."""
        return next(part for part in self.rankings if part.key == key)
