"""Check dates one by one, and plans by trying every order of work."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product


def due_of(last_check: date | None, interval_days: int) -> date | None:
    if last_check is None or interval_days == 0:
        return None
    return last_check + timedelta(days=interval_days)


def state_of(last_check: date | None, interval_days: int, today: date, due_by: date) -> str:
    if last_check is None:
        return "never_checked"
    due = due_of(last_check, interval_days)
    if due is None:
        return "no_interval"
    if due < today:
        return "overdue"
    return "due" if due <= max(due_by, today) else "planned"


def most_in_time(allowed: list[list[int]], per_day: int, days: int) -> int:
    """The most visits that any schedule holds: `allowed` days of each, by augmenting paths."""
    on: list[list[int]] = [[] for _ in range(days)]

    def place(visit: int, tried: set[int]) -> bool:
        for day in allowed[visit]:
            if day in tried:
                continue
            tried.add(day)
            if len(on[day]) < per_day:
                on[day].append(visit)
                return True
            for other in on[day]:
                if place(other, tried):
                    on[day].remove(other)
                    on[day].append(visit)
                    return True
        return False

    return sum(place(visit, set()) for visit in range(len(allowed)))


def evenest(allowed: list[list[int]], days: int) -> int:
    """The least sum of squares of the loads of the days over all schedules."""
    return min(sum(choice.count(day) ** 2 for day in range(days)) for choice in product(*allowed))
