"""Filling days evenly: how many visits each day takes, and which visit goes where."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
ANY_DAY = -1
"""The `last_day` of a visit without a day to keep: it may stand on any."""
_LOOKED_AT = 50
"""How many visits are looked at for a company that fits into what is left of a day."""


@dataclass(frozen=True)
class Wanted:
    """A visit to be placed on one of the days 0 … n-1.

    `last_day` is the last day that keeps its due date, or `ANY_DAY`; one that is to come `soon`
    stands as early as the others' last days allow, the rest in the order of their last days.
    `rank` orders what comes first, small before large, and ends with something unique; `company`
    and `town` are what it is kept together with; `kind` is the class within which that may change
    the order.
    """

    key: Hashable
    rank: tuple[int, ...]
    last_day: int = ANY_DAY
    soon: bool = True
    company: str = ""
    town: str = ""
    kind: tuple[int, ...] = ()


@dataclass
class DayLoad:
    """What stands on a day already: how many visits, the last company, the towns."""

    load: int = 0
    company: str = ""
    companies: set[str] = field(default_factory=set)
    towns: dict[str, None] = field(default_factory=dict)

    def add(self, company: str, town: str) -> None:
        """Count one visit."""
        self.load += 1
        self.company = company
        self.companies.add(company)
        if town:
            self.towns[town] = None


def admit(
    wanted: Sequence[Wanted], free: Sequence[int]
) -> tuple[list[Wanted], list[Wanted], list[Wanted]]:
    """Divide visits, given in order of importance, by what the free places allow.

    Returns those that fit with their last day kept, those that fit only after it, and those that
    do not fit at all. All fit in time when any order of work would let them; else the more
    important ones do (a visit is dropped only for more important ones).
    """
    room = np.cumsum(np.asarray(free, np.int64))
    taken = np.zeros(len(free), np.int64)
    in_time: list[Wanted] = []
    others: list[Wanted] = []
    for visit in wanted:
        at = len(free) - 1 if visit.last_day == ANY_DAY else visit.last_day
        # Places until each day from `at` on that no admitted visit needs.
        if len(free) and (room[at:] - taken[at:]).min() > 0:
            taken[at:] += 1
            in_time.append(visit)
        else:
            others.append(visit)
    spare = int(room[-1] - len(in_time)) if len(free) else 0
    return in_time, others[:spare], others[spare:]


def level(wanted: Iterable[Wanted], loads: Sequence[int], most: int) -> Counts:
    """How many further visits each day takes, as even as the last days allow.

    `loads` stand already; `most` is the most on one day. The visits with the fewest days come
    first, each to the emptiest of its days: for windows that all begin on day 0 no other choice
    leaves the days more even. Equal days: the last one for a visit with a last day, the first
    one for a visit that may stand on any.
    """
    total = np.array(loads, np.int64)
    before = total.copy()
    final = len(total) - 1
    ends = [(final if v.last_day == ANY_DAY else v.last_day, v.soon) for v in wanted]
    for last, soon in sorted(ends):
        window = total[: last + 1]
        at = int(window.argmin()) if soon else last - int(window[::-1].argmin())
        if total[at] >= most:
            raise ValueError("more visits than places: admit them first")
        total[at] += 1
    found: Counts = total - before
    return found


class _Waiting:
    """The visits not placed yet: in order, by company and by town, in each class."""

    def __init__(self, wanted: Iterable[Wanted]) -> None:
        ordered = sorted(wanted, key=lambda visit: (*visit.kind, visit.last_day, *visit.rank))
        bound = [visit for visit in ordered if visit.last_day != ANY_DAY]
        self.soon = deque(visit for visit in ordered if visit.soon)
        self.by_last_day = deque(sorted(bound, key=lambda visit: visit.last_day))
        self.companies: dict[Hashable, deque[Wanted]] = {}
        self.towns: dict[Hashable, deque[Wanted]] = {}
        self.left = Counter(map(_company, ordered))
        self.gone: set[Hashable] = set()
        for visit in ordered:
            if visit.company:
                self.companies.setdefault(_company(visit), deque()).append(visit)
            if visit.town:
                self.towns.setdefault((visit.kind, visit.town), deque()).append(visit)

    def take(self, day: DayLoad, places: int, limit: int | None) -> Wanted:
        """The next visit of a day with `places` left; one due by day `limit` when that is given."""
        line = self.soon if limit is None and self._first(self.soon) else self.by_last_day
        leader = self._first(line)
        if leader is None:
            raise ValueError("more places than visits")
        chosen = self._of_company(day, leader)
        if chosen is None:
            lines = [self.towns.get((leader.kind, town)) for town in day.towns]
            chosen = self._fitting([*lines, line], leader, places)
        if limit is not None and not ANY_DAY < chosen.last_day <= limit:
            chosen = leader
        self.gone.add(chosen.key)
        self.left[_company(chosen)] -= 1
        return chosen

    def _first(self, line: deque[Wanted] | None) -> Wanted | None:
        while line and line[0].key in self.gone:
            line.popleft()
        return line[0] if line else None

    def _of_company(self, day: DayLoad, leader: Wanted) -> Wanted | None:
        """The next one of the company that is visited already, in the leader's class."""
        return self._first(self.companies.get((_class(leader), day.company)))

    def _fitting(
        self, lines: Sequence[deque[Wanted] | None], leader: Wanted, places: int
    ) -> Wanted:
        """One as urgent as the leader whose company fits into the day; else the leader."""
        for line in lines:
            self._first(line)
            for visit in islice(line or (), _LOOKED_AT):
                same = visit.kind == leader.kind and visit.key not in self.gone
                if same and (not visit.company or self.left[_company(visit)] <= places):
                    return visit
        return leader


def _class(visit: Wanted) -> tuple[int, ...]:
    """Companies are kept together within a window of due dates, or among all that is urgent."""
    return visit.kind[:1] if visit.soon else visit.kind


def _company(visit: Wanted) -> Hashable:
    return _class(visit), visit.company


def assign(
    wanted: Sequence[Wanted], places: Counts, days: Sequence[DayLoad]
) -> list[tuple[int, Wanted]]:
    """Put each visit on a day: `places` says how many each takes; (day, visit) in that order.

    Visits that are to come soon are first, unless another would then miss its last day. Within a
    class those of a company, then of a town, already on the day are preferred. `days` is
    brought up to date.
    """
    waiting = _Waiting(wanted)
    by_last = np.zeros(len(places), np.int64)
    for visit in wanted:
        if visit.last_day != ANY_DAY:
            by_last[visit.last_day] += 1
    found: list[tuple[int, Wanted]] = []
    for at, number in enumerate(places.tolist()):
        later = np.concatenate(([0], np.cumsum(places[at + 1 :])))
        for left in range(number, 0, -1):
            # How many of today's places must go to visits that end by each day from today on.
            needed = by_last[: at + 1].sum() + np.cumsum(by_last[at:]) - by_last[at] - later
            pressed = np.flatnonzero(needed >= left)
            limit = at + int(pressed[0]) if len(pressed) else None
            visit = waiting.take(days[at], left, limit)
            if visit.last_day != ANY_DAY:
                by_last[visit.last_day] -= 1
            days[at].add(visit.company, visit.town)
            found.append((at, visit))
    return found
