"""A workbook of several sheets: one is read, and the others are named."""

from __future__ import annotations

import re
import shlex

import openpyxl
import pytest

from geo_risk.export import error_workbook, headers
from geo_risk.intake import read_table
from geo_risk.intake.other_sheets import OWN_SHEETS, unread
from tests.fuzz import seeds

ROWS = [["名称", "地址"], ["示例甲", "1号"]]


def book(path, sheets, hidden=()):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
        if name in hidden:
            sheet.sheet_state = "hidden"
    made.save(path)
    return path


def test_the_other_sheets_of_a_workbook_are_named(tmp_path):
    sheets = {"封面": [], "鸿山镇": ROWS, "灵秀 镇": ROWS, "备查": ROWS, "空": [], "填": [["一行"]]}
    table = read_table(book(tmp_path / "a.xlsx", sheets, hidden=["备查"]))
    assert table.sheet == "鸿山镇"
    ((code, said),) = table.notes
    assert code == "sheets_unread"
    for text in said.values():
        assert "“灵秀 镇”" in text
        assert not re.search("备查|“空”|“填”|封面", text)
        assert "灵秀 镇" in shlex.split(text[text.index("--sheet") :])
    assert read_table(tmp_path / "a.xlsx", sheet="灵秀 镇").notes == []


def test_a_sheet_that_reaches_too_far_is_named_too(tmp_path):
    path = book(tmp_path / "a.xlsx", {"甲": ROWS, "乙": ROWS})
    made = openpyxl.load_workbook(path)
    made["乙"]["AAA300000"] = "x"
    made.save(path)
    assert "“乙”" in read_table(path).notes[0][1]["zh"]


def test_our_own_second_sheets_are_no_news(tmp_path):
    names = [*error_workbook._ABOUT.values(), *headers.NOTE_SHEET.values()]
    for own in ("repeated", "noted"):
        names += error_workbook.SHEETS[own].values()
    assert set(names) == OWN_SHEETS
    path = book(tmp_path / "a.xlsx", {"待修改": ROWS, **dict.fromkeys(names, ROWS)})
    assert read_table(path).notes == []


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_other_kinds_of_workbooks_know_their_sheets(tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    path.write_bytes(seeds.raw_and_parts(kind)[0][0])
    ((code, said),) = read_table(path).notes
    assert (code, said["zh"].count("“第二张”")) == ("sheets_unread", 1)


def test_many_sheets_are_counted():
    visible = [(at, f"表{at}") for at in range(40)]
    note = unread(visible, 0, dict.fromkeys(range(40), 9))
    assert note is not None
    assert "39" in note["zh"]
    assert len(note["zh"]) < 200
