"""The vectorised datums against their scalar twins, and there and back again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_risk import datums
from tests.oracles import datums_offsets as oracle

CHINA = st.tuples(st.floats(73.0, 135.5), st.floats(3.0, 54.0))
WORLD = st.tuples(st.floats(-180.0, 180.0), st.floats(-90.0, 90.0))
ANY = st.tuples(st.floats(), st.floats())
METRE_DEG = 1.0 / 111_320.0


def columns(points):
    return np.array(points, dtype=np.float64).reshape(-1, 2).T


@given(st.lists(WORLD, max_size=20))
def test_gcj02_is_the_published_algorithm(points):
    got = np.column_stack(datums.wgs84_to_gcj02(*columns(points)))
    for point, answer in zip(points, got, strict=True):
        assert answer == pytest.approx(oracle.wgs84_to_gcj02(*point), abs=1e-10)


@given(st.lists(CHINA, max_size=20))
def test_bd09_is_the_published_algorithm(points):
    got = np.column_stack(datums.gcj02_to_bd09(*columns(points)))
    for point, answer in zip(points, got, strict=True):
        assert answer == pytest.approx(oracle.gcj02_to_bd09(*point), abs=1e-10)


@pytest.mark.parametrize("name", ["gcj02", "bd09", "cgcs2000", "wgs84"])
@given(points=st.lists(CHINA, min_size=1, max_size=20))
def test_there_and_back_is_under_a_millimetre_over_china(name, points):
    datum = datums.parse_datum(name)
    lon, lat = columns(points)
    back_lon, back_lat = datums.to_wgs84(*datums.from_wgs84(lon, lat, datum), datum)
    assert datums.geodesic_distance_m(lon, lat, back_lon, back_lat).max() < 0.001


@given(CHINA)
def test_the_inverse_solves_the_forward_equation(point):
    """Independent of where the fixed point started: forward of the answer gives the input."""
    (lon,), (lat,) = datums.gcj02_to_wgs84(*point)
    assert oracle.wgs84_to_gcj02(lon, lat) == pytest.approx(point, abs=1e-9)


@pytest.mark.parametrize("name", ["wgs84", "gcj02", "bd09", "EPSG:4549", "EPSG:3857", "EPSG:3067"])
@given(points=st.lists(ANY, max_size=10))
def test_no_input_gives_infinity_or_half_a_position(name, points):
    x, y = columns(points)
    for lon, lat in (
        datums.to_wgs84(x, y, datums.parse_datum(name)),
        datums.from_wgs84(x, y, datums.parse_datum(name)),
    ):
        assert not np.isinf(lon).any()
        assert (np.isnan(lon) == np.isnan(lat)).all()


@given(st.floats(73.6, 136.4), st.floats(3.0, 54.0), st.booleans())
def test_the_metric_crs_keeps_a_hundred_metres_within_a_thousandth(lon, lat, official):
    crs = datums.metric_crs(lon, lat, official=official)
    step = 100.0 * METRE_DEG
    x_m, y_m = crs.forward([lon, lon], [lat, lat + step])
    plane_m = float(np.hypot(x_m[1] - x_m[0], y_m[1] - y_m[0]))
    ground_m = float(datums.geodesic_distance_m(lon, lat, lon, lat + step)[0])
    assert plane_m == pytest.approx(ground_m, rel=1.1e-3)
    assert np.allclose(np.ravel(crs.inverse(*crs.forward(lon, lat))), [lon, lat], atol=1e-9)


@pytest.mark.parametrize("name", ["gcj02", "bd09"])
def test_a_point_is_converted_alike_alone_and_among_others(name: str) -> None:
    generator = np.random.default_rng(8)
    lon, lat = generator.uniform(75, 134, 400), generator.uniform(5, 53, 400)
    datum = datums.parse_datum(name)
    together = np.column_stack(datums.to_wgs84(lon, lat, datum))
    alone = [np.ravel(datums.to_wgs84(x, y, datum)) for x, y in zip(lon, lat, strict=True)]
    assert np.array_equal(together, alone)
