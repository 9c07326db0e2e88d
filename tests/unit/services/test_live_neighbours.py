"""Neighbours in the demo city are those a slow look at every unit finds."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo_risk.datums import geodesic_distance_m, metric_crs
from geo_risk.services.live_neighbours import neighbours_of
from geo_risk.store import Query, Store
from tests.oracles.live_index import SlowIndex


def in_metres(store: Store, layer: str) -> tuple[SlowIndex, dict[str, shapely.Geometry]]:
    """Each placed feature by itself, in the zone of their middle."""
    rows = [row for row in store.features(Query(layer)) if row["geom"] is not None]
    degrees = {row["id"]: shapely.from_wkb(row["geom"]) for row in rows}
    middles = [shape.centroid for shape in degrees.values()]
    crs = metric_crs([point.x for point in middles], [point.y for point in middles])
    shapes = {
        key: shapely.transform(shape, lambda at: np.column_stack(crs.forward(*at.T)))
        for key, shape in degrees.items()
    }
    return SlowIndex(shapes), degrees


@pytest.mark.parametrize("layer", ["enterprises", "hazard_sources", "towns", "roads"])
def test_the_demo_city_agrees_with_brute_force(shishi, layer):
    slow, _ = in_metres(shishi.store, layer)
    keys = sorted(slow.shapes)
    assert len(keys) > 5
    for key in keys[:: max(1, len(keys) // 12)]:
        others = [pair for pair in slow.by_distance(slow.shapes[key]) if pair[0] != key]
        for asked in ({"radius_m": 200.0}, {"radius_m": 1_500.0}, {"k": 1}, {"k": 15}):
            found = neighbours_of(shishi.store, layer, key, **asked)
            if "k" in asked:
                expected = others[: asked["k"]]
            else:
                expected = [pair for pair in others if pair[1] <= asked["radius_m"]]
            assert [(one["id"], one["distance_m"]) for one in found] == [
                (other, round(distance_m, 3)) for other, distance_m in expected
            ]


def test_distances_are_those_on_the_ellipsoid_but_for_the_scale_of_the_map(shishi):
    _, degrees = in_metres(shishi.store, "hazard_sources")
    key = min(key for key, shape in degrees.items() if shape.geom_type == "Point")
    here = degrees[key]
    checked = 0
    for one in neighbours_of(shishi.store, "hazard_sources", key, k=20):
        if degrees[one["id"]].geom_type == "Point":
            true_m = geodesic_distance_m(here.x, here.y, one["lon"], one["lat"])[0]
            assert one["distance_m"] == pytest.approx(true_m, rel=4.1e-4, abs=0.001)
            checked += 1
    assert checked > 5
