"""Loading gazetteers: nothing is lost, nothing is doubled, and villages are found by them."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from geo_risk.datums import geodesic_distance_m, parse_datum, to_wgs84
from geo_risk.errors import InputError, UsageError
from geo_risk.geocoding import CONTRADICTIONS
from geo_risk.services import gazetteer
from geo_risk.services.gazetteer_files import load
from geo_risk.services.geocoding import geocode_addresses
from geo_risk.store import open_store
from tests.shared_data import shared_data

SHISHI = "350581"
LOCATED = "shishi_fetch_ccby/nbs2016_gazetteer_quanzhou_gcj02.csv"
TRADITIONAL = str.maketrans(
    "镇狮龙门东宁内兴后乡岛郑华陈庄岭吴灵头", "鎮獅龍門東寧內興後鄉島鄭華陳莊嶺吳靈頭"
)


@pytest.fixture
def store(tmp_path):
    with_files = open_store(str(tmp_path / "s.gpkg"), create=True)
    yield with_files
    with_files.close()


@pytest.fixture(scope="module")
def divisions_2023(tmp_path_factory):
    """Codes and names of 2023, no positions."""
    opened = open_store(str(tmp_path_factory.mktemp("codes") / "s.gpkg"), create=True)
    for name in ("counties", "towns", "villages"):
        report = load(opened, shared_data(f"shishi/nbs2023_{name}_quanzhou.csv"), None)
        assert report.rejected == 0
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def located(tmp_path_factory):
    opened = open_store(str(tmp_path_factory.mktemp("located") / "s.gpkg"), create=True)
    report = load(opened, shared_data(LOCATED), "gcj02")
    assert (report.new, report.rejected, report.with_position) == (2705, 0, 895)
    yield opened
    opened.close()


def rows(name):
    with shared_data(name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def written_forms(town, name):
    stem = re.sub(r"(社区居委会|村委会)$", "", name)
    community = "社区" in name
    short = stem + ("社区" if community else "村")
    return {
        "full chain": f"福建省泉州市石狮市{town}{name}",
        "without province": f"石狮市{town}{short}",
        "without town": f"福建省泉州市石狮市{short}",
        "number and company": f"石狮市{town}{short}128号某某服装织造有限公司",
        "committee": f"石狮市{town}{stem}{'社区居委会' if community else '村委会'}",
        "full-width and traditional": f"福建省　泉州市 石狮市（{town}）{short}１２８号".translate(
            TRADITIONAL
        ),
    }


def test_all_located_villages_from_six_written_forms(located):
    villages = [
        row
        for row in rows(LOCATED)
        if row["level"] == "village" and row["code"].startswith(SHISHI) and row["lon_gcj02"]
    ]
    assert len(villages) == 74
    datum = parse_datum("gcj02")
    forms = [(v, *form) for v in villages for form in written_forms(v["town"], v["name"]).items()]
    found = geocode_addresses(located, [address for *_, address in forms], within=SHISHI)
    at = [(float(v["lon_gcj02"]), float(v["lat_gcj02"])) for v, *_ in forms]
    lon, lat = to_wgs84(*zip(*at, strict=True), datum)
    for (village, form, address), got, x, y in zip(forms, found, lon, lat, strict=True):
        assert got.match.town == village["code"][:9], (form, address)
        assert got.placed, (form, address)
        assert geodesic_distance_m(got.match.lon, got.match.lat, x, y)[0] < 300.0, (form, address)


def test_by_codes_and_names_alone_the_town_is_right_and_nothing_lies_elsewhere(divisions_2023):
    towns = {row["code"]: row["name"] for row in rows("shishi/nbs2023_towns_quanzhou.csv")}
    forms = [
        (v["streetCode"], address)
        for v in rows("shishi/nbs2023_villages_shishi.csv")
        if "虚拟" not in v["name"]
        for address in written_forms(towns[v["streetCode"]], v["name"]).values()
    ]
    found = geocode_addresses(divisions_2023, [address for _, address in forms], within=SHISHI)
    for got in found:
        assert not got.placed, "no position is known, so none may be given"
        assert got.match.town is None or got.match.town.startswith(SHISHI)
    right = sum(got.match.town == town for (town, _), got in zip(forms, found, strict=True))
    assert len(forms) == 128 * 6
    assert right / len(forms) >= 0.95


@pytest.mark.parametrize(
    "address",
    [
        "黑龙江省七台河市勃利县永宁镇",
        "四川省乐山市湖滨街道金林社区",
        "厦门市思明区湖滨街道",
        "江西省九江市浔阳区湖滨街道",
        "福建省泉州市石狮市英林镇英林村",
        "石狮市英林镇",
        "石狮市英林东埔村12号",
        "晋江市永宁镇沙美村",
    ],
)
def test_homonyms_elsewhere_are_flagged_and_never_placed(located, address):
    (got,) = geocode_addresses(located, [address], within=SHISHI)
    assert not got.placed
    assert CONTRADICTIONS & set(got.match.reasons)
    assert got.match.town is None


def test_an_older_edition_over_the_present_one_makes_no_second_village(store):
    for name in ("counties", "towns", "villages"):
        load(store, shared_data(f"shishi/nbs2023_{name}_quanzhou.csv"), None)
    before = gazetteer.stats(store)["kinds"]
    towns = {p.code for p in gazetteer.places_of(store) if p.kind == "town"}
    report = load(store, shared_data(LOCATED), "gcj02")
    after = gazetteer.stats(store)["kinds"]
    names = {}
    for place in gazetteer.places_of(store):
        if place.kind == "village" and place.code.startswith(SHISHI):
            stem = re.sub(r"(回族)?(社区居委会|村委会)$", "", place.name)
            names.setdefault((place.code[:9], stem), []).append(place.code)
    assert [codes for codes in names.values() if len(codes) > 1] == []
    # 参内乡 is 参内镇 today; only 长坑乡, now 长卿镇 under another code, cannot be recognised.
    there = {p.code for p in gazetteer.places_of(store) if p.kind == "town"}
    assert there - towns == {"350524206"}
    old = {row["code"][:12] for row in rows(LOCATED) if row["level"] == "village"}
    present = {row["code"] for row in rows("shishi/nbs2023_villages_quanzhou.csv")}
    gained = after["village"]["total"] - before["village"]["total"]
    assert gained < len(old - present), "villages under other codes were recognised by their names"
    assert {f.code for f in report.findings} >= {"code_differs", "place_renamed"}
    # Both names of a renamed village are known, and mean the one with the position.
    (new, was) = geocode_addresses(
        store, ["石狮市宝盖镇后垵村", "石狮市宝盖镇后安村"], within=SHISHI
    )
    assert new.match.village == was.match.village == "350581101210"


def test_loading_again_changes_nothing(store):
    first = load(store, shared_data(LOCATED), "gcj02")
    kept = store.rows("gazetteer")
    again = load(store, shared_data(LOCATED), "gcj02")
    assert (again.new, again.updated, again.unchanged) == (0, 0, first.rows)
    assert store.rows("gazetteer") == kept


def test_it_is_the_same_where_towns_and_villages_are_layers(own_shishi):
    """The layers' codes and names stand, the loaded positions and other names are theirs."""
    villages = {p.code for p in gazetteer.places_of(own_shishi) if p.kind == "village"}
    first = load(own_shishi, shared_data(LOCATED), "gcj02")
    again = load(own_shishi, shared_data(LOCATED), "gcj02")
    assert first.updated > 900
    assert (again.new, again.updated) == (0, 0)
    now = {p.code for p in gazetteer.places_of(own_shishi) if p.kind == "village"}
    assert not {code for code in now - villages if code.startswith(SHISHI)}
    # 龙穴村 350581101203 is 龙穴社区 350581101002 today: its position is found by either name.
    for address in ("石狮市宝盖镇龙穴村", "石狮市宝盖镇龙穴社区居委会"):
        (got,) = geocode_addresses(own_shishi, [address])
        assert (got.match.village, got.placed) == ("350581101002", True)
    (got,) = geocode_addresses(own_shishi, ["石狮市宝盖镇后安村"])
    assert got.match.village == "350581101210"


