"""Enterprises that a direct rule (直接判定) grades by themselves, beside what lies in them."""

from __future__ import annotations

from sqlalchemy import Connection

from geo_risk.store import Store

Judged = tuple[str, str | None, str | None, str]
"""Enterprise id, village, town, grade."""


def directly_judged(_connection: Connection, _store: Store, _as_of: str = "") -> list[Judged]:
    """The enterprises that a rule of their own judges, now or as of a moment; none so far.

    Each counts as one more item of its enterprise, cell, village, town, city, industry and
    department.
    """
    return []
