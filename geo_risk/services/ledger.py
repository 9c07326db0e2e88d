"""The control ledger: who answers for each graded item, how it is checked, what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

import numpy as np

from geo_risk.catalogue import LayerSpec
from geo_risk.errors import Text, UsageError
from geo_risk.grading.checks import (
    DEFAULT_INTERVALS,
    CheckState,
    check_states,
    interval_policy,
    intervals,
    next_due,
    suggested_levels,
)
from geo_risk.grading.stated import STATED_PROFILE, stated_grade
from geo_risk.store import Query, Store
from geo_risk.vocabulary import GRADES, SEVERITY, Grade

from .working_days import check_day

KINDS = ("accident_type", "unit_kind")
"""The field that says what kind an item is of: the first that its layer has."""
GAPS: dict[str, Text] = {
    "department": Text("监管部门", "Department"),
    "control_level": Text("管控层级", "Control level"),
    "responsible": Text("责任人", "Person responsible"),
    "post": Text("责任岗位", "Post"),
    "measures": Text("管控措施", "Measures"),
    "interval": Text("检查周期", "Check interval"),
    "last_check": Text("上次检查日期", "Last check"),
    "last_check_in_future": Text("上次检查日期在今天之后", "Last check lies in the future"),
}
"""What an item may lack, by its code."""
Side = Literal["lower", "higher"]


@dataclass(frozen=True)
class LedgerItem:
    """A line of the ledger; None is what the register does not say.

    `grade` is the one in force; `grade_computed` is None where only the register states one.
    `stated_is` says how the stated grade compares with the computed one where they differ.
    """

    layer: str
    id: str
    name: str
    enterprise_id: str | None
    enterprise: str | None
    industry: str | None
    kind: str | None
    town: str | None
    town_name: str | None
    village: str | None
    village_name: str | None
    grade: str
    grade_computed: str | None
    grade_stated: str | None
    differs: bool
    stated_is: Side | None
    department: str | None
    control_level: str | None
    suggested_level: str | None
    responsible: str | None
    post: str | None
    measures: str | None
    interval_days: int | None
    interval_source: Literal["register", "policy"] | None
    last_check: str | None
    next_due: str | None
    state: str
    gaps: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The line with its gaps as a list."""
        return {**asdict(self), "gaps": list(self.gaps)}


@dataclass(frozen=True)
class Ledger:
    """The lines and what they were asked for."""

    items: tuple[LedgerItem, ...]
    today: date
    due_by: date
    intervals: str
    town: str
    department: str

    def as_json(self) -> dict[str, Any]:
        """The whole ledger: summary, differences and lines."""
        days = {str(grade): n or None for grade, n in interval_policy(self.intervals).items()}
        return {
            "as_of": self.today.isoformat(),
            "due_by": self.due_by.isoformat(),
            "town": self.town or None,
            "department": self.department or None,
            "intervals": {"name": self.intervals, "days": days, "verified": "policy"},
            **summary(self.items),
            "items": [item.as_json() for item in self.items],
        }


def ledger(
    store: Store,
    today: date,
    *,
    due_by: date | None = None,
    town: str = "",
    department: str = "",
    layers: Sequence[str] = (),
    policy: str = "",
) -> Ledger:
    """The ledger of all items of counted layers, worst first, as of a day.

    `town` is a code or name, `department` a name as registers write it; an unknown one is a
    `UsageError`, as an empty list would pass for “nothing to do”. `due_by` is the day until which
    a check counts as due, `today` by default; one before `today` adds nothing.
    """
    policy = policy or DEFAULT_INTERVALS
    interval_policy(policy)
    check_day(today, "today")
    if due_by is not None:
        check_day(due_by, "--due")
    places = {place: dict(store.columns(Query(place), ("id", "name"))) for place in _PLACES}
    code = _town_code(places["towns"], town)
    specs = _counted(store, layers)
    rows = [(spec, row) for spec in specs for row in _rows(store, spec, code)]
    if department:
        _check_department(department, {row["department"] for _, row in rows})
        rows = [(spec, row) for spec, row in rows if row["department"] == department]
    units = {r[0]: r for r in store.columns(Query("enterprises"), ("id", "name", "industry"))}
    items = _items(rows, units, places, today, due_by or today, policy)
    items.sort(key=lambda item: (-SEVERITY[Grade(item.grade)], item.layer, item.id))
    return Ledger(tuple(items), today, due_by or today, policy, code, department)


