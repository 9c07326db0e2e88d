"""What would lower the grade of a stored feature by one step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from geo_risk.errors import Text, UsageError
from geo_risk.grading import COUNTED_FIELD, GRADERS, Reason, ways_down
from geo_risk.store import Query, Record, Store

from .choices import profile_of, rules_of
from .direct_judgement import directly_judged, judgement_reasons
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
        return {**told, "changes": changes, "note": _note(row["grade"], changes)}
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
    if row.get("grade") in (None, "no_data", "blue"):
        return {
            **told,
            "changes": [],
            "must_come_down": 0,
            "items": [],
            "note": _note(row["grade"], []),
        }
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
    items = [*_judged(store, layer_id, feature_id, str(row["grade"])), *items]
    must = len(worst) + sum(item["layer"] == "enterprises" for item in items)
    return {**told, "changes": [], "must_come_down": must, "items": items, "note": _all()}


def _judged(store: Store, layer_id: str, feature_id: str, grade: str) -> list[dict[str, Any]]:
    """The enterprises of a grade that a direct rule judges, and what has to cease."""
    at = {"enterprises": 0, "villages": 1, "towns": 2}.get(layer_id)
    with store.reading() as connection:
        judged = [
            one
            for one in directly_judged(connection, store)
            if one[3] == grade and (at is None or one[at] == feature_id)
        ]
        reasons = judgement_reasons(connection, store) if judged else {}
    names = dict(store.columns(Query("enterprises"), ("id", "name"))) if judged else {}
    return [
        {
            "layer": "enterprises",
            "id": key,
            "name": names.get(key),
            "grade": grade,
            "changes": [_must_cease(r) for r in reasons[key] if r.code == "direct_rule"],
        }
        for key, *_ in judged
    ]


def _must_cease(reason: Reason) -> dict[str, object]:
    return {
        "kind": "rule",
        "field": reason.inputs["rule"],
        "before": "true",
        "after": "false",
        "grade": None,
        "zh": f"使其不再成立：{reason.text['zh']}",
        "en": f"Make this no longer so: {reason.text['en']}",
        "also": [],
    }


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


def _note(grade: str | None, changes: Sequence[Mapping[str, object]]) -> Text:
    if grade in (None, "no_data"):
        return Text("没有等级：先补齐资料", "There is no grade: complete its inputs first")
    if grade == "blue":
        return Text("已是最低等级", "It has the lowest grade already")
    if any(change["also"] for change in changes):
        return Text(
            "每一项连同“并且”所列各项才能降级，均已重新计算核实",
            "Each suffices together with what stands behind “and”; each was graded again",
        )
    if changes:
        return Text(
            "每一项单独即可降级，均已重新计算核实", "Each alone suffices; each was graded again"
        )
    return Text("没有单独一项改变能降级", "No single change lowers the grade")


def _all() -> Text:
    return Text(
        "所列对象都要降级，汇总等级才会降低", "All of these must come down before the roll-up does"
    )
