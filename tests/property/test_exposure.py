"""Counting the people around plants agrees with a slow count on the ellipsoid."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geo_risk.datums import metric_crs
from geo_risk.grading import alpha_of
from geo_risk.grading.exposure import count_exposed, settles_alpha, whole_people
from tests.oracles import exposure as oracle

UTM = metric_crs([118.68], [24.74])
X0, Y0 = (float(v[0]) for v in UTM.forward([118.68], [24.74]))
ON_MAP = 0.99996
"""Near enough to the scale of the map here (−37 ppm): 0.001 m in 500 m."""

offsets = st.floats(-900, 900).map(lambda value: round(value, 1))
points = st.builds(lambda x, y: shapely.Point(X0 + x, Y0 + y), offsets, offsets)


def _block(x, y, wide, deep, angle):
    ring = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (wide, deep)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return shapely.polygons(ring @ turn.T + (X0 + x, Y0 + y))


blocks = st.builds(
    _block, offsets, offsets, st.integers(5, 200), st.integers(5, 200), st.floats(0, 1.5)
)
plants = st.one_of(
    st.just(shapely.Point(X0, Y0)),
    st.builds(_block, *([st.just(0)] * 2), *([st.integers(10, 300)] * 2), st.floats(0, 1.5)),
)
places = st.lists(st.tuples(points | blocks, st.none() | st.integers(0, 3000)), max_size=5)
areas = st.lists(st.tuples(blocks, st.integers(0, 9000)), max_size=4)


def in_degrees(shape):
    return shapely.transform(shape, lambda at: np.column_stack(UTM.inverse(at[:, 0], at[:, 1])))


def counted(these, places, areas, radius_m=500.0):
    known = [np.nan if people is None else people for _, people in places]
    return count_exposed(
        np.array(these, dtype=object),
        np.array([shape for shape, _ in places], dtype=object),
        known,
        np.array([shape for shape, _ in areas], dtype=object),
        [people for _, people in areas],
        radius_m,
    )


@settings(max_examples=60, deadline=None)
@given(plants, places, areas)
def test_the_count_is_that_of_geodesics(plant, places, areas):
    edge = shapely.distance(plant, [shape for shape, _ in places])
    assume(not np.any(np.abs(edge - 500 * ON_MAP) < 0.05))
    found = counted([plant], places, areas, 500 * ON_MAP)
    slow = oracle.people_around(
        in_degrees(plant),
        [(in_degrees(shape), people) for shape, people in places],
        [(in_degrees(shape), people) for shape, people in areas],
    )
    assert (found.places[0], found.places_unknown[0]) == (slow.places, slow.places_unknown)
    assert found.place_people[0] == slow.place_people
    # 0.1 %, and for areas that only touch the zone a strip of 0.05 m.
    strip = sum(people * 0.05 * shape.length / shape.area for shape, people in areas)
    assert abs(found.area_people[0] - slow.area_people) <= 0.001 * slow.area_people + strip


@settings(max_examples=5, deadline=None)
@given(plants, blocks)
def test_the_share_of_an_area_is_that_of_points_strewn_over_it(plant, area):
    found = counted([plant], [], [(area, 1)]).area_people[0]
    sampled = oracle.share_by_sampling(in_degrees(plant), in_degrees(area), 500.0, side=24)
    assert abs(found - sampled) < 0.08


@given(st.lists(plants, max_size=4), places, areas)
def test_many_plants_are_counted_as_one_by_one(these, places, areas):
    together = counted(these, places, areas)
    for i, plant in enumerate(these):
        alone = counted([plant], places, areas)
        assert together.people[i] == alone.people[0]
        assert together.places[i] == alone.places[0]
        assert together.areas[i] == alone.areas[0]


@given(plants, places, areas, st.floats(10, 900))
def test_a_wider_zone_and_a_further_place_never_mean_fewer_people(plant, places, areas, radius):
    near, far = counted([plant], places, areas, radius), counted([plant], places, areas, 900.0)
    assert near.people[0] <= far.people[0] + 1e-6
    fewer = counted([plant], places[1:], areas[1:], radius)
    assert fewer.people[0] <= near.people[0]


@given(st.integers(0, 400), st.floats(0, 0.999))
def test_people_are_rounded_up_and_only_the_last_class_settles_alpha(number, part):
    assert whole_people(number + part) == (number if part <= 1e-6 else number + 1)
    assert settles_alpha(number) == (alpha_of(number)[0] == alpha_of(10**6)[0])
