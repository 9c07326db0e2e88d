"""Rows as GeoJSON by RFC 7946: WGS84 without a `crs`, right-hand rings, seven decimals."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any, TextIO

import shapely

from ..catalogue import ACCESS, LayerSpec

DECIMALS = 7
COARSE_DECIMALS = 2
"""About 1 km: how positions are told to those who may not see the exact ones."""
STORE_FIELDS = ("version", "batch", "updated_at")
"""What tells one write from another; left out, exports before a change and after its undo agree."""

_SYSTEM = (*STORE_FIELDS, "source", "level", "uncertainty_m", "flags")


def columns(
    spec: LayerSpec, access: Collection[str] = ACCESS, omit: Collection[str] = ()
) -> list[str]:
    """The names of the properties that these readers see, in the order they are written."""
    graded = ["grade", "score", "profile"] if spec.graded else []
    own = [field.name for field in spec.fields if field.name != "name" and field.access in access]
    names = dict.fromkeys(["id", "name", *graded, *own, *_SYSTEM])
    return [name for name in names if name not in omit]


def geometry_of(
    spec: LayerSpec, row: Mapping[str, Any], access: Collection[str] = ACCESS
) -> Any | None:
    """The shapely geometry of a row, rings right-handed; a coarse point for who may see no more."""
    if row.get("geom") is None:
        return None
    geometry = shapely.force_2d(shapely.from_wkb(row["geom"]))
    if geometry.is_empty:
        return None
    if spec.position_access in access:
        return shapely.orient_polygons(geometry, exterior_cw=False)
    centre = shapely.centroid(geometry)
    return shapely.Point(round(centre.x, COARSE_DECIMALS), round(centre.y, COARSE_DECIMALS))


def _rounded(coordinates: Any) -> Any:
    if coordinates and isinstance(coordinates[0], float):
        return [round(number, DECIMALS) + 0.0 for number in coordinates]
    return [_rounded(part) for part in coordinates]


def geometry_json(geometry: Any | None) -> dict[str, Any] | None:
    """A shapely geometry as a GeoJSON geometry object with seven decimals."""
    if geometry is None:
        return None
    shape = shapely.geometry.mapping(geometry)
    if "geometries" in shape:
        parts = [geometry_json(part) for part in shapely.get_parts(geometry)]
        return {"type": shape["type"], "geometries": parts}
    return {"type": shape["type"], "coordinates": _rounded(shape["coordinates"])}


def feature(
    spec: LayerSpec,
    row: Mapping[str, Any],
    access: Collection[str] = ACCESS,
    omit: Collection[str] = (),
) -> dict[str, Any]:
    """One row as a GeoJSON Feature with the properties that `access` may see.

    Parameters
    ----------
    row : a feature row of the store; `geom` is WKB in WGS84 or None.
    access : the kinds of fields the reader may see: public, internal, restricted.
    omit : properties to leave out.
    """
    properties = {name: row.get(name) for name in columns(spec, access, omit)}
    return {
        "type": "Feature",
        "id": row["id"],
        "geometry": geometry_json(geometry_of(spec, row, access)),
        "properties": properties,
    }


def dump(
    spec: LayerSpec,
    rows: Iterable[Mapping[str, Any]],
    file: TextIO,
    *,
    access: Collection[str] = ACCESS,
    omit: Collection[str] = (),
) -> int:
    """Stream rows into a text file as one FeatureCollection, a feature a line; how many."""
    file.write('{"type":"FeatureCollection","features":[')
    count = 0
    for row in rows:
        file.write(",\n" if count else "\n")
        text = json.dumps(
            feature(spec, row, access, omit),
            ensure_ascii=False,
            allow_nan=False,
            separators=(",", ":"),
        )
        file.write(text)
        count += 1
    file.write("\n]}\n")
    return count
