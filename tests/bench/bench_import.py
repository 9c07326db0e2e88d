"""Import of a CSV of risk points into a new store: checks, placing, grading, history, R-tree.

The peer only reads the same CSV and writes the points to a GeoPackage: it checks, grades and
records nothing, so it bounds from below what any import into that format costs.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyogrio

from tests.bench.measuring import child, write_points

SIZES = (10_000, 100_000)
TINY = (50,)
SHISHI = (118.60, 24.65, 118.78, 24.82)
OURS = """
import json, sys
from geo_risk.services import imports
from geo_risk.store import open_store
store = open_store(sys.argv[2], create=True)
report = imports.import_file(store, sys.argv[1], "risk_points", "wgs84")
store.close()
print(json.dumps({"stored": report.stored}))
"""
PEER = """
import csv, json, sys
import numpy, shapely
from pyogrio.raw import write
with open(sys.argv[1], encoding="utf-8", newline="") as file:
    rows = list(csv.DictReader(file))
points = shapely.to_wkb(shapely.points([[float(r["经度"]), float(r["纬度"])] for r in rows]))
text = [numpy.array([r[name] for r in rows], dtype=object) for name in ("编号", "名称", "管控措施")]
scores = [numpy.array([float(r[name]) for r in rows]) for name in "LEC"]
write(sys.argv[2], points, text + scores, ["code", "name", "measures", "l", "e", "c"],
      layer="points", driver="GPKG", geometry_type="Point", crs="EPSG:4326")
print(json.dumps({"stored": len(rows)}))
"""
READ = """
import json, sys
import shapely
from geo_risk.store import Query, open_store
from pyogrio.raw import read
store = open_store(sys.argv[1])
ours = {row["name"]: row["geom"] for row in store.features(Query("risk_points"))}
store.close()
_, _, geometry, (names,) = read(sys.argv[2], columns=["name"])
a = shapely.get_coordinates(shapely.from_wkb([ours[name] for name in names]))
print(json.dumps(len(ours) == len(names)
    and bool(abs(a - shapely.get_coordinates(shapely.from_wkb(geometry))).max() < 1e-9)))
"""


def rows(sizes: Sequence[int]) -> list[dict[str, Any]]:
    """One row for each number of rows imported."""
    return [_row(size) for size in sizes]


def _row(size: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, store, plain = (folder / n for n in ("points.csv", "ours.gpkg", "peer.gpkg"))
        write_points(source, size, SHISHI)
        ours, peer = child(OURS, source, store), child(PEER, source, plain)
        agree = ours.answer == peer.answer and child(READ, store, plain).answer
    return {
        "work": "import of a CSV (check, grade, record, store)",
        "size": f"{size:,} rows",
        "peer": "plain csv and pyogrio write, nothing checked",
        "peer_version": f"pyogrio {pyogrio.__version__}",
        "ours_cpu_s": ours.cpu_s,
        "peer_cpu_s": peer.cpu_s,
        "ratio": ours.cpu_s / peer.cpu_s,
        "peak_mb": ours.peak_mb,
        "answers_agree": agree,
        "note": f"{size / ours.cpu_s:,.0f} rows per CPU-second",
    }
