"""Grades on the command line: the worked cases of the standards, as another would check them."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from tests.shared_data import shared_data
from tests.unit.cli.conftest import Cli

COLUMNS = ("substance", "cas", "condition", "category", "q_t", "critical_t", "beta")


def worked(identifier: str) -> dict[str, Any]:
    items = json.loads(shared_data("standards/worked_cases.json").read_text("utf-8"))["items"]
    return next(item for item in items if item["id"] == identifier)


def unit(path: Path, *rows: dict[str, Any]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def as_rows(chemicals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = {"name": "substance", "q": "q_t", "Q": "critical_t", "beta": "beta"}
    return [{names[key]: value for key, value in one.items()} for one in chemicals]


def hazard(cli: Cli, file: Path, *more: object, code: int = 0) -> Any:
    return cli.json("grade", "major-hazard", file, *more, code=code)


def test_lec_and_ls_answer_as_the_contract_says(cli: Cli):
    case = worked("lec-270")
    said = cli.json("grade", "lec", "--l", 3, "--e", 6, "--c", 15)
    assert (said["D"], said["grade"]) == (case["D"], case["grade_4"])
    assert said["profile"] == "lec_strict_gt"
    assert all(reason["zh"] and reason["en"] and reason["clause"] for reason in said["reasons"])
    assert cli.json("grade", "lec", "--l", 0.1, "--e", 0.5, "--c", 1)["D"] == 0.05
    said = cli.json("grade", "ls", "--l", 4, "--s", 5)
    assert (said["R"], said["grade"], said["profile"]) == (20, "red", "ls5_17_11_5")
    assert cli.json("grade", "ls", "--l", 3, "--s", 5, "--profile", "ls5_15_9_4")["grade"] == "red"
    assert "D = 270" in cli.run("grade", "lec", "--l", 3, "--e", 6, "--c", 15)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [(("lec", "--l", "4", "--e", "6", "--c", "15"), "l"),
     (("lec", "--l", "3", "--e", "x", "--c", "15"), "e"),
     (("ls", "--l", "3", "--s", "6"), "s"),
     (("lec", "--l", "3", "--e", "6", "--c", "15", "--profile", "ls5_15_9_4"), "profile")],
)  # fmt: skip
def test_what_does_not_exist_is_exit_2_and_names_the_field(
    cli: Cli, arguments: tuple[str, ...], field: str
):
    assert cli.error("grade", *arguments, code=2)["where"] == field


def test_worked_boundaries_through_the_command_line(cli: Cli):
    for limit in (70, 20):
        for l, e, c in worked("lec-boundaries")[f"D_eq_{limit}"]:  # noqa: E741
            said = cli.json("grade", "lec", "--l", l, "--e", e, "--c", c)
            assert (said["D"], said["grade"]) == (limit, "blue")


def test_worked_identification_through_the_command_line(cli: Cli, tmp_path: Path):
    """Quantities of one's own without any β ask for S only; that a level needs β is said."""
    for case in worked("gb18218-S")["cases"]:
        rows = as_rows(case["chem"])
        bare = any("substance" not in row for row in rows) and case["major"]
        said = hazard(cli, unit(tmp_path / "u.csv", *rows), "--exposed", 0, "--custom")
        assert (said["S"], said["constitutes"]) == (case["S"], case["major"])
        assert (said["custom"], said["identified_only"]) == (True, bare)
        if "level" in case:
            assert said["level"] == case["level"]
        if bare:
            assert "beta_needed" in [reason["code"] for reason in said["reasons"]]


def test_one_beta_among_own_quantities_asks_for_the_level_and_so_for_all(cli: Cli, tmp_path: Path):
    rows = [{"substance": "甲", "q_t": 5, "critical_t": 5, "beta": 2},
            {"substance": "乙", "q_t": 5, "critical_t": 5}]  # fmt: skip
    said = hazard(cli, unit(tmp_path / "u.csv", *rows), "--exposed", 0, "--custom", code=1)
    assert (said["S"], said["error"]["code"], said["error"]["got"]) == ("2", "beta_needed", "乙")


