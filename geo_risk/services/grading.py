"""Grading what is stored, and saying why."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from geo_risk.catalogue import LayerSpec
from geo_risk.errors import Text, UsageError
from geo_risk.grading import (
    COUNTED_FIELD,
    GRADERS,
    ROLL_UP_COLUMNS,
    DirectRule,
    Graded,
    alpha_of,
    chosen_rules,
    direct_rules,
)
from geo_risk.store import GRADE_COLUMNS, Batch, Record, Store

from .choices import choose, profile_of, rules_of
from .exposure import exposed_of
from .roll_ups import refresh_roll_ups

DEFAULT_RULES, NO_RULES = "default", "none"
COUNTED_AROUND = ("enterprises", "population", "targets")
"""The layers by which people exposed around hazard sources are counted."""


def has_rules(layer: LayerSpec) -> bool:
    """Whether there are direct rules for the layer."""
    return any(rule.layer == layer.id for rule in direct_rules())


def has_own_grader(layer: LayerSpec) -> bool:
    """Whether a layer's features are graded by their own inputs, not by what lies in them."""
    return layer.grader not in ("", "rollup")


def grade_records(
    store: Store,
    layer: LayerSpec,
    records: Sequence[Record],
    connection: Connection | None = None,
    *,
    profile: str = "",
    rules: Sequence[DirectRule] | None = None,
) -> None:
    """Set the grade columns of records of a layer that has a grader of its own.

    By the store's profile and rules unless others are given. Where people exposed are needed and
    not stated they are counted in the register, through `connection` where one is open.
    """
    if not has_own_grader(layer):
        return
    profile = profile or profile_of(store, layer, connection)
    rules = rules_of(store, layer.id, connection) if rules is None else rules
    grader = GRADERS[layer.grader]
    for record in records:
        record.pop(COUNTED_FIELD, None)
    graded = grader.grade_rows(records, profile, rules)
    at = [i for i, result in enumerate(graded) if _needs_people(result)]
    at += [i for i, result in enumerate(graded) if _states_people(result)]
    if at:
        _count(store, connection, [records[i] for i in at])
        at = [i for i in at if _speaks(records[i])]
        again = grader.grade_rows([records[i] for i in at], profile, rules)
        for i, result in zip(at, again, strict=True):
            graded[i] = result
    _set(records, graded)


def _needs_people(graded: Graded) -> bool:
    return any(reason.code == "exposed_needed" for reason in graded.reasons)


def _states_people(graded: Graded) -> bool:
    """Whether a level rests on people that the register states."""
    return graded.details.get("exposed_source") == "given" and bool(graded.details.get("level"))


def _speaks(record: Record) -> bool:
    """Whether a count matters: none is stated, or fewer than are counted, with a lower α.

    Elsewhere it is left out, so that a grade does not change with every person who moves.
    """
    counted, stated = record.get(COUNTED_FIELD), record.get("exposed_people")
    if counted is None:
        return False
    matters = stated is None or alpha_of(counted["count"])[0] > alpha_of(int(stated))[0]
    if not matters:
        del record[COUNTED_FIELD]
    return matters


def _count(store: Store, connection: Connection | None, records: Sequence[Record]) -> None:
    if connection is None:
        with store.reading() as reading:
            found = exposed_of(reading, store, records)
    else:
        found = exposed_of(connection, store, records)
    for record in records:
        if record["id"] in found:
            record[COUNTED_FIELD] = found[record["id"]].as_json()


def _set(records: Sequence[Record], graded: Sequence[Graded]) -> None:
    texts: dict[int, tuple[str, str]] = {}
    for record, result in zip(records, graded, strict=True):
        key = id(result)
        if key not in texts:
            texts[key] = reasons_text(result), basis_text(result)
        record["grade"], record["score"] = str(result.grade), result.score
        record["profile"] = result.profile
        record["reasons"], record["basis"] = texts[key]
        record.pop(COUNTED_FIELD, None)


def reasons_text(graded: Graded) -> str:
    """The reasons as they are stored."""
    return json.dumps([reason.as_json() for reason in graded.reasons], ensure_ascii=False)


def basis_text(graded: Graded) -> str:
    """What the grade rests on and what came out, as it is stored."""
    basis = {} if graded.basis is None else graded.basis.as_json()
    return json.dumps({**basis, "result": dict(graded.details)}, ensure_ascii=False)


def recount(store: Store, batch: Batch) -> int:
    """Grade again, in the same transaction, what people counted in the register bear on.

    Returns how many hazard sources stand otherwise than before.
    """
    changed = 0
    for layer in store.schema.specs.values():
        table = store.schema.layers[layer.id]
        if layer.grader == "gb18218" and "substances" in table.c:
            changed += _grade_where(store, batch, layer, table.c.substances.is_not(None))[0]
    return changed


