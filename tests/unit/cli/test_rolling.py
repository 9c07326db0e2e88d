"""geo-risk rollup as people and scripts run it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from geo_risk.cli.rolling import LEVELS
from geo_risk.services.roll_ups import ALL_LEVELS
from tests.unit.cli.conftest import Cli


def test_the_command_knows_every_level() -> None:
    assert set(LEVELS) == set(ALL_LEVELS)


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_as_json(cli: Cli, imported: str, level: str) -> None:
    told = cli.json("rollup", "--level", level, "--method", "density", "--grid", "100")
    assert (told["level"], told["method"]) == (level, "density")
    assert sum(area["graded"] for area in told["areas"]) == 2
    for area in told["areas"]:
        assert area["asked"] == area["values"]["density"]
        assert (area["asked"]["value"] is None) == (level != "grid"), "no outlines here"


def test_people_read_n_of_m_and_the_formula(
    cli: Cli, imported: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = cli.run("rollup", "--level", "city")
    assert "已分级 2/2" in text
    assert "最高等级（就高原则）" in text
    monkeypatch.setenv("GEO_RISK_LANG", "en")
    text = cli.run("rollup", "--level", "grid", "--method", "share")
    assert "1 of 1 graded" in text
    assert "? cells" in text
    assert "No limits can be justified" in text


def test_the_suffix_chooses_the_file(cli: Cli, imported: str, tmp_path: Path) -> None:
    for name in ("cells.csv", "cells.xlsx", "cells.geojson"):
        told = cli.json("rollup", "--level", "grid", "-o", name)
        assert told["file"] == name
        assert (tmp_path / name).stat().st_size
    found = json.loads((tmp_path / "cells.geojson").read_text("utf-8"))["features"]
    assert len(found) == 2
    assert [one["id"] for one in found] == [one["properties"]["id"] for one in found]
    assert all(one["geometry"] for one in found)
    assert cli.error("rollup", "-o", "cells.pdf", code=2)["code"] == "format_unknown"


def test_what_has_no_outline_is_counted_on_the_terminal(
    cli: Cli, imported: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = cli.run("rollup", "--level", "department", "-o", "out.geojson")
    assert "其中 1 个没有图形" in text
    (one,) = json.loads((tmp_path / "out.geojson").read_text("utf-8"))["features"]
    assert (one["id"], one["geometry"]) == ("not_stated", None)
    monkeypatch.setenv("GEO_RISK_LANG", "en")
    assert "1 of them have no geometry" in cli.run(
        "rollup", "--level", "department", "-o", "out.geojson"
    )
    assert "geometry" not in cli.run("rollup", "--level", "department", "-o", "out.csv")


def test_the_asked_methods_own_grade_is_told_beside_the_highest(
    cli: Cli, imported: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One red and one blue: highest red, index (8 + 1) / 2 = 4.5 is red too; by words, not letters.
    assert "红 1 橙 0 黄 0 蓝 1 无数据 0" in cli.run("rollup", "--level", "department")
    text = cli.run("rollup", "--level", "department", "--method", "index")
    assert "最高 ◆ 重大" in text
    assert "index 4.5  ◆ 重大  #1" in text
    rows_ = "R3,示例丙,118.71,24.75,1,3,3\nR4,示例丁,118.72,24.75,1,3,3\n"
    Path("more.csv").write_text("编号,名称,经度,纬度,L,E,C\n" + rows_, "utf-8")
    cli.run("import", "more.csv", "--layer", "risk_points", "--datum", "wgs84")
    text = cli.run("rollup", "--level", "department", "--method", "topk")
    assert "最高 ◆ 重大" in text
    assert "topk 2.75  ▲ 较大  #1" in text
    monkeypatch.setenv("GEO_RISK_LANG", "en")
    text = cli.run("rollup", "--level", "department", "--method", "index")
    assert "highest ◆ Major" in text
    assert "index 2.75  ▲ Considerable  #1" in text
    assert "red 1, orange 0, yellow 0, blue 3, no data 0" in cli.run(
        "rollup", "--level", "department"
    )


def test_as_of_a_moment_before_the_import_there_is_nothing(cli: Cli, imported: str) -> None:
    told = cli.json("rollup", "--level", "city", "--as-of", "2020-01-01")
    assert sum(area["total"] for area in told["areas"]) == 0
    assert cli.error("rollup", "--as-of", "yesterday", code=2)["where"] == "--as-of"


@pytest.mark.parametrize("option", ["--level", "--method", "--grid", "--depth"])
def test_what_does_not_exist_is_a_usage_error_that_names_the_option(cli: Cli, option: str) -> None:
    assert option in cli.error("rollup", option, "none", code=2)["message"]