def test_worked_r_through_the_command_line(cli: Cli, tmp_path: Path):
    for case in worked("gb18218-R")["cases"]:
        file = unit(tmp_path / "u.csv", *as_rows(case["chem"]))
        said = hazard(cli, file, "--exposed", case["pop"], "--custom")
        assert (float(said["S"]), float(said["R"])) == (case["S"], case["R"])
        assert (said["alpha"], said["level"]) == (case["alpha"], case["level"])
        assert [row["beta"] for row in said["rows"]] == [c["beta"] for c in case["chem"]]
        assert all("given by the user" in row["basis"] for row in said["rows"])


def test_ten_tenths_are_one_exactly_through_the_command_line(cli: Cli, tmp_path: Path):
    case = worked("gb18218-sum-exactly-one-float-trap")["case"]
    file = unit(tmp_path / "u.csv", *(row | {"beta": 1} for row in as_rows(case["chem"])))
    said = hazard(cli, file, "--exposed", 3, "--custom")
    assert (said["S"], said["constitutes"], said["R"]) == (case["S_exact"], case["major"], "1")


def test_worked_alpha_through_the_command_line(cli: Cli, tmp_path: Path):
    file = unit(tmp_path / "u.csv", {"substance": "氯", "q_t": 5})
    for people, alpha in worked("gb18218-alpha")["cases"]:
        said = hazard(cli, file, "--exposed", people)
        assert (said["alpha"], float(said["R"])) == (alpha, 4 * alpha)
    for people in worked("gb18218-alpha")["invalid"]:
        assert (
            cli.error("grade", "major-hazard", file, "--exposed", people, code=2)["code"]
            == "exposed_negative"
        )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_unit_by_name_cas_condition_and_category_in_any_encoding(
    cli: Cli, tmp_path: Path, encoding: str
):
    file = tmp_path / "单元.csv"
    file.write_text(
        "物质,CAS,条件,类别,设计最大量(t)\n"
        "液氨,,,,40\n"
        ",7782-50-5,,,10\n"
        "硝酸铵,6484-52-2,可燃物<=0.2%,W9.2,25\n"
        "某树脂,,,W5.3/W5.4,100\n",
        encoding,
    )
    said = hazard(cli, file, "--exposed", 120)
    assert [(row["substance"], row["Q_t"], row["beta"]) for row in said["rows"]] == [
        ("氨", 10, 2),
        ("氯", 5, 4),
        ("硝酸铵(含可燃物≤0.2%)[W9.2]", 50, 1),
        ("某树脂[W5.3/W5.4]", 1000, 1),
    ]
    assert said["S"] == "6.6"  # 4 + 2 + 0.5 + 0.1
    assert (said["R"], said["level"]) == ("33.2", "三级")  # 2 x (2x4 + 4x2 + 0.5 + 0.1)
    assert "表1 第1项" in said["rows"][0]["basis"] and "表3" in said["rows"][0]["basis"]


