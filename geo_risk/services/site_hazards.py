"""Hazards that sites must keep away from: which candidates lie too near, to what, and why.

A hazard whose row gives both a radius and a source is a declared assessment; around any other
the screening radius holds, which is no assessment.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo_risk.datums import MetricCRS
from geo_risk.errors import InputError, Text, UsageError
from geo_risk.intake import read_table
from geo_risk.intake.parquet import shapes_of
from geo_risk.roads.network import Floats, Lines, in_metres

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

DEFAULT_SCREENING_M = 300.0
MOST_RADIUS_M = 50_000.0
DECLARED, SCREENING = "declared", "screening"
BASES = {
    DECLARED: "已申报的评估 / declared assessment",
    SCREENING: "筛查，未评估 / screening, not assessed",
}
_RADII = ("radius_m", "半径", "半径(米)", "影响半径", "防护距离")
_SOURCES = ("source", "来源", "依据", "评估来源")


@dataclass(frozen=True)
class Hazards:
    """h hazards: ids, shapes in metres, the radius that holds around each, its basis and source.

    `unused` are the ids of those whose radius is not used as no source stands beside it.
    """

    ids: list[str]
    shapes_m: Lines
    radius_m: Floats
    basis: list[str]
    sources: list[str]
    unused: list[str]

    def near(self, points_m: Lines) -> list[tuple[int, dict[str, Any]]]:
        """Row and exclusion of each point within a hazard's radius, the boundary included."""
        tree = shapely.STRtree(points_m)
        hazard, point = tree.query(self.shapes_m, predicate="dwithin", distance=self.radius_m)
        distance_m = shapely.distance(self.shapes_m[hazard], points_m[point])
        order = np.lexsort((distance_m, point))
        return [
            (int(point[at]), self._told(int(hazard[at]), float(distance_m[at]))) for at in order
        ]

    def _told(self, row: int, distance_m: float) -> dict[str, Any]:
        return {
            "hazard": self.ids[row],
            "distance_m": round(distance_m),
            "radius_m": float(f"{self.radius_m[row]:g}"),
            "basis": self.basis[row],
            "basis_text": BASES[self.basis[row]],
            "source": self.sources[row] or None,
        }


def read_hazards(path: Path, crs: MetricCRS, screening_m: float = DEFAULT_SCREENING_M) -> Hazards:
    """A file of hazards: id, a geometry or lon and lat, and optionally radius_m and source.

    `UsageError` `number_invalid` for the screening radius; `InputError` `column_missing`,
    `crs_refused`, `id_missing`, `id_double`, `position_missing`, `position_far`,
    `number_invalid`.
    """
    if not 0 <= screening_m <= MOST_RADIUS_M:
        words = Text("筛查半径不正确", "The screening radius is not valid")
        fix = Text("0 到 50000 米", "From 0 to 50000 metres")
        raise UsageError(
            "number_invalid", words, where="--screening", got=f"{screening_m:g}", fix=fix
        )
    table = read_table(path, plain=True)
    check_wgs84(table.crs_name, path)
    at = required_at(table.columns, IDS, "id", path)
    ids = ids_of([row[at] for row in table.rows], table.row_numbers)
    radius_m, sources = _radii(table, path), _texts(table)
    declared = np.isfinite(radius_m) & np.array([bool(one) for one in sources], bool)
    return Hazards(
        ids,
        in_metres(crs, _shapes(table, path)),
        np.where(declared, radius_m, screening_m),
        [DECLARED if one else SCREENING for one in declared],
        sources,
        [ids[row] for row in np.flatnonzero(np.isfinite(radius_m) & ~declared)],
    )


def _shapes(table: Any, path: Path) -> Lines:
    if table.geometry is not None:
        shapes = shapely.make_valid(shapes_of(table.geometry, "row"))
    else:
        lon, lat = (
            numbers([row[at] for row in table.rows])
            for at in (required_at(table.columns, names, names[0], path) for names in (LONS, LATS))
        )
        bad = np.flatnonzero(~(np.isfinite(lon) & np.isfinite(lat)))
        if len(bad):
            raise no_position(table.row_numbers[bad[0]], f"{lon[bad[0]]}, {lat[bad[0]]}")
        shapes = shapely.points(lon, lat)
    west, south, east, north = shapely.bounds(shapes).reshape(-1, 4).T
    good = (west >= -180) & (east <= 180) & (south >= -90) & (north <= 90)
    if not good.all():
        row = int(np.argmin(good))
        raise no_position(table.row_numbers[row], shapes[row])
    return np.atleast_1d(shapes)


def _radii(table: Any, path: Path) -> Floats:
    """The stated radius of each row in metres, NaN where there is none."""
    at = column_at(table.columns, _RADII)
    if at is None:
        return np.full(len(table.rows), np.nan)
    cells = [row[at] for row in table.rows]
    empty = np.array([cell is None or str(cell).strip() == "" for cell in cells], bool)
    found = numbers(cells)
    bad = np.flatnonzero(~empty & ~((found >= 0) & (found <= MOST_RADIUS_M)))
    if len(bad):
        row = table.row_numbers[bad[0]]
        raise InputError(
            "number_invalid",
            Text("半径不正确", "The radius is not valid"),
            where=f"{path.name} 第 {row} 行 / row {row}",
            got=cells[bad[0]],
            fix=Text("0 到 50000 米，或留空", "From 0 to 50000 metres, or leave it empty"),
        )
    return np.where(empty, np.nan, found)


def _texts(table: Any) -> list[str]:
    at = column_at(table.columns, _SOURCES)
    if at is None:
        return [""] * len(table.rows)
    return ["" if row[at] is None else str(row[at]).strip() for row in table.rows]
