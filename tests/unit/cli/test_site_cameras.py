"""geo-risk site cameras, as people and scripts run it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from geo_risk.errors import InputError, UsageError
from geo_risk.export.camera_catalogue import direction_type
from geo_risk.services.camera_models import model_of
from tests.unit.cli.conftest import Cli
from tests.unit.siting.camera_block import block


@pytest.fixture
def files(tmp_path: Path) -> list[object]:
    made = block(tmp_path)
    return [part for name, path in made.items() for part in (f"--{name}", path)]


ASKED = ("--camera", "bullet-8mp-12", "--p", 2, "--metres-per-point", 1)


def test_a_plan_its_map_and_its_catalogue_come_by_one_command(cli: Cli, files: list[object]):
    asked = (*ASKED, "--phases", "1,1", "--min-grade-share", "red=0.9")
    told = cli.json("site", "cameras", *files, *asked, "-o", "p.geojson", "--catalogue", "c.csv")
    assert {"chosen", "objective", "bound", "gap", "status", "seconds", "in_view"} <= set(told)
    assert "inputs" not in told
    assert told["camera"]["px_per_m"] == 62.5
    assert len(told["phases"]) == 2
    plan = json.loads(Path("p.geojson").read_text("utf-8"))
    assert plan["type"] == "FeatureCollection"
    kinds = [one["properties"]["kind"] for one in plan["features"]]
    assert kinds == ["camera", "camera", "view", "view"]
    assert cli.json("site", "check", "p.geojson")["ok"]

    rows = list(csv.DictReader(Path("c.csv").read_text("utf-8-sig").splitlines()))
    assert [row["Name"] for row in rows] == [
        one["properties"]["id"] for one in plan["features"][:2]
    ]
    assert "Password" not in rows[0]
    assert {rows[0][name] for name in ("DeviceID", "CivilCode", "ParentID", "IPAddress")} == {""}
    assert rows[0]["Info.PTZType"] == "3"
    assert rows[0]["Info.DirectionType"] in "12345678"


def test_a_curve_is_that_of_site_centres(cli: Cli, files: list[object]):
    told = cli.json("site", "cameras", *files, *ASKED, "--curve", 3)["curve"]
    assert [one["p"] for one in told["points"]] == [0, 1, 2, 3]
    names = {"p", "objective", "share", "bound", "gap", "status", "at"}
    assert set(told["points"][0]) == names
    assert told["knee"] in (1, 2, 3)
    assert told["points"][2]["share"] <= 1.0
    text = cli.run("site", "cameras", *files, *ASKED, "--curve", 3)
    assert f"p = {told['knee']}: " in text
    assert " *" in text
    money = (*ASKED[:2], "--budget", 3, "--curve", 3)
    refused = cli.error("site", "cameras", *files, *money, code=2)
    assert refused["code"] == "options_contradict"


def test_what_a_plan_brings_to_each_town(cli: Cli, files: list[object]):
    box = [(118.0, 24.0), (119.0, 24.0), (119.0, 25.0), (118.0, 25.0), (118.0, 24.0)]
    shape = {"type": "Polygon", "coordinates": [box]}
    told = {"code": "350581104", "name": "鸿山镇"}
    town = {"type": "Feature", "properties": told, "geometry": shape}
    body = {"type": "FeatureCollection", "features": [town]}
    Path("towns.geojson").write_text(json.dumps(body), "utf-8")
    asked = (*files, *ASKED, "--towns", "towns.geojson", "--grade-by", "town")
    (one,) = cli.json("site", "cameras", *asked, "-o", "p.geojson")["by_town"]
    assert (one["id"], one["name"], one["grade"]) == ("350581104", "鸿山镇", "red")
    assert {"of", "before", "after", "circles", "pct_before", "pct_after", "pct_circles"} < set(one)
    assert one["new_cameras"] == 2
    assert cli.json("site", "check", "p.geojson")["ok"]
    assert "350581104 鸿山镇 红: 0 % → " in cli.run("site", "cameras", *asked)
    refused = cli.error("site", "cameras", *files, *ASKED, "--grade-by", "town", code=2)
    assert refused["code"] == "option_missing"


def test_a_least_share_steers_the_plan_or_says_what_is_possible(cli: Cli, files: list[object]):
    wide = ("--camera", "all-round-50", "--p", 1, "--metres-per-point", 1)
    asked = ("site", "cameras", *files, *wide)
    (told,) = cli.json(*asked, "--min-grade-share", "no_data=0.4", "-o", "p.geojson")[
        "min_grade_share"
    ]
    assert told["met"]
    assert told["binding"]
    assert told["without"] < 0.4 <= told["found"]
    assert cli.json("site", "check", "p.geojson")["ok"]
    assert "(没有此要求时 " in cli.run(*asked, "--min-grade-share", "no_data=0.4")
    none = cli.error(*asked, "--min-grade-share", "no_data=0.9", code=4)
    assert none["code"] == "share_impossible"
    assert none["got"].endswith(" %")


def test_people_read_what_is_seen_and_what_was_left_out(cli: Cli, files: list[object]):
    text = cli.run("site", "cameras", *files, *ASKED, "--catalogue", "c.xml")
    assert "候选点在建筑内，未用: home" in text
    assert "已证明最优" in text
    root = ElementTree.parse("c.xml").getroot()
    assert root.find("SumNum").text == root.find("DeviceList").get("Num") == "2"
    assert root.find("DeviceList/Item/Status").text == "OFF"


def test_the_sides_of_the_compass_as_the_catalogue_codes_them():
    headings = (90, 270, 180, 0, 360, 135, 45, 225, 315, 100)
    assert [direction_type(one) for one in headings] == [1, 2, 3, 4, 4, 5, 6, 7, 8, 1]


def test_errors_say_what_to_do(cli: Cli, files: list[object]):
    bad = cli.error("site", "cameras", *files, "--camera", "eye", "--p", 1, code=2)
    assert (bad["code"], bad["got"]) == ("camera_unknown", "eye")
    assert "all-round-50" in str(bad["fix"])
    both = cli.error("site", "cameras", *files, *ASKED, "--budget", 3, code=2)
    assert both["code"] == "limit_invalid"
    out = cli.error("site", "cameras", *files, *ASKED, "-o", "plan.txt", code=2)
    assert out["code"] == "format_unknown"
    Path("wrong.geojson").write_text('{"type":"FeatureCollection","features":[{"type"')
    cli.error("site", "cameras", *files, *ASKED, "--areas", "wrong.geojson", code=1)


def test_a_model_of_ones_own(tmp_path: Path):
    own = tmp_path / "own.toml"
    own.write_text('name = "甲"\npixels = 1920\nhfov_deg = 90.0\nlevel = "recognise"\n', "utf-8")
    model = model_of(str(own))
    assert model.view.range_m == pytest.approx(1920 / (125 * 2))
    assert (model.name, model.view.hfov_deg, model.view.height_m) == ("甲", 90.0, None)
    assert model_of(str(own), picture="detect").view.range_m == pytest.approx(1920 / 50)
    assert model_of("all-round-50").view.range_m == 50


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("range_m = 50", "camera_incomplete"),
        ("hfov_deg = 60", "camera_incomplete"),
        ("hfov_deg = 60\nrange_m = 50\npassword = 'x'", "camera_key_unknown"),
        ("hfov_deg = 361\nrange_m = 50", "camera_value_invalid"),
        ("hfov_deg = nan\nrange_m = 50", "camera_value_invalid"),
        ("hfov_deg = true\nrange_m = 50", "camera_value_invalid"),
        ("hfov_deg = 60\nrange_m = 50\nheight_m = 3\ntarget_height_m = 3", "camera_value_invalid"),
        ("hfov_deg = 60\nrange_m = 50\nprojection = 'round'", "camera_value_invalid"),
        ('hfov_deg = 60\nrange_m = 50\nname = "\\u001b[2J"', "camera_value_invalid"),
        ("hfov_deg = [60]\nrange_m = {}", "camera_value_invalid"),
        ("hfov_deg = 60\nrange_m", "camera_unreadable"),
        ("#" * 70_000, "camera_unreadable"),
        ("a = " + "[" * 5000, "camera_unreadable"),
        ("hfov_deg = 60\npixels = 100\nlevel = 'observe'\nheight_m = 9", "camera_invalid"),
        ("hfov_deg = 60\npixels = 1920\nlevel = 'eyes'", "level_unknown"),
    ],
)
def test_hostile_and_impossible_models_are_refused(tmp_path: Path, text: str, code: str):
    path = tmp_path / "own.toml"
    path.write_text(text, "utf-8")
    with pytest.raises((InputError, UsageError)) as refused:
        model_of(str(path))
    assert refused.value.code == code


def test_names_that_drive_spreadsheets_or_terminals_do_nothing(cli: Cli, files: list[object]):
    path = Path(str(files[files.index("--candidates") + 1]))
    path.write_text(path.read_text("utf-8").replace("corner", "=1+1\\u001b[2J"), "utf-8")
    text = cli.run("site", "cameras", *files, *ASKED, "--catalogue", "c.csv")
    assert "\x1b" not in text
    names = [
        row["Name"] for row in csv.DictReader(Path("c.csv").read_text("utf-8-sig").splitlines())
    ]
    assert any(name.startswith("'=1+1") for name in names)
    cli.run("site", "cameras", *files, *ASKED, "--catalogue", "c.xml")
    ElementTree.parse("c.xml")