def test_an_entry_without_position_takes_none_away_and_a_surer_one_stands(store, tmp_path):
    head = "code,name,lon,lat,radius_m\n"
    load(store, write(tmp_path / "a.csv", f"{head}350581106,永宁镇,118.69,24.68,900\n"), "wgs84")
    for text in ("350581106,永宁镇,,,\n", "350581106,永宁镇,118.60,24.60,\n"):
        report = load(store, write(tmp_path / "b.csv", head + text), "wgs84")
        assert (report.new, report.updated, report.unchanged) == (0, 0, 1)
    better = write(tmp_path / "c.csv", f"{head}350581106,永宁镇,118.691,24.681,500\n")
    assert load(store, better, "wgs84").updated == 1
    (row,) = store.rows("gazetteer")
    assert (row["lon"], row["radius_m"], row["source"]) == (118.691, 500.0, "c.csv")


def test_a_code_that_is_now_another_village_is_refused_and_one_of_another_year_is_recognised(
    store, tmp_path
):
    now = "code,name\n350581101,宝盖镇\n350581101201,前园村委会\n350581101202,塘边村委会\n"
    load(store, write(tmp_path / "now.csv", now), None)
    then = write(
        tmp_path / "then.csv",
        "code,name,lon,lat\n350581101202,前园村,118.66,24.74\n350581101201,华山村,118.65,24.75\n",
    )
    report = load(store, then, "wgs84")
    assert (report.updated, report.rejected) == (1, 1)
    assert [(f.row, f.code) for f in report.findings] == [
        (2, "code_differs"),
        (3, "code_of_other_place"),
    ]
    kept = {row["code"]: row for row in store.rows("gazetteer")}
    assert kept["350581101201"]["lon"] == 118.66
    assert kept["350581101202"]["lon"] is None
    assert len(kept) == 3


