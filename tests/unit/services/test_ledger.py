"""The control ledger of the demo and of small registers: what a supervisor reads in it."""

from __future__ import annotations

import csv
import json
import zipfile
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from geo_risk.errors import UsageError
from geo_risk.grading.checks import interval_names, interval_policy, suggested_levels
from geo_risk.services import imports
from geo_risk.services.ledger import GAPS, Ledger, ledger
from geo_risk.services.ledger_files import write_ledger
from geo_risk.services.roll_ups import refresh_roll_ups
from geo_risk.store import Query, Store, open_store
from geo_risk.vocabulary import GRADES, SEVERITY, Grade
from tests.oracles.inspection_plan import state_of
from tests.unit.services.conftest import Demo

TODAY = date(2026, 11, 27)
HEADER = (
    "编号,名称,经度,纬度,L,E,C,登记等级,"
    "责任部门,管控层级,责任人,责任岗位,管控措施,检查周期,上次检查日期\n"
)


def store_of(tmp_path: Path, *lines: str) -> Store:
    path = tmp_path / "points.csv"
    path.write_text(HEADER + "\n".join(lines) + "\n", "utf-8")
    store = open_store(str(tmp_path / "small.gpkg"), create=True)
    report = imports.import_file(store, path, "risk_points", "wgs84")
    assert report.stored == len(lines)
    return store


@pytest.fixture
def small(tmp_path: Path) -> Store:
    """Red, blue, red by the register alone, nothing, and one with a check in the future."""
    return store_of(
        tmp_path,
        "R1,甲,118.65,24.73,10,6,40,低,应急局,市级,示例张某,主管,联锁,,2026-10-01",
        "R2,乙,118.66,24.74,1,3,3,重大,应急局,公司级,示例李某,主管,巡查,10,2026-11-20",
        "R3,丙,118.67,24.75,,,,重大,,,,,,,2026-10-28",
        "R4,丁,118.68,24.76,,,,,商务局,村级,示例王某,店长,巡查,,",
        "R5,戊,118.69,24.77,1,3,3,低,商务局,村级,示例王某,店长,巡查,30,2026-12-24",
    )


def lines_of(found: Ledger) -> dict[str, dict[str, object]]:
    return {item.id: item.as_json() for item in found.items}


def test_each_line_says_when_it_is_due_and_where_that_comes_from(small: Store) -> None:
    lines = lines_of(ledger(small, TODAY, due_by=date(2026, 11, 30)))
    told = {
        key: tuple(line[n] for n in ("interval_days", "interval_source", "next_due", "state"))
        for key, line in lines.items()
    }
    assert told == {
        "R1": (30, "policy", "2026-10-31", "overdue"),
        "R2": (10, "register", "2026-11-30", "due"),
        "R3": (30, "policy", "2026-11-27", "due"),
        "R4": (90, "policy", None, "never_checked"),
        "R5": (30, "register", None, "never_checked"),
    }
    assert lines_of(ledger(small, TODAY))["R2"]["state"] == "planned"


def test_declared_and_computed_grades_stand_side_by_side(small: Store) -> None:
    found = ledger(small, TODAY)
    grades = {
        key: (line["grade"], line["grade_computed"], line["grade_stated"], line["stated_is"])
        for key, line in lines_of(found).items()
    }
    assert grades == {
        "R1": ("red", "red", "blue", "lower"),
        "R2": ("blue", "blue", "red", "higher"),
        "R3": ("red", None, "red", None),
        "R4": ("no_data", "no_data", None, None),
        "R5": ("blue", "blue", "blue", None),
    }
    listed = found.as_json()["differences"]
    assert [(one["id"], one["stated"], one["computed"], one["higher"]) for one in listed] == [
        ("R1", "blue", "red", "computed"),
        ("R2", "red", "blue", "stated"),
    ]
    row = small.feature("risk_points", "R1")
    assert row
    assert (row["grade"], row["stated_grade"]) == ("red", "blue"), "nothing was overwritten"


