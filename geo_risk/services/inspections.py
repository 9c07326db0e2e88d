"""The inspection plan of the next period, made from the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from geo_risk.errors import Text, UsageError
from geo_risk.grading.checks import CheckState
from geo_risk.grading.inspection_plan import Inspectable, Plan, Visit, Why, plan_inspections
from geo_risk.store import Store
from geo_risk.vocabulary import GRADES, Grade

from .ledger import LedgerItem, ledger
from .working_days import Calendar, check_period, unknown_holidays, working_days

MOST_PER_DAY = 10_000
NO_WORKING_DAY = Text("时段内没有工作日", "There is no working day in the period")
PERIOD_PAST = Text(
    "时段已全部过去：计划只供对照，今后的检查请给今后的日期",
    "The period lies wholly in the past: for comparison only; give days to come for a plan",
)
_SHOWN = (
    *("layer", "id", "name", "enterprise_id", "enterprise", "kind", "grade", "town", "town_name"),
    *("village", "village_name", "department", "responsible", "post", "measures"),
    *("interval_days", "interval_source", "last_check", "next_due"),
)


@dataclass(frozen=True)
class InspectionPlan:
    """The plan, the items it is about by their key, and the days it may use."""

    plan: Plan
    items: Mapping[str, LedgerItem]
    start: date
    end: date
    per_day: int | None
    calendar: Calendar
    intervals: str
    today: date

    def as_json(self) -> dict[str, Any]:
        """The whole plan: sums, days, visits in order, what is late and what has no place."""
        visits, unplanned = self.plan.visits, self.plan.unplanned
        days = self.days()
        loads = [len(day) for day in days.values()]
        late = [visit for visit in visits if visit.late]
        return {
            "from": self.start.isoformat(),
            "to": self.end.isoformat(),
            "per_day": self.per_day,
            "intervals": self.intervals,
            "calendar": self.calendar.as_json(),
            "working_days": len(days),
            "items": len({visit.key for visit in (*visits, *unplanned)}),
            "planned": len(visits),
            "loads": {"least": min(loads, default=0), "most": max(loads, default=0)},
            "late": len(late),
            "late_reasons": _reasons(late),
            "unplanned_reasons": _reasons(unplanned),
            "unplanned_by_grade": self._by_grade(unplanned),
            "remarks": self.remarks(),
            "by_grade": {str(g): n for g, n in self.visits_by("grade", GRADES).items()},
            **{f"by_{name}": self.visits_by(name) for name in ("kind", "town", "department")},
            "days": [self._day(day, on) for day, on in days.items()],
            "visits": [self.line(visit) for visit in visits],
            "unplanned": [self.line(visit) for visit in unplanned],
        }

    def days(self) -> dict[date, list[Visit]]:
        """The visits of each working day, of those without any too."""
        found: dict[date, list[Visit]] = {day: [] for day in self.calendar.days}
        for visit in self.plan.visits:
            if visit.day:
                found[visit.day].append(visit)
        return found

    def visits_by(self, name: str, values: Iterable[str] = ()) -> dict[str, int]:
        """How many visits are planned for each value of a field; an empty one is `""`."""
        counts = Counter(getattr(self.items[v.key], name) or "" for v in self.plan.visits)
        return {value: counts[value] for value in values or sorted(counts)}

    def _by_grade(self, visits: Sequence[Visit]) -> dict[str, int]:
        counts = Counter(self.items[visit.key].grade for visit in visits)
        return {str(grade): counts[grade] for grade in GRADES}

    def remarks(self) -> list[dict[str, str]]:
        """What should be known of the period: `{"code", "zh", "en"}`."""
        found = []
        if not self.calendar.days:
            found.append(("no_working_day", NO_WORKING_DAY))
        if self.end < self.today:
            found.append(("period_past", PERIOD_PAST))
        for year in self.calendar.approximate_years:
            found.append(("holidays_unknown", unknown_holidays(year)))
        return [{"code": code, "zh": words["zh"], "en": words["en"]} for code, words in found]

    def line(self, visit: Visit) -> dict[str, Any]:
        """A visit with what an inspector needs to know of its item."""
        item = self.items[visit.key]
        return {
            "date": visit.day and visit.day.isoformat(),
            "number": visit.number,
            "due": visit.due and visit.due.isoformat(),
            "late": visit.late,
            "reason": visit.why and str(visit.why),
            **{name: getattr(item, name) for name in _SHOWN},
        }

    def _day(self, day: date, visits: Sequence[Visit]) -> dict[str, Any]:
        items = [self.items[visit.key] for visit in visits]
        towns = sorted({item.town_name or item.town or "" for item in items} - {""})
        return {"date": day.isoformat(), "visits": len(visits), "towns": towns}


def _reasons(visits: Iterable[Visit]) -> dict[str, int]:
    counts = Counter(visit.why for visit in visits)
    return {str(why): counts[why] for why in Why if counts[why]}


def inspections(
    store: Store,
    today: date,
    start: date,
    end: date,
    *,
    town: str = "",
    department: str = "",
    per_day: int | None = None,
    layers: Sequence[str] = (),
    policy: str = "",
) -> InspectionPlan:
    """Plan the inspections from `start` to `end`, both included, over the working days.

    What is asked of `town`, `department`, `layers` and `policy` is as in `ledger`; `per_day` is the
    most visits on one day. A last check after `today` is not believed. `UsageError` for a period
    that cannot be, or `per_day_invalid`.
    """
    check_period(start, end)
    if per_day is not None and not 1 <= per_day <= MOST_PER_DAY:
        raise UsageError(
            "per_day_invalid",
            Text("每日检查数不正确", "The visits a day are not valid"),
            where="--per-day",
            got=per_day,
            fix=Text(f"1 至 {MOST_PER_DAY}", f"Give 1 to {MOST_PER_DAY}"),
        )
    found = ledger(store, today, town=town, department=department, layers=layers, policy=policy)
    items = {f"{item.layer}/{item.id}": item for item in found.items}
    calendar = working_days(start, end)
    wanted = [_inspectable(key, item) for key, item in items.items()]
    plan = plan_inspections(wanted, calendar.days, start, end, per_day)
    return InspectionPlan(plan, items, start, end, per_day, calendar, found.intervals, today)


def _inspectable(key: str, item: LedgerItem) -> Inspectable:
    return Inspectable(
        key,
        Grade(item.grade),
        date.fromisoformat(item.next_due) if item.next_due else None,
        item.interval_days or 0,
        item.state != CheckState.NEVER_CHECKED,
        item.enterprise_id or "",
        item.town or "",
    )
