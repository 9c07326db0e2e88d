"""Converting the coordinates of a file from one datum to another; nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_risk.datums import Datum, from_wgs84, geometries_to_wgs84, parse_datum, to_wgs84
from geo_risk.errors import InputError, Lang, Text
from geo_risk.export.result_files import check_format, write_table
from geo_risk.intake import Finding, RawTable, read_table
from geo_risk.intake.positions import from_wkb, read_points

from . import gazetteer_words as words

DECIMALS_DEG, DECIMALS_M = 8, 3
_BAD = Text("坐标无法读取或换算", "The coordinates cannot be read or converted")
_BAD_FIX = Text(
    "检查经纬度是否颠倒、--from 是否正确；该行坐标在输出中留空",
    "Are lon and lat swapped, is --from right? They are empty in the output",
)


@dataclass(frozen=True)
class Converted:
    """How many rows were written, how many of them with converted coordinates, and the faults."""

    rows: int
    converted: int
    empty: int
    findings: list[Finding] = field(default_factory=list)

    def as_json(self, lang: Lang = "zh") -> dict[str, Any]:
        """The report for scripts."""
        return {
            "rows": self.rows,
            "converted": self.converted,
            "empty": self.empty,
            "rejected": len(self.findings),
            "findings": [finding.as_json(lang) for finding in self.findings],
        }


def convert_file(path: Path | str, source: str | None, target: str | None, out: Path) -> Converted:
    """Write a file again with its coordinates in another datum; other columns stay as they are.

    A row whose coordinates cannot be converted keeps its place with empty ones and is listed.
    """
    given, wanted = parse_datum(source), parse_datum(target)
    check_format(out)
    table = read_table(Path(path))
    columns = words.roles_of(table.columns)
    if table.geometry is not None:
        shapes, bad, empty = _shapes(table.geometry, given, wanted)
        heads, rows = _beside(table, shapes) if out.suffix != ".geojson" else _as_is(table)
    elif {"x", "y"} <= columns.keys():
        shapes, bad, empty, rows = _cells(table, columns["x"], columns["y"], given, wanted)
        heads = table.columns
    else:
        raise InputError(
            "coordinates_missing",
            Text("没有找到经度、纬度列", "There are no columns of coordinates"),
            got="、".join(table.columns[:12]),
            fix=Text("把两列命名为“经度”“纬度”", "Call the two columns lon and lat"),
        )
    write_table(out, heads, rows, shapes)
    numbers = [table.row_numbers[at] for at in sorted(bad)]
    code = "coordinate_unconvertible"
    findings = [Finding(n, "coordinates", code, "rejected", _BAD, _BAD_FIX) for n in numbers]
    return Converted(len(rows), len(rows) - len(bad) - empty, empty, findings)


def _convert(
    x: NDArray[np.float64], y: NDArray[np.float64], given: Datum, wanted: Datum
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return from_wgs84(*to_wgs84(x, y, given), wanted)


def _cells(
    table: RawTable, x_at: int, y_at: int, given: Datum, wanted: Datum
) -> tuple[list[Any], set[int], int, list[list[Any]]]:
    xs, ys = ([row[at] for row in table.rows] for at in (x_at, y_at))
    x, y, faulty = read_points(xs, ys)
    new_x, new_y = _convert(x, y, given, wanted) if len(x) else (x, y)
    missing = ~np.isfinite(new_x)
    bad = set(faulty) | set(np.flatnonzero(missing & np.isfinite(x)).tolist())
    digits = DECIMALS_M if wanted.projected else DECIMALS_DEG
    rows, shapes = [], []
    for at, cells in enumerate(table.rows):
        row = list(cells)
        lost = bool(missing[at])
        row[x_at] = None if lost else round(float(new_x[at]), digits)
        row[y_at] = None if lost else round(float(new_y[at]), digits)
        rows.append(row)
        shapes.append(None if lost else shapely.Point(new_x[at], new_y[at]))
    return shapes, bad, int(missing.sum()) - len(bad), rows


def _shapes(
    raw: list[bytes | None], given: Datum, wanted: Datum
) -> tuple[list[Any], set[int], int]:
    read, faulty = from_wkb(raw)
    shapes = geometries_to_wgs84(read, given) if len(read) else read
    for at in np.flatnonzero(~shapely.is_missing(shapes)):
        xy = shapely.get_coordinates(shapes[at])
        moved = np.column_stack(from_wgs84(xy[:, 0], xy[:, 1], wanted))
        good = np.isfinite(moved).all()
        shapes[at] = shapely.set_coordinates(shapes[at], moved) if good else None
    missing = shapely.is_missing(shapes)
    bad = set(faulty) | set(np.flatnonzero(missing & ~shapely.is_missing(read)).tolist())
    return list(shapes), bad, int(missing.sum()) - len(bad)


def _as_is(table: RawTable) -> tuple[list[str], list[list[Any]]]:
    return table.columns, table.rows


def _beside(table: RawTable, shapes: Sequence[Any | None]) -> tuple[list[str], list[list[Any]]]:
    """For a table: points as lon and lat beside the other columns, other shapes as WKT."""
    points = all(shape is None or shape.geom_type == "Point" for shape in shapes)
    rows: list[list[Any]] = []
    for cells, shape in zip(table.rows, shapes, strict=True):
        if points:
            at = [None, None] if shape is None else [round(shape.x, 8), round(shape.y, 8)]
            rows.append([*cells, *at])
        else:
            wkt = None if shape is None else shapely.to_wkt(shape, rounding_precision=8)
            rows.append([*cells, wkt])
    heads = ["lon", "lat"] if points else ["wkt"]
    return [*table.columns, *(f"{h}_2" if h in table.columns else h for h in heads)], rows
