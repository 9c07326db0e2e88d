"""One catalogue of sentences per language, for templates and for the browser."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from flask import Flask, g, has_request_context, request

from geo_risk.errors import Lang

LANGUAGES: tuple[Lang, ...] = ("zh", "en")
HTML_LANG: Mapping[Lang, str] = MappingProxyType({"zh": "zh-CN", "en": "en"})


@cache
def messages(lang: Lang) -> Mapping[str, str]:
    """All sentences of a language by key."""
    text = (Path(__file__).parent / f"{lang}.json").read_text("utf-8")
    return MappingProxyType(cast("dict[str, str]", json.loads(text)))


def language() -> Lang:
    """The language of this request: `?lang=`, else Accept-Language, else Chinese."""
    if not has_request_context():
        return "zh"
    if "lang" not in g:
        asked = request.args.get("lang", "")
        best = request.accept_languages.best_match(["zh", "zh-CN", "zh-Hans", "en"]) or "zh"
        chosen = asked if asked in LANGUAGES else best[:2]
        g.lang = cast("Lang", chosen)
    return cast("Lang", g.lang)


def translate(key: str, **values: object) -> str:
    """The sentence of a key in the request's language, its `{names}` filled in."""
    sentence = messages(language())[key]
    for name, value in values.items():
        sentence = sentence.replace("{" + name + "}", str(value))
    return sentence


def _template_names() -> dict[str, Any]:
    lang = language()
    return {"t": translate, "lang": lang, "html_lang": HTML_LANG[lang]}


def init_app(app: Flask) -> None:
    """Give templates `t(key)`, `lang` and `html_lang`."""
    app.context_processor(_template_names)
