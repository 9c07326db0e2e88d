"""Travel times by road: 200 sites to 20,000 demands on the edges of a generated grid city, within
five minutes at 30 km/h.

From a graph of seconds and positions on its edges to all pairs within the limit with their
seconds. Peer: `networkx.single_source_dijkstra_path_length` from each site with the same cutoff, on
the same network already split at every position (splitting it is not counted; building our
matrix is). Both run in one process, after one small call; of ours the median of five calls
counts, and the peak is that of the process before the peer's work. Answers agree where the
pairs are the same and the seconds to 1e-9.
"""

from __future__ import annotations

import json
import resource
import statistics
import time
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np

from tests.bench.measuring import SEED, child

SIZES = (20_000,)
TINY = (200,)
SITES, LIMIT_S, SPEED_KMH, BLOCK_DEG = 200, 300.0, 30.0, 0.001
CHILD = "import sys; from tests.bench import bench_roads as b; b.told(int(sys.argv[1]))"


def city(demands: int) -> Any:
    """A square grid of streets 100 m apart, about two edges for each demand, every third street
    one-way, with its graph."""
    import shapely

    from geo_risk.roads.graph import road_graph
    from geo_risk.roads.network import roads_of_lines

    side = max(3, int(np.sqrt(demands / 2)))
    ticks = 24.7 + np.arange(side) * BLOCK_DEG
    along = [[(118.0 + x * BLOCK_DEG, y) for x in range(side)] for y in ticks]
    across = [[(118.0 + x * BLOCK_DEG, y) for y in ticks] for x in range(side)]
    lines = np.array([shapely.LineString(one) for one in (*along, *across)], dtype=object)
    rows = len(lines)
    oneway = [(0, 1, -1)[row % 3] for row in range(rows)]
    roads = roads_of_lines(lines, ["local"] * rows, oneway, [SPEED_KMH] * rows)
    return roads, road_graph(roads, roads.maxspeed_kmh)


def places(edges: int, count: int, draw: np.random.Generator) -> Any:
    """Positions drawn evenly over the edges."""
    from geo_risk.roads.snapping import Snapped

    edge = draw.integers(0, edges, count)
    return Snapped(edge.astype(np.int64), draw.uniform(0.01, 0.99, count), np.zeros(count))


def told(size: int) -> None:
    """Run both in this process and print what they took and whether they agree."""
    import networkx as nx

    from geo_risk.roads.travel import arrival_s
    from tests.oracles import road_travel as slow

    draw = np.random.default_rng(SEED)
    roads, graph = city(size)
    sites, demands = (places(len(roads), n, draw) for n in (min(SITES, size), size))
    arrival_s(graph, places(len(roads), 2, draw), places(len(roads), 2, draw), 10.0)
    seconds = []
    for _ in range(5):
        start = time.process_time()
        ours = arrival_s(graph, sites, demands, LIMIT_S)
        seconds.append(time.process_time() - start)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    edges = list(zip(*(a.tolist() for a in (graph.u, graph.v, graph.along_s, graph.against_s)),
                     strict=True))  # fmt: skip
    at = [list(zip(p.edge.tolist(), p.share.tolist(), strict=True)) for p in (sites, demands)]
    split = slow.split_graph(edges, [*at[0], *at[1]])
    start = time.process_time()
    theirs = [
        nx.single_source_dijkstra_path_length(split, site, cutoff=LIMIT_S, weight="s")
        for site in at[0]
    ]
    theirs_s = time.process_time() - start
    expected = [[found.get(one, np.inf) for one in at[1]] for found in theirs]
    print(
        json.dumps(
            {
                "ours_s": statistics.median(seconds),
                "theirs_s": theirs_s,
                "peak_mb": peak_mb,
                "pairs": int(ours.nnz),
                "nodes": graph.nodes,
                "agree": _agree(ours, np.array(expected, float)),
            }
        )
    )


def _agree(ours: Any, expected: Any) -> bool:
    mine = np.full(ours.shape, np.inf)
    mine[np.repeat(np.arange(ours.shape[0]), np.diff(ours.indptr)), ours.indices] = ours.data
    return bool(np.allclose(mine, expected, rtol=1e-9, atol=1e-9))


def rows(sizes: Sequence[int]) -> list[dict[str, Any]]:
    """A row for each number of demands."""
    found = []
    for size in sizes:
        one = child(CHILD, str(size)).answer
        times = one["theirs_s"] / one["ours_s"] if one["ours_s"] else 0.0
        found.append(
            {
                "work": "travel times by road within 5 minutes",
                "size": f"{min(SITES, size)} sites, {size:,} demands, {one['nodes']:,} nodes",
                "peer": "networkx single_source_dijkstra_path_length",
                "peer_version": version("networkx"),
                "ours_cpu_s": one["ours_s"],
                "peer_cpu_s": one["theirs_s"],
                "ratio": one["ours_s"] / one["theirs_s"] if one["theirs_s"] else None,
                "peak_mb": one["peak_mb"],
                "answers_agree": one["agree"],
                "note": f"{one['pairs']:,} pairs; {times:.0f} times as fast; "
                "MB of the whole process with libraries",
            }
        )
    return found
