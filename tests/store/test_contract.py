"""What every store keeps to, whether it is a GeoPackage or PostGIS."""

from __future__ import annotations

import itertools
import threading
import time

import pytest
import shapely
import sqlalchemy as sa

from geo_risk.errors import ConflictError, NotFoundError, StoreError
from geo_risk.store import Query, Store, open_store
from tests.store.records import LAYER, content, ids, put, record, undo


def test_put_tells_new_changed_and_unchanged_apart(store: Store) -> None:
    spec = store.spec(LAYER)
    with store.batch("import") as first:
        result = first.put(spec, [record("A"), record("B")], "one.csv")
    assert (result.inserted, result.updated, result.unchanged) == (2, 0, 0)
    with store.batch("import") as second:
        result = second.put(spec, [record("A"), record("B", lat=24.74), record("C")], "two.csv")
    assert (result.inserted, result.updated, result.unchanged) == (1, 1, 1)
    rows = {row["id"]: row for row in store.features(Query(LAYER))}
    assert {key: row["version"] for key, row in rows.items()} == {"A": 1, "B": 2, "C": 1}
    assert [rows[key]["source"] for key in "ABC"] == ["one.csv", "two.csv", "two.csv"]
    assert [rows[key]["batch"] for key in "ABC"] == [first.id, second.id, second.id]
    assert rows["B"]["geom"] == record("B", lat=24.74)["geom"]
    assert {row["updated_at"][-1] for row in rows.values()} == {"Z"}


def test_a_box_is_exact_although_its_index_is_not(store: Store) -> None:
    east, inside, nudge = 118.65, 24.73, 1e-9
    put(
        store,
        record("on_the_edge", east, inside),
        record("outside", east + nudge, inside),
        record("no_place", None),
    )
    box = (118.6, 24.7, east, 24.8)
    assert ids(store, bbox=box) == ["on_the_edge"]
    assert store.count(Query(LAYER, bbox=box)) == 1
    assert ids(store, bbox=(east + nudge, 24.7, 118.7, 24.8)) == ["outside"]
    assert store.count(Query(LAYER)) == 3


def test_a_box_meets_outlines_not_their_envelopes(store: Store) -> None:
    triangle = shapely.to_wkb(shapely.Polygon([(118.6, 24.7), (118.7, 24.7), (118.6, 24.8)]))
    put(store, {"id": "T", "name": "三角", "geom": triangle}, layer="enterprises")
    corner, hit = (118.69, 24.79, 118.7, 24.8), (118.64, 24.74, 118.66, 24.76)
    assert store.count(Query("enterprises", bbox=corner)) == 0
    assert store.count(Query("enterprises", bbox=hit)) == 1


def test_conditions_narrow_alone_and_together(store: Store) -> None:
    put(
        store,
        record("A", grade="red", town="350581100"),
        record("B", grade="blue", town="350581100"),
        record("C", grade="red", town="350581101"),
        record("D", 118.9, town="350581101"),
    )
    assert ids(store, grades=("red",)) == ["A", "C"]
    assert ids(store, grades=("red", "blue"), town="350581100") == ["A", "B"]
    assert ids(store, grades=("red",), town="350581101", bbox=(118, 24, 119, 25)) == ["C"]
    assert ids(store, bbox=(118.8, 24, 119, 25)) == ["D"]
    assert ids(store, ids=("B", "D", "Z")) == ["B", "D"]
    assert store.count_grades(Query(LAYER)) == {"red": 2, "blue": 1, "no_data": 1}
    assert store.count_grades(Query(LAYER, town="350581101")) == {"red": 1, "no_data": 1}


def test_names_are_found_literally(store: Store) -> None:
    names = {
        "percent": "染整100%棉",
        "underscore": "a_b",
        "plain": "axb 1000",
        "quote": "染整'; DROP TABLE risk_points; --",
        "backslash": "a\\b",
    }
    put(store, *(record(key) | {"name": name} for key, name in names.items()))
    wanted = {
        "100%": ["percent"],
        "a_b": ["underscore"],
        "'; DROP TABLE": ["quote"],
        "\\": ["backslash"],
        "染整": ["percent", "quote"],
        "AXB": ["plain"],
        "percent": ["percent"],
        "perc": [],
    }
    assert {text: ids(store, name=text) for text in wanted} == wanted


