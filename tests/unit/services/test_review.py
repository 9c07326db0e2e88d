"""The review queue: what waits, placing and dismissing it, and what outlives a new import."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shapely

from geo_risk.datums import geodesic_distance_m
from geo_risk.errors import ConflictError, GeoRiskError, InputError, NotFoundError, UsageError
from geo_risk.services import exports, imports, review
from geo_risk.services.hand_positions import keep_hand_positions
from geo_risk.store import Query, Record, Store
from tests.unit.services.conftest import Demo

LAYER = "risk_points"
HEADER = "编号,名称,地址,所属企业编号,L,E,C"
DOUBTFUL = "石狮市宝盖镇前圆村"
ROLLED_UP = (LAYER, "enterprises", "villages", "towns", "city")


def _take(store: Store, folder: Path, *rows: str) -> imports.ImportReport:
    path = folder / "待核.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n", "utf-8")
    return imports.import_file(store, path, LAYER, "wgs84")


def _queue(store: Store, folder: Path, key: str = "W1", address: str = DOUBTFUL) -> dict[str, Any]:
    _take(store, folder, f"{key},示例待核,{address},,10,10,100")
    return next(e for e in review.waiting(store, layer=LAYER) if e["feature_id"] == key)


def _exports(store: Store, folder: Path) -> dict[str, bytes]:
    found = {}
    for layer in ROLLED_UP:
        path = folder / "export.geojson"
        exports.export(store, layer, path, omit=("version", "batch", "updated_at"))
        found[layer] = path.read_bytes()
    return found


def _states(store: Store) -> dict[int, str]:
    return {row["seq"]: row["state"] for row in store.rows("review")}


def _again(entry: dict[str, Any], **changes: Any) -> Record:
    """The item an import of the same row would queue."""
    record = {**entry["record"], "row": 7, "geom": None, **changes}
    return {"record": record, "level": "town", "reasons": [], "candidates": []}


def test_the_demo_queue_says_what_waits_and_why(shishi: Demo) -> None:
    found = review.waiting(shishi.store)
    assert len({entry["number"] for entry in found}) == len(found) > 5
    for entry in found:
        assert entry["source"].endswith((".xlsx", ".csv"))
        assert entry["row"] > 1
        assert all(reason["zh"] and reason["en"] for reason in entry["reasons"])
        numbers = [candidate["n"] for candidate in entry["candidates"]]
        assert numbers == list(range(1, len(numbers) + 1))


def test_the_list_is_narrowed_by_layer_town_reason_and_state(shishi: Demo) -> None:
    def numbers(**conditions: str) -> set[int]:
        return {entry["number"] for entry in review.waiting(shishi.store, **conditions)}

    everything = numbers()
    town = "350581101"
    assert numbers(layer="enterprises") <= everything
    assert numbers(layer="cameras") == set()
    assert numbers(town=town) == numbers(town="宝盖镇") < everything
    assert numbers(town=town)
    assert numbers(reason="town_only") < everything
    assert numbers(reason="town_only") == {
        entry["number"]
        for entry in review.waiting(shishi.store)
        if "town_only" in [reason["code"] for reason in entry["reasons"]]
    }
    assert numbers(state="all") == everything
    assert numbers(state="dismissed") == set()
    with pytest.raises(UsageError, match="state"):
        numbers(state="lost")


def test_a_candidate_places_the_row_graded_and_an_undo_brings_it_back(
    own_shishi: Store, tmp_path: Path
) -> None:
    entry = _queue(own_shishi, tmp_path)
    before = _exports(own_shishi, tmp_path)
    told = review.place(own_shishi, entry["number"], candidate=1, note="电话核实")
    chosen = entry["candidates"][0]
    assert (told["level"], told["uncertainty_m"]) == ("village", chosen["uncertainty_m"])
    assert (told["town"], told["village"]) == (chosen["code"][:9], chosen["code"])
    assert told["grade"] == "red"
    row = own_shishi.feature(LAYER, told["id"]) or {}
    assert row["flags"] == "placed_by_hand"
    assert row["source"] == "待核.csv"
    point = shapely.from_wkb(row["geom"])
    assert (point.x, point.y) == (chosen["lon"], chosen["lat"])
    after = _exports(own_shishi, tmp_path)
    assert after["towns"] != before["towns"], "the town is graded by it at once"
    settled = next(
        e for e in review.waiting(own_shishi, state="placed") if e["number"] == entry["number"]
    )
    assert (settled["who"], settled["note"]) == ("local", "电话核实")
    assert settled["settled_by"] == told["batch"]

    undone = imports.undo(own_shishi, told["batch"])
    assert _exports(own_shishi, tmp_path) == before
    assert _states(own_shishi)[entry["number"]] == "open"
    imports.undo(own_shishi, undone["batch"])
    assert _exports(own_shishi, tmp_path) == after
    assert _states(own_shishi)[entry["number"]] == "placed"


def test_a_typed_position_is_converted_from_its_datum(own_shishi: Store, tmp_path: Path) -> None:
    entry = _queue(own_shishi, tmp_path)
    told = review.place(own_shishi, entry["number"], lon=118.65, lat=24.74, datum="gcj02")
    moved = geodesic_distance_m(told["lon"], told["lat"], 118.65, 24.74)[0]
    assert 550 < moved < 570
    row = own_shishi.feature(LAYER, told["id"]) or {}
    assert (row["datum_in"], row["position_in"]) == ("gcj02", "118.65,24.74")
    assert (row["level"], row["uncertainty_m"]) == ("point", 20.0)
    assert row["town"].startswith("350581")


@pytest.mark.parametrize(
    ("position", "code"),
    [
        ({}, "position_missing"),
        ({"lon": 118.65}, "position_missing"),
        ({"candidate": 1, "lon": 118.65, "lat": 24.74}, "position_missing"),
        ({"candidate": 0}, "candidate_unknown"),
        ({"candidate": 9}, "candidate_unknown"),
        ({"candidate": 3}, "candidate_too_coarse"),
        ({"lon": 118.65, "lat": 24.74}, "datum_missing"),
        ({"lon": 118.65, "lat": 24.74, "datum": "mars"}, "datum_unknown"),
        ({"lon": 24.74, "lat": 118.65, "datum": "wgs84"}, "coordinate_unconvertible"),
        ({"lon": float("nan"), "lat": 24.7, "datum": "wgs84"}, "coordinate_unconvertible"),
        ({"lon": 119.9, "lat": 24.0, "datum": "wgs84"}, "position_outside_city"),
        (
            {"lon": 118.65, "lat": 24.74, "datum": "wgs84", "uncertainty_m": -1},
            "uncertainty_invalid",
        ),
    ],
)
def test_what_is_no_place_is_refused_and_changes_nothing(
    own_shishi: Store, tmp_path: Path, position: dict[str, Any], code: str
) -> None:
    entry = _queue(own_shishi, tmp_path)
    batches = len(imports.batches(own_shishi))
    with pytest.raises((UsageError, InputError)) as caught:
        review.place(own_shishi, entry["number"], **position)
    assert caught.value.code == code
    assert all(caught.value.fix.values()), "it says what to do"
    assert len(imports.batches(own_shishi)) == batches
    assert _states(own_shishi)[entry["number"]] == "open"
    if code == "candidate_unknown":
        assert all(c["name"] in caught.value.fix["zh"] for c in entry["candidates"])


def test_a_settled_or_unknown_number_is_named(own_shishi: Store, tmp_path: Path) -> None:
    entry = _queue(own_shishi, tmp_path)
    batch = review.place(own_shishi, entry["number"], candidate=1)["batch"]
    for decide in (
        lambda: review.place(own_shishi, entry["number"], candidate=1),
        lambda: review.dismiss(own_shishi, [entry["number"]], "已注销"),
    ):
        with pytest.raises(ConflictError) as caught:
            decide()
        assert caught.value.got == batch
        assert batch in caught.value.fix["zh"]
    with pytest.raises(NotFoundError):
        review.place(own_shishi, 10**6, candidate=1)


def test_dismissing_keeps_who_when_and_why_and_all_or_none(own_shishi: Store) -> None:
    numbers = [entry["number"] for entry in review.waiting(own_shishi)][:2]
    with pytest.raises(NotFoundError):
        review.dismiss(own_shishi, [*numbers, 10**6], "已注销")
    with pytest.raises(UsageError) as caught:
        review.dismiss(own_shishi, numbers, "  ")
    assert caught.value.code == "reason_missing"
    assert {_states(own_shishi)[n] for n in numbers} == {"open"}
    told = review.dismiss(own_shishi, numbers, "已注销")
    kept = review.waiting(own_shishi, state="dismissed")
    assert [entry["number"] for entry in kept] == numbers
    assert {(e["who"], e["note"], e["settled_by"]) for e in kept} == {
        ("local", "已注销", told["batch"])
    }
    assert all(entry["settled_at"] for entry in kept)
    imports.undo(own_shishi, told["batch"])
    assert {_states(own_shishi)[n] for n in numbers} == {"open"}
    assert review.waiting(own_shishi, state="dismissed") == []


def test_an_import_whose_row_was_placed_since_is_not_undone_first(
    own_shishi: Store, tmp_path: Path
) -> None:
    entry = _queue(own_shishi, tmp_path)
    placed = review.place(own_shishi, entry["number"], candidate=1)["batch"]
    with pytest.raises(ConflictError) as caught:
        imports.undo(own_shishi, entry["batch"])
    assert caught.value.got == placed
    imports.undo(own_shishi, placed)
    imports.undo(own_shishi, entry["batch"])
    assert _states(own_shishi)[entry["number"]] == "undone"


def test_the_same_waiting_row_keeps_its_number(own_shishi: Store, tmp_path: Path) -> None:
    entry = _queue(own_shishi, tmp_path)
    states = _states(own_shishi)
    moved = _take(own_shishi, tmp_path, "V0,示例,,,1,1,1", f"W1,示例待核,{DOUBTFUL},,10,10,100")
    assert moved.unplaced == 2
    assert {k: v for k, v in _states(own_shishi).items() if k in states} == states
    changed = _queue(own_shishi, tmp_path, address="石狮市宝盖镇前")
    assert changed["number"] != entry["number"]
    assert _states(own_shishi)[entry["number"]] == "superseded"


def test_a_row_placed_by_hand_keeps_its_place_when_it_comes_again(
    own_shishi: Store, tmp_path: Path
) -> None:
    spec = own_shishi.spec(LAYER)
    entry = _queue(own_shishi, tmp_path)
    told = review.place(own_shishi, entry["number"], candidate=1)
    stored = own_shishi.feature(LAYER, told["id"]) or {}

    kept, queued, findings = keep_hand_positions(own_shishi, spec, [], [_again(entry)])
    assert (queued, findings) == ([], [])
    grades = {name: stored[name] for name in ("grade", "score", "profile", "reasons", "basis")}
    with own_shishi.batch("import", layer=LAYER) as batch:
        result = batch.put(spec, [{**kept[0], **grades}], "待核.csv")
    assert (result.unchanged, result.updated) == (1, 0), "the same file changes nothing"

    kept, queued, findings = keep_hand_positions(
        own_shishi, spec, [], [_again(entry, name="示例改名")]
    )
    assert queued == []
    assert [(f.row, f.code, f.outcome) for f in findings] == [(7, "position_kept", "noted")]
    assert kept[0]["name"] == "示例改名"
    names = ("geom", "level", "uncertainty_m", "town", "village")
    assert [kept[0][name] for name in names] == [stored[name] for name in names]


def test_a_geocoded_row_yields_to_the_hand_but_coordinates_do_not(
    own_shishi: Store, tmp_path: Path
) -> None:
    spec = own_shishi.spec(LAYER)
    entry = _queue(own_shishi, tmp_path)
    review.place(own_shishi, entry["number"], lon=118.65, lat=24.74, datum="wgs84")
    elsewhere = shapely.to_wkb(shapely.Point(118.7, 24.75))
    geocoded = {**_again(entry)["record"], "geom": elsewhere, "level": "village"}
    own = {**geocoded, "level": "point", "position_in": "118.7,24.75"}
    by_hand = shapely.to_wkb(shapely.Point(118.65, 24.74))
    for record, geom in ((geocoded, by_hand), (own, elsewhere)):
        kept, _, _ = keep_hand_positions(own_shishi, spec, [record], [])
        assert kept[0]["geom"] == geom


def test_a_dismissed_row_stays_dismissed_until_it_changes(
    own_shishi: Store, tmp_path: Path
) -> None:
    spec = own_shishi.spec(LAYER)
    entry = _queue(own_shishi, tmp_path)
    batch = review.dismiss(own_shishi, [entry["number"]], "不在本市")["batch"]
    kept, queued, findings = keep_hand_positions(own_shishi, spec, [], [_again(entry)])
    assert (kept, queued) == ([], [])
    assert [(f.code, f.outcome) for f in findings] == [("row_dismissed", "rejected")]
    assert "不在本市" in findings[0].message["zh"]
    assert batch in findings[0].fix["zh"]
    changed = _again(entry, address="石狮市宝盖镇前园村")
    assert keep_hand_positions(own_shishi, spec, [], [changed])[1] == [changed]
    imports.undo(own_shishi, batch)
    same = _again(entry)
    assert keep_hand_positions(own_shishi, spec, [], [same])[1] == [same]


def test_every_refusal_is_said_in_both_languages(own_shishi: Store) -> None:
    number = review.waiting(own_shishi)[0]["number"]
    with pytest.raises(GeoRiskError) as caught:
        review.dismiss(own_shishi, [number], "长" * 501)
    assert caught.value.code == "note_too_long"
    assert caught.value.say("zh") != caught.value.say("en")
    assert json.dumps(review.waiting(own_shishi), ensure_ascii=False)
    assert own_shishi.count(Query(LAYER)) > 0


def test_importing_the_same_file_again_changes_no_decision(
    own_shishi: Store, tmp_path: Path
) -> None:
    rows = [f"W{n},示例待核{n},{DOUBTFUL},,10,10,100" for n in (1, 2, 3)]
    first = _take(own_shishi, tmp_path, *rows)
    assert first.unplaced == 3
    mine = {e["feature_id"]: e["number"] for e in review.waiting(own_shishi, layer=LAYER)}
    review.place(own_shishi, mine["W1"], candidate=2)
    review.dismiss(own_shishi, [mine["W2"]], "不在本市")
    before, states = _exports(own_shishi, tmp_path), _states(own_shishi)
    again = _take(own_shishi, tmp_path, *rows)
    assert (again.stored, again.changed, again.rejected, again.unplaced) == (1, 0, 1, 1)
    assert _exports(own_shishi, tmp_path) == before
    assert _states(own_shishi) == states
    renamed = _take(own_shishi, tmp_path, rows[0].replace("示例待核", "示例改名"))
    assert (renamed.stored, renamed.changed) == (1, 1)
    assert "position_kept" in {finding.code for finding in renamed.findings}
    imports.undo(own_shishi, str(renamed.batch))
    assert _exports(own_shishi, tmp_path) == before


def test_the_faulty_original_does_not_queue_a_row_that_was_mended_since(
    own_shishi: Store, tmp_path: Path
) -> None:
    faulty = f"W1,示例待核,{DOUBTFUL},,10,10,100"
    _take(own_shishi, tmp_path, faulty)
    mended = _take(own_shishi, tmp_path, faulty.replace(DOUBTFUL, "石狮市宝盖镇前园村委会"))
    assert mended.stored == 1
    before, states = _exports(own_shishi, tmp_path), _states(own_shishi)
    again = _take(own_shishi, tmp_path, faulty)
    assert [(f.code, f.outcome) for f in again.rejects] == [("mended_since", "rejected")]
    assert again.unplaced == 0
    assert _exports(own_shishi, tmp_path) == before
    assert _states(own_shishi) == states
    imports.undo(own_shishi, str(mended.batch))
    assert _take(own_shishi, tmp_path, faulty).unplaced == 1


def test_coordinates_believed_later_do_not_move_what_was_placed_by_hand(
    own_shishi: Store, tmp_path: Path
) -> None:
    spec = own_shishi.spec(LAYER)
    own = {"position_in": "118.7,24.75", "datum_in": "wgs84"}
    entry = _queue(own_shishi, tmp_path)
    item = _again(entry, **own)
    with own_shishi.batch("import", layer=LAYER) as batch:
        batch.queue.add(LAYER, [imports._review_row(item)], [])
    number = next(n for n, state in sorted(_states(own_shishi).items(), reverse=True))
    review.place(own_shishi, number, lon=118.65, lat=24.74, datum="wgs84")
    by_hand = shapely.to_wkb(shapely.Point(118.65, 24.74))
    elsewhere = shapely.to_wkb(shapely.Point(118.7, 24.75))
    believed = {**item["record"], "geom": elsewhere, "level": "point", "flags": "pile_up"}
    kept, _, _ = keep_hand_positions(own_shishi, spec, [believed], [])
    assert (kept[0]["geom"], kept[0]["flags"]) == (by_hand, "placed_by_hand")
    for changed in ({"position_in": "118.7,24.76"}, {"datum_in": "gcj02"}):
        kept, _, _ = keep_hand_positions(own_shishi, spec, [{**believed, **changed}], [])
        assert kept[0]["geom"] == elsewhere, "other coordinates move it"


def test_of_two_who_decide_at_once_the_second_is_told(
    own_shishi: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = _queue(own_shishi, tmp_path)
    seen = review._open_entries(own_shishi, [entry["number"]])
    batch = review.place(own_shishi, entry["number"], candidate=1)["batch"]
    before = own_shishi.feature(LAYER, "W1")
    monkeypatch.setattr(review, "_open_entries", lambda *_: seen)
    for decide in (
        lambda: review.place(own_shishi, entry["number"], candidate=2),
        lambda: review.dismiss(own_shishi, [entry["number"]], "已注销"),
    ):
        with pytest.raises(ConflictError) as caught:
            decide()
        assert (caught.value.code, caught.value.got) == ("review_settled", batch)
    assert own_shishi.feature(LAYER, "W1") == before


def test_what_is_placed_while_a_file_is_read_stays_placed(
    own_shishi: Store, tmp_path: Path
) -> None:
    entry = _queue(own_shishi, tmp_path)

    def meanwhile(done: int, _total: int) -> None:
        if done == 4:
            review.place(own_shishi, entry["number"], candidate=1)

    path = tmp_path / "待核.csv"
    report = imports.import_file(own_shishi, path, LAYER, "wgs84", progress=meanwhile)
    assert (report.stored, report.changed, report.unplaced) == (1, 0, 0)
    states = [r["state"] for r in own_shishi.rows("review") if r["feature_id"] == "W1"]
    assert states == ["placed"]


def test_a_feature_of_the_same_name_is_told_when_placing(own_shishi: Store, tmp_path: Path) -> None:
    first, second = (_queue(own_shishi, tmp_path, key) for key in ("W1", "W2"))
    assert review.place(own_shishi, first["number"], candidate=1)["similar"] == []
    assert review.place(own_shishi, second["number"], candidate=1)["similar"] == ["W1"]


def test_undoing_a_dismissal_says_how_many_wait_again(own_shishi: Store, tmp_path: Path) -> None:
    entry = _queue(own_shishi, tmp_path)
    told = review.dismiss(own_shishi, [entry["number"]], "已注销")
    undone = imports.undo(own_shishi, told["batch"])
    assert (undone["features"], undone["reopened"]) == (0, 1)
