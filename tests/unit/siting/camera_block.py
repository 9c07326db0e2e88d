"""A small block of two streets whose camera plans are known by hand, as files in WGS84.

    y
    200        .   B (110, 100-200)
         ┌────┐|
         │home│|   house (20-100, 110-190)
    100  └────┘+   A (-90-110, 100), with the corner at (110, 100)

The origin is a corner of the 250 m grid, so what lies west of x = 0 is in another cell.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import shapely

from geo_risk.datums import MetricCRS

CRS = MetricCRS(32650)
ORIGIN_M = (250.0 * 2684, 250.0 * 10939)
HOUSE = shapely.box(20, 110, 100, 190)
STREET_A = shapely.LineString([(-90, 100), (110, 100)])
STREET_B = shapely.LineString([(110, 100), (110, 200)])


def degrees(shape: shapely.Geometry) -> shapely.Geometry:
    """A shape of the block in WGS84."""
    return shapely.transform(
        shape, lambda xy: np.column_stack(CRS.inverse(*(xy + np.array(ORIGIN_M)).T))
    )


def metres(geometry: dict) -> shapely.Geometry:
    """A GeoJSON geometry in the block's metres."""
    return shapely.transform(
        shapely.geometry.shape(geometry),
        lambda xy: np.column_stack(CRS.forward(*xy.T)) - np.array(ORIGIN_M),
    )


def write(path: Path, *rows: tuple[shapely.Geometry, dict]) -> Path:
    """A GeoJSON of shapes of the block."""
    features = [
        {
            "type": "Feature",
            "geometry": shapely.geometry.mapping(degrees(shape)),
            "properties": {"id": f"{path.stem}-{number}", **told},
        }
        for number, (shape, told) in enumerate(rows, 1)
    ]
    body = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(body), "utf-8")
    return path


def block(folder: Path) -> dict[str, Path]:
    """The files of the block: buildings, roads, demand (a red point on A) and candidates.

    Candidates: `corner` sees both streets, `west` A alone and 10 m of B, `home` is in the house.
    """
    return {
        "buildings": write(folder / "buildings.geojson", (HOUSE, {"height": 12})),
        "roads": write(folder / "roads.geojson", (STREET_A, {}), (STREET_B, {})),
        "demand": write(
            folder / "demand.geojson", (shapely.Point(60, 95), {"id": "R1", "grade": "红"})
        ),
        "candidates": write(
            folder / "candidates.geojson",
            (shapely.Point(110, 100), {"id": "corner"}),
            (shapely.Point(10, 100), {"id": "west"}),
            (shapely.Point(60, 150), {"id": "home"}),
        ),
    }
