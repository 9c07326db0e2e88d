"""CSV and TSV: the delimiter by the first rows, the rows in chunks."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator

from .limits import Limits, damaged, too_many_columns, too_many_rows
from .text_encoding import decode_text

Chunk = tuple[list[list[object]], list[int]]

_CHUNK_ROWS = 5000


def delimiter_of(text: str) -> str:
    """The delimiter under which most of the first rows agree on the most columns."""
    lines = text[:65536].splitlines()[:40]

    def score(delimiter: str) -> int:
        rows = csv.reader(lines, delimiter=delimiter)
        widths = Counter(len(row) for row in rows if len(row) > 1)
        return max(((width - 1) * count for width, count in widths.items()), default=0)

    return max(",;\t", key=score)


def read_csv(
    data: bytes, limits: Limits, encoding: str | None = None
) -> tuple[dict[str, object], Iterator[Chunk]]:
    """Encoding and chunks of rows with their line numbers; `InputError` beyond a limit."""
    csv.field_size_limit(limits.cell_chars)
    text, encoding, how = decode_text(data, encoding)
    delimiter = delimiter_of(text)
    return {"encoding": encoding, "encoding_how": how}, _chunks(text, delimiter, limits)


def _chunks(text: str, delimiter: str, limits: Limits) -> Iterator[Chunk]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[list[object]] = []
    numbers: list[int] = []
    taken, line = 0, 1
    try:
        for row in reader:
            if row:
                if len(row) > limits.columns and any(row[limits.columns :]):
                    raise too_many_columns(limits, len(row))
                rows.append(row[: limits.columns])  # type: ignore[arg-type]
                numbers.append(line)
            line = reader.line_num + 1
            if len(rows) == _CHUNK_ROWS:
                taken += len(rows)
                if taken > limits.rows:
                    break
                yield rows, numbers
                rows, numbers = [], []
    except csv.Error as error:
        raise damaged("CSV", "单元格过长或引号不成对", "a cell is too long", error) from None
    if taken + len(rows) > limits.rows + 20:
        raise too_many_rows(limits, taken + len(rows))
    yield rows, numbers
