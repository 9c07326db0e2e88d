"""`geo-risk plans`: one command makes a plan of the register and keeps it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Cli
from tests.web import small_streets


@pytest.fixture
def db(tmp_path: Path) -> list[str]:
    return ["--db", small_streets.build(tmp_path)]


def test_a_plan_is_made_listed_shown_exported_checked_and_removed(cli: Cli, db: list[str]) -> None:
    made = cli.json("plans", "centres", *db, "--p", 1, "--crossings", "--curve", 2)
    assert made["status"] == "optimal" and made["new"] == 1 and made["has_curve"]
    listed = cli.json("plans", "list", *db)
    assert listed == {"n": 1, "plans": [made]}
    shown = cli.json("plans", "show", made["id"], *db)
    assert len(shown["curve"]["points"]) == 3
    cli.run("plans", "export", made["id"], "方案.geojson", *db)
    assert cli.json("site", "check", "方案.geojson")["ok"]
    assert cli.json("plans", "remove", made["id"], *db) == {"removed": made["id"]}
    assert "geo-risk plans cameras" in cli.run("plans", "list", *db)
    assert cli.error("plans", "show", made["id"], *db, code=1)["code"] == "plan_unknown"


def test_cameras_say_the_share_the_proof_and_that_the_roads_are_generated(
    cli: Cli, db: list[str]
) -> None:
    said = cli.run("plans", "cameras", *db, "--p", 1, "--camera", "all-round-50")
    assert "视频监控 全市 新增 1 台" in said and "→" in said
    assert "在生成路网上的方法演示" in said


def test_least_shares_that_no_plan_meets_are_told_and_nothing_is_kept(
    cli: Cli, db: list[str]
) -> None:
    asked = ("--p", 0, "--curve", 0, "--min-grade-share", "no_data=1")
    error = cli.error("plans", "cameras", *db, *asked, code=4)
    assert error["code"] == "share_impossible"
    assert cli.json("plans", "list", *db)["n"] == 0


def test_a_plan_of_files_is_kept_beside_those_of_the_register(
    cli: Cli, db: list[str], tmp_path: Path
) -> None:
    made = cli.json("plans", "centres", *db, "--p", 1, "--crossings")
    cli.run("plans", "export", made["id"], "方案.geojson", *db)
    cli.run("plans", "remove", made["id"], *db)
    kept = cli.json("plans", "keep", "方案.geojson", *db)
    assert (kept["id"], kept["objective"]) == (made["id"], made["objective"])
    assert kept["name"]["en"] == "Centres, 1 new"


def test_an_empty_register_is_told_what_to_import(cli: Cli, tmp_path: Path) -> None:
    from geo_risk.services import stores

    empty = str(tmp_path / "empty.gpkg")
    stores.open_store(empty, create=True).close()
    error = cli.error("plans", "centres", "--db", empty, code=2)
    assert (error["code"], error["where"]) == ("layer_empty", "roads")