def grade_undone(store: Store, batch: Batch, *, everything: bool) -> int:
    """Grade what an undo brought back, by the profile and rules that hold now, and recount.

    With `everything`, where the undone batch chose these, all that is stored; returns how many
    features changed.
    """
    touched, changed = set(batch.touched), 0
    for layer in store.schema.specs.values():
        if has_own_grader(layer) and (everything or layer.id in touched):
            own = store.schema.layers[layer.id].c.batch == batch.id
            changed += _grade_where(store, batch, layer, *([] if everything else [own]))[0]
    if touched.intersection(COUNTED_AROUND):
        recount(store, batch)
    return changed if everything else 0


def _grade_where(
    store: Store, batch: Batch, layer: LayerSpec, *conditions: ColumnElement[bool]
) -> tuple[int, Counter[str]]:
    """Grade some stored features again: how many stand otherwise than before, and their grades."""
    table = store.schema.layers[layer.id]
    columns = [c for c in table.c if c.name not in ("fid", "digest")]
    rows = batch.connection.execute(select(*columns).where(*conditions))
    records = [dict(row) for row in rows.mappings()]
    stood = [tuple(record[name] for name in GRADE_COLUMNS) for record in records]
    grade_records(store, layer, records, batch.connection)
    otherwise = {
        record["id"]
        for record, was in zip(records, stood, strict=True)
        if tuple(record[name] for name in GRADE_COLUMNS) != was
    }
    changed = batch.put(layer, records, rewrite=otherwise).updated
    return changed, Counter(record["grade"] for record in records)


def grade(
    store: Store, layer_id: str = "", profile: str = "", rules: Sequence[str] | str = ""
) -> dict[str, Any]:
    """Grade a layer, or all, again as a batch of its own; what is chosen stays with the layer.

    `rules` are names of direct rules, `default` for those that are on, `none`; empty leaves them.
    """
    own = _asked_layers(store, layer_id, profile, bool(rules))
    ruled = own if layer_id else [s for s in store.schema.specs.values() if has_rules(s)]
    wanted = {spec.id: _wanted_rules(spec.id, rules) for spec in ruled} if rules else {}
    own = [spec for spec in own if has_own_grader(spec)]
    counted, changed = Counter[str](), 0
    with store.batch("grade", layer=layer_id or None) as batch:
        chosen = {f"profile:{spec.id}": profile for spec in own if profile}
        chosen |= {f"rules:{key}": json.dumps(names) for key, names in wanted.items()}
        if chosen:
            choose(store, batch, chosen)
        for spec in own:
            number, grades = _grade_where(store, batch, spec)
            changed, counted = changed + number, counted + grades
        refresh_roll_ups(store, batch)
        total = counted.total()
        batch.info |= {"rows": total, "stored": total, "rejected": 0, "unplaced": 0}
    return {
        "graded": total - counted["no_data"],
        "by_grade": {str(grade): counted[str(grade)] for grade in ROLL_UP_COLUMNS},
        "profiles": {spec.id: profile or profile_of(store, spec) for spec in own},
        "rules": {
            spec.id: [rule.name for rule in rules_of(store, spec.id)] for spec in (ruled or own)
        },
        "changed": changed,
        "batch": batch.id,
    }


def _wanted_rules(layer_id: str, rules: Sequence[str] | str) -> list[str] | None:
    if rules == DEFAULT_RULES:
        return None
    names = [] if rules == NO_RULES else [rules] if isinstance(rules, str) else list(rules)
    chosen_rules(layer_id, names)
    return names


def _asked_layers(store: Store, layer_id: str, profile: str, ruled: bool) -> list[LayerSpec]:
    """The layers that `grade` is about; for rules also one that is only rolled up."""
    own = [spec for spec in store.schema.specs.values() if has_own_grader(spec)]
    if layer_id:
        spec = store.spec(layer_id)
        if not has_own_grader(spec) and not (ruled and not profile and has_rules(spec)):
            names = ", ".join(s.id for s in own)
            raise UsageError(
                "layer_not_graded",
                Text("该图层没有自己的分级方法", "The layer has no grader of its own"),
                where="--layer",
                got=layer_id,
                fix=Text(f"可用: {names}", names),
            )
        own = [spec]
    if profile:
        own = [spec for spec in own if has_own_grader(spec)]
        own = [spec for spec in own if profile in GRADERS[spec.grader].profiles()]
        if not own:
            raise _profile_unknown(store, layer_id, profile)
    return own


def _profile_unknown(store: Store, layer_id: str, profile: str) -> UsageError:
    specs = [s for s in store.schema.specs.values() if has_own_grader(s)]
    wanted = [GRADERS[s.grader] for s in specs if not layer_id or s.id == layer_id]
    known = ", ".join(dict.fromkeys(name for grader in wanted for name in grader.profiles()))
    other = next((g.clause for g in GRADERS.values() if profile in g.profiles()), None)
    message = Text("没有这个分级方案", "There is no such grading profile")
    if other:
        message = Text(
            f"该方案属于{other}，不是该图层的方法",
            f"The profile belongs to {other}, another method",
        )
    return UsageError(
        "profile_unknown",
        message,
        where="--profile",
        got=profile,
        fix=Text(
            f"可用: {known}；本市自己的方案须设 GEO_RISK_POLICIES_DIR",
            f"Known: {known}; a city's own needs GEO_RISK_POLICIES_DIR",
        ),
    )
