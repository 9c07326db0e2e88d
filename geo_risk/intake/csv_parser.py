"""CSV and TSV: encoding by BOM, strict UTF-8, GB18030; delimiter by the first rows."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

from geo_risk.errors import InputError, Text

from .limits import CELL_CHARACTERS, Limits, damaged, too_big

Chunk = tuple[list[list[object]], list[int]]

_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_CHUNK_ROWS = 5000


def _unreadable(zh: str, en: str, where: str = "") -> InputError:
    return InputError(
        "encoding_unknown",
        Text(zh, en),
        where=where,
        fix=Text("请另存为“CSV UTF-8”后再导入", "Save it as “CSV UTF-8” and import again"),
    )


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _mixed_line(data: bytes) -> int | None:
    """The first line that is not UTF-8 in a file whose other lines are; None in a GBK file."""
    good, bad, first = 0, 0, 0
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.isascii():
            continue
        if _decoded(line, "utf-8") is None:
            bad, first = bad + 1, first or number
        else:
            good += 1
    return first if good > bad else None


def decode_text(data: bytes) -> tuple[str, str]:
    """Text and encoding of a file: BOM, strict UTF-8, UTF-16 without BOM, GB18030.

    A file that mixes UTF-8 and GBK lines is refused with the line's number, never guessed.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            text = _decoded(data, encoding)
            if text is None:
                raise _unreadable("文件与其字节序标记不符", "The file does not fit its own BOM")
            return _plain(text), encoding
    if b"\0" in data:
        for encoding in ("utf-16-le", "utf-16-be"):
            text = _decoded(data, encoding)
            if text and "\0" not in text and "\n" in text and text[0].isprintable():
                ascii_share = sum(map(text.count, ",;\t\n\r"))
                if ascii_share * 200 >= len(text):
                    return _plain(text), encoding
        raise _unreadable(
            "文件含空字节，不是文本", "The file holds null bytes, it is no text", _line_of_nul(data)
        )
    text = _decoded(data, "utf-8")
    if text is not None:
        return _plain(text), "utf-8"
    line = _mixed_line(data)
    if line is not None:
        raise _unreadable(
            "UTF-8 文件中混有其他编码的文字",
            "The file is UTF-8, but this line is not",
            f"line {line}",
        )
    text = _decoded(data, "gb18030")
    if text is None:
        raise _unreadable("编码不是 UTF-8 也不是 GB18030", "Neither UTF-8 nor GB18030")
    return _plain(text), "gb18030"


def _line_of_nul(data: bytes) -> str:
    return f"line {data.count(10, 0, data.index(0)) + 1}"


def _plain(text: str) -> str:
    found = _CONTROLS.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise _unreadable(
            "文件含控制字符，不是文本", "The file holds control characters", f"line {line}"
        )
    return text


def delimiter_of(text: str) -> str:
    """The delimiter under which most of the first rows agree on the most columns."""
    lines = text[:65536].splitlines()[:40]

    def score(delimiter: str) -> int:
        rows = csv.reader(lines, delimiter=delimiter)
        widths = Counter(len(row) for row in rows if len(row) > 1)
        return max(((width - 1) * count for width, count in widths.items()), default=0)

    return max(",;\t", key=score)


def read_csv(data: bytes, limits: Limits) -> tuple[dict[str, object], Iterator[Chunk]]:
    """Encoding and chunks of rows with their line numbers; `InputError` beyond a limit."""
    csv.field_size_limit(CELL_CHARACTERS)
    text, encoding = decode_text(data)
    delimiter = delimiter_of(text)
    data = b""
    return {"encoding": encoding}, _chunks(text, delimiter, limits)


def _chunks(text: str, delimiter: str, limits: Limits) -> Iterator[Chunk]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[list[object]] = []
    numbers: list[int] = []
    taken, line = 0, 1
    try:
        for row in reader:
            if row:
                if len(row) > limits.columns and any(row[limits.columns :]):
                    what = Text(f"多于 {limits.columns} 列", f"over {limits.columns} columns")
                    raise too_big(what, len(row), "max_columns")
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
        what = Text(f"多于 {limits.rows} 行", f"over {limits.rows} rows")
        raise too_big(what, taken + len(rows), "max_rows")
    yield rows, numbers
