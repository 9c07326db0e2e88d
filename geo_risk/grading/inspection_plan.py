"""A plan of inspections for a period: who is visited on which working day, evenly, in time."""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby

from ..errors import Text
from ..vocabulary import SEVERITY, Grade
from .spreading import ANY_DAY, DayLoad, Wanted, admit, assign, level

WINDOW_DAYS = 7
"""Visits due within the same week may change places to keep a company or a town together."""
LEAD_SHARE = 5
"""A repeated visit may come earlier than its due date by one fifth of its interval."""


class Why(StrEnum):
    """Why a visit is late, or is not in the plan."""

    OVERDUE_AT_START = "overdue_at_start"
    CAPACITY = "capacity"
    NO_WORKING_DAY = "no_working_day"
    NO_INTERVAL = "no_interval"


WHY: dict[Why, Text] = {
    Why.OVERDUE_AT_START: Text("期初已逾期", "Overdue at the start"),
    Why.CAPACITY: Text("每日检查数已满", "The visits a day are used up"),
    Why.NO_WORKING_DAY: Text("应检日期前没有工作日", "No working day before it is due"),
    Why.NO_INTERVAL: Text("没有检查周期", "No check interval"),
}


@dataclass(frozen=True)
class Inspectable:
    """An item that may be visited.

    `due` is its next check, None when it was never checked or has no interval (`interval_days` 0).
    """

    key: str
    grade: Grade
    due: date | None
    interval_days: int = 0
    checked: bool = True
    company: str = ""
    town: str = ""


@dataclass(frozen=True)
class Visit:
    """One visit: the `number`-th of its item in the period, when it is due, why it is late.

    `day` is None for a visit that is not in the plan; `why` then says the reason.
    """

    key: str
    number: int
    due: date | None
    day: date | None
    why: Why | None = None

    @property
    def late(self) -> bool:
        """Whether it stands after its due date."""
        return self.day is not None and self.due is not None and self.day > self.due


@dataclass(frozen=True)
class Plan:
    """Visits by day, and those that are wanted and have no place."""

    visits: tuple[Visit, ...]
    unplanned: tuple[Visit, ...]


def plan_inspections(
    items: Sequence[Inspectable],
    working_days: Sequence[date],
    start: date,
    end: date,
    per_day: int | None = None,
) -> Plan:
    """Plan the checks of a period over its working days (in order, within `start` … `end`).

    Wanted is each item that was never checked, is overdue at the start or falls due in the
    period; one whose interval ends within the period comes again. Visits of a day differ by one
    at most unless due dates ask for more; `per_day` is the most. Deterministic: the order of
    `items` does not matter. See docs/methods/ledger.md.
    """
    ordered = sorted(items, key=lambda item: (-SEVERITY[_feared(item.grade)], item.key))
    wanted = [item for item in ordered if _is_wanted(item, end)]
    rank = {item.key: at for at, item in enumerate(ordered)}
    together = _Planner(working_days, start, end, per_day)
    together.place(wanted)
    chosen = together
    if _shortfall(together, wanted) != _NO_SHORTFALL:
        # There is not room for all: a better grade must not take the place of a worse one.
        by_grade = _Planner(working_days, start, end, per_day)
        for _, some in groupby(wanted, lambda item: _feared(item.grade)):
            by_grade.place(list(some))
        chosen = min(together, by_grade, key=lambda planner: _shortfall(planner, wanted))
    silent = [item for item in ordered if item.checked and item.due is None]
    left = [Visit(item.key, 1, None, None, Why.NO_INTERVAL) for item in silent]
    return Plan(
        tuple(sorted(chosen.visits, key=lambda v: (v.day or start, rank[v.key], v.number))),
        tuple(sorted([*chosen.unplanned, *left], key=lambda v: (rank[v.key], v.number))),
    )


_NO_SHORTFALL = (0,) * len(SEVERITY)


def _shortfall(planner: _Planner, items: Sequence[Inspectable]) -> tuple[int, ...]:
    """How many visits the places do not hold in time, by grade, worst first."""
    grades = {item.key: _feared(item.grade) for item in items}
    short = Counter(
        SEVERITY[grades[visit.key]]
        for visit in (*planner.visits, *planner.unplanned)
        if visit.why is Why.CAPACITY
    )
    return tuple(short[severity] for severity in sorted(SEVERITY.values(), reverse=True))


def _feared(grade: Grade) -> Grade:
    """What is not graded is visited with the orange ones: it may be anything."""
    return Grade.ORANGE if grade is Grade.NO_DATA else grade


def _is_wanted(item: Inspectable, end: date) -> bool:
    return not item.checked or (item.due is not None and item.due <= end)


