"""One changed unit linked again: moved in the live index, then its neighbours within 100 m.

The units are points in clusters, as dense at every size. The peer is the usual way without an index
that can change: a new `shapely.STRtree` of all units for each change, asked the same. Its CPU is
the mean of three changes. Answers agree where both find the same units for each of these.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from geo_risk.datums import MetricCRS
from geo_risk.neighbours import LiveIndex
from tests.bench.measuring import SEED

SIZES = (100_000, 1_000_000)
TINY = (500,)
CHANGES, COMPARED, RADIUS_M = 3_000, 3, 100.0


def units(size: int) -> Any:
    """Points in metres, shape (n, 2): clusters of 200 over a square that grows with them."""
    draw = np.random.default_rng(SEED)
    centres = draw.random((max(1, size // 200), 2)) * 10_000 * (size / 100_000) ** 0.5
    return centres[draw.integers(0, len(centres), size)] + draw.normal(0, 150, (size, 2))


def rows(sizes: Sequence[int]) -> list[dict[str, Any]]:
    """One row a size: CPU seconds of one change, the peer's, and whether they agree."""
    return [_row(size) for size in sizes]


def _row(size: int) -> dict[str, Any]:
    at = units(size)
    ids = [f"E{number:07}" for number in range(size)]
    start = time.process_time()
    index = LiveIndex(MetricCRS(32650), ids, at)
    load_s = time.process_time() - start
    draw = np.random.default_rng(SEED)
    moved = draw.integers(0, size, CHANGES).tolist()
    steps = draw.normal(0, 300, (CHANGES, 2))
    peer_s, agree = 0.0, True
    taken, wall = [], []
    for turn, (number, step) in enumerate(zip(moved, steps, strict=True)):
        at[number] += step
        place = tuple(at[number].tolist())
        began, start = time.perf_counter(), time.process_time()
        index.move(ids[number], place)
        found = index.within(place, RADIUS_M)
        taken.append(time.process_time() - start)
        wall.append(time.perf_counter() - began)
        if turn < COMPARED:
            start = time.process_time()
            tree = shapely.STRtree(shapely.points(at))
            hits = tree.query(shapely.Point(place), "dwithin", RADIUS_M)
            peer_s += (time.process_time() - start) / COMPARED
            agree = agree and sorted(one.id for one in found) == [ids[n] for n in sorted(hits)]
    worst_ms = float(np.percentile(wall, 99)) * 1e3
    ours_s = float(np.mean(taken))
    return {
        "work": "one changed unit linked again",
        "size": f"{size:,} units",
        "peer": "shapely.STRtree, built anew",
        "peer_version": shapely.__version__,
        "ours_cpu_s": ours_s,
        "peer_cpu_s": peer_s,
        "ratio": ours_s / peer_s,
        "peak_mb": None,
        "answers_agree": agree,
        "note": f"99 of 100 within {worst_ms:.2f} ms; loading takes {load_s:.2f} CPU s",
    }
