"""geo-risk groups, as people and scripts run it."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tests.unit.cli.conftest import Cli

HEAD = "编号,名称,经度,纬度,行业代码,工艺,企业规模\n"


@pytest.fixture
def imported(cli: Cli, tmp_path: Path) -> None:
    """Four dyers 55 m apart, and one cold store far from them."""
    rows = [
        f"E{at},示例染整{at},118.65,{24.73 + at * 0.0005:.4f},1713,染色,小型" for at in range(4)
    ]
    rows.append("E9,=1+1示例冷库,118.70,24.73,5930,制冷,小型")
    file = tmp_path / "企业.csv"
    file.write_text(HEAD + "\n".join(rows) + "\n", "utf-8")
    cli.run("import", file, "--layer", "enterprises", "--datum", "wgs84")


def test_build_list_show_and_contacts(cli: Cli, imported: None, tmp_path: Path) -> None:
    assert "geo-risk groups build" in cli.run("groups", "list")
    about = cli.json("groups", "build")
    assert about["groups"] == {"site": 1, "alliance": 0, "area": 0}
    told = cli.json("groups", "list")
    (one,) = told["groups"]
    assert (told["n"], one["n"], one["graded"], one["worst"]) == (1, 4, 0, "no_data")
    group = cli.json("groups", "show", one["id"])
    assert group["lead"] == "E0" and len(group["links"]) == 6
    assert group["links"][0]["reasons"][1]["zh"] == "行业相近 小类相同 1713"
    out = tmp_path / "值班.xlsx"
    assert cli.json("groups", "contacts", one["id"], out)["members"] == 4
    assert openpyxl.load_workbook(out)["成员与联系人"].max_row == 5
    assert cli.json("groups", "build")["kept_ids"] == 1


def test_people_read_groups_and_reasons(
    cli: Cli, imported: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "片区组 1" in cli.run("groups", "build")
    key = cli.json("groups", "list")["groups"][0]["id"]
    listed = cli.run("groups", "list")
    assert "0/4 家有等级" in listed and "○ 无数据" in listed
    shown = cli.run("groups", "show", key)
    assert "牵头 E0" in shown and "位置相邻 55 m" in shown
    monkeypatch.setenv("GEO_RISK_LANG", "en")
    assert "alike in industry, same class 1713" in cli.run("groups", "show", key)
    assert cli.json("groups", "list", "--major-only")["n"] == 0


def test_what_is_wrong_is_said(cli: Cli, imported: None, tmp_path: Path) -> None:
    assert cli.error("groups", "build", "--policy", "none", code=2)["code"] == "policy_unknown"
    assert cli.error("groups", "show", "LNONE", code=1)["code"] == "group_unknown"
    assert cli.error("groups", "list", "--kind", "club", code=2)["code"] == "kind_unknown"
    args = ("groups", "contacts", "LNONE", tmp_path / "a.pdf")
    assert cli.error(*args, code=2)["code"] == "format_unknown"
    for part in ("build", "list", "show", "contacts"):
        text = cli.run("groups", part, "--help")
        assert f"  geo-risk groups {part}" in text and "--db" in text
