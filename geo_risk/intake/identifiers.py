"""A cell with an id: kept as text, never a number; what a spreadsheet did to it is told."""

from __future__ import annotations

import re

from geo_risk.errors import Text

from .faults import Noted, scientific, shown
from .texts import plain, read_text

ID_FIELDS = frozenset({"code", "enterprise_id", "town", "village", "phone"})
"""Text fields whose values are compared with those of other files, character by character."""

_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+[eE]\+?|[eE]\+)[0-9]{1,3}")
_DECIMAL = re.compile(r"([0-9]+)\.0+")


def read_identifier(cell: object) -> object:
    """An id in normal width, leading zeros kept; `Noted` without `.0`, `Fault` in science's form.

    `1E5` without a sign or a point may be a real code and stays.
    """
    if isinstance(cell, str) and cell.isascii() and "." not in cell and "+" not in cell:
        return read_text(cell)
    text = read_text(plain(cell))
    if not isinstance(text, str):
        return text
    if _SCIENTIFIC.fullmatch(text):
        return scientific(cell)
    decimal = _DECIMAL.fullmatch(text)
    if decimal is None:
        return text
    return Noted(
        decimal[1],
        "id_decimal_dropped",
        Text(
            f"编号“{shown(cell)}”带小数，已读作 {decimal[1]}",
            f"The id “{shown(cell)}” has a decimal, read as {decimal[1]}",
        ),
        Text("请把该列设为文本", "Make the column text"),
    )
