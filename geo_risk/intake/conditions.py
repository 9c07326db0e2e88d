"""`where` conditions: a column and its values, or a column that is not empty; no expressions."""

from __future__ import annotations

from collections.abc import Sequence

from geo_risk.errors import Text, UsageError

from .header import normal_header
from .model import ColumnMap, RawTable
from .texts import plain


def _column(name: str, table: RawTable, mapping: ColumnMap) -> int:
    if name in table.columns:
        return table.columns.index(name)
    normal = [normal_header(column) for column in table.columns]
    if normal_header(name) in normal:
        return normal.index(normal_header(name))
    if name in mapping.fields:
        return mapping.fields[name]
    listed = ", ".join(table.columns)[:300]
    raise UsageError(
        "where_column_unknown",
        Text("筛选条件中的列不存在", "The condition names a column that is not there"),
        where="where",
        got=name,
        fix=Text(f"文件中的列: {listed}", f"Columns of the file: {listed}"),
    )


def _parsed(condition: str) -> tuple[str, frozenset[str] | None]:
    column, equals, values = condition.partition("=")
    wanted = frozenset(filter(None, (plain(value).casefold() for value in values.split(","))))
    if not column.strip() or not equals or not wanted:
        raise UsageError(
            "where_invalid",
            Text("筛选条件无法读取", "The condition cannot be read"),
            where="where",
            got=condition,
            fix=Text(
                "写作 列=值1,值2，或 列=*(非空)",
                "Write column=value1,value2 or column=* (not empty)",
            ),
        )
    return column.strip(), None if wanted == {"*"} else wanted


def kept_rows(table: RawTable, mapping: ColumnMap, where: Sequence[str]) -> list[int]:
    """Indices of the rows that meet every condition, compared without width and case."""
    kept = list(range(len(table.rows)))
    for condition in where:
        name, wanted = _parsed(condition)
        at = _column(name, table, mapping)
        met: list[int] = []
        for row in kept:
            cell = table.rows[row][at]
            text = "" if cell is None else plain(cell).casefold()
            if (text in wanted) if wanted is not None else text:
                met.append(row)
        kept = met
    return kept
