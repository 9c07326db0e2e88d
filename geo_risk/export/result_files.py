"""Writing a table back: the columns that came, and those that were worked out."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .files import format_of
from .geojson import geometry_json
from .tables import WORKBOOK_OPTIONS, neutral, readable_text

FORMATS = ("csv", "xlsx", "geojson")
Rows = Sequence[Sequence[Any]]


def write_table(
    path: Path,
    columns: Sequence[str],
    rows: Rows,
    shapes: Sequence[Any | None],
    notes: Rows = (),
    ids: Sequence[str] = (),
) -> int:
    """Write rows as .csv, .xlsx or .geojson, whole or not at all; how many.

    `shapes` are shapely geometries, one per row, and `ids` the features' ids where the rows have
    such, both for GeoJSON only; `notes` are rows of a second
    sheet, for .xlsx only. No text becomes a formula.
    """
    kind = check_format(path)
    writers: dict[str, Callable[[], None]] = {
        "csv": lambda: _csv(part, columns, rows),
        "xlsx": lambda: _xlsx(part, columns, rows, notes),
        "geojson": lambda: _geojson(part, columns, rows, shapes, ids),
    }
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".geo_risk-") as folder:
        part = Path(folder) / f"part.{kind}"
        writers[kind]()
        part.replace(path)
    return len(rows)


def check_format(path: Path) -> str:
    """The format of a file to be written; `UsageError` when its suffix or folder cannot be."""
    return format_of(path, FORMATS)


def _csv(path: Path, columns: Sequence[str], rows: Rows) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(map(neutral, columns))
        writer.writerows([neutral(cell) for cell in row] for row in rows)


def _xlsx(path: Path, columns: Sequence[str], rows: Rows, notes: Rows) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), WORKBOOK_OPTIONS) as book:
        sheet = book.add_worksheet("数据")
        sheet.freeze_panes(1, 0)
        _sheet(sheet, (columns, *rows))
        if notes:
            _sheet(book.add_worksheet("说明"), notes)


def _sheet(sheet: Any, rows: Rows) -> None:
    for number, row in enumerate(rows):
        for at, cell in enumerate(row):
            if isinstance(cell, (int, float)) and not isinstance(cell, bool):
                sheet.write_number(number, at, cell)
            elif cell is not None:
                # Written as text whatever it looks like: ids keep their zeros.
                sheet.write_string(number, at, readable_text(str(cell)))


def _geojson(
    path: Path,
    columns: Sequence[str],
    rows: Rows,
    shapes: Sequence[Any | None],
    ids: Sequence[str],
) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write('{"type":"FeatureCollection","features":[')
        for number, (row, shape) in enumerate(zip(rows, shapes, strict=True)):
            feature = {
                "type": "Feature",
                **({"id": ids[number]} if ids else {}),
                "geometry": geometry_json(shape),
                "properties": dict(zip(columns, row, strict=True)),
            }
            file.write(",\n" if number else "\n")
            text = json.dumps(feature, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            file.write(text)
        file.write("\n]}\n")
