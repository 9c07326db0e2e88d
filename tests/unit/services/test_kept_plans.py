"""Plans of the register: made from its layers, kept, listed, handed on and checked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import shapely

from geo_risk.errors import GeoRiskError
from geo_risk.services import (
    kept_plans,
    plan_processes,
    register_plans,
    site_checks,
    site_plans,
    stores,
)
from geo_risk.store import Store, open_store
from tests.web import small_streets
from tests.web.small_streets import STATION

CAMERAS = {"p": 2, "camera": "all-round-50"}
STATIONS = {"purpose": "fire_station", "p": 1, "curve": 2, "crossings": True}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(small_streets.build(tmp_path))
    yield opened
    opened.close()


def _places(plan: dict, **wanted: object) -> list[tuple[float, float]]:
    return [
        tuple(one["geometry"]["coordinates"])
        for one in plan["features"]
        if wanted.items() <= one["properties"].items()
    ]


def test_cameras_are_planned_from_the_layers_beside_those_that_hang(store: Store) -> None:
    key = register_plans.keep_cameras(store, CAMERAS)
    plan = kept_plans.shown(store, key)
    assert plan["chosen"][0] == "existing-C1" and len(plan["chosen"]) == 3
    (listed,) = kept_plans.listed(store)
    assert (listed["id"], listed["new"], listed["existing"]) == (key, 2, 1)
    whole = next(row["of"] for row in plan["in_view"] if row["kind"] == "all" == row["grade"])
    assert listed["share_before"] < listed["share"]
    assert listed["share"] == pytest.approx(plan["objective"] / whole, rel=1e-4)
    assert listed["notice"][0]["en"] == "method demonstration on generated roads"
    assert listed["name"]["zh"] == "视频监控 全市 新增 2 台" and listed["changed_since"] == []


def test_one_town_is_planned_on_its_own_roads_and_points(store: Store) -> None:
    key = register_plans.keep_cameras(store, {**CAMERAS, "town": "灵秀镇"})
    plan = kept_plans.shown(store, key)
    new = _places(plan, kind="camera", status="new")
    west = shapely.box(118.60, 24.70, 118.6501, 24.78)
    assert new and shapely.within(shapely.points(new), west).all()
    points = {row["grade"]: row["of"] for row in plan["in_view"] if row["kind"] == "points"}
    assert points["all"] == 2, "R1 and the vat, not those of the other town"
    assert "existing-C1" not in plan["chosen"]
    assert plan["name"]["en"] == "2 new cameras, 灵秀镇"


def test_stations_arrive_beside_the_one_that_stands(store: Store) -> None:
    key = register_plans.keep_centres(store, STATIONS)
    plan = kept_plans.shown(store, key)
    assert f"facilities/{STATION}" in plan["chosen"] and len(plan["chosen"]) == 2
    points = plan["curve"]["points"]
    assert [one["p"] for one in points] == [0, 1, 2]
    assert [len(one["at"]) for one in points] == [0, 1, 1], "a second reaches nobody more"
    assert points[1]["objective"] == plan["objective"]
    assert plan["status"] == "optimal" and plan["share_before"] < plan["share"]
    assert plan["parameters"]["minutes"] == 5.0
    by_id = {one["properties"].get("id") for one in plan["features"]}
    assert not by_id & {"risk_points/R2"}, "it is reached"


def test_streets_that_only_cross_do_not_meet_unless_asked(store: Store) -> None:
    apart = kept_plans.shown(
        store, register_plans.keep_centres(store, STATIONS | {"crossings": False})
    )
    met = kept_plans.shown(store, register_plans.keep_centres(store, STATIONS))
    assert apart["cover"]["n"] < met["cover"]["n"]


def test_a_kept_plan_is_handed_on_whole_and_passes_its_check(store: Store, tmp_path: Path) -> None:
    for key in (
        register_plans.keep_cameras(store, CAMERAS),
        register_plans.keep_centres(store, STATIONS),
    ):
        path = tmp_path / f"{key}.geojson"
        kept_plans.export(store, key, path)
        plan = site_plans.read_plan(path)
        assert site_checks.check(plan)["ok"]
        assert "inputs" not in kept_plans.shown(store, key)
        assert kept_plans.keep(store, plan) == key, "the same question has the same id"


def test_the_same_question_replaces_and_a_removed_plan_is_gone(store: Store) -> None:
    first = register_plans.keep_centres(store, STATIONS)
    again = register_plans.keep_centres(store, STATIONS)
    other = register_plans.keep_centres(store, STATIONS | {"p": 2})
    assert first == again != other and len(kept_plans.listed(store)) == 2
    kept_plans.remove(store, first)
    assert [one["id"] for one in kept_plans.listed(store)] == [other]
    for ask in (kept_plans.shown, kept_plans.whole, kept_plans.remove):
        with pytest.raises(GeoRiskError) as refused:
            ask(store, first)
        assert refused.value.code == "plan_unknown"


def test_a_plan_says_when_its_layers_have_changed(store: Store, tmp_path: Path) -> None:
    from geo_risk.services import imports

    key = register_plans.keep_centres(store, STATIONS)
    path = tmp_path / "more.csv"
    path.write_text("编号,名称,经度,纬度,L,E,C\nR9,示例,118.66,24.75,1,3,3\n", "utf-8")
    imports.import_file(store, path, "risk_points", "wgs84")
    assert kept_plans.shown(store, key)["changed_since"] == ["risk_points"]


def test_without_risk_points_cameras_look_at_roads_and_stations_reach_every_unit(
    tmp_path: Path,
) -> None:
    opened = open_store(small_streets.build(tmp_path, riskless=True))
    cameras = kept_plans.shown(opened, register_plans.keep_cameras(opened, CAMERAS))
    assert {row["kind"] for row in cameras["in_view"]} == {"roads", "all"}
    stations = kept_plans.shown(opened, register_plans.keep_centres(opened, STATIONS))
    assert stations["cover"]["of"] == 3, "two units and the school"
    opened.close()


def test_a_job_that_was_dismissed_while_it_solved_keeps_no_plan(store: Store) -> None:
    class Dismissed(Exception):
        pass

    class Progress:
        told = 0

        def __call__(self, done: int, total: int, message: object = None) -> None:
            if self.told:
                raise Dismissed

        def stop(self) -> bool:
            self.told += 1
            return True

    asked = {"purpose": "fire_station", "p": 1, "crossings": True, "time_limit": 5.0}
    with pytest.raises(Dismissed):
        plan_processes.run_centres(store, asked, Progress())
    assert kept_plans.listed(store) == []


def test_what_cannot_be_planned_is_said(tmp_path: Path, store: Store) -> None:
    empty = stores.open_store(str(tmp_path / "empty.gpkg"), create=True)
    try:
        with pytest.raises(GeoRiskError) as refused:
            register_plans.keep_cameras(empty, CAMERAS)
        assert (refused.value.code, refused.value.where) == ("layer_empty", "roads")
    finally:
        empty.close()
    with pytest.raises(GeoRiskError) as refused:
        register_plans.keep_cameras(store, {**CAMERAS, "town": "不存在镇"})
    assert refused.value.code == "town_unknown"
    with pytest.raises(GeoRiskError) as refused:
        kept_plans.keep(store, {"subject": "cover", "model": "cover"})
    assert refused.value.code == "plan_not_drawn"
