"""The map page and what its scripts start from."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request

from geo_risk.services import features

from .. import parse, present
from ..opened import store

bp = Blueprint("pages", __name__)


def _city_name() -> str:
    page = features.items(store(), "city", limit=1)
    return str(page.features[0]["properties"]["name"]) if page.features else ""


@bp.get("/")
def map_page() -> Response | str:
    """The map for browsers; links for programs."""
    asked = parse.parameters()
    if asked.get("f") == "json" or present.wants_json(request):
        return present.landing()
    return render_template("map.html", city=_city_name())


@bp.get("/boot.json")
def boot() -> dict[str, Any]:
    """All that the map's scripts need before the first tile, in one answer."""
    parse.parameters()
    specs = parse.drawn_layers()
    totals = features.counts(store(), tuple(spec.id for spec in specs))
    return present.boot(specs, totals, features.extent(store()), features.notice(store()))
