"""From any declared datum to WGS84 and back."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from .arrays import Pair, columns, mask, on_earth
from .declared import Datum
from .offsets import bd09_to_gcj02, gcj02_to_bd09, gcj02_to_wgs84, wgs84_to_gcj02
from .projections import in_area, transform, transformer


def to_wgs84(x: ArrayLike, y: ArrayLike, datum: Datum) -> Pair:
    """Coordinates in `datum` as WGS84 longitude and latitude in degrees.

    `x` is the longitude in degrees or the easting in metres, `y` the latitude or northing;
    scalars or shape (n,). Returns two float64 arrays of shape (n,), (1,) for scalars. What is
    not finite, out of range or outside the CRS's area gives NaN in both, never inf.
    CGCS2000 and ETRS89 are taken as WGS84 (they differ by less than a metre).
    """
    x_values, y_values = columns(x, y)
    if datum.projected and datum.epsg is not None:
        lon, lat = transform(transformer(datum.epsg), x_values, y_values, inverse=True)
        return mask(lon, lat, in_area(datum.epsg, lon, lat))
    lon, lat = mask(x_values, y_values, on_earth(x_values, y_values))
    if datum.name == "bd09":
        lon, lat = bd09_to_gcj02(lon, lat)
    if datum.name in ("gcj02", "bd09"):
        lon, lat = gcj02_to_wgs84(lon, lat)
    return lon, lat


def from_wgs84(lon: ArrayLike, lat: ArrayLike, datum: Datum) -> Pair:
    """WGS84 longitude and latitude in `datum`; the inverse of `to_wgs84`, with its rules."""
    lon_values, lat_values = columns(lon, lat)
    lon_values, lat_values = mask(lon_values, lat_values, on_earth(lon_values, lat_values))
    if datum.projected and datum.epsg is not None:
        inside = in_area(datum.epsg, lon_values, lat_values)
        lon_values, lat_values = mask(lon_values, lat_values, inside)
        return transform(transformer(datum.epsg), lon_values, lat_values, inverse=False)
    if datum.name in ("gcj02", "bd09"):
        lon_values, lat_values = wgs84_to_gcj02(lon_values, lat_values)
    if datum.name == "bd09":
        lon_values, lat_values = gcj02_to_bd09(lon_values, lat_values)
    return lon_values, lat_values


def geometries_to_wgs84(geometries: NDArray[np.object_], datum: Datum) -> NDArray[np.object_]:
    """Shapely geometries of shape (n,) in `datum`, converted vertex by vertex; z is dropped.

    A geometry with a vertex that cannot be converted becomes None, as does None.
    """
    flat = np.array(shapely.force_2d(np.asarray(geometries, dtype=object)), dtype=object)
    coordinates, owner = shapely.get_coordinates(flat, return_index=True)
    lon, lat = to_wgs84(coordinates[:, 0], coordinates[:, 1], datum)
    broken = np.zeros(len(flat), dtype=bool)
    broken[owner[np.isnan(lon)]] = True
    kept = ~broken[owner]
    flat[broken] = None
    converted: NDArray[np.object_] = shapely.set_coordinates(
        flat, np.column_stack([lon[kept], lat[kept]])
    )
    return converted
