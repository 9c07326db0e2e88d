"""Pairs of near and like units: 12 sectors, grades within 1, clustered points, 20 neighbours each.

From arrays of metric coordinates, sectors and grades to arrays of pairs with distances; the mean
of 20 is before sector and grade. Each runs in a process of its own, after one small call (so
compilation is not counted), and the median of its calls counts; the memory is the peak of the
process above what it held with the input, before the first full call. Peers: one
`scipy.spatial.cKDTree` per sector, then the grades; `geopandas.sjoin(predicate="dwithin")`, then
sector and grades (to 1,000,000 points, one call there). Answers agree where the sets of
pairs do, with the trees also those of all points within 30, 60 and 113 m.
"""

from __future__ import annotations

import hashlib
import json
import statistics
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.measuring import SEED, child

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
TINY = (2_000,)
RADIUS_M = 113.0
RADII_M = (30.0, 60.0, 113.0)
SECTORS = 12
CHILD = "import sys; from tests.bench import bench_neighbours as b; b.told(*sys.argv[1:])"
MOST_FOR_SJOIN = 1_000_000
Made = tuple[Any, Any, Any, Any]


def made(size: int) -> Made:
    """x and y in metres, sectors and grades: clusters of some 500 in a square of even density."""
    draw = np.random.default_rng(SEED)
    clusters = max(size // 500, 1)
    centre = draw.uniform(0.0, 60_000.0 * np.sqrt(size / 1e6), (clusters, 2))
    xy = centre[draw.integers(0, clusters, size)] + draw.normal(0.0, 400.0, (size, 2))
    x, y = xy[:, 0] + 6e5, xy[:, 1] + 2.7e6
    sector = draw.integers(0, SECTORS, size).astype(np.int32)
    return x, y, sector, draw.integers(0, 4, size).astype(np.int8)


def ours(data: Made) -> tuple[Any, Any, Any]:
    """By `pairs_within`."""
    from geo_risk.neighbours.pairs import pairs_within

    x, y, sector, grade = data
    found = pairs_within(x, y, RADIUS_M, sector=sector, grade=grade, grade_within=1)
    return found.i, found.j, found.distance_m


def trees(data: Made) -> tuple[Any, Any, Any]:
    """By one tree per sector."""
    from scipy.spatial import cKDTree

    x, y, sector, grade = data
    parts = []
    for one in range(SECTORS):
        rows = np.flatnonzero(sector == one)
        tree = cKDTree(np.column_stack([x[rows], y[rows]]))
        pairs = rows[tree.query_pairs(RADIUS_M, output_type="ndarray")]
        step = np.abs(grade[pairs[:, 0]] - grade[pairs[:, 1]])
        parts.append(pairs[step <= 1])
    i, j = np.concatenate(parts).T
    return i, j, np.hypot(x[i] - x[j], y[i] - y[j])


def sjoin(data: Made) -> tuple[Any, Any, Any]:
    """By a spatial join of all points, filtered afterwards."""
    import geopandas

    x, y, sector, grade = data
    points = geopandas.GeoSeries.from_xy(x, y, crs=32650)
    frame = geopandas.GeoDataFrame({"sector": sector, "grade": grade}, geometry=points)
    joined = geopandas.sjoin(frame, frame, predicate="dwithin", distance=RADIUS_M)
    i, j = joined.index.to_numpy(), joined["index_right"].to_numpy()
    near = np.abs(joined["grade_left"].to_numpy() - joined["grade_right"].to_numpy()) <= 1
    keep = (i < j) & near & (joined["sector_left"] == joined["sector_right"]).to_numpy()
    i, j = i[keep], j[keep]
    return i, j, np.hypot(x[i] - x[j], y[i] - y[j])


WORKS = {"ours": ours, "trees": trees, "sjoin": sjoin}


def told(who: str, size: str) -> None:
    """Run one of them in this process and print what it took and found."""
    n = int(size)
    data, work = made(n), WORKS[who]
    work(made(1_000))
    held = _reset_peak_mb()
    seconds = []
    for _ in range(1 if n > 1_000_000 or who == "sjoin" else 5):
        found = None
        start = time.process_time()
        found = work(data)
        seconds.append(time.process_time() - start)
    above_mb = _status_mb("VmHWM") - held
    assert found is not None
    i, j, distance_m = found
    told_: dict[str, Any] = {
        "cpu_s": statistics.median(seconds),
        "above_mb": above_mb,
        "pairs": len(i),
        "longest_m": float(distance_m.max(initial=0.0)),
        "found": _digest((i, j), n),
    }
    if who == "ours" and n <= 1_000_000:
        from geo_risk.neighbours.pairs import pairs_within

        told_["mean"] = 2 * len(pairs_within(data[0], data[1], RADIUS_M)) / n
    if n <= MOST_FOR_SJOIN and who != "sjoin":
        told_["near"] = [_digest(_near(who, data, radius_m), n) for radius_m in RADII_M]
    print(json.dumps(told_))


def _near(who: str, data: Made, radius_m: float) -> tuple[Any, Any]:
    """All pairs within a radius, whatever their sector and grade."""
    if who == "ours":
        from geo_risk.neighbours.pairs import pairs_within

        found = pairs_within(data[0], data[1], radius_m)
        return found.i, found.j
    from scipy.spatial import cKDTree

    tree = cKDTree(np.column_stack(data[:2]))
    i, j = tree.query_pairs(radius_m, output_type="ndarray").T
    return i, j


def _digest(pairs: tuple[Any, Any], n: int) -> str:
    i, j = pairs
    numbers = np.minimum(i, j).astype(np.int64) * n + np.maximum(i, j)
    numbers.sort()
    return hashlib.sha256(numbers.tobytes()).hexdigest()


def _reset_peak_mb() -> float:
    """Forget the process's peak so far (Linux); what it holds now."""
    Path("/proc/self/clear_refs").write_text("5")
    return _status_mb("VmRSS")


def _status_mb(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith(name))) / 1024


def rows(sizes: Sequence[int]) -> list[dict[str, Any]]:
    """A row for each size and peer."""
    found = []
    for size in sizes:
        mine = child(CHILD, "ours", str(size)).answer
        peers = ["trees", "sjoin"] if size <= MOST_FOR_SJOIN else ["trees"]
        found += [_row(size, mine, peer) for peer in peers]
    return found


def _row(size: int, mine: dict[str, Any], peer: str) -> dict[str, Any]:
    theirs = child(CHILD, peer, str(size)).answer
    name, package = {
        "trees": ("scipy cKDTree per sector", "scipy"),
        "sjoin": ("geopandas.sjoin dwithin, then filter", "geopandas"),
    }[peer]
    mean = f", {mine['mean']:.1f} neighbours in the mean" if "mean" in mine else ""
    return {
        "work": "pairs of near and like units",
        "size": f"{size:,} points",
        "peer": name,
        "peer_version": version(package),
        "ours_cpu_s": mine["cpu_s"],
        "peer_cpu_s": theirs["cpu_s"],
        "ratio": mine["cpu_s"] / theirs["cpu_s"] if theirs["cpu_s"] else None,
        "peak_mb": mine["above_mb"],
        "answers_agree": mine["found"] == theirs["found"]
        and theirs.get("near", mine.get("near")) == mine.get("near"),
        "note": f"{mine['pairs']:,} pairs{mean}; {theirs['cpu_s'] / mine['cpu_s']:.1f} times as "
        f"fast; MB above the input, peer's {theirs['above_mb']:.0f}",
    }
