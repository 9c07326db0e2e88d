"""Siting over HTTP: started, watched, fetched and checked like a plan of the command."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from geo_risk.services import site_checks
from geo_risk.services.site_solvers import SOLVERS, Question
from geo_risk.services.watching import Watch
from geo_risk.siting.solution import Solution
from geo_risk_web import opened
from geo_risk_web.app import create_app
from tests.web import small_park

DEMAND = {
    "id": ["d1", "d2", "d3", "d4"],
    "lon": [118.600, 118.601, 118.620, 118.640],
    "lat": [24.7] * 4,
    "weight": [1, 1, 1, 3],
    "grade": ["red", "orange", "blue", ""],
}
CANDIDATES = {"id": ["c1", "c2", "c3"], "lon": [118.600, 118.620, 118.640], "lat": [24.7] * 3}
COVER = {"model": "cover", "demand": DEMAND, "candidates": CANDIDATES, "radius_m": 800, "p": 1}


@pytest.fixture(scope="module")
def park(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = create_app(small_park.build(tmp_path_factory.mktemp("siting")))
    yield app
    opened.close(app)


@pytest.fixture
def client(park: Flask) -> FlaskClient:
    return park.test_client()


def ended(client: FlaskClient, inputs: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The status of the finished job, and its result."""
    started = client.post("/processes/siting/execution", json={"inputs": inputs})
    assert started.status_code == 201, started.get_json()
    place = started.headers["Location"]
    for _ in range(600):
        told = client.get(place).get_json()
        if told["status"] in ("successful", "failed"):
            break
        time.sleep(0.1)
    return told, client.get(f"{place}/results").get_json(force=True)


def test_a_plan_over_http_is_that_of_the_command_and_can_be_checked(client: FlaskClient) -> None:
    told, plan = ended(client, COVER)
    assert told["status"] == "successful"
    assert (plan["chosen"], plan["objective"], plan["status"]) == (["c1"], 12.0, "optimal")
    assert site_checks.check(plan)["ok"]


def test_a_curve_and_a_median_run_by_the_same_door(client: FlaskClient) -> None:
    _, curve = ended(client, COVER | {"model": "curve", "p_max": 3})
    assert [point["objective"] for point in curve["points"]] == [12.0, 15.0, 16.0]
    told = {"model": "median", "demand": DEMAND, "candidates": CANDIDATES, "p": 3}
    assert ended(client, told)[1]["status"] == "optimal"


def test_the_server_ends_a_job_that_may_take_longer_with_its_best_plan(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    solve = SOLVERS["cover"]

    def endless(question: Question, watch: Watch) -> Solution:
        stop = watch.until()
        while not stop():
            time.sleep(0.01)
        return solve(question, Watch(cancelled=stop))

    monkeypatch.setitem(SOLVERS, "cover", endless)
    monkeypatch.setenv("GEO_RISK_SITING_SECONDS", "1")
    told, plan = ended(client, COVER | {"time_limit": 3600})
    assert told["status"] == "successful"
    assert plan["chosen"] == ["c1"] and plan["bound"] >= plan["objective"]


def test_further_demands_other_plans_and_curves_go_with_a_budget(client: FlaskClient) -> None:
    asked = {name: value for name, value in COVER.items() if name != "p"} | {"budget": 2}
    candidates = CANDIDATES | {"town": ["A", "B", "B"], "capacity": [9, 9, 2]}
    further = {"min_per_town": 1, "k_fold": "red=1", "capacity": True, "plans": 2}
    _, plan = ended(client, asked | {"candidates": candidates} | further)
    assert (plan["chosen"], plan["objective"]) == (["c1", "c3"], 11.0)
    assert site_checks.check(plan)["ok"]
    _, plan = ended(client, asked | {"plans": 2})
    assert [one["chosen"] for one in plan["near_best"]] == [["c1", "c2"], ["c2", "c3"]]
    assert site_checks.check(plan)["ok"]
    _, curve = ended(client, COVER | {"model": "curve", "budget_max": 2, "steps": 2})
    told = [(at["budget"], at["objective"]) for at in curve["points"]]
    assert told == [(1.0, 12.0), (2.0, 15.0)]


def test_demand_may_be_a_layer_of_the_store(client: FlaskClient) -> None:
    asked = {"model": "cover", "demand_layer": "enterprises", "candidate_layer": "risk_points"}
    told, plan = ended(client, asked | {"radius_m": 1000, "p": 1})
    assert told["status"] == "successful", told
    assert len(plan["chosen"]) == 1 and plan["cover"]["of"] == 10


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"demand": DEMAND | {"grade": ["紫"] * 4}}, "grade_unknown"),
        ({"demand": DEMAND | {"lat": [24.7]}}, "lengths_differ"),
        ({"radius_m": 0.0}, "radius_invalid"),
        ({"demand_layer": "nothing", "demand": None}, "layer_unknown"),
        ({"k_fold": "red=1,blue=1"}, "demands_conflict"),
        ({"model": "center", "plans": 2}, "options_contradict"),
        ({"model": "curve"}, "limit_invalid"),
        ({"model": "curve", "p_max": 2, "budget_max": 2}, "limit_invalid"),
    ],
)
def test_what_cannot_be_solved_fails_in_words(
    client: FlaskClient, change: dict[str, Any], code: str
) -> None:
    asked = {name: value for name, value in (COVER | change).items() if value is not None}
    told, result = ended(client, asked)
    assert told["status"] == "failed" and result["code"] == code


@pytest.mark.parametrize(
    "change",
    [
        {"model": "magic"},
        {"radius_m": "800"},
        {"p": -1},
        {"demand": DEMAND | {"colour": ["red"]}},
        {"demand": DEMAND | {"lon": ["118.6"]}},
        {"colour": "red"},
    ],
)
def test_inputs_of_another_kind_are_refused_at_once(
    client: FlaskClient, change: dict[str, Any]
) -> None:
    answer = client.post("/processes/siting/execution", json={"inputs": COVER | change})
    assert answer.status_code == 400 and answer.get_json(force=True)["where"]


def test_budgets_and_other_plans_are_inputs_as_they_are_options(client: FlaskClient) -> None:
    _, curve = ended(client, {**COVER, "model": "curve", "budget_max": 2, "steps": 2})
    assert [(one["budget"], one["objective"]) for one in curve["points"]] == [(1, 12), (2, 15)]
    _, plan = ended(client, {**COVER, "plans": 1})
    assert [one["objective"] for one in plan["near_best"]] == [3.0]
    told, _ = ended(client, {**COVER, "model": "curve"})
    assert told["status"] == "failed" and told["problem"]["code"] == "limit_invalid"
