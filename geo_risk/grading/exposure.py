"""The people exposed around plants, as GB 18218-2018 Table 5 counts them; see docs/methods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from ..reference import table
from .gb18218_tables import alpha_of

RADIUS_M = 500.0
"""How far around the plant boundary people count: GB 18218-2018, Table 5."""
QUAD_SEGS = 128
"""Corners of a quarter circle: the polygon lies within 0.01 m of the arc of 500 m."""
_PIECE = 1000
_WHOLE = 1e-6
"""Less of a person than this is a rounding error and makes no further one."""

Geometries = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Exposed:
    """The people around n plants; all arrays have shape (n,).

    `places` within the radius with `place_people` in them, `places_unknown` of them without a
    number; `areas` that reach into the zone with `area_people` living inside it, fractions kept.
    """

    places: Counts
    place_people: Floats
    places_unknown: Counts
    areas: Counts
    area_people: Floats

    @property
    def people(self) -> Floats:
        """All people that are known, fractions kept."""
        return self.place_people + self.area_people


def count_exposed(
    plants: Geometries,
    places: Geometries,
    place_people: npt.ArrayLike,
    areas: Geometries,
    area_people: npt.ArrayLike,
    radius_m: float | Floats = RADIUS_M,
) -> Exposed:
    """Count the people outside n plants and within a radius of their boundaries.

    Parameters
    ----------
    plants : shape (n,), valid points or polygons in metres of one metric CRS.
    places : shape (p,), points or polygons whose people (`place_people`, NaN where not known)
        count whole as soon as any part of the place lies within the radius.
    areas : shape (a,), polygons whose people (`area_people`) are spread evenly over them: they
        count by the share of the area that lies in the zone.
    radius_m : one for all or shape (n,).

    Who is inside the plant's own outline does not count; who is on its boundary does. A distance
    of exactly the radius counts. A missing (None) geometry counts nothing.

    References
    ----------
    GB 18218-2018, Table 5. See docs/methods/exposure.md.
    """
    radii_m = np.broadcast_to(np.asarray(radius_m, dtype=np.float64), plants.shape)
    held = np.asarray(place_people, dtype=np.float64)
    known = ~np.isnan(held)
    plant, place = _places_reached(plants, places, radii_m)
    n, sure = len(plants), known[place]
    lived, area, share = _areas_reached(plants, areas, radii_m)
    people = np.asarray(area_people, dtype=np.float64)[area] * share
    return Exposed(
        places=np.bincount(plant, minlength=n),
        place_people=_sums(plant[sure], held[place[sure]], n),
        places_unknown=np.bincount(plant[~sure], minlength=n),
        areas=np.bincount(lived, minlength=n),
        area_people=_sums(lived, people, n),
    )


def whole_people(people: npt.ArrayLike) -> Counts:
    """Numbers of people rounded up to whole persons, any shape."""
    rounded: Floats = np.ceil(np.asarray(people, dtype=np.float64) - _WHOLE)
    return rounded.astype(np.int64)


def settles_alpha(at_least: int) -> bool:
    """Whether α is certain although there may be more people than these.

    References
    ----------
    GB 18218-2018, Table 5: the last class, 100 people and more.
    """
    rows = [row for row in table("gb18218_2018_alpha_levels") if row["kind"] == "alpha"]
    last = max(int(row["min_inclusive"]) for row in rows)
    return alpha_of(at_least)[0] == alpha_of(last)[0]


def _places_reached(plants: Geometries, places: Geometries, radii_m: Floats) -> tuple[Any, Any]:
    """Pairs of plant and place within the radius and not inside the plant."""
    plant, place = shapely.STRtree(places).query(plants, "dwithin", distance=radii_m)
    inside = np.zeros(len(plant), dtype=bool)
    solid = np.flatnonzero(shapely.get_dimensions(plants[plant]) == 2)
    pair = plants[plant[solid]], places[place[solid]]
    inside[solid] = shapely.covers(*pair) & ~shapely.touches(*pair)
    return plant[~inside], place[~inside]


def _areas_reached(
    plants: Geometries, areas: Geometries, radii_m: Floats
) -> tuple[Any, Any, Floats]:
    """Pairs of plant and area, and which share of the area lies in the plant's zone."""
    plant, area = shapely.STRtree(areas).query(plants, "dwithin", distance=radii_m)
    share = np.zeros(len(plant))
    for start in range(0, len(plants), _PIECE):  # the zones of all at once would fill the memory
        some = np.flatnonzero((plant >= start) & (plant < start + _PIECE))
        piece = slice(start, start + _PIECE)
        zones = shapely.buffer(plants[piece], radii_m[piece], quad_segs=QUAD_SEGS)
        zones = shapely.difference(zones, plants[piece])
        share[some] = _shares(zones[plant[some] - start], areas[area[some]])
    reached = share > 0
    return plant[reached], area[reached], share[reached]


def _shares(zones: Geometries, areas: Geometries) -> Floats:
    """The share of each area that lies in its zone; shape (n,)."""
    shapely.prepare(zones)
    share: Floats = shapely.covers(zones, areas).astype(np.float64)
    cut = share == 0
    size_m2 = shapely.area(areas[cut])
    inside_m2 = shapely.area(shapely.intersection(areas[cut], zones[cut]))
    share[cut] = np.divide(inside_m2, size_m2, out=np.zeros(len(size_m2)), where=size_m2 > 0)
    return np.minimum(share, 1.0)


def _sums(plant: Any, people: Floats, n: int) -> Floats:
    sums: Floats = np.bincount(plant, people, minlength=n).astype(np.float64)
    return sums