_PLACES = ("towns", "villages")
_AS_STORED = (
    *("id", "name", "enterprise_id", "kind", "town", "village"),
    *("department", "control_level", "responsible", "post", "measures"),
)
_FIELDS = (
    *(name for name in _AS_STORED if name != "kind"),
    *("grade", "profile", "stated_grade", "check_interval_days", "last_check"),
)


def _counted(store: Store, layers: Sequence[str]) -> list[LayerSpec]:
    counted = {spec.id: spec for spec in store.schema.specs.values() if spec.counted}
    for layer_id in layers:
        if layer_id not in counted:
            raise UsageError(
                "layer_not_counted",
                Text("该图层不进台账", "The layer is not in the ledger"),
                where="--layer",
                got=layer_id,
                fix=Text(f"可用: {', '.join(counted)}", f"Use one of {', '.join(counted)}"),
            )
    return [spec for spec in counted.values() if not layers or spec.id in layers]


def _town_code(towns: Mapping[str, str], town: str) -> str:
    """The code of a town given by code or name; empty for none given."""
    if not town or town in towns:
        return town
    found = [code for code, name in towns.items() if name == town]
    if len(found) == 1:
        return found[0]
    known = [f"{code} {name}" for code, name in towns.items()]
    raise UsageError(
        "town_unknown",
        Text("没有这个镇(街道)", "There is no such town"),
        where="--town",
        got=town,
        fix=_one_of(known),
    )


def _check_department(department: str, known: Iterable[str | None]) -> None:
    names = sorted(name for name in known if name)
    if department not in names:
        raise UsageError(
            "department_unknown",
            Text("台账中没有这个部门", "No item names this department"),
            where="--department",
            got=department,
            fix=_one_of(names),
        )


def _one_of(names: Sequence[str]) -> Text:
    shown = "; ".join(names[:20]) or "–"
    return Text(f"可用: {shown}", f"Known: {shown}")


def _rows(store: Store, spec: LayerSpec, town: str) -> list[dict[str, Any]]:
    """The fields of a layer's items that the ledger needs, None where the layer has no such."""
    present = store.source(spec.id).c
    kind = next((name for name in KINDS if name in present), None)
    names = [name for name in (*_FIELDS, kind) if name and name in present]
    empty = dict.fromkeys(_FIELDS)
    found = []
    for values in store.columns(Query(spec.id, town=town), names):
        row = {**empty, **dict(zip(names, values, strict=True))}
        row["kind"] = row.get(kind) if kind else None
        found.append(row)
    return found


def _items(
    rows: Sequence[tuple[LayerSpec, Mapping[str, Any]]],
    units: Mapping[str, Sequence[Any]],
    places: Mapping[str, Mapping[str, str]],
    today: date,
    due_by: date,
    policy: str,
) -> list[LedgerItem]:
    grades = [Grade(row["grade"] or Grade.NO_DATA) for _, row in rows]
    own = np.array([row["check_interval_days"] or 0 for _, row in rows], np.int64)
    days, stated = intervals(own, grades, policy)
    last = np.array([row["last_check"] or "NaT" for _, row in rows], "datetime64[D]")
    future = last > np.datetime64(today, "D")
    believed = np.where(future, np.datetime64("NaT", "D"), last)
    due = next_due(believed, days)
    states = check_states(believed, days, today, due_by)
    found = []
    for at, (spec, row) in enumerate(rows):
        interval = int(days[at]) or None
        lacking = [name for name in GAPS if name in row and not row[name]]
        lacking += [] if stated[at] else ["interval"]
        lacking += ["last_check_in_future"] if future[at] else []
        checks = {
            "interval_days": interval,
            "interval_source": interval and ("register" if stated[at] else "policy"),
            "last_check": row["last_check"],
            "next_due": None if np.isnat(due[at]) else str(due[at]),
            "state": str(states[at]),
            "gaps": tuple(name for name in GAPS if name in lacking),
        }
        unit = units.get(row["enterprise_id"] or "", (None, None, None))
        found.append(_item(spec, row, unit, places, grades[at], checks))
    return found


