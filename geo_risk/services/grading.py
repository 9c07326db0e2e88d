"""Grading what is stored, and saying why."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from geo_risk.catalogue import LayerSpec
from geo_risk.errors import NotFoundError, Text, UsageError
from geo_risk.grading import GRADERS, ROLL_UP_COLUMNS
from geo_risk.store import Batch, Query, Record, Store

from .roll_ups import refresh_roll_ups


def profile_of(store: Store, layer: LayerSpec) -> str:
    """The profile a layer is graded by: the one last chosen for this store, else the default."""
    return store.meta(f"profile:{layer.id}") or GRADERS[layer.grader].default_profile


def choose_profiles(store: Store, batch: Batch, chosen: Mapping[str, str]) -> None:
    """Keep the profile of some layers from now on, and with the batch what held before it."""
    before = {layer_id: store.meta(f"profile:{layer_id}") or "" for layer_id in chosen}
    store.set_meta(batch.connection, f"profiles_before:{batch.id}", json.dumps(before))
    for layer_id, profile in chosen.items():
        store.set_meta(batch.connection, f"profile:{layer_id}", profile)


def restore_profiles(store: Store, batch: Batch, undone: str) -> None:
    """Choose the profiles again that held before a batch, as a part of its undo."""
    before = store.meta(f"profiles_before:{undone}")
    if before:
        choose_profiles(store, batch, json.loads(before))


def grade_records(layer: LayerSpec, records: Sequence[Record], profile: str) -> None:
    """Set grade, score, profile and reasons of records of a layer that has a grader of its own."""
    if layer.grader in ("", "rollup"):
        return
    graded = GRADERS[layer.grader].grade_rows(records, profile)
    texts: dict[int, str] = {}
    for record, result in zip(records, graded, strict=True):
        key = id(result.reasons)
        if key not in texts:
            texts[key] = json.dumps([r.as_json() for r in result.reasons], ensure_ascii=False)
        record["grade"], record["score"] = str(result.grade), result.score
        record["profile"], record["reasons"] = result.profile, texts[key]


def grade(store: Store, layer_id: str = "", profile: str = "") -> dict[str, Any]:
    """Grade a layer, or all, again as a batch of its own; a profile given stays with the layer."""
    own = [s for s in store.schema.specs.values() if s.grader not in ("", "rollup")]
    if layer_id:
        spec = store.spec(layer_id)
        if spec.grader in ("", "rollup"):
            raise UsageError(
                "layer_not_graded",
                Text("该图层没有自己的分级方法", "The layer has no grader of its own"),
                where="--layer",
                got=layer_id,
                fix=Text(
                    f"可用: {', '.join(s.id for s in own)}", f"{', '.join(s.id for s in own)}"
                ),
            )
        own = [spec]
    if profile:
        own = [spec for spec in own if profile in GRADERS[spec.grader].profiles()]
        if not own:
            known = sorted({p for g in GRADERS.values() for p in g.profiles()})
            raise UsageError(
                "profile_unknown",
                Text("没有这个分级方案", "There is no such grading profile"),
                where="--profile",
                got=profile,
                fix=Text(f"可用: {', '.join(known)}", f"Known: {', '.join(known)}"),
            )
    by_grade = dict.fromkeys(map(str, ROLL_UP_COLUMNS), 0)
    with store.batch("grade", layer=layer_id or None) as batch:
        for spec in own:
            chosen = profile or profile_of(store, spec)
            records = list(store.features(Query(spec.id)))
            grade_records(spec, records, chosen)
            batch.put(spec, records)
            for record in records:
                by_grade[record["grade"]] += 1
        if profile:
            choose_profiles(store, batch, {spec.id: profile for spec in own})
        refresh_roll_ups(store, batch)
        total = sum(by_grade.values())
        batch.info |= {"rows": total, "stored": total, "rejected": 0, "unplaced": 0}
    return {
        "graded": total - by_grade["no_data"],
        "by_grade": by_grade,
        "profiles": {spec.id: profile or profile_of(store, spec) for spec in own},
        "batch": batch.id,
    }


def explain(store: Store, layer_id: str, feature_id: str) -> dict[str, Any]:
    """A feature's grade, every reason of it, and the grades it rests on."""
    spec, row = store.spec(layer_id), store.feature(layer_id, feature_id)
    if row is None:
        raise NotFoundError(
            "feature_unknown",
            Text("没有这个要素", "There is no such feature"),
            where=layer_id,
            got=feature_id,
            fix=Text("检查图层和编号", "Check the layer and the id"),
        )
    children = []
    if layer_id == "enterprises":
        for child in (s for s in store.schema.specs.values() if s.counted and s.parent == layer_id):
            names = ("id", "name", "grade")
            for key, name, grade_ in store.columns(Query(child.id, parent=feature_id), names):
                children.append({"layer": child.id, "id": key, "name": name, "grade": grade_})
    return {
        "layer": layer_id,
        "id": feature_id,
        "name": row["name"],
        "grade": row.get("grade"),
        "profile": row.get("profile"),
        "score": None if spec.grader == "rollup" else row.get("score"),
        "index": row.get("score") if spec.grader == "rollup" else None,
        "reasons": json.loads(row.get("reasons") or "[]"),
        "children": children,
    }
