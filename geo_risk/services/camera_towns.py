"""Towns of a camera plan: which of them each target lies in, and the grade of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_risk.vocabulary import Grade

from .camera_ground import POLYGONS, read_ground, shapes_none
from .plain_columns import ids_of
from .site_files import GRADE_NAMES, read_grades

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_NAMES = ("name", "名称", "镇街", "乡镇", "town")
_WORST = [str(grade) for grade in Grade]


@dataclass(frozen=True)
class Towns:
    """Towns by id: names, own grades (`no_data` where the file has none), areas in WGS84."""

    ids: list[str]
    names: list[str]
    grades: list[str]
    areas: NDArray[np.object_]
    told: dict[str, Any]

    def at(self, lon: Floats, lat: Floats) -> Ints:
        """The town of each position, its border included, the first of several; -1 in none."""
        position, town = shapely.STRtree(self.areas).query(shapely.points(lon, lat), "intersects")
        found = np.full(len(lon), len(self.ids), np.int64)
        np.minimum.at(found, position, town)
        return np.where(found == len(self.ids), -1, found)


@dataclass(frozen=True)
class InTowns:
    """The town of each target (a row of `towns`, -1 for none), and each town's grade.

    `own` says which grades stand in the file; the others are those of the worst point.
    """

    towns: Towns
    of: Ints
    grades: list[str]
    own: list[bool]

    @property
    def ids(self) -> list[str]:
        """The town's id for each target, empty for none."""
        names = np.array([*self.towns.ids, ""], object)
        return [str(one) for one in names[self.of]]

    def grades_at(self, rows: Ints) -> list[str]:
        """The grade of the town of some of the targets, `no_data` outside all."""
        names = np.array([*self.grades, "no_data"], object)
        return [str(one) for one in names[self.of[rows]]]


def read_towns(path: Path) -> Towns:
    """A file of polygons with id (or code), and optionally name and grade.

    Towns without an area are named and left out. `InputError` `shapes_none`, `id_double`, and
    those of a grade.
    """
    file = read_ground(path)
    rows, others = file.only(POLYGONS)
    ids = ids_of(list(file.ids), file.table.row_numbers)
    if not len(rows):
        raise shapes_none(path)
    names, grades = (
        ["" if cell is None else str(cell).strip() for cell in file.cells(columns)]
        for columns in (_NAMES, GRADE_NAMES)
    )
    own = read_grades(grades, file.table.row_numbers, path)
    flat = [one for row, one in enumerate(ids) if row not in set(rows.tolist())]
    return Towns(
        ids=[ids[row] for row in rows],
        names=[names[row] for row in rows],
        grades=[own[row] for row in rows],
        areas=np.asarray(shapely.make_valid(file.shapes[rows]), dtype=object),
        told={"n": len(rows), "without_area": {"n": others, "ids": flat}},
    )


def in_towns(towns: Towns, lon: Floats, lat: Floats, grades: Sequence[str]) -> InTowns:
    """Each target in its town; the first targets are the graded points, whose `grades` these are.

    A town has its own grade, else the worst of the graded points in it, else `no_data`.
    """
    of = towns.at(lon, lat)
    worst = [len(_WORST) - 1] * len(towns.ids)
    for town, grade in zip(of.tolist(), grades, strict=False):
        if town >= 0:
            worst[town] = min(worst[town], _WORST.index(grade))
    own = [grade != "no_data" for grade in towns.grades]
    found = [
        stated if has else _WORST[at]
        for stated, has, at in zip(towns.grades, own, worst, strict=True)
    ]
    return InTowns(towns, of, found, own)
