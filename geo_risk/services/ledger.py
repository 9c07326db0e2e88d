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
from geo_risk.store import Query, Store
from geo_risk.vocabulary import GRADES, SEVERITY, Grade

from .places import one_of, town_code, town_names
from .stated_grades import Side, UnitDifference, compared, unit_differences
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
    """The lines and what they were asked for.

    `items` are all lines; with `due_only` those `listed` are only what is due by `due_by`.
    `units` are the enterprises that declare another grade than the rolled-up one.
    """

    items: tuple[LedgerItem, ...]
    today: date
    due_by: date
    intervals: str
    town: str
    department: str
    due_only: bool = False
    units: tuple[UnitDifference, ...] = ()

    @property
    def listed(self) -> tuple[LedgerItem, ...]:
        """All lines, or those never checked or next due no later than `due_by`."""
        if not self.due_only:
            return self.items
        last = self.due_by.isoformat()
        return tuple(item for item in self.items if is_due(item, last))

    def as_json(self) -> dict[str, Any]:
        """The whole ledger: summary, differences and lines."""
        days = {str(grade): n or None for grade, n in interval_policy(self.intervals).items()}
        return {
            "as_of": self.today.isoformat(),
            "due_by": self.due_by.isoformat(),
            "town": self.town or None,
            "department": self.department or None,
            "intervals": {"name": self.intervals, "days": days, "verified": "policy"},
            **self._sums(),
            "items_of": "due" if self.due_only else "all",
            "items": [item.as_json() for item in self.listed],
        }

    def _sums(self) -> dict[str, Any]:
        """The sums of all items; enterprises stand only among the differences."""
        sums = summary(self.items)
        sides = Counter(unit.stated_is for unit in self.units)
        sums["differences"] += [_difference(unit) for unit in self.units]
        sums["enterprises"] = {
            "stated_lower": sides["lower"],
            "stated_higher": sides["higher"],
        }
        return sums


def is_due(item: LedgerItem, last: str) -> bool:
    """Whether an item was never checked, or its next check is due no later than a day."""
    if item.state == CheckState.NEVER_CHECKED:
        return True
    return item.next_due is not None and item.next_due <= last


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

    `town` is a code or name, `department` a name as registers write it; one that is unknown in
    the whole register is a `UsageError`, as an empty list would pass for “nothing to do”.
    `due_by` is the day until which a check counts as due, `today` by default; where it is given,
    only what is due by then is listed, while sums stay whole. One before `today` lists what was
    due by that day. Enterprises are compared where no `layers` are asked for.
    """
    policy = policy or DEFAULT_INTERVALS
    interval_policy(policy)
    check_day(today, "today")
    if due_by is not None:
        check_day(due_by, "--due")
    places = {place: dict(store.columns(Query(place), ("id", "name"))) for place in _PLACES}
    code = town_code(town_names(store), town) if town else ""
    specs = _counted(store, layers)
    rows = [(spec, row) for spec in specs for row in _rows(store, spec, code)]
    if department:
        _check_department(store, department)
        rows = [(spec, row) for spec, row in rows if row["department"] == department]
    units = {r[0]: r for r in store.columns(Query("enterprises"), ("id", "name", "industry"))}
    items = _items(rows, units, places, today, due_by or today, policy)
    items.sort(key=lambda item: (-SEVERITY[Grade(item.grade)], item.layer, item.id))
    differing = () if layers else unit_differences(store, code, department)
    asked = due_by is not None
    return Ledger(tuple(items), today, due_by or today, policy, code, department, asked, differing)


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


def _check_department(store: Store, department: str) -> None:
    """Refuse a department that no item of any counted layer, of any town, names."""
    specs = (spec for spec in store.schema.specs.values() if spec.counted)
    layers = [spec.id for spec in specs if "department" in store.source(spec.id).c]
    found = (store.count_by(Query(layer), "department") for layer in layers)
    names = sorted({key[0] for one in found for key in one if key[0]})
    if department not in names:
        raise UsageError(
            "department_unknown",
            Text("台账中没有这个部门", "No item names this department"),
            where="--department",
            got=department,
            fix=one_of(names),
        )


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
        **compared(row, grade),
        suggested_level=suggested_levels()[grade] or None,
        **checks,
    )


def summary(items: Sequence[LedgerItem]) -> dict[str, Any]:
    """Totals, the same by town, village and department, differences, and gaps by kind."""
    gaps = Counter(gap for item in items for gap in item.gaps)
    return {
        "totals": _tally(items),
        "by_town": _by(items, lambda i: (i.town, i.town_name)),
        "by_village": _by(items, lambda i: (i.village, i.village_name, i.town, i.town_name)),
        "by_department": _by(items, lambda i: (i.department, i.department)),
        "differences": [_difference(item) for item in items if item.differs],
        "gaps": {gap: gaps[gap] for gap in GAPS},
    }


def _difference(one: LedgerItem | UnitDifference) -> dict[str, Any]:
    return {
        "layer": one.layer,
        "id": one.id,
        "name": one.name,
        "stated": one.grade_stated,
        "computed": one.grade_computed,
        "higher": "stated" if one.stated_is == "higher" else "computed",
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