class _Planner:
    def __init__(self, days: Sequence[date], start: date, end: date, per_day: int | None) -> None:
        self.days, self.start, self.end = list(days), start, end
        self.loads = [DayLoad() for _ in days]
        self.per_day = per_day
        self.visits: list[Visit] = []
        self.unplanned: list[Visit] = []

    def place(self, items: Sequence[Inspectable]) -> None:
        """Place items, worst first, around what stands: those with a rhythm, then the others."""
        again = [item for item in items if self.comes_again(item)]
        self.repeats(self.first_visits(again), {item.key: item for item in again})
        self.first_visits([item for item in items if not self.comes_again(item)])

    def comes_again(self, item: Inspectable) -> bool:
        """Whether a second visit can fall into the period."""
        interval = item.interval_days
        return interval > 0 and self.start + timedelta(days=interval) <= self.end

    def first_visits(self, items: Sequence[Inspectable]) -> list[Visit]:
        """Place the first visit of some items around what stands already."""
        most = len(items) + max((day.load for day in self.loads), default=0)
        most = most if self.per_day is None else self.per_day
        by_key = {item.key: item for item in items}
        # What is overdue or was never checked has the first claim, then the worse grade.
        wanted = sorted(
            (self._wanted(i, at) for at, i in enumerate(items)), key=lambda w: w.kind[0]
        )
        free = [most - day.load for day in self.loads]
        in_time, late, left = admit(wanted, free)
        late = [
            replace(visit, last_day=ANY_DAY, soon=True, kind=(2, visit.rank[0])) for visit in late
        ]
        chosen = in_time + late
        loads = [day.load for day in self.loads]
        places = level(chosen, loads, most)
        why = Why.CAPACITY if self.days else Why.NO_WORKING_DAY
        for visit in left:
            item = by_key[str(visit.key)]
            self.unplanned.append(Visit(item.key, 1, item.due, None, why))
        placed = [(at, by_key[str(v.key)]) for at, v in assign(chosen, places, self.loads)]
        return [self._place(item, 1, item.due, at) for at, item in placed]

    def _wanted(self, item: Inspectable, at: int) -> Wanted:
        until = item.due if item.due is not None and item.due >= self.start else None
        urgent = until is None
        if self.comes_again(item):  # the rhythm begins within the first interval
            latest = self.start + timedelta(days=item.interval_days - 1)
            until = min(until or latest, latest)
        last = ANY_DAY if until is None else bisect_right(self.days, until) - 1
        rank = (-SEVERITY[_feared(item.grade)], at)
        week = 0 if until is None else (until - self.start).days // WINDOW_DAYS
        kind = (0, rank[0]) if urgent else (1, week)
        soon = urgent or last == ANY_DAY
        return Wanted(item.key, rank, last, soon, item.company, item.town, kind)

    def repeats(self, visits: Sequence[Visit], items: Mapping[str, Inspectable]) -> None:
        """Let the items of some visits come again, within the interval of the visit before."""
        order = {key: at for at, key in enumerate(items)}
        queue = [
            (visit.day + timedelta(days=items[visit.key].interval_days), order[visit.key], visit)
            for visit in visits
            if visit.day is not None
        ]
        heapq.heapify(queue)
        while queue:
            due, at, before = heapq.heappop(queue)
            item = items[before.key]
            if due > self.end or before.day is None:
                continue
            place = self._place_of_repeat(item, before.day, due)
            if place is None:
                full = bisect_right(self.days, before.day) < len(self.days)
                why = Why.CAPACITY if full else Why.NO_WORKING_DAY
                self.unplanned.append(Visit(item.key, before.number + 1, due, None, why))
                continue
            self.loads[place].add(item.company, item.town)
            after = bisect_right(self.days, before.day)
            visit = self._place(item, before.number + 1, due, place, after)
            heapq.heappush(queue, (self.days[place] + timedelta(item.interval_days), at, visit))

    def _place_of_repeat(self, item: Inspectable, before: date, due: date) -> int | None:
        """The emptiest day shortly before it is due, else an earlier one, else the next free."""
        after, last = bisect_right(self.days, before), bisect_right(self.days, due)
        for share in (LEAD_SHARE, 2):
            earliest = due - timedelta(days=item.interval_days // share)
            first = max(after, bisect_left(self.days, earliest))
            open_days = [at for at in range(first, last) if self._has_room(at)]
            if open_days:
                return min(open_days, key=lambda at: self._liking(at, item))
        later = range(max(after, last), len(self.days))
        return next((at for at in later if self._has_room(at)), None)

    def _has_room(self, at: int) -> bool:
        return self.per_day is None or self.loads[at].load < self.per_day

    def _liking(self, at: int, item: Inspectable) -> tuple[int, bool, bool, int]:
        day = self.loads[at]
        return day.load, item.company not in day.companies, item.town not in day.towns, -at

    def _place(
        self, item: Inspectable, number: int, due: date | None, at: int, after: int = 0
    ) -> Visit:
        day, why = self.days[at], None
        if due is not None and day > due:
            possible = bisect_right(self.days, due) > after
            why = Why.CAPACITY if possible else Why.NO_WORKING_DAY
            if due < self.start:
                why = Why.OVERDUE_AT_START
        visit = Visit(item.key, number, due, day, why)
        self.visits.append(visit)
        return visit
