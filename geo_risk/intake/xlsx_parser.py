"""XLSX: the zip is checked before openpyxl sees it; rows are streamed, formulas never run."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from geo_risk.errors import GeoRiskError, InputError, Text

from .csv_parser import Chunk
from .limits import CELL_CHARACTERS, MEBI, Limits, damaged, too_big

_MAX_ENTRIES = 4000
_MAX_RATIO = 500
_RATIO_FLOOR = 8 * MEBI
_CHUNK_ROWS = 5000
_LONGEST_WHOLE = 2**53


def check_zip(data: bytes, limits: Limits) -> None:
    """Refuse zip bombs, odd names and documents with a DTD, by really inflating every entry."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            if len(entries) > _MAX_ENTRIES or len(names) != len(entries):
                raise damaged("XLSX", "压缩包条目过多或重名", "too many or doubled entries")
            if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
                raise damaged("XLSX", "这不是 Excel 工作簿", "this zip is no workbook")
            left = limits.inflated_mb * MEBI
            for entry in entries:
                left -= _check_entry(archive, entry, left, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise damaged("XLSX", "压缩包损坏", "the zip is damaged", error) from None


def _check_entry(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int, limits: Limits
) -> int:
    name = entry.filename
    if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name:
        raise damaged("XLSX", "条目名称不合法", "an entry's name leaves the archive", name)
    is_xml = name.lower().endswith((".xml", ".rels", ".vml"))
    size, tail = 0, b""
    with archive.open(entry) as stream:
        while block := stream.read(MEBI):
            if size == 0 and is_xml and (block[:2] in (b"\xff\xfe", b"\xfe\xff") or 0 in block[:4]):
                raise damaged("XLSX", "XML 编码不是 UTF-8", "an XML part is not UTF-8", name)
            size += len(block)
            if size > left or (size > _RATIO_FLOOR and size > _MAX_RATIO * entry.compress_size):
                what = Text("解压后过大", "it unpacks to too much")
                raise too_big(what, f"> {limits.inflated_mb} MiB", "max_inflated_mb")
            if is_xml and (b"<!DOCTYPE" in tail + block or b"<!ENTITY" in tail + block):
                raise damaged("XLSX", "XML 中含 DTD，拒绝读取", "an XML part has a DTD", name)
            tail = block[-16:]
    return size


def _cell(value: Any) -> object:
    kind = value.__class__
    if value is None or kind is str or kind is int or kind is bool:
        return value[:CELL_CHARACTERS] if kind is str else value
    if kind is float:
        whole = value.is_integer() and abs(value) < _LONGEST_WHOLE
        return int(value) if whole else value
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    return str(value)


def _rows(sheet: Any, limits: Limits) -> Iterator[tuple[int, list[object]]]:
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        cells = list(map(_cell, row))
        while cells and (cells[-1] is None or cells[-1] == ""):
            cells.pop()
        if len(cells) > limits.columns:
            what = Text(f"多于 {limits.columns} 列", f"over {limits.columns} columns")
            raise too_big(what, len(cells), "max_columns")
        if cells:
            yield number, cells


def _chunks(sheet: Any, limits: Limits) -> Iterator[Chunk]:
    rows: list[list[object]] = []
    numbers: list[int] = []
    for taken, (number, cells) in enumerate(_rows(sheet, limits), 1):
        rows.append(cells)
        numbers.append(number)
        if taken > limits.rows + 20:
            what = Text(f"多于 {limits.rows} 行", f"over {limits.rows} rows")
            raise too_big(what, taken, "max_rows")
        if len(rows) == _CHUNK_ROWS:
            yield rows, numbers
            rows, numbers = [], []
    yield rows, numbers


@contextlib.contextmanager
def _guarded() -> Iterator[None]:
    """openpyxl fails in many ways on a broken part; to the user it is one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except (GeoRiskError, MemoryError):
            raise
        except Exception as error:
            kind = type(error).__name__
            raise damaged("XLSX", "工作簿内容损坏", "the workbook is damaged", kind) from None


def read_xlsx(data: bytes, limits: Limits) -> tuple[dict[str, object], Iterator[Chunk]]:
    """The first visible sheet that holds anything: its name and chunks of rows."""
    import openpyxl

    with _guarded():
        check_zip(data, limits)
        book = openpyxl.load_workbook(
            io.BytesIO(data), read_only=True, data_only=True, keep_links=False
        )
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible" and next(_rows(sheet, limits), None):
                return {"sheet": sheet.title}, _quiet(_chunks(sheet, limits))
    raise InputError(
        "file_empty",
        Text("工作簿中没有可见的数据", "The workbook has no visible data"),
        fix=Text("请检查工作表是否隐藏", "Check whether the sheets are hidden"),
    )


def _quiet(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    with _guarded():
        yield from chunks
