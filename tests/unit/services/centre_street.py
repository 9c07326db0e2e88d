"""A street whose answers are known by hand: seven places, 100 seconds from one to the next.

Places 0 to 6 lie on the equator, 0.01° apart; road `R0` leads from place 0 to 1, `R1` on to 2 …
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from geo_risk.services.centre_inputs import CentreOptions

STEP_DEG = 0.01
MINUTES = 100 / 60 + 0.01
"""One step and no more."""


def at(place: float, north: float = 0.0) -> list[float]:
    return [118.0 + STEP_DEG * place, STEP_DEG * north]


def write_street(path: Path, *, places: int = 7, **said: Any) -> Path:
    """Roads of 1,113 m at 40.08 km/h, so 100 s each."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": [at(n), at(n + 1)]},
            "properties": {"id": f"R{n}", "highway": "residential", "maxspeed": "40.08", **said},
        }
        for n in range(places - 1)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def write_rows(path: Path, header: str, *rows: object) -> Path:
    path.write_text("\n".join([header, *map(str, rows)]) + "\n", "utf-8")
    return path


def place_row(one: str, place: float, north: float = 0.0, *more: object) -> str:
    lon, lat = at(place, north)
    return ",".join([one, f"{lon:.7f}", f"{lat:.7f}", *map(str, more)])


class Street:
    """The files of a question in a folder: demand d0 … d6, candidates c1, c3, c5."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.roads = write_street(folder / "roads.geojson")
        self.demand = self.rows(
            "demand.csv", "id,lon,lat", *(place_row(f"d{n}", n) for n in range(7))
        )
        self.candidates = self.rows(
            "candidates.csv", "id,lon,lat", *(place_row(f"c{n}", n) for n in (1, 3, 5))
        )

    def rows(self, name: str, header: str, *rows: object) -> Path:
        return write_rows(self.folder / name, header, *rows)

    def options(self, **asked: Any) -> CentreOptions:
        given = {"roads": self.roads, "demand": self.demand, "candidates": self.candidates}
        return CentreOptions(**{**given, "minutes": MINUTES, **asked})

    def arguments(self, *more: object) -> tuple[object, ...]:
        return (
            *("site", "centres", "--roads", self.roads, "--demand", self.demand),
            *("--candidates", self.candidates, "--minutes", MINUTES, *more),
        )
