"""The people exposed around hazard sources, counted from the registers of targets and residents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from geo_risk.datums import MetricCRS, geodesic_distance_m, metric_crs
from geo_risk.errors import Text
from geo_risk.grading.exposure import RADIUS_M, count_exposed, settles_alpha, whole_people
from geo_risk.store import Query, Record, Store
from geo_risk.store.chunks import chunks
from geo_risk.store.query import statement

from .exposure_words import DOUBTFUL_M, Boundary, Doubts, said

RESIDENTS_WITHIN_M = 5000.0
"""Residents registered this near mean that the register covers the plant's surroundings."""
APART_M = 100.0
"""A unit farther than this outside its enterprise's outline stands on another site."""
_STEP_DEG = 0.0045
"""About 500 m of latitude, over which a projection's scale is measured."""

Geometries = NDArray[np.object_]
Floats = NDArray[np.float64]
Source = Literal["targets", "population"]
LAYERS: tuple[Source, ...] = ("targets", "population")


@dataclass(frozen=True)
class Counted:
    """What one register holds in the zone: its entries and their people, fractions kept."""

    n: int
    people: float


@dataclass(frozen=True)
class Exposure:
    """The people within the radius of a plant boundary, and what the number rests on.

    `count` is a whole number, rounded up. With `lower_bound` there may be more: no residents are
    registered around the plant, targets in the zone have no number of people, entries are placed
    too roughly (`places_unsure`), or the enterprise's outline is not known to 100 m.
    `residents_within_m` is the distance to the nearest registered residents, None beyond 5 km.
    """

    count: int
    lower_bound: bool
    sources: Mapping[Source, Counted]
    boundary: Boundary
    boundary_uncertainty_m: float | None
    radius_m: float
    targets_without_people: int
    places_unsure: int
    residents_within_m: float | None
    text: Text

    @property
    def usable(self) -> bool:
        """Whether α may be read from `count`: it is complete, or more would change nothing."""
        return not self.lower_bound or settles_alpha(self.count)

    def as_json(self) -> dict[str, Any]:
        """All fields, `usable` and the text as `{"zh", "en"}`."""
        return {
            **{key: value for key, value in vars(self).items() if key not in ("sources", "text")},
            "usable": self.usable,
            "sources": {layer: asdict(counted) for layer, counted in self.sources.items()},
            "text": dict(self.text),
        }


@dataclass(frozen=True)
class _Plants:
    """Plants in metres: id, boundary, what it is, how uncertain, and the radius on the map."""

    crs: MetricCRS
    ids: list[str]
    shapes: Geometries
    boundaries: list[Boundary]
    uncertainty_m: list[float | None]
    scale: Floats


@dataclass(frozen=True)
class _Held:
    """A register in metres: places that count whole, areas that count by share.

    `rough` are those placed less exactly than 100 m, `reach` where they may be.
    """

    places: Geometries
    place_people: Floats
    areas: Geometries
    area_people: Floats
    rough: Geometries
    reach: Geometries


def exposed_of(
    connection: Connection,
    store: Store,
    records: Sequence[Record],
    radius_m: float = RADIUS_M,
) -> dict[str, Exposure]:
    """Count the people around hazard sources, by their id; those without a position get none.

    `connection` may be inside a write transaction. Records need `id`, `geom` (WKB, WGS84) and
    may have `enterprise_id` and `uncertainty_m`. The boundary is the enterprise's outline, else
    the unit's own, else its point. See docs/methods/exposure.md.
    """
    placed = [record for record in records if record.get("geom") is not None]
    own = _valid([record["geom"] for record in placed])
    lon, lat = shapely.get_coordinates(shapely.centroid(own)).T
    if not len(lon):
        return {}
    box = _box_around(own, max(radius_m, RESIDENTS_WITHIN_M))
    crs = metric_crs(lon, lat)
    plants = _plants(crs, placed, own, _outlines(connection, store, placed))
    held = {layer: _held(connection, store, layer, box, crs) for layer in LAYERS}
    return _counted(plants, held, radius_m)


