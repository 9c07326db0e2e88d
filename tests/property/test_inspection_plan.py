"""Checks and plans of inspections against their slow twins."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo_risk.grading.checks import check_states, next_due
from geo_risk.grading.inspection_plan import Inspectable, Plan, Why, plan_inspections
from geo_risk.vocabulary import Grade
from tests.oracles import inspection_plan as slow

START = date(2026, 12, 1)
dates = st.dates(date(2024, 1, 1), date(2028, 12, 31))
grades = st.sampled_from(list(Grade))
any_interval = st.integers(0, 400)


@given(st.lists(st.tuples(st.none() | dates, st.integers(0, 3650))), dates, dates)
def test_due_days_and_states_agree_with_their_twin(pairs, today, due_by):
    last = np.array([day or "NaT" for day, _ in pairs], "datetime64[D]")
    days = np.array([n for _, n in pairs], np.int64)
    due = [None if np.isnat(day) else day.item() for day in next_due(last, days)]
    assert due == [slow.due_of(*pair) for pair in pairs]
    states = [str(state) for state in check_states(last, days, today, due_by)]
    assert states == [slow.state_of(*pair, today, due_by) for pair in pairs]


def working(start: date, length: int) -> list[date]:
    days = [start + timedelta(days=n) for n in range(length)]
    return [day for day in days if day.weekday() < 5]


@st.composite
def cases(draw, most=30, longest=90, intervals=any_interval):
    length = draw(st.integers(1, longest))
    offsets = st.none() | st.integers(-60, length + 30)
    drawn = draw(
        st.lists(
            st.tuples(grades, offsets, intervals, st.sampled_from("ABC"), st.sampled_from("xy")),
            max_size=most,
        )
    )
    items = []
    for number, (grade, offset, interval, company, town) in enumerate(drawn):
        due = START + timedelta(days=offset) if offset is not None and interval else None
        checked = due is not None or draw(st.booleans())
        items.append(Inspectable(f"{number:03d}", grade, due, interval, checked, company, town))
    return items, length, draw(st.none() | st.integers(1, 4))


def planned(items, length, per_day=None) -> Plan:
    days, end = working(START, length), START + timedelta(days=length - 1)
    return plan_inspections(items, days, START, end, per_day)


@given(cases())
def test_every_wanted_visit_is_planned_once_or_told_with_its_reason(case):
    items, length, per_day = case
    end = START + timedelta(days=length - 1)
    plan, days = planned(*case), set(working(START, length))
    told = Counter((visit.key, visit.number) for visit in (*plan.visits, *plan.unplanned))
    assert set(told.values()) <= {1}
    by_item = {item.key: item for item in items}
    for item in items:
        numbers = sorted(number for key, number in told if key == item.key)
        no_interval = item.checked and item.due is None
        wanted = not item.checked or no_interval or item.due <= end
        assert numbers == list(range(1, len(numbers) + 1))
        assert bool(numbers) == wanted
    assert all(visit.why for visit in plan.unplanned)
    loads = Counter(visit.day for visit in plan.visits)
    assert set(loads) <= days, "nobody works on a holiday"
    assert per_day is None or max(loads.values(), default=0) <= per_day
    for visit in plan.visits:
        assert visit.late == (visit.why is not None)
        if visit.number > 1:
            before = next(
                v for v in plan.visits if (v.key, v.number) == (visit.key, visit.number - 1)
            )
            interval = by_item[visit.key].interval_days
            assert before.day < visit.day
            assert visit.due == before.day + timedelta(days=interval)


@given(cases())
def test_an_item_comes_again_until_its_next_check_lies_after_the_period(case):
    items, length, _ = case
    end = START + timedelta(days=length - 1)
    plan = planned(*case)
    last = {visit.key: visit for visit in plan.visits}
    without = {visit.key for visit in plan.unplanned}
    for item in items:
        if item.key in last and item.key not in without and item.interval_days:
            assert last[item.key].day + timedelta(days=item.interval_days) > end


@given(cases())
def test_without_a_limit_nothing_is_late_that_could_be_in_time(case):
    items, length, _ = case
    plan, days = planned(items, length), working(START, length)
    assert {visit.why for visit in plan.unplanned} <= {Why.NO_INTERVAL, Why.NO_WORKING_DAY}
    for visit in plan.visits:
        if visit.late:
            after = max(
                (v.day for v in plan.visits if v.key == visit.key and v.number < visit.number),
                default=date.min,
            )
            assert not [day for day in days if after < day <= visit.due]
            assert visit.why in (Why.OVERDUE_AT_START, Why.NO_WORKING_DAY)


once = st.just(400)


def allowed_days(items, days, end) -> list[list[int]]:
    """The days each wanted item may be visited on; any day where it is late from the start."""
    found = []
    for item in items:
        if item.checked and item.due > end:
            continue
        until = item.due or end
        kept = [at for at, day in enumerate(days) if day <= until]
        found.append(kept or list(range(len(days))))
    return found


@settings(max_examples=300)
@given(cases(most=14, longest=16, intervals=once))
@example(
    (
        [Inspectable("a", Grade.BLUE, START, 400), Inspectable("b", Grade.RED, None, 400, False)],
        2,
        1,
    )
)
def test_nothing_is_late_or_left_out_when_any_schedule_holds_it_all(case):
    items, length, per_day = case
    per_day = per_day or 1
    items = [item for item in items if not (item.checked and item.due is None)]
    days, end = working(START, length), START + timedelta(days=length - 1)
    allowed = allowed_days(items, days, end)
    plan = planned(items, length, per_day)
    short = [visit for visit in (*plan.visits, *plan.unplanned) if visit.why is Why.CAPACITY]
    if days and slow.most_in_time(allowed, per_day, len(days)) == len(allowed):
        assert not short
        assert not plan.unplanned
    elif days:
        assert short, "what cannot be done in time is told"
        assert len(plan.visits) == min(len(allowed), per_day * len(days)), "no place stays empty"


@settings(max_examples=200)
@given(cases(most=6, longest=7, intervals=once))
def test_no_schedule_that_keeps_the_due_dates_is_more_even(case):
    items, length, _ = case
    items = [item for item in items if not (item.checked and item.due is None)]
    days, end = working(START, length), START + timedelta(days=length - 1)
    allowed = allowed_days(items, days, end)
    loads = Counter(visit.day for visit in planned(items, length).visits)
    if days:
        assert sum(n * n for n in loads.values()) == slow.evenest(allowed, len(days))


@given(st.lists(st.tuples(grades, st.booleans()), max_size=200), st.integers(5, 120))
def test_loads_differ_by_one_at_most_when_no_due_date_binds(drawn, length):
    end = START + timedelta(days=length - 1)
    last = max(working(START, length))
    items = [
        Inspectable(f"{at:03d}", grade, last if checked else None, 400, checked, str(at % 7), "")
        for at, (grade, checked) in enumerate(drawn)
    ]
    days = working(START, length)
    loads = Counter(visit.day for visit in plan_inspections(items, days, START, end).visits)
    counts = [loads[day] for day in days]
    assert max(counts) - min(counts) <= 1
    assert sum(counts) == len(items)


@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_the_items_changes_nothing(case, random):
    items, length, per_day = case
    shuffled = list(items)
    random.shuffle(shuffled)
    assert planned(shuffled, length, per_day) == planned(items, length, per_day)


@given(cases(intervals=once))
def test_the_overdue_come_first_and_the_worst_of_them_before_the_rest(case):
    items, length, _ = case
    urgent = [Inspectable(item.key, item.grade, None, 400, False, item.key, "") for item in items]
    order = [
        next(item.grade for item in urgent if item.key == visit.key)
        for visit in planned(urgent, length).visits
    ]
    rank = {Grade.RED: 0, Grade.ORANGE: 1, Grade.NO_DATA: 1, Grade.YELLOW: 2, Grade.BLUE: 3}
    assert [rank[grade] for grade in order] == sorted(rank[grade] for grade in order)
