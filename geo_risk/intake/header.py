"""From a grid of cells to a table: where the header is, what the columns are called, which rows
hold no record. How it decides is told in docs/methods/intake-tables.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from geo_risk.datums import parse_datum
from geo_risk.errors import InputError, Text, UsageError

from .header_rows import (
    below_header,
    is_empty,
    is_footnote,
    is_known,
    is_title,
    is_value,
    is_wordy,
    known_count,
    texts,
)
from .header_words import X_WORDS, Y_WORDS, datum_of, normal_header
from .invisible import one_line
from .model import Kind, RawTable

__all__ = [
    "X_WORDS",
    "Y_WORDS",
    "column_names",
    "header_at",
    "normal_header",
    "shape",
]

HEADER_ROWS = 20
"""The header is looked for in this many rows with content."""
_GRIDS = ("csv", "xlsx", "xls", "ods")
_NOTE_CELLS = 4
_NOTE_ROWS = 40
Merged = Sequence[tuple[int, int, int, int]]


@dataclass(frozen=True)
class _Header:
    """Rows `first` to `last` of the grid are the header; `names` are its cells, made one row."""

    first: int
    last: int
    names: list[object]


def header_at(rows: Sequence[Sequence[object]]) -> int | None:
    """The index of the row that most looks like a header among the first 20; None without one.

    The row with most known words, or an earlier one with nearly as many; where no row has any,
    one of words only above a row of values.
    """
    head = rows[:HEADER_ROWS]
    known = [known_count(row) for row in head]
    best = max(known, default=0)
    for at, row in enumerate(head):
        values = any(is_value(cell) for cell in row if cell is not None and cell != "")
        enough = known[at] >= max(1, (1.0 if values else 0.6) * best)
        if enough and (known[at] > 1 or not (values or _is_lonely(row, head))):
            return at
    return None if best > 1 else _unknown_words(head)


def _is_lonely(row: Sequence[object], head: Sequence[Sequence[object]]) -> bool:
    """One text in a row of a table of several columns: a title, whatever it says."""
    return len(texts(row)) == 1 and max(len(texts(other)) for other in head) > 1


def _unknown_words(head: Sequence[Sequence[object]]) -> int | None:
    """A row of different short words above rows of which some column holds values only."""
    width = max((len(texts(row)) for row in head), default=0)
    for at, row in enumerate(head[:-1]):
        found = texts(row)
        if len(found) < max(1, 0.6 * width) or len(set(found)) < len(found) or not is_wordy(row):
            continue
        below = [other for other in head[at + 1 :] if len(texts(other)) >= 0.5 * width]
        for column in range(len(row)):
            cells = [other[column] for other in below if column < len(other)]
            cells = [cell for cell in cells if cell is not None and str(cell).strip()]
            if cells and all(map(is_value, cells)):
                return at
    return None


def _cell(row: Sequence[object], at: int) -> str:
    cell = row[at] if at < len(row) else None
    return one_line(str(cell)) if cell is not None else ""


def _spread(
    row: Sequence[object], below: Sequence[object], number: int, merged: Merged
) -> list[str]:
    """The upper row with each word over all columns it stands for."""
    width = max(len(row), len(below))
    upper = [_cell(row, at) for at in range(width)]
    across = [(c1, c2) for r1, c1, r2, c2 in merged if r1 == number == r2 and c2 > c1]
    if any(r1 <= number <= r2 for r1, _, r2, _ in merged):
        for first, last in across:
            upper[first : last + 1] = [_cell(row, first)] * (min(last, width - 1) + 1 - first)
        return upper
    for at in range(1, width):
        if not upper[at] and _cell(below, at) and _cell(below, at - 1):
            upper[at] = upper[at - 1]
    return upper


def _is_upper(row: Sequence[object], below: Sequence[object], number: int, merged: Merged) -> bool:
    """Whether `row` holds the groups of a header whose second row is `below`.

    Merged cells decide where they are known; else the pattern of blanks: a word goes on over the
    blanks beside it, under which there are words, or has nothing beneath it.
    """
    if not (is_wordy(row) and is_wordy(below)) or len(texts(row)) < 2:
        return False
    width = max(len(row), len(below))
    upper, lower = ([_cell(r, at) for at in range(width)] for r in (row, below))
    if not all(a or b for a, b in zip(upper, lower, strict=True)):
        return False
    spans_down = any(r1 == number and r2 == number + 1 for r1, _, r2, _ in merged)
    if is_title(row, width) and not spans_down:
        return False
    if any(r1 == number == r2 and c2 > c1 for r1, c1, r2, c2 in merged):
        return True
    repeated = any(a and a == b for a, b in pairwise(upper))
    groups = [at for at in range(width) if upper[at]]
    spans = [(at, end) for at, end in zip(groups, [*groups[1:], width], strict=True)]
    wide = [end - at > 1 for at, end in spans]
    complementary = all(
        (end - at > 1 and all(lower[at:end])) or not any(lower[at:end]) for at, end in spans
    )
    return (complementary and any(wide)) or (repeated and known_count(below) > known_count(row))


def _combined(upper: Sequence[str], below: Sequence[object]) -> list[object]:
    """One name per column: the lower word where it says enough, else both."""
    lower = [_cell(below, at) for at in range(len(upper))]
    names: list[object] = []
    for above, word in zip(upper, lower, strict=True):
        both = above + word
        if not word or not above or above == word:
            names.append(word or above)
        elif lower.count(word) > 1 or datum_of(above):
            names.append(both)
        else:
            names.append(both if is_known(both) and not is_known(word) else word)
    return names


def _is_record(row: Sequence[object], width: int) -> bool:
    values = sum(is_value(cell) for cell in row if cell is not None and cell != "")
    filled = len(texts(row)) >= max(3, 0.6 * width)
    return values > 0 and filled and known_count(row) == 0 and not is_title(row, width)


def _header(rows: list[list[object]], numbers: list[int], merged: Merged) -> _Header | None:
    at = header_at(rows)
    if at is None or any(_is_record(row, len(rows[at])) for row in rows[:at]):
        # Rows like records above it: what looks like a header is one of them.
        return None
    for first in (at - 1, at):
        pair = 0 <= first < len(rows) - 1 and numbers[first + 1] == numbers[first] + 1
        if pair and _is_upper(rows[first], rows[first + 1], numbers[first], merged):
            upper = _spread(rows[first], rows[first + 1], numbers[first], merged)
            return _Header(first, first + 1, _combined(upper, rows[first + 1]))
    return _Header(at, at, list(rows[at]))


def _footnotes(rows: list[list[object]], start: int) -> int:
    """The index from which only notes and signatures follow."""
    end = len(rows)
    tail = end
    while tail > max(start, end - _NOTE_ROWS) and len(texts(rows[tail - 1])) <= _NOTE_CELLS:
        tail -= 1
    for at in range(tail, end):
        if is_footnote(rows[at]) and all(_is_note(row) for row in rows[at + 1 :]):
            return at
    return end


def _is_note(row: Sequence[object]) -> bool:
    return len(texts(row)) == 1 or is_footnote(row)


def _stripped(cell: object) -> object:
    return cell.strip() if isinstance(cell, str) else None


def _skipped(rows: list[list[object]], header: _Header) -> dict[int, str]:
    """Index -> code of the rows with content that hold no record."""
    found = dict.fromkeys(range(header.first), "title_row")
    titles = [texts(rows[at]) for at in range(header.first)]
    heads = [texts(row) for row in rows[header.first : header.last + 1]]
    end = _footnotes(rows, header.last + 1)
    found.update(dict.fromkeys(range(end, len(rows)), "footnote"))
    marks = {words[0] for words in (*titles, *heads) if words}
    under = True
    for at in range(header.last + 1, end):
        code = below_header(rows[at]) if under else None
        if code is None and not marks.isdisjoint(map(_stripped, rows[at])):
            words = texts(rows[at])
            if len(words) > 1 and words in heads:
                code = "repeated_header"
            elif words in titles:
                code = "title_row"
        if code is not None:
            found[at] = code
        under = code in ("repeated_header", "numbering_row", "unit_row", "example_row")
    return dict(sorted(found.items()))


def column_names(header: Sequence[object], width: int) -> list[str]:
    """Unique names: blanks are `column_3`, repeats get `_2`."""
    names: list[str] = []
    seen: set[str] = set()
    for at in range(width):
        name = base = _cell(header, at) or f"column_{at + 1}"
        copy = 2
        while name in seen:
            name, copy = f"{base}_{copy}", copy + 1
        seen.add(name)
        names.append(name)
    return names


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


def _no_header(rows: list[list[object]]) -> InputError:
    return InputError(
        "header_missing",
        Text("找不到表头：没有一行像列名", "No header was found: no row looks like column names"),
        got=" | ".join(texts(rows[0]))[:120],
        fix=Text(
            "在数据上方加一行列名，如 企业名称,地址,经度,纬度",
            "Put a row of column names above the data, such as name,address,lon,lat",
        ),
    )


def _refuse_transposed(rows: list[list[object]]) -> None:
    """Refuse a table whose first column holds the names: each row would be a field."""
    head = rows[:HEADER_ROWS]
    first = {_cell(row, 0) for row in head}
    known = sum(bool(word) and is_known(word) for word in first)
    most = max(known_count(row) for row in head)
    width = max(len(texts(row)) for row in head)
    if known >= 3 and known > most and known >= 0.6 * len(head) and most <= 2 and width > 1:
        raise InputError(
            "table_transposed",
            Text("表格是横放的：列名在第一列", "The table lies on its side: names in column one"),
            got="、".join(_cell(row, 0) for row in head[:5]),
            fix=Text(
                "在 Excel 中复制后用“选择性粘贴→转置”，使每条记录占一行",
                "Copy it and use paste special, transpose, so that each record is one row",
            ),
        )


def _grid(raw: dict[str, Any]) -> dict[str, Any]:
    """Header, columns and records of a grid, as `RawTable` calls them."""
    kept = [at for at, row in enumerate(raw["rows"]) if not is_empty(row)]
    rows: list[list[object]] = [raw["rows"][at] for at in kept]
    numbers: list[int] = [raw["numbers"][at] for at in kept]
    if not rows:
        raise _empty_file()
    _refuse_transposed(rows)
    merged = [tuple(span) for span in raw.get("merged") or ()]
    header = _header(rows, numbers, merged)
    if header is None:
        raise _no_header(rows)
    skipped = _skipped(rows, header)
    body = [at for at in range(header.last + 1, len(rows)) if at not in skipped]
    width = max([len(header.names), *(len(rows[at]) for at in body)])
    columns = column_names(header.names, width)
    nameless = [at for at in range(width) if not _cell(header.names, at)]
    blank = {at for at in nameless if not any(_cell(rows[row], at) for row in body)}
    full = [
        row if len(row) == width else row + [None] * (width - len(row))
        for row in map(rows.__getitem__, body)
    ]
    if blank:
        keep = [at for at in range(width) if at not in blank]
        columns = [columns[at] for at in keep]
        full = [[row[at] for at in keep] for row in full]
    return {
        "columns": columns,
        "rows": full,
        "row_numbers": [numbers[at] for at in body],
        "header_row": numbers[header.last],
        "header_rows": header.last - header.first + 1,
        "title": [" ".join(dict.fromkeys(texts(row))) for row in rows[: header.first]],
        "skipped": [(numbers[at], code) for at, code in skipped.items()],
        "merged": merged,
    }


def _first_row_heads(raw: dict[str, Any]) -> dict[str, Any]:
    """A grid whose first row with content is its header and each further one a record."""
    kept = [at for at, row in enumerate(raw["rows"]) if not is_empty(row)]
    if not kept:
        raise _empty_file()
    head, *body = kept
    width = max(len(raw["rows"][at]) for at in kept)
    used = [at for at in range(width) if any(_cell(raw["rows"][row], at) for row in kept)]
    rows = [raw["rows"][at] for at in body]
    return {
        "columns": column_names([_cell(raw["rows"][head], at) for at in used], len(used)),
        "rows": [[row[at] if at < len(row) else None for at in used] for row in rows],
        "row_numbers": [raw["numbers"][at] for at in body],
        "header_row": raw["numbers"][head],
        "header_rows": 1,
    }


def shape(raw: dict[str, Any], kind: Kind, sha256: str, *, plain: bool = False) -> RawTable:
    """The child's answer as a table; a grid gets its header and equal rows.

    With `plain` the first row is the header and every further row a record: nothing is guessed.
    Raises `InputError` `file_empty`, `header_missing`, `table_transposed` or `crs_refused`.
    """
    if kind in _GRIDS:
        made = _first_row_heads(raw) if plain else _grid(raw)
    else:
        made = {
            "columns": column_names(raw["columns"], len(raw["columns"])),
            "rows": raw["rows"],
            "row_numbers": raw["numbers"],
            "header_row": None,
        }
    return RawTable(
        geometry=raw["geometry"] if raw.get("with_geometry") else None,
        encoding=raw.get("encoding"),
        encoding_how=raw.get("encoding_how"),
        sheet=raw.get("sheet"),
        sheets=list(raw.get("sheets") or ()),
        sha256=sha256,
        kind=kind,
        crs_name=_declared_crs(raw.get("crs_name")),
        **made,
    )
