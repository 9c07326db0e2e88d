"""The live index: what it finds, what it refuses, how it stays whole under threads."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely

from geo_risk.datums import MetricCRS
from geo_risk.errors import NotFoundError, UsageError
from geo_risk.neighbours import LiveIndex
from tests.fuzz.hammer_index import Hammer

CRS = MetricCRS(32650)
NAN, INF = math.nan, math.inf
with np.errstate(invalid="ignore"):
    _broken = shapely.LineString([(0, 0), (NAN, 1), (2, 2)])
BAD_PLACES = {
    "nan point": (NAN, 1.0),
    "nan in y": (1.0, NAN),
    "infinite point": (1.0, INF),
    "nan box": (0.0, NAN, 1.0, 1.0),
    "infinite box": (0.0, 0.0, INF, 1.0),
    "inverted in x": (2.0, 0.0, 1.0, 1.0),
    "inverted in y, which rtree takes": (0.0, 2.0, 1.0, 1.0),
    "beyond the earth": (0.0, 2e9),
    "beyond the earth in x": (-2e9, 0.0),
    "three numbers": (1.0, 2.0, 3.0),
    "empty": shapely.Point(),
    "a line with one nan": _broken,
    "none": None,
}


@pytest.fixture
def index() -> LiveIndex:
    """A plant of 100 × 100 m with its corner at the origin, and three shops in a row east of it."""
    places = [shapely.box(0, 0, 100, 100), *(shapely.Point(x, 50) for x in (200, 300, 600))]
    return LiveIndex(CRS, ["plant", "a", "b", "c"], places, version=7)


def test_within_measures_from_boundary_to_boundary_and_the_radius_itself_counts(index):
    assert index.within(shapely.box(0, 0, 100, 100), 200) == [
        ("plant", 0.0),
        ("a", 100.0),
        ("b", 200.0),
    ]
    assert index.within((350.0, 50.0), 250) == [
        ("b", 50.0),
        ("a", 150.0),
        ("c", 250.0),
        ("plant", 250.0),
    ]
    assert index.within((350.0, 50.0), 249.999) == [("b", 50.0), ("a", 150.0)]


def test_a_radius_of_nothing_finds_what_is_there(index):
    assert index.within((50.0, 50.0), 0) == [("plant", 0.0)]
    assert index.within((200.0, 50.0, 300.0, 50.0), 0) == [("a", 0.0), ("b", 0.0)]
    assert index.within((150.0, 50.0), 0) == []


def test_nearest_looks_at_outlines_not_at_their_boxes():
    slanted = shapely.LineString([(0, 0), (1000, 1000)])
    index = LiveIndex(CRS, ["slanted", "shop"], [slanted, shapely.Point(900, -50)])
    assert index.nearest((900.0, 0.0), 1) == [("shop", 50.0)]
    assert [one.id for one in index.nearest((900.0, 0.0), 9)] == ["shop", "slanted"]


def test_of_equal_distance_the_lower_ids_come_first():
    index = LiveIndex(CRS, [f"u{n}" for n in (3, 1, 2, 0)], np.full((4, 2), 5.0))
    assert [one.id for one in index.nearest((0.0, 5.0), 2)] == ["u0", "u1"]
    assert [one.id for one in index.within((5.0, 5.0), 0)] == ["u0", "u1", "u2", "u3"]


def test_units_come_move_and_go(index):
    index.insert("d", (210.0, 50.0, 220.0, 60.0))
    assert [one.id for one in index.within((200.0, 50.0), 20)] == ["a", "d"]
    index.move("d", (5000.0, 5000.0))
    assert [one.id for one in index.within((200.0, 50.0), 20)] == ["a"]
    assert index.nearest((5000.0, 5001.0), 1) == [("d", 1.0)]
    assert index.shape("d") == shapely.Point(5000, 5000)
    index.delete("d")
    assert "d" not in index
    assert len(index) == 4
    assert index.nearest((5000.0, 5001.0), 1)[0].id == "c"


def test_an_index_that_starts_empty_and_one_that_is_emptied(index):
    fresh = LiveIndex(CRS)
    assert (len(fresh), fresh.within((0, 0), 100), fresh.nearest((0, 0), 3)) == (0, [], [])
    fresh.insert("first", (1.0, 0.0))
    assert fresh.nearest((0.0, 0.0), 3) == [("first", 1.0)]
    index.refresh(dict.fromkeys(["plant", "a", "b", "c"]), 8)
    assert (len(index), index.nearest((0.0, 0.0), 1)) == (0, [])


def test_refresh_takes_all_changes_at_once_and_the_version(index):
    assert index.version == 7
    index.refresh({"a": None, "never there": None, "b": (0.0, -10.0), "new": (0.0, -20.0)}, 9)
    assert index.within((0.0, -30.0), 30) == [("new", 10.0), ("b", 20.0), ("plant", 30.0)]
    assert (index.version, len(index)) == (9, 4)


@pytest.mark.parametrize("place", BAD_PLACES.values(), ids=BAD_PLACES)
def test_a_place_that_is_none_is_refused_by_the_name_of_its_unit(index, place):
    calls = {
        "insert": lambda: index.insert("new", place),
        "move": lambda: index.move("a", place),
        "load": lambda: LiveIndex(CRS, ["good", "new"], [(0.0, 0.0), place]),
    }
    for name, call in calls.items():
        with pytest.raises(UsageError) as refused:
            call()
        assert refused.value.code == "place_invalid"
        assert refused.value.where == ("a" if name == "move" else "new")
    assert len(index) == 4
    assert index.within((200.0, 50.0), 1) == [("a", 0.0)], "where it was"
    for ask in (lambda: index.within(place, 1), lambda: index.nearest(place, 1)):
        with pytest.raises(UsageError):
            ask()


def test_one_bad_change_leaves_the_index_as_it_was(index):
    with pytest.raises(UsageError, match="bad"):
        index.refresh({"a": None, "bad": (NAN, NAN)}, 8)
    assert (index.version, "a" in index) == (7, True)


def test_arrays_with_a_nan_name_the_row(index):
    with pytest.raises(UsageError, match="second"):
        LiveIndex(CRS, ["first", "second"], np.array([[0.0, 0.0], [0.0, NAN]]))
    with pytest.raises(UsageError, match="second"):
        LiveIndex(CRS, ["first", "second"], np.array([[0.0, 0, 1, 1], [0, 1, 1, 0]]))


def test_ids_are_known_once(index):
    with pytest.raises(UsageError, match="at a\\."):
        index.insert("a", (0.0, 0.0))
    with pytest.raises(UsageError, match="twice"):
        LiveIndex(CRS, ["twice", "twice"], [(0.0, 0.0), (1.0, 1.0)])
    with pytest.raises(UsageError, match="places as ids"):
        LiveIndex(CRS, ["one"], [])
    for call in (index.delete, index.shape, lambda key: index.move(key, (0.0, 0.0))):
        with pytest.raises(NotFoundError, match="nobody"):
            call("nobody")


@pytest.mark.parametrize("radius_m", [-1.0, NAN, INF])
def test_a_radius_is_finite_and_not_negative(index, radius_m):
    with pytest.raises(UsageError, match="radius_m"):
        index.within((0.0, 0.0), radius_m)


def test_no_neighbour_is_no_number_of_neighbours(index):
    with pytest.raises(UsageError, match="at k"):
        index.nearest((0.0, 0.0), 0)


def test_eight_threads_get_no_wrong_answer():
    told = Hammer(city=2_000).run(seconds=2.0, threads=8)
    assert told["wrong"] == 0, told["first_wrong"]
    for work in ("within", "nearest", "insert", "delete", "move", "refresh"):
        assert told[work] > 8, told


def test_a_unit_among_a_hundred_thousand_moves_in_under_a_millisecond():
    from time import thread_time

    draw = np.random.default_rng(1)
    at = draw.random((100_000, 2)) * 10_000
    index = LiveIndex(CRS, [f"u{n}" for n in range(len(at))], at)
    taken_s = []
    for n in range(500):
        start = thread_time()
        index.move(f"u{n}", (at[n][0] + 300, at[n][1]))
        taken_s.append(thread_time() - start)
    assert np.median(taken_s) < 1e-3
    assert len(index) == 100_000