def test_roads_doors_and_points_know_their_town(own_shishi, tmp_path):
    table = write(
        tmp_path / "p.csv",
        "名称,类型,所属镇,道路,门牌号,地址,经度,纬度\n"
        "测试加油站甲,加油站,永宁镇,,,,118.69,24.69\n"
        "测试加油站乙,加油站,,,,石狮市永宁镇沙美村,118.69,24.69\n"
        "测试路,道路,永宁镇,,,,118.69,24.69\n"
        ",,永宁镇,测试路,12号,,118.691,24.691\n"
        "远方的加油站,加油站,永宁镇,,,,119.9,24.69\n"
        "没有坐标的店,商店,永宁镇,,,,,\n"
        ",商店,永宁镇,,,,118.69,24.69\n"
        "坐标读不懂的店,商店,永宁镇,,,,东边,24.69\n",
    )
    report = load(own_shishi, table, "wgs84")
    assert (report.new, report.rejected) == (4, 4)
    assert report.by_kind == {"door": 1, "poi": 2, "road": 1}
    assert {(f.row, f.code) for f in report.findings} == {
        (6, "position_outside_city"),
        (7, "position_missing"),
        (8, "name_missing"),
        (9, "coordinate_unreadable"),
    }
    for finding in report.findings:
        assert all(finding.message.values()) and all(finding.fix.values())
    found = geocode_addresses(
        own_shishi,
        [
            "石狮市永宁镇测试加油站甲",
            "石狮市永宁镇测试路12号",
            "石狮市永宁镇测试路",
            "石狮市蚶江镇测试加油站甲",
        ],
    )
    assert [str(one.match.level) for one in found] == ["point", "door", "road", "town"]
    assert found[0].match.uncertainty_m == 50.0
    assert load(own_shishi, table, "wgs84").new == 0


def test_a_datum_is_asked_for_only_where_there_are_positions_and_must_agree(store, tmp_path):
    located = write(
        tmp_path / "a.csv", "code,name,lon_gcj02,lat_gcj02\n350581106,永宁镇,118.6,24.6\n"
    )
    with pytest.raises(UsageError) as missing:
        load(store, located, None)
    assert missing.value.code == "datum_missing"
    with pytest.raises(UsageError) as other:
        load(store, located, "wgs84")
    assert other.value.code == "datum_differs"
    assert "gcj02" in other.value.fix["zh"]
    with pytest.raises(InputError) as nameless:
        load(store, write(tmp_path / "b.csv", "甲,乙\n1,2\n"), None)
    assert nameless.value.code == "name_column_missing"
    assert store.rows("gazetteer") == []


def test_stats_count_every_kind(shishi):
    stats = gazetteer.stats(shishi.store)
    kinds = stats["kinds"]
    assert (
        kinds["village"]["total"]
        == kinds["village"]["with_position"] + (kinds["village"]["without_position"])
    )
    assert {"city", "county", "town", "village", "door", "road", "poi"} <= kinds.keys()
    assert kinds["poi"]["without_position"] == 0


def test_the_rows_being_imported_are_not_found_by_their_own_name(shishi):
    everyone = {p.code for p in gazetteer.places_of(shishi.store) if p.kind == "poi"}
    some = next(code for code in sorted(everyone) if code.startswith("enterprises:"))
    key = some.partition(":")[2]
    without = {p.code for p in gazetteer.places_of(shishi.store, exclude={key})}
    assert some not in without
    assert not [p for p in gazetteer.places_of(shishi.store, named=False) if p.kind == "poi"]


def test_a_store_of_an_earlier_version_gains_the_new_columns(tmp_path):
    import sqlite3

    path = tmp_path / "old.gpkg"
    open_store(str(path), create=True).close()
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE gazetteer DROP COLUMN aliases")
        connection.execute("ALTER TABLE gazetteer DROP COLUMN source")
        connection.execute("UPDATE store_meta SET value = '' WHERE key = 'layers'")
    connection.close()
    again = open_store(str(path))
    load(again, write(tmp_path / "a.csv", "code,name\n350581106,永宁镇\n"), None)
    (row,) = again.rows("gazetteer")
    again.close()
    assert row["source"] == "a.csv"
