"""Request parameters become typed, bounded values; anything unknown or doubled is refused."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from flask import request

from geo_risk import settings
from geo_risk.catalogue import LayerSpec, layer, layers
from geo_risk.errors import NotFoundError, Text, UsageError
from geo_risk.services.groups import KINDS
from geo_risk.services.live_neighbours import RADIUS_RANGE_M
from geo_risk.services.roll_ups import LEVELS
from geo_risk.vocabulary import Grade

from .i18n import LANGUAGES

Bbox = tuple[float, float, float, float]
MAX_OFFSET = 10_000_000
MAX_ZOOM = 22
MAX_TEXT = 100
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TOWN = re.compile(r"[0-9]{6,12}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,15})?")


def _bad(name: str, got: object, zh: str, en: str) -> UsageError:
    return UsageError(
        "parameter_invalid",
        Text(f"参数 {name} 不可用", f"The parameter {name} cannot be used"),
        where=name,
        got=got,
        fix=Text(zh, en),
    )


def _whole(name: str, text: str, low: int, high: int) -> int:
    ok = text.isascii() and text.isdigit() and len(text) <= 12
    if not ok or not low <= int(text) <= high:
        raise _bad(name, text, f"应为 {low} 到 {high} 的整数", f"A whole number {low} to {high}")
    return int(text)


def _limit(text: str) -> int:
    return _whole("limit", text, 1, settings.number("page_limit"))


def _offset(text: str) -> int:
    return _whole("offset", text, 0, MAX_OFFSET)


def _bbox(text: str) -> Bbox:
    parts = text.split(",")
    if len(parts) == 4 and all(_NUMBER.fullmatch(part.strip()) for part in parts):
        west, south, east, north = (float(part) for part in parts)
        finite = all(map(math.isfinite, (west, south, east, north)))
        in_world = -180 <= west <= east <= 180 and -90 <= south <= north <= 90
        if finite and in_world:
            return west, south, east, north
    raise _bad(
        "bbox", text, "写作 西,南,东,北 (WGS84 度)", "Write west,south,east,north in degrees"
    )


def _grades(text: str) -> tuple[str, ...]:
    known = [grade.value for grade in Grade]
    grades = tuple(text.split(",")) if text else ()
    if any(grade not in known for grade in grades):
        options = ", ".join(known)
        raise _bad("grade", text, f"可用: {options}", f"Use {options}, joined by commas")
    return grades


def _town(text: str) -> str:
    if text and not _TOWN.fullmatch(text):
        raise _bad("town", text, "镇级代码为 9 位数字", "A town code has 9 digits")
    return text


def _text(text: str) -> str:
    if len(text) > MAX_TEXT or not text.isprintable():
        fix = (f"不超过 {MAX_TEXT} 个字", f"At most {MAX_TEXT} printable characters")
        raise _bad("q", text, *fix)
    return text.strip()


def _layers(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(layer(name).id for name in text.split(",") if name))


def _level(text: str) -> str:
    if text not in LEVELS:
        options = ", ".join(LEVELS)
        raise _bad("level", text, f"可用: {options}", f"Use one of {options}")
    return text


def _layer(text: str) -> str:
    return layer(text).id


def _radius(text: str) -> int:
    low, high = RADIUS_RANGE_M
    return _whole("radius", text, int(low), int(high))


def _identity(text: str, code: str, where: str, words: Text, fix: Text) -> str:
    """An id of the allowed form; `NotFoundError` otherwise, since no such thing can exist."""
    if not _ID.fullmatch(text):
        raise NotFoundError(code, words, where=where, got=text, fix=fix)
    return text


def feature_id(text: str) -> str:
    """The id of a feature; `NotFoundError` for what cannot be one."""
    words = Text("没有这个要素", "There is no such feature")
    return _identity(text, "feature_unknown", "id", words, Text("请检查编号", "Check the id"))


def group_id(text: str) -> str:
    """The id of a group; `NotFoundError` for what cannot be one."""
    words = Text("没有这个组", "There is no such group")
    fix = Text("请在联防组列表中选择", "Choose one from the list of groups")
    return _identity(text, "group_unknown", "groups", words, fix)


def plan_id(text: str) -> str:
    """The id of a plan; `NotFoundError` for what cannot be one."""
    words = Text("没有这个方案", "There is no such plan")
    fix = Text("请在方案列表中选择", "Choose one from the list of plans")
    return _identity(text, "plan_unknown", "plans", words, fix)


def file_format(text: str, formats: Collection[str]) -> str:
    """The format of a download by the path's suffix; `NotFoundError` for another."""
    if text not in formats:
        options = ", ".join(formats)
        raise NotFoundError(
            "format_unknown",
            Text("没有这种格式", "There is no such format"),
            where=request.path,
            got=text,
            fix=Text(f"可用: {options}", f"Use one of {options}"),
        )
    return text


