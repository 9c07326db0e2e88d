"""What a program gets from the routes."""

import json

import pytest
from flask.testing import FlaskClient

from tests.web.small_city import HOSTILE

GET = (
    "/",
    "/?f=json",
    "/boot.json",
    "/healthz",
    "/collections",
    "/collections/enterprises",
    "/collections/enterprises/items",
    "/collections/enterprises/items/E1",
    "/collections/enterprises/items/E1/explanation",
    "/collections/risk_points/tiles/WebMercatorQuad/10/439/849",
    "/rollup?level=town",
    "/counts?layers=risk_points",
    "/search?q=锦源",
    "/neighbours?layer=risk_points&id=R1",
)


def test_a_page_of_items_is_geojson_with_numbers_and_a_next_link(client: FlaskClient) -> None:
    answer = client.get("/collections/risk_points/items?limit=2")
    assert answer.mimetype == "application/geo+json"
    body = answer.get_json(force=True)
    assert (body["numberMatched"], body["numberReturned"]) == (3, 2)
    links = {link["rel"]: link["href"] for link in body["links"]}
    rest = client.get(links["next"]).get_json(force=True)
    ids = [f["properties"]["id"] for f in body["features"] + rest["features"]]
    assert sorted(ids) == ["R1", "R2", "R3"]
    assert "next" not in {link["rel"] for link in rest["links"]}


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("grade=red", {"R1"}),
        ("grade=red,yellow", {"R1", "R3"}),
        ("bbox=118.67,24.7,118.7,24.78", {"R2", "R3"}),
        ("bbox=118.67,24.7,118.7,24.78&grade=blue", {"R2"}),
        ("q=点R2", {"R2"}),
    ],
)
def test_items_are_filtered(client: FlaskClient, query: str, ids: set[str]) -> None:
    body = client.get(f"/collections/risk_points/items?{query}").get_json(force=True)
    assert {f["properties"]["id"] for f in body["features"]} == ids


def test_a_grade_is_explained_with_its_factors(client: FlaskClient) -> None:
    body = client.get("/collections/risk_points/items/R1/explanation").get_json()
    assert body["grade"] == "red"
    assert "2400" in "".join(reason["zh"] for reason in body["reasons"])


def test_counts_follow_the_box(client: FlaskClient) -> None:
    everywhere = client.get("/counts?layers=risk_points").get_json()["counts"]["risk_points"]
    assert {grade: n for grade, n in everywhere.items() if n and grade != "total"} == {
        "red": 1,
        "yellow": 1,
        "blue": 1,
    }
    east = client.get("/counts?layers=risk_points&bbox=118.67,24.7,118.7,24.78").get_json()
    assert east["counts"]["risk_points"].get("red", 0) == 0


def test_search_finds_a_hostile_name_unchanged(client: FlaskClient) -> None:
    found = client.get("/search", query_string={"q": "{{ 7"}).get_json()["results"]
    assert [row["name"] for row in found] == [HOSTILE]


def test_tiles_are_in_row_column_order_and_empty_ones_say_so(client: FlaskClient) -> None:
    full = client.get("/collections/risk_points/tiles/WebMercatorQuad/10/439/849")
    assert full.mimetype == "application/vnd.mapbox-vector-tile"
    assert b"R1" in full.data
    assert (
        client.get("/collections/risk_points/tiles/WebMercatorQuad/10/849/439").status_code == 204
    )


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/collections/enterprises/items?colour=red", 400, "parameter_unknown"),
        ("/collections/enterprises/items?limit=0", 400, "parameter_invalid"),
        ("/collections/enterprises/items?limit=10001", 400, "parameter_invalid"),
        ("/collections/enterprises/items?limit=１", 400, "parameter_invalid"),
        ("/collections/enterprises/items?limit=1&limit=2", 400, "parameter_invalid"),
        ("/collections/enterprises/items?offset=-1", 400, "parameter_invalid"),
        ("/collections/enterprises/items?bbox=1,2,3", 400, "parameter_invalid"),
        ("/collections/enterprises/items?bbox=nan,0,1,1", 400, "parameter_invalid"),
        ("/collections/enterprises/items?bbox=1e999,0,1,1", 400, "parameter_invalid"),
        ("/collections/enterprises/items?bbox=5,0,1,1", 400, "parameter_invalid"),
        ("/collections/enterprises/items?grade=green", 400, "parameter_invalid"),
        ("/collections/enterprises/items?q=%00", 400, "parameter_invalid"),
        ("/collections/enterprises/items?town=abc", 400, "parameter_invalid"),
        ("/collections/nothing/items", 404, "layer_unknown"),
        ("/collections/enterprises/items/none", 404, "feature_unknown"),
        ("/collections/enterprises/items/a%20b", 404, "feature_unknown"),
        ("/collections/enterprises/items/" + "a" * 65, 404, "feature_unknown"),
        ("/collections/enterprises/tiles/WebMercatorQuad/23/0/0", 404, "tile_unknown"),
        ("/collections/enterprises/tiles/WebMercatorQuad/1/2/0", 404, "tile_unknown"),
        ("/rollup?level=country", 400, "parameter_invalid"),
        ("/counts?layers=enterprises,nothing", 404, "layer_unknown"),
        ("/nothing", 404, "http_404"),
    ],
)
def test_every_refusal_has_one_shape(
    client: FlaskClient, path: str, status: int, code: str
) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    body = json.loads(answer.data)
    keys = {"type", "title", "status", "detail", "code", "where", "got", "fix", "instance"}
    assert set(body) == keys
    assert (body["status"], body["code"]) == (status, code)
    assert body["title"]


