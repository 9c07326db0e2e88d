"""What the maps of an assessment draw, in metres of the city's metric CRS."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from geo_risk.assessment import Breakdown, GridCell, MapArea, MapData, MapMark, Ranking
from geo_risk.catalogue import LayerSpec
from geo_risk.datums import MetricCRS, metric_crs
from geo_risk.export.geojson import geometry_of
from geo_risk.store import Query, Store
from geo_risk.vocabulary import Grade

from .roll_ups import rollup

GRID_M = 500
DRAWN = (Grade.RED, Grade.ORANGE)
_MARGIN = 0.03
_PER_SIDE = 2_000
"""Outlines are simplified to 1/2000 of the longer side: below the width of a printed line."""

Shape = Any


def map_data(
    store: Store,
    counted: Sequence[LayerSpec],
    parts: Sequence[Breakdown],
    rankings: Sequence[Ranking],
) -> MapData | None:
    """The city, its towns, roads and worst points in metres; None where no area is known."""
    city, towns = _shapes(store, "city"), _shapes(store, "towns")
    frame = [shape for _, shape in (*city, *towns)]
    if not frame:
        return None
    coordinates = shapely.get_coordinates(frame)
    crs = metric_crs(coordinates[:, 0], coordinates[:, 1])
    to_m = _projector(crs)
    city_m = [to_m(shape) for _, shape in city] or [to_m(shape) for _, shape in towns]
    box = _framed(shapely.total_bounds([*city_m, *(to_m(shape) for _, shape in towns)]))
    tolerance_m = max(box[2] - box[0], box[3] - box[1]) / _PER_SIDE
    window = shapely.box(*box)
    marks, undrawn = _marks(store, counted, rankings, crs)
    return MapData(
        epsg=crs.epsg,
        box_m=box,
        city=_rings(city_m, tolerance_m),
        around=_rings(
            [_clip(to_m(shape), window) for _, shape in _shapes(store, "surroundings")], tolerance_m
        ),
        towns=tuple(_areas(towns, parts, to_m, tolerance_m)),
        roads=_rings(_main_roads(store, to_m, window), tolerance_m),
        marks=marks,
        cells=_cells(store, crs),
        cell_side_m=GRID_M,
        approximate=any(row["approximate"] for row, _ in towns),
        undrawn=undrawn,
    )


def _shapes(store: Store, layer_id: str) -> list[tuple[Mapping[str, Any], Shape]]:
    if layer_id not in store.schema.specs:
        return []
    names = ("id", "name", "geom", "approximate")
    table = store.source(layer_id)
    rows = store.columns(Query(layer_id), tuple(name for name in names if name in table.c))
    found = [dict(zip((n for n in names if n in table.c), row, strict=True)) for row in rows]
    return [
        ({"approximate": False, **row}, shapely.force_2d(shapely.from_wkb(row["geom"])))
        for row in found
        if row["geom"] is not None
    ]


def _projector(crs: MetricCRS) -> Callable[[Shape], Shape]:
    def projected(points: Any) -> Any:
        return np.column_stack(crs.forward(points[:, 0], points[:, 1]))

    return lambda shape: shapely.transform(shape, projected)


def _framed(bounds: Any) -> tuple[float, float, float, float]:
    """The bounds with a margin on each side."""
    west, south, east, north = (float(value) for value in bounds)
    margin = _MARGIN * max(east - west, north - south, 1.0)
    return west - margin, south - margin, east + margin, north + margin


def _clip(shape: Shape, window: Shape) -> Shape:
    valid = shape if shapely.is_valid(shape) else shapely.make_valid(shape)
    return shapely.intersection(valid, window)


def _rings(shapes: Iterable[Shape], tolerance_m: float) -> tuple[Any, ...]:
    """All rings and lines of some shapes, simplified, as coordinate arrays."""
    found = []
    for shape in shapes:
        for part in shapely.get_parts(shapely.simplify(shape, tolerance_m)):
            lines: Sequence[Any] = ()
            if part.geom_type == "Polygon":
                lines = shapely.get_rings(part)
            elif part.geom_type == "LineString":
                lines = (part,)
            found += [shapely.get_coordinates(line) for line in lines]
    return tuple(ring for ring in found if len(ring) > 1)


def _areas(
    towns: Sequence[tuple[Mapping[str, Any], Shape]],
    parts: Sequence[Breakdown],
    to_m: Callable[[Shape], Shape],
    tolerance_m: float,
) -> Iterable[MapArea]:
    groups = {g.id: g for part in parts if part.key == "town" for g in part.groups}
    for row, shape in towns:
        placed = to_m(shape)
        group = groups.get(row["id"])
        largest = max(shapely.get_parts(placed), key=shapely.area)
        circle = shapely.maximum_inscribed_circle(largest, tolerance=tolerance_m * 5)
        at = shapely.get_coordinates(circle)[0]
        yield MapArea(
            row["id"],
            row["name"] or row["id"],
            group.fill if group else Grade.NO_DATA,
            _rings([placed], tolerance_m),
            (float(at[0]), float(at[1])),
            float(shapely.length(circle)),
        )


def _main_roads(store: Store, to_m: Callable[[Shape], Shape], window: Shape) -> list[Shape]:
    if "roads" not in store.schema.specs:
        return []
    rows = store.columns(Query("roads"), ("road_class", "geom"))
    shapes = [shapely.from_wkb(geom) for kind, geom in rows if geom is not None and kind == "trunk"]
    return [_clip(to_m(shapely.force_2d(shape)), window) for shape in shapes]


def _marks(
    store: Store, counted: Sequence[LayerSpec], rankings: Sequence[Ranking], crs: MetricCRS
) -> tuple[tuple[MapMark, ...], int]:
    """Marks of red and orange points, and how many of them have no position.

    Where a layer's exact positions are restricted its marks stand to about 1 km: a file travels.
    """
    labels = {(part.key, row.id): row.label for part in rankings for row in part.rows}
    marks: list[MapMark] = []
    undrawn = 0
    for spec in counted:
        query = Query(spec.id, grades=tuple(map(str, DRAWN)))
        rows = store.columns(query, ("id", "grade", "geom"))
        placed = [row for row in rows if row[2] is not None]
        undrawn += len(rows) - len(placed)
        if not placed:
            continue
        shapes = shapely.from_wkb([row[2] for row in placed])
        points = shapely.get_coordinates(shapely.point_on_surface(shapes))
        x_m, y_m = crs.forward(points[:, 0], points[:, 1])
        coarse = spec.position_access == "restricted"
        for row, x, y in zip(placed, x_m, y_m, strict=True):
            at = _coarse(spec, row, crs) if coarse else (float(x), float(y))
            marks.append(MapMark(Grade(row[1]), *at, labels.get((spec.id, row[0]), ""), coarse))
    return tuple(marks), undrawn


def _coarse(spec: LayerSpec, row: Sequence[Any], crs: MetricCRS) -> tuple[float, float]:
    point = geometry_of(spec, {"geom": row[2]}, ("public", "internal"))
    assert point is not None  # noqa: S101 - the row was chosen for having a position
    x_m, y_m = crs.forward([point.x], [point.y])
    return float(x_m[0]), float(y_m[0])


def _cells(store: Store, crs: MetricCRS) -> tuple[GridCell, ...]:
    """The worst grade in each cell of the grid that holds a point."""
    found = []
    for area in rollup(store, "grid", grid=str(GRID_M))["areas"]:
        if area["polygon"]:
            corners = np.array(area["polygon"])
            ring = np.column_stack(crs.forward(corners[:, 0], corners[:, 1]))
            found.append(GridCell(Grade(area["grade"]), ring, area["total"]))
    return tuple(found)
