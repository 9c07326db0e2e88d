"""The points by town, village, industry, kind, level and department."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from geo_risk.assessment import Breakdown, Group, Method, Tally
from geo_risk.catalogue import LayerSpec
from geo_risk.errors import Text
from geo_risk.grading import ROLL_UP_COLUMNS, roll_up
from geo_risk.store import Query, Store
from geo_risk.vocabulary import ACCIDENT_TYPES, SEVERITY, Grade

from .roll_ups import rollup

LEVEL_WORDS: dict[str, Text] = {
    "一级": Text("一级", "Level 1"),
    "二级": Text("二级", "Level 2"),
    "三级": Text("三级", "Level 3"),
    "四级": Text("四级", "Level 4"),
    "below": Text("不构成重大危险源（S < 1）", "Not a major hazard source (S < 1)"),
    "stated": Text("只有登记等级", "Stated grade only"),
    "open": Text("级别无法计算（缺数据）", "Level not computable (data missing)"),
}
"""Levels of major hazard sources by GB 18218 table 6, and what has none."""

NOT_STATED_WORDS = Text("未填写", "Not stated")
_TOWN = Text("镇(街道)", "Town")
_LIKE_AREAS = Text(
    "每行 n/m 为已分级数/总数；指数和颜色的公式见“方法与局限”。",
    "Each row says how many of all are graded (n/m); formula and colours of the index are "
    "under “Method and limits”.",
)


def group_of(area: Mapping[str, Any], part_of: Text | None = None) -> Group:
    """An area of a roll-up as a group."""
    label = area["label"]
    return Group(
        id=area["id"],
        name=Text(label["zh"], label["en"]),
        tally=Tally.of_mapping(area["counts"]),
        index=area["index"],
        fill=Grade(area["fill"]),
        part_of=part_of,
    )


def tallied(key: str, name: Text, tally: Tally) -> Group:
    """A group of our own counting, with the same index as the areas have."""
    import numpy as np

    rolled = roll_up(np.array([tally.counts], np.int64))
    index = float(rolled.index[0])
    return Group(key, name, tally, None if index != index else round(index, 4), rolled.fill[0])  # noqa: PLR0124


def breakdowns(store: Store, counted: Sequence[LayerSpec]) -> tuple[Breakdown, ...]:
    """All breakdowns, in the order of the report."""
    towns = _areas("town", Text("按镇(街道)", "By town"), _TOWN, rollup(store, "town"))
    names = {group.id: group.name for group in towns.groups}
    parts = [
        towns,
        _red_villages(store, names),
        _areas(
            "industry",
            Text("按行业门类", "By industry (section)"),
            Text("门类(GB/T 4754)", "Section (GB/T 4754)"),
            rollup(store, "industry", depth="section"),
        ),
        _areas(
            "division",
            Text("按行业大类", "By industry (division)"),
            Text("大类(GB/T 4754)", "Division (GB/T 4754)"),
            rollup(store, "industry", depth="division"),
        ),
        _accidents(store, counted),
        _unit_kinds(store, counted),
        _levels(store, counted),
        _areas(
            "department",
            Text("按监管部门", "By department"),
            Text("部门", "Department"),
            rollup(store, "department"),
        ),
    ]
    return tuple(part for part in parts if part is not None)


def methods(rolled: Mapping[str, Any], groups: Sequence[Group]) -> tuple[Method, ...]:
    """The named ways to roll up side by side, in the order of the groups."""
    by_id = {area["id"]: area["values"] for area in rolled["areas"]}
    found = []
    for name, told in rolled["methods"].items():
        values = [by_id[group.id][name] for group in groups if group.id in by_id]
        cells = tuple((v["value"], v["grade"] and Grade(v["grade"]), v["rank"]) for v in values)
        found.append(Method(name, told["title"], told["formula"], name == "share", cells))
    return tuple(found)


def _by_severity(groups: Sequence[Group]) -> tuple[Group, ...]:
    """Worst grade first, then by index, then by id: the order of every breakdown by area."""
    return tuple(sorted(groups, key=lambda g: (-SEVERITY[g.tally.worst], -(g.index or 0.0), g.id)))


def _areas(key: str, title: Text, label: Text, rolled: Mapping[str, Any]) -> Breakdown:
    """A roll-up as a breakdown; groups without any point are left out, but for towns."""
    groups = [group_of(area) for area in rolled["areas"]]
    kept = [group for group in groups if group.tally.total or key == "town"]
    return Breakdown(key, title, label, _by_severity(kept), _LIKE_AREAS)


def _red_villages(store: Store, towns: Mapping[str, Text]) -> Breakdown:
    areas = [area for area in rollup(store, "village")["areas"] if area["counts"]["red"]]
    groups = [group_of(area, towns.get(str(area["id"])[:9])) for area in areas]
    return Breakdown(
        "village",
        Text("有重大风险的村(社区)", "Villages with a major risk"),
        Text("村(社区)", "Village"),
        _by_severity(groups),
        Text(
            "只列含重大（红）风险的；没有填写村(社区)的对象合为一行。",
            "Only those that hold a major (red) risk; items that do not name their village are "
            "one row.",
        ),
        part_label=_TOWN,
    )


def _tallies(store: Store, layer_id: str, field: str) -> dict[str | None, Tally]:
    found: dict[str | None, dict[str, int]] = {}
    for (value, grade), number in store.count_by(Query(layer_id), field, "grade").items():
        counts = found.setdefault(value or None, {})
        counts[grade or "no_data"] = counts.get(grade or "no_data", 0) + number
    return {value: Tally.of_mapping(counts) for value, counts in found.items()}


def _by_field(
    store: Store, counted: Sequence[LayerSpec], field: str, name_of: Callable[[str], Text]
) -> tuple[Group, ...]:
    whole: dict[str | None, Tally] = {}
    for spec in counted:
        if field in spec.by_name:
            for value, tally in _tallies(store, spec.id, field).items():
                whole[value] = whole.get(value, Tally()) + tally
    groups = [
        tallied(value or "", name_of(value) if value else NOT_STATED_WORDS, tally)
        for value, tally in whole.items()
    ]
    return _by_severity(groups)


def _accidents(store: Store, counted: Sequence[LayerSpec]) -> Breakdown:
    def name_of(value: str) -> Text:
        english = ACCIDENT_TYPES.get(value)
        return Text(value, f"{english} ({value})" if english else value)

    return Breakdown(
        "accident_type",
        Text("风险点按事故类型", "Risk points by type of accident"),
        Text("事故类型(GB 6441)", "Type of accident (GB 6441)"),
        _by_field(store, counted, "accident_type", name_of),
        Text("按风险点填报的主要事故类型。", "By the main type of accident stated for the point."),
    )


def _unit_kinds(store: Store, counted: Sequence[LayerSpec]) -> Breakdown:
    labels = {
        choice.code: choice.label
        for spec in counted
        for field in spec.fields
        if field.name == "unit_kind"
        for choice in field.choices
    }
    return Breakdown(
        "unit_kind",
        Text("危险化学品单元按类型", "Hazardous chemical units by kind"),
        Text("单元类型", "Kind of unit"),
        _by_field(store, counted, "unit_kind", lambda v: labels.get(v, Text(v, v))),
        Text(
            "GB 18218-2018 3.5、3.6 的生产单元和储存单元。", "Units by GB 18218-2018, 3.5 and 3.6."
        ),
    )


def level_of(reasons: Sequence[Mapping[str, Any]], grade: str) -> str:
    """The level of a hazard source from its stored reasons: a key of `LEVEL_WORDS`."""
    for reason in reasons:
        level = (reason.get("inputs") or {}).get("level")
        if level in LEVEL_WORDS:
            return str(level)
    if any(reason.get("code") == "gb18218_below" for reason in reasons):
        return "below"
    return "open" if grade == "no_data" else "stated"


def _levels(store: Store, counted: Sequence[LayerSpec]) -> Breakdown | None:
    specs = [spec for spec in counted if spec.grader == "gb18218"]
    if not specs:
        return None
    found: dict[str, dict[str, int]] = {}
    for spec in specs:
        for grade, reasons in store.columns(Query(spec.id), ("grade", "reasons")):
            level = level_of(json.loads(reasons or "[]"), grade or "no_data")
            counts = found.setdefault(level, dict.fromkeys(map(str, ROLL_UP_COLUMNS), 0))
            counts[grade or "no_data"] += 1
    return Breakdown(
        "hazard_level",
        Text("重大危险源按级别", "Major hazard sources by level"),
        Text("级别(GB 18218)", "Level (GB 18218)"),
        tuple(
            tallied(level, words, Tally.of_mapping(found[level]))
            for level, words in LEVEL_WORDS.items()
            if level in found
        ),
        Text(
            "级别由 R 定；颜色是本系统的规定，标准没有规定颜色。",
            "The level follows from R; its colour is a policy of this system, not of the standard.",
        ),
    )
