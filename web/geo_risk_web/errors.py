"""One map from exception to answer: RFC 9457 problem+json, or a page for browsers.

Only the texts of `GeoRiskError` leave; anything else is “internal error” with a request id.
"""

from __future__ import annotations

import json
import logging
import secrets
from http import HTTPStatus

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from geo_risk.errors import GeoRiskError

from .i18n import language, translate

_LOG = logging.getLogger(__name__)
PROBLEM_JSON = "application/problem+json"


def _wants_page() -> bool:
    kinds = [PROBLEM_JSON, "application/json", "application/geo+json", "text/html"]
    return request.accept_mimetypes.best_match(kinds, PROBLEM_JSON) == "text/html"


def _answer(problem: dict[str, object]) -> Response:
    status = int(str(problem["status"]))
    if _wants_page():
        return Response(render_template("error.html", problem=problem), status)
    body = json.dumps(problem, ensure_ascii=False)
    return Response(body, status, mimetype=PROBLEM_JSON)


def _known(error: GeoRiskError) -> Response:
    lang = language()
    return _answer(
        {
            "type": f"urn:geo-risk:error:{error.code}",
            "title": error.message[lang],
            "status": error.status,
            "detail": error.say(lang),
            "code": error.code,
            "where": error.where,
            "got": error.got,
            "fix": error.fix[lang],
            "instance": request.path,
        }
    )


def _plain(status: int, code: str, title: str, fix: str) -> Response:
    return _answer(
        {
            "type": "about:blank",
            "title": title,
            "status": status,
            "detail": title,
            "code": code,
            "where": "",
            "got": None,
            "fix": fix,
            "instance": request.path,
        }
    )


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return Response(error.get_response().get_data(), status, error.get_response().headers)
    key = f"error.http_{status}"
    title = translate(key) if status in (404, 405, 413) else HTTPStatus(status).phrase
    response = _plain(status, f"http_{status}", title, translate("error.back"))
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _unknown(error: Exception) -> Response:
    request_id = secrets.token_hex(6)
    _LOG.error("internal error %s at %s", request_id, request.path, exc_info=error)
    fix = translate("error.internal_fix", id=request_id)
    return _plain(500, "internal_error", translate("error.internal"), fix)


def init_app(app: Flask) -> None:
    """Register the map for all routes."""
    app.register_error_handler(GeoRiskError, _known)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unknown)
