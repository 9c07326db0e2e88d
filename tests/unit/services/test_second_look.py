"""Promises that are easily broken at the seams: ids, review, filters, other people's stores."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo_risk.errors import ConflictError, UsageError
from geo_risk.services import demo, exports, features, imports, review
from geo_risk.store import Query, Store, open_store

IN_CITY, AT_SEA = "118.65,24.73", "119.9,24.0"
HEADER = "编号,名称,所属企业编号,所属镇,经度,纬度,L,E,C"


def _csv(folder: Path, *rows: str) -> Path:
    path = folder / "rows.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n", "utf-8")
    return path


def _take(store: Store, folder: Path, *rows: str) -> imports.ImportReport:
    return imports.import_file(store, _csv(folder, *rows), "risk_points", "wgs84")


def test_a_good_row_is_not_the_duplicate_of_a_refused_one(
    own_shishi: Store, tmp_path: Path
) -> None:
    report = _take(own_shishi, tmp_path, f"T-1,甲,,,{AT_SEA},1,1,1", f"T-1,甲,,,{IN_CITY},1,1,1")
    assert report.stored == 1
    assert [(r.row, r.code) for r in report.rejects] == [(2, "position_outside_city")]
    again = _take(own_shishi, tmp_path, f"T-2,乙,,,{IN_CITY},1,1,1", "T-2,乙,,,,,1,1,1")
    assert [(r.row, r.code) for r in again.rejects] == [(3, "duplicate_row")]


def test_undo_brings_a_waiting_row_back_to_the_review_list(
    own_shishi: Store, tmp_path: Path
) -> None:
    def waiting() -> list[str]:
        return [row["feature_id"] for row in review.waiting(own_shishi)]

    _take(own_shishi, tmp_path, "T-3,丙,,,,,1,1,1")
    assert "T-3" in waiting()
    placed = _take(own_shishi, tmp_path, f"T-3,丙,,,{IN_CITY},1,1,1")
    assert "T-3" not in waiting()
    undone = imports.undo(own_shishi, placed.batch or "")
    assert "T-3" in waiting()
    imports.undo(own_shishi, undone["batch"])
    assert "T-3" not in waiting()


def test_what_belongs_to_nobody_is_said(own_shishi: Store, tmp_path: Path) -> None:
    report = _take(own_shishi, tmp_path, f"T-4,丁,NO_SUCH,999999999,{IN_CITY},3,6,15")
    assert {finding.code for finding in report.notes} == {"parent_unknown", "town_unknown"}
    assert report.by_grade["orange"] == 1
    row = own_shishi.feature("risk_points", "T-4")
    assert row is not None
    assert row["town"].startswith("350581")


def test_an_ungraded_layer_has_nothing_of_a_grade(own_shishi: Store) -> None:
    assert own_shishi.count(Query("targets", grades=("red",))) == 0
    assert own_shishi.count(Query("targets")) > 0


def test_a_feature_is_found_by_its_address_and_credit_code(own_shishi: Store) -> None:
    row = next(r for r in own_shishi.features(Query("enterprises")) if r["address"])
    found = features.search(own_shishi, row["credit_code"])
    assert [hit["id"] for hit in found] == [row["id"]]
    assert row["id"] in {hit["id"] for hit in features.search(own_shishi, row["address"])}


def test_two_stores_with_the_same_number_of_writes_have_different_states(tmp_path: Path) -> None:
    states = set()
    for name in ("one", "two"):
        store = open_store(str(tmp_path / f"{name}.gpkg"), create=True)
        _take(store, tmp_path, f"{name},甲,,,{IN_CITY},1,1,1")
        states.add(features.state(store))
        store.close()
    assert len(states) == 2


def test_a_demo_is_not_built_into_other_data_nor_taken_for_whole(tmp_path: Path) -> None:
    own = str(tmp_path / "own.gpkg")
    store = open_store(own, create=True)
    with store.writing() as connection:
        store.set_meta(connection, demo.STATE, "building")
    _take(store, tmp_path, f"A,甲,,,{IN_CITY},1,1,1")
    assert not demo.is_built(own), "interrupted"
    with store.writing() as connection:
        connection.execute(store.schema.meta.delete().where(store.schema.meta.c.key == demo.STATE))
    store.close()
    with pytest.raises(ConflictError):
        demo.is_built(own)


def test_a_map_into_a_folder_that_is_not_there_is_refused(
    own_shishi: Store, tmp_path: Path
) -> None:
    with pytest.raises(UsageError) as caught:
        exports.one_file_page(own_shishi, tmp_path / "none" / "map.html")
    assert caught.value.code == "folder_missing"


def test_an_address_of_another_kind_is_refused_without_its_password() -> None:
    with pytest.raises(UsageError) as caught:
        open_store("mysql://user:secret@host/db")
    assert "secret" not in caught.value.say("zh") + str(caught.value.as_json())
