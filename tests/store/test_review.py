"""Review entries through undo and redo: their state follows from the batches that stand."""

from __future__ import annotations

import json

import pytest

from geo_risk.errors import ConflictError
from geo_risk.store import Store
from tests.store.records import LAYER, put, record, undo


def _entry(key: str, address: str = "示例路", row: int = 2) -> dict:
    kept = {"row": row, "id": key, "address": address}
    lists = {"reasons": "[]", "candidates": "[]"}
    return {
        "row": row,
        "feature_id": key,
        "name": key,
        "address": address,
        "record": json.dumps(kept),
        "level": "town",
        **lists,
    }


def _queue(store: Store, *entries: dict, placed: tuple[str, ...] = ()) -> str:
    with store.batch("import", layer=LAYER) as batch:
        batch.put(store.spec(LAYER), [record(key) for key in placed], "test.csv")
        batch.queue.add(LAYER, entries, placed)
    return batch.id


def _settle(store: Store, number: int, how: str, *placed: str) -> str:
    with store.batch("review", layer=LAYER) as batch:
        batch.put(store.spec(LAYER), [record(key) for key in placed], "test.csv")
        batch.queue.settle([number], how, "看过现场")
    return batch.id


def _states(store: Store) -> list[str]:
    return [row["state"] for row in store.rows("review")]


@pytest.mark.parametrize("how", ["placed", "dismissed"])
def test_undo_opens_a_settled_entry_and_redo_settles_it_again(store: Store, how: str) -> None:
    _queue(store, _entry("A"), _entry("B"))
    number = store.rows("review")[0]["seq"]
    latest = _settle(store, number, how, *(["A"] if how == "placed" else []))
    assert _states(store) == [how, "open"]
    for state in ("open", how, "open"):
        latest = undo(store, latest)
        assert _states(store) == [state, "open"]


def test_an_entry_superseded_by_a_batch_undone_opens_only_if_its_own_stands(store: Store) -> None:
    first = _queue(store, _entry("A"))
    second = _queue(store, _entry("A", "别的路"))
    assert _states(store) == ["superseded", "open"]
    undone = undo(store, first)
    assert _states(store) == ["undone", "open"]
    undo(store, second)
    assert _states(store) == ["undone", "undone"]
    undo(store, undone)
    assert _states(store) == ["open", "undone"]


def test_the_same_entry_is_not_queued_twice_wherever_its_row_stands(store: Store) -> None:
    _queue(store, _entry("A"))
    _queue(store, _entry("A", row=9))
    assert _states(store) == ["open"]
    _queue(store, placed=("A",))
    assert _states(store) == ["superseded"]


def test_a_placed_row_holds_its_import(store: Store) -> None:
    queued = _queue(store, _entry("A"), placed=("B",))
    placed = _settle(store, store.rows("review")[0]["seq"], "placed", "A")
    with pytest.raises(ConflictError) as caught:
        undo(store, queued)
    assert (caught.value.code, caught.value.got) == ("batch_changed_since", placed)
    undo(store, placed)
    undo(store, queued)
    assert _states(store) == ["undone"]


def test_a_dismissed_row_does_not_hold_its_import(store: Store) -> None:
    queued = _queue(store, _entry("A"))
    dismissed = _settle(store, store.rows("review")[0]["seq"], "dismissed")
    back = undo(store, queued)
    assert _states(store) == ["undone"]
    undo(store, back)
    assert _states(store) == ["dismissed"]
    undo(store, dismissed)
    assert _states(store) == ["open"]
    assert put(store, record("Z"))


def test_an_entry_is_settled_once(store: Store) -> None:
    _queue(store, _entry("A"), _entry("B"))
    first, second = (row["seq"] for row in store.rows("review"))
    settled = _settle(store, first, "dismissed")
    with pytest.raises(ConflictError) as caught, store.batch("review", layer=LAYER) as batch:
        batch.queue.settle([first, second], "dismissed")
    assert (caught.value.code, caught.value.got) == ("review_settled", settled)
    assert _states(store) == ["dismissed", "open"]
    with store.batch("undo", undoes=settled) as batch:
        batch.undo(settled)
    assert batch.reopened == 1


def test_a_row_that_comes_under_another_id_closes_its_entry(store: Store) -> None:
    _queue(store, _entry("A"), _entry("B"))
    with store.batch("import", layer=LAYER) as batch:
        batch.put(store.spec(LAYER), [record("A2"), record("B2")], "test.csv")
        batch.queue.add(LAYER, [_entry("B")], ["A2", "B2"], {"A": "A2", "B": "B2"})
    assert _states(store) == ["superseded", "open"], "B itself waits still"
    undo(store, batch.id)
    assert _states(store) == ["open", "open"]