def _counted(plants: _Plants, held: Mapping[Source, _Held], radius_m: float) -> dict[str, Exposure]:
    found = {
        layer: count_exposed(
            plants.shapes,
            one.places,
            one.place_people,
            one.areas,
            one.area_people,
            radius_m * plants.scale,
        )
        for layer, one in held.items()
    }
    count = whole_people(found["targets"].people + found["population"].people)
    nearest = _nearest_m(plants, held["population"])
    unsure = np.sum([_unsure(plants, one, radius_m) for one in held.values()], axis=0)
    result = {}
    for i, key in enumerate(plants.ids):
        sources = {
            layer: Counted(int(one.places[i] + one.areas[i]), round(float(one.people[i]), 3))
            for layer, one in found.items()
        }
        doubts = Doubts(
            boundary=plants.boundaries[i],
            boundary_uncertainty_m=plants.uncertainty_m[i],
            targets_without_people=int(found["targets"].places_unknown[i]),
            residents_without_people=int(found["population"].places_unknown[i]),
            places_unsure=int(unsure[i]),
            residents_within_m=None if np.isnan(nearest[i]) else round(float(nearest[i]), 1),
        )
        result[key] = _exposure(int(count[i]), sources, doubts, radius_m)
    return result


def _exposure(
    count: int, sources: Mapping[Source, Counted], doubts: Doubts, radius_m: float
) -> Exposure:
    targets, residents = sources["targets"], sources["population"]
    return Exposure(
        count,
        doubts.may_be_more,
        sources,
        doubts.boundary,
        doubts.boundary_uncertainty_m,
        radius_m,
        doubts.targets_without_people,
        doubts.places_unsure,
        doubts.residents_within_m,
        said(count, radius_m, (targets.n, targets.people), (residents.n, residents.people), doubts),
    )


def _unsure(plants: _Plants, register: _Held, radius_m: float) -> NDArray[np.int64]:
    """How many roughly placed entries outside each zone may lie inside it; shape (n,)."""
    radii_m = radius_m * plants.scale
    tree = shapely.STRtree(register.reach)
    plant, entry = tree.query(plants.shapes, "dwithin", distance=radii_m)
    inside = shapely.dwithin(plants.shapes[plant], register.rough[entry], radii_m[plant])
    return np.bincount(plant[~inside], minlength=len(plants.ids))


def _nearest_m(plants: _Plants, residents: _Held) -> Floats:
    """Metres from each plant to the nearest registered residents; NaN beyond 5 km."""
    around = np.concatenate([residents.places, residents.areas])
    nearest = np.full(len(plants.ids), np.nan)
    (plant, _), gap_m = shapely.STRtree(around).query_nearest(
        plants.shapes,
        max_distance=RESIDENTS_WITHIN_M * float(plants.scale.max()),
        return_distance=True,
        all_matches=False,
    )
    nearest[plant] = gap_m / plants.scale[plant]
    nearest[nearest > RESIDENTS_WITHIN_M] = np.nan
    return nearest


def _outlines(
    connection: Connection, store: Store, records: Sequence[Record]
) -> dict[str, tuple[Any, float | None]]:
    """Outline and uncertainty of the records' enterprises, of those that have one."""
    if "enterprises" not in store.schema.layers:
        return {}
    table = store.schema.layers["enterprises"]
    keys = sorted({str(r["enterprise_id"]) for r in records if r.get("enterprise_id")})
    found = {}
    for part in chunks(keys):
        rows = connection.execute(
            select(table.c.id, table.c.geom, table.c.uncertainty_m).where(
                table.c.id.in_(part), table.c.geom.is_not(None)
            )
        ).all()
        for row, shape in zip(rows, _valid([row.geom for row in rows]), strict=True):
            if _is_solid(shape):
                found[row.id] = (shape, row.uncertainty_m)
    return found


