"""Bodies of requests: strict JSON, of one media type and of little depth, or a refusal in words."""

from __future__ import annotations

import json
import math
from typing import Any

from flask import request

from geo_risk.errors import GeoRiskError, InputError, Text

MAX_DEPTH = 8
_FIX = Text('例如 {"inputs": {}}', 'For example {"inputs": {}}')


class MediaTypeError(GeoRiskError):
    """The body is not of the kind that is read here."""

    status = 415


class _Refused(Exception):
    """What is wrong with a JSON text, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        self.message = Text(zh, en)


def execution_inputs() -> dict[str, Any]:
    """The inputs in the body of an execution: `{"inputs": {…}}`; raises as `json_object` does."""
    inputs = json_object("inputs").get("inputs", {})
    if not isinstance(inputs, dict):
        raise _refusal(Text("inputs 须是 JSON 对象", "inputs must be a JSON object"))
    return inputs


def json_object(*known: str) -> dict[str, Any]:
    """The JSON object that is the body of this request, with none but the known members.

    Raises
    ------
    MediaTypeError : `media_type` where the body is not said to be `application/json`.
    InputError : `body_invalid` for text that is not UTF-8 or not strict JSON (NaN, a number that
        is too large, a doubled name, half a character), too deep, no object, or an unknown member.
    """
    if request.mimetype != "application/json":
        raise MediaTypeError(
            "media_type",
            Text("只读取 JSON", "Only JSON is read"),
            where="Content-Type",
            got=request.headers.get("Content-Type"),
            fix=Text("Content-Type: application/json", "Content-Type: application/json"),
        )
    try:
        found = _strict(request.get_data())
        if not isinstance(found, dict):
            raise _Refused("正文须是 JSON 对象", "The body must be a JSON object")
        for name in found:
            if name not in known:
                raise _Refused(f"正文中没有 {name[:64]} 这一项", f"The body has no {name[:64]}")
    except _Refused as refused:
        raise _refusal(refused.message) from None
    return found


def _refusal(message: Text) -> InputError:
    return InputError("body_invalid", message, where="body", fix=_FIX)


def _strict(body: bytes) -> Any:
    try:
        text = body.decode("utf-8")
        _check_depth(text)
        found = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_whole,
        )
        json.dumps(found, ensure_ascii=False).encode("utf-8")
    except UnicodeError:
        raise _Refused("正文不是 UTF-8 文字", "The body is not text in UTF-8") from None
    except ValueError:
        raise _Refused("正文不是有效的 JSON", "The body is not valid JSON") from None
    return found


def _check_depth(text: str) -> None:
    """Before parsing, which goes as deep as the text does."""
    depth, quoted, escaped = 0, False, False
    for char in text:
        if quoted:
            quoted = escaped or char != '"'
            escaped = char == "\\" and not escaped
        elif char == '"':
            quoted = True
        elif char in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                zh, en = f"嵌套超过 {MAX_DEPTH} 层", f"It is nested deeper than {MAX_DEPTH}"
                raise _Refused(zh, en)
        elif char in "]}":
            depth -= 1


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Refused("同一对象中名称重复", "A name stands twice in one object")
    return found


def _no_constant(name: str) -> Any:
    raise _Refused(f"{name} 不是 JSON 的数", f"{name} is no number of JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise _Refused("数值过大", "A number is too large")
    return value


def _whole(text: str) -> int:
    if len(text) > 20:
        raise _Refused("整数过长", "A whole number is too long")
    return int(text)
