"""Sight by hand: what one house hides, from a street, a wall, a corner, over its roof."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely

from geo_risk.errors import UsageError
from geo_risk.siting.buildings import buildings
from geo_risk.siting.seen import reached, seen
from geo_risk.siting.visibility import sights
from geo_risk.siting.walls import walls

HOUSE = shapely.box(10, -5, 20, 5)


def among(*outlines, height_m=None):
    return walls(buildings(np.array(outlines, object), height_m))


def area(x, y, range_m, *outlines):
    return sights(among(*outlines), [x], [y], range_m).area_m2[0]


def test_on_open_ground_all_of_the_circle_is_seen():
    found = sights(among(), [3.0], [4.0], 50.0)
    assert found.area_m2[0] == pytest.approx(math.pi * 2500, rel=1e-14)
    assert found.arc.all()
    assert found.outline(0, 0.01).area == pytest.approx(math.pi * 2500, rel=1e-3)


def test_a_house_hides_what_lies_behind_its_front():
    # Its front spans 2 atan(5 / 10); before it lies a triangle of 10 x 10 / 2.
    hidden = math.atan(0.5)
    expected = 900 * (math.pi - hidden) + 50
    assert area(0, 0, 30.0, HOUSE) == pytest.approx(expected, rel=1e-12)


def test_a_wall_partly_within_range_ends_sight_as_far_as_it_is_within():
    half_angle = math.acos(10 / 11)
    expected = 121 * (math.pi - half_angle) + 10 * math.sqrt(121 - 100)
    assert area(0, 0, 11.0, HOUSE) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("x", "y", "share"),
    [(10, 0, 1 / 2), (10, 5, 3 / 4), (10 - 1e-7, 0, 1 / 2), (20, -5, 3 / 4)],
)
def test_from_a_wall_or_a_corner_only_the_outside_is_seen(x, y, share):
    assert area(x, y, 3.0, HOUSE) == pytest.approx(9 * math.pi * share, rel=1e-9)


def test_between_two_houses_that_share_a_wall_nothing_is_seen():
    other = shapely.box(20, -5, 30, 5)
    assert area(20, 5, 3.0, HOUSE, other) == pytest.approx(9 * math.pi / 2, rel=1e-9)
    assert area(20, 0, 3.0, HOUSE, other) == 0.0
    # And no needle comes through the seam.
    assert area(20, 25, 60.0, HOUSE, other) == pytest.approx(
        area(20, 25, 60.0, shapely.box(10, -5, 30, 5)), rel=1e-12
    )


def test_inside_a_building_nothing_is_seen_but_in_its_court_all_of_it():
    ring = HOUSE - shapely.box(12, -3, 18, 3)
    found = sights(among(ring), [11.0, 15.0], [0.0, 0.0], 30.0)
    assert found.inside.tolist() == [True, False]
    assert found.area_m2 == pytest.approx([0.0, 36.0])
    assert found.outline(0).is_empty
    assert found.outline(1).equals(shapely.box(12, -3, 18, 3))


def test_far_from_the_origin_nothing_is_lost():
    shift = 634_567.8, 6_672_345.6
    moved = shapely.affinity.translate(shapely.box(10.5, -5.25, 20.5, 5.25), *shift)
    here = area(0, 0, 30.0, shapely.box(10.5, -5.25, 20.5, 5.25))
    assert area(*shift, 30.0, moved) == pytest.approx(here, rel=1e-9)


@pytest.mark.parametrize(
    ("camera_m", "height_m", "hides_to_m"),
    [
        (6.0, 3.0, 40.0),  # 20 x 6 / (6 - 3)
        (12.0, 3.0, 26.666),  # 20 x 12 / 9
        (6.0, 6.0, math.inf),
        (6.0, 8.0, math.inf),
        (6.0, math.nan, math.inf),
        (None, 3.0, math.inf),
    ],
)
def test_over_a_low_roof_only_a_strip_is_hidden(camera_m, height_m, hides_to_m):
    x = np.array([5.0, 10.0, 15.0, 20.0, 25.0, 26.6, 26.7, 39.9, 40.1, 100.0])
    found = seen(
        *(among(HOUSE, height_m=[height_m]), [0.0], [0.0], 100.0, x, 0 * x),
        camera_height_m=camera_m,
    )
    assert x[found.target].tolist() == [at for at in x if at <= 10 or at > hides_to_m]


def test_a_target_higher_up_is_hidden_less():
    x = np.array([21.0, 29.0, 31.0])
    where = (among(HOUSE, height_m=[3.0]), [0.0], [0.0], 50.0, x, 0 * x)
    # At 1.5 m: to 20 (6 - 1.5) / (6 - 3) = 30 m; at 3 m nothing is hidden.
    assert seen(*where, camera_height_m=6.0, target_height_m=1.5).target.tolist() == [2]
    assert len(seen(*where, camera_height_m=6.0, target_height_m=3.0).target) == 3
    with pytest.raises(UsageError, match="lower than its targets"):
        seen(*where, camera_height_m=1.0, target_height_m=3.0)


def test_a_heading_reaches_targets_within_half_the_field_of_view():
    x, y = np.array([0.0, 10.0, 0.0, -10.0, 0.0]), np.array([10.0, 0.0, -10.0, 0.0, 0.0])
    found = seen(among(), [0.0], [0.0], 20.0, x, y)
    assert found.bearing_deg[:4].tolist() == [0.0, 90.0, 180.0, 270.0]
    rows = reached(found, 90.0, [0.0, 45.0, 350.0])
    got = [rows.indices[a:b].tolist() for a, b in zip(rows.indptr, rows.indptr[1:], strict=False)]
    # The edges of the picture count; the target right below is in every picture.
    assert got == [[0, 4], [0, 1, 4], [0, 4]]
    assert reached(found, 360.0).indices.tolist() == [0, 1, 2, 3, 4]


def test_a_wedge_is_the_part_of_the_sight_that_is_in_the_picture():
    found = sights(among(HOUSE), [0.0], [0.0], 30.0)
    front = 2 * math.degrees(math.atan(0.5))
    assert found.wedge_area_m2(0, 90.0, front) == pytest.approx(50.0)
    assert found.wedge_area_m2(0, 270.0, 90.0) == pytest.approx(900 * math.pi / 4)
    assert found.outline(0, 0.1, (90.0, 20.0)).bounds[2] == pytest.approx(10.0)


def test_invalid_outlines_are_repaired_and_said():
    bow = shapely.Polygon([(0, 0), (4, 4), (4, 0), (0, 4)])
    line = shapely.Polygon([(0, 0), (4, 4), (0, 0)])
    made = buildings(np.array([HOUSE, bow, line, shapely.Polygon()], object))
    assert made.row.tolist() == [0, 1]
    assert (made.repaired.tolist(), made.flat.tolist()) == ([1], [2, 3])
    assert shapely.area(made.outline_m).tolist() == [100.0, 8.0]
    assert "1 invalid outlines of buildings were repaired (b)" in made.told("abcd")["en"]


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("range_invalid", lambda: sights(among(), [0.0], [0.0], math.nan)),
        ("lengths_differ", lambda: sights(among(), [0.0], [0.0, 1.0], 9.0)),
        ("position_not_finite", lambda: sights(among(), [0.0], [math.inf], 9.0)),
        ("hfov_invalid", lambda: reached(seen(among(), [0.0], [0.0], 9.0, [], []), 0.0)),
        ("height_invalid", lambda: among(HOUSE, height_m=[-1.0])),
        ("outline_not_finite", lambda: among(shapely.Point(math.nan, 1))),
        ("lengths_differ", lambda: among(HOUSE, height_m=[1.0, 2.0])),
    ],
)
def test_what_cannot_be_is_refused(code, call):
    with pytest.raises(UsageError) as caught:
        call()
    assert caught.value.code == code
