"""Groups over HTTP: the list, one group, files, a unit's links, and every refusal."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from geo_risk.services import groups
from geo_risk_web.app import create_app
from tests.web import small_park
from tests.web.small_park import FAR, LEAD, MEMBERS, NAMES

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture(scope="module")
def park(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = create_app(small_park.build(tmp_path_factory.mktemp("park")))
    yield app
    app.extensions["geo_risk_store"].close()


@pytest.fixture
def client(park: Flask) -> FlaskClient:
    return park.test_client()


@pytest.fixture
def group_id(client: FlaskClient) -> str:
    listed = client.get("/groups?kind=site").get_json()
    assert [group["n"] for group in listed["groups"]] == [4, 3]
    return listed["groups"][0]["id"]


def test_the_list_tells_each_group_in_short_and_how_it_was_built(client: FlaskClient) -> None:
    body = client.get("/groups").get_json()
    assert {group["kind"] for group in body["groups"]} >= {"site"}
    group = next(group for group in body["groups"] if group["kind"] == "site")
    assert (group["worst"], group["n"], group["graded"], group["major"]) == ("red", 4, 1, 1)
    assert (group["lead"], group["lead_name"]) == (LEAD, NAMES[LEAD])
    assert sorted(group["members"]) == MEMBERS
    assert body["about"]["policy"] == "joint_1000" and body["about"]["changed_since"] == []


def test_the_list_is_paged_with_a_next_link(client: FlaskClient) -> None:
    first = client.get("/groups?limit=1").get_json()
    assert first["numberReturned"] == 1
    links = {link["rel"]: link["href"] for link in first["links"]}
    second = client.get(links["next"]).get_json()
    assert second["groups"][0]["id"] != first["groups"][0]["id"]
    beyond = client.get("/groups?offset=1000").get_json()
    assert beyond["groups"] == [] and "next" not in {link["rel"] for link in beyond["links"]}


def test_major_keeps_red_and_orange_only(client: FlaskClient) -> None:
    found = client.get("/groups?major=true").get_json()["groups"]
    assert found and {group["worst"] for group in found} <= {"red", "orange"}


def test_a_group_has_members_links_with_reasons_and_the_hazard_that_reaches(
    client: FlaskClient, group_id: str
) -> None:
    group = client.get(f"/groups/{group_id}").get_json()
    assert next(member["id"] for member in group["members"]) == LEAD
    assert len(group["links"]) == 6
    reasons = group["links"][0]["reasons"]
    assert reasons[0]["zh"].startswith("位置相邻") and "1752" in reasons[1]["zh"]
    assert group["resources"]["shelter"] is None


def test_browsers_are_led_to_the_map(client: FlaskClient, group_id: str) -> None:
    answer = client.get("/groups?kind=alliance&lang=en", headers=BROWSER)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/?lang=en#groups=alliance")
    answer = client.get(f"/groups/{group_id}", headers=BROWSER)
    assert answer.headers["Location"] == f"/#group={group_id}"
    assert client.get(f"/groups/{group_id}?f=json", headers=BROWSER).get_json()["id"] == group_id


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_duty_sheet_comes_as_a_file(client: FlaskClient, group_id: str, lang: str) -> None:
    answer = client.get(f"/groups/{group_id}/contacts.xlsx?lang={lang}")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")
    members = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
    assert members["C2"].value == LEAD
    page = client.get(f"/groups/{group_id}/contacts.html?lang={lang}")
    assert page.headers["Content-Disposition"].startswith("attachment;")
    assert "<img" not in page.get_data(as_text=True)


def test_the_list_comes_as_workbook_csv_and_geojson(client: FlaskClient) -> None:
    book = openpyxl.load_workbook(io.BytesIO(client.get("/groups.xlsx?lang=zh").data))
    assert book.sheetnames == ["联防组", "未成组"]
    assert book["联防组"]["A1"].value == "编号"
    csv = client.get("/groups.csv?kind=site&lang=zh").get_data(as_text=True)
    assert csv.startswith("﻿编号,类别") and csv.count("\n") == 3
    body = json.loads(client.get("/groups.geojson?kind=site").data)
    assert [len(f["geometry"]["coordinates"]) for f in body["features"]] == [4, 3]


def test_a_unit_has_its_ring_links_and_groups(client: FlaskClient, group_id: str) -> None:
    body = client.get(f"/collections/enterprises/items/{LEAD}/links").get_json()
    assert body["radius_m"] == 500 and body["around"] == 3
    assert sorted(link["id"] for link in body["links"]) == MEMBERS[1:]
    scores = [link["score"] for link in body["links"]]
    assert scores == sorted(scores, reverse=True)
    assert all(link["reasons"][0]["en"].startswith("near, ") for link in body["links"])
    assert group_id in [group["id"] for group in body["groups"]]
    west = min(lon for lon, _ in body["ring"]["coordinates"][0])
    assert west == pytest.approx(118.610 - 500 / 101_000, abs=1e-4)


def test_a_unit_with_nobody_near_says_so(client: FlaskClient) -> None:
    body = client.get(f"/collections/enterprises/items/{FAR}/links").get_json()
    assert (body["around"], body["links"]) == (0, [])
    assert "site" not in {group["kind"] for group in body["groups"]}


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/groups?kind=street", 400, "parameter_invalid"),
        ("/groups?major=1", 400, "parameter_invalid"),
        ("/groups?limit=0", 400, "parameter_invalid"),
        ("/groups?colour=red", 400, "parameter_unknown"),
        ("/groups/LNOTHERE", 404, "group_unknown"),
        ("/groups/a%20b", 404, "group_unknown"),
        ("/groups/LNOTHERE/contacts.xlsx", 404, "group_unknown"),
        ("/groups/LNOTHERE/contacts.exe", 404, "format_unknown"),
        ("/groups.pdf", 404, "format_unknown"),
        ("/collections/enterprises/items/none/links", 404, "feature_unknown"),
        ("/collections/risk_points/items/R1/links", 404, "http_404"),
    ],
)
def test_every_refusal_has_one_shape(
    client: FlaskClient, path: str, status: int, code: str
) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert json.loads(answer.data)["code"] == code


def test_building_groups_changes_the_tag_of_an_answer(tmp_path) -> None:
    app = create_app(small_park.build(tmp_path, grouped=False))
    client, store = app.test_client(), app.extensions["geo_risk_store"]
    empty = client.get("/groups")
    assert empty.get_json()["about"] is None
    groups.build(store)
    again = client.get("/groups", headers={"If-None-Match": empty.headers["ETag"]})
    assert again.status_code == 200 and again.get_json()["numberMatched"] > 0
    store.close()
