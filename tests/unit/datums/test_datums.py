"""What an import gets from its declared datum: the right place, or a refusal that helps."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import shapely

from geo_risk import datums
from geo_risk.errors import UsageError
from tests.shared_data import shared_data


@pytest.fixture(scope="module")
def worked():
    text = shared_data("standards/worked_cases.json").read_text(encoding="utf-8")
    return {item["id"]: item for item in json.loads(text)["items"]}


def test_gcj02_worked_cases(worked):
    item = worked["gcj02-forward"]
    for case in item["cases"]:
        got = np.ravel(datums.wgs84_to_gcj02(*case["wgs"]))
        assert got == pytest.approx(case["gcj"], abs=item["tol_deg"])
    wgs, gcj = item["cases"][1]["wgs"], item["cases"][1]["gcj"]
    offset_m = datums.geodesic_distance_m(*wgs, *gcj)[0]
    assert offset_m == pytest.approx(item["offset_m_at_shishi"], abs=1.0)  # theirs: a sphere


def test_shishi_in_utm_and_in_the_official_zone(worked):
    item = worked["crs-shishi"]
    for official, key in ((False, "epsg32650_EN"), (True, "epsg4549_EN")):
        crs = datums.metric_crs(*item["lonlat"], official=official)
        assert np.ravel(crs.forward(*item["lonlat"])) == pytest.approx(
            item[key], abs=item["tolerance_m"]
        )


def test_dehua_agrees_with_the_cgcs2000_boundary():
    centres = []
    for name, datum in (("gcj02", "gcj02"), ("cgcs2000_generalised", "cgcs2000")):
        path = shared_data(f"shishi/quanzhou_counties_{name}.geojson")
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        (shape,) = [f["geometry"] for f in features if "德化" in str(f["properties"])]
        polygon = shapely.make_valid(shapely.from_geojson(json.dumps(shape)))
        (converted,) = datums.geometries_to_wgs84(np.array([polygon]), datums.parse_datum(datum))
        centres.append(converted.centroid)
    a, b = centres
    assert datums.geodesic_distance_m(a.x, a.y, b.x, b.y)[0] < 150.0


@pytest.mark.parametrize(
    ("text", "name", "epsg", "projected"),
    [
        ("wgs84", "wgs84", 4326, False),
        ("WGS-84", "wgs84", 4326, False),
        ("epsg:4326", "wgs84", 4326, False),
        ("CGCS2000", "cgcs2000", 4490, False),
        ("ＥＰＳＧ:４４９０", "cgcs2000", 4490, False),
        ("GCJ-02", "gcj02", None, False),
        ("bd_09", "bd09", None, False),
        ("EPSG:4549", "EPSG:4549", 4549, True),
        ("epsg:32650", "EPSG:32650", 32650, True),
        ("EPSG:3857", "EPSG:3857", 3857, True),
        ("EPSG:3879", "EPSG:3879", 3879, True),
    ],
)
def test_declared_datums(text, name, epsg, projected):
    assert datums.parse_datum(text) == datums.Datum(name, epsg, projected)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "datum_missing"),
        ("  ", "datum_missing"),
        ("wgs", "datum_unknown"),
        ("4326", "datum_unknown"),
        ("EPSG:2437", "datum_unknown"),  # Beijing 54: not exact without a national grid
        ("EPSG:4555", "datum_unknown"),
        ("EPSG:-4326", "datum_unknown"),
        ("EPSG:²", "datum_unknown"),
        ("+proj=longlat +nadgrids=/etc/passwd", "datum_unknown"),
    ],
)
def test_anything_else_is_refused_and_told_what_a_guess_costs(text, code):
    with pytest.raises(UsageError) as caught:
        datums.parse_datum(text)
    assert caught.value.code == code
    assert caught.value.exit_code == 2
    for lang in ("zh", "en"):
        for word in ("wgs84", "cgcs2000", "gcj02", "bd09", "EPSG:", "561", "1161"):
            assert word in caught.value.fix[lang]


def test_the_costs_named_in_the_refusal_are_true():
    for name, metres in (("gcj02", 561.0), ("bd09", 1161.0)):
        wrong = datums.from_wgs84(118.648, 24.7315, datums.parse_datum(name))
        assert datums.geodesic_distance_m(*wrong, 118.648, 24.7315)[0] == pytest.approx(
            metres, abs=1.0
        )


def test_every_allowed_code_round_trips_in_the_middle_of_its_area():
    from pyproj import CRS

    for known in datums.ALLOWED_EPSG:
        for code in range(known.first, known.last + 1):
            datum = datums.parse_datum(f"EPSG:{code}")
            crs = CRS.from_epsg(code)
            assert crs.is_projected == known.projected
            west, south, east, north = crs.area_of_use.bounds
            lon, lat = (0.0, 0.0) if east < west else ((west + east) / 2, (south + north) / 2)
            back = datums.to_wgs84(*datums.from_wgs84(lon, lat, datum), datum)
            assert np.ravel(back) == pytest.approx([lon, lat], abs=1e-8), code


def test_zone_prefix_taken_for_the_other_kind_gives_nothing_rather_than_a_wrong_place():
    northing_m = 2735672.09
    with_prefix, without = datums.parse_datum("EPSG:4528"), datums.parse_datum("EPSG:4549")
    assert datums.to_wgs84(40367449.7, northing_m, with_prefix)[0][0] == pytest.approx(118.69)
    assert math.isnan(datums.to_wgs84(40367449.7, northing_m, without)[0][0])
    assert math.isnan(datums.to_wgs84(367449.7, northing_m, with_prefix)[0][0])


def test_outside_china_gcj02_changes_nothing():
    helsinki = (24.94, 60.17)
    for convert in (datums.wgs84_to_gcj02, datums.gcj02_to_wgs84):
        assert np.ravel(convert(*helsinki)) == pytest.approx(helsinki, abs=0)


def test_bad_rows_do_not_spoil_their_neighbours():
    lon, lat = datums.to_wgs84(
        [118.65, None, 181.0, np.inf], [24.73, 24.7, 24.7, 24.7], datums.parse_datum("gcj02")
    )
    assert np.isfinite(lon).tolist() == np.isfinite(lat).tolist() == [True, False, False, False]


def test_geometries_keep_their_shape_and_broken_ones_become_none():
    hole = shapely.box(118.61, 24.71, 118.62, 24.72)
    ring = shapely.box(118.6, 24.7, 118.7, 24.8).difference(hole)
    line = shapely.LineString([(118.6, 24.7, 5.0), (118.7, 24.8, 6.0)])
    given = np.array([ring, None, shapely.Point(500.0, 0.0), line, shapely.Point()], dtype=object)
    before = ring.wkb
    got = datums.geometries_to_wgs84(given, datums.parse_datum("gcj02"))
    assert [g is None for g in got] == [False, True, True, False, False]
    assert got[0].is_valid and len(got[0].interiors) == 1
    assert not got[3].has_z
    assert ring.wkb == before and given[2] is not None, "the input must stay as it was"
    expected = np.column_stack(datums.gcj02_to_wgs84(*shapely.get_coordinates(ring).T))
    assert shapely.get_coordinates(got[0]) == pytest.approx(expected, abs=0)
    assert (
        len(datums.geometries_to_wgs84(np.array([], dtype=object), datums.parse_datum("gcj02")))
        == 0
    )


def test_metric_crs_follows_the_data_not_its_outliers():
    lon, lat = [118.6, 118.7, 118.65, np.nan, 24.7], [24.7, 24.8, 24.75, 24.7, 118.6]
    assert datums.metric_crs(lon, lat).epsg == 32650
    assert datums.metric_crs(-70.0, -33.0).epsg == 32719
    assert datums.metric_crs(24.94, 60.17).epsg == 32635
    for bad, code in (((np.nan, np.nan), "centre_missing"), ((24.94, 60.17), "zone_outside_china")):
        with pytest.raises(UsageError) as caught:
            datums.metric_crs(*bad, official=True)
        assert caught.value.code == code


def test_geodesics_against_known_values():
    # One degree of the meridian at the equator and of the equator itself on WGS84.
    assert datums.geodesic_distance_m(0, 0, [0, 1], [1, 0]) == pytest.approx(
        [110574.389, 111319.491], abs=0.001
    )
    assert math.isnan(datums.geodesic_distance_m(np.nan, 0, 0, 1)[0])


def test_geodesic_area_takes_holes_out_whatever_the_ring_direction():
    outer, inner = shapely.box(118.6, 24.7, 118.7, 24.8), shapely.box(118.62, 24.72, 118.64, 24.74)
    whole, hole = datums.geodesic_area_m2(outer), datums.geodesic_area_m2(inner)
    ring = list(inner.exterior.coords)
    for direction in (1, -1):
        holed = shapely.Polygon(outer.exterior.coords, [ring[::direction]])
        both = shapely.MultiPolygon([holed, shapely.box(118.8, 24.7, 118.9, 24.8)])
        assert datums.geodesic_area_m2(holed) == pytest.approx(whole - hole, rel=1e-12)
        assert datums.geodesic_area_m2(both) == pytest.approx(2 * whole - hole, rel=1e-9)
    utm = shapely.transform(outer, datums.metric_crs(118.65, 24.75).forward, interleaved=False)
    assert whole == pytest.approx(utm.area, rel=2e-3)
    assert datums.geodesic_area_m2(shapely.Point(1, 1)) == 0.0
