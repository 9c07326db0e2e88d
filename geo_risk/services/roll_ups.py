"""Rolling grades up to enterprises, villages, towns and the city."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, FromClause, func, select

from geo_risk.errors import Text, UsageError
from geo_risk.grading import ROLL_UP_COLUMNS, index_policy, roll_up
from geo_risk.store import Batch, Record, Store
from geo_risk.vocabulary import GRADES, Grade

LEVELS = {
    "enterprise": ("enterprises", "enterprise_id"),
    "village": ("villages", "village"),
    "town": ("towns", "town"),
    "city": ("city", ""),
}
INDEX = "mean_weight_8421"


def _counts(
    connection: Connection, counted: Sequence[FromClause], key: str
) -> dict[str | None, np.ndarray[Any, np.dtype[np.int64]]]:
    """Counts per grade (columns of `ROLL_UP_COLUMNS`) of all counted layers, by a column."""
    column_of = {str(grade): i for i, grade in enumerate(ROLL_UP_COLUMNS)}
    found: dict[str | None, np.ndarray[Any, np.dtype[np.int64]]] = {}
    for table in counted:
        if key and key not in table.c:
            continue
        by = [table.c[key]] if key else []
        rows = connection.execute(
            select(table.c.grade, func.count(), *by).group_by(table.c.grade, *by)
        )
        for row in rows:
            area = row[2] if key else None
            counts = found.setdefault(area, np.zeros(len(ROLL_UP_COLUMNS), np.int64))
            counts[column_of[row[0] or "no_data"]] += row[1]
    return found


def _areas(
    connection: Connection, store: Store, level: str, moment: str = ""
) -> list[tuple[str, str, dict[str, Any]]]:
    """(id, name, roll-up) of every area of a level, now or as of a moment."""
    layer_id, key = LEVELS[level]
    table = store.source(layer_id, moment)
    counted = [store.source(s.id, moment) for s in store.schema.specs.values() if s.counted]
    found = _counts(connection, counted, key)
    areas = connection.execute(select(table.c.id, table.c.name).order_by(table.c.id)).all()
    nothing = np.zeros(len(ROLL_UP_COLUMNS), np.int64)
    counts = np.array([found.get(row.id if key else None, nothing) for row in areas], np.int64)
    rolled = roll_up(counts.reshape(-1, len(ROLL_UP_COLUMNS)), INDEX)
    result = []
    for i, row in enumerate(areas):
        index = float(rolled.index[i])
        values = {
            "grade": str(rolled.worst[i]),
            "fill": str(rolled.fill[i]),
            "index": None if math.isnan(index) else round(index, 4),
            "counts": {str(g): int(n) for g, n in zip(ROLL_UP_COLUMNS, counts[i], strict=True)},
            "graded": int(rolled.graded[i]),
            "total": int(rolled.total[i]),
        }
        result.append((row.id, row.name, values))
    return result


def _derived(values: Mapping[str, Any]) -> tuple[str, float | None, str, str, None]:
    grade = Grade(values["grade"])
    label, graded, total = GRADES[grade].label, values["graded"], values["total"]
    if grade is Grade.NO_DATA:
        text = Text(
            f"{total} 个风险点和危险源中没有已分级的",
            f"None of its {total} risk points and hazard sources is graded",
        )
    else:
        text = Text(
            f"{total} 个风险点和危险源中已分级 {graded} 个，最高为{label['zh']}"
            f"（{values['counts'][str(grade)]} 个）",
            f"{graded} of {total} risk points and hazard sources are graded; the worst is "
            f"{label['en']} ({values['counts'][str(grade)]})",
        )
    reason = {
        "code": "roll_up_worst",
        "zh": text["zh"],
        "en": text["en"],
        "clause": "就高原则 / worst grade",
        "inputs": {grade: str(n) for grade, n in values["counts"].items()},
    }
    return str(grade), values["index"], INDEX, json.dumps([reason], ensure_ascii=False), None


def refresh_roll_ups(store: Store, batch: Batch) -> None:
    """Derive the grades of enterprises, villages, towns and city again, in the same transaction."""
    for level, (layer_id, _) in LEVELS.items():
        areas = _areas(batch.connection, store, level)
        derived = {area_id: _derived(values) for area_id, _, values in areas}
        batch.set_derived(store.spec(layer_id), derived)


def derived_as_of(store: Store, layer_id: str, moment: str) -> dict[str, Record]:
    """The derived grades of a roll-up layer as of a moment, by id: its history has none."""
    level = next(level for level, (layer, _) in LEVELS.items() if layer == layer_id)
    with store.reading() as connection:
        areas = _areas(connection, store, level, moment)
    names = ("grade", "score", "profile", "reasons", "basis")
    return {key: dict(zip(names, _derived(values), strict=True)) for key, _, values in areas}


def rollup(store: Store, level: str, as_of: str = "") -> dict[str, Any]:
    """Every area of a level: worst grade, index and its colour, counts, n of m graded.

    `as_of` is a moment (ISO 8601, UTC): the roll-up of what stood in the store then.
    """
    if level not in LEVELS:
        raise UsageError(
            "level_unknown",
            Text("没有这个汇总层级", "There is no such level"),
            where="level",
            got=level,
            fix=Text(f"可用: {', '.join(LEVELS)}", f"Use one of {', '.join(LEVELS)}"),
        )
    policy = index_policy(INDEX)
    with store.reading() as connection:
        areas = _areas(connection, store, level, as_of)
    return {
        "level": level,
        "layer": LEVELS[level][0],
        "index": INDEX,
        "title": policy.title,
        "formula": policy.formula,
        "starts": dict(zip(map(str, ROLL_UP_COLUMNS), policy.starts, strict=False)),
        "areas": [{"id": key, "name": name, **values} for key, name, values in areas],
    }