def test_browsers_get_a_page_and_other_methods_are_refused(client: FlaskClient) -> None:
    page = client.get("/nothing", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (page.status_code, page.mimetype) == (404, "text/html")
    answer = client.post("/collections/enterprises/items")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("path", GET)
def test_every_answer_carries_the_guards_and_a_tag(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    if path == "/healthz":
        return
    tag = answer.headers["ETag"]
    assert tag.startswith("W/")
    again = client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(path, headers={"If-None-Match": 'W/"other"'}).status_code == 200


def test_the_tag_differs_by_language(client: FlaskClient) -> None:
    tags = {client.get(f"/collections?lang={lang}").headers["ETag"] for lang in ("zh", "en")}
    assert len(tags) == 2


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1", "[::2]", ""]
)
def test_other_hosts_are_refused(client: FlaskClient, host: str) -> None:
    assert client.get("/collections", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:80"])
def test_this_machine_is_answered(client: FlaskClient, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


def test_unknown_errors_keep_their_text(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret /path/of/the/store")

    monkeypatch.setattr("geo_risk.services.features.search", broken)
    answer = client.get("/search?q=a")
    assert answer.status_code == 500
    assert b"secret" not in answer.data
    assert answer.get_json(force=True)["code"] == "internal_error"


def test_the_page_speaks_the_language_asked_for(client: FlaskClient) -> None:
    assert 'lang="zh-CN"' in client.get("/").text
    assert "石狮市安全风险一张图" in client.get("/?lang=zh").text
    assert 'lang="en"' in client.get("/?lang=en").text
    assert 'lang="en"' in client.get("/", headers={"Accept-Language": "en-GB,en"}).text
    assert 'lang="zh-CN"' in client.get("/", headers={"Accept-Language": "fr"}).text


def test_the_units_around_one_come_nearest_first(client: FlaskClient) -> None:
    body = client.get("/neighbours?layer=risk_points&id=R1&radius=50000").get_json()
    assert (body["layer"], body["id"], body["radius_m"], body["n"]) == (
        "risk_points",
        "R1",
        50000,
        2,
    )
    distances = [one["distance_m"] for one in body["neighbours"]]
    assert distances == sorted(distances)
    assert {one["id"] for one in body["neighbours"]} == {"R2", "R3"}
    near = client.get("/neighbours?layer=enterprises&id=E1&radius=1").get_json()
    assert near["neighbours"] == []


@pytest.mark.parametrize(
    ("query", "status"),
    [("layer=risk_points", 400), ("id=R1", 400), ("layer=planets&id=R1", 404),
     ("layer=risk_points&id=R9", 404), ("layer=risk_points&id=../x", 404),
     ("layer=risk_points&id=R1&radius=0", 400), ("layer=risk_points&id=R1&radius=1e9", 400),
     ("layer=risk_points&id=R1&k=3", 400)],
)  # fmt: skip
def test_a_wrong_question_about_neighbours_is_refused(
    client: FlaskClient, query: str, status: int
) -> None:
    answer = client.get(f"/neighbours?{query}")
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
