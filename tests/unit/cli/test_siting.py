"""`geo-risk site`: plans from files, and the check that takes nothing on trust."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Cli

DEMAND = (
    "id,lon,lat,weight,grade,town\n"
    "d1,118.600,24.7,1,红,A\nd2,118.601,24.7,1,橙,A\nd3,118.620,24.7,1,蓝,B\nd4,118.640,24.7,3,,B\n"
    "d5,118.700,24.7,1,黄,B\n"
)
CANDIDATES = (
    "id,lon,lat,cost,status\n"
    "c1,118.600,24.7,1,\nc2,118.620,24.7,2,候选\nc3,118.640,24.7,5,candidate\nc4,118.641,24.7,1,forbidden\n"
)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    demand, candidates = tmp_path / "D.csv", tmp_path / "C.csv"
    demand.write_text(DEMAND, "utf-8")
    candidates.write_text(CANDIDATES, "utf-8")
    return ["--demand", str(demand), "--candidates", str(candidates)]


def site(cli: Cli, *arguments: object) -> dict:
    return cli.json("site", *arguments)


def test_towns_and_folds_go_with_a_budget_too(cli: Cli, files: list[str]) -> None:
    table = Path(files[3])
    lines = table.read_text("utf-8").splitlines()
    towns = ["town", "A", "B", "B", "B"]
    both = (f"{a},{b}" for a, b in zip(lines, towns, strict=True))
    table.write_text("\n".join(both) + "\n", "utf-8")
    asked = (*files, "--radius", 800, "--min-per-town", 1)
    plan = site(cli, "cover", *asked, "--budget", 3, "-o", "plan.json")
    assert plan["chosen"] == ["c1", "c2"], "c3 costs 5"
    assert site(cli, "check", "plan.json")["ok"]
    error = cli.error("site", "cover", *asked, "--budget", 2, code=4)
    assert error["code"] == "demands_conflict" and "2" in error["message"]


def test_a_curve_by_budget_tells_money_cover_and_bound(cli: Cli, files: list[str]) -> None:
    told = site(cli, "curve", *files, "--radius", 800, "--budget-max", 8, "--steps", 4)
    assert [one["budget"] for one in told["points"]] == [2, 4, 6, 8]
    assert [one["objective"] for one in told["points"]] == [12, 13, 15, 16]
    assert all(one["status"] == "optimal" for one in told["points"])
    assert told["knee"] in (2, 4, 6, 8)
    both = ("--budget-max", 8, "--p-max", 2)
    assert (
        cli.error("site", "curve", *files, "--radius", 800, *both, code=2)["code"]
        == "limit_invalid"
    )


def test_other_plans_nearly_as_good_are_told_and_checked(cli: Cli, files: list[str]) -> None:
    asked = (*files, "--radius", 800, "--p", 1, "--plans", 2)
    plan = site(cli, "cover", *asked, "-o", "plan.json")
    assert plan["near_best"] == [
        {"chosen": ["c3"], "objective": 3.0, "loss": 9.0},
        {"chosen": ["c2"], "objective": 1.0, "loss": 11.0},
    ]
    assert site(cli, "check", "plan.json")["ok"]
    assert "未证明为次优" in cli.run("site", "cover", *asked)
    body = json.loads(Path("plan.json").read_text("utf-8"))
    body["near_best"][0]["objective"] = 4.0
    Path("plan.json").write_text(json.dumps(body), "utf-8")
    told = cli.json("site", "check", "plan.json", code=1)
    assert [one["name"] for one in told["checks"] if not one["ok"]] == ["near_best 1"]


def test_a_plan_is_held_against_the_files_it_rests_on(cli: Cli, files: list[str]) -> None:
    reach = Path("reach.csv")
    reach.write_text("demand,candidate\nd1,c1\nd2,c1\nd4,c3\n", "utf-8")
    site(cli, "cover", *files, "--reach", reach, "--p", 1, "-o", "plan.json")
    asked = ("check", "plan.json", *files, "--reach", reach)
    told = {one["name"]: one for one in site(cli, *asked)["checks"]}
    assert (told["demand file"]["said"], told["demand file"]["found"]) == (5, 5)
    assert (told["candidates file"]["found"], told["reach file"]["found"]) == (4, 3)
    demand = Path(files[1])
    demand.write_text(DEMAND.replace("d5,118.700,24.7,1", "d5,118.700,24.7,2"), "utf-8")
    reach.write_text("demand,candidate\nd1,c1\nd2,c1\n", "utf-8")
    told = cli.json("site", *asked, code=1)
    wrong = {one["name"]: one["found"] for one in told["checks"] if not one["ok"]}
    assert wrong == {"demand file": 4, "reach file": 2}


def test_one_site_covers_what_weighs_most(cli: Cli, files: list[str]) -> None:
    plan = site(cli, "cover", *files, "--radius", 800, "--p", 1)
    assert plan["chosen"] == ["c1"]
    assert (plan["objective"], plan["bound"], plan["status"]) == (12.0, 12.0, "optimal")
    assert plan["cover"]["by_grade"]["red"] == {"n": 1, "of": 1}
    assert plan["cover"]["by_town"] == {"A": {"n": 2, "of": 2}, "B": {"n": 0, "of": 3}}
    assert plan["unreached"] == {"n": 1, "ids": ["d5"]}


def test_what_has_no_grade_counts_like_the_least(cli: Cli, files: list[str]) -> None:
    plan = site(cli, "cover", *files, "--radius", 800, "--p", 2)
    assert plan["chosen"] == ["c1", "c3"] and plan["objective"] == 15.0
    even = site(cli, "cover", *files, "--radius", 800, "--p", 1, "--weights", "1,1,1,1")
    assert even["chosen"] == ["c3"] and even["objective"] == 3.0


def test_a_budget_buys_what_it_can(cli: Cli, files: list[str]) -> None:
    plan = site(cli, "cover", *files, "--radius", 800, "--budget", 3)
    assert plan["chosen"] == ["c1", "c2"] and plan["objective"] == 13.0


def test_a_plan_and_its_check_agree_and_a_changed_plan_does_not(
    cli: Cli, files: list[str], tmp_path: Path
) -> None:
    out = tmp_path / "plan.json"
    site(cli, "cover", *files, "--radius", 800, "--p", 2, "-o", out)
    found = site(cli, "check", out)
    assert found["ok"] and {"objective", "distances", "input_hash"} <= {
        one["name"] for one in found["checks"]
    }
    plan = json.loads(out.read_text("utf-8"))
    changes = [
        ({"objective": plan["objective"] + 1}, "objective"),
        ({"chosen": ["c1", "c4"]}, "forbidden"),
        ({"bound": plan["objective"] - 1}, "bound_side"),
        ({"status": "feasible"}, "status"),
        ({"parameters": plan["parameters"] | {"p": 1}}, "p"),
    ]
    for change, name in changes:
        out.write_text(json.dumps(plan | change), "utf-8")
        checks = cli.json("site", "check", out, code=1)["checks"]
        assert name in {one["name"] for one in checks if not one["ok"]}


def test_other_medians_are_told_and_checked(cli: Cli, files: list[str]) -> None:
    plan = site(cli, "median", *files, "--p", 1, "--plans", 5, "-o", "plan.json")
    others = [one["chosen"] for one in plan["near_best"]]
    assert sorted([plan["chosen"], *others]) == [["c1"], ["c2"], ["c3"]]
    assert all(one["objective"] - plan["objective"] == one["loss"] for one in plan["near_best"])
    assert site(cli, "check", "plan.json")["ok"]


@pytest.mark.parametrize(
    ("limit", "further"),
    [
        (("--budget", 3), ("--min-per-town", 1)),
        (("--p", 2), ("--k-fold", "red=1")),
        (("--p", 1), ("--capacity",)),
        (("--budget", 6), ()),
    ],
)
def test_other_plans_meet_what_the_plan_meets(
    cli: Cli, files: list[str], limit: tuple[object, ...], further: tuple[object, ...]
) -> None:
    towns = {"c1": "A", "c2": "B", "c3": "B", "c4": "B"}
    head, *rows = CANDIDATES.replace("c4,118.641,24.7,1,forbidden", "c4,118.641,24.7,1,").split()
    told = [f"{head},town,capacity", *(f"{row},{towns[row[:2]]},9" for row in rows)]
    Path(files[3]).write_text("\n".join(told), "utf-8")
    asked = (*files, "--radius", 800, *limit, *further, "--plans", 3)
    plan = site(cli, "cover", *asked, "-o", "plan.json")
    assert plan["near_best"] and all(one["loss"] >= 0 for one in plan["near_best"])
    checks = site(cli, "check", "plan.json")
    assert checks["ok"] and "near_best 1" in {one["name"] for one in checks["checks"]}


def test_a_table_says_who_reaches_whom(cli: Cli, files: list[str], tmp_path: Path) -> None:
    table = tmp_path / "R.csv"
    table.write_text("demand,candidate\nd1,c2\nd5,c2\nd4,c3\n", "utf-8")
    plan = site(cli, "cover", *files, "--reach", table, "--p", 1)
    assert plan["chosen"] == ["c2"] and plan["objective"] == 10.0


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--p", "1"], "options_contradict"),
        (["--radius", "800"], "limit_invalid"),
        (["--radius", "800", "--budget", "inf", "--capacity"], "limit_invalid"),
        (["--radius", "800", "--p", "1", "--min-per-town", "1"], "towns_missing"),
        (["--radius", "-1", "--p", "1"], "radius_invalid"),
        (["--radius", "800", "--p", "1", "--weights", "1,2"], "weights_invalid"),
    ],
)
def test_what_cannot_be_is_said_in_words(
    cli: Cli, files: list[str], options: list[str], code: str
) -> None:
    assert cli.error("site", "cover", *files, *options, code=2)["code"] == code


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ("id,lon,lat\nd1,,24.7\n", "position_missing"),
        ("id,lon,lat\nd1,118.6,24.7\nd1,118.6,24.7\n", "id_double"),
        ("id,lon,lat,weight\nd1,118.6,24.7,-1\n", "number_invalid"),
        ("id,lon,lat,grade\nd1,118.6,24.7,紫\n", "grade_unknown"),
        ("name,lon,lat\nd1,118.6,24.7\n", "column_missing"),
    ],
)
def test_a_bad_row_is_named(
    cli: Cli, files: list[str], tmp_path: Path, table: str, code: str
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text(table, "utf-8")
    asked = ("site", "cover", "--demand", bad, *files[2:], "--radius", 800, "--p", 1)
    assert cli.error(*asked, code=1)["code"] == code


def test_a_set_cover_names_who_is_out_of_reach_and_covers_the_rest(
    cli: Cli, files: list[str], tmp_path: Path
) -> None:
    error = cli.error("site", "set-cover", *files, "--radius", 800, code=4)
    assert (error["code"], error["where"], error["got"]) == ("demand_unreachable", "d5", "1")
    out = tmp_path / "plan.json"
    asked = (*files, "--radius", 800, "--allow-unreachable", "-o", out)
    plan = site(cli, "set-cover", *asked)
    assert plan["chosen"] == ["c1", "c2", "c3"] and plan["objective"] == 8.0
    assert plan["unreached"]["ids"] == ["d5"] and plan["status"] == "optimal"
    assert site(cli, "check", out)["ok"]


def test_who_is_reached_by_forbidden_sites_only_is_out_of_reach(
    cli: Cli, files: list[str], tmp_path: Path
) -> None:
    pairs, out = tmp_path / "pairs.csv", tmp_path / "plan.json"
    pairs.write_text("demand,candidate\nd1,c1\nd2,c1\nd3,c2\nd4,c3\nd5,c2\n", "utf-8")
    sites = tmp_path / "sites.csv"
    sites.write_text("id,lon,lat,status\nc1,,,\nc2,,,forbidden\nc3,,,\n", "utf-8")
    asked = ("--demand", files[1], "--candidates", sites, "--reach", pairs, "-o", out)
    plan = site(cli, "set-cover", *asked, "--allow-unreachable")
    assert (plan["chosen"], plan["unreached"]["ids"]) == (["c1", "c3"], ["d3", "d5"])
    assert site(cli, "check", out)["ok"]


def test_a_plan_that_can_reach_nothing_is_proved_and_checked(
    cli: Cli, files: list[str], tmp_path: Path
) -> None:
    out = tmp_path / "plan.json"
    asked = (*files, "--radius", 800, "--budget", 0, "--k-fold", "red=0", "--capacity")
    plan = site(cli, "cover", *asked, "-o", out)
    assert plan["objective"] == 0.0
    assert site(cli, "check", out)["ok"]
    plan = site(cli, "cover", *files, "--radius", 800, "--budget", 0.5, "--k-fold", "red=0")
    assert (plan["objective"], plan["bound"], plan["status"]) == (0.0, 0.0, "optimal")


def test_the_curve_never_falls_and_marks_its_knee(cli: Cli, files: list[str]) -> None:
    curve = site(cli, "curve", *files, "--radius", 800, "--p-max", 3)
    assert [point["objective"] for point in curve["points"]] == [12.0, 15.0, 16.0]
    assert [point["status"] for point in curve["points"]] == ["optimal"] * 3
    assert curve["total"] == 18.0 and curve["knee"] == 2


def test_what_stands_is_kept_and_credited_first(cli: Cli, files: list[str]) -> None:
    Path(files[3]).write_text(CANDIDATES.replace("c1,118.600,24.7,1,", "c1,118.600,24.7,1,现有"))
    plan = site(cli, "cover", *files, "--radius", 800, "--p", 1)
    assert plan["chosen"] == ["c1", "c3"] and plan["objective"] == 15.0
    median = site(cli, "median", *files, "--p", 1)
    assert "c1" in median["chosen"] and len(median["chosen"]) == 2


def test_further_demands_are_met_and_checked(cli: Cli, files: list[str], tmp_path: Path) -> None:
    towns = {"c1": "A", "c2": "B", "c3": "B", "c4": "B"}
    head, *rows = CANDIDATES.splitlines()
    told = [f"{head},town,capacity", *(f"{row},{towns[row[:2]]},9" for row in rows)]
    Path(files[3]).write_text("\n".join(told), "utf-8")
    out = tmp_path / "plan.json"
    for options, chosen, objective in (
        (("--min-per-town", 1, "--p", 2), ["c1", "c3"], 15.0),
        (("--k-fold", "blue=1", "--p", 1), ["c2"], 1.0),
        (("--capacity", "--p", 1), ["c1"], 9.0),
    ):
        plan = site(cli, "cover", *files, "--radius", 800, *options, "-o", out)
        assert (plan["chosen"], plan["objective"]) == (chosen, objective)
        assert site(cli, "check", out)["ok"]


def test_a_site_without_a_capacity_serves_all_that_it_reaches(cli: Cli, files: list[str]) -> None:
    plan = site(cli, "cover", *files, "--radius", 800, "--p", 1, "--capacity")
    assert (plan["chosen"], plan["objective"]) == (["c1"], 12.0)


def test_a_median_without_a_number_is_refused(cli: Cli, files: list[str]) -> None:
    for model in ("median", "center"):
        assert cli.error("site", model, *files, code=2)["code"] == "option_missing"


def test_a_curve_of_money_begins_where_it_pays_for_what_is_required(
    cli: Cli, files: list[str]
) -> None:
    Path(files[3]).write_text(
        CANDIDATES.replace("c2,118.620,24.7,2,候选", "c2,118.620,24.7,2,必选")
    )
    asked = ("curve", *files, "--radius", 800, "--budget-max", 3)
    points = site(cli, *asked, "--steps", 3)["points"]
    assert [(at["budget"], at["objective"]) for at in points] == [(2.0, 1.0), (3.0, 13.0)]
    poor = ("curve", *files, "--radius", 800, "--budget-max", 1)
    assert cli.error("site", *poor, code=4)["code"] == "budget_too_small"


def test_demands_that_exclude_each_other_are_named(cli: Cli, files: list[str]) -> None:
    asked = (*files, "--radius", 800, "--p", 1, "--k-fold", "red=1,blue=1")
    error = cli.error("site", "cover", *asked, code=4)
    assert error["code"] == "demands_conflict" and "1" in error["message"]


def test_large_inputs_stand_beside_the_plan_and_are_held_to_their_hash(
    cli: Cli, files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geo_risk.services.site_plans.MOST_BYTES_INSIDE", 10)
    out, beside = tmp_path / "plan.json", tmp_path / "plan.inputs.json.gz"
    site(cli, "cover", *files, "--radius", 800, "--p", 1, "-o", out)
    assert beside.is_file() and len(out.read_text("utf-8")) < 3000
    assert site(cli, "check", out)["ok"]
    beside.write_bytes(beside.read_bytes()[:-9])
    assert cli.error("site", "check", out, code=1)["code"] == "plan_incomplete"
    told = json.loads(out.read_text("utf-8"))
    told["inputs"]["file"] = "../plan.inputs.json.gz"
    out.write_text(json.dumps(told), "utf-8")
    assert cli.error("site", "check", out, code=1)["code"] == "plan_incomplete"


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"kind": "geo_risk.siting.plan/1"}', "[" * 99999]
)
def test_what_is_no_plan_is_refused(cli: Cli, tmp_path: Path, text: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text, "utf-8")
    code = cli.error("site", "check", path, code=1)["code"]
    assert code in ("plan_unreadable", "plan_incomplete")
