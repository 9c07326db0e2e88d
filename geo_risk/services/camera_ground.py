"""Reading the ground on which cameras stand: buildings, roads, areas, zones, cameras there."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_risk.catalogue import layer
from geo_risk.datums import MetricCRS
from geo_risk.errors import InputError, Text
from geo_risk.intake import RawTable, read_table
from geo_risk.intake.parquet import shapes_of
from geo_risk.siting.buildings import Buildings, buildings

from .plain_columns import IDS, LATS, LONS, check_wgs84, column_at, no_position, numbers

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]
_HEIGHTS = ("height", "height_m", "高度", "建筑高度", "楼高")
_LEVELS = ("building:levels", "levels", "floors", "层数", "楼层数", "地上层数")
_SYNTHETIC = ("synthetic", "模拟数据")
_YES = {True, "1", "true", "True", "是", "yes"}
_METRES = re.compile(r"\s*([0-9]{1,4}(?:\.[0-9]{1,6})?)\s*(?:m|米)?\s*")
_MOST_HEIGHT_M = 1_000.0
_MIDDLE_M, _WIDEST_M = 500_000.0, 1_000_000.0
"""Of a zone of UTM, and how far from its middle a position is still believed."""
_LINES, POLYGONS = (1, 5), (3, 6)


@dataclass(frozen=True)
class Ground:
    """A file of shapes in WGS84: their ids (row numbers where it has none) and its table."""

    path: Path
    ids: list[str]
    shapes: Shapes
    table: RawTable

    @property
    def synthetic(self) -> bool:
        """Whether any row says of itself that it was generated."""
        at = column_at(self.table.columns, _SYNTHETIC)
        return at is not None and any(row[at] in _YES for row in self.table.rows)

    def cells(self, names: Sequence[str]) -> list[Any]:
        """A column by its headings; None in all rows without one."""
        at = column_at(self.table.columns, names)
        return [None if at is None else row[at] for row in self.table.rows]

    def only(self, kinds: tuple[int, ...]) -> tuple[NDArray[np.int64], int]:
        """The rows whose shapes are of these kinds, and how many are not."""
        good = np.isin(shapely.get_type_id(self.shapes), kinds)
        return np.flatnonzero(good), int((~good).sum())


def read_ground(path: Path) -> Ground:
    """A file with shapes (or lon, lat) in WGS84.

    `InputError` `crs_refused`, `shapes_none`, `position_missing` where a coordinate is no degree.
    """
    table = read_table(path, plain=True, osm=True)
    check_wgs84(table.crs_name, path)
    if table.geometry is not None:
        shapes = shapes_of(table.geometry, "row")
    else:
        at = [column_at(table.columns, names) for names in (LONS, LATS)]
        if None in at:
            raise shapes_none(path)
        lon, lat = (numbers([row[one] for row in table.rows]) for one in at if one is not None)
        shapes = shapely.points(lon, lat)
    _check_degrees(shapes, table.row_numbers)
    at_id = column_at(table.columns, (*IDS, "osm_id", "code"))
    ids = [
        str(number) if at_id is None or row[at_id] is None else str(row[at_id]).strip()
        for number, row in zip(table.row_numbers, table.rows, strict=True)
    ]
    return Ground(path, ids, shapes, table)


def in_metres(crs: MetricCRS, shapes: Shapes) -> Shapes:
    """Shapes of WGS84 in a metric CRS; `InputError` `position_far` where that cannot be."""

    def forward(lonlat: Floats) -> Floats:
        return np.column_stack(crs.forward(lonlat[:, 0], lonlat[:, 1]))

    made = np.asarray(shapely.transform(shapes, forward), dtype=object)
    east_m = shapely.get_coordinates(made)[:, 0] - _MIDDLE_M
    if not (np.abs(east_m) <= _WIDEST_M).all():
        raise InputError(
            "position_far",
            Text("离其他数据太远，无法同一投影", "Too far from the others for one projection"),
            where=f"EPSG:{crs.epsg}",
            fix=Text("请核对坐标，或分地区计算", "Check the positions, or plan by region"),
        )
    return made


@dataclass(frozen=True)
class Town:
    """Buildings in metres, and what is to be said of them: by number and by id."""

    of: Buildings
    told: dict[str, Any] = field(default_factory=dict)


def read_buildings(ground: Ground, crs: MetricCRS, level_m: float) -> Town:
    """Outlines with heights, from metres or from levels of `level_m` each, invalid ones repaired.

    A height that is no number from 0 to 1,000 metres is unknown: the building hides all behind it.
    """
    rows, others = ground.only(POLYGONS)
    metres, levels = ground.cells(_HEIGHTS), ground.cells(_LEVELS)
    height = np.array([_height_m(metres[row], levels[row], level_m) for row in rows], float)
    made = buildings(in_metres(crs, ground.shapes[rows]), height)
    unread = [
        ground.ids[row]
        for row, one in zip(rows.tolist(), height.tolist(), strict=True)
        if math.isnan(one) and (metres[row] not in (None, "") or levels[row] not in (None, ""))
    ]
    named = [ground.ids[row] for row in rows]
    told = {
        "n": len(made),
        "not_outlines": others,
        "height_known": int(np.isfinite(made.height_m).sum()),
        "height_unread": _listed(unread),
        "repaired": _listed([named[row] for row in made.repaired]),
        "without_area": _listed([named[row] for row in made.flat]),
    }
    return Town(made, told)


def read_lines(ground: Ground, crs: MetricCRS) -> tuple[Shapes, dict[str, Any]]:
    """The lines of a file in metres, of any class, and how many rows are none."""
    rows, others = ground.only(_LINES)
    if not len(rows):
        raise shapes_none(ground.path)
    lines = in_metres(crs, ground.shapes[rows])
    told = {"n": len(rows), "km": round(float(shapely.length(lines).sum()) / 1000, 3)}
    return lines, {**told, "not_lines": others}


def read_areas(ground: Ground, crs: MetricCRS) -> Shapes:
    """The polygons of a file in metres, made valid; `InputError` `areas_invalid` for other rows."""
    rows, others = ground.only(POLYGONS)
    if others or not len(rows):
        raise InputError(
            "areas_invalid",
            Text("应为多边形", "The rows must be polygons"),
            where=ground.path.name,
            got=f"{others} / {len(ground.shapes)}",
            fix=Text("只留多边形(WGS84)", "Give polygons (WGS84) only"),
        )
    return np.asarray(shapely.make_valid(in_metres(crs, ground.shapes[rows])), dtype=object)


@dataclass(frozen=True)
class Hanging:
    """Cameras that hang already, shape (n,): NaN where the file does not say.

    `unplaced` are the ids of rows without a point.
    """

    ids: list[str]
    lon: Floats
    lat: Floats
    heading_deg: Floats
    hfov_deg: Floats
    range_m: Floats
    unplaced: list[str]


def read_hanging(ground: Ground) -> Hanging:
    """Existing cameras as the layer `cameras` names its columns.

    `InputError` `number_invalid` for a heading, field of view or range out of the layer's bounds.
    """
    rows, _ = ground.only((0,))
    names = ("heading_deg", "field_of_view_deg", "range_m")
    heading, hfov, far = (_bounded(ground, name)[rows] for name in names)
    points, placed = ground.shapes[rows], set(rows.tolist())
    return Hanging(
        ids=[ground.ids[row] for row in rows],
        lon=shapely.get_x(points),
        lat=shapely.get_y(points),
        heading_deg=heading,
        hfov_deg=hfov,
        range_m=far,
        unplaced=[one for row, one in enumerate(ground.ids) if row not in placed],
    )


def _bounded(ground: Ground, name: str) -> Floats:
    spec = layer("cameras").by_name[name]
    cells = ground.cells((name, *spec.synonyms))
    values = numbers(cells)
    empty = np.array([cell is None or str(cell).strip() == "" for cell in cells], bool)
    low, high = float(spec.minimum or 0.0), float(spec.maximum or np.inf)
    bad = np.flatnonzero(~empty & ~((values >= low) & (values <= high)))
    if len(bad):
        row = ground.table.row_numbers[bad[0]]
        fix = Text(f"{low:g} 到 {high:g}，不知道则留空", f"{low:g} to {high:g}; empty if unknown")
        where = f"{ground.path.name} 第 {row} 行 / row {row}, {name}"
        words = Text("数值不正确", "The number is not valid")
        raise InputError("number_invalid", words, where=where, got=cells[bad[0]], fix=fix)
    return values


def _height_m(metres: object, levels: object, level_m: float) -> float:
    for cell, unit in ((metres, 1.0), (levels, level_m)):
        found = _METRES.fullmatch(str(cell)) if cell is not None else None
        if found and 0.0 < float(found[1]) * unit <= _MOST_HEIGHT_M:
            return float(found[1]) * unit
    return math.nan


def _listed(ids: list[str]) -> dict[str, Any]:
    return {"n": len(ids), "ids": ids}


def _check_degrees(shapes: Shapes, row_numbers: list[int]) -> None:
    """`InputError` `position_missing` for the first shape that does not lie in WGS84."""
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    west, south, east, north = shapely.bounds(shapes).reshape(-1, 4).T
    good = (west >= -180) & (east <= 180) & (south >= -90) & (north <= 90)
    bad = np.flatnonzero(there & ~good)
    if len(bad):
        row = int(bad[0])
        raise no_position(row_numbers[row], f"{west[row]:g}, {south[row]:g}")


def shapes_none(path: Path) -> InputError:
    """The error for a file without a shape of the kind that is needed."""
    return InputError(
        "shapes_none",
        Text("文件中没有所需的几何", "The file does not hold the shapes that are needed"),
        where=path.name,
        fix=Text(
            "给出 WGS84 的 GeoJSON、GeoPackage、Shapefile(zip)",
            "Give GeoJSON, GeoPackage or zipped Shapefile in WGS84",
        ),
    )