def test_pages_follow_the_id_and_lose_nobody(store: Store) -> None:
    keys = [f"{letter}{sign}{n}" for n in range(9) for letter in "bBaA" for sign in "_-"]
    put(store, *(record(key) for key in keys))
    pages = [ids(store, limit=10, offset=start) for start in range(0, len(keys), 10)]
    assert [key for page in pages for key in page] == sorted(keys)
    assert store.count(Query(LAYER, limit=3, offset=5)) == len(keys)


def test_history_is_only_ever_added_to(store: Store) -> None:
    history = store.schema.histories[LAYER]

    def versions() -> list[tuple]:
        columns = [history.c[n] for n in ("id", "version", "batch", "op", "name", "digest")]
        with store.reading() as connection:
            rows = connection.execute(sa.select(*columns).order_by(history.c.id, history.c.version))
            return [tuple(row) for row in rows]

    seen = [versions()]
    first = put(store, record("A"), record("B"))
    seen.append(versions())
    second = put(store, record("A", lat=24.75), record("B"))
    seen.append(versions())
    undo(store, second)
    seen.append(versions())
    undo(store, first)
    seen.append(versions())
    assert [len(rows) for rows in seen] == [0, 2, 3, 4, 6]
    for before, after in itertools.pairwise(seen):
        assert set(before) <= set(after)
    assert [(row[0], row[1], row[3]) for row in seen[-1]] == [
        ("A", 1, "put"),
        ("A", 2, "put"),
        ("A", 3, "put"),
        ("A", 4, "delete"),
        ("B", 1, "put"),
        ("B", 2, "delete"),
    ]


def test_undo_brings_the_export_back_byte_for_byte(store: Store, target: str) -> None:
    put(store, record("A", grade="red", score=320.0), record("B", None), record("C"))
    before = content(store)
    later = put(store, record("A", grade="blue"), record("B", 118.7), record("D"))
    assert content(store) != before
    undo(store, later)
    assert content(store) == before
    store.close()
    again = open_store(target)
    assert content(again) == before
    again.close()


def test_an_undo_can_be_undone_as_often_as_one_likes(store: Store) -> None:
    put(store, record("A"))
    without = content(store)
    batch = put(store, record("A", lat=24.75), record("B"))
    with_it = content(store)
    latest = batch
    for turn in range(1, 6):
        latest = undo(store, latest)
        assert content(store) == (without if turn % 2 else with_it)
        stands = {row["id"]: row["undone_by"] is None for row in store.rows("batches")}
        assert stands[batch] == (turn % 2 == 0), f"turn {turn}"
    with pytest.raises(ConflictError) as caught:
        undo(store, batch)
    assert caught.value.code == "batch_undone"


def test_several_batches_go_last_first_and_no_other_way(store: Store) -> None:
    states = [content(store)]
    batches = []
    for n in range(3):
        batches.append(put(store, record("A", lat=24.71 + n / 100), record(f"N{n}")))
        states.append(content(store))
    with pytest.raises(ConflictError) as caught:
        undo(store, batches[0])
    assert caught.value.code == "batch_changed_since"
    assert caught.value.got == "、".join(batches[1:])
    assert content(store) == states[-1]
    undo(store, batches[2])
    with pytest.raises(ConflictError) as caught:
        undo(store, batches[0])
    assert caught.value.got == batches[1], "only what still has to be undone is named"
    undo(store, batches[1])
    undo(store, batches[0])
    assert content(store) == states[0]


def test_versions_go_on_after_an_undo(store: Store) -> None:
    undo(store, put(store, record("A"), record("B")))
    assert store.feature(LAYER, "A") is None
    put(store, record("A"))
    row = store.feature(LAYER, "A")
    assert row is not None
    assert row["version"] == 3, "1 put, 2 undone, 3 put again"


