"""Plans over HTTP: made as jobs from the register, listed, shown, downloaded, and every refusal."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from geo_risk.services import site_checks
from geo_risk_web import opened
from geo_risk_web.app import create_app
from tests.web import small_streets

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture(scope="module")
def streets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = create_app(small_streets.build(tmp_path_factory.mktemp("plans")))
    yield app
    opened.close(app)


@pytest.fixture
def client(streets: Flask) -> FlaskClient:
    return streets.test_client()


def ended(client: FlaskClient, process: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """The result of a job, or the problem it ended with."""
    started = client.post(f"/processes/{process}/execution", json={"inputs": inputs})
    assert started.status_code == 201, started.get_json()
    place = started.headers["Location"]
    for _ in range(600):
        if client.get(place).get_json()["status"] in ("successful", "failed"):
            break
        time.sleep(0.1)
    return client.get(f"{place}/results").get_json(force=True)


def test_a_job_makes_a_plan_that_is_listed_shown_and_checked(client: FlaskClient) -> None:
    made = ended(client, "centre-plan", {"p": 1, "crossings": True, "curve": 2})
    listed = client.get("/plans").get_json()
    assert made in listed["plans"] and listed["numberMatched"] == len(listed["plans"])
    shown = client.get(f"/plans/{made['id']}")
    assert shown.mimetype == "application/geo+json"
    plan = shown.get_json(force=True)
    assert plan["type"] == "FeatureCollection" and "inputs" not in plan
    file = client.get(f"/plans/{made['id']}.geojson")
    assert made["id"] in file.headers["Content-Disposition"]
    assert site_checks.check(json.loads(file.data))["ok"]


def test_cameras_are_planned_for_a_town(client: FlaskClient) -> None:
    made = ended(client, "camera-plan", {"p": 1, "town": "宝盖镇", "camera": "all-round-50"})
    assert (made["subject"], made["new"], made["existing"]) == ("cameras", 1, 1)


def test_browsers_are_led_to_the_map(client: FlaskClient) -> None:
    made = ended(client, "centre-plan", {"p": 1, "crossings": True, "curve": 2})
    answer = client.get(f"/plans/{made['id']}?lang=en", headers=BROWSER)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/?lang=en#plan={made['id']}")
    assert client.get("/plans", headers=BROWSER).headers["Location"] == "/#plans=all"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/plans/nothing", 404, "plan_unknown"),
        ("/plans/a%20b", 404, "plan_unknown"),
        ("/plans/nothing.geojson", 404, "plan_unknown"),
        ("/plans/nothing.exe", 404, "format_unknown"),
        ("/plans?town=1", 400, "parameter_unknown"),
        ("/plans?limit=0", 400, "parameter_invalid"),
    ],
)
def test_what_is_refused(client: FlaskClient, path: str, status: int, code: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.get_json(force=True)["code"]) == (status, code)


@pytest.mark.parametrize(
    ("process", "inputs", "code"),
    [
        ("camera-plan", {"camera": "/etc/passwd.toml"}, "input_invalid"),
        ("camera-plan", {"p": -1}, "input_invalid"),
        ("camera-plan", {"time_limit": 1e9}, "input_invalid"),
        ("centre-plan", {"purpose": "palace"}, "input_invalid"),
        ("centre-plan", {"roads": "/etc/passwd"}, "input_unknown"),
    ],
)
def test_inputs_that_are_refused(
    client: FlaskClient, process: str, inputs: dict[str, Any], code: str
) -> None:
    answer = client.post(f"/processes/{process}/execution", json={"inputs": inputs})
    assert (answer.status_code, answer.get_json(force=True)["code"]) == (400, code)


def test_a_town_that_does_not_exist_fails_in_words(client: FlaskClient) -> None:
    problem = ended(client, "camera-plan", {"town": "不存在镇"})
    assert problem["code"] == "town_unknown"
