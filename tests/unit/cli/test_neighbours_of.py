"""geo-risk neighbours of, as people and scripts run it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Cli


def test_the_neighbours_as_json(cli: Cli, imported: str) -> None:
    told = cli.json("neighbours", "of", "risk_points", "R1", "--radius", 10_000)
    (one,) = told["neighbours"]
    assert (told["layer"], told["id"], told["radius_m"], told["n"]) == (
        *("risk_points", "R1"),
        *(10_000, 1),
    )
    assert (one["id"], one["name"], one["grade"]) == ("R2", "示例乙", "blue")
    assert one["distance_m"] == pytest.approx(5_523, abs=3)
    assert (
        cli.json("neighbours", "of", "risk_points", "R2", "--k", 5)["neighbours"][0]["grade"]
        == "red"
    )
    told = cli.json("neighbours", "of", "risk_points", "R1")
    assert (told["radius_m"], told["n"], told["neighbours"]) == (500, 0, [])


def test_people_read_distance_grade_and_name(
    cli: Cli, imported: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = cli.run("neighbours", "of", "risk_points", "R2", "--k", 1)
    assert "示例甲" in text
    assert "◆ 重大" in text
    assert "共 1 个" in text
    monkeypatch.setenv("GEO_RISK_LANG", "en")
    assert "0 in all" in cli.run("neighbours", "of", "risk_points", "R2")


def test_a_name_that_drives_terminals_is_shown_harmless(cli: Cli, tmp_path: Path) -> None:
    rows = tmp_path / "evil.csv"
    evil = "R9,恶\u202e意{{7*7}}<b>,118.65,24.73,10,6,40\nR1,示例,118.65,24.73,1,3,3\n"
    rows.write_text("编号,名称,经度,纬度,L,E,C\n" + evil, "utf-8")
    cli.run("import", rows, "--layer", "risk_points", "--datum", "wgs84")
    text = cli.run("neighbours", "of", "risk_points", "R1", "--k", 1)
    assert "\u202e" not in text
    assert "{{7*7}}<b>" in text


@pytest.mark.parametrize(
    ("options", "where"),
    [
        (("--radius", 500, "--k", 3), "--radius, --k"),
        (("--radius", 0.5), "--radius"),
        (("--radius", 50_001), "--radius"),
        (("--radius", "nan"), "--radius"),
        (("--radius", "inf"), "--radius"),
        (("--k", 0), "--k"),
        (("--k", 1_001), "--k"),
    ],
    ids=str,
)
def test_bounds_are_a_usage_error(cli: Cli, imported: str, options: tuple, where: str) -> None:
    assert cli.error("neighbours", "of", "risk_points", "R1", *options, code=2)["where"] == where


def test_what_is_not_there_is_an_error(cli: Cli, imported: str) -> None:
    assert cli.error("neighbours", "of", "risk_points", "R7", code=1)["got"] == "R7"
    assert cli.error("neighbours", "of", "planets", "R1", code=1)["code"]
    assert (
        "far" in cli.error("neighbours", "of", "risk_points", "R1", "--k", "far", code=2)["message"]
    )


def test_the_help_has_an_example(cli: Cli) -> None:
    text = cli.run("neighbours", "of", "--help")
    assert "  geo-risk neighbours of enterprises" in text
    assert "--json" in text
    assert "--db" in text
