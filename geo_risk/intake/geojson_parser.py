"""GeoJSON through `json` alone: no NaN, no doubled keys, no links, no depth."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from typing import Any

from geo_risk.errors import InputError, Text

from .limits import (
    Limits,
    damaged,
    too_deep,
    too_many_columns,
    too_many_rows,
    whole_or_float,
)
from .model import UNREADABLE
from .text_encoding import decode_text
from .wkb import BadGeometry, geojson_to_wkb

_CRS84 = re.compile(r"(urn:ogc:def:crs:)?OGC:(1\.3:|:)?CRS84", re.I)
_EPSG = re.compile(r"(?:urn:ogc:def:crs:)?EPSG:(?:[\d.]*:)?(\d{4,5})", re.I)
_GEOMETRIES = {
    "Point",
    "LineString",
    "Polygon",
    "MultiPoint",
    "MultiLineString",
    "MultiPolygon",
    "GeometryCollection",
}


def _constant(text: str) -> object:
    raise damaged("GeoJSON", "含 NaN 或 Infinity", "NaN and Infinity are no JSON", text)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise damaged("GeoJSON", "同一对象中键重复", "a key stands twice in one object", double)
    return found


def load_json(text: str, line: int | None = None) -> Any:
    """Strict JSON; every way to fail is one `InputError` naming the line."""
    try:
        return json.loads(text, parse_constant=_constant, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        where = f"line {line or error.lineno}, column {error.colno}"
        broken = damaged("GeoJSON", "不是有效的 JSON", "it is not valid JSON", None, where)
        if line is None and error.msg == "Extra data":
            broken.fix = Text(
                "若每行是一个要素，请把扩展名改为 .geojsonl",
                "If every line is a feature, rename it to end in .geojsonl",
            )
        raise broken from None
    except RecursionError:
        raise too_deep() from None
    except InputError:
        raise
    except ValueError:
        raise damaged("GeoJSON", "数字过长", "a number is too long") from None


def crs_name(raw: object) -> str | None:
    """The name of a legacy `crs` member; links and unknown names are refused, never followed."""
    if raw is None:
        return None
    properties = raw.get("properties") if isinstance(raw, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if isinstance(raw, dict) and raw.get("type") == "name" and isinstance(name, str):
        if _CRS84.fullmatch(name.strip()):
            return "CRS84"
        found = _EPSG.fullmatch(name.strip())
        if found:
            return f"EPSG:{int(found[1])}"
    raise InputError(
        "crs_refused",
        Text("GeoJSON 的 crs 不能使用", "The GeoJSON's crs cannot be used"),
        got=json.dumps(raw, ensure_ascii=True)[:200],
        fix=Text(
            "删去 crs 一项，或写成 EPSG 名称(如 EPSG:4490)；链接一律不访问",
            "Remove crs or give an EPSG name (such as EPSG:4490); links are never followed",
        ),
    )


def _features(document: object) -> list[Any]:
    kind = document.get("type") if isinstance(document, dict) else None
    if isinstance(document, dict) and kind == "FeatureCollection":
        features = document.get("features")
        if isinstance(features, list):
            return features
    elif isinstance(document, dict) and kind == "Feature":
        return [document]
    elif isinstance(document, dict) and isinstance(kind, str) and kind in _GEOMETRIES:
        return [{"type": "Feature", "properties": {}, "geometry": document}]
    raise damaged(
        "GeoJSON", "没有要素集合", "it holds no features", kind if isinstance(kind, str) else None
    )


def _cell(value: object, depth: int) -> object:
    kind = value.__class__
    if value is None or kind is str or kind is bool:
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**63 else str(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise damaged("GeoJSON", "数字超出范围", "a number is out of range")
        return whole_or_float(value)
    _check_depth(value, depth)
    return json.dumps(value, ensure_ascii=False)


def _check_depth(value: object, depth: int) -> None:
    if depth < 1:
        raise too_deep("properties")
    inner: Iterable[object] = ()
    if isinstance(value, dict):
        inner = value.values()
    elif isinstance(value, list):
        inner = value
    for item in inner:
        if isinstance(item, float) and not math.isfinite(item):
            raise damaged("GeoJSON", "数字超出范围", "a number is out of range")
        if isinstance(item, (dict, list)):
            _check_depth(item, depth - 1)


def _geometry(raw: object, limits: Limits) -> bytes | None:
    if raw is None:
        return None
    try:
        return geojson_to_wkb(raw, limits.depth)
    except BadGeometry:
        return UNREADABLE


class _Collected:
    """Features turned into rows, one after the other."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.columns: dict[str, int] = {}
        self.found: list[dict[str, object]] = []
        self.numbers: list[int] = []
        self.geometry: list[bytes | None] = []

    def add(self, feature: object, number: int) -> None:
        """One more feature; `InputError` beyond a limit or where it is none."""
        properties = _properties(feature, number, self.limits)
        for name in properties:
            self.columns.setdefault(name, len(self.columns))
        if len(self.columns) > self.limits.columns:
            raise too_many_columns(self.limits, len(self.columns))
        if len(self.found) >= self.limits.rows:
            raise too_many_rows(self.limits, len(self.found) + 1)
        self.found.append(properties)
        self.numbers.append(number)
        assert isinstance(feature, dict)  # noqa: S101
        self.geometry.append(_geometry(feature.get("geometry"), self.limits))

    def table(self, encoding: str, how: str, crs: str | None) -> dict[str, object]:
        """The child's answer."""
        return {
            "columns": list(self.columns),
            "rows": [[one.get(name) for name in self.columns] for one in self.found],
            "numbers": self.numbers,
            "geometry": self.geometry,
            "encoding": encoding,
            "encoding_how": how,
            "crs_name": crs,
        }


