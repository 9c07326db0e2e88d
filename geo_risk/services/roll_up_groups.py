"""The groups that items are rolled up to: areas of a layer, cells, industries, departments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from geo_risk.datums import MetricCRS, geodesic_area_m2, metric_crs
from geo_risk.errors import Text, UsageError
from geo_risk.grading import (
    Grid,
    Ground,
    counts_by_group,
    division_names,
    grid_of,
    industry_of,
    roll_up_method,
    sections,
    share_of_ground,
    to_plane,
)
from geo_risk.store import Store

from .roll_up_items import COLUMN_OF, HOT, Placed, Tally, placed, tallies

LEVELS = {
    "enterprise": ("enterprises", "enterprise_id"),
    "village": ("villages", "village"),
    "town": ("towns", "town"),
    "city": ("city", ""),
}
"""The levels that are layers: the layer, and the column of an item that names its area."""
WITH_GROUND = ("village", "town", "city")
DEPTHS = ("section", "division")
NOT_STATED = "not_stated"
NOT_LISTED = "not_listed"
NO_POSITION = "no_position"
_EXTRA: dict[str, Text] = {
    NOT_STATED: Text("未填写", "Not stated"),
    NOT_LISTED: Text("所填查无", "What is stated is not on the list"),
    NO_POSITION: Text("没有位置", "No position"),
}
MOST_LISTED = 200_000
_WHOLE = Text("全市（无市界）", "Whole city, outline not known")


@dataclass(frozen=True)
class Groups:
    """n groups: counts per grade (n, 5), how many are enterprises judged directly, their shapes.

    `shapes` are WGS84 (None where unknown); the whole is None where such groups have no ground.
    """

    ids: list[str]
    labels: list[Text]
    counts: NDArray[np.int64]
    direct: NDArray[np.int64]
    shapes: list[Any | None] | None = None
    cells: Mapping[str, Any] = field(default_factory=dict)
    ground: Ground | None = None


def _same(name: object) -> Text:
    return Text(str(name), str(name))


def _slots(
    ids: Sequence[str], labels: Sequence[Text], keys: Iterable[str | None]
) -> tuple[list[str], list[Text], list[int]]:
    """Ids and labels with a row each for what is not stated or not listed, where there is any.

    The third is the row of each key.
    """
    at = {key: row for row, key in enumerate(ids)}
    found = [NOT_STATED if not key else key if key in at else NOT_LISTED for key in keys]
    names, said = list(ids), list(labels)
    for extra in (NOT_STATED, NOT_LISTED):
        if extra in found:
            at[extra] = len(names)
            names.append(extra)
            said.append(_EXTRA[extra])
    return names, said, [at[key] for key in found]


def _counted(
    ids: Sequence[str], labels: Sequence[Text], items: Sequence[Tally]
) -> tuple[list[str], list[Text], NDArray[np.int64], NDArray[np.int64]]:
    names, said, rows = _slots(ids, labels, [item.key for item in items])
    codes = [COLUMN_OF[item.grade] for item in items]
    counts = counts_by_group(codes, rows, len(names), [item.times for item in items])
    direct = Counter[int]()
    for row, item in zip(rows, items, strict=True):
        direct[row] += item.times if item.direct else 0
    return names, said, counts, np.array([direct[row] for row in range(len(names))], np.int64)


def areas(connection: Connection, store: Store, level: str, moment: str = "") -> Groups:
    """The areas of a level that is a layer, with their counts, now or as of a moment."""
    layer_id, key = LEVELS[level]
    table = store.source(layer_id, moment)
    columns = [table.c.id, table.c.name, *([table.c.geom] if level in WITH_GROUND else [])]
    rows = connection.execute(select(*columns).order_by(table.c.id)).all()
    items = tallies(connection, store, key, moment)
    ids, labels = [row.id for row in rows], [_same(row.name) for row in rows]
    if level == "city":
        ids, labels = (ids, labels) if ids else (["city"], [_WHOLE])
        items = [item._replace(key=key) for item in items for key in ids]
    ids, labels, counts, direct = _counted(ids, labels, items)
    shapes = None
    if level in WITH_GROUND:
        shapes = [row.geom and shapely.from_wkb(row.geom) for row in rows]
        shapes += [None] * (len(ids) - len(rows))
    return Groups(ids, labels, counts, direct, shapes)


def with_ground(
    connection: Connection, store: Store, level: str, groups: Groups, moment: str = ""
) -> Groups:
    """The same groups with the ground that their shapes cover."""
    if groups.shapes is None:
        return groups
    items = placed(connection, store, LEVELS[level][1], moment, HOT)
    keys = groups.ids[:1] * len(items.key) if level == "city" else items.key
    at = {key: row for row, key in enumerate(groups.ids)}
    rows = np.array([at.get(key or NOT_STATED, at.get(NOT_LISTED, -1)) for key in keys], np.int64)
    crs = city_crs(connection, store, items, moment)
    plane = [] if crs is None else [to_plane(s, crs) if s else None for s in groups.shapes]
    return _grounded(groups, items, rows, crs, plane)


def _grounded(
    groups: Groups,
    items: Placed,
    rows: NDArray[np.int64],
    crs: MetricCRS | None,
    plane: Sequence[Any | None],
) -> Groups:
    """The groups with their ground; `plane` are their shapes in the plane of the CRS."""
    shapes = groups.shapes or []
    n = len(groups.ids)
    area_m2, red, red_orange = (np.full(n, np.nan) for _ in range(3))
    known = [i for i, s in enumerate(shapes) if s is not None and shapely.get_dimensions(s) == 2]
    area_m2[known] = [geodesic_area_m2(shapes[i]) for i in known]
    here, hot = np.isfinite(items.lon), items.code < len(HOT)
    if crs is not None and known:
        squares = grid_of(str(int(roll_up_method("share").parameters["cell_m"])), crs)
        cell = squares.locate(items.lon, items.lat)
        for share, worst in ((red, 0), (red_orange, 1)):
            cells = np.unique(cell[here & (items.code <= worst)])
            share[known] = share_of_ground([plane[i] for i in known], squares.plane(cells))
    in_group = hot & (rows >= 0)
    with_place = np.bincount(rows[in_group & here], minlength=n)
    without = np.bincount(rows[in_group & ~here], minlength=n)
    ground = Ground(area_m2, red, red_orange, with_place, without)
    return replace(groups, ground=ground)


def city_shape(connection: Connection, store: Store, moment: str = "") -> Any | None:
    """The city's outline, or None."""
    table = store.source("city", moment)
    rows = connection.execute(select(table.c.geom).where(table.c.geom.is_not(None))).scalars()
    shapes = [shapely.from_wkb(wkb) for wkb in rows]
    outline = shapely.union_all(shapes) if shapes else None
    return None if outline is None or shapely.get_dimensions(outline) < 2 else outline


