"""From a grid of cells to a table: where the header is, what the columns are called."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from geo_risk.catalogue import layers
from geo_risk.datums import parse_datum
from geo_risk.errors import InputError, Text, UsageError

from .header_words import (
    LONLAT_WORDS,
    OUTLINE_WORDS,
    X_WORDS,
    Y_WORDS,
    normal_header,
    short_header,
)
from .model import Kind, RawTable

HEADER_ROWS = 20
_LONGEST_HEADER = 40


@cache
def _known_words() -> frozenset[str]:
    words: set[str] = {*X_WORDS, *Y_WORDS, *LONLAT_WORDS, *OUTLINE_WORDS}
    for layer in layers().values():
        for field in layer.fields:
            words |= {field.name, *field.label.values(), *field.synonyms}
    return frozenset(normal_header(word) for word in words)


def _score(row: Sequence[object]) -> tuple[int, int]:
    texts = [cell.strip() for cell in row if isinstance(cell, str) and cell.strip()]
    short = {text for text in texts if len(text) <= _LONGEST_HEADER}
    words = _known_words()
    hits = {text for text in short if normal_header(text) in words or short_header(text) in words}
    return len(hits), len(short)


def header_at(rows: Sequence[Sequence[object]]) -> int:
    """The index of the header among the first 20 rows: most known words, then most short texts."""
    scores = [_score(row) for row in rows[:HEADER_ROWS]]
    return max(range(len(scores)), key=lambda i: (scores[i], -i))


def column_names(header: Sequence[object], width: int) -> list[str]:
    """Unique names: blanks are `column_3`, repeats get `_2`."""
    names: list[str] = []
    seen: set[str] = set()
    for at in range(width):
        cell = header[at] if at < len(header) else None
        name = " ".join(str(cell).split()) if cell is not None else ""
        name = base = name or f"column_{at + 1}"
        copy = 2
        while name in seen:
            name, copy = f"{base}_{copy}", copy + 1
        seen.add(name)
        names.append(name)
    return names


def _is_empty(row: Sequence[object]) -> bool:
    return all(cell is None or (cell.__class__ is str and not cell.strip()) for cell in row)


def _empty_file() -> InputError:
    return InputError(
        "file_empty",
        Text("文件中没有数据", "The file holds no data"),
        fix=Text("请检查是否选错了文件", "Check that this is the right file"),
    )


def _declared_crs(name: str | None) -> str | None:
    if name is None or name == "CRS84":
        return name
    try:
        return parse_datum(name).name
    except UsageError as error:
        raise InputError(
            "crs_refused",
            Text("文件自带的坐标系不在可用之列", "The file's own CRS is not one of those allowed"),
            got=name,
            fix=error.fix,
        ) from None


def shape(raw: dict[str, Any], kind: Kind, sha256: str) -> RawTable:
    """The child's answer as a table; a grid gets its header and equal rows."""
    rows, numbers = raw["rows"], raw["numbers"]
    header_row: int | None = None
    if kind in ("csv", "xlsx", "xls", "ods"):
        if not rows:
            raise _empty_file()
        at = header_at(rows)
        header, header_row = rows[at], numbers[at]
        body = [(row, n) for row, n in zip(rows[at + 1 :], numbers[at + 1 :], strict=True)]
        body = [(row, n) for row, n in body if not _is_empty(row)]
        width = max([len(header), *(len(row) for row, _ in body)])
        columns = column_names(header, width)
        rows = [row if len(row) == width else row + [None] * (width - len(row)) for row, _ in body]
        numbers = [n for _, n in body]
    else:
        columns = column_names(raw["columns"], len(raw["columns"]))
    return RawTable(
        columns=columns,
        rows=rows,
        row_numbers=numbers,
        geometry=raw["geometry"] if raw.get("with_geometry") else None,
        encoding=raw.get("encoding"),
        sheet=raw.get("sheet"),
        header_row=header_row,
        sha256=sha256,
        kind=kind,
        crs_name=_declared_crs(raw.get("crs_name")),
    )
