"""dBASE tables as Shapefiles carry them: fixed records, and four ways to say their encoding.

Layout as in the dBASE III and IV file descriptions; the language driver as ArcGIS and GDAL use it.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from geo_risk.errors import InputError, Text

from .limits import Limits, damaged, too_many_columns, too_many_rows, whole_or_float
from .text_encoding import DECODERS

_LANGUAGE_DRIVERS = {
    0x4D: "gbk",
    0x4F: "big5",
    0x13: "shift_jis",
    0x7B: "shift_jis",
    0x4E: "euc-kr",
}
_CODE_PAGES = {
    "65001": "utf-8",
    "utf8": "utf-8",
    "936": "gbk",
    "cp936": "gbk",
    "54936": "gb18030",
    "950": "big5",
    "cp950": "big5",
    "932": "shift_jis",
    "949": "euc-kr",
    "1252": "latin-1",
    "88591": "latin-1",
    "iso88591": "latin-1",
}
_DELETED = 0x2A
_WHOLE = re.compile(r"[+-]?\d{1,19}")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?")


@dataclass(frozen=True)
class _Column:
    name: bytes
    kind: str
    start: int
    end: int


def _broken(zh: str, en: str, got: object = None) -> InputError:
    return damaged("DBF", zh, en, got)


def _header(data: bytes, limits: Limits) -> tuple[int, int, int, list[_Column]]:
    """Count, offset and length of the records, and their columns."""
    if len(data) < 33:
        raise _broken("文件头不完整", "its head is cut off")
    count, offset, length = struct.unpack_from("<IHH", data, 4)
    if offset > len(data) or length < 1:
        raise _broken("文件头无效", "its head is not valid")
    there = (len(data) - offset) // length
    if count > there:
        raise _broken(
            f"声称有 {count} 条记录，实际只有 {there} 条",
            f"it claims {count} records but holds {there}",
        )
    if count > limits.rows:
        raise too_many_rows(limits, count)
    columns: list[_Column] = []
    at, start = 32, 1
    while at + 32 <= offset and data[at] != 0x0D:
        name = data[at : at + 11].split(b"\0")[0]
        end = start + data[at + 16]
        columns.append(_Column(name, chr(data[at + 11]), start, end))
        at, start = at + 32, end
    if start > length:
        raise _broken("字段总长超过记录长度", "its fields are longer than its records")
    if len(columns) > limits.columns:
        raise too_many_columns(limits, len(columns))
    return count, offset, length, columns


def _text(raw: bytes, decoder: str) -> str | None:
    """A text field; one whose last character was cut off by the field's width loses only that."""
    for cut in range(min(4, len(raw) + 1)):
        try:
            return raw[: len(raw) - cut].decode(decoder)
        except UnicodeDecodeError as error:
            if error.start < len(raw) - 3:
                return None
    return None


def code_page(cpg: bytes | None) -> str | None:
    """The encoding that a .cpg names, where it is one that is known here."""
    plain = (cpg or b"")[:40].decode("latin-1").removeprefix("\xef\xbb\xbf").strip().casefold()
    short = re.sub(r"[^a-z0-9]", "", plain)
    short = short.removeprefix("ansi").removeprefix("oem")
    if short in _CODE_PAGES:
        return _CODE_PAGES[short]
    return plain if plain in DECODERS else None


def _encoding(texts: list[bytes], declared: str | None, driver: int) -> tuple[str, str]:
    """The encoding and how it was found: declared (option, .cpg, driver), strict, gb18030."""
    named = declared or _LANGUAGE_DRIVERS.get(driver)
    order = [(named, "declared")] if named else []
    order += [("utf-8", "strict"), ("gb18030", "gb18030")]
    for encoding, how in order:
        if all(_text(raw, DECODERS[encoding]) is not None for raw in texts):
            return encoding, how
    raise InputError(
        "encoding_unknown",
        Text("属性表的文字编码无法识别", "The encoding of the attribute table is not known"),
        where=".dbf",
        fix=Text("请用 --encoding 指明编码", "Name it with --encoding"),
    )


def _number(text: str) -> object:
    if _WHOLE.fullmatch(text):
        value = int(text)
        return value if abs(value) < 2**63 else text
    if _NUMBER.fullmatch(text):
        return _finite(float(text))
    return None if not text or set(text) <= {"*"} else text


def _finite(number: float) -> object:
    return whole_or_float(number) if math.isfinite(number) else None


def _date(text: str) -> str | None:
    try:
        return dt.date(int(text[:4]), int(text[4:6]), int(text[6:8])).isoformat()
    except ValueError:
        return text.strip("0") or None


def _value(raw: bytes, kind: str, decoder: str) -> object:
    if kind == "I" and len(raw) == 4:
        return struct.unpack("<i", raw)[0]
    if kind in "BO" and len(raw) == 8:
        return _finite(struct.unpack("<d", raw)[0])
    text = (_text(raw.rstrip(b" \0"), decoder) or "").strip(" \0").replace("\0", "")
    if kind in "NF":
        return _number(text)
    if kind == "L":
        return {"t": True, "y": True, "f": False, "n": False}.get(text.lower())
    if kind == "D":
        return _date(text)
    return None if kind in "MGP" else text or None


def read_dbf(
    data: bytes, limits: Limits, cpg: bytes | None, wanted: str | None
) -> tuple[list[str], list[list[object] | None], str, str]:
    """Columns, rows (None where deleted), encoding and how it was found.

    wanted : the encoding that the user declared; else .cpg, language driver, strict UTF-8,
        GB18030. ArcGIS writes driver 0x57 ("ANSI") over GBK, so that one says nothing.

    Raises `InputError` for a table that claims more than it holds.
    """
    count, offset, length, columns = _header(data, limits)
    spans = [(c.start, c.end, c.kind) for c in columns]
    texts = {
        record[start:end].rstrip(b" \0")
        for record in _records(data, count, offset, length)
        for start, end, kind in spans
        if kind == "C"
    }
    named = [*(column.name for column in columns), *texts]
    encoding, how = _encoding(named, wanted or code_page(cpg), data[29])
    if wanted and how != "declared":
        raise InputError(
            "encoding_unknown",
            Text(f"属性表不是所选的编码 {wanted}", f"The attribute table is not {wanted}"),
            where=".dbf",
            fix=Text(f"可能是 {encoding}", f"It may be {encoding}"),
        )
    decoder = DECODERS[encoding]
    rows = [
        None
        if record[0] == _DELETED
        else [_value(record[start:end], kind, decoder) for start, end, kind in spans]
        for record in _records(data, count, offset, length)
    ]
    return [(_text(c.name, decoder) or "").strip() for c in columns], rows, encoding, how


def _records(data: bytes, count: int, offset: int, length: int) -> Iterator[bytes]:
    for at in range(offset, offset + count * length, length):
        yield data[at : at + length]
