"""Columns of numpy arrays as .csv or .parquet, whole or not at all."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .files import format_of
from .tables import neutral

FORMATS = ("csv", "parquet")
_BLOCK = 100_000


def write_columns(path: Path, columns: Mapping[str, Any]) -> int:
    """Write lists or arrays of one length as columns; how many rows. NaN is an empty cell.

    No text becomes a formula in CSV; Parquet keeps it as it is.
    """
    kind = format_of(path, FORMATS)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".geo_risk-") as folder:
        part = Path(folder) / f"part.{kind}"
        (_csv if kind == "csv" else _parquet)(part, columns)
        part.replace(path)
    return len(next(iter(columns.values())))


def _csv(path: Path, columns: Mapping[str, Any]) -> None:
    length = len(next(iter(columns.values())))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for begin in range(0, length, _BLOCK):
            parts = [_cells(values[begin : begin + _BLOCK]) for values in columns.values()]
            writer.writerows(zip(*parts, strict=True))


def _cells(values: Any) -> list[Any]:
    if isinstance(values, np.ma.MaskedArray):
        return [None if value is None else value for value in values.tolist()]
    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        return [None if value != value else value for value in values.tolist()]  # noqa: PLR0124
    return [neutral(value) for value in values]


def _parquet(path: Path, columns: Mapping[str, Any]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays = {
        name: pa.array(values, from_pandas=isinstance(values, np.ndarray))
        for name, values in columns.items()
    }
    pq.write_table(pa.table(arrays), path)
