"""Doors, roads and contradictions on a small register over Shishi's real names and codes."""

from __future__ import annotations

import pytest

from geo_risk import datums
from geo_risk.geocoding import (
    CONTRADICTIONS,
    REASONS,
    Gazetteer,
    Place,
    canonical_number,
    normalise,
    parse_address,
    placing,
)
from geo_risk.vocabulary import MatchLevel

BAOGAI, HANJIANG, YONGNING, ZONE = "350581101", "350581102", "350581106", "350581400"
TANGBIAN, QIANYUAN, SHAMEI = "350581101207", "350581101204", "350581106218"


def door(village, road, number, lon, lat):
    return Place(f"{village}-{road}-{number}", "", "door", village, lon, lat, None, road, number)


PLACES = [
    Place("35", "福建省", "province"),
    Place("3505", "泉州市", "city", "35"),
    Place("350581", "石狮市", "county", "3505"),
    Place("350582", "晋江市", "county", "3505"),
    Place("350521", "惠安县", "county", "3505"),
    Place(f"{BAOGAI}000", "宝盖镇", "town", "350581", 118.6515, 24.7391),
    Place(HANJIANG, "蚶江镇", "town", "350581"),
    Place(YONGNING, "永宁镇", "town", "350581"),
    Place("350581001", "湖滨街道", "town", "350581"),
    Place(ZONE, "石狮高新技术产业开发区", "town", "350581"),
    Place("350582110", "龙湖镇", "town", "350582"),
    Place("350582112", "英林镇", "town", "350582"),
    Place("350521108", "东园镇", "town", "350521"),
    Place("350582110201", "衙口村委会", "village", "350582110"),
    Place(TANGBIAN, "塘边村委会", "village", BAOGAI),
    Place(QIANYUAN, "前园村委会", "village", BAOGAI, 118.660, 24.745),
    Place("350581101206", "塘后村委会", "village", BAOGAI),
    Place("350581102206", "大厦村委会", "village", HANJIANG, 118.7201, 24.7790),
    Place("350581102299", "东园村委会", "village", HANJIANG, 118.73, 24.78),
    Place(SHAMEI, "沙美村委会", "village", YONGNING, 118.681, 24.695, 400.0),
    Place("350581106299", "前园社区居委会", "village", YONGNING, 118.69, 24.69),
    Place("350581400498", "石狮高新技术产业开发区虚拟社区", "village", ZONE),
    door(TANGBIAN, "石泉路", "120", 118.6400, 24.7400),
    door(TANGBIAN, "石泉路", "１２８号", 118.6408, 24.7400),
    door(TANGBIAN, "石泉路", "140", 118.6420, 24.7404),
    door(TANGBIAN, "石泉路", "140-2", 118.6421, 24.7404),
    door(TANGBIAN, "", "7", 118.6390, 24.7390),
    door(TANGBIAN, "八七路", "10", 118.6450, 24.7400),
    door(QIANYUAN, "八七路", "10", 118.6600, 24.7450),
    door(QIANYUAN, "八七路", "12", 118.6602, 24.7450),
    door(SHAMEI, "八七路", "900", 118.6810, 24.6950),
    Place("r1", "鸿山路", "road", BAOGAI, 118.65, 24.75, 350.0),
]


@pytest.fixture(scope="module")
def gazetteer():
    return Gazetteer(PLACES, "350581")


def one(gazetteer, address, town=None):
    return gazetteer.geocode([address], None if town is None else [town])[0]


@pytest.mark.parametrize(
    "number", ["128号", "１２８号", "128", "一百二十八号", "中段128号", " 128 号", "128号某某公司"]
)
def test_an_exact_number_is_a_door(gazetteer, number):
    match = one(gazetteer, f"石狮市宝盖镇塘边村石泉路{number}")
    assert (match.level, match.lon, match.lat) == (MatchLevel.DOOR, 118.6408, 24.7400)
    assert match.uncertainty_m == pytest.approx(30.0)
    assert (match.town, match.village, match.score) == (BAOGAI, TANGBIAN, 1.0)
    assert match.reasons == ("door_exact",)


@pytest.mark.parametrize("number", ["140-2号", "140号之二", "140之2号", "140号附2"])
def test_sub_numbers(gazetteer, number):
    assert one(gazetteer, f"石狮市宝盖镇塘边村石泉路{number}").lon == 118.6421


