"""The true ground of the demo: boundary, neighbours, divisions, and a local plane in metres."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geo_risk.datums import geometries_to_wgs84, parse_datum

SOURCE = Path(__file__).parents[1] / "shishi" / "source"
SEED = 350581
CITY_CODE = "350581"
ZONE_CODE = "350581400"
ORIGIN_LON, ORIGIN_LAT = 118.68, 24.74
M_PER_LON = 101_120.0
M_PER_LAT = 110_780.0


@dataclass(frozen=True)
class Division:
    """A row of the statistical division codes."""

    code: str
    name: str
    parent: str

    @property
    def short(self) -> str:
        """The name without the committee's suffix: 伍堡村委会 is 伍堡村."""
        return self.name.removesuffix("居委会").replace("村委会", "村")


def generator(part: str) -> np.random.Generator:
    """An own random stream for each part, so that a change in one leaves the others as they are."""
    return np.random.default_rng([SEED, *part.encode()])


def to_plane(lon_lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """WGS84 degrees, shape (n, 2), as metres east and north of the origin."""
    offset = np.asarray(lon_lat, dtype=float) - (ORIGIN_LON, ORIGIN_LAT)
    plane: NDArray[np.float64] = offset * (M_PER_LON, M_PER_LAT)
    return plane


def to_degrees(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    """The inverse of `to_plane`."""
    degrees: NDArray[np.float64] = np.asarray(plane, dtype=float) / (M_PER_LON, M_PER_LAT)
    return np.add(degrees, (ORIGIN_LON, ORIGIN_LAT))


def in_plane(geometry: BaseGeometry) -> BaseGeometry:
    """A WGS84 geometry in metres."""
    return shapely.transform(geometry, to_plane)


def in_degrees(geometry: BaseGeometry) -> BaseGeometry:
    """A geometry in metres as WGS84 degrees."""
    return shapely.transform(geometry, to_degrees)


def polygons_of(geometry: BaseGeometry) -> list[Polygon]:
    """The polygons of any geometry, largest first; lines and points of a repair are dropped."""
    parts = shapely.get_parts(geometry, return_index=False)
    found: list[Polygon] = []
    for part in parts:
        if isinstance(part, Polygon):
            found.append(part)
        elif hasattr(part, "geoms"):
            found += polygons_of(part)
    return sorted(found, key=lambda polygon: -polygon.area)


def repaired(geometry: BaseGeometry, smallest: float = 0.0) -> MultiPolygon:
    """The valid polygons of a geometry, repeated points removed."""
    valid = shapely.make_valid(shapely.remove_repeated_points(geometry))
    return MultiPolygon([part for part in polygons_of(valid) if part.area > smallest])


def _features(name: str) -> list[tuple[str, str, BaseGeometry]]:
    data = json.loads((SOURCE / name).read_text(encoding="utf-8"))
    return [
        (str(f.get("id", "")), f["properties"]["name"], shapely.geometry.shape(f["geometry"]))
        for f in data["features"]
    ]


@cache
def city_gcj02() -> MultiPolygon:
    """The boundary of Shishi as published, in GCJ-02, repaired."""
    return repaired(_features("shishi_boundary_gcj02.geojson")[0][2])


@cache
def city_plane() -> BaseGeometry:
    """The boundary of Shishi in the plane, from WGS84."""
    one = np.array([city_gcj02()], dtype=object)
    return in_plane(geometries_to_wgs84(one, parse_datum("gcj02"))[0])


def neighbours_gcj02() -> list[tuple[str, str, MultiPolygon]]:
    """Code, name and area (GCJ-02) of the counties around Shishi."""
    near = shapely.geometry.box(118.2, 24.4, 119.1, 25.2)
    found = []
    for code, name, geometry in _features("quanzhou_counties_gcj02.geojson"):
        if name == "石狮市":
            continue
        area = repaired(geometry)
        if area.intersects(near) and name != "金门县":
            found.append((code, name, repaired(area.simplify(0.0004), smallest=2e-6)))
    return found


def rows(name: str) -> list[dict[str, str]]:
    """A source table."""
    with (SOURCE / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@cache
def counties() -> tuple[Division, ...]:
    """The counties of Quanzhou."""
    table = rows("nbs2023_counties_quanzhou.csv")
    return tuple(Division(row["code"], row["name"], row["cityCode"]) for row in table)


@cache
def all_towns() -> tuple[Division, ...]:
    """Every town-level unit of Quanzhou."""
    table = rows("nbs2023_towns_quanzhou.csv")
    return tuple(Division(row["code"], row["name"], row["areaCode"]) for row in table)


@cache
def all_villages() -> tuple[Division, ...]:
    """Every village and community of Quanzhou."""
    table = rows("nbs2023_villages_quanzhou.csv")
    return tuple(Division(row["code"], row["name"], row["streetCode"]) for row in table)


@cache
def town_units() -> tuple[Division, ...]:
    """The ten town-level units of Shishi; the last one is the development zone."""
    return tuple(town for town in all_towns() if town.parent == CITY_CODE)


@cache
def villages() -> tuple[Division, ...]:
    """The villages and communities of Shishi, the virtual one included."""
    codes = {town.code for town in town_units()}
    return tuple(village for village in all_villages() if village.parent in codes)
