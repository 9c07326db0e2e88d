"""Weak ETags from the state of the store: an unchanged store answers 304 without any work.

Jobs, and the choices of processes, are no part of that state: they are tagged by what they say.
"""

from __future__ import annotations

import hashlib

from flask import Flask, Response, g, request

from geo_risk import __version__
from geo_risk.services import features

from .i18n import language
from .opened import store

VARY = "Accept, Accept-Language"
BY_CONTENT = ("jobs", "processes")


def _tag() -> str:
    parts = (
        __version__,
        features.state(store()),
        request.full_path,
        language(),
        request.headers.get("Accept", ""),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def _answer_unchanged() -> Response | None:
    if request.method not in ("GET", "HEAD") or request.endpoint in (None, "static", "health.ok"):
        return None
    if request.blueprint in BY_CONTENT:
        return None
    g.etag = _tag()
    if request.if_none_match.contains_weak(g.etag):
        return Response(status=304)
    return None


def _tells(response: Response) -> bool:
    asked = request.blueprint in BY_CONTENT and request.method in ("GET", "HEAD")
    return asked and response.status_code == 200


def _add_tag(response: Response) -> Response:
    if "etag" in g and response.status_code in (200, 204, 304):
        response.set_etag(g.etag, weak=True)
        response.headers["Cache-Control"] = "no-cache"
        response.headers["Vary"] = VARY
    elif _tells(response):
        response.add_etag(weak=True)
        response.headers["Cache-Control"] = "no-cache"
        response.headers["Vary"] = VARY
        response.make_conditional(request)
    elif request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response


def init_app(app: Flask) -> None:
    """Tag every answer that comes from the store."""
    app.before_request(_answer_unchanged)
    app.after_request(_add_tag)
