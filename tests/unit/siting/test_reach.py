"""Reach: who is within the radius, to the last metre, and what a table says."""

from __future__ import annotations

import numpy as np
import pytest

from geo_risk.datums import geodesic_distance_m
from geo_risk.errors import UsageError
from geo_risk.siting.instance import decided, first_instance
from geo_risk.siting.reach import reach_from_table, reach_within


@pytest.mark.parametrize("lat0", [0.0, 24.7, 60.2, 89.95])
def test_a_geodesic_reach_is_that_of_every_pair(lat0):
    draw = np.random.default_rng(5)
    lon, x = (118.6 + draw.uniform(-0.02, 0.02, n) for n in (80, 40))
    lat, y = (lat0 + draw.uniform(-0.02, 0.02, n) for n in (80, 40))
    i, j = (part.ravel() for part in np.mgrid[:80, :40])
    way_m = geodesic_distance_m(lon[i], lat[i], x[j], y[j])
    for radius_m in (way_m[17], 800.0, np.nextafter(way_m[17], 0.0)):
        for with_cost in (False, True):
            found = reach_within(lon, lat, x, y, radius_m, with_cost=with_cost)
            near = way_m <= radius_m
            assert found.row_of_entry.tolist() == i[near].tolist()
            assert found.candidate.tolist() == j[near].tolist()
            if with_cost:
                np.testing.assert_array_equal(found.cost, way_m[near])


def test_a_table_may_be_unsorted_and_name_a_pair_twice():
    found = reach_from_table(
        [1, 0, 1, 1], [1, 0, 0, 1], demands=3, candidates=2, cost=[9.0, 1.0, 2.0, 4.0]
    )
    assert found.starts.tolist() == [0, 1, 3, 3]
    assert found.candidate.tolist() == [0, 0, 1]
    assert found.cost is not None
    assert found.cost.tolist() == [1.0, 2.0, 4.0]
    assert found.unreached.tolist() == [2]
    starts, demand = found.by_candidate()
    assert (starts.tolist(), demand.tolist()) == ([0, 2, 3], [0, 1, 1])


def test_equal_rows_are_merged_and_needless_sites_dropped():
    # Rows 0 and 1 are equal; site 2 reaches a part of what site 1 does.
    reach = reach_from_table([0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 1, 2], demands=4, candidates=3)
    whole = first_instance(reach, np.array([1.0, 2.0, 4.0, 8.0]), np.ones(3), 1.0)
    none = np.zeros(3, bool)
    left = decided(whole, none, none)
    assert left.origin.tolist() == [1]
    assert left.weight.tolist() == [7.0]
    opened = decided(whole, np.array([True, False, False]), none)
    assert (opened.base, opened.budget, opened.opened.tolist()) == (3.0, 0.0, [0])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"radius_m": 0.0}, "radius_invalid"),
        ({"radius_m": np.nan}, "radius_invalid"),
        ({"demand_lat": [91.0]}, "position_not_finite"),
        ({"demand_lat": [1.0, 2.0]}, "lengths_differ"),
    ],
)
def test_what_is_nowhere_is_refused(change, code):
    usual = {"demand_lon": [0.0], "demand_lat": [0.0], "candidate_lon": [0.0]}
    with pytest.raises(UsageError) as error:
        reach_within(**(usual | {"candidate_lat": [0.0], "radius_m": 1.0} | change))
    assert error.value.code == code


def test_a_table_row_that_does_not_exist_is_named():
    with pytest.raises(UsageError, match="row 1, candidate"):
        reach_from_table([0, 0], [0, 7], demands=1, candidates=2)
