"""The data of a one-file map: columns instead of features, and a literal that no parser breaks."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import shapely

from ..catalogue import FieldSpec, LayerSpec
from ..vocabulary import MATCH_LEVELS, Grade, MatchLevel

Lang = Literal["zh", "en"]
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_ESCAPES = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&{}\u2028\u2029\x7f"})
_COARSE_DECIMALS = 2
_DECIMALS = 6
_SMOOTHING_DEG = 1e-5


@dataclass(frozen=True)
class MapLayer:
    """One layer of the map: its declaration, its feature rows, and whether to draw outlines."""

    spec: LayerSpec
    rows: Iterable[Mapping[str, Any]]
    outlines: bool = True


def literal(payload: object) -> str:
    """JSON that may stand in a script element and pass through a template engine unchanged.

    Inside every string < > & { } and the two line separators are written as escapes, so that
    neither HTML nor Jinja finds anything of its own in it. `JSON.parse` gives back `payload`.
    """
    text = json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    text = _STRING.sub(lambda match: match.group().translate(_ESCAPES), text)
    # Objects may end in "}}": harmless on its own, and kept apart so that nobody has to know that.
    return text.replace("}}", "} }").replace("}}", "} }")


def unit_names(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Code -> name of administrative units, so that cards name a town instead of its code."""
    named = {}
    for row in rows:
        for code in (row.get("code"), row["id"]):
            if code and row.get("name"):
                named[str(code)] = str(row["name"])
    return named


def layer_data(
    layer: MapLayer, lang: Lang, access: Collection[str], units: Mapping[str, str]
) -> dict[str, Any]:
    """One layer as columns: names, grades, positions, drawn shapes, fields and reasons."""
    spec = layer.spec
    rows = list(layer.rows)
    fields = [f for f in spec.fields if f.name != "name" and f.access in access]
    places, shapes = _geometries(layer, rows, access)
    columns = []
    for field in fields:
        values = [worded(field, row.get(field.name), lang) for row in rows]
        if field.name in ("town", "village"):
            values = [units.get(value, value) for value in values]
        if any(value not in (None, "") for value in values):
            columns.append({"name": field.name, "label": _label(field, lang), **_packed(values)})
    return {
        "id": spec.id,
        "title": spec.title[lang],
        "kinds": list(spec.geometry),
        "graded": spec.graded,
        "shown": spec.shown,
        "symbol": spec.symbol,
        "colour": spec.colour,
        "zoom": list(spec.zoom),
        "label_zoom": spec.label_zoom,
        "coarse": spec.position_access not in access,
        "ids": [str(row["id"]) for row in rows],
        "names": [str(row.get("name") or "") for row in rows],
        "fills": _packed([_grade_of(row) for row in rows]),
        "grades": _packed([row.get("grade") or "no_data" for row in rows]) if spec.graded else None,
        "reasons": _packed([_reasons(row.get("reasons"), lang) for row in rows]),
        "classes": _packed([row.get("road_class") for row in rows]),
        "level": _packed([_level(row.get("level"), lang) for row in rows]),
        "places": places,
        "shapes": shapes,
        "columns": columns,
    }


def _grade_of(row: Mapping[str, Any]) -> str | None:
    """The grade whose colour fills an area: that of its index where there is one."""
    fill = row.get("fill") or row.get("grade")
    return fill if fill in list(Grade) else None


def worded(field: FieldSpec, value: Any, lang: Lang) -> Any:
    """A field's value as people read it: choices and booleans in words."""
    if isinstance(value, bool):
        return {"zh": ("否", "是"), "en": ("no", "yes")}[lang][value]
    for choice in field.choices:
        if choice.code == value:
            return choice.label[lang]
    return value


def _label(field: FieldSpec, lang: Lang) -> str:
    # Units such as 人 are Chinese words; an English label says what is counted by itself.
    unit = field.unit if lang == "zh" or field.unit.isascii() or field.unit == "°" else ""
    if field.type == "interval" and lang == "en":
        unit = "days"
    return f"{field.label[lang]}({unit})" if unit else field.label[lang]


def _level(value: Any, lang: Lang) -> str:
    return MATCH_LEVELS[MatchLevel(value)][lang] if value in list(MatchLevel) else ""


def _reasons(raw: Any, lang: Lang) -> list[str]:
    """The reasons of a grade as sentences, each with its clause."""
    found = json.loads(raw) if isinstance(raw, str) and raw else raw or []
    lines = []
    for reason in found:
        clause = str(reason.get("clause") or "")
        sentence = str(reason.get(lang) or reason.get("zh") or "")
        lines.append(f"{sentence} [{clause}]" if clause else sentence)
    return lines


def _packed(values: Sequence[Any]) -> dict[str, Any]:
    """A column; where values repeat, each is written once and named by its number."""
    keys = [json.dumps(value, ensure_ascii=False) for value in values]
    numbers = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    if len(numbers) * 2 > len(values):
        return {"values": list(values)}
    unique = [json.loads(key) for key in numbers]
    return {"values": unique, "at": [numbers[key] for key in keys]}


def _geometries(
    layer: MapLayer, rows: Sequence[Mapping[str, Any]], access: Collection[str]
) -> tuple[list[float | None], list[list[Any]]]:
    """Longitude and latitude of each row, end to end, and [row, kind, parts] of what has a form."""
    exact = layer.spec.position_access in access
    places: list[float | None] = []
    shapes: list[list[Any]] = []
    for number, row in enumerate(rows):
        geometry = shapely.from_wkb(row["geom"]) if row.get("geom") is not None else None
        if geometry is None or geometry.is_empty:
            places += [None, None]
            continue
        point = geometry if geometry.geom_type == "Point" else geometry.point_on_surface()
        decimals = _DECIMALS if exact else _COARSE_DECIMALS
        places += [round(point.x, decimals), round(point.y, decimals)]
        if exact and layer.outlines:
            shapes += _shape(number, geometry)
    return places, shapes


def _shape(number: int, geometry: Any) -> list[list[Any]]:
    dimension = int(shapely.get_dimensions(geometry))
    if dimension < 1:
        return []
    smooth = shapely.simplify(shapely.force_2d(geometry), _SMOOTHING_DEG)
    parts = [p for p in shapely.get_parts(smooth) if shapely.get_dimensions(p) == dimension]
    if dimension == 1:
        return [[number, "line", [_coordinates(part) for part in parts]]]
    polygons = [[_coordinates(ring) for ring in shapely.get_rings(part)] for part in parts]
    return [[number, "area", polygons]]


def _coordinates(line: Any) -> list[list[float]]:
    """Latitude first: what Leaflet takes."""
    rounded = shapely.get_coordinates(line)[:, ::-1].round(_DECIMALS)
    coordinates: list[list[float]] = rounded.tolist()
    return coordinates
