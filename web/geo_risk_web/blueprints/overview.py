"""What is counted and rolled up, and the search."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from geo_risk.services import features, roll_ups

from .. import parse
from ..opened import store

bp = Blueprint("overview", __name__)


@bp.get("/rollup")
def rollup() -> dict[str, Any]:
    """The areas of a level with worst grade, index, fill and counts."""
    asked = parse.parameters(level="town")
    return roll_ups.rollup(store(), asked["level"])


@bp.get("/counts")
def counts() -> dict[str, Any]:
    """Features per layer and grade, of the whole store or of a box."""
    asked = parse.parameters(layers=(), bbox=None, town="")
    layer_ids = asked["layers"] or tuple(spec.id for spec in parse.drawn_layers())
    return {"counts": features.counts(store(), layer_ids, bbox=asked["bbox"], town=asked["town"])}


@bp.get("/search")
def search() -> dict[str, Any]:
    """Features whose name, address or code holds the text."""
    asked = parse.parameters(q="", limit=20)
    found = features.search(store(), asked["q"], limit=min(asked["limit"], 50))
    return {"results": found if asked["q"] else []}
