"""GeoParquet: the footer is judged before any column is read, and only asked columns are.

pyarrow is an optional library. It reads in this process: see docs/limits.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_risk.errors import InputError, NotFoundError, Text, UsageError

from .limits import MEBI, damaged, limits_from_settings
from .wkb import BadGeometry, scan_wkb

SUFFIXES = (".parquet", ".geoparquet", ".pq")
MAX_ROWS = 20_000_000
MAX_MB = 4096
_POINT_BYTES = 21
_WGS84 = ("EPSG:4326", "OGC:CRS84")


def need_pyarrow(where: str) -> None:
    """`UsageError` `pyarrow_missing` with its cure where pyarrow is not installed."""
    if find_spec("pyarrow") is None:
        raise UsageError(
            "pyarrow_missing",
            Text("没有安装 pyarrow，不能读写 Parquet", "Parquet needs pyarrow: not installed"),
            where=where,
            fix=Text(
                "运行 pip install 'geo-risk[parquet]'，或用 .csv",
                "Run pip install 'geo-risk[parquet]', or use .csv",
            ),
        )


@dataclass
class ParquetFile:
    """An open file whose footer was found sound; `geometry` names its column of WKB or is empty."""

    path: Path
    columns: list[str]
    geometry: str
    _file: Any

    def read(self, names: Sequence[str]) -> dict[str, Any]:
        """Columns of real numbers as arrays, NaN in gaps, others as lists of Python values.

        `InputError` if the file is damaged or too large.
        """
        import pyarrow as pa

        self._check_size(names)
        try:
            # One after the other, so that only one is held twice.
            return {
                name: _cells(self._file.read(columns=[name], use_threads=False).column(name))
                for name in names
            }
        except (pa.ArrowException, OSError, ValueError, UnicodeDecodeError):
            raise _damaged(self.path) from None

    def blocks(self, names: Sequence[str], rows: int) -> Iterator[dict[str, Any]]:
        """As `read`, at most `rows` rows at a time, never the whole file."""
        import pyarrow as pa

        self._check_size(names)
        try:
            parts = self._file.iter_batches(rows, columns=list(names), use_threads=False)
            for part in parts:
                table = pa.Table.from_batches([part])
                yield {name: _cells(table.column(name)) for name in names}
        except (pa.ArrowException, OSError, UnicodeDecodeError):
            raise _damaged(self.path) from None

    def _check_size(self, names: Sequence[str]) -> None:
        metadata = self._file.metadata
        size = 0
        for group in range(metadata.num_row_groups):
            for at in range(metadata.num_columns):
                column = metadata.row_group(group).column(at)
                if column.path_in_schema.split(".")[0] in names:
                    size += column.total_uncompressed_size
        if metadata.num_rows > MAX_ROWS or size > MAX_MB * MEBI:
            raise InputError(
                "file_too_big",
                Text("Parquet 文件过大", "The Parquet file is too large"),
                where=self.path.name,
                got=f"{metadata.num_rows} rows, {size // MEBI} MiB",
                fix=Text(
                    f"至多 {MAX_ROWS} 行、所用各列 {MAX_MB} MiB；请拆分",
                    f"At most {MAX_ROWS} rows and {MAX_MB} MiB of the columns used: split it",
                ),
            )


def _cells(column: Any) -> Any:
    import pyarrow as pa

    if pa.types.is_floating(column.type):
        return column.to_numpy()
    return _texts(column) if pa.types.is_dictionary(column.type) else column.to_pylist()


def _texts(column: Any) -> list[Any]:
    """Cells of a dictionary column; equal texts are one object."""
    found: list[Any] = []
    for chunk in column.chunks:
        words = [*chunk.dictionary.to_pylist(), None]
        found += map(words.__getitem__, chunk.indices.fill_null(-1).to_pylist())
    return found


def open_parquet(path: Path) -> ParquetFile:
    """Open a file and judge its footer; `InputError` for a damaged one or other degrees."""
    need_pyarrow(path.name)
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.is_file():
        raise NotFoundError(
            "file_missing",
            Text("文件不存在或不可读", "The file is not there or cannot be read"),
            where=path.name,
            fix=Text("请检查路径与权限", "Check the path and the permissions"),
        )
    try:
        # Repeated texts stay a dictionary until they are asked for: no inflation while reading.
        schema = pq.read_schema(path)
        texts = [
            one.name
            for one in schema
            if pa.types.is_string(one.type) or pa.types.is_large_string(one.type)
        ]
        file = pq.ParquetFile(path, read_dictionary=texts)
        told = json.loads((schema.metadata or {}).get(b"geo", b"{}"))
        geometry = _geometry(told, path)
    except (pa.ArrowException, OSError, ValueError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise _damaged(path) from None
    return ParquetFile(path, list(schema.names), geometry, file)


def _geometry(told: Any, path: Path) -> str:
    """The primary column of the `geo` metadata, if its encoding and CRS are those we take."""
    if not isinstance(told, dict) or not told:
        return ""
    name = told.get("primary_column")
    column = (told.get("columns") or {}).get(name)
    if not isinstance(name, str) or not isinstance(column, dict):
        raise _damaged(path)
    crs = column.get("crs", "OGC:CRS84")
    code = crs.get("id", {}) if isinstance(crs, dict) else {}
    known = f"{code.get('authority')}:{code.get('code')}" if code else crs
    if known not in _WGS84 or column.get("encoding") != "WKB":
        got = f"{column.get('encoding')}, {known}"
        raise InputError(
            "crs_refused",
            Text("几何不是 WGS84 的 WKB", "The geometry is no WKB in WGS84"),
            where=path.name,
            got=got,
            fix=Text("请转为 EPSG:4326 后保存", "Save it in EPSG:4326"),
        )
    return name


def shapes_of(cells: Sequence[bytes | None], where: str, first: int = 1) -> NDArray[np.object_]:
    """Shapely geometries of WKB, None where there is none; `InputError` names the bad row.

    `first` is the number of the first row.
    """
    depth = limits_from_settings().depth
    for row, cell in enumerate(cells, first):
        if not cell or (len(cell) == _POINT_BYTES and cell[:5] == b"\1\1\0\0\0"):
            continue
        try:
            scan_wkb(cell, depth)
        except BadGeometry:
            raise damaged(
                "WKB", "几何损坏", "a geometry is broken", None, f"{where} {row}"
            ) from None
    array = np.array([cell or None for cell in cells], dtype=object)
    return np.asarray(shapely.from_wkb(array, on_invalid="ignore"), dtype=object)


def _damaged(path: Path) -> InputError:
    return damaged("Parquet", "内容损坏", "its content is broken", None, path.name)