def _plants(
    crs: MetricCRS,
    records: Sequence[Record],
    own: Geometries,
    outlines: Mapping[str, tuple[Any, float | None]],
) -> _Plants:
    owners = [outlines.get(str(record.get("enterprise_id")), (None, None)) for record in records]
    outline = np.array([shape for shape, _ in owners], dtype=object)
    mine, theirs = _projected(crs, own), _projected(crs, outline)
    doubt_m = np.array([record.get("uncertainty_m") or 0.0 for record in records], dtype=float)
    with_it = shapely.distance(mine, theirs) <= APART_M + doubt_m  # NaN without an outline
    shapes = np.where(with_it, theirs, mine)
    usable = ~shapely.is_missing(shapes)
    boundaries: list[Boundary] = []
    uncertain: list[float | None] = []
    for i in np.flatnonzero(usable).tolist():
        if with_it[i]:
            boundaries.append("enterprise outline")
        else:
            boundaries.append("own outline" if _is_solid(own[i]) else "point")
        uncertain.append(owners[i][1] if with_it[i] else records[i].get("uncertainty_m"))
    return _Plants(
        crs,
        [str(records[i]["id"]) for i in np.flatnonzero(usable).tolist()],
        shapes[usable],
        boundaries,
        uncertain,
        _scale(crs, shapes[usable]),
    )


def _held(
    connection: Connection,
    store: Store,
    layer: Source,
    box: tuple[float, float, float, float],
    crs: MetricCRS,
) -> _Held:
    """A register's entries around the plants; residents' outlines spread their people evenly."""
    rows: Sequence[Any] = ()
    if layer in store.schema.layers:
        query = Query(layer, bbox=box, exact=False)
        table = store.source(layer)
        names = ("geom", "people", "uncertainty_m")
        rows = connection.execute(statement(table, query, store.dialect, names)).all()
    shapes = _projected(crs, _valid([row.geom for row in rows]))
    people = np.array([row.people for row in rows], dtype=np.float64)
    doubt_m = np.array([row.uncertainty_m or 0.0 for row in rows], dtype=np.float64)
    rough = doubt_m > DOUBTFUL_M
    spread = (shapely.area(shapes) > 0) & (layer == "population") & ~np.isnan(people)
    return _Held(
        shapes[~spread],
        people[~spread],
        shapes[spread],
        people[spread],
        shapes[rough],
        shapely.buffer(shapes[rough], doubt_m[rough]),
    )


def _is_solid(shape: Any) -> bool:
    return bool(shapely.get_dimensions(shape) == 2)


def _valid(wkb: Sequence[bytes]) -> Geometries:
    """Geometries, mended where somebody drew them across themselves; shape (n,)."""
    shapes = np.asarray(shapely.from_wkb(np.array(wkb, dtype=object)), dtype=object)
    bad = ~shapely.is_valid(shapes)
    shapes[bad] = shapely.make_valid(shapes[bad])
    return shapes


def _projected(crs: MetricCRS, shapes: Geometries) -> Geometries:
    """Geometries in metres; None where a projection is impossible."""
    moved = shapely.transform(shapes, lambda at: np.column_stack(crs.forward(at[:, 0], at[:, 1])))
    moved[~np.isfinite(shapely.bounds(moved)).all(axis=1)] = None
    return np.asarray(moved, dtype=object)


def _scale(crs: MetricCRS, shapes: Geometries) -> Floats:
    """Metres on the map for a metre on the ground, at each plant; shape (n,)."""
    x, y = shapely.get_coordinates(shapely.centroid(shapes)).reshape(-1, 2).T
    lon, lat = crs.inverse(x, y)
    on_x, on_y = crs.forward(lon, lat + _STEP_DEG)
    scale: Floats = np.hypot(on_x - x, on_y - y) / geodesic_distance_m(
        lon, lat, lon, lat + _STEP_DEG
    )
    return scale


def _box_around(shapes: Geometries, metres: float) -> tuple[float, float, float, float]:
    """West, south, east, north of geometries in degrees, widened by more than some metres."""
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    high = min(max(abs(south), abs(north)), 85.0)
    up = 1.1 * metres / 110_000.0
    aside = up / float(np.cos(np.radians(high)))
    return west - aside, south - up, east + aside, north + up
