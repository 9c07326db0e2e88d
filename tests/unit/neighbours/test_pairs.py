"""Bulk pairs: many points, a zone's edge, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from scipy.spatial import cKDTree

from geo_risk.datums import geodesic_distance_m, metric_crs
from geo_risk.errors import UsageError
from geo_risk.neighbours import pairs as module
from geo_risk.neighbours.outlines import shape_pairs_within
from geo_risk.neighbours.pairs import Pairs, pairs_within
from tests.oracles import neighbour_pairs as slow


def clustered(n: int, seed: int = 5):
    """Coordinates of points in clusters, a tenth of them on one another; sectors and grades."""
    draw = np.random.default_rng(seed)
    centre = draw.uniform(0, 40_000 * np.sqrt(n / 1e6), (max(n // 300, 1), 2))
    xy = centre[draw.integers(0, len(centre), n)] + draw.normal(0, 250, (n, 2))
    xy[: n // 10] = xy[n // 10 : n // 10 * 2]
    xy += (6.4e5, 2.7e6)
    return xy[:, 0].copy(), xy[:, 1].copy(), draw.integers(0, 12, n), draw.integers(0, 4, n)


def as_numbers(pairs: Pairs, n: int):
    return np.sort(pairs.i.astype(np.int64) * n + pairs.j)


def by_tree(x, y, radius_m):
    found = cKDTree(np.column_stack([x, y])).query_pairs(radius_m, output_type="ndarray")
    return np.sort(found.min(axis=1).astype(np.int64) * len(x) + found.max(axis=1))


@pytest.mark.parametrize("radius_m", [20.0, 60.0, 150.0])
def test_five_thousand_points_pair_as_by_brute_force(radius_m):
    x, y, sector, grade = clustered(5_000)
    square = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2
    near = np.triu(square <= radius_m**2, 1)
    i, j = np.nonzero(near)
    assert np.array_equal(as_numbers(pairs_within(x, y, radius_m), 5_000), i * 5_000 + j)
    near &= (sector[:, None] == sector) & (np.abs(grade[:, None] - grade) <= 1)
    i, j = np.nonzero(near)
    found = pairs_within(x, y, radius_m, sector=sector, grade=grade, grade_within=1)
    assert np.array_equal(as_numbers(found, 5_000), i * 5_000 + j)
    assert np.array_equal(found.distance_m, np.sqrt(square[found.i, found.j]))


@pytest.mark.parametrize("radius_m", [15.0, 40.0, 90.0])
def test_two_hundred_thousand_points_pair_as_by_a_tree(radius_m):
    x, y, _, _ = clustered(200_000)
    assert np.array_equal(as_numbers(pairs_within(x, y, radius_m), len(x)), by_tree(x, y, radius_m))


def test_pairs_reach_across_the_edge_of_a_utm_zone():
    draw = np.random.default_rng(2)
    lon = np.concatenate([draw.normal(119.99, 0.01, 3_000), draw.normal(120.01, 0.01, 3_000)])
    lat = draw.normal(24.7, 0.01, 6_000)
    x, y = metric_crs(lon, lat).forward(lon, lat)
    for radius_m in (10.0, 50.0, 200.0):
        found = pairs_within(x, y, radius_m)
        assert np.array_equal(as_numbers(found, 6_000), by_tree(x, y, radius_m))
        across = (lon[found.i] < 120) != (lon[found.j] < 120)
        assert across.any()
        true_m = geodesic_distance_m(lon[found.i], lat[found.i], lon[found.j], lat[found.j])
        # 0.1 % is what a zone stretches at its edge.
        assert np.allclose(found.distance_m, true_m, rtol=1.2e-3)


def test_points_on_one_place_all_pair_at_no_distance():
    found = pairs_within(np.full(500, 3.5), np.full(500, -2.0), 1.0)
    assert len(found) == 500 * 499 // 2
    assert not found.distance_m.any()


def test_one_point_far_away_does_not_change_the_others_pairs():
    x, y, sector, grade = clustered(3_000)
    how = {"sector": sector, "grade": grade, "grade_within": 1}
    alone = pairs_within(x, y, 50.0, **how)
    x[-1], y[-1] = 9e8, -9e8
    with_it = pairs_within(x, y, 50.0, **how)
    kept = alone.j < 2_999
    assert np.array_equal(
        np.sort(alone.i[kept].astype(np.int64) * 3_000 + alone.j[kept]),
        as_numbers(with_it, 3_000),
    )


def test_sectors_may_be_any_numbers():
    x, y, sector, _ = clustered(2_000)
    named = np.array([-1, 7, 10**12, *range(10**6, 10**6 + 9)])[sector]
    found = pairs_within(x, y, 80.0, sector=named)
    same = pairs_within(x, y, 80.0, sector=np.where(sector, sector, -1))
    assert np.array_equal(as_numbers(found, 2_000), as_numbers(same, 2_000))
    expected = slow.pairs(x[:300], y[:300], 80.0, sector=named[:300])
    few = pairs_within(x[:300], y[:300], 80.0, sector=named[:300])
    assert set(zip(few.i.tolist(), few.j.tolist(), strict=True)) == set(expected)


@pytest.mark.parametrize("kind", [np.int8, np.int64, np.uint8, np.uint64])
def test_sectors_and_grades_of_any_width_mean_the_same(kind):
    x, y, sector, grade = clustered(1_000)
    how = {"sector": sector.astype(kind), "grade": grade.astype(kind), "grade_within": 1}
    wanted = pairs_within(x, y, 80.0, sector=sector, grade=grade, grade_within=1)
    assert np.array_equal(pairs_within(x, y, 80.0, **how).j, wanted.j)
    far_below = np.full(1_000, -(2**40) + 5)
    assert len(pairs_within(x, y, 80.0, sector=far_below)) == 0
    assert len(pairs_within(x, y, 80.0, grade=far_below, grade_within=1)) == 0


def test_nothing_gives_nothing():
    assert len(pairs_within([], [], 10.0)) == 0
    assert len(pairs_within([1.0], [1.0], 10.0, sector=[-1])) == 0
    assert len(shape_pairs_within(np.array([], dtype=object), 10.0)) == 0


@pytest.mark.parametrize(
    ("x", "y", "radius_m", "how", "code"),
    [
        ([0.0, np.nan], [0.0, 0.0], 5.0, {}, "position_not_finite"),
        ([0.0, 1.0], [0.0, -np.inf], 5.0, {}, "position_not_finite"),
        ([0.0], [0.0], 0.0, {}, "radius_invalid"),
        ([0.0], [0.0], float("nan"), {}, "radius_invalid"),
        ([0.0], [0.0, 1.0], 5.0, {}, "lengths_differ"),
        ([0.0], [0.0], 5.0, {"sector": [1, 2]}, "lengths_differ"),
        ([0.0], [0.0], 5.0, {"sector": [1.5]}, "sector_invalid"),
        ([0.0], [0.0], 5.0, {"grade_within": 1}, "grade_invalid"),
        ([0.0], [0.0], 5.0, {"grade": [300], "grade_within": 1}, "grade_invalid"),
    ],
)
def test_what_cannot_be_is_refused(x, y, radius_m, how, code):
    with pytest.raises(UsageError) as refused:
        pairs_within(x, y, radius_m, **how)
    assert refused.value.code == code


def test_a_bad_row_is_named():
    with pytest.raises(UsageError) as refused:
        pairs_within([0.0, 1.0, np.inf], [0.0, 1.0, 1.0], 5.0)
    assert refused.value.where == "row 2"
    shapes = np.array([shapely.Point(0, 0), None, shapely.Polygon()], dtype=object)
    with pytest.raises(UsageError) as refused:
        shape_pairs_within(shapes, 5.0)
    assert refused.value.where == "row 1"


def test_too_many_pairs_end_in_words_not_in_all_memory(monkeypatch):
    monkeypatch.setattr(module, "MAX_PAIRS", 100_000)
    with pytest.raises(UsageError) as refused:
        pairs_within(np.zeros(1_000), np.zeros(1_000), 1.0)
    assert refused.value.code == "pairs_too_many"


def test_overlapping_outlines_are_at_no_distance_and_points_measure_to_the_edge():
    shapes = np.array(
        [shapely.box(0, 0, 10, 10), shapely.box(5, 5, 20, 20), shapely.Point(25, 10)], dtype=object
    )
    found = shape_pairs_within(shapes, 5.0)
    listed = zip(found.i.tolist(), found.j.tolist(), found.distance_m.tolist(), strict=True)
    assert sorted(listed) == [(0, 1, 0.0), (1, 2, 5.0)]
