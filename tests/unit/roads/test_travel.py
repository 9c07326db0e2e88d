"""Speeds, one-way roads, closures, snapping and areas on a network one can follow by hand."""

import numpy as np
import pytest
import shapely

from geo_risk.errors import CatalogueError, GeoRiskError, InputError, UsageError
from geo_risk.roads.graph import RoadGraph, closed_in, closed_rows, parts_of, road_graph
from geo_risk.roads.isochrones import isochrones
from geo_risk.roads.network import roads_of_lines
from geo_risk.roads.reached import reached
from geo_risk.roads.snapping import Snapped, check_near, position, snap
from geo_risk.roads.speeds import speeds_kmh, speeds_named
from geo_risk.roads.travel import arrival_s, escape_s, node_times_s

WEST, MIDDLE, EAST, NORTH = (118.60, 24.70), (118.61, 24.70), (118.62, 24.70), (118.61, 24.71)
ISLAND = [(118.60, 24.73), (118.61, 24.73)]
STEP_M = 1011.5
"""One hundredth of a degree of longitude there."""


def example(oneway=(0, 0, 0, 0), limit_kmh=(36.0, 36.0, 36.0, 36.0)):
    made = np.array(
        [
            shapely.LineString(path)
            for path in ([WEST, MIDDLE], [MIDDLE, EAST], [MIDDLE, NORTH], ISLAND)
        ],
        dtype=object,
    )
    roads = roads_of_lines(made, ["secondary"] * 4, oneway, limit_kmh)
    return roads, road_graph(roads, speeds_kmh(roads, speeds_named()))


def test_a_limit_counts_before_the_class_and_an_unknown_class_is_not_guessed():
    roads, graph = example(limit_kmh=(36.0, np.nan, np.nan, np.nan))
    assert graph.along_s[0] == pytest.approx(roads.length_m[0] / 10)
    assert graph.along_s[1] == pytest.approx(roads.length_m[1] / (40 / 3.6))
    assert np.isnan(speeds_kmh(roads, {"primary": 50.0})[1])
    with pytest.raises(UsageError, match="A speed is not valid"):
        road_graph(roads, speeds_kmh(roads, {}))
    with pytest.raises(UsageError, match="Use urban"):
        speeds_named("no such policy")


@pytest.mark.parametrize(
    "row", ["rush,trunk,0,,policy", "urban,trunk,50,,policy", "rush,trunk,fast,,policy"]
)
def test_a_city_adds_speeds_of_its_own_if_they_are_speeds(row, tmp_path, monkeypatch):
    head = "policy,class,speed_kmh,clause,verified\n"
    for name, line in (("good", "rush,trunk,22,本市实测,policy"), ("bad", row)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "road_speeds.csv").write_text(f"{head}{line}\n", "utf-8")
    monkeypatch.setenv("GEO_RISK_POLICIES_DIR", str(tmp_path / "good"))
    assert speeds_named("rush") == {"trunk": 22.0}
    assert speeds_named()["trunk"] == 60.0
    monkeypatch.setenv("GEO_RISK_POLICIES_DIR", str(tmp_path / "bad"))
    with pytest.raises(CatalogueError, match="table of speeds"):
        speeds_named()


def test_times_from_the_middle_of_one_road_to_the_middle_of_others():
    roads, graph = example()
    site = snap(roads, [118.605], [24.70])
    demands = snap(roads, [118.6075, 118.615, 118.605], [24.70, 24.70, 24.73])
    times = arrival_s(graph, site, demands, 1000.0)
    assert times.indices.tolist() == [0, 1]
    assert times.data == pytest.approx([STEP_M / 40, STEP_M / 10], rel=1e-3)
    assert arrival_s(graph, site, demands, 30.0).indices.tolist() == [0]


def test_one_way_roads_let_arrive_but_not_return():
    roads, graph = example(oneway=(1, -1, 0, 0))
    site, demand = snap(roads, [118.605], [24.70]), snap(roads, [118.61], [24.705])
    assert arrival_s(graph, site, demand, 1e4).nnz == 1
    assert escape_s(graph, site, demand, 1e4).nnz == 0
    east = snap(roads, [118.615], [24.70])
    assert arrival_s(graph, east, demand, 1e4).nnz == 1
    assert arrival_s(graph, site, east, 1e4).nnz == 0
    assert parts_of(roads, graph).one_way_trap_m == pytest.approx(
        roads.length_m[0] + roads.length_m[1] - STEP_M, rel=1e-2
    )


def test_a_point_on_a_node_may_take_any_road_from_there():
    roads, graph = example(oneway=(1, 1, 0, 0))
    site = snap(roads, [MIDDLE[0]], [MIDDLE[1]])
    assert site.share[0] in (0.0, 1.0)
    north, east = snap(roads, [118.61], [24.705]), snap(roads, [118.615], [24.70])
    assert arrival_s(graph, site, north, 1e4).nnz == arrival_s(graph, site, east, 1e4).nnz == 1


def test_parts_are_counted_the_longest_first():
    roads, graph = example()
    parts = parts_of(roads, graph)
    assert parts.number == 2 and parts.one_way_trap_m == 0
    assert parts.length_m.tolist() == pytest.approx([roads.length_m[:3].sum(), roads.length_m[3]])
    assert sorted(parts.of_node.tolist()) == [0, 0, 0, 0, 1, 1]


