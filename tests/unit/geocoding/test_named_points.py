"""An address that says the name of a known unit: only the whole name, only in its own town."""

from __future__ import annotations

import pytest

from geo_risk.geocoding import Gazetteer, Place
from geo_risk.vocabulary import MatchLevel

BAOGAI, YONGNING = "350581101", "350581106"
TANGBIAN, SHAMEI = "350581101207", "350581106218"


def poi(code, name, parent, lon, lat, radius_m=None, level="point"):
    return Place(code, name, "poi", parent, lon, lat, radius_m, level=level)


DIVISIONS = [
    Place("35", "福建省", "province"),
    Place("3505", "泉州市", "city", "35"),
    Place("350581", "石狮市", "county", "3505"),
    Place("350582", "晋江市", "county", "3505"),
    Place(BAOGAI, "宝盖镇", "town", "350581"),
    Place(YONGNING, "永宁镇", "town", "350581"),
    Place("350582112", "英林镇", "town", "350582"),
    Place(TANGBIAN, "塘边村委会", "village", BAOGAI, 118.640, 24.740),
    Place(SHAMEI, "沙美村委会", "village", YONGNING, 118.681, 24.695, 400.0),
    Place("d1", "", "door", TANGBIAN, 118.6408, 24.7400, None, "石泉路", "128"),
]
POINTS = [
    poi("p1", "龙翔加油站", TANGBIAN, 118.6412, 24.7412),
    poi("p2", "石狮市永宁中心小学", YONGNING, 118.69, 24.69, 30.0, "door"),
    poi("p3", "好再来酒家", BAOGAI, 118.651, 24.741),
    poi("p4", "好再来酒家", YONGNING, 118.691, 24.691),
    poi("p5", "双胞胎商行", BAOGAI, 118.652, 24.742),
    poi("p6", "双胞胎商行", BAOGAI, 118.662, 24.752),
    poi("p7", "英林加油站", YONGNING, 118.692, 24.692),
    poi("p8", "小店", BAOGAI, 118.653, 24.743),
    poi("p9", "别处加油站", "350582112", 118.5, 24.6),
]


@pytest.fixture(scope="module")
def gazetteer():
    return Gazetteer([*DIVISIONS, *POINTS], "350581")


def one(gazetteer, address, town=None):
    return gazetteer.geocode([address], None if town is None else [town])[0]


@pytest.mark.parametrize(
    "address",
    [
        "龙翔加油站",
        "石狮市龙翔加油站",
        "福建省泉州市石狮市宝盖镇塘边村龙翔加油站",
        "石狮市宝盖镇塘边村新路5号龙翔加油站",
        "石狮市宝盖镇（龙翔加油站）",
        "石獅市寶蓋鎮塘邊村 龍翔加油站",
    ],
)
def test_the_whole_name_of_a_unit_is_its_place(gazetteer, address):
    match = one(gazetteer, address)
    assert (match.level, match.lon, match.lat) == (MatchLevel.POINT, 118.6412, 24.7412)
    assert match.uncertainty_m == 50.0
    assert (match.town, match.village) == (BAOGAI, TANGBIAN)
    assert "poi_exact" in match.reasons


def test_level_and_uncertainty_are_the_units_own_and_fifty_metres(gazetteer):
    match = one(gazetteer, "石狮市永宁镇永宁中心小学")
    assert (match.level, match.uncertainty_m) == (MatchLevel.DOOR, 80.0)
    assert (match.town, match.village) == (YONGNING, None)


def test_an_exact_door_goes_before_a_name(gazetteer):
    match = one(gazetteer, "石狮市宝盖镇塘边村石泉路128号龙翔加油站")
    assert (match.level, match.lon) == (MatchLevel.DOOR, 118.6408)


@pytest.mark.parametrize(
    "address",
    [
        "石狮市永宁镇龙翔加油站",  # another town is stated
        "石狮市永宁镇沙美村龙翔加油站",  # another village
        "石狮市宝盖镇龙翔加油",  # not the whole name
        "石狮市宝盖镇新龙翔加油站",  # a longer one
        "石狮市宝盖镇小店",  # too short to tell
        "石狮市别处加油站",  # of another county
        "晋江市龙翔加油站",
        "石狮市英林加油站",  # 英林 is a town of Jinjiang: flagged, never resolved
    ],
)
def test_it_is_never_taken_for_another(gazetteer, address):
    match = one(gazetteer, address)
    assert "poi_exact" not in match.reasons
    assert match.level in (MatchLevel.TOWN, MatchLevel.NONE, MatchLevel.VILLAGE)


def test_the_town_column_narrows_too(gazetteer):
    assert one(gazetteer, "好再来酒家", "永宁镇").lon == 118.691
    assert one(gazetteer, "龙翔加油站", "永宁镇").lon is None


def test_homonyms_are_not_placed_but_shown(gazetteer):
    match = one(gazetteer, "石狮市宝盖镇双胞胎商行")
    assert (match.lon, match.level) == (None, MatchLevel.TOWN)
    assert "poi_ambiguous" in match.reasons
    assert {c.code for c in match.alternatives} >= {"p5", "p6"}
    assert "poi_ambiguous" in one(gazetteer, "石狮市好再来酒家").reasons
    # The stated town tells the two apart.
    assert one(gazetteer, "石狮市宝盖镇好再来酒家").lon == 118.651


def test_one_place_known_twice_is_no_homonym():
    twice = [*POINTS, poi("h1", "龙翔加油站", TANGBIAN, 118.6413, 24.7412, 20.0)]
    match = one(Gazetteer([*DIVISIONS, *twice], "350581"), "龙翔加油站")
    assert match.lon == 118.6412


def test_a_lone_city_word_is_the_county_that_it_is_here(gazetteer):
    parts = gazetteer.parts("石狮市宝盖镇塘边村石泉路128号某某公司，二楼")
    assert (parts.city, parts.county, parts.town) == ("", "石狮市", "宝盖镇")
    assert (parts.road, parts.number, parts.place) == ("石泉路", "128", "某某公司")
    assert gazetteer.parts("泉州市石狮市宝盖镇").city == "泉州市"