def city_crs(
    connection: Connection, store: Store, items: Placed, moment: str = ""
) -> MetricCRS | None:
    """The metric CRS by the city's extent; by the items' where the outline is not known."""
    outline = city_shape(connection, store, moment)
    if outline is not None:
        west, south, east, north = outline.bounds
        return metric_crs([west, east], [south, north])
    here = np.isfinite(items.lon)
    return metric_crs(items.lon[here], items.lat[here]) if here.any() else None


def cells(
    connection: Connection, store: Store, name: str, moment: str = "", *, empty: bool = False
) -> Groups:
    """The cells of a grid that hold items, or with `empty` all that meet the city."""
    items = placed(connection, store, "", moment)
    crs = city_crs(connection, store, items, moment)
    if crs is None:
        return _cell_groups(None, np.zeros(0, np.int64), items, np.full(len(items.key), -1))
    grid = grid_of(name, crs)
    cell = grid.locate(items.lon, items.lat)
    held = np.unique(cell[cell >= 0])
    outline = city_shape(connection, store, moment)
    every = None if outline is None else np.union1d(held, grid.touching(outline))
    number = None if every is None else len(every)
    if empty and number is not None and number > MOST_LISTED:
        raise UsageError(
            "grid_too_fine",
            Text("要列出的空网格过多", "There are too many empty cells to list"),
            where="grid",
            got=number,
            fix=Text("用更大的网格，或不列空网格", "Use larger cells, or leave the empty ones out"),
        )
    keys = every if empty and every is not None else held
    groups = _cell_groups(grid, keys, items, cell)
    told = {
        "grid": name,
        "epsg": crs.epsg,
        "cells": number,
        "empty": None if number is None else number - len(held),
    }
    return replace(groups, cells=told)


def _cell_groups(
    grid: Grid | None, keys: NDArray[np.int64], items: Placed, cell: NDArray[np.int64]
) -> Groups:
    """Counts and ground of cells, and a last row for what has no position, where there is any."""
    ids = [] if grid is None else grid.ids(keys)
    labels, shapes = [_same(key) for key in ids], []
    if grid is not None:
        shapes = [shapely.Polygon(ring.round(7)) for ring in grid.rings(keys)]
    lost = cell < 0
    rows = np.where(lost, len(keys), np.searchsorted(keys, cell))
    if lost.any():
        ids, labels, shapes = (
            [*ids, NO_POSITION],
            [*labels, _EXTRA[NO_POSITION]],
            [*shapes, None],
        )
    counts = counts_by_group(items.code, rows, len(ids))
    direct = np.bincount(rows[items.direct], minlength=len(ids)).astype(np.int64)
    groups = Groups(ids, labels, counts, direct, shapes)
    if grid is None:
        return _grounded(groups, items, rows, None, [])
    return _grounded(groups, items, rows, grid.crs, list(grid.plane(keys)))


def departments(connection: Connection, store: Store, moment: str = "") -> Groups:
    """The departments that items name, by name."""
    items = [
        item._replace(key=(item.key or "").strip())
        for item in tallies(connection, store, "department", moment)
    ]
    ids = sorted({item.key for item in items if item.key})
    return Groups(*_counted(ids, [_same(key) for key in ids], items))


def industries(connection: Connection, store: Store, depth: str, moment: str = "") -> Groups:
    """The industries of the items' enterprises, by section or division of GB/T 4754-2017."""
    items = [
        item._replace(key=_industry_key(item.key, depth))
        for item in tallies(connection, store, "industry", moment)
    ]
    ids = sorted({item.key for item in items if item.key and item.key != NOT_LISTED})
    return Groups(*_counted(ids, [_industry_label(key) for key in ids], items))


def _industry_key(text: str | None, depth: str) -> str:
    if not (text or "").strip():
        return ""
    found = industry_of(text)
    return (found[DEPTHS.index(depth)] if found else "") or NOT_LISTED


def _industry_label(key: str) -> Text:
    """`C 制造业`; of a division its code with its own name, or with the section's: `18 制造业`."""
    own = division_names().get(key)
    if own is not None:
        return Text(f"{key} {own['zh']}", f"{key} {own['en']}")
    found = industry_of(key)
    name = sections()[found[0]].name if found else _same("")
    return Text(f"{key} {name['zh']}", f"{key} {name['en']}")
