"""CSV and TSV: the delimiter by the first rows, the rows in chunks."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator

from geo_risk.errors import Text

from .limits import Limits, damaged, too_big, too_many_columns, too_many_rows
from .text_encoding import decode_text

Chunk = tuple[list[list[object]], list[int]]

_CHUNK_ROWS = 5000
_HEAD_CHARACTERS = 65536


def delimiter_of(text: str) -> str:
    """The delimiter under which most of the first rows agree on the most columns."""
    lines = text[:_HEAD_CHARACTERS].splitlines()[:40]

    def score(delimiter: str) -> int:
        rows = csv.reader(lines, delimiter=delimiter)
        widths = Counter(len(row) for row in rows if len(row) > 1)
        return max(((width - 1) * count for width, count in widths.items()), default=0)

    return max(",;\t", key=score)


def read_csv(
    data: bytes, limits: Limits, encoding: str | None = None
) -> tuple[dict[str, object], Iterator[Chunk]]:
    """Encoding and chunks of rows with their line numbers; `InputError` beyond a limit."""
    text, encoding, how = decode_text(data, encoding)
    csv.field_size_limit(_HEAD_CHARACTERS + 1)
    delimiter = delimiter_of(text)
    csv.field_size_limit(limits.cell_chars)
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
        if "limit" in str(error):
            what = Text("单元格过长，或引号不成对", "a cell is too long, or a quote has no end")
            raise too_big(what, f"line {line}", "max_cell_chars") from None
        raise damaged("CSV", "引号或换行有误", "quotes or line ends are wrong", error) from None
    if taken + len(rows) > limits.rows + 20:
        raise too_many_rows(limits, taken + len(rows))
    yield rows, numbers
