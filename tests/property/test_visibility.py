"""Sight against its slow twin, where buildings touch, overlap and line up with the viewpoint."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_risk.siting.buildings import buildings
from geo_risk.siting.seen import reached, seen
from geo_risk.siting.visibility import sights
from geo_risk.siting.walls import walls
from tests.oracles import sight as slow

whole = st.integers(0, 12).map(float)
anywhere = st.integers(0, 12 * 1024).map(lambda step: step / 1024)  # exact far from 0, too
ranges = st.sampled_from([2.0, 5.0, 7.5, 30.0])
origins = st.sampled_from([(0.0, 0.0), (6e5, 2.7e6)])


@st.composite
def outlines(draw):
    x, y = draw(whole), draw(whole)
    w, h = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    kind = draw(st.sampled_from(["box", "corner", "triangle", "court", "turned"]))
    if kind == "box" or min(w, h) < 3:
        return shapely.box(x, y, x + w, y + h)
    if kind == "corner":
        return shapely.Polygon(
            [(x, y), (x + w, y), (x + w, y + 1), (x + 1, y + 1), (x + 1, y + h), (x, y + h)]
        )
    if kind == "triangle":
        return shapely.Polygon([(x, y), (x + w, y + 1), (x + 1, y + h)])
    if kind == "court":
        hole = shapely.box(x + 1, y + 1, x + w - 1, y + h - 1)
        return shapely.box(x, y, x + w, y + h) - hole
    return shapely.affinity.rotate(shapely.box(x, y, x + w, y + h), draw(st.integers(1, 89)))


@st.composite
def cases(draw):
    east, north = draw(origins)
    made = [
        shapely.affinity.translate(o, east, north) for o in draw(st.lists(outlines(), max_size=6))
    ]
    coordinate = draw(st.sampled_from([whole, anywhere]))
    return made, east + draw(coordinate), north + draw(coordinate), draw(ranges)


def seen_area(made, x, y, range_m):
    return sights(walls(buildings(np.array(made, object))), [x], [y], range_m)


@settings(deadline=None, max_examples=60)
@given(cases())
def test_the_area_is_that_of_the_slow_twin(case):
    made, x, y, range_m = case
    found = seen_area(made, x, y, range_m)
    assert found.inside[0] == slow.is_inside(made, x, y)
    assert found.area_m2[0] == pytest.approx(slow.area_m2(made, x, y, range_m), rel=1e-9, abs=1e-9)


@settings(deadline=None, max_examples=40)
@given(cases(), outlines())
def test_a_building_more_never_adds_sight(case, more):
    made, x, y, range_m = case
    more = shapely.affinity.translate(more, x - x % 100, y - y % 100)
    before, after = seen_area(made, x, y, range_m), seen_area([*made, more], x, y, range_m)
    assert after.area_m2[0] <= before.area_m2[0] + 1e-9
    beyond = after.outline(0, 0.01).difference(before.outline(0, 1e-5).buffer(1e-4))
    assert beyond.area == pytest.approx(0.0, abs=1e-6)


@settings(deadline=None, max_examples=40)
@given(cases(), st.integers(0, 35).map(lambda k: 10.0 * k), st.sampled_from([10.0, 90.0, 200.0]))
def test_what_is_seen_is_star_shaped_outside_all_buildings_and_the_sum_of_its_wedges(
    case, heading, hfov
):
    made, x, y, range_m = case
    found = seen_area(made, x, y, range_m)
    ring, after = found.vertices_m, np.roll(found.vertices_m, -1, axis=0)
    assert (ring[:, 0] * after[:, 1] - ring[:, 1] * after[:, 0] >= -1e-9).all()
    assert (np.hypot(*ring.T) <= range_m * (1 + 1e-12)).all()
    drawn = found.outline(0, 1e-3)
    assert drawn.is_empty or drawn.is_valid
    # Chords lie inside the arcs: by at most 2/3 of their height.
    assert 0 <= found.area_m2[0] - drawn.area + 1e-9 <= 1e-3 * 2 * np.pi * range_m
    assert drawn.intersection(shapely.union_all(made)).area == pytest.approx(0, abs=1e-7)
    parts = found.wedge_area_m2(0, heading, hfov), found.wedge_area_m2(0, heading + 180, 360 - hfov)
    assert sum(parts) == pytest.approx(found.area_m2[0], abs=1e-7)
    wedge = found.outline(0, 1e-3, (heading, hfov))
    assert wedge.is_valid
    assert wedge.area == pytest.approx(parts[0], abs=1e-3 * 2 * np.pi * range_m)


heights = st.sampled_from([0.0, 1.0, 3.0, 5.0, 6.5, 9.0, np.nan])
cameras = st.sampled_from([None, 2.71, 6.5, 8.13])


@settings(deadline=None, max_examples=60)
@given(cases(), st.data(), cameras, st.sampled_from([0.0, 1.37]))
def test_targets_are_those_of_the_slow_twin(case, data, camera_m, target_m):
    made, x, y, range_m = case
    height_m = data.draw(st.lists(heights, min_size=len(made), max_size=len(made)))
    east, north = x - x % 100, y - y % 100
    at = data.draw(st.lists(st.tuples(whole, whole), min_size=1, max_size=8))
    targets = [(east + a, north + b) for a, b in at]
    among = walls(buildings(np.array(made, object), height_m))
    found = seen(
        *(among, [x], [y], range_m, *np.array(targets).T),
        camera_height_m=camera_m,
        target_height_m=0.0 if camera_m is None else target_m,
    )
    opaque = [np.inf if camera_m is None or np.isnan(h) else h for h in height_m]
    heights_m = (100.0, 0.0) if camera_m is None else (camera_m, target_m)
    expected = [
        row
        for row, target in enumerate(targets)
        if slow.sees(made, opaque, x, y, heights_m[0], target, heights_m[1], range_m)
    ]
    assert found.target.tolist() == expected


@settings(deadline=None, max_examples=20)
@given(cases(), st.sampled_from([30.0, 90.0, 225.0, 360.0]))
def test_a_heading_reaches_what_its_wedge_holds(case, hfov_deg):
    made, x, y, range_m = case
    target_x, target_y = np.random.default_rng(7).uniform(0, 12, (2, 60))
    target_x, target_y = target_x + x - x % 100, target_y + y - y % 100
    among = walls(buildings(np.array(made, object)))
    found = seen(among, [x], [y], range_m, target_x, target_y)
    rows = reached(found, hfov_deg, [0.0, 45.0, 165.0, 300.0])
    sight = sights(among, [x], [y], range_m)
    points = shapely.points(target_x, target_y)
    assert len(rows.indptr) == len(rows.heading_deg) + 1 == (2 if hfov_deg == 360 else 5)
    for h, heading in enumerate(rows.heading_deg):
        wedge = sight.outline(0, 1e-4, (heading, hfov_deg))
        inside = np.flatnonzero(shapely.contains(wedge.buffer(-1e-3), points))
        near = np.flatnonzero(shapely.dwithin(wedge, points, 1e-3))
        reach = rows.indices[rows.indptr[h] : rows.indptr[h + 1]]
        assert set(inside) <= set(reach) <= set(near)
