"""Names, widths and heights of the sheets of the assessment's workbook."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..assessment import Table
from ..errors import Lang, Text
from .tables import readable_text

LONGEST = 31
"""Characters that a spreadsheet takes as the name of a sheet."""

NAMES: dict[str, Text] = {
    "layers": Text("数据与分级方案", "Data and profiles"),
    "by_town": Text("按镇(街道)", "By town"),
    "town_methods": Text("镇(街道)汇总方法并列", "Towns by all methods"),
    "by_village": Text("含重大风险的村(社区)", "Villages with red"),
    "by_industry": Text("按行业门类", "By industry (sections)"),
    "by_division": Text("按行业大类", "By industry (divisions)"),
    "by_accident_type": Text("按事故类型", "By type of accident"),
    "by_unit_kind": Text("按单元类型", "By kind of unit"),
    "by_hazard_level": Text("按重大危险源级别", "By hazard level"),
    "by_department": Text("按监管部门", "By department"),
    "checks_by_town": Text("逾期检查·镇(街道)", "Overdue checks by town"),
    "checks_by_department": Text("逾期检查·部门", "Overdue checks by department"),
    "change_by_grade": Text("变化·各等级", "Change by grade"),
    "change_by_kind": Text("变化·种类", "Change by kind"),
    "change_by_town": Text("变化·各镇(街道)", "Change by town"),
    "changed_items": Text("变化清单", "Items that changed"),
    "profiles": Text("分级方案与分界值", "Profiles and limits"),
    "gaps": Text("没有等级的对象", "Items without a grade"),
    "unplaced": Text("未定位的行", "Rows not placed"),
}
WORST = Text("最重十个·{title}", "Ten worst - {title}")
_WIDTHS = {"text": 24, "long": 60, "id": 20, "grade": 10, "move": 10}
_PLAIN_WIDTH, _WIDEST_ID, _LINE_PT = 10, 44, 15


def sheet_names(found: Sequence[Table], taken: Sequence[str], lang: Lang) -> list[str]:
    """A name for each table that says what its sheet holds: 31 characters at most, none twice."""
    names = [name.lower() for name in taken]
    result = []
    for table in found:
        words = _words(table, lang)
        name, number = _cut(words, LONGEST), 1
        while name.lower() in names:
            number += 1
            name = f"{_cut(words, LONGEST - len(f' {number}'))} {number}"
        names.append(name.lower())
        result.append(name)
    return result


def _words(table: Table, lang: Lang) -> str:
    named = NAMES.get(table.key)
    title = named[lang] if named else table.title
    if table.chapter == "worst":
        title = WORST[lang].format(title=table.title)
    return re.sub(r"[\[\]:*?/\\']", " ", readable_text(title)).strip() or table.key


def _cut(words: str, most: int) -> str:
    """The first words of a name, whole ones where it has several."""
    if len(words) <= most:
        return words
    whole = words[: most + 1].rpartition(" ")[0]
    return (whole or words[:most]).rstrip(" -·")


def width_of(kind: str, texts: Sequence[str]) -> int:
    """How wide a column is; one of ids or profiles as wide as the longest of them, to a limit."""
    width = _WIDTHS.get(kind, _PLAIN_WIDTH)
    if kind == "id":
        longest = max(map(cells_wide, texts), default=0) + 2
        width = min(max(width, longest), _WIDEST_ID)
    return width


def cells_wide(text: str) -> int:
    """How wide a text is in a spreadsheet: a Chinese character takes two places."""
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)


def row_height(texts: Sequence[tuple[str, int]]) -> int | None:
    """The height in points of a row of (text, width of its column); None where one line does.

    Not every program measures wrapped text when it opens a file.
    """
    lines = max((_lines(text, width) for text, width in texts), default=1)
    return _LINE_PT * lines if lines > 1 else None


def _lines(text: str, width: int) -> int:
    # A line breaks between words, so that it is never quite full.
    room = max(width - 2, 1)
    return sum(-(-cells_wide(part) // room) or 1 for part in text.split("\n"))
