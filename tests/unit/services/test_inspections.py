"""The inspection plan of the demo: working days, evenness, what is late and what has no place."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import openpyxl
import pytest

from geo_risk.errors import UsageError
from geo_risk.grading.inspection_plan import Inspectable, Why, plan_inspections
from geo_risk.services.inspections import inspections
from geo_risk.services.ledger import ledger
from geo_risk.services.ledger_files import write_plan
from geo_risk.services.working_days import working_days
from geo_risk.vocabulary import Grade
from tests.unit.services.conftest import Demo

TODAY = date(2026, 11, 27)
QUARTER = date(2027, 1, 1), date(2027, 3, 31)


def test_working_days_know_holidays_and_make_up_days() -> None:
    found = working_days(date(2025, 9, 26), date(2025, 10, 12))
    assert [day.isoformat()[5:] for day in found.days] == [
        "09-26", "09-28", "09-29", "09-30", "10-09", "10-10", "10-11",
    ]  # fmt: skip
    assert found.approximate_years == ()


def test_a_year_that_is_not_known_yet_has_monday_to_friday_and_says_so() -> None:
    found = working_days(date(2059, 12, 29), date(2060, 1, 4))
    assert found.approximate_years == (2059, 2060)
    assert [day.isoformat()[5:] for day in found.days] == ["12-29", "12-30", "12-31", "01-02"]
    assert found.as_json()["approximate_years"] == [2059, 2060]


def test_the_quarter_of_the_demo_is_even_and_nothing_is_lost(shishi: Demo) -> None:
    plan = inspections(shishi.store, TODAY, *QUARTER)
    told = plan.as_json()
    assert told["loads"]["most"] - told["loads"]["least"] <= 1
    assert told["unplanned"] == []
    assert sum(day["visits"] for day in told["days"]) == told["planned"] == len(told["visits"])
    wanted = {
        (item.layer, item.id)
        for item in ledger(shishi.store, TODAY).items
        if item.state == "never_checked" or str(item.next_due) <= QUARTER[1].isoformat()
    }
    assert {(visit["layer"], visit["id"]) for visit in told["visits"]} == wanted
    assert sum(told["late_reasons"].values()) == told["late"]
    assert set(told["late_reasons"]) == {"overdue_at_start", "no_working_day"}
    new_year = [v["due"] for v in told["visits"] if v["reason"] == "no_working_day"]
    assert set(new_year) <= {"2027-01-01", "2027-01-02", "2027-01-03"}, "no work until the fourth"
    for name in ("by_grade", "by_kind", "by_town", "by_department"):
        assert sum(told[name].values()) == told["planned"]
    assert json.loads(json.dumps(told)) == told


@pytest.mark.parametrize(
    ("start", "end", "unevenness"),
    [
        (date(2026, 12, 1), date(2026, 12, 31), 1),
        (*QUARTER, 1),
        (date(2027, 1, 1), date(2027, 6, 30), 5),  # there the due dates of repeats rule
    ],
)
def test_the_overdue_come_first_and_the_worst_before_the_others(
    shishi: Demo, start: date, end: date, unevenness: int
) -> None:
    told = inspections(shishi.store, TODAY, start, end).as_json()
    assert told["loads"]["most"] - told["loads"]["least"] <= unevenness
    assert "overdue_at_start" in told["late_reasons"]
    assert "capacity" not in told["late_reasons"]
    firsts = [visit for visit in told["visits"] if visit["number"] == 1]
    urgent = [v for v in firsts if v["due"] is None or v["due"] < start.isoformat()]
    days = {
        grade: [v["date"] for v in urgent if v["grade"] == grade] for grade in ("red", "orange")
    }
    later = sorted(visit["date"] for visit in urgent if visit["grade"] in ("yellow", "blue"))
    assert max(days["red"]) <= sorted(days["orange"])[len(days["orange"]) // 4]
    assert max(days["orange"]) <= later[len(later) // 3]


def test_a_red_point_comes_again_within_its_interval(shishi: Demo) -> None:
    visits = defaultdict(list)
    for visit in inspections(shishi.store, TODAY, *QUARTER).as_json()["visits"]:
        if visit["grade"] == "red" and visit["interval_source"] == "policy":
            visits[visit["id"]].append(date.fromisoformat(visit["date"]))
    assert visits
    for days in visits.values():
        assert len(days) >= 3
        gaps = [(b - a).days for a, b in pairwise(days)]
        assert all(20 <= gap <= 30 for gap in gaps), gaps
        assert days[-1] + timedelta(days=30) > QUARTER[1]


def test_too_few_visits_a_day_leave_the_better_grades_out_and_say_so(shishi: Demo) -> None:
    told = inspections(shishi.store, TODAY, *QUARTER, per_day=4).as_json()
    assert told["loads"]["most"] == 4
    assert told["unplanned_reasons"] == {"capacity": len(told["unplanned"])}
    assert told["planned"] + len(told["unplanned"]) > 4 * told["working_days"]
    left = Counter(visit["grade"] for visit in told["unplanned"])
    assert left["blue"]
    assert not left["red"]
    assert not left["orange"]


@pytest.mark.parametrize(
    ("start", "end", "per_day", "code"),
    [
        (date(2027, 3, 1), date(2027, 2, 1), None, "period_invalid"),
        (date(2027, 1, 1), date(2028, 1, 2), None, "period_invalid"),
        (date(2003, 1, 1), date(2003, 2, 1), None, "date_out_of_range"),
        (date(2100, 12, 1), date(2101, 1, 1), None, "date_out_of_range"),
        (*QUARTER, 0, "per_day_invalid"),
    ],
)
def test_a_period_that_cannot_be(
    shishi: Demo, start: date, end: date, per_day: int | None, code: str
) -> None:
    with pytest.raises(UsageError) as refused:
        inspections(shishi.store, TODAY, start, end, per_day=per_day)
    assert refused.value.code == code


def test_a_period_of_holidays_only_plans_nothing_and_says_why(shishi: Demo) -> None:
    told = inspections(shishi.store, TODAY, date(2026, 10, 1), date(2026, 10, 4)).as_json()
    assert told["working_days"] == told["planned"] == 0
    assert set(told["unplanned_reasons"]) == {"no_working_day"}


def test_items_of_one_company_that_are_due_together_share_a_day() -> None:
    start, end = date(2027, 3, 1), date(2027, 3, 26)
    items = [
        Inspectable(
            f"{n:02d}", Grade.YELLOW, date(2027, 3, 22), 180, True, f"c{n % 8}", f"t{n % 2}"
        )
        for n in range(40)
    ]
    days = working_days(start, end).days
    plan = plan_inspections(items, days, start, end)
    loads = Counter(visit.day for visit in plan.visits)
    on: dict[str, set[date | None]] = defaultdict(set)
    towns: dict[date | None, set[str]] = defaultdict(set)
    for visit in plan.visits:
        item = next(i for i in items if i.key == visit.key)
        on[item.company].add(visit.day)
        towns[visit.day].add(item.town)
    assert max(loads.values()) == 3, "40 visits on the 16 days until they are due"
    assert sum(len(found) for found in on.values()) <= 8 * 3
    assert sum(len(found) > 1 for found in towns.values()) <= 2


def test_an_item_without_an_interval_is_not_lost() -> None:
    start, end = date(2027, 3, 1), date(2027, 3, 5)
    items = [
        Inspectable("a", Grade.BLUE, None, 0, True),
        Inspectable("b", Grade.BLUE, None, 0, False),
    ]
    plan = plan_inspections(items, [start], start, end)
    assert [(v.key, v.day) for v in plan.visits] == [("b", start)]
    assert [(v.key, v.why) for v in plan.unplanned] == [("a", Why.NO_INTERVAL)]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_plan_as_a_workbook(shishi: Demo, tmp_path: Path, lang: str) -> None:
    plan, out = inspections(shishi.store, TODAY, *QUARTER, per_day=4), tmp_path / "plan.xlsx"
    assert write_plan(shishi.store, plan, out, lang) == len(plan.plan.visits)  # type: ignore[arg-type]
    book = openpyxl.load_workbook(out)
    visits, days, left, notes = book.worksheets
    assert visits.max_row == len(plan.plan.visits) + 1
    assert visits["A2"].value.date() == plan.plan.visits[0].day
    assert days.max_row == len(plan.calendar.days) + 1
    assert left.max_row == len(plan.plan.unplanned) + 1
    assert any("2027" in str(cell.value) for cell in notes["B"])
    book.close()
    assert write_plan(shishi.store, plan, tmp_path / "plan.csv", lang) == len(plan.plan.visits)  # type: ignore[arg-type]
