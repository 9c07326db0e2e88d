"""Enterprises that a direct rule (直接判定) grades by themselves, beside what lies in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, or_, select

from geo_risk.grading import DirectRule, Graded, Reason, rule_fields, with_direct_rules
from geo_risk.store import Store
from geo_risk.vocabulary import Grade

from .choices import rules_of

LAYER = "enterprises"
Judged = tuple[str, str | None, str | None, str]
"""Enterprise id, village, town, grade."""


def directly_judged(connection: Connection, store: Store, as_of: str = "") -> list[Judged]:
    """The enterprises that a rule of their own judges, now or as of a moment, by today's rules.

    Each counts as one more item of its enterprise, cell, village, town, city, industry and
    department.
    """
    return [
        (row["id"], row["village"], row["town"], str(graded.grade))
        for row, graded in _judgements(connection, store, as_of)
        if graded.grade is not Grade.NO_DATA
    ]


def judgement_reasons(
    connection: Connection, store: Store, as_of: str = ""
) -> dict[str, tuple[Reason, ...]]:
    """The rules that judge each enterprise, or that it leaves open, as reasons, by its id."""
    return {row["id"]: graded.reasons for row, graded in _judgements(connection, store, as_of)}


def _judgements(
    connection: Connection, store: Store, as_of: str
) -> list[tuple[Mapping[str, Any], Graded]]:
    if LAYER not in store.schema.layers:
        return []
    rules = rules_of(store, LAYER, connection)
    table = store.source(LAYER, as_of)
    fields = [name for name in rule_fields(rules) if name in table.c]
    if not fields:
        return []
    columns = [table.c[name] for name in ("id", "village", "town", *fields)]
    some = or_(*(table.c[name].is_not(None) for name in fields))
    rows = connection.execute(select(*columns).where(some).order_by(table.c.id)).mappings()
    found = [(row, _judged(row, rules)) for row in map(dict, rows)]
    return [(row, graded) for row, graded in found if graded.reasons]


def _judged(row: Mapping[str, Any], rules: tuple[DirectRule, ...]) -> Graded:
    nothing = Graded(Grade.NO_DATA, None, "", (), {})
    return with_direct_rules(nothing, row, rules)
