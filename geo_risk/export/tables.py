"""Rows as CSV and Excel, safe to open: no text of a user ever becomes a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import xlsxwriter

from ..catalogue import ACCESS, LayerSpec
from ..errors import Text, UsageError
from ..vocabulary import GRADES, Grade
from .geojson import geometry_of
from .headers import NOTE_SHEET, Lang, headers, notes, worded

_PLAIN_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_ILLEGAL_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
XLSX_ROWS = 1_048_576
LONGEST_CELL = 32_767
WORKBOOK_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}
"""No cell is read as anything but what it is: no formulas, links or numbers made of texts."""


def neutral(value: Any) -> Any:
    """A value that no spreadsheet runs: text that begins like a formula gets a leading quote."""
    if not isinstance(value, str) or not value.startswith(("=", "+", "-", "@", "\t", "\r", "\n")):
        return value
    return value if _PLAIN_NUMBER.fullmatch(value) else "'" + value


def readable_text(text: str) -> str:
    """A text that an Excel cell can hold: what XML forbids is replaced, the longest is cut."""
    return _ILLEGAL_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)[:LONGEST_CELL]


def cells(
    spec: LayerSpec,
    rows: Iterable[Mapping[str, Any]],
    names: Collection[str],
    lang: Lang,
    access: Collection[str],
) -> Iterator[list[Any]]:
    """Each row as its cells in the order of `names`, worded, with a longitude and latitude."""
    for row in rows:
        geometry = geometry_of(spec, row, access)
        place = None
        if geometry is not None:
            point = geometry if geometry.geom_type == "Point" else geometry.point_on_surface()
            place = {"lon": round(point.x, 7), "lat": round(point.y, 7)}
        yield [
            (place[name] if place else None)
            if name in ("lon", "lat")
            else worded(spec, name, row.get(name), lang)
            for name in names
        ]


def write_csv(
    spec: LayerSpec,
    rows: Iterable[Mapping[str, Any]],
    path: Path,
    *,
    lang: Lang = "zh",
    access: Collection[str] = ACCESS,
) -> int:
    """Rows as CSV in UTF-8 with BOM (which Excel needs to see Chinese); how many."""
    titles = headers(spec, lang, access)
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(map(neutral, titles.values()))
        for line in cells(spec, rows, titles, lang, access):
            writer.writerow(map(neutral, line))
            count += 1
    return count


def write_xlsx(
    spec: LayerSpec,
    rows: Iterable[Mapping[str, Any]],
    path: Path,
    *,
    lang: Lang = "zh",
    access: Collection[str] = ACCESS,
) -> int:
    """Rows as an Excel workbook: frozen heading, graded cells coloured, ids as text; how many."""
    titles = headers(spec, lang, access)
    names = list(titles)
    with xlsxwriter.Workbook(str(path), WORKBOOK_OPTIONS) as book:
        sheet = book.add_worksheet(re.sub(r"[\[\]:*?/\\]", " ", spec.title[lang])[:31])
        heading = book.add_format({"bold": True, "bg_color": "#f5f3ee", "bottom": 1})
        fills = {style.label[lang]: _fill(book, grade) for grade, style in GRADES.items()}
        sheet.freeze_panes(1, 2)
        for column, (name, title) in enumerate(titles.items()):
            sheet.set_column(column, column, 28 if name in ("name", "address") else 14)
            sheet.write_string(0, column, title, heading)
        count = 0
        for line in cells(spec, rows, titles, lang, access):
            count += 1
            if count >= XLSX_ROWS:
                raise too_long(path)
            for column, value in enumerate(line):
                fill = fills.get(value) if names[column] == "grade" else None
                _cell(sheet, count, column, value, fill)
        about = book.add_worksheet(NOTE_SHEET[lang])
        about.set_column(0, 0, 16)
        about.set_column(1, 1, 60)
        for number, (key, text) in enumerate(notes(spec, count, lang)):
            about.write_string(number, 0, key)
            about.write_string(number, 1, text)
    return count


def too_long(path: Path) -> UsageError:
    """The error for more rows than Excel holds."""
    return UsageError(
        "xlsxtoo_long",
        Text("行数超过 Excel 上限 1048575", "Excel holds at most 1,048,575 rows"),
        where=path.name,
        fix=Text("请筛选后导出，或导出 CSV", "Filter first, or export as CSV"),
    )


def _fill(book: Any, grade: Grade) -> Any:
    style = GRADES[grade]
    dark = grade in (Grade.RED, Grade.BLUE)
    return book.add_format(
        {"bg_color": style.colour, "font_color": "#ffffff" if dark else "#1f2328"}
    )


def _cell(sheet: Any, row: int, column: int, value: Any, fill: Any) -> None:
    if value is None:
        return
    if isinstance(value, (int, float)):
        sheet.write_number(row, column, value)
    else:
        # Written as text whatever it looks like: ids keep their zeros, formulas stay words.
        sheet.write_string(row, column, readable_text(str(value)), fill)
