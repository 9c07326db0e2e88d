"""A vector tile out of the store beside PostGIS `ST_AsMVT` with the same points and fields.

PostGIS runs in one process (no parallel workers); its CPU is that of the server's process, read
from /proc, and of the client. The row is left out without GEO_RISK_TEST_POSTGIS_URL.
"""

from __future__ import annotations

import math
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import sqlalchemy as sa

from tests.bench.measuring import child, cpu_s, write_points

SIZES = (1_000, 50_000)
TINY = (20,)
Z, COL, ROW = 14, 13592, 7029
FILL = """
import json, sys
from geo_risk.services import imports
from geo_risk.store import open_store
store = open_store(sys.argv[2], create=True)
imports.import_file(store, sys.argv[1], "risk_points", "wgs84")
store.close()
print("null")
"""
ONE = """
import sys
from geo_risk.services import tiles
from geo_risk.store import open_store
store = open_store(sys.argv[1])
tiles.tile(store, "risk_points", *map(int, sys.argv[2:]))
store.close()
print("null")
"""
AS_MVT = """
select ST_AsMVT(t, 'risk_points', 4096, 'geom') from (
  select id, name, grade,
    ST_AsMVTGeom(ST_Transform(p.geom, 3857), ST_TileEnvelope(:z, :x, :y), 4096, 64, true) as geom
  from bench_points p where p.geom && ST_Transform(ST_TileEnvelope(:z, :x, :y), 4326)
) t where geom is not null"""


def rows(sizes: Sequence[int]) -> list[dict[str, Any]]:
    """One row for each number of points in the tile; none without a PostGIS."""
    server = os.environ.get("GEO_RISK_TEST_POSTGIS_URL")
    return [_row(size, server) for size in sizes] if server else []


def _tile_box() -> tuple[float, float, float, float]:
    def lat(row: float) -> float:
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / 2**Z))))

    margin = 0.02
    west, east = ((COL + part) / 2**Z * 360 - 180 for part in (margin, 1 - margin))
    return west, lat(ROW + 1 - margin), east, lat(ROW + margin)


def _row(size: int, server: str) -> dict[str, Any]:
    from geo_risk.services import tiles
    from geo_risk.store import Query, open_store

    with tempfile.TemporaryDirectory() as name:
        source, path = Path(name) / "points.csv", Path(name) / "store.gpkg"
        write_points(source, size, _tile_box())
        child(FILL, source, path)
        store = open_store(str(path))
        try:
            ours_s = cpu_s(lambda: tiles.tile(store, "risk_points", Z, ROW, COL))
            ours = tiles.tile(store, "risk_points", Z, ROW, COL)
            points = [dict(row) for row in store.features(Query("risk_points"))]
        finally:
            store.close()
        peak_mb = child(ONE, path, str(Z), str(ROW), str(COL)).peak_mb
    peer, peer_s, version = _postgis(server, points)
    return {
        "work": "vector tile from the store, z 14",
        "size": f"{size:,} points in the tile",
        "peer": "PostGIS `ST_AsMVT`",
        "peer_version": version,
        "ours_cpu_s": ours_s,
        "peer_cpu_s": peer_s,
        "ratio": ours_s / peer_s,
        "peak_mb": peak_mb,
        "answers_agree": _agree(ours, peer, size),
    }


def _postgis(server: str, points: list[dict[str, Any]]) -> tuple[bytes, float, str]:
    engine = sa.create_engine(server, poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text("set max_parallel_workers_per_gather = 0"))
        connection.execute(
            sa.text(
                "create temp table bench_points"
                " (id text, name text, grade text, geom geometry(Point, 4326))"
            )
        )
        connection.execute(
            sa.text(
                "insert into bench_points values (:id, :name, :grade, ST_GeomFromWKB(:geom, 4326))"
            ),
            [{key: point[key] for key in ("id", "name", "grade", "geom")} for point in points],
        )
        connection.execute(sa.text("create index on bench_points using gist (geom)"))
        connection.execute(sa.text("analyze bench_points"))
        pid = connection.scalar(sa.text("select pg_backend_pid()"))
        version = f"PostGIS {connection.scalar(sa.text('select postgis_lib_version()'))}"
        query = sa.text(AS_MVT)

        def work() -> bytes:
            return bytes(connection.scalar(query, {"z": Z, "x": COL, "y": ROW}))

        seconds = _cpu_s_with_server(work, int(pid))
        tile = work()
    engine.dispose()
    return tile, seconds, version


def _cpu_s_with_server(work: Callable[[], object], pid: int) -> float:
    def used() -> float:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK") + time.process_time()

    work()
    calls, start = 0, used()
    while calls < 20 or (calls < 400 and used() - start < 1.5):
        work()
        calls += 1
    return (used() - start) / calls


def _agree(ours: bytes, peer: bytes, size: int) -> bool:
    """The same ids, names and grades, each position within one unit of 4096."""
    a, b = (_features(tile) for tile in (ours, peer))
    return (
        len(a) == size
        and a.keys() == b.keys()
        and all(
            a[key][0] == b[key][0]
            and all(abs(p - q) <= 1 for p, q in zip(a[key][1], b[key][1], strict=True))
            for key in a
        )
    )


def _features(tile: bytes) -> dict[str, tuple[tuple[str, ...], list[float]]]:
    layer = mapbox_vector_tile.decode(tile)["risk_points"]
    return {
        feature["properties"]["id"]: (
            tuple(feature["properties"][key] for key in ("name", "grade")),
            feature["geometry"]["coordinates"],
        )
        for feature in layer["features"]
    }