@pytest.mark.parametrize(
    ("row", "code", "where"),
    [({"substance": "甲醇", "cas": "67-63-0", "q_t": 3}, "substance_unresolved", "row 2 cas"),
     ({"substance": "氨", "cas": "7664-41-8", "q_t": 3}, "substance_unresolved", "row 2 cas"),
     ({"substance": "氢氟酸", "cas": "7664-39-3", "q_t": 40}, "substance_unresolved", "substance"),
     ({"substance": "异丙醇", "cas": "67-56-1", "category": "W5.3", "q_t": 4},
      "substance_unresolved", "row 2 substance"),
     ({"substance": "氯", "condition": "气体", "q_t": 4}, "substance_unresolved", "condition"),
     ({"substance": "丙烯醛", "q_t": 30}, "beta_needed", ""),
     ({"substance": "活性染料", "q_t": 30}, "substance_unknown", ""),
     ({"substance": "硝酸铵", "q_t": 30}, "substance_unresolved", "row 2 condition"),
     ({"cas": "9004-70-0", "condition": "含氮 20%", "q_t": 1}, "substance_unresolved", "condition"),
     ({"substance": "氯", "cas": "7664-41-7", "q_t": 1}, "substance_unresolved", "row 2 cas"),
     ({"substance": "氨", "category": "X9", "q_t": 1}, "substance_unresolved", "row 2 category"),
     ({"substance": "氨", "q_t": -1}, "quantity_not_positive", "row 2 q_t"),
     ({"substance": "氨", "q_t": "nan"}, "number_illegal", "row 2 q_t"),
     ({"substance": "氨", "q_t": "1e999"}, "number_illegal", "row 2 q_t"),
     ({"substance": "氨"}, "number_missing", "row 2 q_t"),
     ({"q_t": 3}, "substance_unresolved", "row 2 substance"),
     ({"substance": "  "}, "unit_empty", "u.csv")],
)  # fmt: skip
def test_what_cannot_be_resolved_is_exit_1_and_says_what_is_needed(
    cli: Cli, tmp_path: Path, row: dict[str, Any], code: str, where: str
):
    file = unit(tmp_path / "u.csv", row)
    body = hazard(cli, file, "--exposed", 10, code=1)
    assert body["error"]["code"] == code
    assert where in body["error"]["where"]
    assert body["error"]["fix"]
    assert body.get("level") is None


def test_ways_to_write_a_row_that_mean_what_they_say(cli: Cli, tmp_path: Path):
    rows = [
        {"substance": "甲醇[W5.3]", "q_t": "500"},
        {"substance": "甲醛溶液(37%)", "cas": "50-00-0", "category": "W5.4", "q_t": "５０"},
        {"cas": "6484-52-2", "condition": "含可燃物>0.2%", "category": "W9.1", "q_t": 5},
        {"substance": "氯", "condition": "无", "q_t": 0.5},
    ]
    said = hazard(cli, unit(tmp_path / "u.csv", *rows), "--exposed", 0)
    assert [(row["Q_t"], row["beta"]) for row in said["rows"]] == [
        (500, 1),
        (5000, 1),
        (5, 1),
        (5, 4),
    ]
    assert said["S_decimal"] == 2.11


def test_a_workbook_is_read_whole_or_not_at_all(cli: Cli, tmp_path: Path):
    file = tmp_path / "u.xlsx"
    with xlsxwriter.Workbook(file) as book:
        for name, substance, tonnes in (("一", "氯", 5), ("二", "氨", 50)):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["序号", "物质", "最大储存量（吨）", "备注", ""])
            sheet.write_row(1, 0, [1, substance, tonnes, "夏季"])
    body = hazard(cli, file, "--exposed", 3, code=1)
    assert body["error"]["code"] == "unit_sheets"
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["序号", "物质", "最大储存量（吨）", "备注", ""])
        sheet.write_row(1, 0, [1, "氯", 5e-07, "夏季"])
    assert hazard(cli, file)["rows"][0]["q_t"] == 5e-07


def test_missing_people_are_an_error_only_where_they_matter(cli: Cli, tmp_path: Path):
    small, big = (unit(tmp_path / f"{q}.csv", {"substance": "氨", "q_t": q}) for q in (9, 10))
    assert hazard(cli, small)["constitutes"] is False
    body = hazard(cli, big, code=1)
    assert (body["S"], body["constitutes"], body["R"]) == ("1", True, None)
    assert body["error"]["code"] == "exposed_needed"


