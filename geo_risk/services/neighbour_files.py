"""Reading units for `neighbours pairs`: CSV, GeoJSON or GeoParquet, all WGS84."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_risk.errors import InputError, Text, UsageError
from geo_risk.intake import read_table
from geo_risk.intake.header_words import normal_header
from geo_risk.intake.parquet import SUFFIXES, open_parquet, shapes_of

_IDS = ("id", "编号", "标识", "统一社会信用代码")
_LONS = ("lon", "lng", "long", "longitude", "经度")
_LATS = ("lat", "latitude", "纬度")
_SHAPES = ("geometry", "wkt", "geom", "几何")
_WKT = re.compile(r"\s*(?:MULTI)?(?:POINT|LINESTRING|POLYGON)[\sZM]*\([\d\s.,()eE+-]*\)\s*", re.I)
_WGS84 = (None, "CRS84", "EPSG:4326")


@dataclass(frozen=True)
class Units:
    """Units of a file: ids, each once, longitude and latitude or shapes, the columns asked for.

    `shapes` is None where all are points. `rows` are the file's rows, for messages.
    """

    ids: list[str]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    shapes: NDArray[np.object_] | None
    columns: dict[str, list[Any]]
    rows: Sequence[int]


def read_units(path: Path, wanted: dict[str, str]) -> Units:
    """The units of a file with the columns that options name (`{"--sector": "行业"}`).

    Raises `UsageError` `column_unknown`; `InputError` `column_missing`, `crs_refused`,
    `position_missing`, `id_missing`, `id_double`, and what reading a file raises.
    """
    if path.suffix.lower() in SUFFIXES:
        return _of_parquet(path, wanted)
    table = read_table(path, plain=True)
    check_wgs84(table.crs_name, path)

    def column(at: int) -> list[Any]:
        return [row[at] for row in table.rows]

    named = {option: column(_named(table.columns, name, option)) for option, name in wanted.items()}
    ids = _ids(column(column_of(table.columns, _IDS, "id", path)), table.row_numbers)
    if table.geometry is not None:
        shapes = shapes_of(table.geometry, "row")
        return _with_shapes(ids, shapes, named, table.row_numbers)
    if column_at(table.columns, _LONS) is None and column_at(table.columns, _SHAPES) is not None:
        cells = column(column_of(table.columns, _SHAPES, "geometry", path))
        return _with_shapes(ids, _of_wkt(cells), named, table.row_numbers)
    lon, lat = (column(column_of(table.columns, names, names[0], path)) for names in (_LONS, _LATS))
    return _with_points(ids, lon, lat, named, table.row_numbers)


def check_wgs84(crs_name: str | None, path: Path) -> None:
    """`InputError` `crs_refused` where a file says that its coordinates are others."""
    if crs_name not in _WGS84:
        fix = Text("请转为 WGS84 (EPSG:4326)", "Convert it to WGS84 (EPSG:4326)")
        words = Text("坐标不是 WGS84", "The coordinates are not WGS84")
        raise InputError("crs_refused", words, where=path.name, got=crs_name, fix=fix)


def unit_blocks(path: Path, wanted: dict[str, str], block: int) -> Iterator[Units]:
    """As `read_units`, at most `block` units at a time; an id may stand in two blocks.

    Only Parquet is read block by block; another file is read whole and handed out in parts.
    """
    if path.suffix.lower() in SUFFIXES:
        yield from _parquet_blocks(path, wanted, block)
        return
    whole = read_units(path, wanted)
    for begin in range(0, len(whole.ids), block):
        part = slice(begin, begin + block)
        yield Units(
            whole.ids[part],
            whole.lon[part],
            whole.lat[part],
            None if whole.shapes is None else whole.shapes[part],
            {option: cells[part] for option, cells in whole.columns.items()},
            whole.rows[part],
        )


def _of_parquet(path: Path, wanted: dict[str, str]) -> Units:
    return next(_parquet_blocks(path, wanted, None))


def _parquet_blocks(path: Path, wanted: dict[str, str], block: int | None) -> Iterator[Units]:
    file = open_parquet(path)
    asked = {option: file.columns[_named(file.columns, n, option)] for option, n in wanted.items()}
    key = file.columns[column_of(file.columns, _IDS, "id", path)]
    places = [file.geometry]
    if not file.geometry:
        lon, lat = (column_of(file.columns, names, names[0], path) for names in (_LONS, _LATS))
        places = [file.columns[lon], file.columns[lat]]
    names = list(dict.fromkeys([key, *places, *asked.values()]))
    done = 0
    for read in [file.read(names)] if block is None else file.blocks(names, block):
        rows = range(done + 1, done + len(read[key]) + 1)
        done += len(rows)
        ids = _ids(read[key], rows)
        named = {option: read[name] for option, name in asked.items()}
        if file.geometry:
            shapes = shapes_of(read[file.geometry], "row", rows.start)
            yield _with_shapes(ids, shapes, named, rows)
        else:
            yield _with_points(ids, read[places[0]], read[places[1]], named, rows)


def _with_points(
    ids: list[str], lon: Any, lat: Any, named: dict[str, list[Any]], rows: Sequence[int]
) -> Units:
    x, y = _degrees(lon), _degrees(lat)
    bad = np.flatnonzero(~((np.abs(x) <= 180) & (np.abs(y) <= 90)))
    if len(bad):
        raise _no_position(rows[bad[0]], f"{lon[bad[0]]}, {lat[bad[0]]}")
    return Units(ids, x, y, None, named, rows)


def _with_shapes(
    ids: list[str], shapes: NDArray[np.object_], named: dict[str, list[Any]], rows: Sequence[int]
) -> Units:
    if not len(shapes):
        return Units(ids, np.zeros(0), np.zeros(0), None, named, rows)
    west, south, east, north = shapely.bounds(shapes).T
    good = (west >= -180) & (east <= 180) & (south >= -90) & (north <= 90)
    bad = np.flatnonzero(~good)
    if len(bad):
        raise _no_position(rows[bad[0]], shapes[bad[0]])
    if bool((shapely.get_type_id(shapes) == 0).all()):
        return Units(ids, west, south, None, named, rows)
    return Units(ids, (west + east) / 2, (south + north) / 2, shapes, named, rows)


def _of_wkt(cells: list[Any]) -> NDArray[np.object_]:
    """Shapes of WKT; None for what is no flat geometry, as nested text can end the process."""
    texts = [cell if isinstance(cell, str) and _WKT.fullmatch(cell) else None for cell in cells]
    flat = [None if text is None or "((((" in re.sub(r"\s", "", text) else text for text in texts]
    shapes = shapely.from_wkt(np.array(flat, dtype=object), on_invalid="ignore")
    return np.asarray(shapes, dtype=object)


def _degrees(cells: Any) -> NDArray[np.float64]:
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


def _ids(cells: list[Any], rows: Sequence[int]) -> list[str]:
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


_ID_FIX = Text("每行一个不同的编号", "Give each row an id of its own")


def _no_position(row: int, got: object) -> InputError:
    return InputError(
        "position_missing",
        Text("没有可用的 WGS84 位置", "There is no usable WGS84 position"),
        where=f"第 {row} 行 / row {row}",
        got=got,
        fix=Text("补上经纬度(度)，或去掉这一行", "Give degrees, or leave the row out"),
    )


def column_at(columns: Sequence[str], names: Sequence[str]) -> int | None:
    """The first of the columns that is called by one of these names; None without one."""
    known = [normal_header(column) for column in columns]
    wanted = map(normal_header, names)
    return next((known.index(name) for name in wanted if name in known), None)


def column_of(columns: Sequence[str], names: Sequence[str], what: str, path: Path) -> int:
    """As `column_at`; `InputError` `column_missing` without one."""
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


def _named(columns: Sequence[str], wanted: str, option: str) -> int:
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
