"""What a store was told to grade by: profiles and direct rules, kept with it, undone with it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import Connection

from geo_risk.catalogue import FIELD_TYPES, LayerSpec
from geo_risk.errors import CatalogueError, ConflictError, Text
from geo_risk.grading import GRADERS, DirectRule, chosen_rules, direct_rules
from geo_risk.grading.direct_rules import RESULT
from geo_risk.store import Batch, Store


def profile_of(store: Store, layer: LayerSpec, connection: Connection | None = None) -> str:
    """The profile a layer is graded by: the one last chosen for this store, else the default."""
    return store.meta(f"profile:{layer.id}", connection) or GRADERS[layer.grader].default_profile


def rules_of(
    store: Store, layer_id: str, connection: Connection | None = None
) -> tuple[DirectRule, ...]:
    """The direct rules of a layer: those last chosen for this store, else those that are on."""
    kept = store.meta(f"rules:{layer_id}", connection)
    rules = chosen_rules(layer_id, json.loads(kept) if kept and kept != "null" else None)
    for rule in rules:
        _check_fields(rule, store.spec(layer_id))
    return rules


_TYPES = {
    "is_true": ("boolean",),
    "at_least": ("integer", "number", "interval"),
    "any_of": FIELD_TYPES,
}


def _check_fields(rule: DirectRule, layer: LayerSpec) -> None:
    """Refuse a rule that asks a field that the layer does not have, or not of that type."""
    for condition in (one for conditions in rule.alternatives for one in conditions):
        field = layer.by_name.get(condition.field)
        of_result = condition.field.startswith(RESULT)
        if not of_result and (field is None or field.type not in _TYPES[condition.test]):
            raise CatalogueError(
                "direct_rule_invalid",
                Text(
                    "直接判定规则所问的字段不存在或类型不符",
                    "A direct rule asks a field that is not there, or not of that type",
                ),
                where=f"direct_rules.csv {rule.name}",
                got=f"{condition.field} {condition.test}",
                fix=Text(
                    f"{layer.id} 的字段: {', '.join(layer.by_name)}",
                    f"Fields of {layer.id}: {', '.join(layer.by_name)}",
                ),
            )


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


def missing_choices(store: Store) -> list[str]:
    """The profiles and rules a store is graded by that are not on this machine, in words."""
    profiles = {name for grader in GRADERS.values() for name in grader.profiles()}
    rules = {rule.name for rule in direct_rules()}
    found = []
    for layer_id in store.schema.specs:
        profile = store.meta(f"profile:{layer_id}")
        names = json.loads(store.meta(f"rules:{layer_id}") or "null") or []
        gone = [name for name in (profile,) if name and name not in profiles]
        gone += [name for name in names if name not in rules]
        found += [
            f"{layer_id}: 方案或规则 {name} 不在本机，本市规定须设 GEO_RISK_POLICIES_DIR / "
            f"profile or rule {name} is not on this machine: set GEO_RISK_POLICIES_DIR"
            for name in gone
        ]
    return found
