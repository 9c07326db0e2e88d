"""Layers of the store as files for work that reads files, with no more than it needs."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import shapely

from geo_risk.errors import Text, UsageError
from geo_risk.export.geojson import geometry_json
from geo_risk.store import Query, Store

Columns = dict[str, list[Any]]
Cut = Callable[[Any], Any]
"""What is to be left of a shape; an empty one leaves the feature out."""


def points_of(store: Store, layer_id: str, more: Sequence[str] = (), town: str = "") -> Columns:
    """The placed features of a layer, of one town where given, by columns.

    id, lon and lat (a point inside), grade and town where the layer has them, and `more` of its
    fields.
    """
    table, spec = store.source(layer_id), store.spec(layer_id)
    names = [name for name in ("id", "geom", "town", *more) if name in table.c]
    names += ["grade"] if spec.graded else []
    query = Query(spec.id, town=town)
    rows = [row for row in store.columns(query, names) if row[1] is not None]
    points = shapely.point_on_surface(shapely.from_wkb([row[1] for row in rows]))
    columns = {"lon": shapely.get_x(points).tolist(), "lat": shapely.get_y(points).tolist()}
    for at, name in enumerate(names):
        if name != "geom":
            columns[name] = [row[at] for row in rows]
    return columns


def write_columns(path: Path, columns: Mapping[str, Sequence[Any]]) -> Path:
    """Write columns of equal length as CSV; `UsageError` `lengths_differ`."""
    if len({len(column) for column in columns.values()}) != 1:
        raise UsageError(
            "lengths_differ",
            Text("各列长短不一", "The columns differ in length"),
            where=f"inputs.{path.stem}",
            got=", ".join(f"{name} {len(column)}" for name, column in columns.items()),
            fix=Text("每列的个数要相同", "Give each column as many values"),
        )
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def write_shapes(
    store: Store,
    query: Query,
    path: Path,
    fields: Sequence[str] = (),
    *,
    cut: Cut | None = None,
    where: Callable[[Mapping[str, Any]], bool] | None = None,
) -> int:
    """Write the shapes of a query with their ids and some fields as GeoJSON; how many.

    `where` chooses by these fields; fields that the layer has not are left out.
    """
    table = store.source(query.layer)
    names = ["id", *(name for name in fields if name in table.c)]
    features = []
    for wkb, *cells in store.columns(query, ["geom", *names]):
        told = dict(zip(names, cells, strict=True))
        if wkb is None or (where is not None and not where(told)):
            continue
        shape = shapely.force_2d(shapely.from_wkb(wkb))
        shape = shape if cut is None else cut(shape)
        if not shape.is_empty:
            features.append(
                {"type": "Feature", "geometry": geometry_json(shape), "properties": told}
            )
    body = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    return len(features)
