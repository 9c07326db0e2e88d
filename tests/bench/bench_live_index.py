"""One changed unit linked again: moved in the live index, then its links within 100 m with scores.

A link is what the default policy makes of distance, industry and tags of the two.

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
from geo_risk.neighbours.likeness import (
    Industries,
    Policy,
    Tags,
    business_likeness,
    industry_depth,
    link_score,
    meets,
    policy_named,
)
from geo_risk.neighbours.live import Near
from tests.bench.measuring import SEED

SIZES = (100_000, 1_000_000)
TINY = (500,)
CHANGES, COMPARED, RADIUS_M = 3_000, 3, 100.0
CODES = [("C", str(code)) for code in range(1310, 1430, 10)]
TAGS = [
    [("process", f"p{kind}"), ("process", f"p{kind + 1}"), ("substance", f"s{kind % 5}")]
    for kind in range(12)
]


def units(size: int) -> Any:
    """Points in metres, shape (n, 2): clusters of 200 over a square that grows with them."""
    draw = np.random.default_rng(SEED)
    centres = draw.random((max(1, size // 200), 2)) * 10_000 * (size / 100_000) ** 0.5
    return centres[draw.integers(0, len(centres), size)] + draw.normal(0, 150, (size, 2))


def linked(number: int, found: Sequence[Near], policy: Policy) -> list[str]:
    """The ids of the units that are linked to one, which is among those found."""
    own = f"E{number:07}"
    others = [one for one in found if one.id != own]
    if not others:
        return []
    kinds = [number % 12, *(int(one.id[1:]) % 12 for one in others)]
    i, j = np.zeros(len(others), np.int32), np.arange(1, len(kinds), dtype=np.int32)
    metres = np.array([one.distance_m for one in others])
    depth = industry_depth(Industries.of([CODES[kind] for kind in kinds]), i, j)
    business = business_likeness(Tags.of(TAGS[kind] for kind in kinds), i, j, policy)
    score = link_score(metres, depth, business, RADIUS_M, policy)
    kept = np.flatnonzero(meets(policy, depth, business, score)).tolist()
    return [others[at].id for at in kept]


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
    peer_s, agree, policy = 0.0, True, policy_named()
    taken, wall = [], []
    for turn, (number, step) in enumerate(zip(moved, steps, strict=True)):
        at[number] += step
        place = tuple(at[number].tolist())
        began, start = time.perf_counter(), time.process_time()
        index.move(ids[number], place)
        found = index.within(place, RADIUS_M)
        linked(number, found, policy)
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
