"""What a change of profile would recolour, before anyone changes it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from geo_risk.grading import (
    GRADERS,
    ROLL_UP_COLUMNS,
    DirectRule,
    cells,
    compared_grader,
    direct_rules,
)
from geo_risk.grading.profiles import Band, bands, profile_rule
from geo_risk.reference import table
from geo_risk.store import Query, Store

from .choices import profile_of
from .grading import grade_records

SHOWN = 1000


def diff(a: str, b: str, store: Store | None = None) -> dict[str, Any]:
    """Every cell of the method that two profiles colour differently, and the stored features.

    `features` is None without a store; `items` holds the first 1000 that would change.
    """
    grader = compared_grader(a, b)
    every = cells(a, b)
    changed = [cell for cell in every if cell.a is not cell.b]
    result: dict[str, Any] = {
        "method": grader.name,
        "a": a,
        "b": b,
        "cells": len(every),
        "changed_cells": len(changed),
        "changes": [{**cell.inputs, "a": str(cell.a), "b": str(cell.b)} for cell in changed],
        "features": None,
    }
    if store is not None:
        result["features"] = {
            spec.id: _features(store, spec.id, a, b)
            for spec in store.schema.specs.values()
            if spec.grader == grader.name
        }
    return result


def _features(store: Store, layer_id: str, a: str, b: str) -> dict[str, Any]:
    spec = store.spec(layer_id)
    rows = list(store.features(Query(layer_id)))
    graded = []
    for profile in (a, b):
        again = [dict(row) for row in rows]
        grade_records(store, spec, again, profile=profile)
        graded.append([row["grade"] for row in again])
    pairs = list(zip(rows, *graded, strict=True))
    moved = [(row, one, other) for row, one, other in pairs if one != other]
    counted = Counter((one, other) for _, one, other in moved)
    return {
        "profile_now": profile_of(store, spec),
        "of": len(rows),
        "changed": len(moved),
        "by_change": [
            {"from": one, "to": other, "n": n} for (one, other), n in sorted(counted.items())
        ],
        "by_grade": {
            name: {str(g): grades.count(str(g)) for g in ROLL_UP_COLUMNS}
            for name, grades in zip(("a", "b"), graded, strict=True)
        },
        "items": [
            {"id": row["id"], "name": row["name"], "from": one, "to": other}
            for row, one, other in moved[:SHOWN]
        ],
    }


def profiles() -> dict[str, Any]:
    """All profiles by method with bands, what they add, clause and doubt; and all direct rules."""
    found = []
    for grader in GRADERS.values():
        for name in grader.profiles():
            default = name == grader.default_profile
            found.append(
                {"profile": name, "method": grader.name, "default": default, **_told(name)}
            )
    return {"profiles": found, "direct_rules": [_rule(rule) for rule in direct_rules()]}


def _told(name: str) -> dict[str, Any]:
    levels = [row for row in table("hazard_level_colours") if row["profile"] == name]
    if levels:
        return {
            "bands": [{"range": row["level"], "grade": row["colour"]} for row in levels],
            "clause": levels[0]["clause"],
            "verified": levels[0]["verified"],
            "base": name,
            "scores": "official",
            "controls": None,
        }
    rule = profile_rule(name)
    method, symbol = ("LEC", "D") if name in GRADERS["lec"].profiles() else ("LS", "R")
    own = bands(method, name)
    source = next(
        row
        for sheet in ("profile_rules", "grade_profiles")
        for row in table(sheet)
        if row["profile"] == name
    )
    return {
        "bands": [_band(band, symbol) for band in own],
        "clause": source["clause"],
        "verified": source["verified"],
        "base": rule.base,
        "scores": "between" if rule.between else "official",
        "controls": {
            "kinds": sorted(rule.control_kinds),
            "steps": rule.control_steps,
            "floor": str(rule.control_floor),
        }
        if rule.control_kinds
        else None,
        "note": dict(rule.note),
    }


def _band(band: Band, symbol: str) -> dict[str, str]:
    return {"range": band.range_text(symbol), "grade": str(band.colour())}


def _rule(rule: DirectRule) -> dict[str, Any]:
    return {
        "rule": rule.name,
        "layer": rule.layer,
        "grade": str(rule.grade),
        "on": rule.on,
        "title": dict(rule.title),
        "scope": dict(rule.scope),
        "clause": rule.clause,
        "verified": rule.verified,
        "conditions": [
            [{"field": c.field, "test": c.test, "value": c.value} for c in alternative]
            for alternative in rule.alternatives
        ],
    }
