"""Roads: travel times and reached pieces agree with networkx on a network split everywhere."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_risk.roads.crossings import with_crossings
from geo_risk.roads.graph import RoadGraph, parts_of, road_graph
from geo_risk.roads.isochrones import isochrones
from geo_risk.roads.network import roads_of_lines
from geo_risk.roads.reached import reached, rest_of
from geo_risk.roads.snapping import Snapped, snap
from geo_risk.roads.travel import arrival_s, escape_s, node_times_s
from tests.oracles import road_travel as slow

NODES = 6
seconds = st.integers(1, 40).map(float)
edges = st.lists(
    st.tuples(
        st.integers(0, NODES - 1),
        st.integers(0, NODES - 1),
        seconds | st.just(math.inf),
        seconds | st.just(math.inf),
    ),
    min_size=1,
    max_size=10,
)
shares = st.integers(0, 8).map(lambda eighth: eighth / 8)


@st.composite
def networks(draw: st.DrawFn) -> tuple[list[slow.Edge], list[slow.Position], list[slow.Position]]:
    made = draw(edges)
    places = st.lists(st.tuples(st.integers(0, len(made) - 1), shares), min_size=1, max_size=4)
    return made, draw(places), draw(places)


def graph_of(made: list[slow.Edge]) -> RoadGraph:
    u, v, along_s, against_s = (np.array(part) for part in zip(*made, strict=True))
    return RoadGraph(NODES, u.astype(np.int32), v.astype(np.int32), along_s, against_s)


def snapped(places: list[slow.Position]) -> Snapped:
    edge, share = (np.array(part) for part in zip(*places, strict=True))
    return Snapped(edge.astype(np.int64), share.astype(float), np.zeros(len(edge)))


def dense(found: object) -> np.ndarray:
    table = np.full(found.shape, np.inf)
    for row in range(found.shape[0]):
        part = slice(found.indptr[row], found.indptr[row + 1])
        table[row, found.indices[part]] = found.data[part]
    return table


@settings(deadline=None, max_examples=150)
@given(networks(), st.integers(0, 120))
def test_times_agree_with_a_network_split_at_every_position(made, limit_s):
    rows, sites, demands = made
    expected = np.array(slow.times_s(rows, sites, demands), float)
    expected[expected > limit_s] = np.inf
    graph = graph_of(rows)
    found = arrival_s(graph, snapped(sites), snapped(demands), limit_s)
    np.testing.assert_allclose(dense(found), expected, rtol=1e-12)
    back = np.array(slow.times_s(rows, demands, sites), float).T
    back[back > limit_s] = np.inf
    fled = escape_s(graph, snapped(sites), snapped(demands), limit_s)
    np.testing.assert_allclose(dense(fled), back, rtol=1e-12)


@settings(deadline=None, max_examples=100)
@given(networks(), st.integers(0, 80), st.integers(0, 80))
def test_pieces_hold_what_is_reached_in_time_and_nothing_else(made, one_s, other_s):
    rows, sites, _ = made
    low_s, high_s = sorted((one_s, other_s))
    graph, places = graph_of(rows), snapped(sites)
    node_s = node_times_s(graph, places, high_s)
    less, more = (reached(graph, places, node_s, limit_s) for limit_s in (low_s, high_s))
    assert covers(more, less)
    inner = sorted(
        {
            (edge, share)
            for edge in range(len(rows))
            for ends in (more.begin[more.edge == edge], more.end[more.edge == edge])
            for end in ends
            for share in (end - 1e-6, end, end + 1e-6, end / 2)
            if 0 < share < 1
        }
    )
    if not inner:
        return
    times = np.min(slow.times_s(rows, sites, inner), axis=0)
    for (edge, share), time_s in zip(inner, times, strict=True):
        if abs(time_s - high_s) > 1e-9:
            assert holds(more, edge, share) == (time_s < high_s)
    rest = rest_of(more, len(rows))
    total = (more.end - more.begin).sum() + (rest.end - rest.begin).sum()
    assert total == pytest.approx(len(rows))


def holds(pieces, edge, share):
    own = pieces.edge == edge
    return bool(((pieces.begin[own] <= share) & (share <= pieces.end[own])).any())


def covers(more, less):
    return all(
        any(
            begin <= from_ and to <= end
            for begin, end in zip(
                more.begin[more.edge == edge], more.end[more.edge == edge], strict=True
            )
        )
        for edge, from_, to in zip(less.edge, less.begin, less.end, strict=True)
    )


grid_points = st.tuples(st.integers(0, 4), st.integers(0, 4))


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.tuples(grid_points, grid_points).filter(lambda p: p[0] != p[1]), min_size=1),
    st.lists(st.integers(0, 300), min_size=1, max_size=4),
    st.tuples(st.integers(0, 40), st.integers(0, 40)),
)
def test_areas_are_valid_nest_and_hold_the_road_they_count(pairs, limits_s, at):
    lines = shapely.linestrings(np.array(pairs) * 0.004 + [118.6, 24.7])
    roads = roads_of_lines(lines, ["local"] * len(lines), [0] * len(lines), [30.0] * len(lines))
    graph = road_graph(roads, roads.maxspeed_kmh)
    site = snap(roads, [118.6 + at[0] / 2500], [24.7 + at[1] / 2500], limit_m=1e6)
    found = isochrones(roads, graph, site, limits_s)
    assert [one.limit_s for one in found] == sorted(limits_s)
    assert parts_of(roads, graph).length_m.sum() == pytest.approx(roads.length_m.sum())
    for one in found:
        assert one.area.is_valid and one.area_m2 > 0
        assert one.length_m <= roads.length_m.sum() * (1 + 1e-9)
        assert one.area.covers(shapely.multilinestrings(one.lines))
    for less, more in pairwise(found):
        assert more.area.covers(less.area) and more.length_m >= less.length_m


def run_over_each_other(lines):
    pairs = shapely.STRtree(lines).query(lines, predicate="intersects")
    met = shapely.intersection(*(lines[part[pairs[0] < pairs[1]]] for part in pairs))
    return bool((shapely.length(met) > 0).any())


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(grid_points, grid_points).filter(lambda p: p[0] != p[1]), min_size=1))
def test_crossings_cut_lines_where_geos_cuts_them(pairs):
    whole = np.asarray(shapely.linestrings(np.array(pairs, float)))
    if run_over_each_other(whole):
        return
    lines, rows = shapely.transform(whole, lambda xy: xy * 0.01 + [118.5, 24.5]), len(pairs)
    given_as = (["local"] * rows, [0] * rows, [30.0] * rows)
    roads = roads_of_lines(with_crossings(lines), *given_as)
    expected = shapely.get_parts(shapely.node(shapely.multilinestrings(whole)))
    assert len(roads) == len(expected)
    assert shapely.length(roads.lines).sum() == pytest.approx(shapely.length(lines).sum())
