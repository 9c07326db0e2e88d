"""XLSX, XLS and ODS: checked first, then read by calamine; formulas never run."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from geo_risk.errors import GeoRiskError, InputError, Text, UsageError

from .archives import must_be, read_zip
from .csv_parser import Chunk
from .limits import (
    Limits,
    damaged,
    password_needed,
    too_many_columns,
    too_many_rows,
    whole_or_float,
)
from .model import Kind
from .ole import checked_xls
from .other_sheets import unread
from .sheet_scan import (
    errors_as_text,
    ods_errors_as_text,
    ods_reach,
    too_far,
    xlsx_parts,
    xlsx_reach,
)

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

_CHUNK_ROWS = 5000
_REFUSED_SHEET = "geo_risk: this sheet reaches too far "
_EMPTIED = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    '<row r="1"><c r="A1" t="str"><v>{}</v></c></row></sheetData></worksheet>'
)
_HEADER_ROWS_ABOVE = 20


@dataclass(frozen=True)
class _Checked:
    """A workbook that calamine may see, and what it cannot tell."""

    data: io.BytesIO
    errors: dict[int, dict[tuple[int, int], str]] = field(default_factory=dict)
    merged: list[list[tuple[int, int, int, int]]] | None = None
    refused: list[InputError] = field(default_factory=list)
    last_rows: dict[int, int] = field(default_factory=dict)


def _stored_zip(parts: dict[str, bytes]) -> io.BytesIO:
    """A plain zip of the parts, which are taken out of `parts` one by one."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in list(parts):
            archive.writestr(name, parts.pop(name))
    buffer.seek(0)
    return buffer


def _checked_xlsx(data: bytes, limits: Limits) -> _Checked:
    parts = read_zip(data, "XLSX", limits, lambda name: name.endswith((".xml", ".rels")))
    sentence = Text("这个压缩包不是 Excel 工作簿", "This zip is no workbook")
    must_be(list(parts), ".xlsx", sentence)
    refused: list[InputError] = []
    rows: dict[str, int] = {}
    for name, part in parts.items():
        if b"sheetData" not in part:
            continue
        rows[name], last_column = xlsx_reach(part)
        error = too_far(rows[name], last_column, limits)
        if error:
            mark = f"{_REFUSED_SHEET}{len(refused)}"
            parts[name] = _EMPTIED.format(mark).encode()
            refused.append(error)
        else:
            parts[name] = errors_as_text(part)
    last_rows = {at: rows.get(name, 0) for at, name in xlsx_parts(parts).items()}
    return _Checked(_stored_zip(parts), refused=refused, last_rows=last_rows)


def _checked_ods(data: bytes, limits: Limits) -> _Checked:
    parts = read_zip(data, "ODS", limits, lambda name: name.endswith((".xml", "mimetype")))
    must_be(list(parts), ".ods", Text("这个压缩包不是 ODS 表格", "This zip is no ODS spreadsheet"))
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise password_needed()
    merged, last_rows = ods_reach(parts["content.xml"], limits)
    parts["content.xml"] = ods_errors_as_text(parts["content.xml"])
    return _Checked(_stored_zip(parts), merged=merged, last_rows=last_rows)


def _checked(data: bytes, kind: Kind, limits: Limits) -> _Checked:
    if kind == "xls":
        patched, errors, last_rows = checked_xls(data, limits)
        return _Checked(io.BytesIO(patched), errors, last_rows=last_rows)
    return _checked_xlsx(data, limits) if kind == "xlsx" else _checked_ods(data, limits)


