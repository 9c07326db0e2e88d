"""GCJ-02 and BD-09 to WGS84 over China, with the error of each answer.

Errors are the largest distance from a scalar inverse iterated until it moves less than 1e-12
degrees; answers agree when ours is under a millimetre from it and the peer's under 10 m.
eviltransform takes one point a call, coordtransform whole columns in C; its inverse is one step.
Both are optional (`pip install geo-risk[bench]`); without one its row says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from geo_risk.datums import geodesic_distance_m, parse_datum, to_wgs84
from tests.bench.measuring import SEED, cpu_s
from tests.oracles import datums_offsets as oracle

SIZES = (100_000,)
TINY = (200,)
ORACLE_POINTS = 2_000
SAME_M = 10.0
"""Answers of the peers agree with ours within this: most of their inverses are one step."""
Point = tuple[float, float]
Convert = Callable[[Any, Any], Any]


def _eviltransform(datum: str) -> Convert:
    module = import_module("eviltransform")
    # Its better, iterating inverse where it has one; latitude first, one point a call.
    one = {"gcj02": module.gcj2wgs_exact, "bd09": module.bd2wgs}[datum]

    def convert(lon: Any, lat: Any) -> Any:
        found = np.array([one(y, x) for x, y in zip(lon.tolist(), lat.tolist(), strict=True)])
        return found[:, 1], found[:, 0]

    return convert


def _coordtransform(datum: str) -> Convert:
    module = import_module("coordTransform")
    named = {"gcj02": module.gcj02_to_wgs84, "bd09": module.bd09_to_wgs84}
    return named[datum]  # whole columns at once, in C


PEERS: dict[str, Callable[[str], Convert]] = {
    "eviltransform": _eviltransform,
    "coordtransform": _coordtransform,
}


def exact(lon: float, lat: float, datum: str) -> Point:
    """The inverse of the published algorithm, iterated until it moves less than 1e-12 degrees."""
    if datum == "bd09":
        lon, lat = _solved(oracle.gcj02_to_bd09, lon, lat)
    return _solved(oracle.wgs84_to_gcj02, lon, lat)


def _solved(forward: Callable[[float, float], Point], lon: float, lat: float) -> Point:
    x, y = lon, lat
    for _ in range(100):
        there_x, there_y = forward(x, y)
        step = lon - there_x, lat - there_y
        x, y = x + step[0], y + step[1]
        if max(abs(step[0]), abs(step[1])) < 1e-12:
            break
    return x, y


def rows(sizes: Sequence[int]) -> list[dict[str, Any]]:
    """A row for each number of points, datum and peer."""
    return [
        _row(size, datum, peer) for size in sizes for datum in ("gcj02", "bd09") for peer in PEERS
    ]


def _row(size: int, name: str, peer: str) -> dict[str, Any]:
    draw = np.random.default_rng(SEED)
    lon, lat = draw.uniform(75.0, 134.0, size), draw.uniform(18.0, 53.0, size)
    datum = parse_datum(name)
    some = min(size, ORACLE_POINTS)
    truth = np.array([exact(x, y, name) for x, y in zip(lon[:some], lat[:some], strict=True)])
    found: list[Any] = []

    def ours() -> None:
        found[:] = to_wgs84(lon, lat, datum)

    ours_s = cpu_s(ours)
    ours_m = _worst_m(np.column_stack([found[0][:some], found[1][:some]]), truth)
    peer_s, peer_m, peer_version = _measured(peer, name, lon, lat, truth)
    said = "peer not installed" if peer_s is None else f"{peer_m:.2g} m peer"
    return {
        "work": f"{name} to WGS84",
        "size": f"{size:,} points",
        "peer": peer,
        "peer_version": peer_version,
        "ours_cpu_s": ours_s,
        "peer_cpu_s": peer_s,
        "ratio": None if peer_s is None else ours_s / peer_s,
        "peak_mb": None,
        "answers_agree": ours_m < 0.001 and (peer_m is None or peer_m < SAME_M),
        "note": f"{size / ours_s:,.0f} points per CPU-second; largest error {ours_m:.1g} m, {said}",
    }


def _measured(
    peer: str, datum: str, lon: Any, lat: Any, truth: Any
) -> tuple[float | None, float | None, str]:
    """CPU seconds, largest error in metres and version of a peer; None without it."""
    try:
        convert, peer_version = PEERS[peer](datum), version(peer)
    except (ImportError, PackageNotFoundError):
        return None, None, "not installed"
    found: list[Any] = []

    def work() -> None:
        found[:] = convert(lon, lat)

    seconds = cpu_s(work)
    some = np.column_stack([np.asarray(part)[: len(truth)] for part in found])
    return seconds, _worst_m(some, truth), peer_version


def _worst_m(found: Any, truth: Any) -> float:
    return float(geodesic_distance_m(found[:, 0], found[:, 1], truth[:, 0], truth[:, 1]).max())
