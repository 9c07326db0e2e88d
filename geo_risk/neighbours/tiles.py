"""Tiles with a halo: how a large set of units is cut so that no pair is lost or found twice.

A pair belongs to the tile that owns its lower row. Proof and limits:
docs/methods/neighbours-tiles.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
_WIDER = 1.0 + 1e-9
_WIDER_M = 1e-6
"""A halo is this much wider than the radius: more than rounding moves a distance."""
_LON_EDGES = np.arange(-180.0, 180.0, 6.0)
_LAT_EDGES = np.array([-90.0, 0.0])


class MedianTally:
    """Degrees that come block by block; in the end two that choose the zone their median chooses.

    Keeps per UTM zone (and per hemisphere) how many there are, the least and the greatest: the
    median itself is known only where its two middle values lie in different zones, and is needed
    only there.
    """

    def __init__(self) -> None:
        self._lon, self._lat = _Bins(_LON_EDGES), _Bins(_LAT_EDGES)

    def add(self, lon: Floats, lat: Floats) -> None:
        """Count positions in degrees, shape (n,), all on Earth."""
        self._lon.add(lon)
        self._lat.add(lat)

    def centre(self) -> tuple[float, float]:
        """Longitude and latitude in the zone and hemisphere of the median of all."""
        return self._lon.middle(), self._lat.middle()


class _Bins:
    def __init__(self, edges: Floats) -> None:
        self._edges = edges
        self._count = np.zeros(len(edges), np.int64)
        self._least, self._greatest = np.full(len(edges), np.inf), np.full(len(edges), -np.inf)

    def add(self, values: Floats) -> None:
        at = np.searchsorted(self._edges, values, "right") - 1
        self._count += np.bincount(at, minlength=len(self._edges))
        np.minimum.at(self._least, at, values)
        np.maximum.at(self._greatest, at, values)

    def middle(self) -> float:
        n, upto = int(self._count.sum()), np.cumsum(self._count)
        low, high = np.searchsorted(upto, [(n - 1) // 2, n // 2], "right")
        if low == high:
            return float(self._least[low])
        return float((self._greatest[low] + self._least[high]) / 2)


@dataclass(frozen=True)
class Tiling:
    """Halvings of the plane: node k asks whether axis[k] (0 x, 1 y) is below at_m[k].

    `child[k]` are the nodes of below and not below; a negative one, -1 - t, is tile t.
    """

    axis: NDArray[np.int8]
    at_m: Floats
    child: NDArray[np.int32]
    tiles: int

    @classmethod
    def of(cls, x_m: Floats, y_m: Floats, tiles: int) -> Tiling:
        """About `tiles` parts of equal count by a sample, shape (m,), halving the longer side.

        Fewer where more than a part lies on one place.
        """
        axis: list[int] = []
        at_m: list[float] = []
        child: list[list[int]] = []
        leaves = 0
        rows = np.arange(len(x_m))
        waiting: list[tuple[NDArray[np.intp], int, int, int]] = [(rows, tiles, -1, 0)]
        while waiting:
            part, wanted, parent, side = waiting.pop()
            cut = _cut((x_m[part], y_m[part]), wanted) if wanted > 1 else None
            if cut is None:
                here, leaves = -1 - leaves, leaves + 1
            else:
                here = len(axis)
                axis.append(cut[0])
                at_m.append(cut[1])
                child.append([0, 0])
                below = (x_m, y_m)[cut[0]][part] < cut[1]
                waiting.append((part[~below], wanted - wanted // 2, here, 1))
                waiting.append((part[below], wanted // 2, here, 0))
            if parent >= 0:
                child[parent][side] = here
        nodes = np.array(child, np.int32).reshape(-1, 2)
        return cls(np.array(axis, np.int8), np.array(at_m), nodes, leaves)

    def owner(self, x_m: Floats, y_m: Floats) -> NDArray[np.int32]:
        """The tile of each point, shape (n,)."""
        node = np.zeros(len(x_m), np.int32)
        going = np.arange(len(x_m) if len(self.axis) else 0)
        if not len(going):
            return node
        while len(going):
            here = node[going]
            value = np.where(self.axis[here] == 0, x_m[going], y_m[going])
            node[going] = self.child[here, (value >= self.at_m[here]).astype(np.int8)]
            going = going[node[going] >= 0]
        return -1 - node


def _cut(xy_m: tuple[Floats, Floats], wanted: int) -> tuple[int, float] | None:
    """Axis and place that part a sample in the ratio asked for; None where it is all one place."""
    if len(xy_m[0]) < 2:
        return None
    spans = [float(np.ptp(values)) for values in xy_m]
    for axis in sorted((0, 1), key=lambda one: -spans[one]):
        if spans[axis] > 0:
            values = np.sort(xy_m[axis])
            at = float(values[len(values) * (wanted // 2) // wanted])
            # The least value parts nothing: take the next one.
            return axis, at if at > values[0] else float(values[values > at][0])
    return None


def widened(boxes: NDArray[np.float64], bounds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bounds, shape (4,) as west, south, east, north, that also cover boxes, shape (n, 4)."""
    if not len(boxes):
        return bounds
    low = np.minimum(bounds[:2], boxes[:, :2].min(axis=0))
    return np.concatenate([low, np.maximum(bounds[2:], boxes[:, 2:].max(axis=0))])


class Halo:
    """Which tiles' units a box may be near: those whose bounds are within the radius of it.

    Parameters
    ----------
    bounds : per tile the bounds of all that it owns, shape (tiles, 4); infinite if it owns none.
    radius_m : metres.
    """

    def __init__(self, bounds: NDArray[np.float64], radius_m: float) -> None:
        reach = radius_m * _WIDER + _WIDER_M
        self._tiles = np.flatnonzero(np.isfinite(bounds).all(axis=1))
        wide = bounds[self._tiles] + np.array([-reach, -reach, reach, reach])
        self._tree = shapely.STRtree(shapely.box(*wide.T))

    def near(self, boxes: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Row and tile of each box, shape (n, 4), that is near a tile, its own as well."""
        rows, at = self._tree.query(shapely.box(*boxes.T))
        return rows, self._tiles[at]


def splitters(sample: Sequence[str], ranges: int) -> list[str]:
    """At most `ranges - 1` ids, ascending, that part a sample of ids evenly."""
    ordered = sorted(sample)
    places = {len(ordered) * k // ranges for k in range(1, ranges)}
    return sorted({ordered[at] for at in places if at})
