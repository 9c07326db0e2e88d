"""geo-risk site centres, as people and scripts run it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Cli
from tests.unit.services.centre_street import Street, place_row, write_street


@pytest.fixture
def street(tmp_path: Path) -> Street:
    return Street(tmp_path)


def test_json_tells_the_plan_and_the_file_holds_all_of_it(cli: Cli, street: Street) -> None:
    found = cli.json(*street.arguments("--p", 2, "-o", "plan.geojson"))
    assert set(found) >= {"chosen", "objective", "bound", "gap", "status", "seconds", "seed"}
    assert (found["chosen"], found["status"], found["gap"]) == (["c1", "c5"], "optimal", 0.0)
    assert "inputs" not in found and "features" not in found
    written = json.loads(Path("plan.geojson").read_text("utf-8"))
    assert written["type"] == "FeatureCollection"
    assert {one["properties"]["role"] for one in written["features"]} == {
        *("site", "area", "demand_not_reached"),
    }
    assert found == {name: written[name] for name in found}
    checked = cli.json("site", "check", "plan.geojson")
    assert checked["ok"]


def test_people_read_cover_proof_loss_and_clauses(cli: Cli, street: Street) -> None:
    write_street(street.roads, synthetic=True)
    hazards = street.rows("h.csv", "id,lon,lat", place_row("H", 3.1))
    closures = street.rows("closed.csv", "id", "R4")
    text = cli.run(
        *street.arguments("--p", 2, "--curve", 2, "--hazards", hazards),
        *("--closures", closures, "--turnout", 0.5, "-o", "plan.geojson"),
    )
    assert text.startswith("在生成路网上的方法演示\n")
    for part in (
        *(
            "6 / 7 (85 %)，已证明最优",
            "p = 2: 85 %",
            "c5 [new] 最近 3 个",
            "失去任一站的最坏情况：c1，3",
        ),
        *("1 个候选点被排除", "1 个因封路不能按时到达", "到达辖区边缘 ≤ 5 min", "plan.geojson"),
    ):
        assert part in text, text


def test_english_words_and_the_fewest(
    cli: Cli, street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEO_RISK_LANG", "en")
    text = cli.run(*street.arguments("--cover", 0.95))
    assert "3 new sites, proved the fewest" in text
    assert "7 / 7 (100 %), proved optimal" in text
    assert "Worst loss of any one: c1, 2 (28 %) no longer in time" in text


def test_roads_that_do_not_meet_are_told(cli: Cli, street: Street) -> None:
    rows = json.loads(street.roads.read_text("utf-8"))
    rows["features"][3]["geometry"]["coordinates"][0][1] = 0.001
    street.roads.write_text(json.dumps(rows), "utf-8")
    assert "--crossings" in cli.run(*street.arguments("--p", 2))


def test_candidates_along_the_roads(cli: Cli, street: Street) -> None:
    arguments = list(street.arguments("--p", 1, "--spacing", 1200))
    arguments[arguments.index(street.candidates)] = "auto"
    found = cli.json(*arguments)
    assert found["parameters"]["spacing_m"] == 1200
    assert found["objective"] == 3.0


def test_errors_have_codes_and_exits(cli: Cli, street: Street) -> None:
    assert cli.error(*street.arguments(), code=2)["code"] == "options_contradict"
    found = cli.error(*street.arguments("--p", 1, "-o", "plan.csv"), code=2)
    assert found["code"] == "format_unknown"
    street.rows("demand.csv", "id,lon,lat", place_row("x", 3, 1))
    found = cli.error(*street.arguments("--p", 1), code=4)
    assert (found["code"], found["where"]) == ("reached_none", "x")
    street.roads.write_text("{", "utf-8")
    assert cli.error(*street.arguments("--p", 1), code=1)["code"]


def test_help_has_an_example(cli: Cli, street: Street) -> None:
    assert "geo-risk site centres --roads" in cli.run("site", "centres", "--help")
