"""Industries by GB/T 4754-2017: the section (门类) and division (大类) of a code."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from ..errors import Text
from ..reference import own_table, table

_CODE = re.compile(r"([A-T]?)(\d{0,4})(?:\D.*)?", re.DOTALL)


@dataclass(frozen=True)
class Section:
    """A section: its letter, name and first and last division."""

    code: str
    name: Text
    first: int
    last: int


@cache
def sections() -> dict[str, Section]:
    """The 20 sections by letter."""
    return {
        row["section"]: Section(
            row["section"],
            Text(row["name_zh"], row["name_en"]),
            int(row["from"]),
            int(row["to"]),
        )
        for row in table("gbt4754_2017_sections")
    }


def division_names() -> dict[str, Text]:
    """Names of divisions (大类) by their two digits, where the city gives them; none is shipped."""
    rows = own_table("industry_divisions", ("division", "name_zh", "name_en"))
    return {row["division"]: Text(row["name_zh"], row["name_en"]) for row in rows}


def code_of(text: object) -> tuple[str, str] | None:
    """Section and all digits, up to four, of a code as `industry_of` takes it; None if it is none.

    The digits are those of division, group (中类) or class (小类), as far as the code goes.
    """
    code = unicodedata.normalize("NFKC", str(text)).strip().upper()
    match = _CODE.fullmatch(code)
    if match is None or not code:
        return None
    letter, digits = match.groups()
    if len(digits) < 2:
        return (letter, "") if letter and code == letter else None
    for section in sections().values():
        if section.first <= int(digits[:2]) <= section.last:
            return (section.code, digits) if letter in ("", section.code) else None
    return None


def industry_of(text: object) -> tuple[str, str] | None:
    """Section and division of a code such as `1819`, `C1819`, `18` or `C`; None if it is neither.

    The division is empty where only the section is given. Words behind the code (`1819 服装`) are
    allowed; a letter that does not fit the digits makes it no code.
    """
    code = code_of(text)
    return code and (code[0], code[1][:2])