def test_own_quantities_need_the_custom_option(cli: Cli, tmp_path: Path):
    file = unit(tmp_path / "u.csv", {"substance": "氨", "q_t": 9, "critical_t": 3, "beta": 1})
    assert cli.error("grade", "major-hazard", file, "--exposed", 1, code=2)["where"].endswith(
        "critical_t"
    )
    said = hazard(cli, file, "--exposed", 1, "--custom")
    assert (said["S"], said["R"], said["custom"]) == ("3", "3", True)


def test_columns_that_are_not_known_are_named(cli: Cli, tmp_path: Path):
    file = tmp_path / "u.csv"
    file.write_text("substance,quantity\n氨,40\n", "utf-8")
    assert cli.error("grade", "major-hazard", file, code=1)["got"] == "quantity"


def test_the_2009_edition_knows_only_what_has_a_source(cli: Cli, tmp_path: Path):
    file = unit(
        tmp_path / "u.csv", {"substance": "光气", "q_t": 0.15}, {"cas": "7784-42-1", "q_t": 6}
    )
    said = hazard(cli, file, "--exposed", 10, "--edition", "2009")
    assert (said["edition"], said["S"], said["constitutes"]) == ("GB 18218-2009", "1", True)
    assert (said["R"], said["level"]) == (None, None)
    assert hazard(cli, file, "--exposed", 10, code=1)["S"] == "6.5"
    other = unit(tmp_path / "v.csv", {"substance": "氨", "q_t": 10})
    body = hazard(cli, other, "--exposed", 10, "--edition", "2009", code=1)
    assert body["error"]["code"] == "substance_not_in_edition"
    assert cli.error("grade", "major-hazard", file, "--edition", "1999", code=2)["got"] == "1999"


def test_profiles_and_what_a_change_would_recolour(cli: Cli, tmp_path: Path):
    told = cli.json("grade", "profiles")
    by_name = {one["profile"]: one for one in told["profiles"]}
    assert by_name["lec_strict_gt"]["default"]
    assert by_name["ls5_20_15_9"]["verified"] == "unverified"
    assert by_name["lec_controls"]["controls"]["floor"] == "yellow"
    assert all(one["clause"] for one in [*told["profiles"], *told["direct_rules"]])
    assert not any(one["on"] and not one["verified"] for one in told["direct_rules"])
    said = cli.json("grade", "diff", "lec_strict_gt", "lec_ge")
    assert said["features"] is None, "there is no store"
    assert said["changes"] == [
        {"l": "10", "e": "1", "c": "7", "a": "blue", "b": "yellow"},
        {"l": "1", "e": "10", "c": "7", "a": "blue", "b": "yellow"},
    ]
    assert (
        cli.error("grade", "diff", "lec_ge", "ls5_17_11_5", code=2)["code"]
        == "profiles_differ_in_method"
    )
    levels = cli.json("grade", "diff", "hazard_level_colours", "hazard_level_colours_strict")
    assert {one["level"]: one["b"] for one in levels["changes"]} == {
        "二级": "red",
        "三级": "orange",
        "四级": "orange",
    }


HEADER = "编号,名称,经度,纬度,L,E,C,已落实的管控类别,管控措施证据,作业人数,事故类型\n"
POINTS = (
    HEADER
    + "R1,示例甲,118.65,24.73,3,6,40,工程技术措施,验收7号,,\n"
    + "R2,示例乙,118.66,24.73,10,1,7,,,,\n"
    + "R3,示例丙,118.67,24.73,1,1,1,,,12,火灾\n"
)


