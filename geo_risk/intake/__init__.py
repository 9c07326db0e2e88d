"""Intake: read untrusted files in a child process, map columns, clean rows, name every reject.

The names below are imported on first use, so that the parsing child starts without numpy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .boundary import read_table as read_table
    from .cleaning import clean_rows as clean_rows
    from .cleaning import column_missing as column_missing
    from .mapping import map_columns as map_columns
    from .model import ColumnMap as ColumnMap
    from .model import Finding as Finding
    from .model import RawTable as RawTable
    from .rows import Rows as Rows

_HOMES = {
    "read_table": "boundary",
    "clean_rows": "cleaning",
    "column_missing": "cleaning",
    "map_columns": "mapping",
    "ColumnMap": "model",
    "RawTable": "model",
    "Finding": "model",
    "Rows": "rows",
}
__all__ = [
    "ColumnMap",
    "Finding",
    "RawTable",
    "Rows",
    "clean_rows",
    "column_missing",
    "map_columns",
    "read_table",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
