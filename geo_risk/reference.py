"""The shipped tables of the standards (`data/reference/*.csv`), read once, as rows of text."""

from __future__ import annotations

import csv
from functools import cache
from types import MappingProxyType

from .errors import CatalogueError, Text
from .resources import shipped

Row = MappingProxyType[str, str]


@cache
def table(name: str) -> tuple[Row, ...]:
    """The rows of one reference table in file order; `CatalogueError` if there is no such table."""
    path = shipped("data") / "reference" / f"{name}.csv"
    if not path.is_file():
        raise CatalogueError(
            "reference_unknown",
            Text("没有这个标准数据表", "There is no such reference table"),
            where="data/reference",
            got=name,
        )
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(MappingProxyType(row) for row in csv.DictReader(file))
