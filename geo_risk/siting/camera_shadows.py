"""What buildings lower than a camera hide of the ground behind them.

Rules as formulas: docs/methods/cameras.md.
"""

from __future__ import annotations

import numpy as np
import shapely

from .buildings import Buildings
from .cameras_views import Camera


def shadows(of: Buildings, camera: Camera, x_m: float, y_m: float) -> shapely.Geometry:
    """The ground that low buildings stand on and hide from a camera, in metres.

    A building of height H, lower than the camera but higher than what it looks for, hides from
    each point at distance w of its walls to k w, k = (camera - target) / (camera - H). Empty where
    the camera has no height: then every building hides all, and sights tell.
    """
    if camera.height_m is None:
        return shapely.Polygon()
    low = (of.height_m < camera.height_m) & (of.height_m > camera.target_height_m)
    near = shapely.dwithin(of.outline_m, shapely.Point(x_m, y_m), camera.range_m)
    hidden = [shapely.Polygon()]
    for row in np.flatnonzero(low & near):
        k = (camera.height_m - camera.target_height_m) / (camera.height_m - of.height_m[row])
        outline = shapely.transform(of.outline_m[row], lambda xy: xy - np.array([x_m, y_m]))
        rings = shapely.get_rings(shapely.get_parts(outline))
        xy, ring = shapely.get_coordinates(rings, return_index=True)
        walls = np.flatnonzero(ring[:-1] == ring[1:])
        a, b = xy[walls], xy[walls + 1]
        quads = shapely.convex_hull(shapely.multipoints(np.stack([a, b, k * b, k * a], axis=1)))
        hidden.extend([outline, *quads[shapely.get_dimensions(quads) == 2]])
    return shapely.transform(shapely.union_all(hidden), lambda xy: xy + np.array([x_m, y_m]))
