"""The ten worst of each: risk points, hazard sources, enterprises, towns, industries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import case, func, select

from geo_risk.assessment import Breakdown, Group, Ranked, Ranking, Tally
from geo_risk.catalogue import LayerSpec
from geo_risk.errors import Text
from geo_risk.store import Query, Store
from geo_risk.vocabulary import GRADES, SEVERITY, Grade

from .assessment_groups import LEVEL_WORDS, group_of, level_of
from .assessment_reasons import main_reason, parsed
from .roll_up_groups import NOT_LISTED, NOT_STATED
from .roll_ups import rollup

WORST = 10
REST = ("", NOT_STATED, NOT_LISTED)
"""Groups of what names no town or industry: they are no place to be inspected."""
_SCORES = {"lec": Text("D", "D"), "ls": Text("R", "R"), "gb18218": Text("R", "R")}
_SCORE = Text("分值", "Score")
_INDEX = Text("指数", "Index")
_BY_SCORE = Text("等级，再按分值，再按编号。", "grade, then score, then id.")
_BY_COUNTS = Text(
    "等级，再按红、橙个数，再按编号。", "grade, then number of red, of orange, then id."
)
_BY_INDEX = Text("最高等级，再按指数。", "worst grade, then index.")


def rankings(
    store: Store, counted: Sequence[LayerSpec], parts: Sequence[Breakdown]
) -> tuple[Ranking, ...]:
    """The worst of each kind; risk points before hazard sources, numbered as on the map."""
    groups = {part.key: part.groups for part in parts}
    towns = {group.id: group.name["zh"] for group in groups["town"]}
    points = sorted(counted, key=lambda spec: spec.grader == "gb18218")
    found = [_of_layer(store, spec, towns) for spec in points]
    found.append(_enterprises(store, counted, towns))
    for key, title in (
        ("town", Text("镇(街道)", "Towns")),
        ("division", Text("行业大类", "Industries (divisions)")),
    ):
        found.append(_of_groups(key, title, [g for g in groups[key] if g.id not in REST]))
    return tuple(found)


def _of_layer(store: Store, spec: LayerSpec, towns: Mapping[str, str]) -> Ranking:
    table = store.source(spec.id)
    severity = case({str(g): n for g, n in SEVERITY.items()}, value=table.c.grade, else_=0)
    graded = table.c.grade.in_([str(g) for g in GRADES if g is not Grade.NO_DATA])
    names = ["id", "name", "grade", "score", "reasons", "town", "village", "enterprise_id"]
    worst = (
        select(*(table.c[name] for name in names if name in table.c))
        .where(graded)
        .order_by(severity.desc(), table.c.score.is_(None), table.c.score.desc(), table.c.id)
        .limit(WORST)
    )
    with store.reading() as connection:
        rows = [dict(row) for row in connection.execute(worst).mappings()]
        number = connection.scalar(select(func.count()).select_from(table).where(graded))
    units = _names(store, "enterprises", [row.get("enterprise_id") for row in rows])
    villages = _names(store, "villages", [row.get("village") for row in rows])
    levelled = spec.grader == "gb18218"
    return Ranking(
        spec.id,
        spec.title,
        _SCORES.get(spec.grader, _SCORE),
        _BY_SCORE,
        tuple(
            _ranked(place, row, units, villages, towns, levelled)
            for place, row in enumerate(rows, 1)
        ),
        int(number or 0),
        Text("级别", "Level") if levelled else None,
    )


def _ranked(
    place: int,
    row: Mapping[str, Any],
    units: Mapping[str, str],
    villages: Mapping[str, str],
    towns: Mapping[str, str],
    levelled: bool,
) -> Ranked:
    reasons, name = parsed(row["reasons"]), row["name"] or row["id"]
    where = (towns.get(row.get("town") or "", ""), villages.get(row.get("village") or "", ""))
    return Ranked(
        id=row["id"],
        name=Text(name, name),
        grade=Grade(row["grade"]),
        score=row["score"],
        where=" ".join(filter(None, where)),
        unit=units.get(row.get("enterprise_id") or "", row.get("enterprise_id") or ""),
        kind=LEVEL_WORDS[level_of(reasons, row["grade"])] if levelled else None,
        reason=main_reason(reasons),
        label=chr(ord("a") + place - 1) if levelled else str(place),
    )


def _names(store: Store, layer_id: str, ids: Sequence[str | None]) -> dict[str, str]:
    wanted = tuple(sorted({key for key in ids if key}))
    if not wanted or layer_id not in store.schema.specs:
        return {}
    rows = store.columns(Query(layer_id, ids=wanted), ("id", "name"))
    return {key: name or key for key, name in rows}


def _worst_inside(store: Store, counted: Sequence[LayerSpec], unit: str) -> Text | None:
    """The worst item of an enterprise, with its score."""
    found: list[tuple[int, float, str, str]] = []
    for spec in counted:
        if spec.parent == "enterprises":
            rows = store.columns(Query(spec.id, parent=unit), ("name", "grade", "score"))
            symbol = _SCORES.get(spec.grader, _SCORE)["zh"]
            found += [
                (SEVERITY[Grade(grade or "no_data")], score or 0.0, name or "", symbol)
                for name, grade, score in rows
            ]
    if not found:
        return None
    _, score, name, symbol = max(found)
    said = f"（{symbol} = {score:g}）" if score else ""
    return Text(
        f"最重：{name}{said}", f"worst: {name}" + (f" ({symbol} = {score:g})" if score else "")
    )


def _enterprises(store: Store, counted: Sequence[LayerSpec], towns: Mapping[str, str]) -> Ranking:
    areas = rollup(store, "enterprise")["areas"]
    groups = [group_of(area) for area in areas if area["id"] not in REST]
    graded = [group for group in groups if group.tally.graded]
    graded.sort(key=lambda g: (-SEVERITY[g.tally.worst], *(-n for n in g.tally.counts[:4]), g.id))
    worst = graded[:WORST]
    ids = tuple(group.id for group in worst)
    rows = store.columns(Query("enterprises", ids=ids), ("id", "town")) if ids else []
    town_of = {key: towns.get(town or "", "") for key, town in rows}
    return Ranking(
        "enterprises",
        Text("企业", "Enterprises"),
        _INDEX,
        _BY_COUNTS,
        tuple(
            Ranked(
                id=group.id,
                name=group.name,
                grade=group.tally.worst,
                score=group.index,
                where=town_of.get(group.id, ""),
                tally=group.tally,
                reason=_worst_inside(store, counted, group.id),
            )
            for group in worst
        ),
        len(graded),
    )


def _of_groups(key: str, title: Text, groups: Sequence[Group]) -> Ranking:
    graded = [group for group in groups if group.tally.graded]
    return Ranking(
        key,
        title,
        _INDEX,
        _BY_INDEX,
        tuple(
            Ranked(
                id=group.id,
                name=group.name,
                grade=group.tally.worst,
                score=group.index,
                tally=group.tally,
                reason=_why(group.tally),
            )
            for group in graded[:WORST]
        ),
        len(graded),
    )


def _why(tally: Tally) -> Text:
    counts = [(style, tally.of(grade)) for grade, style in GRADES.items() if tally.of(grade)]
    zh = "、".join(f"{style.level['zh']} {number}" for style, number in counts)
    en = ", ".join(f"{number} {style.level['en'].lower()}" for style, number in counts)
    return Text(zh, en)
