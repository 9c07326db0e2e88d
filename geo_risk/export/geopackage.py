"""Rows as a GeoPackage that QGIS opens: WGS84, one layer, field types from the layer's TOML."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import shapely
from numpy.typing import NDArray

from ..catalogue import ACCESS, LayerSpec
from .geojson import columns, geometry_of

_WHOLE = {"integer", "interval"}
_NUMBERS = {*_WHOLE, "number"}
_SYSTEM_NUMBERS = {"version", "uncertainty_m", "score"}


def _column(spec: LayerSpec, name: str, values: list[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The values of a column as an array GDAL takes, and which of them are missing."""
    missing = np.array([value is None for value in values], np.bool_)
    field = spec.by_name.get(name)
    kind = field.type if field else ("number" if name in _SYSTEM_NUMBERS else "text")
    if kind == "boolean":
        return np.array([bool(value) for value in values], np.bool_), missing
    if kind in _NUMBERS or name == "version":
        whole = kind in _WHOLE or name == "version"
        filled = [0 if value is None else value for value in values]
        return np.array(filled, np.int64 if whole else np.float64), missing
    return np.array([None if value is None else str(value) for value in values], object), missing


def write_gpkg(
    spec: LayerSpec,
    rows: Iterable[Mapping[str, Any]],
    path: Path,
    *,
    access: Collection[str] = ACCESS,
) -> int:
    """Rows as a GeoPackage layer named by the layer's id; how many."""
    names = columns(spec, access)
    kept = [([row.get(name) for name in names], geometry_of(spec, row, access)) for row in rows]
    geometries = np.array([geometry for _, geometry in kept], object)
    kinds = {geometry.geom_type for geometry in geometries if geometry is not None}
    fields, masks = [], []
    for position, name in enumerate(names):
        values, missing = _column(spec, name, [line[position] for line, _ in kept])
        fields.append(values)
        masks.append(missing)
    pyogrio.raw.write(
        str(path),
        geometry=shapely.to_wkb(geometries),
        field_data=fields,
        # The column `id` of a GeoPackage layer is data like the rest; its key is `fid`.
        fields=np.array(names, object),
        field_mask=masks,
        layer=spec.id,
        driver="GPKG",
        geometry_type=kinds.pop() if len(kinds) == 1 else "Unknown",
        crs="EPSG:4326",
        encoding="UTF-8",
    )
    return len(kept)
