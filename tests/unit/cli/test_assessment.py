"""`geo-risk assess`: the report as an officer asks for it, and as a script reads its figures."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import openpyxl
import pytest

from tests.unit.cli.conftest import Cli

ROWS = "编号,名称,经度,纬度,L,E,C\nR1,示例甲,118.65,24.73,10,6,40\nR2,示例乙,118.70,24.75,1,3,3\n"


@pytest.fixture
def batch(cli: Cli, tmp_path: Path) -> str:
    """The second of two batches: it makes one blue point red."""
    path = tmp_path / "风险点.csv"
    found = ""
    for text in (ROWS, ROWS.replace("1,3,3", "10,6,40")):
        path.write_text(text, "utf-8")
        found = cli.json("import", path, "--layer", "risk_points", "--datum", "wgs84")["batch"]
    return found


def test_page_workbook_and_figures(cli: Cli, batch: str, tmp_path: Path) -> None:
    body = cli.json("assess", "评估.html", "--xlsx", "评估.xlsx", "--since", batch)
    assert body["files"] == ["评估.html", "评估.xlsx"]
    assert (body["graded"], body["total"], body["grade"]) == (2, 2, "red")
    assert body["change"]["then"]["red"] == 1
    assert body["change"]["now"]["red"] == 2
    assert body["change"]["counts"]["worse"] == 1
    assert [row["id"] for row in body["worst"]["risk_points"]] == ["R1", "R2"]
    assert '<html lang="zh-CN">' in (tmp_path / "评估.html").read_text("utf-8")
    assert (tmp_path / "评估.xlsx").read_bytes()[:2] == b"PK"


def test_words_for_people_in_both_languages(cli: Cli, batch: str, tmp_path: Path) -> None:
    assert cli.run("assess", "a.html").splitlines() == [
        "a.html",
        "已分级 2/2：红 2，橙 0，黄 0，蓝 0，无数据 0",
    ]
    text = cli.run("assess", "a.html", "--lang", "en")
    assert "2 of 2 graded: red 2" in text
    assert '<html lang="en">' in (tmp_path / "a.html").read_text("utf-8")


def test_a_date_means_its_beginning(cli: Cli, batch: str) -> None:
    body = cli.json("assess", "a.html", "--since", "2020-01-31")
    start = datetime(2020, 1, 31).astimezone(UTC)
    assert body["change"]["since"] == f"{start:%Y-%m-%dT%H:%M}:00.000Z"
    assert body["change"]["counts"]["new"] == 2
    at = cli.json("batches")["batches"][0]["at"]
    today = f"{datetime.fromisoformat(at).astimezone():%Y-%m-%d}"
    assert cli.json("assess", "a.html", "--since", today)["change"]["counts"]["new"] == 2


@pytest.fixture
def in_china(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("in_china")
def test_people_read_local_time_and_scripts_utc(cli: Cli, batch: str, tmp_path: Path) -> None:
    arguments = ("a.html", "--xlsx", "a.xlsx", "--since", "2020-01-31")
    body = cli.json("assess", *arguments)
    assert body["change"]["since"] == "2020-01-30T16:00:00.000Z"
    assert body["data_at"].endswith("Z")
    page = (tmp_path / "a.html").read_text("utf-8")
    assert "2020-01-31 00:00 (UTC+08:00)" in page
    assert "（UTC）" not in page
    cover = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    said = [str(cell.value) for cell in cover["B"]]
    local = datetime.fromisoformat(body["data_at"]).astimezone(timezone(timedelta(hours=8)))
    assert f"{local:%Y-%m-%d %H:%M} (UTC+08:00)" in said
    assert "2020-01-31 00:00 (UTC+08:00)" in said


def test_the_change_is_told_in_one_line(
    cli: Cli, batch: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = cli.run("assess", "a.html", "--since", batch)
    assert re.search(r"^与 \S+ \S+ \(UTC\S+\) 相比：升级 1$", text, re.M)
    assert "历史" not in text
    text = cli.run("assess", "a.html", "--since", "2020-01-31")
    assert "相比：新增 2" in text
    assert "库中的历史从" in text
    assert "库中的历史从" in (tmp_path / "a.html").read_text("utf-8")
    monkeypatch.setenv("GEO_RISK_LANG", "en")
    text = cli.run("assess", "a.html", "--since", "2020-01-31")
    assert "): new 2" in text
    assert "The history of this store begins at" in text


def test_another_profile_is_not_another_risk(cli: Cli, tmp_path: Path) -> None:
    edge = "编号,名称,经度,纬度,L,E,C\nR1,示例,118.65,24.73,1,6,1\nR2,示例乙,118.66,24.73,6,6,40\n"
    (tmp_path / "a.csv").write_text(edge.replace("1,6,1\n", "3,6,40\n"), "utf-8")
    cli.run("import", "a.csv", "--layer", "risk_points", "--datum", "wgs84")
    table = (
        "profile,method,grade_rank,colour,grade_zh,min,min_inclusive,max,max_inclusive,"
        "clause,verified\n"
        "mild,LEC,1,red,重大,1000,1,,,x,policy\nmild,LEC,2,orange,较大,700,1,1000,0,x,policy\n"
        "mild,LEC,3,yellow,一般,70,1,700,0,x,policy\nmild,LEC,4,blue,低,,,70,0,x,policy\n"
    )
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "grade_profiles.csv").write_text(table, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GEO_RISK_POLICIES_DIR", str(folder))
        batch = cli.json("grade", "--layer", "risk_points", "--profile", "mild")["batch"]
        body = cli.json("assess", "a.html", "--since", batch)
        told = cli.run("assess", "a.html", "--since", batch)
    counts = body["change"]["counts"]
    assert (counts["rules"], counts["better"], counts["worse"]) == (1, 0, 0)
    (one,) = body["change"]["policies"]
    assert (one["profiles"], one["items"]) == (["lec_strict_gt", "mild"], 2)
    assert "方案或规则改变 1" in told
    assert "方案 lec_strict_gt → mild，涉及 2 个" in told
    cli.run("assess", "later.html")
    assert "本机没有这个方案" in (tmp_path / "later.html").read_text("utf-8")


def test_what_cannot_be_is_told(cli: Cli, batch: str, tmp_path: Path) -> None:
    error = cli.error("assess", "a.html", "--since", "gestern", code=2)
    assert (error["code"], error["where"]) == ("moment_invalid", "--since")
    assert "日期 2026-10-01" in error["fix"]
    assert "批次号" in error["fix"]
    error = cli.error("assess", "a.html", "--since", "20200101T000000000-abcdef", code=1)
    assert error["code"] == "batch_unknown"
    assert cli.error("assess", "a.html", "--since", "2999-01-01", code=2)["code"] == "moment_ahead"
    assert cli.error("assess", "a.pdf", code=2)["code"] == "format_unknown"
    assert cli.error("assess", "a.html", "--xlsx", "a.ods", code=2)["code"] == "format_unknown"
    assert not (tmp_path / "a.html").exists()
