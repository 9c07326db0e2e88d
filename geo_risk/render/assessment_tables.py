"""A table of an assessment as HTML; every cell is escaped here."""

from __future__ import annotations

from html import escape
from typing import Any

from ..assessment import Cell, Column, Table, Tally
from ..errors import Lang
from ..vocabulary import Grade
from .assessment_charts import badge, bar, mark

_NUMERIC = ("count", "of", "index", "score", "signed", "ranked")


def table_html(table: Table, lang: Lang, *, level: int = 3) -> str:
    """Heading, note and table; a sentence where the table has no rows."""
    head = f'<h{level} id="{table.key}">{escape(table.title)}</h{level}>'
    note = f'<p class="note">{escape(table.note)}</p>' if table.note else ""
    if not table.rows:
        return f'{head}{note}<p class="empty">{escape(table.empty)}</p>'
    long = any(column.kind == "long" for column in table.columns)
    last = len(table.rows) - 1
    rows = "".join(
        _row(table, cells, lang, total=table.total and at == last)
        for at, cells in enumerate(table.rows)
    )
    titles = "".join(map(_heading, table.columns))
    label = escape(table.title, quote=True)
    return (
        f'{head}{note}<div class="scroll" role="region" aria-label="{label}" tabindex="0">'
        f"<table{' class=cards' if long else ''}><thead><tr>{titles}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _heading(column: Column) -> str:
    numeric = ' class="num"' if column.kind in _NUMERIC else f' class="k-{column.kind}"'
    words = escape(column.label)
    if column.grade:
        words = f'{mark(column.grade)}<span class="w">{words}</span>'
    return f'<th scope="col"{numeric}>{words}</th>'


def _row(table: Table, cells: tuple[Cell, ...], lang: Lang, *, total: bool) -> str:
    first = 1 if table.columns[0].kind == "count" and len(table.columns) > 2 else 0
    parts = []
    for at, (column, cell) in enumerate(zip(table.columns, cells, strict=True)):
        tag, scope = ("th", ' scope="row"') if at == first else ("td", "")
        kinds = [f"k-{column.kind}"]
        if column.kind in _NUMERIC:
            kinds.append("num")
        if column.kind in ("count", "signed") and cell == 0:
            kinds.append("zero")
        label = escape(column.label, quote=True)
        inside = cell_html(column, cell, lang)
        parts.append(
            f'<{tag}{scope} class="{" ".join(kinds)}" data-label="{label}">{inside}</{tag}>'
        )
    return f"<tr{' class=total' if total else ''}>{''.join(parts)}</tr>"


def cell_html(column: Column, cell: Cell, lang: Lang) -> str:
    """One cell by the kind of its column."""
    if isinstance(cell, Grade):
        return badge(cell, lang)
    if isinstance(cell, Tally):
        return bar(cell, lang)
    if isinstance(cell, tuple):
        return _pair(column, cell, lang)
    if isinstance(cell, str):
        text = escape(cell)
        return text.replace("_", "_<wbr>") if column.kind == "id" else text
    return "" if cell is None else _number(cell, signed=column.kind == "signed")


def _pair(column: Column, cell: tuple[Any, Any], lang: Lang) -> str:
    left, right = cell
    if column.kind == "of":
        return f"{left}/{right}"
    if column.kind == "move":
        return f"{badge(left, lang)} → {badge(right, lang)}"
    if left is None:
        return '<span class="none">–</span>'
    if column.kind == "ranked":
        return f"{_number(left)}<small>{f'#{right}' if right else ''}</small>"
    return _index(left, right)


def _index(value: float, fill: Grade) -> str:
    """The index with the mark of the colour that its area has on the map."""
    return f"{mark(fill)}{value:.2f}"


def _number(value: float, *, signed: bool = False) -> str:
    if signed:
        return f"{'+' if value > 0 else '−' if value < 0 else '±'}{abs(value)}"
    if isinstance(value, int):
        return str(value)
    text = f"{value:.2f}" if abs(value) < 100 else f"{value:.1f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
