"""Processes and jobs over HTTP: start, watch, fetch, dismiss, and every refusal."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from geo_risk.errors import Text
from geo_risk.jobs import Progress
from geo_risk.jobs import queue as queue_module
from geo_risk.services import processes
from geo_risk.services.process_inputs import Input
from geo_risk.store import Store
from geo_risk_web import opened
from geo_risk_web.app import create_app
from tests.web import small_park

EXECUTION = "/processes/groups/execution"
ENOUGH_S = 30.0


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> str:
    return small_park.build(tmp_path_factory.mktemp("park"), grouped=False)


@pytest.fixture
def park(target: str) -> Iterator[Flask]:
    app = create_app(target)
    yield app
    opened.close(app)


@pytest.fixture
def client(park: Flask) -> FlaskClient:
    return park.test_client()


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A process `wait` that goes on until it is let go or cancelled."""
    let_go = threading.Event()

    def run(_store: Store, inputs: dict[str, Any], progress: Progress) -> Mapping[str, Any]:
        while not let_go.wait(0.01):
            progress(1, 4, Text("等", "waiting on"))
        return {"said": inputs["say"]}

    text = Text("等待", "Wait")
    said = {"say": Input(text, {"type": "string", "default": ""})}
    process = processes.Process("wait", text, text, lambda: said, said, run)
    monkeypatch.setattr(processes, "_PROCESSES", (*processes.processes(), process))
    yield let_go
    let_go.set()


def start(client: FlaskClient, process: str, **inputs: Any) -> str:
    answer = client.post(f"/processes/{process}/execution", json={"inputs": inputs})
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


def wait_for(client: FlaskClient, place: str, *states: str) -> dict[str, Any]:
    until = time.monotonic() + ENOUGH_S
    while (told := client.get(place).get_json())["status"] not in states:
        assert time.monotonic() < until, told
        time.sleep(0.01)
    return dict(told)


