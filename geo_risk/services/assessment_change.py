"""Change: what stood in the store at another moment, against what stands now."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from geo_risk.assessment import Change, Group, Moved, PolicyChange, Tally
from geo_risk.assessment.model import MOVES, MoveKind
from geo_risk.catalogue import LayerSpec
from geo_risk.errors import NotFoundError, Text, UsageError
from geo_risk.store import Query, Store
from geo_risk.vocabulary import SEVERITY, Grade

from .assessment_groups import group_of
from .assessment_policy import States, Stood, only_by_policy, policy_changes, stood
from .assessment_reasons import first_change, main_reason, parsed
from .direct_judgement import directly_judged
from .roll_ups import rollup

LISTED = 200
"""At most so many changed items are listed, the gravest first; the counts are always whole."""

BATCH_ID = re.compile(r"\d{8}T\d{9}-[0-9a-f]{6}")
"""How the id of a batch looks: `20261124T080000123-1a2b3c`."""
_IDS = 500


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


def change_since(store: Store, counted: Sequence[LayerSpec], since: str, made: datetime) -> Change:
    """What came, went and changed its grade since a moment, or since just before a batch."""
    moment, batch = moment_of(store, since, made)
    moved: list[Moved] = []
    policies: list[PolicyChange] = []
    for spec in counted:
        before, after = stood(store, spec, moment), stood(store, spec, "")
        moved += _moved(spec, before, after)
        policies += policy_changes(spec, before, after)
    judged = store.spec("enterprises")
    moved += _moved(judged, _judged(store, moment), _judged(store, ""))
    towns = {key: name or key for key, name in store.columns(Query("towns"), ("id", "name"))}
    counts = Counter(item.kind for item in moved)
    moved.sort(key=lambda item: (MOVES.index(item.kind), -_weight(item), item.layer, item.id))
    listed = [replace(item, where=towns.get(item.where, "")) for item in moved[:LISTED]]
    return Change(
        since=moment,
        batch=batch,
        then=_city(store, moment),
        now=_city(store, ""),
        counts={kind: counts[kind] for kind in MOVES},
        towns=_by_town(store, moment),
        moved=tuple(_with_reasons(store, listed, moment)),
        policies=tuple(policies),
        history_begins=_begins_after(store, moment),
    )


def _begins_after(store: Store, moment: str) -> str:
    """The moment of the first batch where it lies after the one compared with, else empty."""
    first = next(iter(store.rows("batches")), None)
    if first is None or datetime.fromisoformat(first["at"]) <= datetime.fromisoformat(moment):
        return ""
    return str(first["at"])


def _city(store: Store, moment: str) -> Tally:
    return Tally.of_mapping(rollup(store, "city", as_of=moment)["areas"][0]["counts"])


def _judged(store: Store, moment: str) -> dict[str, Stood]:
    """The enterprises that a rule judges directly: each counts as one more item."""
    with store.reading() as connection:
        rows = directly_judged(connection, store, moment)
    if not rows:
        return {}
    names = dict(store.columns(Query("enterprises", as_of=moment), ("id", "name")))
    return {
        key: Stood(Grade(grade), town or "", names.get(key) or key) for key, _, town, grade in rows
    }


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


def _moved(spec: LayerSpec, before: States, after: States) -> list[Moved]:
    found = []
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        if old is not None and new is not None and old.grade is new.grade:
            continue
        grades = (old.grade if old else None, new.grade if new else None)
        _, town, name, *_ = new or old or Stood(Grade.NO_DATA, "", key)
        kind = _kind(*grades)
        if old is not None and new is not None and only_by_policy(old, new):
            kind = "rules"
        found.append(Moved(spec.id, spec.title, key, name, town, *grades, kind))
    return found


def _weight(item: Moved) -> int:
    """How grave the worse of both grades is."""
    return max(SEVERITY[grade] for grade in (item.before, item.after) if grade is not None)


def _by_town(store: Store, moment: str) -> tuple[tuple[Group, Tally], ...]:
    """Each town with what stands in it now, and what stood in it then."""
    now = {area["id"]: group_of(area) for area in rollup(store, "town")["areas"]}
    then = {area["id"]: group_of(area) for area in rollup(store, "town", as_of=moment)["areas"]}
    found = []
    for key in now | then:
        before = then[key].tally if key in then else Tally()
        group = now[key] if key in now else Group(key, then[key].name, Tally())
        if group.tally.total or before.total:
            found.append((group, before))
    return tuple(found)


def _with_reasons(store: Store, items: Sequence[Moved], moment: str) -> list[Moved]:
    """The items with what decides their grade now, in their order."""
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
