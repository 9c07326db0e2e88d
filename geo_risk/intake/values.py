"""One cell of each field type: from what clerks write to the stored value, or a `Fault`."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable

from geo_risk.catalogue import FieldSpec
from geo_risk.errors import InputError
from geo_risk.grading import canonical_substances

from .credit_code import is_credit_code, is_demo_code
from .faults import Fault, invalid

Reader = Callable[[object], object]

UNRANGED = {"l", "e", "c", "exposed_people"}
"""Their tables are the grader's matter: a value outside is graded “no data”, with the reason."""

_LONGEST_TEXT = 20_000
_DROPPED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?")
_DATE = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?"
)
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TAG = re.compile(r"[、，,;；/／|\n]")
_TRUE = {"是", "true", "1", "√", "y", "yes", "有", "对", "t", "✓", "☑"}
_FALSE = {"否", "false", "0", "×", "n", "no", "无", "错", "f", "x", "✗", "☐"}


def plain(cell: object) -> str:
    """A cell as text in normal width without surrounding space."""
    if cell.__class__ is str and cell.isascii():
        return cell.strip()
    return unicodedata.normalize("NFKC", str(cell)).strip()


def read_text(cell: object) -> object:
    """Text as written, without control characters and surrounding space; None when empty."""
    text = cell if isinstance(cell, str) else _as_text(cell)
    text = text.strip()
    if not text.isprintable():
        text = " ".join(_DROPPED.sub("", text).split())
    if len(text) > _LONGEST_TEXT:
        return invalid(
            text,
            f"超过 {_LONGEST_TEXT} 个字",
            f"is longer than {_LONGEST_TEXT} characters",
            "请缩短文字",
            "Shorten the text",
        )
    return text or None


def _as_text(cell: object) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(cell)


def to_float(text: str) -> float | None:
    """A finite number from text in normal width; None for anything else."""
    if _NUMBER.fullmatch(text):
        value = float(text)
    elif _THOUSANDS.fullmatch(text):
        value = float(text.replace(",", ""))
    else:
        return None
    return value if math.isfinite(value) else None


def _number_reader(field: FieldSpec) -> Reader:
    whole = field.type == "integer"
    ranged = field.name not in UNRANGED
    low = field.minimum if ranged and field.minimum is not None else -(2.0**53)
    high = field.maximum if ranged and field.maximum is not None else 2.0**53
    kind = ("整数", "a whole number") if whole else ("数字", "a number")
    unit = unicodedata.normalize("NFKC", field.unit)

    def read(cell: object) -> object:
        text = plain(cell)
        if not text:
            return None
        if unit and text.endswith(unit):
            text = text.removesuffix(unit).strip()
        value = None if isinstance(cell, bool) else to_float(text)
        if value is None or (whole and not value.is_integer()):
            fix = (f"请只填{kind[0]}，如 12", f"Give {kind[1]} only, such as 12")
            return invalid(cell, f"不是{kind[0]}", f"is not {kind[1]}", *fix)
        if not low <= value <= high:
            span = f"{low:g} – {high:g}"
            fix = (f"应在 {span} 之间", f"It must lie within {span}")
            return invalid(cell, "超出范围", "is out of range", *fix)
        return int(value) if whole else value

    return read


def read_boolean(cell: object) -> object:
    """Yes or no as people write it."""
    text = plain(cell).casefold()
    if not text:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    return invalid(
        cell, "不是“是”或“否”", "is neither yes nor no", "请填 是 或 否", "Write 是 or 否"
    )


def read_date(cell: object) -> object:
    """A day in one of the usual five forms, as ISO text."""
    text = plain(cell)
    if not text:
        return None
    found = _DATE.fullmatch(text.replace(" 年", "年")) or _DIGITS.fullmatch(text)
    if found:
        try:
            return dt.date(*map(int, found.groups())).isoformat()
        except ValueError:
            pass
    return invalid(cell, "不是日期", "is not a date", "请写作 2026-03-05", "Write it as 2026-03-05")


def _enum_reader(field: FieldSpec) -> Reader:
    codes: dict[str, str] = {}
    for choice in field.choices:
        for word in (choice.code, *choice.label.values(), *choice.synonyms):
            codes.setdefault(plain(word).casefold(), choice.code)
    zh = "、".join(choice.label["zh"] for choice in field.choices)
    en = ", ".join(choice.label["en"] for choice in field.choices)

    def read(cell: object) -> object:
        text = plain(cell).casefold()
        if not text:
            return None
        code = codes.get(text)
        if code is not None:
            return code
        fix = (f"请从中选一：{zh}", f"Choose one of: {en}")
        return invalid(cell, "不在可选项中", "is not one of the choices", *fix)

    return read


def read_tags(cell: object) -> object:
    """A list parted by any usual mark, joined by `;`, each tag once."""
    text = read_text(cell if not isinstance(cell, str) else cell.replace("\n", ";"))
    if not isinstance(text, str):
        return text
    tags = (part.strip() for part in _TAG.split(text))
    return ";".join(dict.fromkeys(tag for tag in tags if tag)) or None


def read_credit_code(cell: object) -> object:
    """A code by GB 32100-2015, or one with the demo prefix (for synthetic records only)."""
    code = plain(cell).upper().replace(" ", "").replace("-", "")
    if not code:
        return None
    if is_credit_code(code) or is_demo_code(code):
        return code
    return invalid(
        cell,
        "不是有效的统一社会信用代码(校验位不符)",
        "is not a valid unified social credit code (its check character does not fit)",
        "请按营业执照核对 18 位代码；没有代码时留空",
        "Compare the 18 characters with the licence, or leave the cell empty",
    )


def read_substances(cell: object) -> object:
    """Substances and tonnes in canonical text."""
    text = read_text(cell)
    if not isinstance(text, str):
        return text
    try:
        return canonical_substances(text) or None
    except InputError as error:
        return Fault("value_invalid", error.message, error.fix)


_READERS: dict[str, Reader] = {
    "text": read_text,
    "boolean": read_boolean,
    "date": read_date,
    "tags": read_tags,
    "credit_code": read_credit_code,
    "substances": read_substances,
}


def reader_of(field: FieldSpec) -> Reader:
    """The reader of a field's cells: a value, None when empty, or a `Fault`."""
    if field.type in ("integer", "number"):
        return _number_reader(field)
    return _enum_reader(field) if field.type == "enum" else _READERS[field.type]
