"""Towns of a camera plan against a plain twin."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_risk.services.camera_towns import Towns, in_towns
from tests.oracles import camera_towns as slow

grades = st.sampled_from(slow.WORST_FIRST)
halves = st.integers(0, 12).map(lambda number: number / 2)
boxes = st.builds(
    lambda x, y, w, h: (x, y, x + w, y + h), halves, halves, st.integers(1, 4), st.integers(1, 4)
)


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.tuples(boxes, grades), min_size=1, max_size=5),
    st.lists(st.tuples(halves, halves, grades), max_size=8),
    st.lists(st.tuples(halves, halves), max_size=8),
)
def test_each_target_has_the_first_town_that_holds_it_and_each_town_its_worst_grade(
    given_towns, points, samples
):
    areas, own = [box for box, _ in given_towns], [grade for _, grade in given_towns]
    ids = [f"T{row}" for row in range(len(areas))]
    shapes = np.array([shapely.box(*area) for area in areas], object)
    at = [*((x, y) for x, y, _ in points), *samples]
    lon, lat = np.array(at, float).reshape(-1, 2).T
    found = in_towns(Towns(ids, ids, own, shapes, {}), lon, lat, [grade for *_, grade in points])
    expected = [slow.town_of(x, y, areas) for x, y in at]
    assert found.of.tolist() == expected
    assert found.ids == [f"T{row}" if row >= 0 else "" for row in expected]
    worst = [slow.grade_of(row, own, points, areas) for row in range(len(areas))]
    assert found.grades == worst
    assert found.grades_at(np.arange(len(at))) == [
        worst[row] if row >= 0 else "no_data" for row in expected
    ]
