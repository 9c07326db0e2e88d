"""What a store was told to grade by: profiles and direct rules, kept with it, undone with it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import Connection

from geo_risk.catalogue import LayerSpec
from geo_risk.errors import ConflictError, Text
from geo_risk.grading import GRADERS, DirectRule, chosen_rules
from geo_risk.store import Batch, Store


def profile_of(store: Store, layer: LayerSpec, connection: Connection | None = None) -> str:
    """The profile a layer is graded by: the one last chosen for this store, else the default."""
    return store.meta(f"profile:{layer.id}", connection) or GRADERS[layer.grader].default_profile


def rules_of(
    store: Store, layer_id: str, connection: Connection | None = None
) -> tuple[DirectRule, ...]:
    """The direct rules of a layer: those last chosen for this store, else those that are on."""
    kept = store.meta(f"rules:{layer_id}", connection)
    return chosen_rules(layer_id, json.loads(kept) if kept and kept != "null" else None)


def choose(store: Store, batch: Batch, chosen: Mapping[str, str]) -> None:
    """Keep profiles and rules (`profile:LAYER`, `rules:LAYER`), and what held before the batch."""
    before = {key: store.meta(key, batch.connection) or "" for key in chosen}
    store.set_meta(batch.connection, f"chosen_before:{batch.id}", json.dumps(before))
    for key, value in chosen.items():
        store.set_meta(batch.connection, key, value)


def has_choices(store: Store, batch_id: str) -> bool:
    """Whether a batch chose profiles or rules."""
    return bool(store.meta(f"chosen_before:{batch_id}"))


def refuse_later_choices(store: Store, batch_id: str) -> None:
    """`ConflictError` where a later batch that stands chose the same things again."""
    keys = json.loads(store.meta(f"chosen_before:{batch_id}") or "{}").keys()
    later = [
        row["id"]
        for row in store.rows("batches")
        if row["id"] > batch_id and row["kind"] != "undo" and not row["undone_by"]
        and keys & json.loads(store.meta(f"chosen_before:{row['id']}") or "{}").keys()
    ]  # fmt: skip
    if later:
        raise ConflictError(
            "batch_changed_since",
            Text("此后又选择了分级方案或规则", "Profiles or rules were chosen again since"),
            where=batch_id,
            got="、".join(later),
            fix=Text("请先撤销较晚的批次", "Undo the later batches first"),
        )


def restore_choices(store: Store, batch: Batch, undone: str) -> None:
    """Choose again what held before a batch, as a part of its undo."""
    before = store.meta(f"chosen_before:{undone}")
    if before:
        choose(store, batch, json.loads(before))
