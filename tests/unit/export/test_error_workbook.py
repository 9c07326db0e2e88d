"""The error workbook as a clerk opens it: cells as they came, bad ones marked, nothing runs."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import openpyxl
import pytest

from geo_risk.errors import Text, UsageError
from geo_risk.export.error_workbook import HEADERS, Mark, Origin, Sheet, write

COLUMNS = ["信用代码", "名称", "经度", "纬度", "备注"]
ROWS = [
    ["91350581MA2XXXXX0A", "示例甲", 118.65, 24.73, None],
    ["00350581012345678901", '=HYPERLINK("http://x")', "1e999", 24.7, "+86 595"],
    [123456789012345678, "@SUM(A1)", 118.7, 24.75, "a\x00b\ud800"],
    ["3", "示例丁", 0, 0, True],
]
CELLS = {"credit_code": [0], "name": [1], "x": [2, 3], "coordinates": [2, 3], "remark": [4]}


def _mark(row: int, field: str, code: str, sheet: Sheet = "mend") -> Mark:
    return Mark(
        row, field, code, Text(f"错 {code}", f"wrong {code}"), Text(f"改 {code}", ""), sheet
    )


MARKS = [
    _mark(3, "coordinates", "coordinate_invalid"),
    _mark(3, "credit_code", "credit_code_invalid"),
    _mark(4, "name", "odd"),
    _mark(4, "x", "mended", "noted"),
    _mark(5, "x", "null_island", "noted"),
]


def _book(folder: Path, marks: list[Mark] = MARKS, **about: object) -> openpyxl.Workbook:
    origin = Origin(COLUMNS, ROWS, [2, 3, 4, 5], CELLS, {0, 1, 4}, [("怎样修改", "改")])
    out = folder / "out.xlsx"
    write(out, origin, marks, **about)  # type: ignore[arg-type]
    return openpyxl.load_workbook(out)


def _values(sheet: object) -> list[list[object]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]  # type: ignore[attr-defined]


def test_only_rows_that_stayed_out_are_to_be_mended(tmp_path: Path) -> None:
    book = _book(tmp_path)
    assert book.sheetnames == ["待修改", "已入库的提示", "说明"]
    to_mend, stored = _values(book.worksheets[0]), _values(book.worksheets[1])
    assert to_mend[0] == [*HEADERS["zh"], *COLUMNS]
    assert [row[0] for row in to_mend[1:]] == [3, 4]
    assert [row[0] for row in stored[1:]] == [5]
    row = to_mend[1]
    assert row[1] == "经度、纬度;信用代码"
    assert row[2] == "coordinate_invalid;credit_code_invalid"
    assert row[3] == "错 coordinate_invalid；错 credit_code_invalid"
    assert row[4] == "改 coordinate_invalid；改 credit_code_invalid"


def test_cells_come_back_as_they_came_and_none_is_a_formula(tmp_path: Path) -> None:
    book = _book(tmp_path)
    sheet = book.worksheets[0]
    rows = _values(sheet)
    assert rows[1][5:] == ROWS[1]
    assert rows[2][5:9] == ["123456789012345678", "@SUM(A1)", 118.7, 24.75]
    assert rows[2][9] == "a\ufffdb\ufffd"
    assert _values(book.worksheets[1])[1][5:] == ROWS[3]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "b"}
    with zipfile.ZipFile(tmp_path / "out.xlsx") as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist())
    assert sheet["G2"].quotePrefix, "edited in Excel, it stays a text"
    assert sheet["F2"].number_format == "@"


def test_bad_cells_are_filled_and_say_why(tmp_path: Path) -> None:
    sheet = _book(tmp_path).worksheets[0]
    filled = {
        c.coordinate for row in sheet["F2:J3"] for c in row if c.fill.fgColor.rgb == "FFFFD3CC"
    }
    assert filled == {"F2", "H2", "I2", "G3"}
    assert sheet["H3"].fill.fgColor.rgb == "FFFFF0C2", "what is only noted is not called wrong"
    said = {c.coordinate: c.comment.text for row in sheet["A1:J3"] for c in row if c.comment}
    assert said.keys() == filled | {"H3", "I3"}
    assert "错 coordinate_invalid" in said["H2"] == said["I2"]
    assert "错 odd" in said["G3"]


def test_an_empty_bad_cell_is_marked_too(tmp_path: Path) -> None:
    origin = Origin(["名称"], [[None]], [2], {"name": [0]})
    write(tmp_path / "e.xlsx", origin, [_mark(2, "name", "required_missing")])
    cell = openpyxl.load_workbook(tmp_path / "e.xlsx").worksheets[0]["F2"]
    assert cell.value is None
    assert cell.fill.fgColor.rgb == "FFFFD3CC"
    assert cell.comment


def test_the_sheet_is_set_for_reading(tmp_path: Path) -> None:
    sheet = _book(tmp_path).worksheets[0]
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == "A1:J3"
    widths = [sheet.column_dimensions[letter].width for letter in "ADEFG"]
    assert all(6 < width <= 41 for width in widths)
    assert sheet["D2"].alignment.wrap_text


def test_english_headings(tmp_path: Path) -> None:
    book = _book(tmp_path, lang="en")
    assert book.sheetnames == ["To mend", "Stored with notes", "Read me"]
    assert _values(book.worksheets[0])[0][:5] == list(HEADERS["en"])


def test_a_duplicate_is_told_but_not_on_the_sheet_that_is_imported(tmp_path: Path) -> None:
    book = _book(tmp_path, [_mark(3, "name", "duplicate_row", "repeated"), MARKS[0], MARKS[-1]])
    assert book.sheetnames == ["待修改", "已入库的提示", "说明"], "what else is wrong goes first"
    book = _book(tmp_path, [_mark(4, "name", "duplicate_row", "repeated"), MARKS[0]])
    assert book.sheetnames == ["待修改", "重复行", "说明"]
    assert [row[0] for row in _values(book.worksheets[1])[1:]] == [4]


def test_nothing_to_mend_still_makes_a_book(tmp_path: Path) -> None:
    book = _book(tmp_path, [])
    assert book.sheetnames == ["待修改", "说明"]
    assert len(_values(book.worksheets[0])) == 1


def test_a_missing_folder_is_named_and_a_failure_leaves_nothing(tmp_path: Path) -> None:
    origin = Origin(["名称"], [["甲"]], [2], {})
    with pytest.raises(UsageError) as caught:
        write(tmp_path / "no" / "out.xlsx", origin, [])
    assert caught.value.code == "folder_missing"


def test_a_place_that_may_not_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "replace", refused)  # root may write anywhere
    origin = Origin(["名称"], [["甲"]], [2], {})
    with pytest.raises(UsageError) as caught:
        write(tmp_path / "out.xlsx", origin, [])
    assert caught.value.code == "file_unwritable"
    assert list(tmp_path.iterdir()) == []