def _item(
    spec: LayerSpec,
    row: Mapping[str, Any],
    unit: Sequence[Any],
    places: Mapping[str, Mapping[str, str]],
    grade: Grade,
    checks: Mapping[str, Any],
) -> LedgerItem:
    return LedgerItem(
        layer=spec.id,
        **{name: row[name] for name in _AS_STORED},
        enterprise=unit[1],
        industry=unit[2],
        town_name=places["towns"].get(row["town"]),
        village_name=places["villages"].get(row["village"]),
        grade=str(grade),
        **_compared(row, grade),
        suggested_level=suggested_levels()[grade] or None,
        **checks,
    )


def _compared(row: Mapping[str, Any], grade: Grade) -> dict[str, Any]:
    """The computed and the stated grade side by side; neither replaces the other."""
    stated = stated_grade(row["stated_grade"])
    computed = None if row["profile"] == STATED_PROFILE else grade
    side: Side | None = None
    if stated is not None and computed is not None and stated is not computed:
        side = "lower" if SEVERITY[stated] < SEVERITY[computed] else "higher"
        # Where nothing could be computed, a stated grade is neither higher nor lower.
        side = None if computed is Grade.NO_DATA else side
    return {
        "grade_computed": computed and str(computed),
        "grade_stated": stated and str(stated),
        "differs": side is not None,
        "stated_is": side,
    }


def summary(items: Sequence[LedgerItem]) -> dict[str, Any]:
    """Totals, the same by town, village and department, differences, and gaps by kind."""
    gaps = Counter(gap for item in items for gap in item.gaps)
    return {
        "totals": _tally(items),
        "by_town": _by(items, lambda i: (i.town, i.town_name)),
        "by_village": _by(items, lambda i: (i.village, i.village_name, i.town, i.town_name)),
        "by_department": _by(items, lambda i: (i.department, i.department)),
        "differences": [
            {
                "layer": item.layer,
                "id": item.id,
                "name": item.name,
                "stated": item.grade_stated,
                "computed": item.grade_computed,
                "higher": "stated" if item.stated_is == "higher" else "computed",
            }
            for item in items
            if item.differs
        ],
        "gaps": {gap: gaps[gap] for gap in GAPS},
    }


def _tally(items: Iterable[LedgerItem]) -> dict[str, Any]:
    lines = list(items)
    states = Counter(item.state for item in lines)
    grades = Counter(item.grade for item in lines)
    overdue = Counter(item.grade for item in lines if item.state == CheckState.OVERDUE)
    return {
        "items": len(lines),
        "by_state": {str(state): states[state] for state in CheckState},
        "by_grade": {str(grade): grades[grade] for grade in GRADES},
        "overdue_by_grade": {str(grade): overdue[grade] for grade in GRADES},
        "stated_lower": sum(item.stated_is == "lower" for item in lines),
        "stated_higher": sum(item.stated_is == "higher" for item in lines),
        "with_gaps": sum(bool(set(item.gaps) - {"last_check"}) for item in lines),
    }


def _by(
    items: Iterable[LedgerItem], key: Callable[[LedgerItem], tuple[str | None, ...]]
) -> list[dict[str, Any]]:
    groups: dict[tuple[str | None, ...], list[LedgerItem]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    ordered = sorted(groups, key=lambda names: (names[0] is None, names[0] or ""))
    labels = ("id", "name", "town", "town_name")
    return [
        {**dict(zip(labels, names, strict=False)), **_tally(groups[names])} for names in ordered
    ]
