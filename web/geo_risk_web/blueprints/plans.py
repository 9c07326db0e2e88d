"""Siting plans: the list, one plan with its figures and features, and its file."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from geo_risk.services import kept_plans

from .. import parse, present
from ..opened import store

bp = Blueprint("plans", __name__)


@bp.get("/plans")
def index() -> Response | dict[str, Any]:
    """The plans in short, the newest first; browsers get their list beside the map."""
    asked = parse.parameters(limit=100, offset=0)
    if present.is_browser(request):
        return present.on_the_map("plans=all")
    found = kept_plans.listed(store())
    page = found[asked["offset"] : asked["offset"] + asked["limit"]]
    return present.plan_page(page, len(found))


@bp.get("/plans/<plan_id>")
def one(plan_id: str) -> Response | dict[str, Any]:
    """All of a plan but what it rests on; browsers get it on the map."""
    parse.parameters()
    found = kept_plans.shown(store(), parse.plan_id(plan_id))
    if present.is_browser(request):
        return present.on_the_map(f"plan={found['id']}")
    return present.geojson(found)


@bp.get("/plans/<plan_id>.<suffix>")
def file(plan_id: str, suffix: str) -> Response:
    """The whole plan as a file that `geo-risk site check` takes."""
    parse.parameters()
    kind, key = parse.file_format(suffix, ("geojson",)), parse.plan_id(plan_id)
    whole = present.geojson(kept_plans.whole(store(), key))
    return present.download(whole.get_data(), key, kind)