@contextlib.contextmanager
def _guarded(kind: Kind) -> Iterator[None]:
    """calamine fails in many ways on a broken part, panics included; to the user it is one."""
    try:
        yield
    except (GeoRiskError, MemoryError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        name = type(error).__name__
        if name == "PasswordError":
            raise password_needed() from None
        raise damaged(kind.upper(), "工作簿内容损坏", "the workbook is damaged", name) from None


def _cell(value: Any, longest: int) -> object:
    kind = value.__class__
    if kind is str:
        return value[:longest] or None
    if kind is float:
        return whole_or_float(value) if value - value == 0 else str(value)
    if kind is int or kind is bool:
        return value
    if kind is dt.datetime:
        return value.isoformat(sep=" ")
    if kind is dt.date or kind is dt.time:
        return value.isoformat()
    return None if value is None else str(value)


def _rows(
    sheet: CalamineSheet, limits: Limits, errors: dict[tuple[int, int], str]
) -> Iterator[tuple[int, list[object]]]:
    left = [None] * (sheet.start or (0, 0))[1]
    faulty_rows = {row for row, _ in errors}
    longest = limits.cell_chars
    for number, row in enumerate(sheet.iter_rows(), 1):
        cells: list[object] = left + [_cell(value, longest) for value in row]
        if number - 1 in faulty_rows:
            for at in range(len(cells)):
                cells[at] = errors.get((number - 1, at), cells[at])
        while cells and cells[-1] is None:
            cells.pop()
        if len(cells) > limits.columns:
            raise too_many_columns(limits, len(cells))
        if cells:
            yield number, cells


def _chunks(rows: Iterator[tuple[int, list[object]]], limits: Limits) -> Iterator[Chunk]:
    chunk: list[list[object]] = []
    numbers: list[int] = []
    for taken, (number, cells) in enumerate(rows, 1):
        chunk.append(cells)
        numbers.append(number)
        if taken > limits.rows + _HEADER_ROWS_ABOVE:
            raise too_many_rows(limits, taken)
        if len(chunk) == _CHUNK_ROWS:
            yield chunk, numbers
            chunk, numbers = [], []
    yield chunk, numbers


def _visible(book: CalamineWorkbook) -> list[tuple[int, str]]:
    """Index and name of every worksheet that a reader of the book would see."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    return [
        (at, meta.name)
        for at, meta in enumerate(book.sheets_metadata)
        if meta.visible == SheetVisibleEnum.Visible and meta.typ == SheetTypeEnum.WorkSheet
    ]


def no_such_sheet(wanted: str, there: list[str]) -> UsageError:
    """The sheet, layer or part asked for is not in the file."""
    listed = "、".join(there)[:300]
    return UsageError(
        "sheet_unknown",
        Text("文件中没有这个工作表", "The file has no such sheet"),
        where="--sheet",
        got=wanted,
        fix=Text(f"可选：{listed}", f"There are: {listed}"),
    )


def _chosen(
    book: CalamineWorkbook, checked: _Checked, limits: Limits, wanted: str | None
) -> tuple[int, str, CalamineSheet]:
    """The sheet asked for, or the first visible one that holds anything."""
    visible = _visible(book)
    if wanted is not None:
        visible = [(at, name) for at, name in visible if name == wanted]
        if not visible:
            raise no_such_sheet(wanted, [name for _, name in _visible(book)])
    for at, name in visible:
        sheet = book.get_sheet_by_index(at)
        first = next(_rows(sheet, limits, checked.errors.get(at, {})), None)
        if first is None:
            continue
        text = first[1][0]
        if checked.refused and isinstance(text, str) and text.startswith(_REFUSED_SHEET):
            error = checked.refused[int(text.removeprefix(_REFUSED_SHEET))]
            error.where = name
            raise error
        return at, name, sheet
    raise InputError(
        "file_empty",
        Text("工作簿中没有可见的数据", "The workbook has no visible data"),
        fix=Text("请检查工作表是否隐藏", "Check whether the sheets are hidden"),
    )


def _merged(sheet: CalamineSheet, at: int, checked: _Checked) -> list[tuple[int, int, int, int]]:
    if checked.merged is not None:
        return checked.merged[at] if at < len(checked.merged) else []
    ranges = sheet.merged_cell_ranges or []
    return [(first[0] + 1, first[1], last[0] + 1, last[1]) for first, last in ranges]


def read_workbook(
    data: bytes, kind: Kind, limits: Limits, sheet: str | None = None
) -> tuple[dict[str, object], Iterator[Chunk]]:
    """One visible sheet: what is known of it, and chunks of rows with their numbers from 1.

    Raises `InputError` for damage, passwords and anything beyond a limit, `UsageError` for a
    sheet that is not there.
    """
    from python_calamine import CalamineWorkbook

    with _guarded(kind):
        checked = _checked(data, kind, limits)
        data = b""
        book = CalamineWorkbook.from_filelike(checked.data)
        at, name, chosen = _chosen(book, checked, limits, sheet)
        visible = _visible(book)
        note = None if sheet else unread(visible, at, checked.last_rows)
        known: dict[str, object] = {
            "sheet": name,
            "sheets": [name for _, name in visible],
            "notes": [note] if note else [],
            "merged": _merged(chosen, at, checked),
        }
        rows = _rows(chosen, limits, checked.errors.get(at, {}))
    return known, _quiet(_chunks(rows, limits), kind)


def _quiet(chunks: Iterator[Chunk], kind: Kind) -> Iterator[Chunk]:
    with _guarded(kind):
        yield from chunks
