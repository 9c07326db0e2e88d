"""Who is around a unit."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from geo_risk.services import live_neighbours

from .. import parse
from ..opened import store

bp = Blueprint("neighbours", __name__)


@bp.get("/neighbours")
def around() -> dict[str, Any]:
    """The units of the same layer within a radius of one, nearest first."""
    asked = parse.parameters("layer", "id", radius=live_neighbours.RADIUS_M)
    layer_id, feature_id = parse.required(asked, "layer"), parse.required(asked, "id")
    found = live_neighbours.neighbours_of(
        store(), layer_id, feature_id, radius_m=float(asked["radius"])
    )
    return {
        "layer": layer_id,
        "id": feature_id,
        "radius_m": asked["radius"],
        "n": len(found),
        "neighbours": found,
    }
