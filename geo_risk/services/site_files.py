"""Reading what siting is asked about: demand, candidates, and tables of who reaches whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_risk.errors import InputError, Text
from geo_risk.intake import read_table
from geo_risk.intake.faults import Fault, Noted
from geo_risk.intake.grades import read_grade
from geo_risk.intake.parquet import shapes_of

from .plain_columns import (
    IDS,
    LATS,
    LONS,
    check_wgs84,
    column_at,
    ids_of,
    no_position,
    numbers,
    required_at,
)

Floats = NDArray[np.float64]
STATUSES = ("candidate", "existing", "required", "forbidden")
_STATUS_WORDS = {"候选": "candidate", "现有": "existing", "必选": "required", "禁止": "forbidden"}
_WEIGHTS = ("weight", "权重", "people", "人数", "人口")
_COSTS = ("cost", "费用", "成本", "distance", "距离", "seconds", "秒")
GRADE_NAMES = ("grade", "等级", "风险等级")
_TOWNS = ("town", "镇街", "乡镇")
_STATES = ("status", "状态")
_CAPACITIES = ("capacity", "容量")
_DEMANDS = ("demand", "需求", "需求点")
_MEND = Text("改正这一行", "Mend this row")
_CANDIDATES = ("candidate", "候选", "候选点", "site")


@dataclass(frozen=True)
class Demand:
    """n demands: ids, WGS84 positions (NaN where the file has none), weights, grades and towns.

    `grades` is None where the file has no such column; an empty grade is `no_data`.
    """

    ids: list[str]
    lon: Floats
    lat: Floats
    weight: Floats
    grades: list[str] | None
    towns: list[str] | None


@dataclass(frozen=True)
class Candidates:
    """m candidates: ids, WGS84 positions, costs (1), states, capacities (infinite) and towns."""

    ids: list[str]
    lon: Floats
    lat: Floats
    cost: Floats
    status: list[str]
    capacity: Floats
    towns: list[str] | None


@dataclass(frozen=True)
class Links:
    """A table of links by ids; `cost` is None where it only says who reaches whom."""

    demands: list[str]
    candidates: list[str]
    cost: Floats | None


def read_demand(path: Path, *, placed: bool = True) -> Demand:
    """A file of demand: id, lon, lat or a geometry, and optionally weight, grade, town.

    With `placed` False positions may be missing. `InputError`: `column_missing`, `crs_refused`,
    `position_missing`, `id_missing`, `id_double`, `number_invalid`, and those of a grade.
    """
    file = _File(path)
    lon, lat = file.positions(placed)
    return Demand(
        file.ids, lon, lat, file.numbers(_WEIGHTS, 1.0, "weight"), file.grades(), file.texts(_TOWNS)
    )


def read_candidates(path: Path, *, placed: bool = True) -> Candidates:
    """A file of candidates: id, position, and optionally cost, status, capacity, town.

    Errors as for demand, and `status_unknown`.
    """
    file = _File(path)
    lon, lat = file.positions(placed)
    return Candidates(
        file.ids,
        *(lon, lat, file.numbers(("cost", "费用", "成本"), 1.0, "cost"), file.states()),
        file.numbers(_CAPACITIES, np.inf, "capacity"),
        file.texts(_TOWNS),
    )


def read_links(path: Path, *, cost: bool) -> Links:
    """A table demand, candidate and, with `cost`, what it costs from one to the other.

    `InputError`: `column_missing`, `id_missing`, `number_invalid`.
    """
    file = _File(path, keyed=False)
    demands = file.keys(file.required(_DEMANDS, "demand"))
    candidates = file.keys(file.required(_CANDIDATES, "candidate"))
    return Links(demands, candidates, file.numbers(_COSTS, None, "cost") if cost else None)


def read_edges(path: Path) -> tuple[list[str], list[str], Floats]:
    """Edges u, v, cost of a graph, as in `read_links`."""
    file = _File(path, keyed=False)
    ends = [file.keys(file.required((name,), name)) for name in ("u", "v")]
    return ends[0], ends[1], file.numbers(_COSTS, None, "cost")


class _File:
    """A table that was read, and its columns by their headings."""

    def __init__(self, path: Path, *, keyed: bool = True) -> None:
        self.path = path
        self.table = read_table(path, plain=True)
        check_wgs84(self.table.crs_name, path)
        self.rows = self.table.row_numbers
        self.ids = ids_of(self.required(IDS, "id"), self.rows) if keyed else []

    def required(self, names: Sequence[str], what: str) -> list[Any]:
        at = required_at(self.table.columns, names, what, self.path)
        return [row[at] for row in self.table.rows]

    def optional(self, names: Sequence[str]) -> list[Any] | None:
        at = column_at(self.table.columns, names)
        return None if at is None else [row[at] for row in self.table.rows]

    def keys(self, cells: Sequence[Any]) -> list[str]:
        """Ids that may stand more than once."""
        found = ["" if cell is None else str(cell).strip() for cell in cells]
        if "" in found:
            raise self._bad(found.index(""), "id_missing", Text("编号为空", "An id is empty"), "")
        return found

    def texts(self, names: Sequence[str]) -> list[str] | None:
        cells = self.optional(names)
        return None if cells is None else ["" if c is None else str(c).strip() for c in cells]

    def numbers(self, names: Sequence[str], default: float | None, what: str) -> Floats:
        """Numbers of 0 or more; an empty cell is the default, as is a column that is not there."""
        cells = self.optional(names)
        if cells is None:
            if default is None:
                self.required(names, what)
            return np.full(len(self.rows), default, np.float64)
        values = numbers(cells)
        if default is not None:
            empty = np.array([cell is None or str(cell).strip() == "" for cell in cells], bool)
            values[empty] = default
        bad = np.flatnonzero(~(values >= 0))
        if len(bad):
            at = int(bad[0])
            words = Text(f"{what} 不是 0 以上的数", f"{what} is no number of 0 or more")
            raise self._bad(at, "number_invalid", words, cells[at])
        return values

    def positions(self, needed: bool) -> tuple[Floats, Floats]:
        """Longitude and latitude in WGS84 degrees, of a shape a point inside it."""
        if self.table.geometry is not None:
            points = shapely.point_on_surface(shapes_of(self.table.geometry, "row"))
            lon, lat = shapely.get_x(points), shapely.get_y(points)
        elif not needed and column_at(self.table.columns, LONS) is None:
            nowhere = np.full(len(self.rows), np.nan)
            return nowhere, nowhere
        else:
            lon, lat = (numbers(self.required(names, names[0])) for names in (LONS, LATS))
        bad = np.flatnonzero(~((np.abs(lon) <= 180) & (np.abs(lat) <= 90)))
        if len(bad) and needed:
            raise no_position(self.rows[bad[0]], f"{lon[bad[0]]}, {lat[bad[0]]}")
        return lon, lat

    def grades(self) -> list[str] | None:
        cells = self.texts(GRADE_NAMES)
        return None if cells is None else read_grades(cells, self.rows, self.path)

    def states(self) -> list[str]:
        cells = self.texts(_STATES)
        if cells is None:
            return ["candidate"] * len(self.rows)
        found = [_STATUS_WORDS.get(cell, cell.lower() or "candidate") for cell in cells]
        for at, state in enumerate(found):
            if state not in STATUSES:
                words = Text(f"状态应为 {'、'.join(STATUSES)}", f"One of {', '.join(STATUSES)}")
                raise self._bad(at, "status_unknown", words, cells[at])
        return found

    def _bad(self, at: int, code: str, words: Text, got: object) -> InputError:
        return _bad(self.path, self.rows[at], code, words, got, _MEND)


def read_grades(cells: Sequence[str], rows: Sequence[int], path: Path) -> list[str]:
    """Cells as grades; an empty one, or one that says so, is `no_data`. Errors of a grade."""
    known = {"": "no_data"}
    for row, cell in zip(rows, cells, strict=True):
        if cell not in known:
            read = read_grade(cell)
            if isinstance(read, Fault):
                raise _bad(path, row, read.code, read.message, cell, read.fix)
            grade = read.value if isinstance(read, Noted) else read
            known[cell] = "no_data" if grade is None else str(grade)
    return [known[cell] for cell in cells]


def _bad(path: Path, row: int, code: str, words: Text, got: object, fix: Text) -> InputError:
    where = f"{path.name} 第 {row} 行 / row {row}"
    return InputError(code, words, where=where, got=got, fix=fix)


def rows_of(
    wanted: Sequence[str], known: Sequence[str], what: Text, where: str
) -> NDArray[np.int64]:
    """The row of each id; `InputError` `id_unknown` for the first that is not known."""
    number: Mapping[str, int] = {key: at for at, key in enumerate(known)}
    try:
        return np.fromiter((number[key] for key in wanted), np.int64, len(wanted))
    except KeyError as error:
        raise InputError(
            "id_unknown",
            Text(f"{what['zh']}中没有这个编号", f"This id is not among the {what['en']}"),
            where=where,
            got=error.args[0],
            fix=Text("请核对两个文件的编号", "Check the ids of the two files"),
        ) from None
