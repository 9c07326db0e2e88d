"""The demo city: reproducible, plausible, honest about being invented."""

from __future__ import annotations

import csv
import hashlib
import importlib
import json
import re
import tomllib
from collections import Counter
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import shapely
from shapely.geometry import shape

from geo_risk.datums import geometries_to_wgs84, parse_datum, to_wgs84
from geo_risk.geocoding import Gazetteer
from geo_risk.geocoding.model import Place
from geo_risk.grading import GRADERS, ROLL_UP_COLUMNS, roll_up
from geo_risk.vocabulary import PLACED_LEVELS

ROOT = Path(__file__).parents[3]
DEMO = ROOT / "data/demo"
SHISHI = DEMO / "shishi"
OSM = ("buildings.geojson", "pois.geojson", "roads_edges.geojson")
SPOILT_PLACE = {"swapped_lon_lat", "point_in_sea", "full_width_digits"}


def csv_rows(name: str, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    with (SHISHI / name).open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


def xlsx_rows(name: str) -> list[dict[str, object]]:
    book = openpyxl.load_workbook(SHISHI / name)
    lines = list(book.active.iter_rows(values_only=True))
    book.close()
    return [dict(zip(lines[2], line, strict=True)) for line in lines[3:]]


REGISTERS = {
    "enterprises.xlsx": (xlsx_rows, "企业编号", "企业名称"),
    "hazard_sources.xlsx": (xlsx_rows, "重大危险源编号", "重大危险源名称"),
    "risk_points.csv": (lambda n: csv_rows(n, "gb18030"), "风险点编号", "风险点名称"),
    "hidden_dangers.csv": (lambda n: csv_rows(n, "gb18030"), "隐患编号", "隐患描述"),
    "targets.csv": (lambda n: csv_rows(n, "gb18030"), "编号", "名称"),
    "facilities.csv": (csv_rows, "编号", "名称"),
    "cameras.xlsx": (xlsx_rows, "设备编码", "点位名称"),
}


def rows_of(name: str) -> list[dict[str, object]]:
    return REGISTERS[name][0](name)


def planted() -> list[dict[str, object]]:
    return json.loads((SHISHI / "planted.json").read_text(encoding="utf-8"))


def features(name: str) -> list[dict[str, object]]:
    return json.loads((SHISHI / name).read_text(encoding="utf-8"))["features"]


def towns() -> dict[str, shapely.Geometry]:
    return {
        f["properties"]["name"]: shape(f["geometry"])
        for f in features("towns.geojson")
        if f["geometry"]
    }


def test_the_generator_writes_the_committed_files_byte_for_byte(tmp_path: Path) -> None:
    generate = importlib.import_module("data.demo.make_shishi.__main__").generate
    generate(tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(made) == 17
    for name, content in made.items():
        assert content == (SHISHI / name).read_bytes(), name


def test_helsinki_has_one_road_for_each_way_of_the_source(tmp_path: Path) -> None:
    generate = importlib.import_module("data.demo.make_helsinki").generate
    generate(tmp_path / "roads.geojson")
    committed = DEMO / "helsinki/roads.geojson"
    assert (tmp_path / "roads.geojson").read_bytes() == committed.read_bytes()
    ids = [f["properties"]["id"] for f in json.loads(committed.read_bytes())["features"]]
    edges = json.loads((DEMO / "helsinki/roads_edges.geojson").read_bytes())["features"]
    assert len(ids) == len(set(ids))
    assert set(ids) == {edge["properties"]["id"] for edge in edges}


def test_copied_files_are_the_ones_the_readme_names() -> None:
    readme = (ROOT / "data/README.md").read_text(encoding="utf-8")
    listed = re.findall(r"\| `(demo/\S+)` \| `([0-9a-f]{64})` \|", readme)
    copied = [*(SHISHI / "source").iterdir(), *(DEMO / "helsinki" / n for n in OSM)]
    assert len(listed) == len(copied)
    for name, digest in listed:
        assert hashlib.sha256((ROOT / "data" / name).read_bytes()).hexdigest() == digest


def test_there_is_enough_of_everything() -> None:
    at_least = {"enterprises.xlsx": 600, "hazard_sources.xlsx": 60, "risk_points.csv": 300,
                "hidden_dangers.csv": 400, "targets.csv": 60, "facilities.csv": 40,
                "cameras.xlsx": 60}  # fmt: skip
    for name, number in at_least.items():
        assert len(rows_of(name)) >= number, name
    assert 3500 <= len(csv_rows("addresses.csv")) <= 4500
    assert len(csv_rows("villages.csv")) == 129
    assert len(features("towns.geojson")) == 10


@pytest.mark.parametrize("name", REGISTERS)
def test_everything_says_that_it_is_invented(name: str) -> None:
    _, _, field = REGISTERS[name]
    for row in rows_of(name):
        assert row["模拟数据"] == "是"
        if name != "hidden_dangers.csv" and row[field]:
            assert "示例" in str(row[field])


def test_residents_live_in_blocks_of_their_town_outside_every_plant_and_are_invented() -> None:
    found = features("population.geojson")
    shapes = np.array([shape(f["geometry"]) for f in found], dtype=object)
    shapes = geometries_to_wgs84(shapes, parse_datum("gcj02"))
    areas = towns()
    people = Counter[str]()
    for one, at in zip(found, shapes, strict=True):
        told = one["properties"]
        assert areas[told["所属镇街"]].contains(at), told["编号"]
        assert "示例" in told["名称"]
        assert (told["模拟数据"], told["数据来源"]) == ("是", "演示模拟生成，非真实记录")
        people[told["所属镇街"] + told["所属村"]] += told["常住人口"]
    kinds = Counter(at.geom_type for at in shapes)
    assert set(kinds) == {"Point", "Polygon"}
    assert min(kinds.values()) > 150
    assert len(people) == len(csv_rows("villages.csv")) - 1
    assert all(3500 < number < 6500 for number in people.values())
    outlines = np.array([outline(row["边界坐标"]) for row in rows_of("enterprises.xlsx")
                         if row["边界坐标"]], dtype=object)  # fmt: skip
    outlines = geometries_to_wgs84(outlines, parse_datum("gcj02"))
    inside = shapely.STRtree(shapes).query(outlines, "contains")
    assert not inside.size


def outline(text: object) -> shapely.Polygon:
    return shapely.Polygon([tuple(map(float, p.split(","))) for p in str(text).split(";")])


def test_credit_codes_carry_the_demo_prefix_and_no_telephone_can_ring() -> None:
    wrong = {entry["code"] for entry in planted() if entry["kind"] == "credit_code_wrong"}
    for row in rows_of("enterprises.xlsx"):
        assert re.fullmatch(r"0595-0000\d{4}", str(row["联系电话"]))
        assert str(row["联系人"]).startswith("示例")
        if row["企业编号"] not in wrong:
            assert re.fullmatch(r"DEMO\d{14}", str(row["统一社会信用代码"]))


@pytest.mark.parametrize("name", REGISTERS)
def test_no_code_comes_twice_but_the_planted_duplicates(name: str) -> None:
    _, field, _ = REGISTERS[name]
    doubled = {c for c, n in Counter(row[field] for row in rows_of(name)).items() if n > 1}
    meant = {e["code"] for e in planted() if e["file"] == name and e["kind"] == "duplicate"}
    assert doubled == meant


def test_the_list_of_planted_faults_points_at_the_right_rows() -> None:
    first = {"enterprises.xlsx": 4, "hazard_sources.xlsx": 4}
    for entry in planted():
        name = str(entry["file"])
        row = rows_of(name)[int(entry["row"]) - first.get(name, 2)]
        _, code, title = REGISTERS[name]
        assert row[code] == entry["code"]
        if entry["kind"] == "missing_name":
            assert not row[title]
        if entry["kind"] == "swapped_lon_lat":
            assert float(row["经度"]) < 90 < float(row["纬度"])
    kinds = {entry["kind"] for entry in planted()}
    assert kinds >= {"swapped_lon_lat", "missing_name", "point_in_sea", "duplicate",
                     "full_width_digits", "unknown_substance", "score_not_in_scale",
                     "other_county"}  # fmt: skip


@pytest.mark.parametrize(
    "name", ["enterprises.xlsx", "hazard_sources.xlsx", "risk_points.csv", "hidden_dangers.csv",
             "targets.csv", "facilities.csv", "cameras.xlsx"]
)  # fmt: skip
def test_every_position_lies_in_its_town(name: str) -> None:
    _, code, _ = REGISTERS[name]
    spoilt = {e["code"] for e in planted() if e["kind"] in SPOILT_PLACE and e["file"] == name}
    rows = [r for r in rows_of(name) if r["经度"] not in (None, "") and r[code] not in spoilt]
    at = [np.array([float(row[field]) for row in rows]) for field in ("经度", "纬度")]
    lon, lat = to_wgs84(*at, parse_datum("gcj02"))
    areas = towns()
    for row, x, y in zip(rows, lon, lat, strict=True):
        assert shapely.contains_xy(areas[str(row["所属镇街"])], x, y), row[code]


def test_fifteen_per_cent_of_the_enterprises_have_an_address_only_and_the_others_an_outline() -> (
    None
):
    rows = rows_of("enterprises.xlsx")
    without = sum(row["经度"] is None and row["详细地址"] is not None for row in rows)
    assert 0.14 < without / len(rows) < 0.16
    assert 0.8 < sum(row["边界坐标"] is not None for row in rows) / len(rows) < 0.86


def test_the_towns_tile_the_city_and_say_that_they_are_approximate() -> None:
    areas = list(towns().values())
    city = shape(features("city.geojson")[0]["geometry"])
    city = geometries_to_wgs84(np.array([city], dtype=object), parse_datum("gcj02"))[0]
    assert all(area.is_valid for area in areas)
    assert sum(area.area for area in areas) == pytest.approx(city.area, rel=1e-4)
    overlap = max(a.intersection(b).area for i, a in enumerate(areas) for b in areas[:i])
    assert overlap < 1e-5 * city.area
    assert all(f["properties"]["approximate"] for f in features("towns.geojson"))


def graded_counts() -> dict[str, np.ndarray]:
    hazards = rows_of("hazard_sources.xlsx")
    points = rows_of("risk_points.csv")
    cells = [
        {"substances": row["物质及数量"], "exposed_people": row["暴露人数"]} for row in hazards
    ]
    scores = [{"l": row["L值"], "e": row["E值"], "c": row["C值"]} for row in points]
    graded = GRADERS["gb18218"].grade_rows(cells) + GRADERS["lec"].grade_rows(scores)
    counts: dict[str, np.ndarray] = {}
    for row, one in zip([*hazards, *points], graded, strict=True):
        count = counts.setdefault(str(row["所属镇街"]), np.zeros(5, dtype=np.int64))
        count[ROLL_UP_COLUMNS.index(one.grade)] += 1
    return counts


def test_the_risk_of_the_towns_differs_and_forms_a_pyramid() -> None:
    counts = graded_counts()
    assert set(counts) == set(towns())
    red, orange, yellow, blue, _ = np.sum(list(counts.values()), axis=0)
    assert red < orange < yellow < blue
    fills = Counter(fill.value for fill in roll_up(np.array(list(counts.values()))).fill)
    assert len(fills) >= 3
    assert fills["red"] <= 1


def test_all_four_levels_of_major_hazard_sources_occur() -> None:
    rows = rows_of("hazard_sources.xlsx")
    cells = [{"substances": r["物质及数量"], "exposed_people": r["暴露人数"]} for r in rows]
    said = " ".join(
        str(reason) for graded in GRADERS["gb18218"].grade_rows(cells) for reason in graded.reasons
    )
    for level in ("一级", "二级", "三级", "四级"):
        assert level in said


def gazetteer() -> Gazetteer:
    divisions = [
        Place(r["code"], r["name"], r["kind"], r["parent"],
              float(r["lon"]) if r["lon"] else None, float(r["lat"]) if r["lat"] else None)
        for r in csv_rows("divisions.csv")
    ]  # fmt: skip
    doors = [
        Place(r["编号"], r["名称"], "door", r["所属村"], float(r["经度"]), float(r["纬度"]),
              road=r["道路"], number=r["门牌号"])
        for r in csv_rows("addresses.csv")
    ]  # fmt: skip
    return Gazetteer([*divisions, *doors], within="350581")


def test_addresses_without_coordinates_are_placed_and_foreign_ones_are_not() -> None:
    placer = gazetteer()
    refused = {e["code"] for e in planted() if e["expect"] == "unplaced"}
    for row in rows_of("enterprises.xlsx"):
        if row["经度"] is not None or row["企业编号"] == "QY9008":
            continue
        stated = str(row["所属镇街"] or "")
        match = placer.geocode([str(row["详细地址"])], [stated])[0]
        assert (match.level in PLACED_LEVELS) == (row["企业编号"] not in refused), row["详细地址"]


@pytest.mark.parametrize("city", ["shishi", "helsinki"])
def test_the_manifest_names_files_and_layers_that_exist(city: str) -> None:
    manifest = tomllib.loads((DEMO / city / "demo.toml").read_text(encoding="utf-8"))
    for step in manifest["import"]:
        assert (DEMO / city / step["file"]).is_file()
        assert (ROOT / "layers" / f"{step['layer']}.toml").is_file()
        assert parse_datum(step["datum"])


def synonyms(layer: str) -> set[str]:
    common = tomllib.loads((ROOT / "layers/_fields.toml").read_text(encoding="utf-8"))
    spec = tomllib.loads((ROOT / f"layers/{layer}.toml").read_text(encoding="utf-8"))
    fields = [common[name] for name in spec["fields"]] + spec.get("field", [])
    return {
        word.lower() for field in fields for word in (*field["synonyms"], field.get("name", ""))
    }


def test_every_header_is_a_synonym_of_its_layer_or_a_place() -> None:
    place = {"经度", "纬度", "边界坐标"}
    for name in REGISTERS:
        layer = name.split(".")[0]
        unknown = {h.lower() for h in rows_of(name)[0]} - synonyms(layer) - place
        assert not unknown, name
    headers = {h.lower() for f in features("population.geojson") for h in f["properties"]}
    assert headers <= synonyms("population")


def test_who_may_be_exposed_comes_in_before_what_exposes_them() -> None:
    manifest = tomllib.loads((SHISHI / "demo.toml").read_text(encoding="utf-8"))
    order = [step["layer"] for step in manifest["import"]]
    for layer in ("enterprises", "targets", "population"):
        assert order.index(layer) < order.index("hazard_sources")


def test_makers_and_storers_of_hazardous_chemicals_are_marked_and_users_are_not() -> None:
    marked: dict[str, set[str]] = {"是": set(), "否": set()}
    for row in rows_of("enterprises.xlsx"):
        marked[str(row["危险化学品生产储存企业"])].add(str(row["行业代码"]))
    assert marked["是"] == {"5941", "5942", "2645", "4511"}  # depots, stores, dyestuff, LPG
    assert marked["是"].isdisjoint(marked["否"])
