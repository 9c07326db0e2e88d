"""The error workbook: the rows that were not taken in, as they came, to be mended and imported."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import xlsxwriter

from ..errors import Text, UsageError
from .files import check_folder, whole_file
from .headers import Lang
from .tables import WORKBOOK_OPTIONS, XLSX_ROWS, readable_text

HEADERS: dict[Lang, tuple[str, str, str, str, str]] = {
    "zh": ("※行号", "※字段", "※代码", "※原因", "※建议"),
    "en": ("※Row", "※Field", "※Code", "※Reason", "※Suggestion"),
}
"""Our own columns, before the file's; an import ignores every column that begins with ※."""
ID_HEADERS: dict[Lang, str] = {"zh": "※标识", "en": "※Id"}
"""The last column, where a row waits in the review queue: the id it waits under."""

_WIDTHS = (7, 14, 20, 36, 36)
Sheet = Literal["mend", "repeated", "noted"]
SHEETS: dict[Sheet, Text] = {
    "mend": Text("待修改", "To mend"),
    "repeated": Text("重复行", "Duplicates"),
    "noted": Text("已入库的提示", "Stored with notes"),
}
"""Only the first sheet is imported: a duplicate left as it is must not overwrite its twin."""
_ABOUT = Text("说明", "Read me")
_BAD, _ODD = "#ffd3cc", "#fff0c2"
_MOST_COMMENTS = 5_000
_EXACT_DIGITS = 15
"""Excel keeps 15 digits of a number; a longer whole number is written as text."""


@dataclass(frozen=True)
class Mark:
    """What is said of a row: which field, its code, why and what to do; which sheet it goes to.

    A row goes to the first sheet that one of its marks names, in the order of `SHEETS`.
    """

    row: int
    field: str
    code: str
    message: Text
    fix: Text
    sheet: Sheet


@dataclass(frozen=True)
class Origin:
    """The table the findings are about, as read.

    Attributes
    ----------
    columns, rows, row_numbers : headers, cells as they came, per row its number in the file.
    cells_of : layer field -> indices of the columns it was read from; a position has two.
    text_columns : indices of columns that hold text even where a cell looks like a number.
    about : what the last sheet says: label and text, in the reader's language.
    ids : per row number the id under which the row waits in the review queue.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    row_numbers: Sequence[int]
    cells_of: Mapping[str, Sequence[int]]
    text_columns: Collection[int] = ()
    about: Sequence[tuple[str, str]] = field(default_factory=tuple)
    ids: Mapping[int, str] = field(default_factory=dict)


def write(path: Path, origin: Origin, marks: Sequence[Mark], *, lang: Lang = "zh") -> int:
    """Write the workbook and say how many rows it asks to mend.

    The first sheet holds the rows to mend, header in row 1, so that it is imported as it is; then
    come duplicates, what was noted of rows that were stored, and what to do. A text cell is
    written as text, whatever it looks like: no formula, no lost zero.
    Raises `UsageError`: `folder_missing`, `file_unwritable`, `xlsx_too_long`.
    """
    check_folder(path)
    parts = _by_sheet(marks)
    if any(len(rows) >= XLSX_ROWS for rows in parts.values()):
        raise UsageError(
            "xlsx_too_long",
            Text("行数超过 Excel 上限 1048575", "Excel holds at most 1,048,575 rows"),
            where=path.name,
            fix=Text("请分批导入", "Import the file in parts"),
        )
    with whole_file(path) as part:
        _write_book(part, origin, parts, lang)
    return len(parts["mend"]) + len(parts["repeated"])


def _by_sheet(marks: Sequence[Mark]) -> dict[Sheet, dict[int, list[Mark]]]:
    """Per sheet the marks of its rows, by the row's number in the file."""
    by_row: dict[int, list[Mark]] = {}
    for mark in marks:
        by_row.setdefault(mark.row, []).append(mark)
    parts: dict[Sheet, dict[int, list[Mark]]] = {sheet: {} for sheet in SHEETS}
    for row, said in by_row.items():
        named = {mark.sheet for mark in said}
        parts[next(sheet for sheet in SHEETS if sheet in named)][row] = said
    return parts


def _write_book(
    path: Path, origin: Origin, parts: dict[Sheet, dict[int, list[Mark]]], lang: Lang
) -> None:
    options = {**WORKBOOK_OPTIONS, "nan_inf_to_errors": True}
    with xlsxwriter.Workbook(str(path), options) as book:
        for name, by_row in parts.items():
            if by_row or name == "mend":
                _Page(book, SHEETS[name][lang], origin, lang).fill(by_row)
        about = book.add_worksheet(_ABOUT[lang])
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        about.set_column(0, 0, 18, wrapped)
        about.set_column(1, 1, 90, wrapped)
        for at, (label, text) in enumerate(origin.about):
            about.write_string(at, 0, label, wrapped)
            about.write_string(at, 1, readable_text(text), wrapped)


