"""The ground of a camera plan, read and in metres, and what is to be seen on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_risk.datums import MetricCRS, metric_crs
from geo_risk.siting.walls import Walls, walls

from .camera_demand import Targets, targets
from .camera_ground import Ground, in_metres, read_areas, read_buildings, read_ground, read_lines
from .camera_options import CameraOptions, CameraSources
from .camera_towns import read_towns
from .site_files import read_demand

Shapes = NDArray[np.object_]
_NO_SHAPES: Shapes = np.empty(0, object)


@dataclass(frozen=True)
class Scene:
    """What was read, in metres, and what is to be said of it."""

    crs: MetricCRS
    among: Walls
    roads_m: Shapes
    zones_m: Shapes
    aims: Targets
    synthetic: bool
    told: dict[str, Any]


def read_scene(sources: CameraSources, options: CameraOptions) -> Scene:
    """Read all files but the cameras'. Errors of the files and those of `targets`."""
    files = {
        name: read_ground(path)
        for name in ("buildings", "roads", "areas", "privacy")
        if (path := getattr(sources, name)) is not None
    }
    points = read_demand(sources.demand) if sources.demand is not None else None
    crs = _crs([files[name] for name in ("roads", "buildings") if name in files])
    town = read_buildings(files["buildings"], crs, options.level_m)
    told: dict[str, Any] = {"buildings": town.told}
    roads_m = areas_m = zones_m = _NO_SHAPES
    if "roads" in files:
        roads_m, told["roads"] = read_lines(files["roads"], crs)
    if "areas" in files:
        areas_m = read_areas(files["areas"], crs)
        told["areas"] = {"n": len(areas_m)}
    if "privacy" in files:
        zones_m = read_areas(files["privacy"], crs)
        told["privacy"] = {"n": len(zones_m)}
    among = walls(town.of)
    if points is not None:
        in_metres(crs, np.asarray(shapely.points(points.lon, points.lat), dtype=object))
    towns = None if sources.towns is None else read_towns(sources.towns)
    aims, moved = targets(crs, among, points, roads_m, areas_m, options.weighing, towns)
    told["demand"] = {"n": len(aims.x_m), **moved}
    if aims.towns is not None:
        told["towns"] = {**aims.towns.towns.told, "outside": int((aims.towns.of < 0).sum())}
    synthetic = any(file.synthetic for file in files.values())
    return Scene(crs, among, roads_m, zones_m, aims, synthetic, told)


def _crs(files: Sequence[Ground]) -> MetricCRS:
    """That of the first file that holds any shape."""
    file = next((one for one in files if len(one.shapes)), files[-1])
    west, south, east, north = shapely.bounds(file.shapes).reshape(-1, 4).T
    return metric_crs((west + east) / 2.0, (south + north) / 2.0)