def test_what_is_missing_is_counted_and_never_filled_in(small: Store) -> None:
    found = ledger(small, TODAY)
    line = lines_of(found)["R3"]
    empty = ("department", "control_level", "responsible", "post", "measures")
    assert [line[name] for name in empty] == [None] * 5
    assert line["suggested_level"] == "city"
    assert line["gaps"] == [*empty, "interval"]
    assert lines_of(found)["R5"]["gaps"] == ["last_check_in_future"]
    gaps = found.as_json()["gaps"]
    assert gaps == dict.fromkeys(GAPS, 0) | dict.fromkeys(empty, 1) | {
        "interval": 3, "last_check": 1, "last_check_in_future": 1,
    }  # fmt: skip


def test_another_policy_of_intervals_is_another_set_of_rows(small: Store) -> None:
    found = ledger(small, TODAY, policy="register_only")
    lines = lines_of(found)
    assert (lines["R1"]["interval_days"], lines["R1"]["state"]) == (None, "no_interval")
    assert lines["R4"]["state"] == "never_checked"
    assert set(found.as_json()["intervals"]["days"].values()) == {None}
    assert "register_only" in interval_names()


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"town": "nowhere"}, "town_unknown"),
        ({"department": "no such"}, "department_unknown"),
        ({"layers": ["towns"]}, "layer_not_counted"),
        ({"policy": "kindly"}, "intervals_unknown"),
        ({"due_by": date(1999, 1, 1)}, "date_out_of_range"),
    ],
)
def test_a_question_that_cannot_be_is_no_empty_list(
    small: Store, asked: dict[str, object], code: str
) -> None:
    with pytest.raises(UsageError) as refused:
        ledger(small, TODAY, **asked)  # type: ignore[arg-type]
    assert refused.value.code == code
    assert all(refused.value.message.values())


def test_an_empty_store_has_an_empty_ledger(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "empty.gpkg"), create=True)
    told = ledger(store, TODAY).as_json()
    store.close()
    assert told["totals"]["items"] == 0
    assert told["items"] == told["by_town"] == told["differences"] == []


def test_the_demo_agrees_with_its_stored_rows_one_by_one(shishi: Demo) -> None:
    found = ledger(shishi.store, TODAY, due_by=date(2026, 12, 31))
    days = interval_policy(found.intervals)
    seen = 0
    for layer in ("risk_points", "hazard_sources"):
        for row in shishi.store.features(Query(layer)):
            line = next(i for i in found.items if (i.layer, i.id) == (layer, row["id"]))
            interval = row["check_interval_days"] or days[Grade(row["grade"])]
            last = row["last_check"] and date.fromisoformat(row["last_check"])
            assert line.state == state_of(last, interval, TODAY, date(2026, 12, 31))
            seen += 1
    assert seen == len(found.items) == 438


def test_the_demo_shows_something_of_everything(shishi: Demo) -> None:
    told = ledger(shishi.store, TODAY, due_by=date(2026, 12, 31)).as_json()
    states = told["totals"]["by_state"]
    assert min(states[s] for s in ("overdue", "due", "planned", "never_checked")) > 0
    assert len(told["differences"]) == 10
    assert all(told["gaps"][gap] for gap in ("control_level", "post", "measures", "interval"))
    order = [SEVERITY[Grade(item["grade"])] for item in told["items"]]
    assert order == sorted(order, reverse=True)


@pytest.mark.parametrize("key", ["by_town", "by_village", "by_department"])
def test_the_parts_make_the_whole(shishi: Demo, key: str) -> None:
    told = ledger(shishi.store, TODAY).as_json()
    for name in ("by_state", "by_grade", "overdue_by_grade"):
        summed: Counter[str] = Counter()
        for part in told[key]:
            summed.update(part[name])
        assert dict(summed) == told["totals"][name]
    named = [part["name"] for part in told[key] if part["id"]]
    assert all(named)


def test_town_and_department_narrow_the_ledger(shishi: Demo) -> None:
    whole = ledger(shishi.store, TODAY)
    by_code = ledger(shishi.store, TODAY, town="350581104")
    assert by_code == ledger(shishi.store, TODAY, town="鸿山镇")
    assert {i.id for i in by_code.items} == {i.id for i in whole.items if i.town == "350581104"}
    some = ledger(shishi.store, TODAY, department="石狮市应急管理局", layers=["risk_points"])
    assert {(i.department, i.layer) for i in some.items} == {("石狮市应急管理局", "risk_points")}


