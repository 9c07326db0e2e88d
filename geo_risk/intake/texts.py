"""A cell as text and as a plain number: what all readers of cells begin with."""

from __future__ import annotations

import math
import re
import unicodedata

from .faults import invalid
from .invisible import one_line

_LONGEST_TEXT = 20_000
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?")
_LONGEST_NUMBER = 400
_BLANK = frozenset(
    " / \\ - -- --- – — —— 无 暂无 空 未填 不详 未知 n/a na none null nil".split(" ")  # noqa: SIM905
)
_LONGEST_BLANK = max(map(len, _BLANK))


def plain(cell: object) -> str:
    """A cell as text in normal width without surrounding space."""
    if isinstance(cell, str) and cell.isascii():
        return cell.strip()
    return unicodedata.normalize("NFKC", as_text(cell)).strip()


def is_blank(text: str) -> bool:
    """Whether text in normal width is one of the marks clerks put where nothing is known."""
    return text in _BLANK or text.casefold() in _BLANK


def as_text(cell: object) -> str:
    """A cell of any class as text; a whole number beyond what Python prints is cut short."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    try:
        return str(cell)
    except ValueError:  # an integer of more than 4,300 digits
        return "1e9999"


def read_text(cell: object) -> object:
    """Text as written, without control and bidi characters and surrounding space.

    None when it is empty or only a mark for nothing (`/`, `无`): a register whose code column says
    无 ten times has ten rows without a code, not nine duplicates.
    """
    text = cell if isinstance(cell, str) else as_text(cell)
    text = text.strip()
    if not text.isprintable():
        text = one_line(text)
    if len(text) > _LONGEST_TEXT:
        return invalid(
            text,
            f"超过 {_LONGEST_TEXT} 个字",
            f"is longer than {_LONGEST_TEXT} characters",
            "请缩短文字",
            "Shorten the text",
        )
    if len(text) <= _LONGEST_BLANK and is_blank(plain(text)):
        return None
    return text


def to_float(text: str) -> float | None:
    """A finite number from text in normal width; None for anything else."""
    if len(text) > _LONGEST_NUMBER:
        return None
    if _NUMBER.fullmatch(text):
        value = float(text)
    elif _THOUSANDS.fullmatch(text):
        value = float(text.replace(",", ""))
    else:
        return None
    return value if math.isfinite(value) else None


def is_number(text: str) -> bool:
    """Whether the text is a number with a decimal point, no thousands marked."""
    return _NUMBER.fullmatch(text) is not None
