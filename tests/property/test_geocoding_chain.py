"""The geocoder against its brute-force twin, on made-up registers over real names."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_risk import geocoding
from geo_risk.datums import geodesic_distance_m
from geo_risk.geocoding import Gazetteer, Place
from tests.oracles import geocoding_chain as oracle

TOWNS = {
    "350581101": "宝盖镇",
    "350581102": "蚶江镇",
    "350581106": "永宁镇",
    "350581002": "凤里街道",
}
STEMS = ["塘边", "前园", "后宅", "沙堤", "新沙堤", "大厦", "蚶江", "东埔一", "永宁", "华山"]
ROADS = ["石泉路", "八七路", "鸿山路", "学府大道", "后街"]
PREFIXES = list(oracle.PREFIXES)
TAILS = ["", "某某服装有限公司", "3楼", "(示例印染厂)", ",二楼", "晋江市某某公司石狮分公司"]


@st.composite
def registers(draw):
    villages = []
    for town, name in TOWNS.items():
        for serial, stem in enumerate(
            draw(st.lists(st.sampled_from(STEMS), unique=True, max_size=5))
        ):
            at = draw(st.none() | st.tuples(st.floats(118.6, 118.7), st.floats(24.7, 24.8)))
            community = draw(st.booleans())
            lon, lat = at or (None, None)
            villages.append(
                oracle.Village(f"{town}{serial + 201:03d}", stem, name, community, lon, lat)
            )
    doors = []
    if villages:
        keys = st.tuples(st.sampled_from(villages), st.sampled_from(ROADS), st.integers(1, 30))
        for village, road, number in draw(st.lists(keys, unique=True, max_size=12)):
            lon = draw(st.floats(118.640, 118.645))
            lat = draw(st.floats(24.730, 24.735))
            doors.append(oracle.Door(village, road, number, lon, lat))
    return villages, doors


def build(villages, doors):
    places = [Place("3505", "泉州市", "city"), Place("350581", "石狮市", "county")]
    places += [Place(code, name, "town", code[:6]) for code, name in TOWNS.items()]
    for v in villages:
        suffix = "社区居委会" if v.community else "村委会"
        places.append(Place(v.code, v.stem + suffix, "village", v.code[:9], v.lon, v.lat))
    for i, d in enumerate(doors):
        places.append(
            Place(f"d{i}", "", "door", d.village.code, d.lon, d.lat, None, d.road, str(d.number))
        )
    return Gazetteer(places, "350581")


@given(registers(), st.data())
def test_the_geocoder_finds_what_brute_force_finds(register, data):
    villages, doors = register
    gazetteer = build(villages, doors)
    if villages:
        village = data.draw(st.sampled_from(villages))
        town = data.draw(st.sampled_from([village.town, ""]))
        name = data.draw(st.sampled_from(village.spellings()))
    else:
        town, name = data.draw(st.sampled_from(list(TOWNS.values()))), ""
    address = data.draw(st.sampled_from(PREFIXES)) + town + name
    road, number = data.draw(st.sampled_from([*ROADS, ""])), data.draw(st.integers(1, 30))
    address += (f"{road}{number}号" if road else "") + data.draw(st.sampled_from(TAILS))
    expected = oracle.geocode(address, villages, doors)
    (match,) = gazetteer.geocode([address])
    assert match.village == expected.village
    if expected.level == "door":
        assert (match.level, match.lon, match.lat) == ("door", expected.lon, expected.lat)
    elif expected.level == "none":
        assert match.lon is None
        assert match.level in ("town", "none")
    else:
        assert match.level in ("road", "village")
        assert match.lon is not None
    if match.lon is not None:
        assert match.town == match.village[:9]
        if match.level == "road" and "road_level" in match.reasons:
            there = [
                (d.lon, d.lat) for d in doors if d.road == road and d.village.code == match.village
            ]
            reach = geodesic_distance_m(match.lon, match.lat, *np.array(there).T).max()
            assert reach <= match.uncertainty_m + 1e-6


@pytest.fixture(scope="module")
def small():
    village = oracle.Village("350581101201", "塘边", "宝盖镇", False, 118.64, 24.74)
    return build([village], [oracle.Door(village, "石泉路", 12, 118.641, 24.741)])


@given(
    st.text(max_size=60)
    | st.text("石狮市宝盖镇塘边村石泉路号之一12-英林0123456789（，", max_size=30)
)
def test_no_text_breaks_it_and_every_answer_explains_itself(small, text):
    (match,) = small.geocode([text], [text])
    geocoding.parse_address(text)
    assert match.reasons
    assert set(match.reasons) <= set(geocoding.REASONS)
    assert 0.0 <= match.score <= 1.0
    placed = match.level in ("door", "road", "village")
    assert placed == (match.lon is not None) == (match.lat is not None)
    assert placed == (match.uncertainty_m is not None)
    assert small.town_of(text) in (None, "350581101") or text.strip().isdigit()


@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing(text):
    once = geocoding.normalise(text)
    assert geocoding.normalise(once) == once


@given(st.integers(1, 9999), st.none() | st.integers(1, 99))
def test_numbers_in_every_spelling_are_one_number(main, sub):
    canonical = f"{main}-{sub}" if sub else f"{main}"
    spellings = [f"{canonical}号", canonical]
    if sub:
        spellings += [f"{main}号之{sub}", f"{main}之{sub}号", f"{main}号-{sub}", f"{main}号附{sub}"]
    for spelling in spellings:
        assert geocoding.canonical_number(spelling) == canonical
        wide = spelling.translate({ord(str(d)): chr(0xFF10 + d) for d in range(10)})
        assert geocoding.canonical_number(wide) == canonical
