"""Columns of numpy arrays as .csv or .parquet, whole or not at all."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .files import format_of, whole_file
from .tables import neutral

FORMATS = ("csv", "parquet")
_BLOCK = 100_000


def write_columns(path: Path, columns: Mapping[str, Any]) -> int:
    """Write lists of texts or arrays, of one length, as columns; how many rows.

    NaN is an empty cell. No text becomes a formula in CSV; Parquet keeps it as it is.
    """
    return write_blocks(path, [columns])


def write_blocks(path: Path, blocks: Iterable[Mapping[str, Any]]) -> int:
    """As `write_columns`, block by block: only one is held at a time. Columns may be Arrow's."""
    kind = format_of(path, FORMATS)
    with whole_file(path) as part:
        return (_csv if kind == "csv" else _parquet)(part, blocks)


def _csv(path: Path, blocks: Iterable[Mapping[str, Any]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for at, columns in enumerate(blocks):
            if at == 0:
                writer.writerow(columns)
            length = len(next(iter(columns.values())))
            for begin in range(0, length, _BLOCK):
                parts = [_cells(values[begin : begin + _BLOCK]) for values in columns.values()]
                writer.writerows(zip(*parts, strict=True))
            count += length
    return count


def _cells(values: Any) -> list[Any]:
    if isinstance(values, np.ma.MaskedArray):
        return [None if value is None else value for value in values.tolist()]
    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        return [None if value != value else value for value in values.tolist()]  # noqa: PLR0124
    cells = values if isinstance(values, list) else values.to_pylist()
    return [neutral(cell) if isinstance(cell, str) else cell for cell in cells]


def _parquet(path: Path, blocks: Iterable[Mapping[str, Any]]) -> int:
    import pyarrow.parquet as pq

    tables = map(arrow_table, blocks)
    first = next(tables)
    count = len(first)
    with pq.ParquetWriter(path, first.schema) as writer:
        writer.write_table(first)
        for table in tables:
            writer.write_table(table)
            count += len(table)
    return count


def arrow_table(columns: Mapping[str, Any]) -> Any:
    """Columns as an Arrow table; NaN and what is masked become null."""
    import pyarrow as pa

    def array(values: Any) -> Any:
        if isinstance(values, list):
            return pa.array(values, pa.string())
        return pa.array(values, from_pandas=True) if isinstance(values, np.ndarray) else values

    return pa.table({name: array(values) for name, values in columns.items()})
