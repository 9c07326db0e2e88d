"""Change: what stood in the store at another moment, against what stands now."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from geo_risk.assessment import Change, Group, Moved, Tally
from geo_risk.assessment.model import MOVES, MoveKind
from geo_risk.catalogue import LayerSpec
from geo_risk.errors import NotFoundError, Text, UsageError
from geo_risk.store import Query, Store
from geo_risk.vocabulary import SEVERITY, Grade

from .assessment_reasons import first_change, main_reason, parsed

LISTED = 400
"""At most so many changed items are listed, the gravest first; the counts are always whole."""

BATCH_ID = re.compile(r"\d{8}T\d{9}-[0-9a-f]{6}")
"""How the id of a batch looks: `20261124T080000123-1a2b3c`."""
_IDS = 500

Stood = dict[str, tuple[Grade, str, str]]
"""id -> grade, town code, name."""


def moment_of(store: Store, since: str, made: datetime) -> tuple[str, str | None]:
    """The moment to compare with, and the batch it is just before.

    `NotFoundError` `batch_unknown`, `UsageError` `moment_ahead` for a moment after `made`.
    """
    if not BATCH_ID.fullmatch(since):
        if datetime.fromisoformat(since) > made:
            raise _ahead(since)
        return since, None
    at = next((batch["at"] for batch in store.rows("batches") if batch["id"] == since), None)
    if at is None:
        raise NotFoundError(
            "batch_unknown",
            Text("没有这个批次", "There is no such batch"),
            where="--since",
            got=since,
            fix=Text("用 geo-risk batches 查看批次", "See geo-risk batches"),
        )
    before = datetime.fromisoformat(at) - timedelta(milliseconds=1)
    return before.isoformat(timespec="milliseconds").replace("+00:00", "Z"), since


def _ahead(since: str) -> UsageError:
    return UsageError(
        "moment_ahead",
        Text("比较的时点在将来", "The moment to compare with lies ahead"),
        where="--since",
        got=since,
        fix=Text("写过去的日期、时间或批次号", "Give a date or moment gone by, or a batch"),
    )


def change_since(
    store: Store, counted: Sequence[LayerSpec], since: str, made: datetime
) -> Change:
    """What came, went and changed its grade since a moment, or since just before a batch."""
    moment, batch = moment_of(store, since, made)
    then, now = _Sum(), _Sum()
    moved: list[Moved] = []
    for spec in counted:
        before, after = _stood(store, spec.id, moment), _stood(store, spec.id, "")
        then.add(before)
        now.add(after)
        moved += _moved(spec, before, after)
    towns = {key: name or key for key, name in store.columns(Query("towns"), ("id", "name"))}
    counts = Counter(item.kind for item in moved)
    moved.sort(key=lambda item: (MOVES.index(item.kind), -_weight(item), item.layer, item.id))
    listed = [replace(item, where=towns.get(item.where, "")) for item in moved[:LISTED]]
    return Change(
        since=moment,
        batch=batch,
        then=then.whole(),
        now=now.whole(),
        counts={kind: counts[kind] for kind in MOVES},
        towns=_by_town(towns, then, now),
        moved=tuple(_with_reasons(store, listed, moment)),
    )


class _Sum:
    """Counts of grades by town."""

    def __init__(self) -> None:
        self.by_town: Counter[tuple[str, Grade]] = Counter()

    def add(self, stood: Stood) -> None:
        self.by_town.update((town, grade) for grade, town, _ in stood.values())

    def of(self, town: str) -> Tally:
        return Tally(tuple(self.by_town[town, grade] for grade in Grade))

    def towns(self) -> set[str]:
        return {town for town, _ in self.by_town}

    def whole(self) -> Tally:
        return sum((self.of(town) for town in self.towns()), Tally())


def _stood(store: Store, layer_id: str, moment: str) -> Stood:
    table = store.source(layer_id)
    names = ("id", "grade", "name", *(("town",) if "town" in table.c else ()))
    rows = store.columns(Query(layer_id, as_of=moment), names)
    return {row[0]: (Grade(row[1] or "no_data"), (row[3] if row[3:] else "") or "", row[2] or row[0]) for row in rows}


def _kind(before: Grade | None, after: Grade | None) -> MoveKind:
    if before is None:
        return "new"
    if after is None:
        return "removed"
    if before is Grade.NO_DATA:
        return "graded"
    if after is Grade.NO_DATA:
        return "ungraded"
    return "worse" if SEVERITY[after] > SEVERITY[before] else "better"


def _moved(spec: LayerSpec, before: Stood, after: Stood) -> list[Moved]:
    found = []
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        if old is not None and new is not None and old[0] is new[0]:
            continue
        grades = (old[0] if old else None, new[0] if new else None)
        _, town, name = new or old or (Grade.NO_DATA, "", key)
        found.append(Moved(spec.id, spec.title, key, name, town, *grades, _kind(*grades)))
    return found


def _weight(item: Moved) -> int:
    """How grave the worse of both grades is."""
    return max(SEVERITY[grade] for grade in (item.before, item.after) if grade is not None)


def _by_town(towns: Mapping[str, str], then: _Sum, now: _Sum) -> tuple[tuple[Group, Tally], ...]:
    nowhere = Text("不在任何镇(街道)", "In no town")
    names = {key: Text(name, name) for key, name in towns.items()}
    keys = [*sorted(names), *sorted((then.towns() | now.towns()) - names.keys())]
    found = []
    for key in keys:
        name = names.get(key) or (Text(key, key) if key else nowhere)
        before, after = then.of(key), now.of(key)
        if before.total or after.total:
            found.append((Group(key, name, after), before))
    return tuple(found)


def _with_reasons(store: Store, items: Sequence[Moved], moment: str) -> list[Moved]:
    """The items with the first reason that is another, in their order."""
    old: dict[tuple[str, str], str | None] = {}
    new: dict[tuple[str, str], str | None] = {}
    for layer_id in {item.layer for item in items}:
        ids = [item.id for item in items if item.layer == layer_id]
        for start in range(0, len(ids), _IDS):
            piece = tuple(ids[start : start + _IDS])
            for found, as_of in ((old, moment), (new, "")):
                query = Query(layer_id, ids=piece, as_of=as_of)
                rows = store.columns(query, ("id", "reasons"))
                found.update({(layer_id, key): text for key, text in rows})
    result = []
    for item in items:
        key = (item.layer, item.id)
        before, after = parsed(old.get(key)), parsed(new.get(key))
        reason = first_change(before, after) if item.before and item.after else None
        result.append(replace(item, reason=reason or main_reason(after or before)))
    return result
