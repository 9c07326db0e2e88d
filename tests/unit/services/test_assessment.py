"""The assessment says what the store holds: every number against a plain count of the rows."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from geo_risk.assessment import Assessment, Tally, tables
from geo_risk.errors import NotFoundError, UsageError
from geo_risk.services import assessment_files, roll_ups
from geo_risk.services.assessment import assess
from geo_risk.services.ledger import ledger
from geo_risk.services.roll_ups import refresh_roll_ups
from geo_risk.store import Query, Store, open_store
from geo_risk.vocabulary import GRADES, SEVERITY, Grade

COUNTED = ("risk_points", "hazard_sources")


@pytest.fixture(scope="module")
def found(shishi: Any) -> Assessment:
    return assess(shishi.store)


def rows_of(store: Store, *layers: str) -> list[dict[str, Any]]:
    return [row for layer in layers for row in store.features(Query(layer))]


def counted(rows: list[dict[str, Any]]) -> tuple[int, ...]:
    grades = Counter(row["grade"] for row in rows)
    return tuple(grades[str(grade)] for grade in GRADES)


def test_the_key_figures_are_counts_of_the_rows(shishi: Any, found: Assessment) -> None:
    items = rows_of(shishi.store, *COUNTED)
    assert found.city.tally.counts == counted(items)
    assert found.city.name["zh"] == "石狮市"
    assert found.city.tally.total == len(items)
    layers = {figure.layer: figure.tally.counts for figure in found.layers}
    assert layers == {layer: counted(rows_of(shishi.store, layer)) for layer in COUNTED}
    enterprises = rows_of(shishi.store, "enterprises")
    assert found.enterprises == len(enterprises)
    assert found.enterprises_graded == sum(row["grade"] != "no_data" for row in enterprises)
    assert found.notice is not None, "the demo is synthetic and says so"


def test_hidden_dangers_are_counted_by_state_and_deadline(shishi: Any, found: Assessment) -> None:
    dangers = rows_of(shishi.store, "hidden_dangers")
    waiting = [row for row in dangers if row["state"] != "closed"]
    late = [r for r in waiting if r["state"] != "accepted" and r["deadline"] < found.made_at[:10]]
    assert found.dangers is not None
    assert (found.dangers.total, found.dangers.open) == (len(dangers), len(waiting))
    assert found.dangers.overdue == len(late) > 0
    assert found.dangers.major_open == sum(row["severity"] == "major" for row in waiting) > 0


def test_overdue_checks_are_those_of_the_ledger(shishi: Any, found: Assessment) -> None:
    today = date.fromisoformat(found.made_at[:10])
    lines = ledger(shishi.store, today).items
    late = [line for line in lines if line.state == "overdue"]
    assert found.checks.all.overdue.total == len(late) > 0
    assert found.checks.all.never == sum(line.state == "never_checked" for line in lines)
    by_town = {row.name["zh"]: row.overdue.total for row in found.checks.towns}
    assert by_town == {name: 0 for name in by_town} | dict(Counter(i.town_name for i in late))
    assert found.checks.stated_lower == sum(line.stated_is == "lower" for line in lines) > 0


def test_each_town_is_a_count_of_its_rows(shishi: Any, found: Assessment) -> None:
    items = rows_of(shishi.store, *COUNTED)
    for group in found.breakdown("town").groups:
        inside = [row for row in items if row["town"] == group.id]
        assert group.tally.counts == counted(inside), group.name
        graded = [row for row in inside if row["grade"] != "no_data"]
        weights = [{"red": 8, "orange": 4, "yellow": 2, "blue": 1}[r["grade"]] for r in graded]
        if graded:
            assert group.index == pytest.approx(sum(weights) / len(graded), abs=1e-4)
        else:
            assert (group.index, group.fill) == (None, Grade.NO_DATA)


@pytest.mark.parametrize("key", ["town", "industry", "division", "department"])
def test_breakdowns_of_everything_sum_to_the_city(found: Assessment, key: str) -> None:
    groups = found.breakdown(key).groups
    assert sum((group.tally for group in groups), Tally()) == found.city.tally
    worst = [SEVERITY[group.tally.worst] for group in groups]
    assert worst == sorted(worst, reverse=True), "the worst first"


def test_kinds_and_levels_are_counts_of_their_layer(shishi: Any, found: Assessment) -> None:
    points = rows_of(shishi.store, "risk_points")
    for group in found.breakdown("accident_type").groups:
        assert group.tally.counts == counted([r for r in points if r["accident_type"] == group.id])
    hazards = rows_of(shishi.store, "hazard_sources")
    for group in found.breakdown("unit_kind").groups:
        assert group.tally.counts == counted([r for r in hazards if r["unit_kind"] == group.id])
    levels = {group.id: group.tally for group in found.breakdown("hazard_level").groups}
    assert sum(levels.values(), Tally()).counts == counted(hazards)
    first = [r for r in hazards if '"level": "一级"' in r["reasons"]]
    assert levels["一级"].total == len(first) == 1
    without = sum(row["grade"] == "no_data" for row in hazards)
    assert levels["open"].total == levels["open"].of(Grade.NO_DATA) == without > 0


def test_villages_are_those_that_hold_red(shishi: Any, found: Assessment) -> None:
    items = rows_of(shishi.store, *COUNTED)
    red = Counter(row["village"] for row in items if row["grade"] == "red")
    listed = {g.id: g.tally.of(Grade.RED) for g in found.breakdown("village").groups}
    assert listed.pop("not_stated") == red.pop(None)
    assert listed == dict(red)


@pytest.mark.parametrize("layer", COUNTED)
def test_the_ten_worst_are_the_first_of_all_sorted(
    shishi: Any, found: Assessment, layer: str
) -> None:
    graded = [row for row in rows_of(shishi.store, layer) if row["grade"] != "no_data"]
    graded.sort(key=lambda r: (-SEVERITY[Grade(r["grade"])], -(r["score"] or -1.0), r["id"]))
    ranking = found.ranking(layer)
    assert [row.id for row in ranking.rows] == [row["id"] for row in graded[:10]]
    assert ranking.of == len(graded)
    assert all(row.reason and row.reason["zh"] and row.reason["en"] for row in ranking.rows)
    assert all(row.unit and row.where for row in ranking.rows)


def test_the_worst_enterprises_by_grade_and_number(shishi: Any, found: Assessment) -> None:
    of: dict[str, list[dict[str, Any]]] = {}
    for row in rows_of(shishi.store, *COUNTED):
        of.setdefault(row["enterprise_id"], []).append(row)
    graded = {key: counted(rows)[:4] for key, rows in of.items() if any(counted(rows)[:4])}
    first = {key: next(i for i, n in enumerate(c) if n) for key, c in graded.items()}
    order = sorted(graded, key=lambda key: (first[key], *(-n for n in graded[key]), key))
    ranking = found.ranking("enterprises")
    assert [row.id for row in ranking.rows] == order[:10]
    assert ranking.of == len(graded)


def test_what_has_no_grade_says_why(shishi: Any, found: Assessment) -> None:
    without = [row for row in rows_of(shishi.store, *COUNTED) if row["grade"] == "no_data"]
    assert sum(gap.count for gap in found.gaps) == len(without)
    codes = {gap.code for gap in found.gaps}
    assert {"input_missing", "score_unknown", "beta_needed", "substance_unknown"} <= codes
    waiting = Counter(r["layer"] for r in shishi.store.rows("review") if r["state"] == "open")
    assert {row.layer: row.count for row in found.unplaced} == dict(waiting)


def test_the_map_draws_every_red_and_orange_point_and_no_exact_hazard_source(
    shishi: Any, found: Assessment
) -> None:
    data = found.map
    assert data is not None
    assert data.epsg == 32650
    drawn = Counter(mark.grade for mark in data.marks)
    assert drawn[Grade.RED] + drawn[Grade.ORANGE] + data.undrawn == sum(found.city.tally.counts[:2])
    assert {mark.label for mark in data.marks} >= {str(n) for n in range(1, 11)} | {"a"}
    assert sum(mark.coarse for mark in data.marks) == 3, "hazard sources stand to about 1 km"
    held = sum(cell.count for cell in data.cells)
    assert held == found.city.tally.total
    assert {town.id for town in data.towns} <= {g.id for g in found.breakdown("town").groups}


def batch_of(store: Store, rows: list[dict[str, Any]], kind: str = "grade") -> str:
    with store.batch(kind, layer="risk_points") as batch:
        batch.put(store.spec("risk_points"), rows)
        refresh_roll_ups(store, batch)
        batch.info |= {"rows": len(rows), "stored": len(rows), "rejected": 0, "unplaced": 0}
    return batch.id


def regraded(row: dict[str, Any], grade: str, score: float) -> dict[str, Any]:
    why = {"code": "lec_product", "zh": f"D = {score:g}", "en": f"D = {score:g}", "clause": "x"}
    reasons = json.dumps([why], ensure_ascii=False)
    return {**row, "grade": grade, "score": score, "reasons": reasons}


def test_change_since_a_batch(own_shishi: Store) -> None:
    store = own_shishi
    points = rows_of(store, "risk_points")
    blue = next(row for row in points if row["grade"] == "blue")
    red = next(row for row in points if row["grade"] == "red")
    lost = next(row for row in points if row["grade"] == "yellow")
    gained = next(row for row in points if row["grade"] == "no_data")
    added = {**blue, "id": "NEW1", "source_key": "NEW1", "code": "NEW1", "name": "新增示例"}
    before = counted(rows_of(store, *COUNTED))
    changes = [
        regraded(blue, "red", 999.0),
        regraded(red, "orange", 200.0),
        regraded(lost, "no_data", 0.0),
        regraded(gained, "yellow", 100.0),
        added,
    ]
    batch = batch_of(store, changes)
    change = assess(store, batch).change
    assert change is not None
    assert change.batch == batch
    assert change.then.counts == before
    assert change.now.counts == counted(rows_of(store, *COUNTED))
    assert dict(change.counts) == {
        "worse": 1, "new": 1, "ungraded": 1, "better": 1, "graded": 1, "rules": 0,
        "removed": 0,
    }  # fmt: skip
    assert change.then.total + change.counts["new"] == change.now.total
    moved = {item.id: (item.kind, item.before, item.after) for item in change.moved}
    assert moved == {
        blue["id"]: ("worse", Grade.BLUE, Grade.RED),
        "NEW1": ("new", None, Grade.BLUE),
        lost["id"]: ("ungraded", Grade.YELLOW, Grade.NO_DATA),
        red["id"]: ("better", Grade.RED, Grade.ORANGE),
        gained["id"]: ("graded", Grade.NO_DATA, Grade.YELLOW),
    }
    said = {item.id: item.reason for item in change.moved}
    first = said[blue["id"]]
    assert first is not None
    assert first["zh"] == f"{json.loads(blue['reasons'])[1]['zh']} → D = 999"
    for group, then in change.towns:
        inside = [r for r in rows_of(store, *COUNTED) if r["town"] == group.id]
        assert group.tally.counts == counted(inside)
        old = [row for row in points if row["town"] == group.id]
        old += [row for row in rows_of(store, "hazard_sources") if row["town"] == group.id]
        assert then.counts == counted(old)


def test_what_an_undo_took_away_is_removed(own_shishi: Store) -> None:
    store = own_shishi
    row = next(row for row in rows_of(store, "risk_points") if row["grade"] == "red")
    batch = batch_of(store, [{**row, "id": "NEW1", "source_key": "NEW1", "code": "NEW1"}])
    with store.batch("undo", undoes=batch) as undo:
        undo.undo(batch)
        refresh_roll_ups(store, undo)
    change = assess(store, undo.id).change
    assert change is not None
    assert [(item.id, item.kind, item.before) for item in change.moved] == [
        ("NEW1", "removed", Grade.RED)
    ]
    assert change.moved[0].reason is not None


def test_nothing_changed_since_now(shishi: Any) -> None:
    now = datetime.now(UTC)
    moment = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    change = assess(shishi.store, moment, now=now + timedelta(seconds=1)).change
    assert change is not None
    assert (change.moved, change.then) == ((), change.now)


def test_a_batch_that_is_not_there_and_a_moment_ahead_are_refused(shishi: Any) -> None:
    with pytest.raises(NotFoundError) as unknown:
        assess(shishi.store, "20200101T000000000-abcdef")
    assert unknown.value.code == "batch_unknown"
    with pytest.raises(UsageError) as ahead:
        assess(shishi.store, "2999-01-01T00:00:00.000Z")
    assert ahead.value.code == "moment_ahead"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_table_is_worded_and_square(found: Assessment, lang: Any) -> None:
    for table in tables(found, lang):
        assert table.title
        assert all(column.label for column in table.columns)
        assert {len(row) for row in table.rows} <= {len(table.columns)}, table.key
        assert table.rows or table.empty


def test_the_numbers_agree_with_the_roll_up(shishi: Any, found: Assessment) -> None:
    towns = {area["id"]: area for area in roll_ups.rollup(shishi.store, "town")["areas"]}
    for group in found.breakdown("town").groups:
        assert group.tally.as_json() == towns[group.id]["counts"]
        assert (group.index, str(group.fill)) == (towns[group.id]["index"], towns[group.id]["fill"])


def test_a_store_without_anything_is_assessed_too(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "empty.gpkg"), create=True)
    try:
        found = assess(store)
    finally:
        store.close()
    assert found.city.tally == Tally()
    assert found.map is None
    page, book = tmp_path / "a.html", tmp_path / "a.xlsx"
    assert assessment_files.write_files(found, page, book, "zh") == [page, book]
    assert "没有带边界的城市" in page.read_text("utf-8")


def test_files_are_written_both_or_neither(found: Assessment, tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    blocked = tmp_path / "b.xlsx"
    blocked.mkdir()
    with pytest.raises(UsageError) as refused:
        assessment_files.write_files(found, page, blocked, "zh")
    assert refused.value.code == "file_unwritable"
    for bad in (tmp_path / "a.pdf", tmp_path / "none" / "a.html"):
        with pytest.raises(UsageError):
            assessment_files.write_files(found, bad, None, "zh")
    assert [path.name for path in tmp_path.iterdir()] == ["b.xlsx"]
