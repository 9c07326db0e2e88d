"""How far a worksheet reaches, before a reader that keeps every empty cell sees it.

calamine allocates a sheet densely, from its first to its last cell. So XLSX and ODS sheets are
first walked by expat, which keeps nothing, and refused where one stray cell would cost gigabytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.parsers import expat

from geo_risk.errors import InputError, Text

from .limits import Limits, damaged, too_big, too_many_columns

_DIGITS = "0123456789"
_LAST_ROW = 1 << 20
_VALUES = {"v", "is", "f"}
_ERROR_CELL = re.compile(rb"(<(?:\w+:)?c\b[^<>]*?\st=)([\"'])e\2")
_MAY_HOLD_ERRORS = re.compile(rb"t=[\"']e[\"']")
_ODS_ERROR = re.compile(rb'\soffice:string-value=""(?=[^<>]*calcext:value-type="error")')


def errors_as_text(part: bytes) -> bytes:
    """An XLSX sheet whose error cells (#N/A, #REF!) are text, so that they are not lost."""
    return _ERROR_CELL.sub(rb"\1\2str\2", part) if _MAY_HOLD_ERRORS.search(part) else part


def ods_errors_as_text(part: bytes) -> bytes:
    """An ODS content whose error cells keep their text."""
    return _ODS_ERROR.sub(b"", part) if b'"error"' in part else part


def column_number(letters: str) -> int:
    """`A` is 1, `XFD` is 16384; 0 where these are no letters of a column."""
    number = 0
    for letter in letters:
        if not "A" <= letter <= "Z" or number > 1 << 20:
            return 0
        number = number * 26 + ord(letter) - 64
    return number


def check_reach(last_row: int, last_column: int, limits: Limits) -> None:
    """Refuse a sheet whose last cell lies too far out."""
    if last_column > limits.columns:
        raise too_many_columns(limits, last_column)
    check_area(last_row * last_column, limits, f"{last_row} x {last_column}")


def check_area(cells: int, limits: Limits, got: object) -> None:
    """Refuse more cells, empty ones counted, than the child's memory holds."""
    if cells <= limits.grid_cells:
        return
    what = Text("工作表范围过大", "the sheet reaches too far")
    error = too_big(what, got, "memory_mb")
    error.fix = Text(
        "请删去右下角多余的单元格(按 Ctrl+End 可找到)后重新保存",
        "Delete the stray cells at the far corner (Ctrl+End shows them) and save again",
    )
    raise error


class _Reach:
    """The last row and column of an XLSX sheet that hold a value.

    A sheet has millions of cells, so an address is only looked at when its cell has a value, and
    its row only where it is not the row's own.
    """

    def __init__(self) -> None:
        self.row = self.column = 0
        self.last_row = self.last_column = 0
        self._row_text = "0"
        self._address: str | None = None
        self._columns: dict[str, int] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Expat's call per element; only rows, cells and values matter."""
        if name == "c":
            address = attributes.get("r")
            if address is None:
                self._resolve()
                self.column += 1
            self._address = address
        elif name in _VALUES:
            self._resolve()
            self.last_row = max(self.last_row, self.row)
            self.last_column = max(self.last_column, self.column)
        elif name == "row":
            number = attributes.get("r")
            self.row = self.row + 1 if number is None else _whole(number)
            self._row_text = str(self.row)
            self.column, self._address = 0, None
        elif ":" in name:
            self.start(name.rpartition(":")[2], attributes)

    def _resolve(self) -> None:
        """Row and column of the pending address."""
        address, self._address = self._address, None
        if address is None:
            return
        if address.endswith(self._row_text):
            column = self._columns.get(address[: -len(self._row_text)])
            if column is not None:
                self.column = column
                return
        letters = address.rstrip(_DIGITS)
        self.column = self._columns[letters] = column_number(letters.upper())
        self.row = _whole(address[len(letters) :])
        self._row_text = str(self.row)
        if not self.column:
            raise damaged("XLSX", "单元格地址无效", "a cell has no address", address[:20])


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) > _LAST_ROW:
        raise damaged("XLSX", "行号无效", "a row's number is out of range", text[:20])
    return int(text)


def _walk(part: bytes, what: str, **handlers: Any) -> None:
    parser = expat.ParserCreate("utf-8")
    for name, handler in handlers.items():
        setattr(parser, name, handler)
    try:
        parser.Parse(part, True)
    except expat.ExpatError as error:
        raise damaged(what, "XML 无效", "its XML is not valid", error) from None


