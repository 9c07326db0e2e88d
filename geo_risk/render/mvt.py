"""Mapbox Vector Tile 2.1 encoder over arrays.

Own code because the pure-Python libraries take seconds for the 50,000 points of a city tile. All
numbers of a tile become varints in a few numpy passes instead of one call per number.
Source: github.com/mapbox/vector-tile-spec, version 2.1; the readable twin is
tests/oracles/render_mvt.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from .mercator import Tile, tile_coordinates
from .mvt_values import Property, ValueTable, length_delimited
from .mvt_varints import encoded, zigzag

EXTENT = 4096
BUFFER = 64
_POINT, _LINE, _POLYGON = 1, 2, 3
_MOVE_TO_ONE, _LINE_TO, _CLOSE = 9, 2, 15


@dataclass(frozen=True)
class TileLayer:
    """One layer of a tile.

    Attributes
    ----------
    name : the layer's name in the style.
    geometry : (n, 2) float longitudes and latitudes in degrees for points, or (n,) shapely
        geometries in WGS84.
    properties : name -> n values; None (and NaN) means the feature does not have the property.
    """

    name: str
    geometry: NDArray[Any]
    properties: Mapping[str, Sequence[Property]] = field(default_factory=dict)


def encode(
    layers: Iterable[TileLayer],
    z: int,
    x: int,
    y: int,
    *,
    extent: int = EXTENT,
    buffer: int = BUFFER,
) -> bytes:
    """The tile z/x/y of some layers as uncompressed MVT; a layer with nothing in it is left out."""
    parts = []
    tile = (z, x, y)
    for layer in layers:
        name, held = layer.name, layer.properties
        if layer.geometry.dtype == object:
            part = geometry_layer(name, layer.geometry, held, tile, extent=extent, buffer=buffer)
        else:
            lon, lat = np.asarray(layer.geometry, np.float64).reshape(-1, 2).T
            part = point_layer(name, lon, lat, held, tile, extent=extent, buffer=buffer)
        parts.append(part)
    return b"".join(parts)


def point_layer(
    name: str,
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    properties: Mapping[str, Sequence[Property]],
    tile: Tile,
    *,
    extent: int = EXTENT,
    buffer: int = BUFFER,
) -> bytes:
    """A layer of points as bytes; layers joined end to end are a tile.

    Parameters
    ----------
    lon, lat : (n,) degrees WGS84; positions that are not finite are left out.
    properties : name -> n values.
    tile : its z, x, y; points up to `buffer` units outside it are kept.
    """
    place = np.rint(tile_coordinates(lon, lat, tile, extent))
    # NaN compares false, so a missing position is never drawn.
    inside = ((place >= -buffer) & (place <= extent + buffer)).all(axis=1)
    kept = np.flatnonzero(inside)
    if not len(kept):
        return b""
    table = ValueTable()
    tags, present = table.tags(properties, kept, len(place))
    geometry = np.empty((len(kept), 3), np.uint64)
    geometry[:, 0] = _MOVE_TO_ONE
    geometry[:, 1:] = zigzag(place[kept].astype(np.int64))
    return table.layer(name, _points(tags, present, geometry), extent)


def _points(
    tags: NDArray[np.uint64], present: NDArray[np.bool_], geometry: NDArray[np.uint64]
) -> bytes:
    """The features of a point layer from (n, 2k) tags with their mask and (n, 3) geometry."""
    n, width = tags.shape
    tag_bytes = (_sizes(tags) * present).sum(axis=1)
    geometry_bytes = _sizes(geometry).sum(axis=1)
    tokens = np.empty((n, width + 11), np.uint64)
    tokens[:, 0], tokens[:, 2] = 0x12, 0x12
    tokens[:, 3] = tag_bytes
    tokens[:, 4 : 4 + width] = tags
    tokens[:, 4 + width : 7 + width] = (0x18, _POINT, 0x22)
    tokens[:, 7 + width] = geometry_bytes
    tokens[:, 8 + width :] = geometry
    tagged = tag_bytes > 0
    tokens[:, 1] = (
        (1 + _sizes(tokens[:, 3]) + tag_bytes) * tagged
        + (3 + _sizes(tokens[:, 7 + width]))
        + geometry_bytes
    )
    shown = np.ones(tokens.shape, np.bool_)
    shown[:, 2] = shown[:, 3] = tagged
    shown[:, 4 : 4 + width] = present
    return encoded(tokens[shown])[0].tobytes()


def _sizes(values: NDArray[np.uint64]) -> NDArray[np.int64]:
    """How many bytes each value takes as a varint."""
    sizes = np.ones(values.shape, np.int64)
    top = int(values.max(initial=0))
    bits = 7
    while top >> bits:
        sizes += values >= np.uint64(1 << bits)
        bits += 7
    return sizes


def geometry_layer(
    name: str,
    geometries: NDArray[Any],
    properties: Mapping[str, Sequence[Property]],
    tile: Tile,
    *,
    extent: int = EXTENT,
    buffer: int = BUFFER,
) -> bytes:
    """A layer of (n,) WGS84 lines or polygons (or points) as bytes; see `point_layer`.

    Clipped to the tile and its buffer and snapped to whole tile units; what has no length or area
    left is dropped. A feature of both lines and polygons keeps the parts of highest dimension.
    """
    drawn = _on_tile(np.asarray(geometries, object), tile, extent, buffer)
    kept = np.flatnonzero(~(shapely.is_empty(drawn) | shapely.is_missing(drawn)))
    if not len(kept):
        return b""
    table = ValueTable()
    tags, present = table.tags(properties, kept, len(drawn))
    dimensions = shapely.get_dimensions(drawn[kept])
    features = []
    for geometry, dimension, row, shown in zip(drawn[kept], dimensions, tags, present, strict=True):
        body = length_delimited(0x12, encoded(row[shown])[0].tobytes()) if shown.any() else b""
        body += bytes((0x18, dimension + 1))
        commands = _commands(geometry, int(dimension))
        body += length_delimited(0x22, encoded(commands)[0].tobytes())
        features.append(length_delimited(0x12, body))
    return table.layer(name, b"".join(features), extent)


def _on_tile(geometries: NDArray[Any], tile: Tile, extent: int, buffer: int) -> NDArray[Any]:
    """Geometries in whole tile units, clipped, valid, exteriors of positive area (y down)."""

    def project(lon_lat: NDArray[np.float64]) -> NDArray[np.float64]:
        return tile_coordinates(lon_lat[:, 0], lon_lat[:, 1], tile, extent)

    placed = shapely.transform(shapely.force_2d(geometries), project)
    broken = ~shapely.is_valid(placed) & ~shapely.is_missing(placed)
    placed[broken] = shapely.make_valid(placed[broken])
    low, high = -buffer, extent + buffer
    clipped = shapely.clip_by_rect(placed, low, low, high, high)
    # A quarter of a unit is invisible and spares the snapping of dense coast lines.
    snapped = shapely.set_precision(shapely.simplify(clipped, 0.25), 1.0)
    for i in np.flatnonzero(
        shapely.get_type_id(snapped) == shapely.GeometryType.GEOMETRYCOLLECTION
    ):
        snapped[i] = _highest_parts(snapped[i])
    return np.asarray(shapely.orient_polygons(snapped, exterior_cw=False), object)


def _highest_parts(collection: Any) -> Any:
    parts = shapely.get_parts(collection)
    while (shapely.get_type_id(parts) >= shapely.GeometryType.MULTIPOINT).any():
        parts = shapely.get_parts(parts)
    dimensions = shapely.get_dimensions(parts)
    best = parts[dimensions == dimensions.max(initial=-1)]
    return shapely.union_all(best)


def _commands(geometry: Any, dimension: int) -> NDArray[np.uint64]:
    """The command stream of one geometry in whole tile units (specification, 4.3)."""
    parts = shapely.get_parts(geometry)
    if dimension == 0:
        points = np.rint(shapely.get_coordinates(parts)).astype(np.int64)
        steps = zigzag(np.diff(points, axis=0, prepend=np.zeros((1, 2), np.int64)))
        head = np.array([len(points) << 3 | 1], np.uint64)
        return np.concatenate((head, steps.ravel()))
    closed = dimension == 2
    rings = shapely.get_rings(parts) if closed else parts
    tokens: list[NDArray[np.uint64]] = []
    cursor = np.zeros((1, 2), np.int64)
    for ring in rings:
        points = np.rint(shapely.get_coordinates(ring)).astype(np.int64)
        points = points[:-1] if closed else points
        steps = zigzag(np.diff(points, axis=0, prepend=cursor))
        cursor = points[-1:]
        line_to = (len(points) - 1) << 3 | _LINE_TO
        tokens.append(np.array([_MOVE_TO_ONE, *steps[0], line_to], np.uint64))
        tokens.append(steps[1:].ravel())
        if closed:
            tokens.append(np.array([_CLOSE], np.uint64))
    return np.concatenate(tokens)
