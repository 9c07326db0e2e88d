"""A vector tile reads back, by an independent decoder, as the readable twin says."""

from __future__ import annotations

from typing import Any

import mapbox_vector_tile
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_risk.render import mvt
from geo_risk.render.mvt_varints import encoded, varint, zigzag
from tests.oracles.render_mvt import place_on_tile, point_features

TILE = (12, 3398, 1752)
WEST, SOUTH, EAST, NORTH = 118.55, 24.62, 118.80, 24.85

values = st.one_of(
    st.none(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.booleans(),
    st.integers(-(2**62), 2**63),
    st.floats(allow_infinity=True),
)
places = st.tuples(st.one_of(st.floats(WEST, EAST), st.just(float("nan"))), st.floats(SOUTH, NORTH))


def decoded(tile: bytes, layer: str = "a") -> list[dict[str, Any]]:
    found = mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True})
    return list(found[layer]["features"]) if found else []


def same(found: dict[str, Any], held: dict[str, Any]) -> bool:
    return found == held and {k: type(v) for k, v in found.items()} == {
        k: type(v) for k, v in held.items()
    }


@given(st.lists(st.tuples(places, values, values), max_size=40))
@settings(max_examples=150, deadline=None)
def test_points_read_back_with_all_their_properties(
    rows: list[tuple[tuple[float, float], Any, Any]],
) -> None:
    lon, lat = [row[0][0] for row in rows], [row[0][1] for row in rows]
    properties = {"name": [row[1] for row in rows], "n": [row[2] for row in rows]}
    tile = mvt.point_layer("a", np.array(lon), np.array(lat), properties, TILE)
    features = decoded(tile)
    expected = point_features(lon, lat, properties, TILE)
    assert len(features) == len(expected)
    for feature, (px, py, held) in zip(features, expected, strict=True):
        x, y = feature["geometry"]["coordinates"]
        assert abs(x - px) <= 0.5 + 1e-6
        assert abs(y - py) <= 0.5 + 1e-6
        assert same(feature["properties"], held)


@given(st.lists(st.integers(0, 2**64 - 1), max_size=60))
def test_varints_of_an_array_are_those_of_its_numbers(numbers: list[int]) -> None:
    run, sizes = encoded(np.array(numbers, np.uint64))
    assert run.tobytes() == b"".join(map(varint, numbers))
    assert sizes.tolist() == [len(varint(number)) for number in numbers]


@given(st.integers(-(2**62), 2**62))
def test_zigzag_keeps_the_sign_in_the_lowest_bit(number: int) -> None:
    code = int(zigzag(np.array([number]))[0])
    assert code == (2 * number if number >= 0 else -2 * number - 1)


@given(st.lists(st.tuples(st.floats(WEST, EAST), st.floats(SOUTH, NORTH)), min_size=3, max_size=9))
@settings(max_examples=150, deadline=None)
def test_a_polygon_keeps_its_area_within_the_tile(corners: list[tuple[float, float]]) -> None:
    polygon = shapely.convex_hull(shapely.MultiPoint(corners))
    tile = mvt.geometry_layer("a", np.array([polygon], object), {"id": ["x"]}, TILE)
    frame = shapely.box(-64, -64, 4160, 4160)
    placed = shapely.transform(polygon, lambda c: np.array([place_on_tile(*p, *TILE) for p in c]))
    wanted = shapely.intersection(placed, frame)
    drawn = shapely.union_all(
        [shapely.geometry.shape(feature["geometry"]) for feature in decoded(tile)]
    )
    # Snapping moves each edge by at most a unit.
    slack = 2.0 * shapely.length(wanted) + 8.0
    assert abs(shapely.area(drawn) - shapely.area(wanted)) <= slack
    assert shapely.is_valid(drawn)
