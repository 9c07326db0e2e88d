"""Looking at a file, and importing it as a clerk does: from the messages alone."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from geo_risk.cli import main


class Shell:
    """Runs geo-risk as typed; keeps what it printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys
        self.out = self.err = ""

    def __call__(self, line: str, code: int = 0) -> str:
        with pytest.raises(SystemExit) as ended:
            main(shlex.split(line))
        self.out, self.err = self.capsys.readouterr()
        assert ended.value.code == code, self.out + self.err
        return self.out + self.err

    def json(self, line: str, code: int = 0) -> Any:
        self(line + " --json", code)
        return json.loads(self.out)


@pytest.fixture
def shell(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Shell:
    monkeypatch.chdir(tmp_path)
    for name in ("GEO_RISK_DB", "GEO_RISK_LANG"):
        monkeypatch.delenv(name, raising=False)
    return Shell(capsys)


def _write(name: str, *lines: str, encoding: str = "gb18030") -> None:
    Path(name).write_text("\n".join(lines) + "\n", encoding)


def test_inspect_shows_how_a_file_is_read_and_writes_nothing(shell: Shell) -> None:
    _write(
        "台账.csv",
        "石狮市风险点台账,,,,,,",
        "风险点编号,风险点名称,经度,纬度,可能性L,频次E,后果C,奇怪的列",
        "F1,锅炉,118.65,24.73,3,6,15,x",
    )
    before = sorted(Path().iterdir())
    body = shell.json("inspect 台账.csv --datum gcj02")
    assert sorted(Path().iterdir()) == before
    assert (body["encoding"], body["encoding_how"]) == ("gb18030", "gb18030")
    assert (body["header_row"], body["title"]) == (2, ["石狮市风险点台账"])
    assert (body["layer"], body["proposed"], body["rows"]) == ("risk_points", True, 1)
    targets = {column["header"]: column["target"] for column in body["columns"]}
    assert (targets["频次E"], targets["奇怪的列"]) == ("e", None)
    assert all(c["confidence"] > 0.8 for c in body["columns"] if c["target"])
    assert body["first_rows"] == [["F1", "锅炉", "118.65", "24.73", "3", "6", "15", "x"]]
    assert 500 < body["positions"]["shift_m"]["wgs84"] < 600
    said = shell("inspect 台账.csv --datum gcj02")
    assert "表头行 2" in said
    assert "未识别的列: 奇怪的列" in said


def test_inspect_names_the_missing_column_and_following_it_imports(shell: Shell) -> None:
    _write("a.csv", "招牌,东向,北向", "甲示例店,118.65,24.73")
    body = shell.json("inspect a.csv --layer targets")
    assert body["problems"][0]["code"] == "column_missing"
    said = shell("inspect a.csv --layer targets")
    option = re.search(r"--map (\S+)", said)
    assert option
    shell(f"import a.csv --layer targets --datum wgs84 --map {option[1]} --map 东向=x --map 北向=y")
    assert shell.json("import a.csv --layer targets --datum wgs84")["stored"] == 1, "remembered"
    shell("import a.csv --layer targets --datum wgs84 --forget-map", code=1)


def test_the_encoding_can_be_said(shell: Shell) -> None:
    _write("b.csv", "名稱,經度,緯度", "鑫臺鄉學校,118.65,24.73", encoding="big5")
    body = shell.json("inspect b.csv --layer targets --encoding big5")
    assert body["first_rows"][0][0] == "鑫臺鄉學校"
    error = shell.json("inspect b.csv --encoding klingon", code=2)["error"]
    assert "big5" in error["fix"]


def test_a_sheet_can_be_chosen_and_the_others_are_mentioned(shell: Shell) -> None:
    book = openpyxl.Workbook()
    for title in ("湖滨", "灵秀"):
        sheet = book.create_sheet(title)
        sheet.append(["名称", "经度", "纬度"])
        sheet.append([f"{title}示例校", 118.65, 24.73])
    del book["Sheet"]
    book.save("书.xlsx")
    first = shell.json("inspect 书.xlsx --layer targets")
    assert (first["sheet"], first["sheets"]) == ("湖滨", ["湖滨", "灵秀"])
    assert any("灵秀" in remark for remark in first["remarks"])
    assert shell.json("inspect 书.xlsx --layer targets --sheet 灵秀")["sheet"] == "灵秀"
    assert "湖滨" in shell.json("inspect 书.xlsx --sheet 没有", code=2)["error"]["fix"]


@pytest.mark.parametrize("pair", ["名称", "名称=", "=name", "没有的列=name", "名称=没有的字段"])
def test_a_mapping_that_cannot_be_says_what_there_is(shell: Shell, pair: str) -> None:
    _write("c.csv", "名称,经度,纬度", "甲示例校,118.65,24.73")
    error = shell.json(f"inspect c.csv --layer targets --map {pair}", code=2)["error"]
    assert error["fix"]


def test_mend_and_import_the_workbook_with_the_command_it_names(shell: Shell) -> None:
    header = "编号,名称,经度,纬度,L,E,C"
    _write("d.csv", header, "R1,甲,118.65,24.73,3,6,15", "R2,,118.65,24.73,3,6,15")
    said = shell("import d.csv --layer risk_points --datum wgs84 --report 问题.xlsx", code=3)
    assert "问题.xlsx" in said
    book = openpyxl.load_workbook("问题.xlsx")
    sheet = book.worksheets[0]
    headers = {cell.value: cell.column for cell in sheet[1]}
    assert sheet.max_row == 2
    sheet.cell(2, headers["名称"]).value = "乙"
    book.save("问题.xlsx")
    lines = [str(c.value) for row in book.worksheets[-1].iter_rows() for c in row if c.value]
    command = next(line for line in lines if line.startswith("geo-risk import"))
    body = shell.json(command.removeprefix("geo-risk "))
    assert (body["rows"], body["stored"], body["changed"]) == (1, 1, 1)
    assert shell.json(command.removeprefix("geo-risk "))["changed"] == 0
    shell("import d.csv --layer risk_points --datum wgs84 --report d.csv", code=2)
    assert Path("d.csv").read_text("gb18030").startswith(header), "the file itself is left alone"


@pytest.mark.parametrize(("lang", "name"), [("zh", "问题.xlsx"), ("en", "problems.xlsx")])
def test_the_workbook_that_a_message_proposes_is_not_the_imported_file(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, lang: str, name: str
) -> None:
    monkeypatch.setenv("GEO_RISK_LANG", lang)
    rest = "--layer risk_points --datum wgs84"
    _write("d.csv", "编号,名称,经度,纬度,L,E,C", "R1,,118.65,24.73,3,6,15")

    def proposed(line: str, code: int) -> str:
        (option,) = set(re.findall(r"--report \S+\.xlsx", shell(line, code)))
        return str(option)

    first = proposed(f"import d.csv {rest}", 3)
    assert first == f"--report {name}"
    shell(f"import d.csv {rest} {first}", 3)
    for again in (
        proposed(f"import {name} {rest}", 3),
        proposed(f"import {name} {rest} {first}", 2),
    ):
        shell(f"import ./{name} {rest} {again}", 3)


def test_the_report_of_a_good_file_has_nothing_to_mend(shell: Shell) -> None:
    _write("e.csv", "名称,经度,纬度", "甲示例校,118.65,24.73")
    said = shell("import e.csv --layer targets --datum wgs84 --report r.xlsx")
    assert "没有要修改的行" in said
