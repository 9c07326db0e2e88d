"""What cameras are to see: graded points, road length and public areas, weighted by grade.

Rules: docs/methods/cameras.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_risk.datums import MetricCRS
from geo_risk.errors import Text, UsageError
from geo_risk.grading.grids import grid_of
from geo_risk.siting.samples import Samples, area_samples, road_samples
from geo_risk.siting.walls import Walls

from .camera_towns import InTowns, Towns, in_towns
from .site_files import Demand

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]
GRADES = ("red", "orange", "yellow", "blue", "no_data")
KINDS = ("points", "roads", "areas")
MOST_DEMANDS = 2_000_000
_DECIMALS = 6


@dataclass(frozen=True)
class Targets:
    """n places to see: as demand of a plan, in metres, and what each stands for.

    `kind` is a row of `KINDS`; `measure` is 1 for a point, metres of road, m² of area.
    """

    demand: Demand
    x_m: Floats
    y_m: Floats
    kind: NDArray[np.int8]
    measure: Floats
    towns: InTowns | None = None

    def weighed(self, by_grade: Mapping[str, float]) -> Floats:
        """Each target's weight times that of its grade, shape (n,)."""
        grades = self.demand.grades or []
        return self.demand.weight * np.array([by_grade[grade] for grade in grades], np.float64)


@dataclass(frozen=True)
class Weighing:
    """How roads and areas count beside points, and what gives them a grade: a cell or a town."""

    step_m: float = 5.0
    area_step_m: float = 10.0
    metres_per_point: float = 100.0
    m2_per_point: float = 2_500.0
    cell: str = "250"
    grade_by: str = "cell"


def targets(
    crs: MetricCRS,
    among: Walls,
    points: Demand | None,
    roads_m: Shapes,
    areas_m: Shapes,
    how: Weighing,
    towns: Towns | None = None,
) -> tuple[Targets, dict[str, int]]:
    """Graded points, samples of roads and of areas as one demand.

    A point weighs 1 (times its own weight), a road sample its metres / `metres_per_point`, an area
    sample its m² / `m2_per_point`; all times the weight of their grade, which a plan's `weights`
    tell. A sample has the worst grade of the points in its cell, or the grade of its town;
    `no_data` where there is none. With `towns` each target has its town.
    No camera sees into a building: a point inside one is looked for at the nearest place of its
    wall. Returns also how many points were so moved, and how many samples lie inside buildings.
    `UsageError` `demand_none`, `demand_too_much`.
    """
    length_m = float(shapely.length(roads_m).sum())
    expected = (
        length_m / how.step_m
        + float(shapely.area(shapely.envelope(areas_m)).sum()) / how.area_step_m**2
    )
    if expected > MOST_DEMANDS:
        raise _too_much(expected)
    of_roads = road_samples(roads_m, how.step_m)
    of_areas = area_samples(areas_m, how.area_step_m)
    lon, lat, weight = _points(points)
    ids = [*(points.ids if points else []), *_ids("road", of_roads), *_ids("area", of_areas)]
    if not ids:
        raise _none()
    x_m, y_m, moved = _at_walls(among, *crs.forward(lon, lat))
    x_m = np.concatenate([x_m, of_roads.x_m, of_areas.x_m])
    y_m = np.concatenate([y_m, of_roads.y_m, of_areas.y_m])
    n = len(lon)
    at_lon, at_lat = (np.round(part, 7) for part in crs.inverse(x_m, y_m))
    at_lon[:n], at_lat[:n] = lon, lat
    kind = np.repeat(np.arange(3, dtype=np.int8), [n, len(of_roads), len(of_areas)])
    measure = np.concatenate([weight, of_roads.weight, of_areas.weight])
    per_point = np.array([1.0, how.metres_per_point, how.m2_per_point])[kind]
    weighed = np.round(measure / per_point, _DECIMALS)
    own = _own_grades(points)
    placed = None if towns is None else in_towns(towns, at_lon, at_lat, own)
    if placed is not None and how.grade_by == "town":
        of_samples = placed.grades_at(np.arange(n, len(at_lon)))
    else:
        of_samples = _grades_by_cell(crs, own, at_lon, at_lat, how.cell)
    grades = [*own, *of_samples]
    demand = Demand(ids, at_lon, at_lat, weighed, grades, None if placed is None else placed.ids)
    told = {
        "points_in_buildings": moved,
        "samples_in_buildings": int(among.inside(x_m[n:], y_m[n:]).sum()),
    }
    measure = np.where(kind == 0, 1.0, measure)
    return Targets(demand, x_m, y_m, kind, measure, placed), told


def _at_walls(among: Walls, x_m: Floats, y_m: Floats) -> tuple[Floats, Floats, int]:
    """Points, those inside a building moved to the nearest place of its wall, and how many."""
    inside = np.flatnonzero(among.inside(x_m, y_m))
    points = shapely.points(x_m[inside], y_m[inside])
    at, building = shapely.STRtree(among.of.outline_m).query(points, "within")
    first = np.unique(at, return_index=True)[1]
    edges = shapely.boundary(among.of.outline_m[building[first]])
    ends = shapely.get_coordinates(shapely.shortest_line(points, edges))[1::2]
    x_m, y_m = x_m.copy(), y_m.copy()
    x_m[inside], y_m[inside] = ends.T
    return x_m, y_m, len(inside)


def _points(points: Demand | None) -> tuple[Floats, Floats, Floats]:
    nothing = np.empty(0)
    return (points.lon, points.lat, points.weight) if points else (nothing, nothing, nothing)


def _ids(kind: str, samples: Samples) -> list[str]:
    return [f"{kind}-{number}" for number in range(1, len(samples) + 1)]


def _own_grades(points: Demand | None) -> list[str]:
    return [] if points is None else points.grades or ["no_data"] * len(points.ids)


def _grades_by_cell(
    crs: MetricCRS, own: list[str], lon: Floats, lat: Floats, cell: str
) -> list[str]:
    """For each sample, which come after the points, the worst of the points in its cell."""
    n = len(own)
    if not n:
        return ["no_data"] * len(lon)
    keys = grid_of(cell, crs).locate(lon, lat).tolist()
    return worst_of(keys[:n], own, keys[n:])


def worst_of(cells: Sequence[int], grades: Sequence[str], asked: Sequence[int]) -> list[str]:
    """The worst grade of the points in each cell asked; `no_data`, never blue, without a point."""
    worst: dict[int, int] = {}
    for cell, grade in zip(cells, grades, strict=True):
        worst[cell] = min(GRADES.index(grade), worst.get(cell, len(GRADES) - 1))
    return [GRADES[worst.get(cell, len(GRADES) - 1)] for cell in asked]


def _too_much(expected: float) -> UsageError:
    return UsageError(
        "demand_too_much",
        Text("取样点过多", "There would be too many samples"),
        where="--step, --area-step",
        got=f"{expected:,.0f} > {MOST_DEMANDS:,}",
        fix=Text("加大取样间距，或按镇分开", "Sample less densely, or plan town by town"),
    )


def _none() -> UsageError:
    return UsageError(
        "demand_none",
        Text("没有要看的对象", "There is nothing to see"),
        where="--demand, --roads, --areas",
        fix=Text("给出风险点、道路或公共区域", "Give graded points, roads or public areas"),
    )
