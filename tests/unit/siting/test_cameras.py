"""Cameras: how far they see finely enough, where they may hang, where they may not look."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import shapely

from geo_risk.errors import UsageError
from geo_risk.siting.buildings import buildings
from geo_risk.siting.cameras_optics import hfov_deg, level, levels, range_m
from geo_risk.siting.cameras_views import Camera, candidate_views, existing_views
from geo_risk.siting.candidates import along_roads, at_points, on_facades
from geo_risk.siting.privacy import looks_into
from geo_risk.siting.samples import area_samples, road_samples
from geo_risk.siting.seen import EVERY_15_DEG
from geo_risk.siting.visibility import sights
from geo_risk.siting.walls import walls

HOUSE = shapely.box(10, -5, 20, 5)
ROAD = shapely.LineString([(0, 10), (30, 10), (30, 40)])


def among(*outlines):
    return walls(buildings(np.array(outlines, object)))


def test_a_picture_of_1920_pixels_recognises_to_where_a_metre_takes_125_of_them():
    wide = hfov_deg(6.4, 4.0)
    assert wide == pytest.approx(77.32, abs=0.01)
    # 1920 pixels / 125 = 15.36 m across, as 6.4 mm lie at 4 mm.
    assert range_m(1920, level("recognise").px_per_m, wide) == pytest.approx(15.36 * 4.0 / 6.4)
    assert range_m(1920, 125, wide, drop_m=5.76) == pytest.approx(9.6 * 0.8)
    assert range_m(1920, 125, wide, drop_m=20.0) == 0.0
    assert range_m(7680, 25, 360, projection="equidistant") == pytest.approx(7680 / 25 / math.tau)


def test_a_level_without_a_source_is_off():
    assert "inspect" not in {one.name for one in levels()}
    assert len(levels()) == 12
    assert len(levels(unverified=True)) == 13
    with pytest.raises(UsageError, match="EN 62676-4:2014 detect"):
        level("inspect")


@pytest.mark.parametrize("camera", [(0, 125, 60), (1920, 125, 180), (1920, math.nan, 60)])
def test_a_camera_that_cannot_be_is_refused(camera):
    with pytest.raises(UsageError, match="camera"):
        range_m(*camera)


def test_road_samples_stand_for_the_whole_length():
    found = road_samples([ROAD, shapely.MultiLineString([[(0, 0), (7, 0)], [(9, 0), (9, 1)]])])
    assert np.bincount(found.row, found.weight).tolist() == [60.0, 8.0]
    assert found.x_m[found.row == 1].tolist() == [1.75, 5.25, 9.0]


def test_area_samples_stand_for_the_whole_area_however_small():
    found = area_samples([HOUSE, shapely.box(0, 0, 1, 1), shapely.Polygon()], 5.0)
    assert np.bincount(found.row, found.weight).tolist() == [100.0, 1.0]
    assert np.bincount(found.row).tolist() == [4, 1]


def test_poles_stand_along_roads_never_in_a_building():
    found = along_roads(among(HOUSE), [ROAD, shapely.LineString([(0, 0), (30, 0)])], 15.0)
    places = list(zip(found.x_m.tolist(), found.y_m.tolist(), strict=True))
    assert places == [(0, 10), (15, 10), (30, 10), (30, 25), (30, 40), (0, 0), (30, 0)]
    assert found.row.tolist() == [0, 0, 0, 0, 0, 1, 1]
    assert found.inside.tolist() == [1]
    kerb = along_roads(among(), [shapely.LineString([(0, 0), (30, 0)])], 15.0, kerb_m=4.0)
    assert kerb.y_m.tolist() == [-4.0, 4.0, -4.0]


def test_places_on_facades_stand_off_the_wall_and_outside_the_neighbour():
    near = shapely.box(20.2, -5, 30, 5)
    found = on_facades(among(HOUSE, near), 5.0)
    points = shapely.points(found.x_m, found.y_m)
    off_m = shapely.distance(points[found.row == 0], HOUSE)
    assert set(off_m.round(9)) == {0.5, round(math.sqrt(0.5), 9)}  # the latter at corners
    assert not shapely.union_all([HOUSE, near]).contains(points).any()
    assert len(found.inside)


def test_given_points_inside_a_building_are_named():
    found = at_points(among(HOUSE), [0.0, 15.0, 10.0], [0.0, 0.0, 0.0])
    assert found.row.tolist() == [0, 2]
    assert found.inside.tolist() == [1]


def test_no_heading_looks_into_a_privacy_zone():
    zone = shapely.box(-1, 8, 1, 12)  # due north, 2 x atan(1 / 8) wide
    sight = sights(among(HOUSE), [0.0], [0.0], 20.0)
    half_deg = math.degrees(math.atan(1 / 8))
    out = looks_into(sight, [zone], EVERY_15_DEG, 60.0)[0]
    into = [h for h in EVERY_15_DEG if abs((h + 180) % 360 - 180) <= 30 + half_deg]
    assert [h for h, bad in zip(EVERY_15_DEG, out, strict=True) if bad] == into
    assert looks_into(sight, [zone], [0.0], 360.0).all()


def test_a_zone_that_buildings_hide_or_that_lies_beyond_the_range_bars_nothing():
    hidden, far = shapely.box(22, -1, 24, 1), shapely.box(-60, 0, -50, 10)
    sight = sights(among(HOUSE), [0.0], [0.0], 40.0)
    assert not looks_into(sight, [hidden, far], EVERY_15_DEG, 90.0).any()
    # The house itself as a zone: its front is seen.
    assert looks_into(sight, [HOUSE], [90.0, 270.0], 90.0).tolist() == [[True, False]]
    # Standing in the zone, every heading looks into it.
    assert looks_into(sight, [shapely.box(-1, -1, 1, 1)], EVERY_15_DEG, 30.0).all()


def test_a_zone_all_round_is_seen_under_every_heading():
    ring = shapely.Point(0, 0).buffer(30) - shapely.Point(0, 0).buffer(25)
    sight = sights(among(), [0.0], [0.0], 40.0)
    assert looks_into(sight, [ring], EVERY_15_DEG, 10.0).all()


TARGETS = np.array([[0.0, 5.0], [5.0, 0.0], [0.0, -5.0], [25.0, 0.0]]).T


def rows_of(views):
    return [views.indices[a:b].tolist() for a, b in itertools.pairwise(views.indptr)]


def test_views_are_places_under_headings_without_those_that_look_into_a_zone():
    zone = shapely.box(-1, -9, 1, -8)
    camera = Camera(range_m=30.0, hfov_deg=60.0)
    where = (among(HOUSE), camera, [0.0, 200.0], [0.0, 0.0], *TARGETS)
    views = candidate_views(*where, zones_m=[zone], heading_deg=[0.0, 90.0, 180.0])
    assert views.place.tolist() == [0, 0, 1, 1, 1]
    assert views.heading_deg.tolist() == [0.0, 90.0, 0.0, 90.0, 180.0]
    assert rows_of(views) == [[0], [1], [], [], []]
    assert views.barred.tolist() == [1, 0]
    assert len(candidate_views(*where)) == 48


def test_a_zone_behind_a_roof_lower_than_the_camera_is_looked_into():
    zone = shapely.box(24, -1, 26, 1)
    low = walls(buildings([HOUSE], [3.0]))
    for height_m, barred in ((None, 0), (3.0, 0), (3.1, 1)):
        camera = Camera(range_m=30.0, hfov_deg=60.0, height_m=height_m)
        views = candidate_views(
            low, camera, [0.0], [0.0], *TARGETS, zones_m=[zone], heading_deg=[90.0]
        )
        assert views.barred.tolist() == [barred]


def test_cameras_that_hang_already_look_where_they_look():
    where = ([0.0, 0.0], [0.0, 0.0], [90.0, 185.0])
    views = existing_views(among(HOUSE), Camera(30.0, 60.0), *where, *TARGETS)
    assert rows_of(views) == [[1], [2]]
    round_ = existing_views(among(HOUSE), Camera(30.0, 360.0), *where, *TARGETS)
    assert rows_of(round_) == [[0, 1, 2]] * 2
    circles = existing_views(among(), Camera(30.0, 360.0), *where, *TARGETS)
    assert rows_of(circles) == [[0, 1, 2, 3]] * 2
    with pytest.raises(UsageError, match="differ in length"):
        existing_views(among(), Camera(30.0, 60.0), [0.0], [0.0], [], *TARGETS)
