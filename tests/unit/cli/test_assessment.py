"""`geo-risk assess`: the report as an officer asks for it, and as a script reads its figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.test_contract import Cli

ROWS = "编号,名称,经度,纬度,L,E,C\nR1,示例甲,118.65,24.73,10,6,40\nR2,示例乙,118.70,24.75,1,3,3\n"


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Cli:
    monkeypatch.chdir(tmp_path)
    for name in ("GEO_RISK_DB", "GEO_RISK_LANG"):
        monkeypatch.delenv(name, raising=False)
    return Cli(capsys)


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
    assert body["change"]["since"] == "2020-01-31T00:00:00.000Z"
    assert body["change"]["counts"]["new"] == 2
    today = cli.json("batches")["batches"][0]["at"][:10]
    assert cli.json("assess", "a.html", "--since", today)["change"]["counts"]["new"] == 2


def test_what_cannot_be_is_told(cli: Cli, batch: str, tmp_path: Path) -> None:
    error = cli.error("assess", "a.html", "--since", "gestern", code=2)
    assert (error["code"], error["where"]) == ("moment_invalid", "--since")
    error = cli.error("assess", "a.html", "--since", "20200101T000000000-abcdef", code=1)
    assert error["code"] == "batch_unknown"
    assert cli.error("assess", "a.html", "--since", "2999-01-01", code=2)["code"] == "moment_ahead"
    assert cli.error("assess", "a.pdf", code=2)["code"] == "format_unknown"
    assert cli.error("assess", "a.html", "--xlsx", "a.ods", code=2)["code"] == "format_unknown"
    assert not (tmp_path / "a.html").exists()