@pytest.fixture
def points(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "风险点.csv"
    file.write_text(POINTS, "utf-8")
    cli.json("import", file, "--layer", "risk_points", "--datum", "wgs84")


def grades(cli: Cli) -> list[str]:
    return [cli.json("explain", "risk_points", key)["grade"] for key in ("R1", "R2", "R3")]


@pytest.mark.usefixtures("points")
def test_profile_and_rules_are_chosen_seen_before_and_taken_back(cli: Cli):
    assert grades(cli) == ["red", "blue", "blue"]
    told = cli.json("grade", "diff", "lec_strict_gt", "lec_controls")["features"]["risk_points"]
    assert (told["changed"], told["of"]) == (1, 3)
    assert told["items"] == [{"id": "R1", "name": "示例甲", "from": "red", "to": "orange"}]
    assert grades(cli) == ["red", "blue", "blue"], "a look changes nothing"

    done = cli.json("grade", "--layer", "risk_points", "--profile", "lec_controls", "--rules",
                    "ten_at_work")  # fmt: skip
    assert done["rules"] == {"risk_points": ["ten_at_work"]}
    assert grades(cli) == ["orange", "blue", "red"]
    assert cli.json("grade", "verify")["same"] == 3
    cli.json("undo", done["batch"])
    assert grades(cli) == ["red", "blue", "blue"]
    again = cli.json("grade")
    assert again["profiles"] == {"hazard_sources": "hazard_level_colours",
                                 "risk_points": "lec_strict_gt"}  # fmt: skip
    assert cli.error("grade", "--rules", "nonsense", "--layer", "risk_points", code=2)["code"] == (
        "rule_unknown"
    )


@pytest.mark.usefixtures("points")
def test_verify_finds_what_was_changed_behind_the_programs_back(cli: Cli, tmp_path: Path):
    import sqlite3

    assert cli.json("grade", "verify") == {
        "checked": 3, "same": 3, "share": 1.0, "by_what": {}, "different": [],
    }  # fmt: skip
    with sqlite3.connect(tmp_path / "geo_risk.gpkg") as connection:
        connection.create_function("ST_IsEmpty", 1, lambda _: 0)
        for name in ("ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            connection.create_function(name, 1, lambda _: 0.0)
        connection.execute("UPDATE risk_points SET grade = 'blue' WHERE id = 'R1'")
        connection.execute("UPDATE risk_points SET c = 100 WHERE id = 'R2'")
    connection.close()
    said = cli.json("grade", "verify", code=1)
    assert (said["checked"], said["same"]) == (3, 1)
    found = {one["id"]: one for one in said["different"]}
    assert found["R1"]["what"] == ["grade"]
    assert (found["R1"]["stored"], found["R1"]["recomputed"]) == ("blue", "red")
    assert found["R2"]["what"] == ["inputs"]
    assert "没有重算" in cli.run("grade", "verify", code=1)


@pytest.mark.usefixtures("points")
def test_every_calculation_is_kept_with_edition_inputs_and_formula(cli: Cli):
    cli.json("grade", "--profile", "lec_ge", "--layer", "risk_points")
    history = cli.json("explain", "risk_points", "R2", "--history")["history"]
    assert [(one["version"], one["grade"]) for one in history] == [(1, "blue"), (2, "yellow")]
    first, second = (one["basis"] for one in history)
    assert first["inputs"] == {"l": 10, "e": 1, "c": 7}
    assert (first["profile"], second["profile"]) == ("lec_strict_gt", "lec_ge")
    assert all(one["formula"] and one["edition"] for one in (first, second))
    assert first["result"]["D"] == "70"


@pytest.mark.usefixtures("points")
def test_what_if_names_the_smallest_changes(cli: Cli):
    said = cli.json("whatif", "risk_points", "R1")
    assert [(c["field"], c["before"], c["after"], c["grade"]) for c in said["changes"]] == [
        ("l", "3", "1", "orange"),
        ("e", "6", "2", "orange"),
        ("c", "40", "15", "orange"),
    ]
    assert cli.json("whatif", "risk_points", "R3")["changes"] == []
    assert "L 由 3 降到 1" in cli.run("whatif", "risk_points", "R1")
    assert cli.error("whatif", "risk_points", "R9", code=1)["code"] == "feature_unknown"
    assert cli.error("whatif", "roads", "R9", code=1)["code"] == "feature_unknown"
