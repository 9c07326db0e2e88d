"""`geo-risk review`: list, place and dismiss as a clerk types them, and as a script reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Cli

ROWS = "编号,名称,地址,经度,纬度,L,E,C\nR1,示例甲,无此地1号,,,10,6,40\nR2,示例乙,,,,1,3,3\n"


@pytest.fixture
def cli(cli: Cli, tmp_path: Path) -> Cli:
    path = tmp_path / "风险点.csv"
    path.write_text(ROWS, "utf-8")
    cli.run("import", path, "--layer", "risk_points", "--datum", "wgs84", code=3)
    return cli


def test_the_list_is_for_people_and_for_scripts(cli: Cli) -> None:
    body = cli.json("review", "list")
    assert [(e["number"], e["row"], e["name"], e["state"]) for e in body["review"]] == [
        (1, 2, "示例甲", "open"),
        (2, 3, "示例乙", "open"),
    ]
    text = cli.run("review", "list")
    assert text.startswith("1  风险点  示例甲  无此地1号  (风险点.csv 第 2 行)")
    assert "geo-risk review place 1" in cli.err, "it says how to go on"
    assert cli.json("review", "list", "--layer", "cameras") == {"review": []}


def test_placing_and_undoing(cli: Cli) -> None:
    at = ("--lon", 118.65, "--lat", 24.73)
    error = cli.json("review", "place", 1, *at, code=2)["error"]
    assert error["code"] == "datum_missing"
    told = cli.json("review", "place", 1, *at, "--datum", "wgs84", "--uncertainty-m", 50)
    assert (told["id"], told["grade"], told["uncertainty_m"]) == ("R1", "red", 50)
    assert [e["number"] for e in cli.json("review", "list")["review"]] == [2]
    assert cli.json("review", "place", 1, *at, code=1)["error"]["got"] == told["batch"]
    batches = cli.json("batches")["batches"]
    assert batches[-1]["kind"] == "review"
    cli.run("undo", told["batch"])
    assert [e["number"] for e in cli.json("review", "list")["review"]] == [1, 2]
    assert "R1" in cli.run("review", "place", 1, *at, "--datum", "gcj02")


def test_dismissing_several_needs_a_reason(cli: Cli) -> None:
    assert cli.json("review", "dismiss", 1, 2, code=2)["error"]["code"] == "reason_missing"
    told = cli.json("review", "dismiss", 1, 2, "--reason", "已注销")
    assert told["dismissed"] == [1, 2]
    text = cli.run("review", "list", "--state", "dismissed")
    assert "不予收录: 已注销  local" in text
    assert told["batch"] in text
    assert cli.json("review", "list", "--state", "gone", code=2)["error"]["code"] == "state_unknown"


@pytest.mark.parametrize("command", ["list", "place", "dismiss"])
def test_each_helps_with_an_example(cli: Cli, command: str) -> None:
    assert f"geo-risk review {command}" in cli.run("review", command, "--help").partition("\n")[2]