def test_a_floor_is_not_part_of_the_number(gazetteer):
    for tail in ("3楼", "-3楼", "3栋", "(3楼)"):
        assert one(gazetteer, f"石狮市宝盖镇塘边村石泉路128号{tail}").lon == 118.6408


def test_an_unknown_sub_number_is_not_called_a_door(gazetteer):
    match = one(gazetteer, "石狮市宝盖镇塘边村石泉路128-5号")
    assert (match.level, match.lon, match.uncertainty_m) == (MatchLevel.ROAD, 118.6408, 60.0)
    assert "sub_number_dropped" in match.reasons


def test_between_two_known_doors(gazetteer):
    match = one(gazetteer, "石狮市宝盖镇塘边村石泉路124号")
    assert match.level is MatchLevel.ROAD
    assert (match.lon, match.lat) == pytest.approx((118.6404, 24.7400))
    assert "number_interpolated" in match.reasons
    ends_m = datums.geodesic_distance_m(match.lon, match.lat, [118.6400, 118.6408], 24.74)
    assert match.uncertainty_m >= ends_m.max() - 0.01


def test_a_number_past_the_known_ones_falls_on_the_whole_road(gazetteer):
    match = one(gazetteer, "石狮市宝盖镇塘边村石泉路300号")
    assert match.level is MatchLevel.ROAD
    assert {"number_unknown", "road_level"} <= set(match.reasons)
    far_m = datums.geodesic_distance_m(match.lon, match.lat, [118.6400, 118.6421], [24.74, 24.7404])
    assert match.uncertainty_m >= far_m.max() - 0.01


def test_a_village_number_without_road(gazetteer):
    match = one(gazetteer, "石狮市宝盖镇塘边村7号")
    assert (match.level, match.lon) == (MatchLevel.DOOR, 118.6390)


def test_a_road_alone_tells_its_town_only_when_there_is_one(gazetteer):
    match = one(gazetteer, "石狮市石泉路128号")
    assert (match.level, match.town, match.village) == (MatchLevel.DOOR, BAOGAI, TANGBIAN)
    assert "town_inferred" in match.reasons
    twice = one(gazetteer, "石狮市宝盖镇八七路10号")
    assert (twice.lon, twice.level, twice.town) == (None, MatchLevel.TOWN, BAOGAI)
    assert "road_ambiguous" in twice.reasons
    assert one(gazetteer, "石狮市宝盖镇前园村八七路10号").lon == 118.6600
    long = one(gazetteer, "石狮市八七路")
    assert long.lon is None and "road_ambiguous" in long.reasons


def test_a_door_known_only_to_its_town_serves_every_village_of_it(gazetteer):
    places = [*PLACES, door(f"{BAOGAI}000", "香江路", "5", 118.65, 24.74)]
    town_door = Gazetteer(places, "350581")
    match = one(town_door, "石狮市宝盖镇前园村香江路5号")
    assert (match.level, match.lon, match.village) == (MatchLevel.DOOR, 118.65, QIANYUAN)
    assert one(town_door, "石狮市宝盖镇香江路5号").village is None
    assert one(town_door, "石狮市宝盖镇前园村香江路6号").level is MatchLevel.ROAD
    assert one(town_door, "石狮市永宁镇沙美村香江路5号").level is MatchLevel.VILLAGE


def test_a_road_with_its_own_position(gazetteer):
    match = one(gazetteer, "石狮市宝盖镇鸿山路5号")
    assert (match.level, match.lon, match.uncertainty_m) == (MatchLevel.ROAD, 118.65, 350.0)


def test_a_road_is_found_behind_an_area_but_never_cut_out_of_a_name(gazetteer):
    assert one(gazetteer, "石狮市宝盖镇塘边村工业区石泉路128号").level is MatchLevel.DOOR
    other = one(gazetteer, "石狮市宝盖镇塘边村新石泉路128号")
    assert other.level is MatchLevel.VILLAGE
    assert "road_unknown" in other.reasons


