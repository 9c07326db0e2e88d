"""The sheets of a workbook that are not read: nobody shall think that all of it came in."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

OWN_SHEETS = frozenset(
    ("说明", "Notes", "Read me", "重复行", "Duplicates", "已入库的提示", "Stored with notes")
)
"""Second sheets of the workbooks that this program writes; a test holds them to `geo_risk.export`.
`说明` is also what people call their own sheet of explanations."""

_SHOWN = 8


def unread(
    visible: Sequence[tuple[int, str]], read: int, last_rows: Mapping[int, int]
) -> dict[str, str] | None:
    """The note `sheets_unread` of the visible sheets beside the one read; None where none is.

    A sheet of one row is no table. `last_rows` per index of a sheet; unknown counts as a table.
    """
    names = [
        name
        for at, name in visible
        if at != read and last_rows.get(at, 2) > 1 and name not in OWN_SHEETS
    ]
    if not names:
        return None
    name = next(name for at, name in visible if at == read)
    more = "" if len(names) <= _SHOWN else " …"
    zh = "、".join(f"“{one}”" for one in names[:_SHOWN]) + more
    en = ", ".join(f"“{one}”" for one in names[:_SHOWN]) + more
    option = f"--sheet {shlex.quote(names[0])}"
    return {
        "code": "sheets_unread",
        "zh": f"只读了工作表“{name}”，另有 {len(names)} 个有内容的工作表未读：{zh}；"
        f"需要时加 {option} 再导入一次",
        "en": f"Only the sheet “{name}” was read; {len(names)} more with content were not: {en}; "
        f"import again with {option} where they are needed",
    }
