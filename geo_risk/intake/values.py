"""One cell of each field type: from what clerks write to the stored value, or a `Fault`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from geo_risk.catalogue import FieldSpec
from geo_risk.errors import InputError
from geo_risk.grading import canonical_substances

from .credit_code import read_credit_code
from .dates import read_date
from .faults import Fault, invalid
from .grades import read_grade
from .identifiers import ID_FIELDS, read_identifier
from .spans import interval_reader
from .texts import is_blank, plain, read_text, to_float

Reader = Callable[[object], object]

UNRANGED = {"l", "e", "c", "exposed_people"}
"""Their tables are the grader's matter: a value outside is graded “no data”, with the reason."""

_METRES = ("m", "米")
_TAG = re.compile(r"[、，,;；/／|\n]")
_TRUE = {"是", "true", "1", "√", "y", "yes", "有", "对", "t", "✓", "☑"}
_FALSE = {"否", "false", "0", "×", "n", "no", "无", "错", "f", "x", "✗", "☐"}


def _number_reader(field: FieldSpec) -> Reader:
    whole = field.type == "integer"
    ranged = field.name not in UNRANGED
    low = field.minimum if ranged and field.minimum is not None else -(2.0**53)
    high = field.maximum if ranged and field.maximum is not None else 2.0**53
    kind = ("整数", "a whole number") if whole else ("数字", "a number")
    unit = unicodedata.normalize("NFKC", field.unit)
    units = _METRES if unit == "m" else (unit,) if unit else ()

    def read(cell: object) -> object:
        text = plain(cell)
        if is_blank(text):
            return None
        for one in units:
            if text.endswith(one):
                text = text.removesuffix(one).strip()
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
        if is_blank(text):
            return None
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
    "grade": read_grade,
    "substances": read_substances,
}


def reader_of(field: FieldSpec) -> Reader:
    """The reader of a field's cells: a value, a `Noted` one, None when empty, or a `Fault`."""
    if field.type in ("integer", "number"):
        return _number_reader(field)
    if field.type == "interval":
        return interval_reader(field)
    if field.type == "enum":
        return _enum_reader(field)
    if field.type == "text" and field.name in ID_FIELDS:
        return read_identifier
    return _READERS[field.type]
