"""What a store knows of its city, as far as placing the rows of an import needs it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_risk.catalogue import LayerSpec
from geo_risk.datums import geodesic_distance_m
from geo_risk.geocoding import Gazetteer, Match, normalise
from geo_risk.store import Query, Record, Store

from .gazetteer import areas, places_of
from .geocoding import suggest_online

_CLOSE_DEG = 0.1
"""More degrees than the tolerance outside the city anywhere below 84° N: a quick first look."""
OUTSIDE_TOLERANCE_M = 500.0
"""How far outside the city's boundary a position may lie: piers, and a boundary known to 100 m."""


@dataclass
class Surroundings:
    """Gazetteer, areas, the places of possible parents, and what the layer holds already."""

    gazetteer: Gazetteer | None
    city: Any | None
    city_name: str
    neighbours: Any | None
    towns: list[tuple[str, Any]] = field(default_factory=list)
    town_names: dict[str, str] = field(default_factory=dict)
    parents: dict[str, Record] = field(default_factory=dict)
    suggest: Callable[[list[str], list[Match]], list[Match]] = lambda _, matches: matches
    read_known: Callable[[], list[Record]] = list

    @cached_property
    def known(self) -> list[Record]:
        """What a graded layer holds already; empty for others."""
        return self.read_known()

    @cached_property
    def parent_words(self) -> dict[str, set[str]]:
        """The parents' credit codes and normalised names, each with the ids it may mean."""
        words: dict[str, set[str]] = {}
        for key, row in self.parents.items():
            for text in (row.get("credit_code"), row.get("name")):
                if text:
                    words.setdefault(normalise(str(text)), set()).add(key)
        return words

    @cached_property
    def land(self) -> Any | None:
        """The city and its neighbours; None where the neighbours are not known."""
        if self.city is None or self.neighbours is None:
            return None
        return shapely.union_all([self.city, self.neighbours])

    @cached_property
    def centre_lon(self) -> float | None:
        """The city's longitude, by which projections near it are known."""
        return None if self.city is None else float(self.city.representative_point().x)

    @cached_property
    def town_tree(self) -> shapely.STRtree | None:
        """The towns' areas, for the town that a position lies in."""
        return shapely.STRtree([shape for _, shape in self.towns]) if self.towns else None

    def near_city(self, shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
        """Which geometries touch the city or lie within the tolerance around it; shape (n,)."""
        if self.city is None:
            return np.ones(len(shapes), dtype=bool)
        shapely.prepare(self.city)
        near: NDArray[np.bool_] = shapely.intersects(self.city, shapes)
        close = ~near & (shapely.distance(self.city, shapes) < _CLOSE_DEG)
        lines = shapely.shortest_line(self.city, shapes[close])
        ends = shapely.get_coordinates(lines).reshape(-1, 4)
        near[close] = geodesic_distance_m(*ends.T) <= OUTSIDE_TOLERANCE_M
        return near

    def towns_at(self, shapes: NDArray[np.object_]) -> list[str]:
        """The code of the town whose area each geometry's point lies in, empty for none."""
        found = [""] * len(shapes)
        if self.town_tree is not None and len(shapes):
            points = shapely.point_on_surface(shapes)
            which, areas = self.town_tree.query(points, predicate="intersects")
            for i, area in zip(which[::-1].tolist(), areas[::-1].tolist(), strict=True):
                found[i] = self.towns[area][0]
        return found


def _parents(store: Store, layer: LayerSpec) -> dict[str, Record]:
    if not layer.parent:
        return {}
    known = store.spec(layer.parent).by_name
    further = [name for name in ("town", "village", "credit_code") if name in known]
    names = ["id", "geom", "level", "uncertainty_m", "name", *further]
    rows = store.columns(Query(layer.parent), names)
    return {row[0]: dict(zip(names, row, strict=True)) for row in rows}


def _known(store: Store, layer: LayerSpec) -> list[Record]:
    if not layer.graded:
        return []
    wanted = ("credit_code", "enterprise_id", "address")
    names = ["id", "name", "geom", "position_in", *(n for n in wanted if n in layer.by_name)]
    return [dict(zip(names, row, strict=True)) for row in store.columns(Query(layer.id), names)]


def surroundings_of(
    store: Store, layer: LayerSpec, *, exclude: Collection[str] = frozenset()
) -> Surroundings:
    """Read from the store what placing the rows of a layer needs.

    `exclude` holds the ids of the rows being imported: what the store says of their own
    position must not decide where they lie.
    """
    city = areas(store, "city")
    places = places_of(store, exclude=frozenset(exclude))
    within = city[0][0] if city else ""
    neighbours = [shape for _, shape in areas(store, "surroundings")]
    return Surroundings(
        Gazetteer(places, within) if places and within else None,
        city[0][1] if city else None,
        str(next(iter(store.columns(Query("city"), ("name",))), ("",))[0]),
        shapely.union_all(neighbours) if neighbours else None,
        areas(store, "towns"),
        dict(store.columns(Query("towns"), ("id", "name"))),
        _parents(store, layer),
        lambda addresses, matches: suggest_online(store, addresses, matches),
        lambda: _known(store, layer),
    )
