"""Lines become a network: where they are cut, what is one node, what each edge keeps."""

import numpy as np
import pytest
import shapely

from geo_risk.errors import InputError
from geo_risk.roads.crossings import with_crossings
from geo_risk.roads.network import roads_of_lines
from geo_risk.roads.tags import direction, speed_limit_kmh


def lines(*paths):
    return np.array([shapely.LineString(path) for path in paths], dtype=object)


def network(made, **more):
    rows = len(made)
    return roads_of_lines(made, ["local"] * rows, [0] * rows, [np.nan] * rows, **more)


A, B, C, D = (118.60, 24.70), (118.61, 24.70), (118.62, 24.70), (118.61, 24.71)


def test_a_line_is_cut_where_another_ends_on_its_vertex():
    roads = network(lines([A, B, C], [D, B]))
    assert len(roads) == 3 and len(roads.lon) == 4
    assert roads.source.tolist() == [0, 0, 1]
    middle = roads.v[0]
    assert (roads.lon[middle], roads.lat[middle]) == B
    assert roads.u[1] == middle == roads.v[2]


def test_lines_of_the_same_vertex_to_a_centimetre_meet_and_others_do_not():
    near, far = (B[0] + 4e-8, B[1]), (B[0] + 1e-6, B[1])
    assert len(network(lines([A, B, C], [D, near])).lon) == 4
    assert len(network(lines([A, B, C], [D, far]))) == 2


def test_lines_that_cross_without_a_vertex_meet_only_when_that_is_asked():
    made = lines([A, C], [D, (118.61, 24.69)])
    assert len(network(made)) == 2
    roads = network(with_crossings(made))
    assert len(roads) == 4 and len(roads.lon) == 5
    assert roads.length_m.sum() == pytest.approx(network(made).length_m.sum(), rel=1e-9)


def test_a_line_that_ends_on_another_is_joined_to_it_when_that_is_asked():
    made = lines([A, C], [D, (118.61, 24.70)])
    assert len(network(made)) == 2
    assert len(network(with_crossings(made))) == 3


def test_vertices_that_the_file_numbers_meet_by_number_only():
    bridge, below = [A, B, C], [D, B, (118.61, 24.69)]
    joined = network(lines(bridge, below), vertex_keys=[1, 2, 3, 4, 2**40, 6])
    assert len(joined) == 2 and len(joined.lon) == 4
    assert len(network(lines(bridge, below), vertex_keys=[1, 2, 3, 4, 2, 6])) == 4


def test_ends_that_the_file_numbers_are_the_nodes():
    made = lines([A, B], [B, C], [D, B])
    roads = network(made, end_keys=([10, 11, 13], [11, 12, 99]))
    assert len(roads.lon) == 5
    assert roads.v[0] == roads.u[1] and roads.v[2] != roads.v[0]


def test_lengths_are_those_on_the_ellipsoid():
    roads = network(lines([(118.6, 24.7), (118.6, 24.71)]))
    assert roads.length_m[0] == pytest.approx(1107.7, abs=0.5)


def test_edges_without_length_are_left_out_and_none_at_all_is_said():
    assert len(network(lines([A, A], [A, B]))) == 1
    with pytest.raises(InputError, match="no usable road"):
        network(lines([A, A]))
    with pytest.raises(InputError, match="no usable road"):
        network(np.zeros(0, dtype=object))


def test_a_ring_and_parallel_roads_stay():
    roads = network(lines([A, B, D, A], [A, D]))
    assert len(roads) == 3
    assert sorted(zip(roads.u.tolist(), roads.v.tolist(), strict=True)) == [(0, 1), (0, 1), (1, 0)]


def test_too_many_segments_to_cross_are_refused(monkeypatch):
    monkeypatch.setattr("geo_risk.roads.crossings.MAX_SEGMENTS", 1)
    with pytest.raises(InputError, match="Too many segments"):
        with_crossings(lines([A, B, C]))
    monkeypatch.undo()
    monkeypatch.setattr("geo_risk.roads.crossings.MAX_PAIRS", 0)
    with pytest.raises(InputError, match="Too many segments"):
        with_crossings(lines([A, B, C]))


@pytest.mark.parametrize(
    ("oneway", "junction", "road_class", "expected"),
    [
        ("yes", None, "primary", 1),
        (True, None, "primary", 1),
        ("1", None, "primary", 1),
        (1, None, "primary", 1),
        ("-1", None, "primary", -1),
        (-1, None, "primary", -1),
        ("no", None, "motorway", 0),
        (False, "roundabout", "", 0),
        (None, "roundabout", "", 1),
        (None, None, "motorway", 1),
        (None, None, "primary", 0),
        ("reversible", "roundabout", "", 0),
        ("单行", None, "", 1),
    ],
)
def test_the_direction_of_a_road(oneway, junction, road_class, expected):
    assert direction(oneway, junction, road_class) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("50", 50),
        (50, 50),
        (50.0, 50),
        ("50 km/h", 50),
        ("５０", 50),
        ("30 mph", 48.28032),
        *[(text, np.nan) for text in ("", None, "none", "signals", "RU:urban", "50;70", "0")],
        *[(text, np.nan) for text in ("4", "131", "-50", "1e9", True, "9" * 400)],
    ],
)
def test_a_speed_limit_is_used_where_it_is_sane(text, expected):
    assert speed_limit_kmh(text) == pytest.approx(expected, nan_ok=True)
