"""CPU time of one tile full of points, against mapbox-vector-tile in the same run."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any

import mapbox_vector_tile
import numpy as np

from geo_risk.render import mvt
from geo_risk.render.mercator import tile_coordinates

TILE = (9, 424, 219)
_GRADES = ("red", "orange", "yellow", "blue", "no_data")


def points(n: int) -> tuple[Any, Any, dict[str, list[str]]]:
    """Points over a city inside one tile, with the three properties of a risk tile."""
    random = np.random.default_rng(20261124)
    lon, lat = random.uniform(118.5, 118.8, n), random.uniform(24.6, 24.85, n)
    properties = {
        "id": [f"risk-{i:06d}" for i in range(n)],
        "name": [f"石狮市某某染整有限公司{i}号" for i in range(n)],
        "grade": [_GRADES[i % 5] for i in range(n)],
    }
    return lon, lat, properties


def _peer(lon: Any, lat: Any, properties: dict[str, list[str]]) -> bytes:
    places = np.rint(tile_coordinates(lon, lat, TILE)).astype(int).tolist()
    columns = [properties[key] for key in properties]
    features = [
        {
            "geometry": f"POINT({x} {y})",
            "properties": dict(zip(properties, held, strict=True)),
        }
        for (x, y), *held in zip(places, *columns, strict=True)
    ]
    layer = {"name": "a", "features": features}
    options = {"y_coord_down": True}
    return bytes(mapbox_vector_tile.encode([layer], default_options=options))


def _cpu_s(work: Callable[[], bytes], repeats: int) -> tuple[float, bytes]:
    times, answer = [], b""
    for _ in range(repeats):
        start = time.process_time()
        answer = work()
        times.append(time.process_time() - start)
    return min(times), answer


def _answer(tile: bytes) -> list[Any]:
    read = mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True})
    return [(f["geometry"], f["properties"]) for f in read["a"]["features"]]


def rows(sizes: Sequence[int]) -> list[dict[str, Any]]:
    """One row a size: our CPU seconds, the peer's, their ratio, peak memory, equal answers."""
    found = []
    for size in sizes:
        lon, lat, properties = points(size)

        def ours(lon: Any = lon, lat: Any = lat, held: Any = properties) -> bytes:
            return mvt.point_layer("a", lon, lat, held, TILE)

        def peer(lon: Any = lon, lat: Any = lat, held: Any = properties) -> bytes:
            return _peer(lon, lat, held)

        ours_s, ours_tile = _cpu_s(ours, 5)
        peer_s, peer_tile = _cpu_s(peer, 1)
        tracemalloc.start()
        ours()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        found.append(
            {
                "work": "vector tile of points",
                "size": size,
                "peer": "mapbox-vector-tile",
                "peer_version": version("mapbox-vector-tile"),
                "ours_cpu_s": ours_s,
                "peer_cpu_s": peer_s,
                "ratio": ours_s / peer_s if peer_s else float("nan"),
                "peak_mb": peak / 1e6,
                "answers_agree": _answer(ours_tile) == _answer(peer_tile),
            }
        )
    return found
