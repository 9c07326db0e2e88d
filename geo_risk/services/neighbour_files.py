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

from geo_risk.intake import read_table
from geo_risk.intake.parquet import SUFFIXES, open_parquet, shapes_of

from .plain_columns import (
    IDS,
    LATS,
    LONS,
    SHAPES,
    check_wgs84,
    column_at,
    ids_of,
    named_at,
    no_position,
    numbers,
    required_at,
)

_WKT = re.compile(r"\s*(?:MULTI)?(?:POINT|LINESTRING|POLYGON)[\sZM]*\([\d\s.,()eE+-]*\)\s*", re.I)


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

    named = {
        option: column(named_at(table.columns, name, option)) for option, name in wanted.items()
    }
    ids = ids_of(column(required_at(table.columns, IDS, "id", path)), table.row_numbers)
    if table.geometry is not None:
        shapes = shapes_of(table.geometry, "row")
        return _with_shapes(ids, shapes, named, table.row_numbers)
    if column_at(table.columns, LONS) is None and column_at(table.columns, SHAPES) is not None:
        cells = column(required_at(table.columns, SHAPES, "geometry", path))
        return _with_shapes(ids, _of_wkt(cells), named, table.row_numbers)
    lon, lat = (column(required_at(table.columns, names, names[0], path)) for names in (LONS, LATS))
    return _with_points(ids, lon, lat, named, table.row_numbers)


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
    asked = {
        option: file.columns[named_at(file.columns, n, option)] for option, n in wanted.items()
    }
    key = file.columns[required_at(file.columns, IDS, "id", path)]
    places = [file.geometry]
    if not file.geometry:
        lon, lat = (required_at(file.columns, names, names[0], path) for names in (LONS, LATS))
        places = [file.columns[lon], file.columns[lat]]
    names = list(dict.fromkeys([key, *places, *asked.values()]))
    done = 0
    for read in [file.read(names)] if block is None else file.blocks(names, block):
        rows = range(done + 1, done + len(read[key]) + 1)
        done += len(rows)
        ids = ids_of(read[key], rows)
        named = {option: read[name] for option, name in asked.items()}
        if file.geometry:
            shapes = shapes_of(read[file.geometry], "row", rows.start)
            yield _with_shapes(ids, shapes, named, rows)
        else:
            yield _with_points(ids, read[places[0]], read[places[1]], named, rows)


def _with_points(
    ids: list[str], lon: Any, lat: Any, named: dict[str, list[Any]], rows: Sequence[int]
) -> Units:
    x, y = numbers(lon), numbers(lat)
    bad = np.flatnonzero(~((np.abs(x) <= 180) & (np.abs(y) <= 90)))
    if len(bad):
        raise no_position(rows[bad[0]], f"{lon[bad[0]]}, {lat[bad[0]]}")
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
        raise no_position(rows[bad[0]], shapes[bad[0]])
    if bool((shapely.get_type_id(shapes) == 0).all()):
        return Units(ids, west, south, None, named, rows)
    return Units(ids, (west + east) / 2, (south + north) / 2, shapes, named, rows)


def _of_wkt(cells: list[Any]) -> NDArray[np.object_]:
    """Shapes of WKT; None for what is no flat geometry, as nested text can end the process."""
    texts = [cell if isinstance(cell, str) and _WKT.fullmatch(cell) else None for cell in cells]
    flat = [None if text is None or "((((" in re.sub(r"\s", "", text) else text for text in texts]
    shapes = shapely.from_wkt(np.array(flat, dtype=object), on_invalid="ignore")
    return np.asarray(shapes, dtype=object)
