"""The inputs of a process: one declaration describes them, and refuses what does not fit it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geo_risk.errors import Text, UsageError

Schema = Mapping[str, Any]
"""The part of JSON Schema that is used: `type` boolean, integer, number, string, array or object;
`enum`, `minimum`, `maximum`, `maxLength`, `items` with `maxItems`, `additionalProperties` (a
schema) with `maxProperties`, or `properties` (no others are taken), and `default`."""
_MAX_LENGTH = 200
_MAX_ITEMS = 100
_TYPES: dict[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "string": (str,),
    "array": (list,),
    "object": (dict,),
}


@dataclass(frozen=True)
class Input:
    """One input: what it is, what it may be, whether it must be given."""

    title: Text
    schema: Schema
    required: bool = False


def read_inputs(declared: Mapping[str, Input], given: Mapping[str, Any]) -> dict[str, Any]:
    """All inputs that were given or have a default, each of its type and within its bounds.

    Raises `UsageError`: `input_unknown`, `input_missing`, `input_invalid`.
    """
    for name in given:
        if name not in declared:
            raise _unknown(name, declared)
    found: dict[str, Any] = {}
    for name, one in declared.items():
        if name in given:
            found[name] = _checked(f"inputs.{name}", one.schema, given[name])
        elif "default" in one.schema:
            found[name] = one.schema["default"]
        elif one.required:
            raise UsageError(
                "input_missing",
                Text("缺少输入", "An input is missing"),
                where=f"inputs.{name}",
                fix=Text(f"请给出{one.title['zh']}", f"Give: {one.title['en']}"),
            )
    return found


def _unknown(name: str, declared: Mapping[str, Input]) -> UsageError:
    known = ", ".join(declared)
    return UsageError(
        "input_unknown",
        Text("没有这个输入", "There is no such input"),
        where=f"inputs.{name[:64]}",
        fix=Text(f"可用: {known}", f"Known: {known}"),
    )


def _checked(where: str, schema: Schema, value: Any) -> Any:
    kind = schema["type"]
    fits = isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))
    if not fits:
        raise _bad(where, value, schema)
    if "enum" in schema and value not in schema["enum"]:
        raise _bad(where, value, schema)
    if kind in ("integer", "number") and not _within(schema, value):
        raise _bad(where, value, schema)
    if kind == "string" and len(value) > schema.get("maxLength", _MAX_LENGTH):
        raise _bad(where, value, schema)
    if kind == "array":
        if len(value) > schema.get("maxItems", _MAX_ITEMS):
            raise _bad(where, len(value), schema)
        return [_checked(f"{where}[{at}]", schema["items"], one) for at, one in enumerate(value)]
    if kind == "object" and "properties" in schema:
        return {
            key: _checked(f"{where}.{key[:64]}", _part(where, schema, key), one)
            for key, one in value.items()
        }
    if kind == "object":
        if len(value) > schema.get("maxProperties", _MAX_ITEMS):
            raise _bad(where, len(value), schema)
        each = schema["additionalProperties"]
        return {key: _checked(f"{where}.{key[:64]}", each, one) for key, one in value.items()}
    return float(value) if kind == "number" else value


def _part(where: str, schema: Schema, key: str) -> Schema:
    parts: Mapping[str, Schema] = schema["properties"]
    if key not in parts:
        raise _bad(f"{where}.{key[:64]}", key, {"type": "object", "enum": list(parts)})
    return parts[key]


def _within(schema: Schema, value: float) -> bool:
    low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    return bool(low <= value <= high and abs(value) < 2**53)


def _bad(where: str, got: object, schema: Schema) -> UsageError:
    kind = schema["type"]
    zh, en = f"类型 {kind}", f"Of type {kind}"
    if "enum" in schema:
        options = ", ".join(map(str, schema["enum"]))
        zh, en = f"可用: {options}", f"Use one of {options}"
    elif "minimum" in schema and "maximum" in schema:
        low, high = schema["minimum"], schema["maximum"]
        zh, en = f"{zh}，{low} 到 {high}", f"{en}, {low} to {high}"
    else:
        most = {"string": "maxLength", "array": "maxItems", "object": "maxProperties"}.get(kind)
        if most:
            limit = schema.get(most, _MAX_LENGTH if kind == "string" else _MAX_ITEMS)
            zh, en = f"{zh}，不超过 {limit}", f"{en}, at most {limit}"
    return UsageError(
        "input_invalid",
        Text("输入的值不可用", "The value of an input cannot be used"),
        where=where,
        got=got,
        fix=Text(zh, en),
    )