def _flag(name: str) -> Callable[[str], bool]:
    return lambda text: _one_of(name, "true", "false")(text) == "true"


def _one_of(name: str, *allowed: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if text not in allowed:
            options = ", ".join(allowed)
            raise _bad(name, text, f"可用: {options}", f"Use one of {options}")
        return text

    return check


PARSERS: dict[str, Callable[[str], Any]] = {
    "limit": _limit,
    "offset": _offset,
    "bbox": _bbox,
    "grade": _grades,
    "town": _town,
    "q": _text,
    "layers": _layers,
    "level": _level,
    "layer": _layer,
    "id": feature_id,
    "radius": _radius,
    "kind": _one_of("kind", *KINDS),
    "major": _flag("major"),
    "lang": _one_of("lang", *LANGUAGES),
    "f": _one_of("f", "json"),
}


def parameters(*known: str, **defaults: Any) -> dict[str, Any]:
    """The query parameters of this request, parsed; `lang` and `f` are known everywhere.

    `defaults` name further parameters with the value they have when absent. `UsageError` for one
    that is unknown, given twice or out of bounds.
    """
    allowed = {*known, *defaults, "lang", "f"}
    parsed: dict[str, Any] = {}
    for name, values in request.args.lists():
        if name not in allowed:
            options = ", ".join(sorted(allowed))
            raise UsageError(
                "parameter_unknown",
                Text("没有这个参数", "There is no such parameter"),
                where=name[:64],
                fix=Text(f"可用: {options}", f"Known: {options}"),
            )
        if len(values) != 1:
            raise _bad(name, len(values), "只写一次", "Give it once")
        parsed[name] = PARSERS[name](values[0])
    return defaults | parsed


def required(asked: dict[str, Any], name: str) -> Any:
    """A parameter that must be there; `UsageError` names it."""
    if name not in asked:
        raise _bad(name, "", "必须给出", "It must be given")
    return asked[name]


@dataclass(frozen=True)
class ItemsQuery:
    """What `/collections/{layer}/items` was asked for."""

    bbox: Bbox | None
    grades: tuple[str, ...]
    town: str
    name: str
    limit: int
    offset: int


def items_query() -> ItemsQuery:
    """The items' filter and page from the query string."""
    asked = parameters(bbox=None, grade=(), town="", q="", limit=100, offset=0)
    return ItemsQuery(
        bbox=asked["bbox"],
        grades=asked["grade"],
        town=asked["town"],
        name=asked["q"],
        limit=asked["limit"],
        offset=asked["offset"],
    )


def known_layer(layer_id: str) -> LayerSpec:
    """The layer of a path; `NotFoundError` when there is none."""
    return layer(layer_id)


def drawn_layers() -> tuple[LayerSpec, ...]:
    """The layers with a geometry, bottom first."""
    return tuple(spec for spec in layers().values() if spec.geometry)


def tile_address(z: int, row: int, col: int) -> tuple[int, int, int]:
    """A tile of WebMercatorQuad; `NotFoundError` outside the pyramid."""
    if z > MAX_ZOOM or row >= 2**z or col >= 2**z:
        raise NotFoundError(
            "tile_unknown",
            Text("没有这个瓦片", "There is no such tile"),
            where="WebMercatorQuad",
            got=f"{z}/{row}/{col}",
            fix=Text(f"级别 0 到 {MAX_ZOOM}", f"Zoom levels are 0 to {MAX_ZOOM}"),
        )
    return z, row, col