def test_a_closed_zone_and_closed_rows_cut_what_lies_behind_them():
    roads, _ = example()
    zone = shapely.box(118.604, 24.699, 118.606, 24.701)
    closed = closed_in(roads, [zone])
    assert closed.tolist() == closed_rows(roads, [0]).tolist() == [True, False, False, False]
    assert not closed_in(roads, []).any()
    graph = road_graph(roads, roads.maxspeed_kmh, closed)
    site, east = snap(roads, [118.605], [24.70]), snap(roads, [118.615], [24.70])
    assert arrival_s(graph, site, east, 1e4).nnz == 0
    assert parts_of(roads, graph).number == 3


def test_points_far_from_roads_are_named_with_their_distance():
    roads, _ = example()
    found = snap(roads, [118.605, 118.605, np.nan], [24.7001, 24.71, 24.7], limit_m=300)
    assert found.edge.tolist() == [0, -1, -1] and found.far.tolist() == [1, 2]
    assert found.aside_m[:2] == pytest.approx([11.08, 505.8], abs=0.1)
    assert position(roads, found)[0].y == pytest.approx(roads.crs.forward([118.605], [24.70])[1][0])
    with pytest.raises(InputError) as caught:
        check_near(found, ["a", "b", "c"], 300)
    assert caught.value.where == "b、c" and caught.value.got == "506 m, –"


def test_points_that_no_road_is_near_to_reach_nothing_and_are_not_lost():
    roads, graph = example()
    far, good = snap(roads, [100.0], [0.0]), snap(roads, [118.605], [24.70])
    assert arrival_s(graph, far, good, 1e4).shape == (1, 1)
    assert arrival_s(graph, far, good, 1e4).nnz == arrival_s(graph, good, far, 1e4).nnz == 0
    assert np.isinf(node_times_s(graph, far, 1e4)).all()
    none = snap(roads, [], [])
    assert arrival_s(graph, none, good, 10).shape == (0, 1)
    assert arrival_s(graph, good, none, 10).shape == (1, 0)
    assert isochrones(roads, graph, far, [60])[0].area.is_empty


def test_a_limit_that_is_none_and_a_stop_are_said():
    roads, graph = example()
    site = snap(roads, [118.605], [24.70])
    with pytest.raises(UsageError, match="limit_s"):
        arrival_s(graph, site, site, -1)
    with pytest.raises(GeoRiskError, match="Stopped"):
        arrival_s(graph, site, site, 1, stop=lambda: True)


def test_small_blocks_give_the_same_times(monkeypatch):
    roads, graph = example()
    lon = np.linspace(118.601, 118.619, 7)
    points = snap(roads, lon, np.full(7, 24.70))
    whole = arrival_s(graph, points, points, 120.0).toarray()
    monkeypatch.setattr("geo_risk.roads.travel.BLOCK_CELLS", 1)
    assert (arrival_s(graph, points, points, 120.0).toarray() == whole).all()
    assert whole == pytest.approx(whole.T)


def test_reached_road_is_cut_where_the_time_ends():
    roads, graph = example()
    site = snap(roads, [118.605], [24.70])
    pieces = reached(graph, site, node_times_s(graph, site, 60), 60)
    half_m = roads.length_m[0] / 2
    assert pieces.edge.tolist() == [0, 1, 2]
    assert pieces.length_m(roads) == pytest.approx(2 * half_m + 2 * (600 - half_m), rel=1e-4)
    short = reached(graph, site, node_times_s(graph, site, 60), 10)
    assert short.length_m(roads) == pytest.approx(200)


@pytest.mark.parametrize(
    ("side", "inner", "holes"),
    [(0.004, [], 0), (0.004, [[(118.601, 24.702), (118.603, 24.702)]], 1), (0.008, [], 1)],
)
def test_small_blocks_are_filled_where_no_road_in_them_is_left(side, inner, holes):
    east, north = 118.60 + side, 24.70 + side
    ring = [(118.60, 24.70), (east, 24.70), (east, north), (118.60, north), (118.60, 24.70)]
    made = np.array([shapely.LineString(path) for path in (ring, *inner)], dtype=object)
    rows = len(made)
    roads = roads_of_lines(made, ["local"] * rows, [0] * rows, [30.0] * rows)
    graph = road_graph(roads, roads.maxspeed_kmh)
    (one,) = isochrones(roads, graph, snap(roads, [118.60], [24.70]), [600])
    assert shapely.get_num_interior_rings(one.area) == holes


def test_the_example_of_the_method_page():
    one_way, both = np.array([30.0, 20.0]), np.array([np.inf, 20.0])
    ends = np.array([0, 1], np.int32), np.array([1, 2], np.int32)
    graph = RoadGraph(3, *ends, one_way, both)
    site = Snapped(np.array([0]), np.array([0.4]), np.zeros(1))
    demand = Snapped(np.array([1]), np.array([0.5]), np.zeros(1))
    assert arrival_s(graph, site, demand, 100).data == pytest.approx([28.0])
    assert escape_s(graph, site, demand, 100).nnz == 0
    pieces = reached(graph, site, node_times_s(graph, site, 25), 25)
    assert pieces.begin.tolist() == [0.4, 0.0]
    assert pieces.end == pytest.approx([1.0, 0.35])
