"""Tables for people as one workbook or one CSV: sheets of columns, printed on A4."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import xlsxwriter

from ..errors import Text
from ..vocabulary import GRADES, Grade
from .files import format_of, whole_file
from .headers import Lang
from .tables import WORKBOOK_OPTIONS, XLSX_ROWS, neutral, readable_text, too_long

FORMATS = ("csv", "xlsx")
_A4 = 9
_LINE_POINTS, _TALLEST_POINTS = 17, 400
_MARGIN_INCHES = 0.4
_WIDE_FROM = 0x2E80
"""The first of the letters that are two columns wide."""
Kind = Literal["text", "number", "date", "grade"]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """A column: the key of its values in a row, its heading, and what they are.

    `date` takes ISO days, `grade` the code of a grade. Text is wrapped at `width`, in letters.
    """

    key: str
    title: Text
    kind: Kind = "text"
    width: int = 12


@dataclass(frozen=True)
class Page:
    """One sheet; `frozen` columns stay in sight. `filtered` is for tables, not for notes."""

    title: Text
    columns: Sequence[Column]
    rows: Sequence[Row]
    frozen: int = 0
    filtered: bool = True


def write_pages(path: Path, pages: Sequence[Page], lang: Lang) -> int:
    """Write `.xlsx` with all pages, or `.csv` with the first; the rows of the first page.

    The file appears whole or not at all. No text becomes a formula. `UsageError`:
    `format_unknown`, `folder_missing`, `file_unwritable`, `xlsx_too_long`.
    """
    kind = format_of(path, FORMATS)
    if kind == "xlsx" and any(len(page.rows) >= XLSX_ROWS for page in pages):
        raise too_long(path)
    with whole_file(path) as part:
        if kind == "csv":
            _write_csv(part, pages[0], lang)
        else:
            _write_book(part, pages, lang)
    return len(pages[0].rows)


def _write_csv(path: Path, page: Page, lang: Lang) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(neutral(column.title[lang]) for column in page.columns)
        for row in page.rows:
            writer.writerow(neutral(_worded(column, row, lang)) for column in page.columns)


def _worded(column: Column, row: Row, lang: Lang) -> Any:
    value = row.get(column.key)
    if column.kind == "grade" and value:
        return GRADES[Grade(value)].label[lang]
    return value


def _write_book(path: Path, pages: Sequence[Page], lang: Lang) -> None:
    with xlsxwriter.Workbook(str(path), WORKBOOK_OPTIONS) as book:
        styles = _Styles(book)
        for page in pages:
            _write_page(book.add_worksheet(page.title[lang]), page, styles, lang)


class _Styles:
    """The formats of a workbook."""

    def __init__(self, book: Any) -> None:
        edge = {"border": 1, "border_color": "#d6d3cd", "valign": "top"}
        self.heading = book.add_format(
            {**edge, "bold": True, "bg_color": "#f5f3ee", "text_wrap": True}
        )
        self.by_kind = {
            "text": book.add_format({**edge, "text_wrap": True}),
            "number": book.add_format(edge),
            "date": book.add_format({**edge, "num_format": "yyyy-mm-dd"}),
        }
        self.grades = {
            str(grade): book.add_format(
                {
                    **edge,
                    "bg_color": style.colour,
                    "font_color": "#ffffff" if grade in (Grade.RED, Grade.BLUE) else "#1f2328",
                }
            )
            for grade, style in GRADES.items()
        }


def _write_page(sheet: Any, page: Page, styles: _Styles, lang: Lang) -> None:
    sheet.freeze_panes(1, page.frozen)
    sheet.set_paper(_A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_margins(*[_MARGIN_INCHES] * 3, bottom=2 * _MARGIN_INCHES)
    sheet.set_footer("&C&P / &N")
    sheet.set_row(0, _height((column, column.title[lang]) for column in page.columns))
    for at, column in enumerate(page.columns):
        sheet.set_column(at, at, column.width)
        sheet.write_string(0, at, column.title[lang], styles.heading)
    for number, row in enumerate(page.rows, 1):
        sheet.set_row(number, _height((c, row.get(c.key)) for c in page.columns))
        for at, column in enumerate(page.columns):
            _write_cell(sheet, number, at, column, row, styles, lang)
    if page.filtered:
        sheet.autofilter(0, 0, max(len(page.rows), 1), len(page.columns) - 1)


def _height(cells: Iterable[tuple[Column, object]]) -> int:
    """Points that a row needs for its longest text: only Excel finds that out by itself."""
    lines = 1
    for column, value in cells:
        if isinstance(value, str):
            letters = sum(2 if ord(letter) >= _WIDE_FROM else 1 for letter in value)
            lines = max(lines, -(-letters // max(1, column.width - 1)))
    return min(lines * _LINE_POINTS, _TALLEST_POINTS)


def _write_cell(
    sheet: Any, row: int, at: int, column: Column, values: Row, styles: _Styles, lang: Lang
) -> None:
    value = values.get(column.key)
    if column.kind == "grade":
        style = styles.grades.get(str(value), styles.by_kind["text"])
    else:
        style = styles.by_kind[column.kind]
    if value is None or value == "":
        sheet.write_blank(row, at, None, style)
    elif column.kind == "date":
        sheet.write_datetime(row, at, date.fromisoformat(value), style)
    elif column.kind == "number":
        sheet.write_number(row, at, value, style)
    else:
        words = readable_text(str(_worded(column, values, lang)))
        sheet.write_string(row, at, words, style)