def xlsx_reach(part: bytes) -> tuple[int, int]:
    """The last row and column, from 1, of an XLSX sheet that hold anything."""
    reach = _Reach()
    _walk(part, "XLSX", StartElementHandler=reach.start)
    return reach.last_row, reach.last_column


def xlsx_parts(parts: Mapping[str, bytes]) -> dict[int, str]:
    """Index of a sheet in an XLSX workbook -> the name of its part."""
    ids: list[str] = []
    targets: dict[str, str] = {}

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "sheet":
            ids.append(next((v for k, v in attributes.items() if k.endswith(":id")), ""))

    def relation(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "Relationship":
            target = attributes.get("Target", "")
            full = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            targets[attributes.get("Id", "")] = full

    _walk(parts.get("xl/workbook.xml") or b"<x/>", "XLSX", StartElementHandler=sheet)
    relations = parts.get("xl/_rels/workbook.xml.rels") or b"<x/>"
    _walk(relations, "XLSX", StartElementHandler=relation)
    return {at: targets[one] for at, one in enumerate(ids) if one in targets}


class _Tables:
    """Reach and merged cells of every table of an ODS content."""

    def __init__(self) -> None:
        self.found: list[tuple[int, int]] = []
        self.merged: list[list[tuple[int, int, int, int]]] = []
        self.row = self.column = self.repeat_rows = self.repeat_columns = 0
        self.spread = self.letters = 0

    def characters(self, text: str) -> None:
        """Expat's call per piece of text: what the repetitions make of it."""
        self.letters += len(text) * max(self.repeat_rows * self.repeat_columns, 1)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Expat's call per element."""
        name = name.rpartition(":")[2]
        if name in ("table-cell", "covered-table-cell"):
            self.column += self.repeat_columns
            # calamine spreads all cells of a row but trailing empty ones, however empty.
            self.spread += self.repeat_columns
            self.repeat_columns = _times(attributes, "table:number-columns-repeated")
            self._merge(attributes)
            if any(key.rpartition(":")[2] in ("value-type", "formula") for key in attributes):
                self._content()
        elif name == "p":
            self._content()
        elif name == "table-row":
            self.row += self.repeat_rows
            self.repeat_rows = _times(attributes, "table:number-rows-repeated")
            self.column = self.repeat_columns = 0
        elif name == "table":
            self.found.append((0, 0))
            self.merged.append([])
            self.row = self.column = self.repeat_rows = self.repeat_columns = 0

    def _merge(self, attributes: dict[str, str]) -> None:
        across = _times(attributes, "table:number-columns-spanned")
        down = _times(attributes, "table:number-rows-spanned")
        if self.merged and across * down > 1:
            last = (self.row + down, self.column + across - 1)
            self.merged[-1].append((self.row + 1, self.column, *last))

    def _content(self) -> None:
        if self.found:
            row, column = self.found[-1]
            self.spread += self.repeat_columns
            row = max(row, self.row + self.repeat_rows)
            self.found[-1] = row, max(column, self.column + self.repeat_columns)


def _times(attributes: dict[str, str], name: str) -> int:
    text = attributes.get(name, "1")
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise damaged("ODS", "重复次数无效", "a repetition is no number", text[:20])
    return int(text)


def ods_reach(
    part: bytes, limits: Limits
) -> tuple[list[list[tuple[int, int, int, int]]], dict[int, int]]:
    """Merged cells and the last row per table of an ODS content.

    Raises `InputError` where a table reaches too far.
    """
    tables = _Tables()
    handlers = {"StartElementHandler": tables.start, "CharacterDataHandler": tables.characters}
    _walk(part, "ODS", buffer_text=True, **handlers)
    for row, column in tables.found:
        check_reach(row, column, limits)
    cells = 2 * sum(row * column for row, column in tables.found) + tables.spread
    check_area(cells, limits, f"{cells}")
    check_area(tables.letters // 16, limits, f"{tables.letters}")
    return tables.merged, {at: row for at, (row, _) in enumerate(tables.found)}


def too_far(row: int, column: int, limits: Limits) -> InputError | None:
    """The refusal that a sheet of this reach deserves, if any."""
    try:
        check_reach(row, column, limits)
    except InputError as error:
        return error
    return None
