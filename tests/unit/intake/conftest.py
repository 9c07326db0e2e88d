"""A table on disk from rows, and the whole way from a file to clean rows."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from geo_risk.catalogue import layer
from geo_risk.intake import Rows, clean_rows, map_columns, read_table


@pytest.fixture
def write_csv(tmp_path: Path) -> Callable[..., Path]:
    def write(rows: Sequence[Sequence[Any]], encoding: str = "utf-8", delimiter: str = ",") -> Path:
        path = tmp_path / "table.csv"
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file, delimiter=delimiter).writerows(rows)
        return path

    return write


@pytest.fixture
def write_xlsx(tmp_path: Path) -> Callable[..., Path]:
    def write(rows: Sequence[Sequence[Any]]) -> Path:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(list(row))
        path = tmp_path / "table.xlsx"
        book.save(path)
        return path

    return write


@pytest.fixture
def intake() -> Callable[..., Rows]:
    def run(path: Path, layer_id: str = "enterprises", where: Sequence[str] = ()) -> Rows:
        table, spec = read_table(path), layer(layer_id)
        return clean_rows(table, spec, map_columns(table.columns, spec), where=where)

    return run
