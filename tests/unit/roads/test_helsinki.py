"""Central Helsinki, as shipped: real one-way streets against networkx, and what stations cover."""

from __future__ import annotations

import numpy as np
import pytest

from geo_risk.resources import shipped
from geo_risk.roads.graph import RoadGraph, parts_of, road_graph
from geo_risk.roads.network import Roads
from geo_risk.roads.scenarios import loss_of_each
from geo_risk.roads.snapping import Snapped, snap
from geo_risk.roads.travel import arrival_s, escape_s
from geo_risk.services.road_files import read_roads
from tests.oracles import road_travel as slow

Network = tuple[Roads, RoadGraph]


@pytest.fixture(scope="module")
def helsinki() -> Network:
    file = read_roads(shipped("data") / "demo" / "helsinki" / "roads_edges.geojson")
    return file.roads, road_graph(file.roads, file.speed_kmh)


def every_five_metres(roads: Roads) -> tuple[Snapped, np.ndarray]:
    """Points in the middle of equal pieces of about 5 m, and the metres of each piece."""
    pieces = np.maximum(1, np.rint(roads.length_m / 5).astype(int))
    edge = np.repeat(np.arange(len(roads)), pieces)
    within = np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    share = (within + 0.5) / pieces[edge]
    return Snapped(edge, share, np.zeros(len(edge))), roads.length_m[edge] / pieces[edge]


def test_times_agree_with_networkx_both_ways(helsinki: Network) -> None:
    roads, graph = helsinki
    draw = np.random.default_rng(350581)
    sites, demands = (
        Snapped(draw.integers(0, len(roads), n), draw.uniform(0, 1, n), np.zeros(n))
        for n in (12, 150)
    )
    columns = (graph.u, graph.v, graph.along_s, graph.against_s)
    edges = list(zip(*(column.tolist() for column in columns), strict=True))
    one, other = (
        list(zip(part.edge.tolist(), part.share.tolist(), strict=True)) for part in (sites, demands)
    )
    there, back = slow.times_s(edges, one, other), slow.times_s(edges, other, one)
    for found, expected in (
        (arrival_s(graph, sites, demands, 1e6), np.array(there)),
        (escape_s(graph, sites, demands, 1e6), np.array(back).T),
    ):
        assert found.nnz == np.isfinite(expected).sum() > 1000
        assert found.toarray() == pytest.approx(np.where(np.isfinite(expected), expected, 0))


def test_what_a_station_covers_in_one_two_and_five_minutes(helsinki: Network) -> None:
    roads, graph = helsinki
    assert parts_of(roads, graph).number == 3
    points, metres = every_five_metres(roads)
    stations = snap(roads, roads.lon, roads.lat)
    assert len(stations.far) == 0
    best, cover = [], []
    for limit_s in (60, 120, 300):
        times = arrival_s(graph, stations, points, limit_s)
        times.data[:] = 1
        covered = times @ metres / metres.sum()
        best.append(int(covered.argmax()))
        cover.append(covered.max())
    assert cover == pytest.approx([0.267, 0.771, 0.932], abs=0.002)
    two = arrival_s(graph, Snapped(*(part[best[:2]] for part in (
        stations.edge, stations.share, stations.aside_m))), points, 120)  # fmt: skip
    assert loss_of_each(two, metres / metres.sum()).max() < 0.771