def test_a_town_in_any_form_and_a_department_of_another_town(shishi: Demo) -> None:
    by_code = ledger(shishi.store, TODAY, town="350581104")
    assert by_code == ledger(shishi.store, TODAY, town="350581104000")
    with pytest.raises(UsageError) as refused:
        ledger(shishi.store, TODAY, town="350581104201")
    assert refused.value.code == "town_unknown", "a village's code is no town"
    by_layer = ledger(shishi.store, TODAY, department="石狮市应急管理局", layers=["hazard_sources"])
    assert {item.layer for item in by_layer.items} <= {"hazard_sources"}


def test_a_department_that_only_another_town_names_is_an_empty_ledger(
    own_shishi: Store,
) -> None:
    rows = list(own_shishi.features(Query("risk_points", town="350581104", limit=1)))
    other = next(own_shishi.features(Query("risk_points", town="350581105", limit=1)))
    with own_shishi.batch("grade", layer="risk_points") as batch:
        batch.put(own_shishi.spec("risk_points"), [{**other, "department": "示例独有局"}])
        batch.info |= {"rows": 1, "stored": 1, "rejected": 0, "unplaced": 0}
    assert rows
    assert len(ledger(own_shishi, TODAY, department="示例独有局").items) == 1
    found = ledger(own_shishi, TODAY, department="示例独有局", town="鸿山镇")
    assert found.items == ()
    assert found.as_json()["totals"]["items"] == 0


def test_an_enterprise_that_declares_another_grade_is_among_the_differences(
    own_shishi: Store, tmp_path: Path
) -> None:
    red = next(own_shishi.features(Query("enterprises", grades=("red",), limit=1)))
    blue = next(own_shishi.features(Query("enterprises", grades=("blue",), limit=1)))
    none = next(own_shishi.features(Query("enterprises", grades=("no_data",), limit=1)))
    stated = ((red, "blue"), (blue, "orange"), (none, "red"))
    before = ledger(own_shishi, TODAY).as_json()
    assert before["enterprises"] == {"stated_lower": 0, "stated_higher": 0}
    with own_shishi.batch("grade", layer="enterprises") as batch:
        spec = own_shishi.spec("enterprises")
        batch.put(spec, [{**row, "stated_grade": grade} for row, grade in stated])
        refresh_roll_ups(own_shishi, batch)
        batch.info |= {"rows": 3, "stored": 3, "rejected": 0, "unplaced": 0}
    found = ledger(own_shishi, TODAY)
    told = found.as_json()
    units = [one for one in told["differences"] if one["layer"] == "enterprises"]
    assert [(one["id"], one["stated"], one["computed"], one["higher"]) for one in units] == [
        (red["id"], "blue", "red", "computed"),
        (blue["id"], "orange", "blue", "stated"),
    ]
    assert told["enterprises"] == {"stated_lower": 1, "stated_higher": 1}
    assert told["totals"] == before["totals"], "they are no items of the ledger"
    assert len(told["items"]) == 438
    out = tmp_path / "out.xlsx"
    write_ledger(own_shishi, found, out, "zh")
    book = openpyxl.load_workbook(out)
    ids = [row[1].value for row in book["等级不一致"].iter_rows(min_row=2)]
    assert ids[-2:] == [red["id"], blue["id"]]
    assert len(ids) == 10 + 2
    book.close()
    by_layer = ledger(own_shishi, TODAY, layers=["risk_points"]).as_json()["differences"]
    assert {one["layer"] for one in by_layer} <= {"risk_points"}


def test_the_workbook_lists_what_is_due_by_an_explicit_day(shishi: Demo, tmp_path: Path) -> None:
    found, out = ledger(shishi.store, TODAY, due_by=date(2026, 12, 31)), tmp_path / "out.xlsx"
    due = [i for i in found.items if i.state == "never_checked" or str(i.next_due) <= "2026-12-31"]
    assert 0 < len(due) < len(found.items)
    assert found.listed == tuple(due)
    assert write_ledger(shishi.store, found, out, "zh") == len(due)
    book = openpyxl.load_workbook(out)
    assert book.worksheets[0].max_row == 1 + len(due)
    assert book.worksheets[1]["D2"].value == len(found.items)
    assert any("2026-12-31" in str(cell.value) for cell in book["说明"]["B"])
    book.close()


