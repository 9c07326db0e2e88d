"""Saying why: a feature's grade with its reasons, what it rests on, and how it came to be."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from geo_risk.errors import NotFoundError, Text
from geo_risk.store import Query, Record, Store


def the_feature(store: Store, layer_id: str, feature_id: str) -> Record:
    """A feature of a layer; `NotFoundError` when it is not there."""
    row = store.feature(store.spec(layer_id).id, feature_id)
    if row is None:
        raise NotFoundError(
            "feature_unknown",
            Text("没有这个要素", "There is no such feature"),
            where=layer_id,
            got=feature_id,
            fix=Text(
                "检查图层和编号，或在地图上搜索", "Check the layer and the id, or search on the map"
            ),
        )
    return row


def basis_of(row: Record) -> dict[str, Any]:
    """What a stored grade rests on, as it was kept with it; empty where there is none."""
    kept = json.loads(row.get("basis") or "{}")
    return dict(kept) if isinstance(kept, dict) else {}


def explain(store: Store, layer_id: str, feature_id: str) -> dict[str, Any]:
    """A feature's grade, every reason of it, what it rests on, and the grades it rests on.

    `level` is the level of a major hazard source (一级 to 四级), apart from its colour; `stated` is
    the grade that the register declares, beside the computed one.
    """
    spec, row = store.spec(layer_id), the_feature(store, layer_id, feature_id)
    basis = basis_of(row)
    rolled = spec.grader == "rollup"
    return {
        "layer": layer_id,
        "id": feature_id,
        "name": row["name"],
        "grade": row.get("grade"),
        "profile": row.get("profile"),
        "score": None if rolled else row.get("score"),
        "index": row.get("score") if rolled else None,
        "level": basis.get("result", {}).get("level"),
        "constitutes": basis.get("result", {}).get("constitutes"),
        "stated": row.get("stated_grade"),
        "reasons": json.loads(row.get("reasons") or "[]"),
        "basis": basis or None,
        "children": _children(store, layer_id, feature_id),
    }


def _children(store: Store, layer_id: str, feature_id: str) -> list[dict[str, Any]]:
    if layer_id != "enterprises":
        return []
    found = []
    for child in (s for s in store.schema.specs.values() if s.counted and s.parent == layer_id):
        names = ("id", "name", "grade")
        for key, name, grade in store.columns(Query(child.id, parent=feature_id), names):
            found.append({"layer": child.id, "id": key, "name": name, "grade": grade})
    return found


def snapshots(store: Store, layer_id: str, feature_id: str) -> list[dict[str, Any]]:
    """Every calculation that was kept of a feature, oldest first: edition, inputs, result.

    The history of the store is append-only; a version is written whenever anything changes.
    """
    spec = store.spec(layer_id)
    the_feature(store, layer_id, feature_id)
    if spec.grader in ("", "rollup"):
        return []
    table = store.schema.histories[spec.id]
    names = ("version", "updated_at", "batch", "op", "grade", "score", "profile", "basis")
    with store.reading() as connection:
        rows = connection.execute(
            select(*(table.c[name] for name in names))
            .where(table.c.id == feature_id)
            .order_by(table.c.version)
        ).mappings()
        return [{**row, "basis": json.loads(row["basis"] or "null")} for row in rows]
