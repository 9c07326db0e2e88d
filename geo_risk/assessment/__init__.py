"""The comprehensive assessment of a city as plain data, and its tables in words.

Pure: no database, file, network or clock. `services.assessment` fills it; the page (HTML) and the
workbook (XLSX) show the same tables.
"""

from __future__ import annotations

from .change_tables import change_line, change_remarks
from .model import (
    Assessment,
    Breakdown,
    Change,
    CheckRow,
    Checks,
    Dangers,
    Gap,
    GridCell,
    Group,
    LayerFigure,
    MapArea,
    MapData,
    MapMark,
    Method,
    Moved,
    PolicyChange,
    Profile,
    Ranked,
    Ranking,
    Tally,
    Unplaced,
)
from .table import Cell, Column, Table
from .tables import tables
from .times import local_time

__all__ = [
    "Assessment",
    "Breakdown",
    "Cell",
    "Change",
    "CheckRow",
    "Checks",
    "Column",
    "Dangers",
    "Gap",
    "GridCell",
    "Group",
    "LayerFigure",
    "MapArea",
    "MapData",
    "MapMark",
    "Method",
    "Moved",
    "PolicyChange",
    "Profile",
    "Ranked",
    "Ranking",
    "Table",
    "Tally",
    "Unplaced",
    "change_line",
    "change_remarks",
    "local_time",
    "tables",
]
