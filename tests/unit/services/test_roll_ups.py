"""Roll-ups of a real store: every level adds up to the city, and nothing is hidden."""

from __future__ import annotations

import csv
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import shapely

from geo_risk.datums import geodesic_area_m2
from geo_risk.errors import UsageError
from geo_risk.services import direct_judgement, grading, imports, roll_up_files, roll_ups
from geo_risk.store import Query, Store, open_store
from geo_risk.vocabulary import SEVERITY, Grade
from tests.store.records import put, record
from tests.unit.services.conftest import Demo

GRIDS = ("100", "250", "500", "h3")
CASES = [(level, "250") for level in roll_ups.ALL_LEVELS] + [("grid", name) for name in GRIDS]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A small store without a city, made by hand."""
    made = open_store(str(tmp_path / "own.gpkg"), create=True)
    yield made
    made.close()


def _sums(told: dict[str, Any]) -> dict[str, int]:
    added: Counter[str] = Counter()
    for area in told["areas"]:
        added.update(area["counts"])
        assert area["total"] == sum(area["counts"].values())
        assert area["graded"] == area["total"] - area["counts"]["no_data"]
    return dict(added)


def _by_id(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {area["id"]: area for area in told["areas"]}


@pytest.mark.parametrize(("level", "grid"), CASES)
def test_every_level_adds_up_to_the_city(shishi: Demo, level: str, grid: str) -> None:
    city = roll_ups.rollup(shishi.store, "city")["areas"][0]
    told = roll_ups.rollup(shishi.store, level, grid=grid)
    assert _sums(told) == city["counts"]
    worst = max((Grade(area["grade"]) for area in told["areas"]), key=SEVERITY.__getitem__)
    assert worst == city["grade"]
    for area in told["areas"]:
        assert set(area["values"]) == {"max", "index", "topk", "share", "density"}
        assert area["values"]["max"]["grade"] == area["grade"] == area["asked"]["grade"]
        assert area["values"]["index"]["grade"] == area["fill"]
        for value in area["values"].values():
            assert (value["value"] is None) == (value["reason"] is not None)


def test_what_a_roll_up_told_before_it_still_tells(shishi: Demo) -> None:
    told = roll_ups.rollup(shishi.store, "town")
    assert {"level", "layer", "index", "title", "formula", "starts", "areas"} <= set(told)
    keys = {"id", "name", "grade", "fill", "index", "counts", "graded", "total"}
    assert all(keys <= set(area) for area in told["areas"])
    json.dumps(told, allow_nan=False)


def test_the_method_asked_stands_beside_the_highest_grade(shishi: Demo) -> None:
    told = roll_ups.rollup(shishi.store, "town", method="topk")
    assert told["method"] == "topk"
    assert told["methods"]["topk"]["parameters"]["k"] == 5
    assert told["methods"]["topk"]["thresholds"]["red"] == 4.5
    assert told["methods"]["density"]["thresholds"] is None
    for method in told["methods"].values():
        assert all([*method["title"].values(), *method["formula"].values(), method["clause"]])
    for area in told["areas"]:
        assert area["asked"] == area["values"]["topk"]
        assert area["grade"] == area["values"]["max"]["grade"]


def test_a_density_is_the_weights_by_the_geodesic_area(shishi: Demo) -> None:
    area = _by_id(roll_ups.rollup(shishi.store, "town"))["350581104"]
    row = shishi.store.feature("towns", area["id"])
    assert row is not None
    km2 = geodesic_area_m2(shapely.from_wkb(row["geom"])) / 1e6
    weight = sum(w * area["counts"][g] for g, w in zip(
        ("red", "orange", "yellow", "blue"), (8, 4, 2, 1), strict=True))  # fmt: skip
    assert area["values"]["density"]["value"] == pytest.approx(weight / km2, rel=1e-6)
    share = area["values"]["share"]
    assert 0 < share["value"] < share["red_orange"] < 1
    most = area["counts"]["red"] * 10_000 * 1.01 / (km2 * 1e6)
    assert share["value"] <= most


def test_a_village_of_unknown_outline_and_a_department_have_no_density(shishi: Demo) -> None:
    for level, code in (("village", "outline_unknown"), ("department", "no_ground")):
        for area in roll_ups.rollup(shishi.store, level)["areas"]:
            density = area["values"]["density"]
            assert density["value"] is None
            assert density["reason"]["code"] in (code, "nothing_graded")
            assert density["reason"]["zh"]


@pytest.mark.parametrize("name", GRIDS)
def test_cells_hold_their_items_and_the_empty_ones_are_counted(shishi: Demo, name: str) -> None:
    told = roll_ups.rollup(shishi.store, "grid", grid=name)
    assert (told["grid"], told["epsg"]) == (name, 32650)
    assert told["cells"] - told["empty"] == len(told["areas"])
    cells = _by_id(told)
    polygons = {key: shapely.Polygon(cell["polygon"]) for key, cell in cells.items()}
    red = list(shishi.store.features(Query("risk_points", grades=("red",))))
    for row in red:
        held = [k for k, p in polygons.items() if p.covers(shapely.from_wkb(row["geom"]))]
        assert held
        assert "red" in {cells[key]["grade"] for key in held}
    every = roll_ups.rollup(shishi.store, "grid", grid=name, empty=True)
    assert len(every["areas"]) == told["cells"]
    none = [area for area in every["areas"] if not area["total"]]
    assert len(none) == told["empty"]
    assert {area["grade"] for area in none} == {"no_data"}
    assert _sums(every) == _sums(told)


def test_industries_by_section_are_the_sums_of_their_divisions(shishi: Demo) -> None:
    divisions = roll_ups.rollup(shishi.store, "industry")
    sections = _by_id(roll_ups.rollup(shishi.store, "industry", depth="section"))
    assert divisions["depth"] == "division"
    assert _by_id(divisions)["18"]["label"] == {"zh": "18 制造业", "en": "18 Manufacturing"}
    made = [area for area in divisions["areas"] if area["name"].endswith("制造业")]
    assert sum(area["total"] for area in made) == sections["C"]["total"] > 0
    assert sections["C"]["name"] == "C 制造业"


def _messy(store: Store) -> None:
    """Enterprises and risk points with gaps, an unknown code, and a department named in markup."""
    put(
        store,
        record("E1", industry="1819", town="350581001", department="应急"),
        record("E2", industry="服装"),
        record("E3"),
        layer="enterprises",
    )
    put(store, record("350581001", None, name="湖滨街道"), layer="towns")
    put(
        store,
        record("P1", grade="blue", enterprise_id="E1", town="350581001", department="应急"),
        record("P2", grade="red", enterprise_id="E2", town="999999999", department="<b>=1+1"),
        record("P3", grade="yellow", enterprise_id="E3", department="  "),
        record("P4", None, grade="orange", enterprise_id="gone"),
        record("P5", 118.66),
    )


def test_what_is_not_stated_or_not_known_is_a_row_of_its_own(store: Store) -> None:
    _messy(store)
    city = roll_ups.rollup(store, "city")
    assert [(area["id"], area["total"]) for area in city["areas"]] == [("city", 5)]
    for level, expected in {
        "town": {"350581001": 1, "not_stated": 3, "not_listed": 1},
        "enterprise": {"E1": 1, "E2": 1, "E3": 1, "not_stated": 1, "not_listed": 1},
        "industry": {"18": 1, "not_stated": 3, "not_listed": 1},
        "department": {"<b>=1+1": 1, "应急": 1, "not_stated": 3},
        "village": {"not_stated": 5},
    }.items():
        told = roll_ups.rollup(store, level)
        assert {area["id"]: area["total"] for area in told["areas"]} == expected, level
        assert _sums(told) == city["areas"][0]["counts"], level
        extra = [area for area in told["areas"] if area["id"] == "not_stated"]
        assert all(area["label"] == {"zh": "未填写", "en": "Not stated"} for area in extra)


def test_items_without_a_position_are_a_row_of_the_grid(store: Store) -> None:
    _messy(store)
    told = roll_ups.rollup(store, "grid", grid="100")
    assert (told["cells"], told["empty"]) == (None, None), "no city, so nobody knows how many"
    *held, lost = told["areas"]
    assert (lost["id"], lost["grade"], lost["polygon"]) == ("no_position", "orange", None)
    assert sum(area["total"] for area in held) == 4
    assert lost["values"]["density"]["reason"]["code"] == "outline_unknown"


@pytest.mark.parametrize("level", roll_ups.ALL_LEVELS)
def test_an_empty_store_rolls_up_to_nothing(store: Store, level: str) -> None:
    told = roll_ups.rollup(store, level, empty=True)
    assert all(area["grade"] == "no_data" and not area["total"] for area in told["areas"])


def test_red_items_of_a_town_without_positions_are_no_share_of_zero(store: Store) -> None:
    square = shapely.to_wkb(shapely.box(118.6, 24.7, 118.7, 24.8))
    put(store, {**record("350581001"), "geom": square}, layer="towns")
    put(store, record("P1", None, grade="red", town="350581001"))
    share = roll_ups.rollup(store, "town")["areas"][0]["values"]["share"]
    assert (share["value"], share["reason"]["code"]) == (None, "not_placed")
    put(store, record("P2", grade="red", town="350581001"))
    share = roll_ups.rollup(store, "town")["areas"][0]["values"]["share"]
    assert share["value"] > 0
    assert share["unplaced"] == 1


@pytest.mark.parametrize("level", ["industry", "department", "grid", "town"])
def test_as_of_a_moment_every_level_is_what_it_was(own_shishi: Store, level: str) -> None:
    before = roll_ups.rollup(own_shishi, level)
    batches = imports.batches(own_shishi)
    moment = max(row["at"] for row in batches)
    time.sleep(0.005)
    imports.undo(own_shishi, next(b["id"] for b in batches if b["layer"] == "risk_points"))
    assert roll_ups.rollup(own_shishi, level)["areas"] != before["areas"]
    assert roll_ups.rollup(own_shishi, level, as_of=moment) == before


def test_an_enterprise_judged_directly_counts_as_one_more_item_everywhere(
    own_shishi: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    calm = next(own_shishi.features(Query("enterprises", grades=("no_data",), limit=1)))
    before = roll_ups.rollup(own_shishi, "city")["areas"][0]
    judged = [(calm["id"], calm["village"], calm["town"], "red")]
    monkeypatch.setattr(direct_judgement, "directly_judged", lambda *_: judged)
    for level in roll_ups.ALL_LEVELS:
        told = roll_ups.rollup(own_shishi, level)
        assert sum(area["direct"] for area in told["areas"]) == 1, level
        counts = _sums(told)
        assert counts == before["counts"] | {"red": before["counts"]["red"] + 1}, level
        (holder,) = [area for area in told["areas"] if area["direct"]]
        assert holder["grade"] == "red", level
    department = next(a for a in roll_ups.rollup(own_shishi, "department")["areas"] if a["direct"])
    assert department["id"] == calm["department"]
    grading.grade(own_shishi)
    stored = own_shishi.feature("enterprises", calm["id"])
    assert stored is not None
    assert stored["grade"] == "red"
    assert "直接判定" in json.loads(stored["reasons"])[0]["zh"]


@pytest.mark.parametrize("name", ["level", "method", "grid", "depth"])
def test_what_does_not_exist_is_refused_with_what_does(shishi: Demo, name: str) -> None:
    asked = {"level": "town"} | {name: "none"}
    with pytest.raises(UsageError) as error:
        roll_ups.rollup(shishi.store, **asked)  # type: ignore[arg-type]
    assert error.value.code == f"{name}_unknown"
    assert error.value.where == name
    assert error.value.fix["zh"]


def test_a_table_has_each_method_in_columns_of_its_own(shishi: Demo, tmp_path: Path) -> None:
    told = roll_up_files.save(shishi.store, tmp_path / "towns.csv", "town", "zh")
    with (tmp_path / "towns.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["名称"] for row in rows] == [area["name"] for area in told["areas"]]
    first, area = rows[0], told["areas"][0]
    assert (first["最高等级"], first["已分级"], first["总数"]) == ("较大", "38", "38")
    assert float(first["加权指数"]) == area["values"]["index"]["value"]
    assert float(first["每平方千米风险权重"]) == area["values"]["density"]["value"]
    assert rows[-1]["没有数值的原因"] == "没有已分级的"
    roll_up_files.save(shishi.store, tmp_path / "towns.xlsx", "town", "en")
    book = openpyxl.load_workbook(tmp_path / "towns.xlsx")
    assert [cell.value for cell in book["数据"][2]][:3] == ["350581001", "湖滨街道", "Considerable"]
    *formulas, notice = [[cell.value for cell in row] for row in book["说明"]]
    assert [row[1] for row in formulas] == [m["formula"]["en"] for m in told["methods"].values()]
    assert "synthetic" in notice[0]


def test_a_department_named_like_a_formula_stays_words(store: Store, tmp_path: Path) -> None:
    put(store, record("P1", grade="red", department="=1+1"))
    roll_up_files.save(store, tmp_path / "d.csv", "department")
    assert "'=1+1" in (tmp_path / "d.csv").read_text("utf-8-sig")


@pytest.mark.parametrize(("level", "kind"), [("town", "MultiPolygon"), ("grid", "Polygon")])
def test_geojson_has_the_outlines(shishi: Demo, tmp_path: Path, level: str, kind: str) -> None:
    told = roll_up_files.save(shishi.store, tmp_path / "a.geojson", level)
    features = json.loads((tmp_path / "a.geojson").read_text("utf-8"))["features"]
    assert len(features) == len(told["areas"])
    for feature, area in zip(features, told["areas"], strict=True):
        held = feature["properties"]
        assert (held["id"], held["grade"], held["red"]) == (
            area["id"], area["grade"], area["counts"]["red"],
        )  # fmt: skip
        assert held["share"] == area["values"]["share"]["value"]
    kinds = {f["geometry"]["type"] for f in features if f["geometry"]}
    assert kinds <= {kind, "Polygon"}
    assert kinds


@pytest.mark.postgis
def test_postgis_rolls_up_to_the_same(store: Store, postgis_url: str) -> None:
    _messy(store)
    other = open_store(postgis_url, create=True)
    try:
        _messy(other)
        moment = "2100-01-01T00:00:00.000Z"
        for level in roll_ups.ALL_LEVELS:
            ours = roll_ups.rollup(store, level)
            assert roll_ups.rollup(other, level) == ours
            assert roll_ups.rollup(other, level, as_of=moment) == ours
    finally:
        other.close()