def read_geojson(data: bytes, limits: Limits, declared: str | None = None) -> dict[str, object]:
    """Columns, rows, WKB geometry and crs name of a GeoJSON document."""
    text, encoding, how = decode_text(data, declared)
    document = load_json(text)
    features = _features(document)
    crs = crs_name(document.get("crs"))
    if len(features) > limits.rows:
        raise too_many_rows(limits, len(features))
    collected = _Collected(limits)
    for number, feature in enumerate(features, 1):
        collected.add(feature, number)
    return collected.table(encoding, how, crs)


def read_geojsonl(data: bytes, limits: Limits, declared: str | None = None) -> dict[str, object]:
    """The same of one feature per line, or per record of RFC 8142; numbers are lines or records.

    Raises `InputError` naming the line for anything that is no feature or geometry; a `crs` may
    stand in each record but must be the same.
    """
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    separated = not wide and data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"\x1e")
    if separated:
        data = data.replace(b"\n", b" ").replace(b"\x1e", b"\n").lstrip()
    text, encoding, how = decode_text(data, declared)
    collected = _Collected(limits)
    names: set[str | None] = set()
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        if not line.strip():
            continue
        document = load_json(line, number)
        kind = document.get("type") if isinstance(document, dict) else None
        if kind == "FeatureCollection" or not isinstance(document, dict):
            raise damaged("GeoJSON", "不是要素", "this is no feature", where=f"line {number}")
        for feature in _features(document):
            collected.add(feature, number)
        names.add(crs_name(document.get("crs")))
    if len(names) > 1:
        raise damaged("GeoJSON", "各行的 crs 不一致", "the lines differ in their crs")
    return collected.table(encoding, how, names.pop() if names else None)


def _properties(feature: object, number: int, limits: Limits) -> dict[str, object]:
    raw = feature.get("properties") if isinstance(feature, dict) else 0
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise damaged("GeoJSON", "不是要素", "this is no feature", where=f"feature {number}")
    if raw is not None and not isinstance(raw, dict):
        raise damaged("GeoJSON", "属性不是对象", "properties must be an object", None, f"{number}")
    properties = {name: _cell(value, limits.depth) for name, value in (raw or {}).items()}
    if "id" in feature and "id" not in properties:
        properties["id"] = _cell(feature["id"], 1)
    return {_without_surrogates(name): value for name, value in properties.items()}


def _without_surrogates(name: str) -> str:
    return name if name.isascii() else name.encode("utf-8", "ignore").decode()