def test_village_level_says_how_sure_it_is(gazetteer):
    known = one(gazetteer, "石狮市永宁镇沙美村")
    assert (known.level, known.uncertainty_m) == (MatchLevel.VILLAGE, 400.0)
    assumed = one(gazetteer, "石狮市宝盖镇前园村某厂")
    assert assumed.uncertainty_m == 700.0
    assert "village_radius_assumed" in assumed.reasons
    centre = one(gazetteer, "石狮市宝盖镇塘边村")
    assert "village_centre_from_register" in centre.reasons
    reach_m = datums.geodesic_distance_m(
        centre.lon, centre.lat, [118.639, 118.645], [24.739, 24.74]
    )
    assert centre.uncertainty_m >= reach_m.max()


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("石狮市宝盖镇", "town_only"),
        ("石狮市宝盖镇塘后村", "village_no_position"),
        ("石狮市宝盖镇塘前村3号", "village_unknown"),
        ("石狮市宝盖镇某某服装厂", "town_only"),
        ("石狮市宝盖镇镇中路8号", "road_unknown"),
    ],
)
def test_only_a_town_is_never_placed(gazetteer, address, reason):
    match = one(gazetteer, address)
    assert (match.level, match.lon, match.lat) == (MatchLevel.TOWN, None, None)
    assert match.uncertainty_m is None and match.town == BAOGAI
    assert reason in match.reasons
    assert match.alternatives


def test_an_unknown_village_gets_its_likely_names_for_review(gazetteer):
    match = one(gazetteer, "石狮市宝盖镇塘前村3号")
    names = [candidate.name for candidate in match.alternatives]
    assert {"塘边村委会", "塘后村委会", "前园村委会"} <= set(names)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("石狮市英林伴山工业区", "town_of_other_county"),
        ("石狮市英林镇某村", "town_of_other_county"),
        ("英林镇工业区8号", "town_of_other_county"),
        ("石狮市东园镇某村", "town_of_other_county"),
        ("晋江市宝盖镇塘边村", "other_county"),
        ("福建省泉州市晋江市龙湖镇衙口村", "other_county"),
        ("晋江龙湖镇衙口村", "other_county"),
        ("泉州市丰泽区东海街道", "other_county"),
        ("黑龙江省宁安市永宁镇前园村", "other_province"),
        ("四川省成都市青羊区湖滨街道", "other_province"),
        ("地址：广东省东莞市永宁镇沙美村", "other_province"),
        ("东莞市永宁镇沙美村", "other_city"),
        ("石狮市虎门镇沙美村", "town_unknown"),
        ("衙口村12号", "village_of_other_county"),
        ("石狮市宝盖镇沙美村", "village_in_other_town"),
    ],
)
def test_contradictions_are_flagged_not_resolved(gazetteer, address, reason):
    match = one(gazetteer, address)
    assert (match.level, match.lon, match.town) == (MatchLevel.NONE, None, None)
    assert match.reasons == (reason,)
    assert reason in CONTRADICTIONS


@pytest.mark.parametrize(
    "address",
    [
        "石狮市宝盖镇塘边村石泉路128号晋江市某某公司石狮分公司",
        "石狮市宝盖镇塘边村石泉路128号(英林镇某某公司)",
        "某某纺织有限公司,石狮市宝盖镇塘边村石泉路128号",
        "石狮市高新区宝盖镇塘边村石泉路128号",
        "福建泉州石狮宝盖塘边村石泉路128号",
        "石狮石泉路128号",
        "石獅市寶蓋鎮塘邊村石泉路128號",
    ],
)
def test_noise_around_the_address_does_no_harm(gazetteer, address):
    assert one(gazetteer, address).level is MatchLevel.DOOR


def test_a_word_that_is_also_a_village_is_not_taken_for_it(gazetteer):
    for address in (
        "石狮市泰和大厦3楼",
        "石狮市蚶江镇泰和大厦",
        "石狮市前园书店",
        "石狮市大厦书店",
    ):
        assert one(gazetteer, address).lon is None
    possible = one(gazetteer, "石狮市沙美书店")
    assert "village_possible" in possible.reasons
    assert [c.code for c in possible.alternatives] == [SHAMEI]
    clear = one(gazetteer, "石狮市永宁镇沙美12号")
    assert (clear.village, clear.level) == (SHAMEI, MatchLevel.VILLAGE)
    assert "village_short_name" in clear.reasons


