"""Closed roads and lost sites: which demands are no longer reached, and how much later others."""

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from geo_risk.roads.graph import closed_in, road_graph
from geo_risk.roads.network import roads_of_lines
from geo_risk.roads.scenarios import effect_of, loss_of_each, nearest_sites, soonest_s
from geo_risk.roads.snapping import snap
from geo_risk.roads.travel import arrival_s


def times(rows):
    """A table of seconds as CSR; None where a site does not come in time."""
    cells = [(i, j, s) for i, row in enumerate(rows) for j, s in enumerate(row) if s is not None]
    site, demand, seconds = (np.array(part) for part in zip(*cells, strict=True))
    return csr_array((seconds.astype(float), (site, demand)), shape=(len(rows), len(rows[0])))


def test_a_closed_road_is_told_by_whom_it_cuts_off_and_delays():
    ring = [(118.60, 24.70), (118.61, 24.70), (118.61, 24.71), (118.60, 24.71), (118.60, 24.70)]
    spur = [(118.61, 24.71), (118.61, 24.72)]
    lines = np.array([shapely.LineString(p) for p in (*pairwise(ring), spur)])
    roads = roads_of_lines(lines, ["local"] * 5, [0] * 5, [36.0] * 5)
    sites = snap(roads, [118.605], [24.70])
    demands = snap(roads, [118.61, 118.60, 118.61], [24.705, 24.705, 24.715])
    open_s = arrival_s(road_graph(roads, roads.maxspeed_kmh), sites, demands, 600)
    zone = shapely.box(118.6095, 24.7005, 118.6105, 24.701)
    shut = road_graph(roads, roads.maxspeed_kmh, closed_in(roads, [zone]))
    effect = effect_of(open_s, arrival_s(shut, sites, demands, 600))
    assert effect.unreachable.tolist() == [0]
    assert effect.slower.tolist() == [2]
    round_s = (roads.length_m[3] + roads.length_m[2] - roads.length_m[1]) / 10
    assert effect.delay_s == pytest.approx([round_s], rel=1e-3)


def test_the_worst_loss_is_the_site_that_most_weight_hangs_on():
    table = times([[10, 0, None], [None, 5, 7]])
    assert soonest_s(table).tolist() == [10, 0, 7]
    assert loss_of_each(table).tolist() == [1, 1]
    assert loss_of_each(table, [8, 100, 2]).tolist() == [8, 2]


cells = st.none() | st.integers(0, 9)


@settings(deadline=None)
@given(st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=5))
def test_losing_a_site_by_hand_gives_the_same(rows):
    rows[0][0] = 1
    table = times(rows)
    for site, lost in enumerate(loss_of_each(table, [4, 2, 1])):
        rest = [row for at, row in enumerate(rows) if at != site]
        expected = sum(
            weight
            for demand, weight in enumerate([4, 2, 1])
            if rows[site][demand] is not None and all(row[demand] is None for row in rest)
        )
        assert lost == expected


@settings(deadline=None)
@given(st.lists(st.lists(cells, min_size=3, max_size=3), min_size=2, max_size=5))
def test_the_second_soonest_tells_what_each_loss_delays(rows):
    rows[0][0] = 1
    table = times(rows)
    nearest, second_s = nearest_sites(table)
    for demand, column in enumerate(zip(*rows, strict=True)):
        came = [site for site, seconds in enumerate(column) if seconds is not None]
        first = min(came, key=lambda site: (column[site], site), default=-1)
        assert nearest[demand] == first
        others = (column[site] for site in came if site != first)
        assert second_s[demand] == min(others, default=np.inf)
    for site in range(len(rows)):
        effect = effect_of(table, table[np.arange(len(rows)) != site])
        mine = np.flatnonzero(nearest == site)
        late_s = second_s[mine] - soonest_s(table)[mine]
        assert effect.unreachable.tolist() == mine[np.isinf(late_s)].tolist()
        slower = np.isfinite(late_s) & (late_s > 0)
        assert effect.slower.tolist() == mine[slower].tolist()
        assert effect.delay_s.tolist() == late_s[slower].tolist()
