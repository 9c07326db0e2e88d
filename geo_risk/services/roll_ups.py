"""Rolling grades up to enterprises, cells, villages, towns, city, industries and departments."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from sqlalchemy import Connection

from geo_risk.errors import Text, UsageError
from geo_risk.grading import (
    GRIDS,
    INDEX,
    METHODS,
    ROLL_UP_COLUMNS,
    WHY,
    Reason,
    Summed,
    index_policy,
    roll_up,
    roll_up_method,
    sum_up,
)
from geo_risk.store import Batch, Record, Store
from geo_risk.vocabulary import GRADES, Grade

from .direct_judgement import judgement_reasons
from .roll_up_groups import (
    DEPTHS,
    LEVELS,
    Groups,
    areas,
    cells,
    departments,
    industries,
    with_ground,
)

__all__ = ["ALL_LEVELS", "LEVELS", "derived_as_of", "refresh_roll_ups", "rollup"]
ALL_LEVELS = ("grid", *LEVELS, "industry", "department")


def _rolled(groups: Groups) -> list[dict[str, Any]]:
    """Badge, fill, index and counts of each group."""
    rolled = roll_up(groups.counts, INDEX)
    result = []
    for i, counts in enumerate(groups.counts.tolist()):
        index = float(rolled.index[i])
        values = {
            "grade": str(rolled.worst[i]),
            "fill": str(rolled.fill[i]),
            "index": None if math.isnan(index) else round(index, 4),
            "counts": dict(zip(map(str, ROLL_UP_COLUMNS), counts, strict=True)),
            "graded": int(rolled.graded[i]),
            "total": int(rolled.total[i]),
            "direct": int(groups.direct[i]),
        }
        result.append(values)
    return result


def _derived(
    values: Mapping[str, Any], judged: Sequence[Reason] = ()
) -> tuple[str, float | None, str, str, None]:
    grade = Grade(values["grade"])
    label, graded, total = GRADES[grade].label, values["graded"], values["total"]
    items = Text("个风险点和危险源", "risk points and hazard sources")
    if values["direct"]:
        items = Text(
            f"项（风险点、危险源，和直接判定的企业 {values['direct']} 家）",
            f"items (risk points, hazard sources, and {values['direct']} judged directly)",
        )
    if grade is Grade.NO_DATA:
        text = Text(
            f"{total} {items['zh']}中没有已分级的", f"None of its {total} {items['en']} is graded"
        )
    else:
        worst = values["counts"][str(grade)]
        text = Text(
            f"{total} {items['zh']}中已分级 {graded} 个，最高为{label['zh']}（{worst} 个）",
            f"{graded} of {total} {items['en']} are graded; the worst is {label['en']} ({worst})",
        )
    reason = {
        "code": "roll_up_worst",
        "zh": text["zh"],
        "en": text["en"],
        "clause": "就高原则 / worst grade",
        "inputs": {grade: str(n) for grade, n in values["counts"].items()},
    }
    reasons = [reason, *(one.as_json() for one in judged)]
    return str(grade), values["index"], INDEX, json.dumps(reasons, ensure_ascii=False), None


def _derived_of(
    connection: Connection, store: Store, level: str, moment: str = ""
) -> dict[str, tuple[str, float | None, str, str, None]]:
    """The grade columns of every area of a level that is a layer, by id."""
    groups = areas(connection, store, level, moment)
    by_rule = judgement_reasons(connection, store, moment) if level == "enterprise" else {}
    return {
        key: _derived(values, by_rule.get(key, ()))
        for key, values in zip(groups.ids, _rolled(groups), strict=True)
    }


def refresh_roll_ups(store: Store, batch: Batch) -> None:
    """Derive the grades of enterprises, villages, towns and city again, in the same transaction."""
    for level, (layer_id, _) in LEVELS.items():
        batch.set_derived(store.spec(layer_id), _derived_of(batch.connection, store, level))


def derived_as_of(store: Store, layer_id: str, moment: str) -> dict[str, Record]:
    """The derived grades of a roll-up layer as of a moment, by id: its history has none."""
    level = next(level for level, (layer, _) in LEVELS.items() if layer == layer_id)
    with store.reading() as connection:
        derived = _derived_of(connection, store, level, moment)
    names = ("grade", "score", "profile", "reasons", "basis")
    return {key: dict(zip(names, values, strict=True)) for key, values in derived.items()}


def rollup(
    store: Store,
    level: str,
    *,
    method: str = "max",
    grid: str = "250",
    depth: str = "division",
    empty: bool = False,
    as_of: str = "",
) -> dict[str, Any]:
    """Every group of a level: worst grade, index and its colour, counts, n of m graded.

    `values` of each has all methods side by side, `asked` the one of `method`; its `grade` stays
    the worst. Items that name no area, industry or department, or have no position, are a row of
    their own, so that sums agree with the city.

    Parameters
    ----------
    level : one of `ALL_LEVELS`.
    method : one of `METHODS`.
    grid : for level `grid`, the side of a square in metres (100, 250, 500) or `h3`.
    depth : for level `industry`, `section` (门类) or `division` (大类) of GB/T 4754-2017.
    empty : for level `grid`, with the cells of the city that hold nothing.
    as_of : a moment (ISO 8601, UTC): the roll-up of what stood in the store then.
    """
    _one_of("level", level, ALL_LEVELS)
    _one_of("method", method, METHODS)
    _one_of("grid", grid, GRIDS)
    _one_of("depth", depth, DEPTHS)
    with store.reading() as connection:
        if level == "grid":
            groups = cells(connection, store, grid, as_of, empty=empty)
        elif level == "industry":
            groups = industries(connection, store, depth, as_of)
        elif level == "department":
            groups = departments(connection, store, as_of)
        else:
            groups = areas(connection, store, level, as_of)
            groups = with_ground(connection, store, level, groups, as_of)
    policy = index_policy(INDEX)
    return {
        "level": level,
        "layer": LEVELS.get(level, ("",))[0],
        "index": INDEX,
        "title": policy.title,
        "formula": policy.formula,
        "starts": dict(zip(map(str, ROLL_UP_COLUMNS), policy.starts, strict=False)),
        "method": method,
        "methods": {name: _method_json(name) for name in METHODS},
        **({"depth": depth} if level == "industry" else {}),
        **groups.cells,
        "areas": _areas_json(groups, method, polygons=level == "grid"),
    }


def _one_of(name: str, got: str, known: Sequence[str]) -> None:
    if got not in known:
        options = ", ".join(known)
        raise UsageError(
            f"{name}_unknown",
            Text(f"{name} 没有这个取值", f"There is no such {name}"),
            where=name,
            got=got,
            fix=Text(f"可用: {options}", f"Use one of {options}"),
        )


def _method_json(name: str) -> dict[str, Any]:
    method = roll_up_method(name)
    starts = dict(zip(map(str, ROLL_UP_COLUMNS), method.starts, strict=False))
    return {
        "title": method.title,
        "formula": method.formula,
        "parameters": method.parameters,
        "thresholds": starts or None,
        "note": method.note,
        "clause": method.clause,
    }


def _areas_json(groups: Groups, method: str, *, polygons: bool) -> list[dict[str, Any]]:
    summed = sum_up(groups.counts, groups.ground)
    columns = {name: _values_json(groups, one) for name, one in summed.items()}
    result = []
    for i, rolled in enumerate(_rolled(groups)):
        values = {name: column[i] for name, column in columns.items()}
        label = groups.labels[i]
        area = {"id": groups.ids[i], "name": label["zh"], "label": label, **rolled}
        area |= {"values": values, "asked": values[method]}
        if polygons:
            shape = (groups.shapes or [])[i]
            ring = None if shape is None else shapely.get_coordinates(shape).tolist()
            area["polygon"] = ring
        result.append(area)
    return result


def _values_json(groups: Groups, summed: Summed) -> list[dict[str, Any]]:
    """`{"value", "grade", "rank", "reason"}` of each group by one method."""
    reasons = {code: {"code": code, **text} for code, text in WHY.items()}
    found: list[dict[str, Any]] = []
    for value, grade, rank, why in zip(
        summed.value.tolist(), summed.grade, summed.rank.tolist(), summed.why, strict=True
    ):
        found.append(
            {
                "value": None if math.isnan(value) else round(value, 6),
                "grade": None if grade is None else str(grade),
                "rank": rank or None,
                "reason": reasons.get(why),
            }
        )
    if summed.method == "share" and groups.ground is not None:
        both = groups.ground.red_orange.tolist()
        lost = groups.ground.unplaced.tolist()
        for one, share, unplaced in zip(found, both, lost, strict=True):
            known = one["value"] is not None
            one["red_orange"] = round(share, 6) if known else None
            one["unplaced"] = unplaced
    return found
