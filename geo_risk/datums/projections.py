"""Projections, metric CRS and geodesics: the only user of pyproj."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo_risk.errors import Text, UsageError

from .arrays import Floats, Pair, columns, mask, on_earth

if TYPE_CHECKING:
    from pyproj import Geod, Transformer

_AREA_MARGIN_DEG = 3.0


@lru_cache(maxsize=64)
def transformer(epsg: int) -> Transformer:
    """From the CRS's own longitude and latitude to its easting and northing."""
    from pyproj import CRS, Transformer

    crs = CRS.from_epsg(epsg)
    return Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True)


@lru_cache(maxsize=64)
def _area(epsg: int) -> tuple[float, float, float, float]:
    from pyproj import CRS

    area = CRS.from_epsg(epsg).area_of_use
    return (-180.0, -90.0, 180.0, 90.0) if area is None else area.bounds


def in_area(epsg: int, lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    """Where a position lies in the CRS's area of use, 3 degrees around it included."""
    west, south, east, north = _area(epsg)
    margin = _AREA_MARGIN_DEG
    middle, half_width = (west + east) / 2.0, (east - west) / 2.0 + margin
    aside = np.abs((lon - middle + 180.0) % 360.0 - 180.0)
    inside: NDArray[np.bool_] = (aside <= half_width) & (lat >= south - margin)
    return inside & (lat <= north + margin)


def transform(transformer: Transformer, x: Floats, y: Floats, *, inverse: bool) -> Pair:
    """Both coordinates transformed; NaN, never inf, where that is impossible."""
    direction: Any = "INVERSE" if inverse else "FORWARD"
    out_x, out_y = transformer.transform(x, y, direction=direction)
    return mask(out_x, out_y, np.isfinite(out_x))


@dataclass(frozen=True)
class MetricCRS:
    """A projected CRS in metres, good near the data it was chosen for."""

    epsg: int

    def forward(self, lon: ArrayLike, lat: ArrayLike) -> Pair:
        """WGS84 degrees, shape (n,), to easting and northing in metres; NaN where impossible."""
        return transform(transformer(self.epsg), *columns(lon, lat), inverse=False)

    def inverse(self, x_m: ArrayLike, y_m: ArrayLike) -> Pair:
        """Easting and northing in metres, shape (n,), to WGS84 degrees; NaN where impossible."""
        return transform(transformer(self.epsg), *columns(x_m, y_m), inverse=True)


def metric_crs(lon: ArrayLike, lat: ArrayLike, official: bool = False) -> MetricCRS:
    """The metric CRS for data around these WGS84 positions, chosen by their median.

    The UTM zone by default, the CGCS2000 3-degree zone (no zone prefix) with `official`; never
    EPSG:3857, where a 500 m buffer in Shishi is 454 m on the ground. Raises `UsageError`
    `centre_missing` without a finite position, `zone_outside_china` for an official zone
    outside 73.5 to 136.5 degrees east.
    """
    lon_values, lat_values = columns(lon, lat)
    good = on_earth(lon_values, lat_values)
    if not good.any():
        raise UsageError(
            "centre_missing",
            Text("没有可用的坐标，无法选择投影", "No usable position to choose a projection from"),
            fix=Text("请先给出至少一个位置", "Give at least one position"),
        )
    centre_lon = float(np.median(lon_values[good]))
    centre_lat = float(np.median(lat_values[good]))
    if not official:
        zone = min(int((centre_lon + 180.0) // 6.0) + 1, 60)
        return MetricCRS((32600 if centre_lat >= 0 else 32700) + zone)
    zone = int((centre_lon + 1.5) // 3.0)
    if not 25 <= zone <= 45:
        raise UsageError(
            "zone_outside_china",
            Text("CGCS2000 三度带只用于中国", "CGCS2000 3-degree zones exist in China only"),
            got=f"{centre_lon:.4f}",
            fix=Text("请改用默认的 UTM 投影", "Use the default, UTM"),
        )
    return MetricCRS(4534 + zone - 25)


@lru_cache(maxsize=1)
def _ellipsoid() -> Geod:
    from pyproj import Geod

    return Geod(ellps="WGS84")


def geodesic_distance_m(
    lon1: ArrayLike, lat1: ArrayLike, lon2: ArrayLike, lat2: ArrayLike
) -> Floats:
    """Distance on the WGS84 ellipsoid in metres, broadcast; NaN where a coordinate is NaN."""
    arrays = [np.atleast_1d(np.asarray(v, dtype=np.float64)) for v in (lon1, lat1, lon2, lat2)]
    from_lon, from_lat, to_lon, to_lat = (a.copy() for a in np.broadcast_arrays(*arrays))
    distance_m = _ellipsoid().inv(from_lon, from_lat, to_lon, to_lat)[2]
    return np.asarray(distance_m, dtype=np.float64)


def geodesic_area_m2(geometry: shapely.Geometry) -> float:
    """Area of a valid polygon or multipolygon on the WGS84 ellipsoid in m², holes taken out."""
    area_m2 = 0.0
    for part in shapely.get_parts(geometry):
        if part.geom_type == "Polygon" and not part.is_empty:
            area_m2 += _ring_area_m2(part.exterior)
            area_m2 -= sum(_ring_area_m2(hole) for hole in part.interiors)
        elif part.geom_type in ("MultiPolygon", "GeometryCollection"):
            area_m2 += geodesic_area_m2(part)
    return area_m2


def _ring_area_m2(ring: shapely.LinearRing) -> float:
    lon, lat = shapely.get_coordinates(ring).T
    return abs(float(_ellipsoid().polygon_area_perimeter(lon, lat)[0]))