SHEETS = {
    "zh": ["台账", "到期与逾期", "等级不一致", "缺项", "说明"],
    "en": ["Ledger", "Due and overdue", "Grades that differ", "Missing", "Notes"],
}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_workbook_opens_with_dates_colours_and_a_print_set_up(
    shishi: Demo, tmp_path: Path, lang: str
) -> None:
    found, out = ledger(shishi.store, TODAY), tmp_path / "台账.xlsx"
    assert write_ledger(shishi.store, found, out, lang) == len(found.items)  # type: ignore[arg-type]
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == SHEETS[lang]
    sheet = book.worksheets[0]
    head = [cell.value for cell in sheet[1]]
    assert len(head) == len(set(head))
    assert (sheet.freeze_panes, sheet.auto_filter.ref[:2]) == ("D2", "A1")
    assert (sheet.page_setup.orientation, str(sheet.page_setup.paperSize)) == ("landscape", "9")
    assert sheet.max_row == len(found.items) + 1
    for row, item in zip(sheet.iter_rows(min_row=2), found.items, strict=True):
        assert row[1].value == item.id
        grade = GRADES[Grade(item.grade)]
        cell = row[head.index("风险等级" if lang == "zh" else "Risk grade")]
        assert cell.value == grade.label[lang]  # type: ignore[index]
        assert cell.fill.fgColor.rgb == "FF" + grade.colour[1:].upper()
        due = row[head.index("下次应检" if lang == "zh" else "Next due")].value
        assert (due and due.date().isoformat()) == item.next_due
        assert due is None or isinstance(due, datetime)
    assert book.worksheets[1]["D2"].value == len(found.items)
    assert book.worksheets[2].max_row == 1 + 10
    notes = [cell.value for cell in book.worksheets[4]["B"]]
    assert any("政策" in str(n) or "policy" in str(n) for n in notes)
    if lang == "en":
        states = {row[head.index("State")].value for row in sheet.iter_rows(min_row=2)}
        assert states <= {"Overdue", "Due", "Not due yet", "No check on record", "No interval"}
    book.close()


def test_no_cell_of_a_register_becomes_a_formula_or_markup(tmp_path: Path) -> None:
    evil = '"=HYPERLINK(""http://x"")"'
    store = store_of(
        tmp_path, f"R1,{evil},118.65,24.73,10,6,40,低,{evil},市级,@SUM(A1),+1+1,<b>&{{{{7*7}}}},,"
    )
    found = ledger(store, TODAY)
    write_ledger(store, found, tmp_path / "out.xlsx", "zh")
    write_ledger(store, found, tmp_path / "out.csv", "zh")
    store.close()
    with zipfile.ZipFile(tmp_path / "out.xlsx") as book:
        sheets = [book.read(n).decode() for n in book.namelist() if "worksheets/" in n]
    assert not any("<f>" in sheet or "<hyperlink" in sheet for sheet in sheets)
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        row = next(csv.DictReader(file))
    assert row["名称"] == '\'=HYPERLINK("http://x")'
    assert row["责任人"] == "'@SUM(A1)"
    assert row["风险等级"] == "重大"


def test_a_file_appears_whole_or_not_at_all(
    shishi: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, out = ledger(shishi.store, TODAY), tmp_path / "out.csv"
    out.write_text("as it was", "utf-8")
    for name, code in (("out.pdf", "format_unknown"), ("no/out.xlsx", "folder_missing")):
        with pytest.raises(UsageError) as refused:
            write_ledger(shishi.store, found, tmp_path / name, "zh")
        assert refused.value.code == code

    def fail(*_: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("geo_risk.export.sheets.neutral", fail)
    with pytest.raises(RuntimeError):
        write_ledger(shishi.store, found, out, "zh")
    assert out.read_text("utf-8") == "as it was"
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_the_ledger_is_plain_json(shishi: Demo) -> None:
    told = ledger(shishi.store, TODAY).as_json()
    assert json.loads(json.dumps(told)) == told
    assert suggested_levels()[Grade.RED] == "city"
