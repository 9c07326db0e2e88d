"""Files as clerks write them, the same bytes every time."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import xlsxwriter
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from geo_risk.datums import from_wgs84, parse_datum

from .city import to_degrees

Row = dict[str, object]
ORIGIN = "演示模拟生成，非真实记录"
CREATED = datetime(2026, 11, 20, 9, 0, 0)  # noqa: DTZ001


def gcj02(x: float, y: float) -> tuple[float, float]:
    """A position of the plane as GCJ-02 degrees, six decimals."""
    degrees = to_degrees(np.array([[x, y]]))
    lon, lat = from_wgs84(degrees[:, 0], degrees[:, 1], parse_datum("gcj02"))
    return round(float(lon[0]), 6), round(float(lat[0]), 6)


def in_gcj02(geometry: BaseGeometry) -> BaseGeometry:
    """A geometry of the plane in GCJ-02 degrees."""

    def moved(plane: np.ndarray) -> np.ndarray:
        degrees = to_degrees(plane)
        lon_lat = from_wgs84(degrees[:, 0], degrees[:, 1], parse_datum("gcj02"))
        return np.column_stack(lon_lat)

    return shapely.transform(geometry, moved)


def wgs84(x: float, y: float) -> tuple[float, float]:
    """A position of the plane as WGS84 degrees, seven decimals."""
    lon, lat = to_degrees(np.array([[x, y]]))[0]
    return round(float(lon), 7), round(float(lat), 7)


def outline_text(outline: BaseGeometry | None) -> str:
    """An outline as clerks paste it: lon,lat;lon,lat;… in GCJ-02, the ring closed."""
    if outline is None:
        return ""
    corners = [gcj02(x, y) for x, y in shapely.get_coordinates(outline)]
    return ";".join(f"{lon:.6f},{lat:.6f}" for lon, lat in corners)


def write_csv(path: Path, rows: Sequence[Row], encoding: str) -> None:
    """A CSV with CRLF line ends, its header from the first row."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))


def write_xlsx(path: Path, title: str, rows: Sequence[Row], filled_by: str) -> None:
    """A sheet with a merged title, a line of who and when, the header in row 3, data from 4."""
    header = list(rows[0])
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False}) as book:
        book.set_properties({"title": title, "author": "geo_risk", "created": CREATED})
        sheet = book.add_worksheet("登记表")
        bold = book.add_format({"bold": True, "align": "center", "font_size": 16})
        head = book.add_format({"bold": True, "bg_color": "#e8e4da", "border": 1})
        sheet.merge_range(0, 0, 0, len(header) - 1, title, bold)
        sheet.merge_range(1, 0, 1, 5, f"填报单位：{filled_by}")
        sheet.merge_range(1, 6, 1, len(header) - 1, "填报日期：2026年11月20日（模拟数据）")
        for column, name in enumerate(header):
            sheet.write_string(2, column, name, head)
            sheet.set_column(column, column, 24 if "名称" in name or "地址" in name else 12)
        for number, row in enumerate(rows):
            for column, name in enumerate(header):
                _cell(sheet, number + 3, column, row[name])
        sheet.freeze_panes(3, 2)


def _cell(sheet: Any, row: int, column: int, value: object) -> None:
    if isinstance(value, int | float):
        sheet.write_number(row, column, value)
    elif value not in ("", None):
        sheet.write_string(row, column, str(value))


def write_geojson(path: Path, features: Sequence[tuple[Row, BaseGeometry | None]]) -> None:
    """A FeatureCollection, one feature a line, coordinates to six decimals."""
    lines = []
    for properties, geometry in features:
        shape = None if geometry is None else _rounded(geometry)
        feature = {"type": "Feature", "properties": properties, "geometry": shape}
        lines.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":")))
    body = ",\n".join(lines)
    text = f'{{"type":"FeatureCollection","features":[\n{body}\n]}}\n'
    path.write_bytes(text.encode("utf-8"))


def _rounded(geometry: BaseGeometry) -> dict[str, object]:
    rounded = shapely.transform(geometry, lambda array: np.round(array, 6))
    shape: dict[str, object] = mapping(rounded)
    return shape


def write_json(path: Path, value: object) -> None:
    """JSON for people: two spaces, Chinese as it is."""
    path.write_bytes((json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8"))
