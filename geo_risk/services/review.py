"""The review queue: rows that wait for a position, and what a person decides of them."""

from __future__ import annotations

import json
from typing import Any

from geo_risk.store import Store


def waiting(store: Store) -> list[dict[str, Any]]:
    """The rows that wait for a position, oldest first, with reasons and candidates."""
    rows = [row for row in store.rows("review") if row["state"] == "open"]
    parsed = ("reasons", "candidates", "record")
    return [{**row, **{name: json.loads(row[name]) for name in parsed}} for row in rows]