def test_homonymous_villages(gazetteer):
    match = one(gazetteer, "石狮市前园居委会")
    # 前园社区 as registered goes before 前园村 with another suffix.
    assert match.village == "350581106299"
    twins = Gazetteer(
        [p for p in PLACES if p.code != "350581106299"]
        + [Place("350581106299", "前园村委会", "village", YONGNING, 118.69, 24.69)],
        "350581",
    )
    match = one(twins, "石狮市前园村12号")
    assert (match.lon, match.level, match.town) == (None, MatchLevel.NONE, None)
    assert "village_ambiguous" in match.reasons
    assert {c.code for c in match.alternatives} == {QIANYUAN, "350581106299"}
    assert one(twins, "石狮市前园村12号", "永宁镇").village == "350581106299"
    assert one(twins, "石狮市宝盖镇前园村12号").village == QIANYUAN


def test_a_homonym_in_the_same_city_needs_the_county(gazetteer):
    places = [*PLACES, Place("350582110299", "沙美村委会", "village", "350582110")]
    homonym = Gazetteer(places, "350581")
    match = one(homonym, "泉州市沙美村")
    assert (match.lon, match.reasons) == (None, ("village_of_other_county",))
    assert {c.code for c in match.alternatives} == {SHAMEI, "350582110299"}
    for address in ("石狮市沙美村", "泉州市石狮市沙美村", "泉州市永宁镇沙美村", "沙美村"):
        assert one(homonym, address).village == SHAMEI


def test_the_town_column(gazetteer):
    assert one(gazetteer, "前园村", "宝盖").village == QIANYUAN
    assert one(gazetteer, "塘边村石泉路128号", "350581101000").reasons == (
        "town_stated", "county_assumed", "door_exact",
    )  # fmt: skip
    differs = one(gazetteer, "石狮市宝盖镇塘边村石泉路128号", "永宁镇")
    assert (differs.lon, differs.reasons) == (None, ("town_differs",))
    assert {c.code for c in differs.alternatives} == {BAOGAI, YONGNING}
    assert one(gazetteer, "石狮市塘边村石泉路128号", "永宁镇").lon is None
    assert one(gazetteer, "塘边村", "英林镇").reasons == ("town_of_other_county",)
    assert "town_stated_unknown" in one(gazetteer, "石狮市永宁镇沙美村", "某某镇").reasons
    assert one(gazetteer, "石狮市宝盖镇塘边村石泉路128号", "高新区").level is MatchLevel.DOOR
    empty = one(gazetteer, "", "宝盖镇")
    assert (empty.town, empty.level) == (BAOGAI, MatchLevel.TOWN)
    with pytest.raises(ValueError, match="towns"):
        gazetteer.geocode(["a", "b"], ["a"])


def test_a_development_zone_is_no_town_of_its_own(gazetteer):
    match = one(gazetteer, "石狮高新技术产业开发区创业路")
    assert (match.lon, match.town, match.level) == (None, ZONE, MatchLevel.TOWN)
    assert "zone_only" in match.reasons


def test_order_and_repetition(gazetteer):
    addresses = ["石狮市永宁镇沙美村", "", "石狮市永宁镇沙美村", "石狮市宝盖镇"]
    matches = gazetteer.geocode(addresses)
    assert [m.village for m in matches] == [SHAMEI, None, SHAMEI, None]
    assert gazetteer.geocode([]) == []


def test_every_reason_in_the_code_is_explained_in_both_languages():
    import inspect

    from geo_risk.geocoding import chain, gazetteer, index, online

    source = "".join(inspect.getsource(m) for m in (chain, gazetteer, index, online, placing))
    for reason, text in REASONS.items():
        assert f'"{reason}"' in source, f"{reason} is never given"
        assert text["zh"] and text["en"]


def test_parse_address_and_normalise():
    parsed = parse_address("福建省泉州市石狮市宝盖镇塘边村石泉路１２８号之一　某某公司，二楼")
    assert (parsed.province, parsed.city, parsed.county) == ("福建省", "泉州市", "石狮市")
    assert (parsed.town, parsed.community, parsed.road) == ("宝盖镇", "塘边村", "石泉路")
    assert (parsed.number, parsed.place, parsed.remainder) == ("128-1", "某某公司", "二楼")
    assert parse_address("") == type(parsed)()
    assert normalise("石獅市 永寧鎮\t１２Ａ號") == "石狮市永宁镇12A号"
    assert canonical_number("12A") == "12A"
