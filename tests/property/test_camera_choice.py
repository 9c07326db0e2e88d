"""Views worth choosing, phases and shadows against plain twins."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_risk.siting.buildings import buildings
from geo_risk.siting.camera_choice import phased, undominated
from geo_risk.siting.camera_shadows import shadows
from geo_risk.siting.cameras_views import Camera, Views
from geo_risk.siting.reach import reach_from_table
from geo_risk.siting.seen import hiding, seen
from geo_risk.siting.visibility import sights
from geo_risk.siting.walls import walls

sets = st.lists(st.sets(st.integers(0, 8), max_size=5), min_size=1, max_size=6)


def views_of(places):
    rows = [sorted(one) for headings in places for one in headings]
    place = np.repeat(np.arange(len(places)), [len(one) for one in places])
    return rows, Views(
        indptr=np.append(0, np.cumsum([len(one) for one in rows])).astype(np.int64),
        indices=np.array(list(itertools.chain(*rows)), np.int32),
        place=place,
        heading_deg=np.zeros(len(rows)),
        barred=np.zeros(len(places), np.int64),
    )


@settings(deadline=None, max_examples=200)
@given(st.lists(sets, min_size=1, max_size=4))
def test_each_view_left_out_sees_no_more_than_one_kept_at_its_place(places):
    rows, views = views_of(places)
    kept = undominated(views).tolist()
    assert kept == sorted(set(kept))
    assert all(rows[row] for row in kept)
    for row, targets in enumerate(rows):
        at = views.place[row]
        assert not targets or any(
            set(targets) <= set(rows[other]) for other in kept if views.place[other] == at
        )


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.sets(st.integers(0, 9)), min_size=1, max_size=6),
    st.lists(st.integers(1, 9), min_size=10, max_size=10),
    st.lists(st.integers(1, 3), max_size=3),
)
def test_phases_take_what_adds_most_and_keep_to_their_limits(cameras, weights, limits):
    pairs = [(target, row) for row, one in enumerate(cameras) for target in one]
    reach = reach_from_table(
        *np.array(pairs, np.int64).reshape(-1, 2).T, demands=10, candidates=len(cameras)
    )
    weight, ones = np.array(weights, float), np.ones(len(cameras))
    everyone = np.arange(len(cameras))
    found = phased(reach, weight, ones, everyone, everyone[:1], limits)
    seen_by = set(cameras[0])
    for row, gain in zip(found.row, found.gain, strict=True):
        adds = {r: sum(weights[t] for t in cameras[r] - seen_by) for r in everyone[1:]}
        assert gain == adds[row] == max(adds[r] for r in found.row[list(found.row).index(row) :])
        seen_by |= cameras[row]
    assert sorted(found.row) == list(everyone[1:])
    if len(found.cover):
        assert found.cover[-1] == pytest.approx(sum(weights[t] for t in seen_by))
    for phase, most in enumerate(np.cumsum(limits), 1):
        assert (found.phase <= phase).sum() <= most


spans = st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(1, 6), st.integers(1, 6))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(spans, st.integers(1, 12)), max_size=4), st.sampled_from([0.0, 1.5]))
def test_the_ground_drawn_as_seen_is_where_targets_are_seen(houses, target_m):
    outlines = [shapely.box(x, y, x + w, y + h) for (x, y, w, h), _ in houses]
    among = walls(buildings(np.array(outlines, object), [height for _, height in houses]))
    camera, at = Camera(15.0, 360.0, 8.0, target_m), (10.37, 9.83)
    drawn = sights(hiding(among, camera.height_m), *([v] for v in at), camera.range_m)
    ground = drawn.outline(0, 0.001).difference(shadows(among.of, camera, *at))
    if len(among.of) and among.inside(*(np.array([v]) for v in at))[0]:
        return
    x, y = (
        part.ravel() + 0.013 for part in np.meshgrid(np.arange(0, 21, 0.9), np.arange(0, 21, 0.9))
    )
    found = seen(
        *(among, [at[0]], [at[1]], camera.range_m, x, y),
        camera_height_m=camera.height_m,
        target_height_m=target_m,
    )
    told = np.zeros(len(x), bool)
    told[found.target] = True
    points = shapely.points(x, y)
    clear = shapely.distance(points, shapely.boundary(ground)) > 0.01
    assert (told == shapely.contains(ground, points))[clear].all()