def test_a_batch_that_fails_leaves_nothing(store: Store) -> None:
    put(store, record("A"))
    before, states = content(store), store.layer_states()
    with pytest.raises(RuntimeError), store.batch("import") as batch:
        batch.put(store.spec(LAYER), [record("A", lat=24.79), record("B")])
        raise RuntimeError
    assert content(store) == before
    assert store.layer_states() == states
    assert len(store.rows("batches")) == 1


def test_unknown_batch_and_layer_are_named(store: Store) -> None:
    with pytest.raises(NotFoundError) as caught:
        undo(store, "20000101T000000000-abcdef")
    assert caught.value.code == "batch_unknown"
    with pytest.raises(NotFoundError) as caught:
        store.count(Query("risk_points; --"))
    assert caught.value.code == "layer_unknown"
    assert store.rows("batches") == []


def test_only_layers_that_change_get_a_new_state(store: Store) -> None:
    batch = put(store, record("A"))
    put(store, {"id": "E", "name": "企业"}, layer="enterprises")
    before = store.layer_states()
    put(store, record("A"))
    assert store.layer_states() == before, "an unchanged import changes no state"
    put(store, record("A", lat=24.75))
    undo(store, [row["id"] for row in store.rows("batches")][-1])
    undo(store, batch)
    after = store.layer_states()
    assert after[LAYER] == before[LAYER] + 3
    assert {k: v for k, v in after.items() if k != LAYER} == {"enterprises": 1}
    assert store.layer_state("towns") == 0


def test_one_writer_waits_for_the_other(store: Store, target: str) -> None:
    inside, done = threading.Event(), []

    def slow() -> None:
        other = open_store(target)
        with other.batch("import") as batch:
            batch.put(other.spec(LAYER), [record("slow")])
            inside.set()
            time.sleep(0.4)
            done.append("slow")
        other.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert inside.wait(10)
    assert ids(store) == [], "readers neither wait nor see half a batch"
    put(store, record("quick"))
    done.append("quick")
    thread.join()
    assert done == ["slow", "quick"]
    assert ids(store) == ["quick", "slow"]


def test_a_writer_that_waits_too_long_is_told(
    store: Store, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEO_RISK_WRITE_WAIT_SECONDS", "1")
    impatient = open_store(target)
    with store.batch("import") as batch:
        batch.put(store.spec(LAYER), [record("A")])
        with pytest.raises(StoreError) as caught:
            put(impatient, record("B"))
    assert caught.value.code == "store_busy"
    impatient.close()
    assert ids(store) == ["A"]


def test_a_reading_connection_cannot_write(store: Store) -> None:
    put(store, record("A"))
    with pytest.raises(StoreError), store.reading() as connection:
        connection.execute(store.schema.layers[LAYER].delete())
    assert ids(store) == ["A"]


def test_the_store_answers_as_of_a_moment(store: Store) -> None:
    put(store, record("A", grade="red"), record("B", grade="blue"))
    time.sleep(0.005)
    second = put(store, record("A", grade="yellow", lat=24.75), record("C"))
    between = store.feature(LAYER, "B")["updated_at"]
    then = {row["id"]: row["grade"] for row in store.features(Query(LAYER, as_of=between))}
    assert then == {"A": "red", "B": "blue"}
    undo(store, second)
    at_second = next(r["at"] for r in store.rows("batches") if r["id"] == second)
    now = {row["id"]: row["grade"] for row in store.features(Query(LAYER))}
    assert now == then
    assert store.count(Query(LAYER, as_of=at_second)) == 3
    moved = (118.0, 24.749, 119.0, 24.751)
    assert store.count(Query(LAYER, as_of=at_second, bbox=moved)) == 1
    assert store.count(Query(LAYER, as_of="1999-01-01T00:00:00.000Z")) == 0


def test_many_features_come_once_each_in_the_order_of_their_bytes(store: Store) -> None:
    names = [f"{prefix}{n}" for n in range(1500) for prefix in ("a", "B", "_")]
    put(store, *(record(name) for name in names))
    read = [row["id"] for row in store.features(Query(LAYER))]
    assert read == sorted(names)
    page = [row["id"] for row in store.features(Query(LAYER, limit=2500, offset=1000))]
    assert page == sorted(names)[1000:3500]
