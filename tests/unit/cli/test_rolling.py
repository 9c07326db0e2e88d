"""geo-risk rollup as people and scripts run it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from geo_risk.cli.rolling import LEVELS
from geo_risk.services.roll_ups import ALL_LEVELS
from tests.unit.cli.test_contract import Cli, cli, imported, rows

__all__ = ["cli", "imported", "rows"]


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
    assert len(json.loads((tmp_path / "cells.geojson").read_text("utf-8"))["features"]) == 2
    assert cli.error("rollup", "-o", "cells.pdf", code=2)["code"] == "format_unknown"


def test_as_of_a_moment_before_the_import_there_is_nothing(cli: Cli, imported: str) -> None:
    told = cli.json("rollup", "--level", "city", "--as-of", "2020-01-01")
    assert sum(area["total"] for area in told["areas"]) == 0
    assert cli.error("rollup", "--as-of", "yesterday", code=2)["where"] == "--as-of"


@pytest.mark.parametrize("option", ["--level", "--method", "--grid", "--depth"])
def test_what_does_not_exist_is_a_usage_error_that_names_the_option(cli: Cli, option: str) -> None:
    assert option in cli.error("rollup", option, "none", code=2)["message"]