def refused(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    body = json.loads(answer.data)
    assert (body["status"], body["code"]) == (status, code)
    assert body["title"]
    return dict(body)


def test_processes_are_listed_and_described(client: FlaskClient) -> None:
    landing = {link["rel"]: link["href"] for link in client.get("/?f=json").get_json()["links"]}
    listed = client.get(landing["http://www.opengis.net/def/rel/ogc/1.0/processes"]).get_json()
    groups = next(one for one in listed["processes"] if one["id"] == "groups")
    assert groups["jobControlOptions"] == ["async-execute", "dismiss"]
    links = {link["rel"]: link["href"] for link in groups["links"]}
    described = client.get(f"{links['self']}?lang=en").get_json()
    assert described["title"] == "Form joint-prevention groups"
    policy = described["inputs"]["policy"]
    assert policy["schema"]["default"] in policy["schema"]["enum"]
    assert (policy["minOccurs"], policy["maxOccurs"]) == (0, 1)
    assert (
        client.post(links["http://www.opengis.net/def/rel/ogc/1.0/execute"], json={}).status_code
        == 201
    )
    refused(client.get("/processes/nothing"), 404, "process_unknown")
    refused(client.get("/processes?x=1"), 400, "parameter_unknown")


def test_groups_are_formed_in_the_background(client: FlaskClient) -> None:
    before = client.get("/groups").headers["ETag"]
    answer = client.post(EXECUTION, json={"inputs": {"major_only": False}})
    assert (answer.status_code, answer.mimetype) == (201, "application/json")
    told, place = answer.get_json(), answer.headers["Location"]
    assert (told["status"], told["type"], told["processID"]) == ("accepted", "process", "groups")
    assert place == f"/jobs/{told['jobID']}"
    done = wait_for(client, place, "successful", "failed")
    assert (done["status"], done["progress"], done["message"]) == ("successful", 100, "完成")
    assert done["created"] <= done["started"] <= done["finished"]
    links = {link["rel"]: link["href"] for link in done["links"]}
    result = client.get(links["http://www.opengis.net/def/rel/ogc/1.0/results"])
    assert (result.status_code, result.mimetype) == (200, "application/json")
    assert result.get_json()["groups"]["site"] == 2
    described = client.get("/processes/groups").get_json()
    assert described["outputs"].keys() <= result.get_json().keys()
    after = client.get("/groups")
    assert after.headers["ETag"] != before
    assert sorted(
        group["n"] for group in after.get_json()["groups"] if group["kind"] == "site"
    ) == [3, 4]


def test_the_newest_job_comes_first(client: FlaskClient) -> None:
    places = [start(client, "groups") for _ in range(3)]
    listed = client.get("/jobs?limit=2").get_json()
    assert [f"/jobs/{job['jobID']}" for job in listed["jobs"]] == places[:0:-1]
    assert listed["numberReturned"] == 2
    assert listed["numberMatched"] >= 3
    refused(client.get("/jobs?limit=0"), 400, "parameter_invalid")


def test_a_job_is_watched_and_dismissed(client: FlaskClient, held: threading.Event) -> None:
    place = start(client, "wait", say="a")
    waiting = start(client, "wait", say="b")
    told = wait_for(client, place, "running")
    while not told["done"]:
        told = client.get(place).get_json()
    told = client.get(f"{place}?lang=en").get_json()
    assert (told["done"], told["total"], told["progress"]) == (1, 4, 25)
    assert (told["title"], told["message"]) == ("Wait", "waiting on")
    refused(client.get(f"{place}/results"), 404, "result_not_ready")
    ended = client.delete(waiting)
    assert (ended.status_code, ended.get_json()["status"]) == (200, "dismissed")
    ended = client.delete(place)
    assert (ended.status_code, ended.get_json()["status"]) == (200, "dismissed")
    assert wait_for(client, place, "dismissed")["message"] == "已取消"
    refused(client.get(f"{place}/results"), 409, "job_dismissed")
    assert client.delete(place).get_json()["status"] == "dismissed"
    refused(client.get(place), 404, "job_unknown")
    refused(client.delete(place), 404, "job_unknown")


def test_a_finished_job_is_forgotten_with_its_result(
    client: FlaskClient, held: threading.Event
) -> None:
    place = start(client, "wait", say="石狮")
    held.set()
    wait_for(client, place, "successful")
    assert client.get(f"{place}/results").get_json() == {"said": "石狮"}
    assert client.delete(place).get_json()["status"] == "dismissed"
    refused(client.get(f"{place}/results"), 404, "job_unknown")


def test_a_failure_says_why_and_nothing_of_the_inside(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret /path/of/the/store")

    monkeypatch.setattr("geo_risk.services.groups.build", broken)
    place = start(client, "groups")
    told = wait_for(client, place, "failed")
    assert (told["message"], told["problem"]["code"]) == ("内部错误", "internal_error")
    assert "secret" not in json.dumps(told)
    problem = refused(client.get(f"{place}/results?lang=en"), 409, "internal_error")
    assert problem["title"] == "Internal error"
    assert told["problem"]["fix"].split()[1] in problem["fix"]


def test_a_status_is_never_told_from_memory(client: FlaskClient, held: threading.Event) -> None:
    """A browser that asks again with the tag it got is told of every change, and only then."""
    place = start(client, "wait")
    told = wait_for(client, place, "running")
    while not told["done"]:
        told = client.get(place).get_json()
    answer = client.get(place)
    tag = answer.headers["ETag"]
    assert answer.headers["Cache-Control"] == "no-cache"
    listed = client.get("/jobs").headers["ETag"]
    held.set()
    wait_for(client, place, "successful")
    changed = client.get(place, headers={"If-None-Match": tag})
    assert (changed.status_code, changed.get_json()["status"]) == (200, "successful")
    assert client.get("/jobs", headers={"If-None-Match": listed}).status_code == 200
    again = client.get(place, headers={"If-None-Match": changed.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    english = client.get(f"{place}?lang=en", headers={"If-None-Match": changed.headers["ETag"]})
    assert english.status_code == 200
    assert client.delete(place).headers["Cache-Control"] == "no-store"


def test_what_a_program_left_is_taken_up_by_the_next(
    target: str, held: threading.Event, client: FlaskClient, park: Flask
) -> None:
    running, waiting = start(client, "wait"), start(client, "wait", say="later")
    wait_for(client, running, "running")
    opened.close(park)
    held.set()
    app = create_app(target)
    try:
        later = app.test_client()
        wait_for(later, waiting, "successful")
        failed = later.get(f"{running}?lang=en").get_json()
        assert failed["problem"]["code"] == "interrupted"
        assert failed["message"] == "The program ended before the job was done"
        assert later.get(f"{waiting}/results").get_json() == {"said": "later"}
    finally:
        opened.close(app)


def test_too_many_waiting_jobs_are_refused(
    client: FlaskClient, held: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_module, "MAX_WAITING", 2)
    running = start(client, "wait")
    wait_for(client, running, "running")
    waiting = [start(client, "wait") for _ in range(2)]
    problem = refused(client.post(EXECUTION, json={}), 429, "queue_full")
    assert "DELETE /jobs/" in problem["fix"]
    client.delete(waiting[0])
    start(client, "groups")


DEEP = b'{"inputs":' * 9 + b"1" + b"}" * 9


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "body_invalid"),
        (b"[]", 422, "body_invalid"),
        (b"null", 422, "body_invalid"),
        (b"{", 422, "body_invalid"),
        (b'{"inputs":[]}', 422, "body_invalid"),
        (b'{"inputs":{},"subscriber":{"successUri":"http://a.example"}}', 422, "body_invalid"),
        (b'{"inputs":{},"inputs":{}}', 422, "body_invalid"),
        (b'{"inputs":{"major_only":true,"major_only":false}}', 422, "body_invalid"),
        (b'{"inputs":{"policy":NaN}}', 422, "body_invalid"),
        (b'{"inputs":{"policy":-Infinity}}', 422, "body_invalid"),
        (b'{"inputs":{"policy":1e999}}', 422, "body_invalid"),
        (b'{"inputs":{"policy":' + b"9" * 5000 + b"}}", 422, "body_invalid"),
        (b'{"inputs":{"policy":"\\ud800"}}', 422, "body_invalid"),
        (b'{"\\ud800":1}', 422, "body_invalid"),
        (b'{"inputs":{"policy":"\xff"}}', 422, "body_invalid"),
        ('{"inputs":{}}'.encode("utf-16"), 422, "body_invalid"),
        (DEEP, 422, "body_invalid"),
        (b"[" * 100_000, 422, "body_invalid"),
        (b'{"inputs":{"policy":"' + b"[" * 50 + b'"}}', 400, "input_invalid"),
        (b'{"inputs":{"policy":"\\u0000"}}', 400, "input_invalid"),
        (b'{"inputs":{"policy":"../x"}}', 400, "input_invalid"),
        (b'{"inputs":{"policy":1}}', 400, "input_invalid"),
        (b'{"inputs":{"policy":null}}', 400, "input_invalid"),
        (b'{"inputs":{"major_only":"true"}}', 400, "input_invalid"),
        (b'{"inputs":{"major_only":1}}', 400, "input_invalid"),
        (b'{"inputs":{"radius":1}}', 400, "input_unknown"),
        (b'{"inputs":{"' + b"x" * 1_000_000 + b'":1}}', 413, "http_413"),
    ],
)  # fmt: skip
def test_hostile_bodies_start_nothing(
    client: FlaskClient, body: bytes, status: int, code: str
) -> None:
    before = client.get("/jobs").get_json()["numberMatched"]
    answer = client.post(EXECUTION, data=body, content_type="application/json")
    problem = refused(answer, status, code)
    assert len(answer.data) < 2000
    assert problem["fix"]
    assert client.get("/jobs").get_json()["numberMatched"] == before


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_only_json_is_read(client: FlaskClient, kind: str) -> None:
    """The other kinds are those that a form of a foreign page can send without being asked."""
    refused(client.post(EXECUTION, data=b'{"inputs":{}}', content_type=kind), 415, "media_type")


def test_unknown_paths_and_methods_are_refused(client: FlaskClient) -> None:
    refused(client.post("/processes/nothing/execution", data=b"x"), 404, "process_unknown")
    refused(client.post(f"{EXECUTION}?x=1", json={}), 400, "parameter_unknown")
    refused(client.get(EXECUTION), 405, "http_405")
    refused(client.get("/jobs/a%20b"), 404, "job_unknown")
    refused(client.delete("/jobs/" + "a" * 5000), 404, "job_unknown")
    refused(client.delete("/jobs"), 405, "http_405")


OWN = {"Host": "127.0.0.1:8000"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://127.0.0.1:9000", "Sec-Fetch-Site": "same-site"},
        {"Origin": "http://127.0.0.1:9000"},
        {"Origin": "http://localhost:8000"},
        {"Origin": "http://127.0.0.1"},
        {"Origin": "http://127.0.0.1:8000.evil.example"},
        {"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "same-site"},
        {"Origin": "null"},
        {"Origin": ""},
    ],
)
def test_a_foreign_page_can_neither_start_nor_dismiss(
    client: FlaskClient, held: threading.Event, headers: dict[str, str]
) -> None:
    place = start(client, "wait")
    before = client.get("/jobs").get_json()["numberMatched"]
    refused(client.post(EXECUTION, json={}, headers=OWN | headers), 403, "origin_refused")
    refused(client.delete(place, headers=OWN | headers), 403, "origin_refused")
    assert client.get("/jobs").get_json()["numberMatched"] == before
    assert client.get(place).get_json()["status"] in ("accepted", "running")
    preflight = client.options(place, headers=OWN | headers)
    assert not [name for name, _ in preflight.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "http://127.0.0.1:8000"},
    ],
)
def test_own_pages_and_programs_start_and_dismiss(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    fetch = OWN | headers | {"Accept": "*/*", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
    answer = client.post(EXECUTION, json={"inputs": {}}, headers=fetch)
    assert answer.status_code == 201
    ended = client.delete(answer.headers["Location"], headers=fetch)
    assert ended.status_code == 200


def test_the_choices_of_a_process_are_never_told_from_memory(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = client.get("/processes/groups").headers["ETag"]
    assert client.get("/processes/groups", headers={"If-None-Match": tag}).status_code == 304
    monkeypatch.setattr(processes, "group_policies", lambda: {"of_the_city": None})
    changed = client.get("/processes/groups", headers={"If-None-Match": tag})
    assert changed.get_json()["inputs"]["policy"]["schema"]["enum"] == ["of_the_city"]


def test_other_hosts_are_refused_for_changes_too(client: FlaskClient) -> None:
    evil = {"Host": "evil.example", "Origin": "http://evil.example"}
    refused(client.post(EXECUTION, json={}, headers=evil), 421, "host_refused")


def test_a_status_can_be_read_while_the_store_is_written(
    park: Flask, client: FlaskClient, held: threading.Event
) -> None:
    place = start(client, "wait")
    wait_for(client, place, "running")
    with opened_store(park).writing() as connection:
        opened_store(park).set_meta(connection, "busy", "1")
        assert client.get(place).get_json()["status"] == "running"


def opened_store(app: Flask) -> Store:
    with app.app_context():
        return opened.store()
