"""Positions that cannot be true are named, with the numbers; those that can are left alone."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo_risk.datums import from_wgs84, parse_datum, to_wgs84
from geo_risk.errors import UsageError
from geo_risk.intake.buildings import building
from geo_risk.intake.plausibility import (
    OUTCOMES,
    KnownRows,
    Thresholds,
    company_core,
    near_duplicates,
    outside_town,
    pile_ups,
    swapped,
    zero_positions,
)

ROOT = Path(__file__).parents[3]
FIXTURES = ROOT / "tests" / "fixtures"
LON, LAT = 118.65, 24.73
METRE = 1 / 110_770
BOTH_TOWNS = [
    ("灵秀镇", shapely.box(118.60, 24.70, 118.65, 24.75)),
    ("宝盖镇", shapely.box(118.65, 24.70, 118.70, 24.75)),
]


def codes(findings):
    return {finding.row: finding.code for finding in findings}


def at(*points):
    return np.array([p[0] for p in points], float), np.array([p[1] for p in points], float)


def test_the_thresholds_are_the_settings():
    assert Thresholds.from_settings({}) == Thresholds()
    assert Thresholds.from_settings({"GEO_RISK_PILE_UP_COUNT": "9"}).pile_up_count == 9
    with pytest.raises(UsageError):
        Thresholds.from_settings({"GEO_RISK_TOWN_FAR_M": "far"})


def test_every_finding_has_the_outcome_the_table_and_the_page_say():
    page = (ROOT / "docs" / "methods" / "position-checks.md").read_text("utf-8")
    for code, ruling in OUTCOMES.items():
        assert f"| `{code}` | {ruling.outcome} |" in page
        assert all(ruling.reason.values())


def test_zero_is_no_position():
    x, y = at((0, 0), (1e-5, 0), (118.65, 0), (LON, LAT), (np.nan, np.nan), (-0.0, 0.5))
    found, mask = zero_positions([3, 4, 5, 6, 7, 8], x, y)
    assert codes(found) == dict.fromkeys((3, 4, 5, 8), "coordinate_zero")
    assert mask.tolist() == [True, True, True, False, False, True]
    assert found[0].outcome == "noted"
    assert "(0, 0)" in found[0].message["zh"]


def test_exchanged_coordinates_are_candidates_and_a_whole_file_is_told_once():
    x, y = at((LAT, LON), (LON, LAT), (2.0, 48.0), (np.nan, LAT))
    some = swapped([3, 4, 5, 6], x, y)
    assert codes(some.findings) == {3: "coordinate_swapped"}
    assert some.findings[0].outcome == "queued"
    assert some.file is None
    x, y = at(*[(LAT, LON)] * 9, (LON, LAT))
    whole = swapped(range(10), x, y)
    assert whole.mask.sum() == 9
    assert "10 个位置中有 9 个" in whole.file["zh"]
    assert swapped(range(2), *at((LAT, LON), (LAT, LON))).file is None


def test_eastings_and_northings_are_asked_of_the_district():
    zone = parse_datum("EPSG:4549")
    easting, northing = from_wgs84([LON, LON], [LAT, LAT], zone)
    district = shapely.box(118.58, 24.64, 118.78, 24.80)

    def inside(x, y):
        return shapely.intersects_xy(district, *to_wgs84(x, y, zone))

    found = swapped([3, 4], np.r_[northing[0], easting[1]], np.r_[easting[0], northing[1]], inside)
    assert codes(found.findings) == {3: "coordinate_swapped"}


def piled(addresses, **more):
    count = len(addresses)
    names = [f"{brand}服装有限公司" for brand in "甲乙丙丁戊己庚辛壬癸"[:count]]
    rows = range(10, 10 + count)
    return codes(pile_ups(rows, np.full(count, LON), np.full(count, LAT), names, addresses, **more))


def test_five_companies_of_different_addresses_on_one_coordinate_are_not_believed():
    addresses = [f"宝盖镇塘边村{n}号" for n in range(5)]
    assert piled(addresses) == dict.fromkeys(range(10, 15), "pile_up")
    assert piled(addresses[:4]) == {}
    assert piled(addresses[:4], thresholds=Thresholds(pile_up_count=4)) != {}


def test_a_market_hall_is_real_but_a_stranger_in_it_is_not():
    stalls = [f"石狮市灵秀镇服装城{area}区{n}号" for area in "ABC" for n in (1, 2)]
    assert piled(stalls) == {}
    assert piled([*stalls, "蚶江镇石湖村3号"]) == {16: "pile_up"}
    floors = [f"石泉路128号{n}楼" for n in range(1, 5)] + ["宝盖镇石泉路128-1号"]
    assert piled(floors) == {}


def test_without_addresses_a_pile_is_only_flagged():
    assert piled([None] * 5) == dict.fromkeys(range(10, 15), "pile_up_possible")


def test_one_enterprise_may_have_all_its_risk_points_at_one_place():
    addresses = [f"塘边村{n}号" for n in range(6)]
    assert piled(addresses, group=["QY1"] * 6) == {}
    assert len(piled(addresses, group=[f"QY{n}" for n in range(6)])) == 6


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("石狮市宝盖镇石泉路128号", "石泉路１２８号之三"),
        ("灵秀镇服装城A区12号", "石狮市灵秀镇服装城B区3楼5号店"),
        ("狮城大厦3楼301室", "石狮市狮城大厦12层"),
    ],
)
def test_addresses_in_one_building(one, other):
    assert building(one) == building(other) != ""


def test_addresses_of_different_houses():
    assert len({building(f"塘边村{n}号") for n in range(20)}) == 20
    assert building("石泉路12号") != building("石泉路13号")


def test_a_position_outside_its_town_is_flagged_and_far_away_queued():
    lon = np.array([118.6499, 118.6520, 118.6540, 118.69, 118.80, 118.69, np.nan])
    lat = np.full(7, 24.72)
    stated = np.array([0, 0, 0, 0, 1, -1, 0])
    found = outside_town(range(7), lon, lat, stated, BOTH_TOWNS)
    assert codes(found) == {
        2: "position_outside_town",
        3: "position_far_from_town",
        4: "position_far_from_town",
    }
    assert "405 米" in found[0].message["zh"]
    assert "宝盖镇" in found[0].message["zh"]
    assert "不在任何镇" in found[2].message["zh"]
    strict = Thresholds(town_tolerance_m=100, town_far_m=350)
    assert codes(outside_town(range(7), lon, lat, stated, BOTH_TOWNS, thresholds=strict))[2] == (
        "position_far_from_town"
    )


def pair(first, second, metres=10.0, **more):
    lat = np.array([LAT, LAT + metres * METRE])
    return near_duplicates(
        [3, 4], ["a", "b"], [first, second], [None, None], np.full(2, LON), lat, **more
    )


def test_the_labelled_pairs_of_names():
    with (FIXTURES / "duplicates.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) >= 60
    outcome = []
    for row in rows:
        metres = float(row["distance_m"])
        found = pair(row["first"], row["second"], metres, divisions=("石狮市", "泉州市"))
        outcome.append((len(found) == 2, row["same"] == "1"))
    hits = sum(found and same for found, same in outcome)
    assert hits / sum(found for found, _ in outcome) >= 0.95
    assert hits / sum(same for _, same in outcome) >= 0.85


def test_each_of_two_likely_doubles_names_the_other():
    found = pair("石狮市恒兴服装有限公司", "恒兴服装厂", 35.0)
    assert codes(found) == {3: "near_duplicate", 4: "near_duplicate"}
    assert "第 4 行“恒兴服装厂”相距 35 米" in found[0].message["zh"]
    assert "row 3" in found[1].message["en"]
    assert all(finding.outcome == "flagged" for finding in found)


def test_parts_of_one_enterprise_are_doubles_only_with_one_name():
    assert pair("1号锅炉", "2号锅炉", group=["QY1", "QY1"]) == []
    assert pair("原料仓库", "原料仓库旁", group=["QY1", "QY1"]) == []
    assert len(pair("原料仓库", "原料 仓库", group=["QY1", "QY1"])) == 2
    assert pair("配电房", "配电房", group=["QY1", "QY2"]) == []


def test_a_credit_code_under_two_ids_is_named_once_per_row():
    code = "91350581MA2XXXXX0A"
    found = near_duplicates(
        [3, 4, 5],
        ["a", "b", "c"],
        ["恒兴服装厂", "恒兴服装公司", "华联"],
        [code, code.lower(), None],
        np.full(3, LON),
        np.full(3, LAT),
    )
    assert codes(found) == {3: "credit_code_repeated", 4: "credit_code_repeated"}
    assert len(found) == 2


def test_what_the_store_has_already_is_named_but_not_the_row_itself():
    known = KnownRows(
        ["QY9", "a"], ["恒兴服装有限公司", "华联"], ["C1", None], np.full(2, LON), np.full(2, LAT)
    )

    def new(name, code=None):
        return near_duplicates(
            [3], ["a"], [name], [code], np.array([LON]), np.array([LAT]), known=known
        )

    assert "库中 QY9" in new("石狮市恒兴服装厂")[0].message["zh"]
    assert codes(new("别的", "C1")) == {3: "credit_code_repeated"}
    assert new("华联") == []


def test_hydrants_all_named_alike_are_no_doubles():
    count = 30
    lat = LAT + np.arange(count) * 20 * METRE
    ids = [str(i) for i in range(count)]
    assert (
        near_duplicates(
            range(count), ids, ["消火栓"] * count, [None] * count, np.full(count, LON), lat
        )
        == []
    )


def test_rows_without_position_or_name_are_not_compared():
    nothing = np.full(2, np.nan)
    assert near_duplicates([1, 2], ["a", "b"], ["恒兴"] * 2, [None] * 2, nothing, nothing) == []
    assert pair(None, None) == []


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("福建省泉州市石狮市恒兴服装有限公司", "恒兴服装"),
        ("石狮市场管理服务中心", "石狮市场管理服务中心"),
        ("华联织带第十二分厂", "华联织带12分厂"),
        ("石狮市有限公司", "石狮市"),
        ("", ""),
    ],
)
def test_what_of_a_name_is_compared(name, core):
    assert company_core(name) == core


def test_twenty_thousand_rows_take_seconds_even_on_one_coordinate():
    count = 20_000
    rng = np.random.default_rng(1)
    letters = np.array(list("华宏恒兴盛达源丰泰嘉瑞祥金鑫锦荣顺利发安"))
    names = ["".join(rng.choice(letters, 4)) + "服装有限公司" for _ in range(count)]
    ids = [str(i) for i in range(count)]
    for spread in (0.15, 0.0):  # a city, and everything on one coordinate
        lon, lat = LON + rng.random(count) * spread, LAT + rng.random(count) * spread
        start = time.process_time()
        near_duplicates(range(count), ids, names, [None] * count, lon, lat)
        assert time.process_time() - start < 8.0
