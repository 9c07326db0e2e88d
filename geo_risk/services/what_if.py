"""What would lower the grade of a stored feature by one step."""

from __future__ import annotations

from typing import Any

from geo_risk.errors import Text, UsageError
from geo_risk.grading import COUNTED_FIELD, GRADERS, ways_down
from geo_risk.store import Query, Record, Store

from .choices import profile_of, rules_of
from .explaining import basis_of, the_feature
from .grading import has_own_grader

SHOWN = 50


def what_if(store: Store, layer_id: str, feature_id: str) -> dict[str, Any]:
    """The smallest changes that lower the colour of a feature, each graded again.

    Of an enterprise or area: the items that make it what it is, each with its own changes, since
    all of them have to come down.
    """
    spec, row = store.spec(layer_id), the_feature(store, layer_id, feature_id)
    told: dict[str, Any] = {
        "layer": layer_id,
        "id": feature_id,
        "name": row["name"],
        "grade": row.get("grade"),
    }
    if has_own_grader(spec):
        changes = _changes(store, layer_id, row)
        return {**told, "changes": changes, "note": _note(row["grade"], bool(changes))}
    if spec.grader != "rollup":
        raise UsageError(
            "layer_not_graded",
            Text("该图层不分级", "The layer is not graded"),
            where="LAYER",
            got=layer_id,
            fix=Text(
                "选择风险点、重大危险源或企业", "Choose risk_points, hazard_sources, enterprises"
            ),
        )
    worst = _worst_items(store, layer_id, feature_id, str(row["grade"]))
    items = [
        {
            "layer": layer,
            "id": item["id"],
            "name": item["name"],
            "grade": item["grade"],
            "changes": _changes(store, layer, item),
        }
        for layer, item in worst[:SHOWN]
    ]
    return {**told, "changes": [], "must_come_down": len(worst), "items": items, "note": _all()}


def _changes(store: Store, layer_id: str, row: Record) -> list[dict[str, object]]:
    spec = store.spec(layer_id)
    counted = basis_of(row).get("inputs", {}).get(COUNTED_FIELD)
    inputs = {**row, COUNTED_FIELD: counted} if counted else row
    found = ways_down(
        GRADERS[spec.grader], inputs, profile_of(store, spec), rules_of(store, spec.id)
    )
    return [change.as_json() for change in found]


def _worst_items(
    store: Store, layer_id: str, feature_id: str, grade: str
) -> list[tuple[str, Record]]:
    if grade in ("no_data", "blue"):
        return []
    key = {"enterprises": "enterprise_id", "villages": "village", "towns": "town"}.get(layer_id)
    found = []
    for spec in (s for s in store.schema.specs.values() if s.counted and has_own_grader(s)):
        for row in store.features(Query(spec.id, grades=(grade,))):
            if key is None or row.get(key) == feature_id:
                found.append((spec.id, row))
    return found


def _note(grade: str | None, some: bool) -> Text:
    if grade == "no_data":
        return Text("没有等级：先补齐资料", "There is no grade: complete its inputs first")
    if grade == "blue":
        return Text("已是最低等级", "It has the lowest grade already")
    if some:
        return Text(
            "每一项单独即可降级，均已重新计算核实", "Each alone suffices; each was graded again"
        )
    return Text("没有单独一项改变能降级", "No single change lowers the grade")


def _all() -> Text:
    return Text(
        "所列对象都要降级，汇总等级才会降低", "All of these must come down before the roll-up does"
    )
