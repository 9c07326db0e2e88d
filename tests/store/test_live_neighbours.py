"""The live index of a layer follows its store: imports, edits, undo, what has no position."""

from __future__ import annotations

import threading

import pytest
import shapely

from geo_risk.errors import NotFoundError, UsageError
from geo_risk.services import live_neighbours
from geo_risk.services.live_neighbours import neighbours_of, up_to_date
from geo_risk.store import Store
from tests.store.records import LAYER, put, record, undo

LON, LAT = 118.65, 24.73
STEP = 0.001  # about 101 m to the east


def near(store: Store, key: str, **asked) -> list[str]:
    return [one["id"] for one in neighbours_of(store, LAYER, key, **asked)]


def row(store: Store, n: int) -> None:
    """Units 0 to n - 1, each 101 m east of the one before."""
    put(store, *(record(f"u{i}", LON + i * STEP, LAT) for i in range(n)))


def test_neighbours_come_nearest_first_and_without_the_unit_itself(store):
    row(store, 8)
    found = neighbours_of(store, LAYER, "u0")
    assert [one["id"] for one in found] == ["u1", "u2", "u3", "u4"], "500 m by default"
    first = found[0]
    assert list(first) == ["id", "name", "distance_m", "grade", "industry", "lon", "lat"]
    assert first["distance_m"] == pytest.approx(101.1, abs=0.2)
    assert (first["name"], first["grade"]) == ("示例u1", "no_data"), "never a low grade"
    assert (first["lon"], first["lat"]) == pytest.approx((LON + STEP, LAT))
    assert near(store, "u3", k=3) == ["u2", "u4", "u1"]
    assert near(store, "u0", k=1000) == [f"u{i}" for i in range(1, 8)]
    assert near(store, "u0", radius_m=1) == []


def test_many_at_one_place_are_each_others_neighbours(store):
    put(store, *(record(f"s{i}", LON, LAT) for i in range(5)))
    assert near(store, "s4", radius_m=1) == ["s0", "s1", "s2", "s3"]
    assert near(store, "s4", k=2) == ["s0", "s1"]
    assert near(store, "s0", k=2) == ["s1", "s2"]


def test_an_outline_is_near_by_its_boundary(store):
    block = shapely.box(LON, LAT, LON + 5 * STEP, LAT + STEP)
    units = [{**record("plant"), "geom": shapely.to_wkb(block)}]
    units += [record("gate", LON + 6 * STEP, LAT), record("inside", LON + STEP, LAT + STEP / 2)]
    put(store, *units, layer="enterprises")
    found = neighbours_of(store, "enterprises", "plant", radius_m=150)
    assert [one["id"] for one in found] == ["inside", "gate"]
    assert found[0]["distance_m"] == 0
    assert found[1]["distance_m"] == pytest.approx(101.1, abs=0.2)
    (back,) = neighbours_of(store, "enterprises", "gate", radius_m=150)
    assert block.contains(shapely.Point(back["lon"], back["lat"]))


def test_the_index_is_brought_up_to_date_not_built_anew(store):
    row(store, 6)
    index = up_to_date(store, LAYER)
    assert up_to_date(store, LAYER) is index
    assert index.version == store.layer_state(LAYER)
    moved = put(store, record("u5", LON, LAT + STEP), record("new", LON, LAT - STEP / 2))
    assert near(store, "u0", k=3) == ["new", "u1", "u5"]
    undo(store, moved)
    assert near(store, "u0", k=9) == ["u1", "u2", "u3", "u4", "u5"]
    assert up_to_date(store, LAYER) is index
    assert index.version == store.layer_state(LAYER)


def test_a_unit_that_loses_its_position_leaves_and_says_so(store):
    row(store, 3)
    assert near(store, "u0") == ["u1", "u2"]
    put(store, record("u1", None))
    assert near(store, "u0") == ["u2"]
    with pytest.raises(UsageError, match="no usable position"):
        neighbours_of(store, LAYER, "u1")


def test_a_large_change_builds_the_index_anew(store, monkeypatch):
    row(store, 3)
    before = up_to_date(store, LAYER)
    put(store, *(record(f"x{i:04}", LON, LAT + i * 1e-5) for i in range(1_200)))
    after = up_to_date(store, LAYER)
    assert after is not before
    assert len(after) == 1_203


def test_pieces_of_a_long_layer_are_all_read(store, monkeypatch):
    monkeypatch.setattr(live_neighbours, "_READ_ROWS", 4)
    row(store, 8)
    assert len(up_to_date(store, LAYER)) == 8


def test_a_layer_that_was_empty_gets_its_index_with_the_first_position(store):
    assert up_to_date(store, LAYER) is None
    put(store, record("u0", None))
    assert up_to_date(store, LAYER) is None
    with pytest.raises(UsageError, match="no usable position"):
        neighbours_of(store, LAYER, "u0")
    put(store, record("u1"))
    assert len(up_to_date(store, LAYER)) == 1


def test_two_stores_have_two_indexes(store, tmp_path):
    from geo_risk.store import open_store

    other = open_store(str(tmp_path / "other.gpkg"), create=True)
    row(store, 3)
    put(other, record("alone"))
    assert (len(up_to_date(store, LAYER)), len(up_to_date(other, LAYER))) == (3, 1)
    other.close()


def test_who_asks_while_another_writes_sees_every_batch_that_was_finished_before(store):
    row(store, 2)
    wrong, stop = [], threading.Event()
    written = [2]

    def ask() -> None:
        while not stop.is_set():
            at_least = written[0]
            if (seen := len(up_to_date(store, LAYER))) < at_least:
                wrong.append((seen, at_least))

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for asker in askers:
        asker.start()
    for i in range(2, 22):
        put(store, record(f"u{i}", LON + i * STEP, LAT))
        written[0] = i + 1
    stop.set()
    for asker in askers:
        asker.join()
    assert wrong == []
    assert len(up_to_date(store, LAYER)) == 22


@pytest.mark.parametrize(
    "asked",
    [
        {"radius_m": 500.0, "k": 3},
        {"radius_m": 0.5},
        {"radius_m": 50_001.0},
        {"radius_m": float("nan")},
        {"k": 0},
        {"k": 1_001},
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_refused(store, asked):
    row(store, 2)
    with pytest.raises(UsageError):
        neighbours_of(store, LAYER, "u0", **asked)


def test_unknown_layers_and_units_are_named(store):
    with pytest.raises(NotFoundError, match="planets"):
        neighbours_of(store, "planets", "u0")
    with pytest.raises(NotFoundError, match="nobody"):
        neighbours_of(store, LAYER, "nobody")
    plain = [spec.id for spec in store.schema.specs.values() if not spec.geometry]
    for layer in plain:
        with pytest.raises(UsageError, match=layer):
            up_to_date(store, layer)
