"""Survey coordinates in metres: the northing found, the zone named, the code for the datum."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from geo_risk.datums import from_wgs84, parse_datum, to_wgs84
from geo_risk.intake.coordinates import epsg_candidates, epsg_of_zone, projected_axes
from tests.oracles.intake_projected import told

ZONE_PREFIXED = [*range(4513, 4534), *range(4491, 4502)]
VALUE = st.one_of(
    st.floats(-200, 200),
    st.floats(90_000, 1_000_000),
    st.floats(1_900_000, 6_100_000),
    st.floats(12_000_000, 47_000_000),
    st.sampled_from([0.0, 1e5, 9e5, 2e6, 6e6, 24_500_000.0, math.nan, math.inf, -math.inf, 1e300]),
)


def latitude_within(epsg: int, share: float) -> float:
    """A latitude of the CRS's area of use that lies on the land from Hainan northwards."""
    area = CRS.from_epsg(epsg).area_of_use
    south, north = max(area.south, 18.2), min(area.north, 53.6)
    return south + share * (north - south)


@given(pairs=st.lists(st.tuples(VALUE, VALUE), min_size=1, max_size=8))
def test_the_column_agrees_with_the_pair_read_by_its_digits(pairs):
    x, y = np.array(pairs).T
    axes = projected_axes(x, y)
    for at, (a, b) in enumerate(pairs):
        expected = told(a, b) if math.isfinite(a) and math.isfinite(b) else None
        if expected is None:
            assert not axes.metric[at]
            assert np.isnan(axes.easting_m[at])
            assert axes.zone[at] == 0
        else:
            found = axes.easting_m[at], axes.northing_m[at], axes.zone[at], axes.swapped[at]
            assert found == expected


@given(
    epsg=st.sampled_from(ZONE_PREFIXED),
    aside=st.floats(-1.4, 1.4),
    north=st.floats(0, 1),
    northing_first=st.booleans(),
)
def test_a_pair_with_prefix_names_the_code_that_made_it(epsg, aside, north, northing_first):
    three = epsg >= 4513
    lon = ((epsg - 4513 + 25) * 3 if three else (epsg - 4491 + 13) * 6 - 3) + aside
    lat = latitude_within(epsg, north)
    easting, northing = from_wgs84(lon, lat, parse_datum(f"EPSG:{epsg}"))
    pair = (northing, easting) if northing_first else (easting, northing)
    axes = projected_axes(*pair)
    assert axes.epsg == epsg
    assert axes.swapped[0] == northing_first
    back = to_wgs84(axes.easting_m, axes.northing_m, parse_datum(f"EPSG:{axes.epsg}"))
    assert (back[0][0], back[1][0]) == pytest.approx((lon, lat), abs=1e-8)


@given(lon=st.floats(75, 135), north=st.floats(0, 1))
def test_without_prefix_the_nearest_candidate_is_within_a_zone_and_reads_as_metres(lon, north):
    first, *others = epsg_candidates(lon)
    assert len(others) == 1
    datum = parse_datum(f"EPSG:{first}")
    axes = projected_axes(*from_wgs84(lon, latitude_within(first, north), datum))
    assert axes.metric.all()
    assert axes.zones == (0,)
    assert axes.epsg is None
    assert abs((first - 4534 + 25) * 3 - lon) <= 1.5


def test_shishi_as_its_surveyors_write_it():
    x, y = [2_737_654.32, 2_737_001.0, math.nan], [39_665_432.1, 39_660_000.0, math.nan]
    axes = projected_axes(x, y)
    assert axes.swapped.tolist() == [True, True, False]
    assert axes.metric.tolist() == [True, True, False]
    assert axes.epsg == epsg_of_zone(39) == 4527
    assert epsg_candidates(118.65) == (4549, 4548)


def test_degrees_are_left_alone_and_two_zones_give_no_code():
    assert not projected_axes([118.6, 24.7, 0], [24.7, 118.6, 0]).metric.any()
    axes = projected_axes([39_500_000, 40_500_000], [2_700_000, 2_700_000])
    assert axes.zones == (39, 40)
    assert axes.epsg is None
    assert epsg_candidates(24.9) == ()
    assert epsg_of_zone(24) is None
