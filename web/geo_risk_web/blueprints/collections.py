"""Collections, items, explanations and tiles."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from geo_risk.services import explaining, features, tiles

from .. import parse, present
from ..opened import store

bp = Blueprint("collections", __name__)


@bp.get("/collections")
def index() -> dict[str, Any]:
    """All layers, with their fields and links."""
    parse.parameters()
    return present.collections(parse.drawn_layers())


@bp.get("/collections/<layer_id>")
def one(layer_id: str) -> dict[str, Any]:
    """One layer, with its fields and links."""
    parse.parameters()
    return present.collection(parse.known_layer(layer_id))


@bp.get("/collections/<layer_id>/items")
def items(layer_id: str) -> Response:
    """A page of features as GeoJSON."""
    spec, asked = parse.known_layer(layer_id), parse.items_query()
    page = features.items(
        store(),
        spec.id,
        bbox=asked.bbox,
        grades=asked.grades,
        town=asked.town,
        name=asked.name,
        limit=asked.limit,
        offset=asked.offset,
    )
    return present.feature_page(page.features, page.matched, asked)


@bp.get("/collections/<layer_id>/items/<feature_id>")
def item(layer_id: str, feature_id: str) -> Response:
    """One feature as GeoJSON."""
    parse.parameters()
    spec, identity = parse.known_layer(layer_id), parse.feature_id(feature_id)
    return present.geojson(features.item(store(), spec.id, identity))


@bp.get("/collections/<layer_id>/items/<feature_id>/explanation")
def explanation(layer_id: str, feature_id: str) -> dict[str, Any]:
    """The grade of a feature and every reason for it."""
    parse.parameters()
    spec, identity = parse.known_layer(layer_id), parse.feature_id(feature_id)
    return explaining.explain(store(), spec.id, identity)


@bp.get("/collections/<layer_id>/tiles/WebMercatorQuad/<int:z>/<int:row>/<int:col>")
def tile(layer_id: str, z: int, row: int, col: int) -> Response:
    """One vector tile; 204 when it is empty."""
    asked = parse.parameters(grade=(), town="")
    spec, address = parse.known_layer(layer_id), parse.tile_address(z, row, col)
    body = tiles.tile(store(), spec.id, *address, grades=asked["grade"], town=asked["town"])
    return present.vector_tile(body)
