"""Real names: all villages of Shishi, in the forms clerks write."""

from __future__ import annotations

import csv
import re
import time

import pytest

from geo_risk import datums
from geo_risk.geocoding import Gazetteer, Place
from geo_risk.vocabulary import MatchLevel
from tests.shared_data import shared_data


def rows(name):
    with shared_data(name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def codes_only():
    """The divisions of 2023 without any position (kind R)."""
    places = [Place("3505", "泉州市", "city", "35")]
    for kind, name in (("county", "counties"), ("town", "towns"), ("village", "villages")):
        for row in rows(f"shishi/nbs2023_{name}_quanzhou.csv"):
            parent = row.get("streetCode") or row.get("areaCode") or row["cityCode"]
            places.append(Place(row["code"], row["name"], kind, parent))
    return places


@pytest.fixture(scope="module")
def located():
    """The gazetteer of 2016 with its positions, in WGS84 (kind S)."""
    places = [Place("3505", "泉州市", "city", "35")]
    for row in rows("shishi_fetch_ccby/nbs2016_gazetteer_quanzhou_gcj02.csv"):
        lon = lat = None
        if row["lon_gcj02"]:
            at = datums.gcj02_to_wgs84(float(row["lon_gcj02"]), float(row["lat_gcj02"]))
            lon, lat = float(at[0][0]), float(at[1][0])
        if row["level"] in ("county", "town", "village"):
            places.append(Place(row["code"], row["name"], row["level"], row["parent"], lon, lat))
    return places


def written_forms(town, name):
    stem = re.sub(r"(社区居委会|村委会)$", "", name)
    short = stem + ("社区" if "社区" in name else "村")
    return {
        "full chain": f"福建省泉州市石狮市{town}{name}",
        "without province": f"石狮市{town}{short}",
        "without town": f"福建省泉州市石狮市{short}",
        "number and company": f"石狮市{town}{short}１２８号某某服装织造有限公司",
        "committee": f"石狮市{town}{name}",
        "traditional": f"福建省　泉州市 石獅市（{town.replace('镇', '鎮')}）{short}",
    }


def test_every_located_village_in_six_forms(located):
    gazetteer = Gazetteer(located, "350581")
    towns = {p.code[:9]: p.name for p in located if p.kind == "town"}
    villages = [
        p
        for p in located
        if p.kind == "village" and p.code.startswith("350581") and p.lon is not None
    ]
    assert len(villages) == 74
    for village in villages:
        forms = written_forms(towns[village.code[:9]], village.name)
        for form, match in zip(forms, gazetteer.geocode(list(forms.values())), strict=True):
            assert match.town == village.code[:9], (form, village.name)
            assert match.level is MatchLevel.VILLAGE
            off_m = datums.geodesic_distance_m(match.lon, match.lat, village.lon, village.lat)[0]
            assert off_m < 300.0


def test_with_codes_and_names_only_the_town_is_right_and_nothing_is_placed(codes_only):
    gazetteer = Gazetteer(codes_only, "350581")
    towns = {p.code: p.name for p in codes_only if p.kind == "town"}
    villages = [
        p
        for p in codes_only
        if p.kind == "village" and p.code.startswith("350581") and "虚拟" not in p.name
    ]
    assert len(villages) == 128
    right = total = 0
    for village in villages:
        for match in gazetteer.geocode(
            list(written_forms(towns[village.code[:9]], village.name).values())
        ):
            assert match.lon is None and match.level is MatchLevel.TOWN
            assert match.alternatives
            right += (match.town, match.village) == (village.code[:9], village.code)
            total += 1
    assert right / total >= 0.99


def test_villages_of_every_other_county_stay_out_of_shishi(codes_only):
    """Addresses of the neighbours: none may be placed or given a town of Shishi."""
    gazetteer = Gazetteer(codes_only, "350581")
    counties = {p.code: p.name for p in codes_only if p.kind == "county"}
    towns = {p.code: p.name for p in codes_only if p.kind == "town"}
    foreign = [
        p
        for p in codes_only
        if p.kind == "village" and not p.code.startswith("350581") and p.parent in towns
    ]
    assert len(foreign) > 2000
    for lead in ("", "福建省泉州市", "石狮市"):
        addresses = [
            lead + ("" if lead == "石狮市" else counties[p.code[:6]]) + towns[p.parent] + p.name
            for p in foreign
        ]
        for address, match in zip(addresses, gazetteer.geocode(addresses), strict=True):
            assert match.town is None and match.lon is None, address


def test_names_of_the_columns(codes_only):
    gazetteer = Gazetteer(codes_only, "350581")
    for text, code in {
        "永宁镇": "350581106",
        "永宁": "350581106",
        "石狮市永宁镇": "350581106",
        "永寧鎮": "350581106",
        "湖滨街道": "350581001",
        "湖滨街道办事处": "350581001",
        "350581106000": "350581106",
        "350581106": "350581106",
        "龙湖镇": None,
        "350582110": None,
        "": None,
        "永宁镇某村": None,
    }.items():
        assert gazetteer.town_of(text) == code, text
    for text, town, code in [
        ("郭坑回族村委会", "350581106", "350581106208"),
        ("郭坑村", "350581106", "350581106208"),
        ("郭坑", None, "350581106208"),
        ("永宁镇郭坑村", None, "350581106208"),
        ("永宁第一社区居委会", "350581106", "350581106002"),
        ("永宁一社区", None, "350581106002"),
        ("第一社区", "350581106", "350581106002"),
        ("第一社区", None, None),
        ("东埔1村", None, "350581104203"),
        ("龙穴村", None, "350581101002"),
        ("350581106208", "350581106", "350581106208"),
        ("350581106208", "350581101", None),
        ("郭坑村", "350581101", None),
        ("衙口村", None, None),
    ]:
        assert gazetteer.village_of(text, town) == code, text


def test_ten_thousand_addresses_take_well_under_two_cpu_seconds(codes_only):
    gazetteer = Gazetteer(codes_only, "350581")
    towns = {p.code: p.name for p in codes_only if p.kind == "town"}
    villages = [p for p in codes_only if p.kind == "village" and p.code.startswith("350581")]
    addresses = [
        f"福建省泉州市石狮市{towns[p.parent]}{p.name}工业路{number}号某某服装有限公司"
        for number in range(100)
        for p in villages
    ][:10_000]
    start = time.process_time()
    gazetteer.geocode(addresses)
    assert time.process_time() - start < 2.0
