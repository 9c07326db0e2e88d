"""Names of the divisions (大类) of GB/T 4754-2017, for tables that people read."""

from __future__ import annotations

from functools import cache

from ..errors import Text
from ..reference import table


@cache
def division_names() -> dict[str, Text]:
    """The 97 divisions by their two digits; the English is our own."""
    return {
        row["division"]: Text(row["name_zh"], row["name_en"])
        for row in table("gbt4754_2017_divisions")
    }


def division_label(code: str) -> Text | None:
    """`18 纺织服装、服饰业`, or None where there is no such division."""
    name = division_names().get(code)
    return None if name is None else Text(f"{code} {name['zh']}", f"{code} {name['en']}")