class _Page:
    """One sheet of rows with what was found of each, bad cells filled and commented."""

    def __init__(self, book: Any, title: str, origin: Origin, lang: Lang) -> None:
        self.sheet = book.add_worksheet(title)
        self.origin, self.lang = origin, lang
        self.heading = book.add_format(
            {"bold": True, "bg_color": "#f5f3ee", "bottom": 1, "text_wrap": True, "valign": "top"}
        )
        top = {"valign": "top"}
        # A cell of text that begins like a formula keeps its quote mark, also when it is edited.
        self.plain = book.add_format(top)
        self.text = book.add_format({**top, "num_format": "@", "quote_prefix": True})
        self.as_text = book.add_format({**top, "num_format": "@"})
        # By whether the mark kept the row out, then by whether the cell is text.
        self.marked = {
            (out, text): book.add_format(
                {**top, "bg_color": _BAD if out else _ODD, **({"num_format": "@"} if text else {})}
            )
            for out in (True, False)
            for text in (True, False)
        }
        self.own = book.add_format({**top, "text_wrap": True, "font_color": "#57534e"})
        self.comments = 0

    def fill(self, by_row: Mapping[int, Sequence[Mark]]) -> None:
        wanted = [
            (number, cells)
            for number, cells in zip(self.origin.row_numbers, self.origin.rows, strict=True)
            if number in by_row
        ]
        self._head([cells for _, cells in wanted])
        for at, (number, cells) in enumerate(wanted, 1):
            self._row(at, number, cells, by_row[number])
        width = len(_WIDTHS) + len(self.origin.columns) + bool(self.origin.ids)
        self.sheet.autofilter(0, 0, max(len(wanted), 1), width - 1)

    def _head(self, rows: Sequence[Sequence[object]]) -> None:
        self.sheet.freeze_panes(1, 1)
        for at, (title, width) in enumerate(zip(HEADERS[self.lang], _WIDTHS, strict=True)):
            self.sheet.set_column(at, at, width, self.own)
            self.sheet.write_string(0, at, title, self.heading)
        for at, title in enumerate(self.origin.columns):
            cells = [row[at] for row in rows[:200]]
            longest = max(_width(str(cell)) for cell in (title, *cells) if cell is not None)
            text = at in self.origin.text_columns or any(isinstance(c, str) for c in cells)
            column = len(_WIDTHS) + at
            style = self.as_text if text else self.plain
            self.sheet.set_column(column, column, min(max(longest + 2, 8), 40), style)
            self.sheet.write_string(0, column, readable_text(title), self.heading)
        if self.origin.ids:
            column = len(_WIDTHS) + len(self.origin.columns)
            self.sheet.set_column(column, column, 14, self.as_text)
            self.sheet.write_string(0, column, ID_HEADERS[self.lang], self.heading)

    def _row(self, at: int, number: int, cells: Sequence[object], marks: Sequence[Mark]) -> None:
        joint = "；" if self.lang == "zh" else "; "
        self.sheet.write_number(at, 0, number, self.own)
        told = (
            (";", [self._field(mark.field) for mark in marks]),
            (";", [mark.code for mark in marks]),
            (joint, [mark.message[self.lang] for mark in marks]),
            (joint, [mark.fix[self.lang] for mark in marks]),
        )
        for column, (between, texts) in enumerate(told, 1):
            words = readable_text(between.join(dict.fromkeys(filter(None, texts))))
            self.sheet.write_string(at, column, words, self.own)
        bad: dict[int, list[Mark]] = {}
        for mark in marks:
            for column in self.origin.cells_of.get(mark.field, ()):
                bad.setdefault(column, []).append(mark)
        for column, cell in enumerate(cells):
            self._cell(at, column, cell, bad.get(column, ()))
        if number in self.origin.ids:
            self.sheet.write_string(at, len(_WIDTHS) + len(cells), self.origin.ids[number])

    def _field(self, name: str) -> str:
        columns = [self.origin.columns[at] for at in self.origin.cells_of.get(name, ())]
        return "、".join(columns) or name

    def _cell(self, at: int, column: int, cell: object, bad: Sequence[Mark]) -> None:
        place = at, len(_WIDTHS) + column
        out = any(mark.sheet != "noted" for mark in bad)
        as_number, as_text = (self.marked[out, text] if bad else None for text in (False, True))
        if cell is None or cell == "":
            if bad:
                self.sheet.write_blank(*place, None, as_text)
        elif isinstance(cell, bool):
            self.sheet.write_boolean(*place, cell, as_number or self.plain)
        elif isinstance(cell, (int, float)) and _exact(cell):
            self.sheet.write_number(*place, cell, as_number or self.plain)
        else:
            text = readable_text(str(cell))
            quoted = self.text if text.startswith(("=", "+", "-", "@")) else self.as_text
            self.sheet.write_string(*place, text, as_text or quoted)
        if bad and self.comments < _MOST_COMMENTS:
            self.comments += 1
            words = "\n".join(dict.fromkeys(mark.message[self.lang] for mark in bad))
            self.sheet.write_comment(*place, readable_text(words), {"x_scale": 2, "author": ""})


def _exact(number: float) -> bool:
    if isinstance(number, int):
        return len(str(abs(number))) <= _EXACT_DIGITS
    return number == number and abs(number) < 1e300  # noqa: PLR0124 (not NaN)


def _width(text: str) -> int:
    """How wide a text is in a spreadsheet: a Chinese character takes two places."""
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text[:60])
