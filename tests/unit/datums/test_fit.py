"""A wrongly declared datum is noticed, a right one is left alone, and the numbers are told."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_risk import datums
from geo_risk.datums import datum_fit, likely_datums, parse_datum, shift_m
from geo_risk.datums.robust import Controls, metres_per_degree, robust_mean, sign_test
from tests.oracles import datum_fit as oracle

WGS84, GCJ02, BD09 = (parse_datum(name) for name in ("wgs84", "gcj02", "bd09"))
VILLAGE_RADIUS_M = 700.0
DISTRICT = shapely.box(118.58, 24.64, 118.78, 24.80)


def around(rng, lon, lat, radius_m):
    """Positions anywhere in a disc around each place."""
    angle, away = rng.random(len(lon)) * 2 * math.pi, radius_m * np.sqrt(rng.random(len(lon)))
    per_lon, per_lat = metres_per_degree(lat)
    return lon + away * np.cos(angle) / per_lon, lat + away * np.sin(angle) / per_lat


def register(rng, rows, truth):
    """A register in `truth`: 74 villages known to 200 m, every tenth row names a wrong one."""
    lon, lat = 118.58 + rng.random(74) * 0.2, 24.64 + rng.random(74) * 0.16
    known_lon, known_lat = around(rng, lon, lat, 200.0)
    village = rng.integers(0, 74, rows)
    at = around(rng, lon[village], lat[village], VILLAGE_RADIUS_M)
    named = np.where(rng.random(rows) < 0.1, rng.integers(0, 74, rows), village)
    x, y = datums.from_wgs84(*at, truth)
    return x, y, known_lon[named], known_lat[named]


def fit_of(rng, rows, truth, declared):
    x, y, lon, lat = register(rng, rows, truth)
    radius = np.full(rows, VILLAGE_RADIUS_M)
    return datum_fit(x, y, declared, control_lon=lon, control_lat=lat, control_uncertainty_m=radius)


@pytest.mark.parametrize("truth", [WGS84, GCJ02, BD09], ids=lambda datum: datum.name)
def test_300_right_imports_raise_fewer_than_one_false_alarm_in_a_hundred(truth):
    rng = np.random.default_rng(20261124)
    fits = [fit_of(rng, int(rng.integers(8, 401)), truth, truth) for _ in range(300)]
    assert sum(fit.better is not None for fit in fits) < 3


@pytest.mark.parametrize(
    ("truth", "declared"),
    list(itertools.permutations((WGS84, GCJ02, BD09), 2)),
    ids=lambda datum: datum.name,
)
def test_19_of_20_wrong_imports_are_noticed_and_the_right_datum_named(truth, declared):
    rng = np.random.default_rng(7)
    fits = [fit_of(rng, int(rng.integers(20, 61)), truth, declared) for _ in range(100)]
    assert sum(fit.better == truth for fit in fits) >= 95


def test_five_villages_are_too_few_to_tell_gcj02_but_enough_not_to_cry_wolf():
    rng = np.random.default_rng(3)
    assert all(fit_of(rng, 5, WGS84, WGS84).better is None for _ in range(100))


def test_one_village_alone_is_no_proof_however_many_rows_name_it():
    rng = np.random.default_rng(5)
    lon, lat = around(rng, np.full(300, 118.65), np.full(300, 24.73), 200.0)
    per_lon, _ = metres_per_degree(24.73)
    fit = datum_fit(
        lon + 450.0 / per_lon,  # all in the industrial area at its eastern edge
        lat,
        WGS84,
        control_lon=np.full(300, 118.65),
        control_lat=np.full(300, 24.73),
        control_uncertainty_m=np.full(300, VILLAGE_RADIUS_M),
    )
    assert fit.of(WGS84).offset_m == pytest.approx(450.0, abs=30.0)
    assert fit.better is None


@pytest.mark.parametrize("declared", [WGS84, GCJ02, BD09], ids=lambda datum: datum.name)
def test_places_that_are_not_those_of_the_rows_prove_nothing(declared):
    rng = np.random.default_rng(17)
    x, y, lon, lat = register(rng, 400, declared)
    lon, lat = around(rng, lon + 800.0 / metres_per_degree(24.7)[0], lat, 3000.0)
    radius = np.full(400, VILLAGE_RADIUS_M)
    fit = datum_fit(x, y, declared, control_lon=lon, control_lat=lat, control_uncertainty_m=radius)
    assert fit.of(declared).offset_m > 400.0
    assert fit.better is None


def test_thirty_doors_tell_it_to_metres_and_a_few_wrong_doors_do_not_matter():
    rng = np.random.default_rng(11)
    lon, lat = 118.6 + rng.random(30) * 0.1, 24.7 + rng.random(30) * 0.05
    x, y = datums.from_wgs84(lon, lat, GCJ02)
    doors = around(rng, lon, lat, 30.0)
    doors[0][:4] += 0.03
    fit = datum_fit(
        x,
        y,
        WGS84,
        control_lon=doors[0],
        control_lat=doors[1],
        control_uncertainty_m=np.full(30, 30.0),
        district=DISTRICT,
        land=DISTRICT,
    )
    assert (fit.better, fit.by) == (GCJ02, "controls")
    assert fit.of(WGS84).offset_m == pytest.approx(561.0, abs=20.0)
    assert fit.of(GCJ02).offset_m < 20.0
    assert fit.of(GCJ02).share_inside == 1.0
    assert fit.of(GCJ02).share_at_sea == 0.0
    sentence = fit.sentence()
    assert "gcj02" in sentence["zh"]
    assert f"{fit.of(WGS84).offset_m:.0f} 米" in sentence["zh"]
    assert fit.as_json()["better"] == "gcj02"


def without_controls(x, y, declared, **more):
    nothing = np.full(len(x), np.nan)
    return datum_fit(
        x,
        y,
        declared,
        control_lon=nothing,
        control_lat=nothing,
        control_uncertainty_m=nothing,
        district=DISTRICT,
        **more,
    )


def test_without_controls_the_shares_inside_decide():
    lon = np.linspace(118.5805, 118.5825, 60)  # along the western boundary, inside
    x, y = datums.from_wgs84(lon, np.full(60, 24.72), BD09)
    assert without_controls(x, y, BD09).better is None
    x, y = lon, np.full(60, 24.72)
    fit = without_controls(x, y, BD09)  # as BD-09 they would lie a kilometre further west
    assert (fit.better, fit.by) == (WGS84, "shares")
    assert fit.of(BD09).share_inside == 0.0
    assert "100%" in fit.sentence()["zh"]


@pytest.fixture(scope="module")
def demo_city():
    folder = Path(__file__).parents[3] / "data" / "demo" / "shishi"
    sheet = openpyxl.load_workbook(folder / "enterprises.xlsx").active
    cells = [row[6:8] for row in sheet.iter_rows(min_row=4, values_only=True)]
    at = [pair for pair in cells if all(isinstance(cell, float) for cell in pair)]
    city = shapely.from_geojson((folder / "city.geojson").read_text("utf-8"))
    return np.array(at).T, shapely.union_all(shapely.get_parts(city))


@pytest.mark.parametrize("truth", [WGS84, GCJ02, BD09], ids=lambda datum: datum.name)
@pytest.mark.parametrize("declared", [WGS84, GCJ02, BD09], ids=lambda datum: datum.name)
def test_the_shares_inside_tell_the_datum_of_a_whole_citys_register(demo_city, truth, declared):
    at, city = demo_city
    nothing = np.full(at.shape[1], np.nan)
    fit = datum_fit(
        *datums.from_wgs84(*at, truth),
        declared,
        control_lon=nothing,
        control_lat=nothing,
        control_uncertainty_m=nothing,
        district=city,
    )
    assert fit.better == (None if truth == declared else truth)


def test_four_points_outside_are_not_enough():
    x = np.r_[np.linspace(118.581, 118.582, 4), np.linspace(118.65, 118.7, 6)]
    assert without_controls(x, np.full(10, 24.72), BD09).better is None


def test_the_wrong_zone_of_a_projection_is_named():
    rng = np.random.default_rng(2)
    right, wrong = parse_datum("EPSG:4549"), parse_datum("EPSG:4548")
    x, y = datums.from_wgs84(118.6 + rng.random(40) * 0.1, 24.7 + rng.random(40) * 0.05, right)
    candidates = likely_datums(x, y, 118.68)
    assert {"EPSG:4548", "EPSG:4549", "EPSG:4550", "EPSG:32650"} <= {d.name for d in candidates}
    fit = without_controls(x, y, wrong, candidates=candidates)
    assert fit.better == right
    assert without_controls(x, y, right, candidates=candidates).better is None


def test_degrees_declared_as_a_projection_do_not_fit():
    rng = np.random.default_rng(2)
    lon, lat = 118.6 + rng.random(40) * 0.1, 24.7 + rng.random(40) * 0.05
    fit = without_controls(lon, lat, parse_datum("EPSG:4549"))
    assert fit.of(fit.declared).n_points == 0
    assert fit.better is not None


def test_cgcs2000_and_wgs84_are_never_better_than_each_other():
    lon, lat = np.linspace(118.5, 118.7, 50), np.full(50, 24.72)
    fit = without_controls(lon, lat, WGS84, candidates=[parse_datum("cgcs2000")])
    assert fit.better is None


def test_an_import_without_any_position_has_no_verdict():
    fit = without_controls(np.array([np.nan]), np.array([np.nan]), WGS84)
    assert fit.better is None
    assert fit.of(WGS84).share_inside is None
    assert without_controls(np.empty(0), np.empty(0), GCJ02).better is None


def test_how_far_another_datum_would_move_the_points():
    shifts = shift_m([118.65, 118.66], [24.73, 24.74], WGS84)
    assert shifts["gcj02"] == pytest.approx(561.0, abs=5.0)
    assert shifts["bd09"] == pytest.approx(1161.0, abs=10.0)
    assert "wgs84" not in shifts


metres = st.floats(-3000, 3000).map(lambda value: round(value, 3))
controls = st.tuples(
    st.sampled_from([118.60, 118.65, 118.70]),
    st.sampled_from([24.70, 24.75]),
    st.sampled_from([50.0, 300.0, 700.0]),
)


@given(st.lists(st.tuples(metres, metres, controls), min_size=1, max_size=40))
def test_the_robust_mean_is_that_of_its_readable_twin(rows):
    east, north = (np.array([row[axis] for row in rows]) for axis in (0, 1))
    lon, lat, radius = np.array([row[2] for row in rows]).T
    mean, errors = robust_mean(east, north, Controls(lon, lat, radius))
    expected = oracle.robust_mean([row[:2] for row in rows], [row[2] for row in rows])
    assert mean == pytest.approx(expected[0], abs=1e-6)
    assert errors == pytest.approx(expected[1], abs=1e-6)


def test_the_sign_test_is_a_binomial_tail():
    assert sign_test(5, 0) == pytest.approx(1 / 32)
    assert sign_test(5, 5) > 0.5
    assert sign_test(600, 500) == pytest.approx(0.00142, rel=0.03)
    assert float(oracle.metres_per_degree(24.73)[0]) == pytest.approx(
        float(metres_per_degree(24.73)[0])
    )
