"""Columns of a plain table by their headings: ids, numbers, positions, or words why not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo_risk.errors import InputError, Text, UsageError
from geo_risk.intake.header_words import normal_header

IDS = ("id", "编号", "标识", "统一社会信用代码")
LONS = ("lon", "lng", "long", "longitude", "经度")
LATS = ("lat", "latitude", "纬度")
SYNTHETIC = ("synthetic", "generated", "模拟数据", "模拟")
SHAPES = ("geometry", "wkt", "geom", "几何")
_YES = frozenset(("true", "1", "yes", "是"))
_ID_FIX = Text("每行一个不同的编号", "Give each row an id of its own")
_WGS84 = (None, "CRS84", "EPSG:4326", "wgs84")


def check_wgs84(crs_name: str | None, path: Path) -> None:
    """`InputError` `crs_refused` for a file that says it is in another CRS."""
    if crs_name not in _WGS84:
        fix = Text("请转为 WGS84 (EPSG:4326)", "Convert it to WGS84 (EPSG:4326)")
        words = Text("坐标不是 WGS84", "The coordinates are not WGS84")
        raise InputError("crs_refused", words, where=path.name, got=crs_name, fix=fix)


def numbers(cells: Any) -> NDArray[np.float64]:
    """Cells as numbers, shape (n,); NaN for what is none."""
    if isinstance(cells, np.ndarray):
        return cells.astype(np.float64)
    return np.fromiter(map(_number, cells), np.float64, len(cells))


def _number(cell: Any) -> float:
    try:
        return float(cell)
    except (TypeError, ValueError, OverflowError):
        return float("nan")


def double_id(one: str, rows: tuple[int, int]) -> InputError:
    """The error for an id that stands in two rows."""
    where = f"第 {rows[0]}、{rows[1]} 行 / rows {rows[0]}, {rows[1]}"
    words = Text("编号重复", "An id stands twice")
    return InputError("id_double", words, where=where, got=one, fix=_ID_FIX)


def ids_of(cells: list[Any], rows: Sequence[int]) -> list[str]:
    """Cells as ids, each there and each once; `InputError` `id_missing`, `id_double`."""
    ids = ["" if cell is None else str(cell).strip() for cell in cells]
    if len(set(ids)) == len(ids) and "" not in ids:
        return ids
    seen: dict[str, int] = {}
    for row, one in zip(rows, ids, strict=True):
        if not one:
            words = Text("编号为空", "An id is empty")
            raise InputError("id_missing", words, where=f"第 {row} 行 / row {row}", fix=_ID_FIX)
        if one in seen:
            raise double_id(one, (seen[one], row))
        seen[one] = row
    return ids


def no_position(row: int, got: object) -> InputError:
    """The error for a row without a position on earth."""
    return InputError(
        "position_missing",
        Text("没有可用的 WGS84 位置", "There is no usable WGS84 position"),
        where=f"第 {row} 行 / row {row}",
        got=got,
        fix=Text("补上经纬度(度)，或去掉这一行", "Give degrees, or leave the row out"),
    )


def column_at(columns: Sequence[str], names: Sequence[str]) -> int | None:
    """Which column has one of these headings, the first of the names first; None without."""
    known = [normal_header(column) for column in columns]
    wanted = map(normal_header, names)
    return next((known.index(name) for name in wanted if name in known), None)


def required_at(columns: Sequence[str], names: Sequence[str], what: str, path: Path) -> int:
    """As `column_at`; `InputError` `column_missing` without."""
    at = column_at(columns, names)
    if at is None:
        raise InputError(
            "column_missing",
            Text(f"缺少列 {what}", f"The column {what} is missing"),
            where=path.name,
            got=", ".join(columns[:20]),
            fix=Text(f"表头可写 {'、'.join(names)}", f"Name it one of {', '.join(names)}"),
        )
    return at


def named_at(columns: Sequence[str], wanted: str, option: str) -> int:
    """The column that an option names; `UsageError` `column_unknown` with those there are."""
    if wanted in columns:
        return list(columns).index(wanted)
    at = column_at(columns, [normal_header(wanted)])
    if at is None:
        shown = "、".join(columns[:20])
        raise UsageError(
            "column_unknown",
            Text("文件中没有这一列", "The file has no such column"),
            where=option,
            got=wanted,
            fix=Text(f"可用的列: {shown}", f"Its columns: {shown}"),
        )
    return at


def says_synthetic(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> bool:
    """Whether any row says of itself that it was made up (`synthetic`, 模拟数据)."""
    at = column_at(columns, SYNTHETIC)
    return at is not None and any(str(row[at]).strip().lower() in _YES for row in rows)
