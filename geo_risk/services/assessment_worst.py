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
from .roll_ups import rollup

WORST = 10
_SCORES = {"lec": Text("D", "D"), "ls": Text("R", "R"), "gb18218": Text("R", "R")}
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
    towns = {group.id: group.name["zh"] for part in parts if part.key == "town" for group in part.groups}
    points = sorted(counted, key=lambda spec: spec.grader == "gb18218")
    found = [_of_layer(store, spec, towns) for spec in points]
    found.append(_enterprises(store, towns))
    for key, title in (
        ("town", Text("镇(街道)", "Towns")),
        ("industry", Text("行业", "Industries")),
    ):
        groups = [group for part in parts if part.key == key for group in part.groups if group.id]
        found.append(_of_groups(key, title, groups))
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
        _SCORES.get(spec.grader, Text("分值", "Score")),
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
        number=place,
    )


def _names(store: Store, layer_id: str, ids: Sequence[str | None]) -> dict[str, str]:
    wanted = tuple(sorted({key for key in ids if key}))
    if not wanted or layer_id not in store.schema.specs:
        return {}
    return {key: name or key for key, name in store.columns(Query(layer_id, ids=wanted), ("id", "name"))}


def _enterprises(store: Store, towns: Mapping[str, str]) -> Ranking:
    groups = [group_of(area) for area in rollup(store, "enterprise")["areas"]]
    graded = [group for group in groups if group.tally.graded]
    graded.sort(key=lambda g: (-SEVERITY[g.tally.worst], *(-n for n in g.tally.counts[:4]), g.id))
    worst = graded[:WORST]
    ids = tuple(group.id for group in worst)
    rows = store.columns(Query("enterprises", ids=ids), ("id", "town", "reasons")) if ids else []
    said = {key: (towns.get(town or "", ""), main_reason(parsed(text))) for key, town, text in rows}
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
                where=said.get(group.id, ("", None))[0],
                tally=group.tally,
                reason=said.get(group.id, ("", None))[1],
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
