"""Import of risk points from CSV and XLSX into a new store.

Ours checks encoding, header, every cell and position, grades, records history and the R-tree.
The peer is `pandas.read_csv` or `read_excel`, `geopandas.points_from_xy` and `to_file`, which
check, grade and record nothing: what any import into that format costs at least that way.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas
import pandas
import xlsxwriter

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
import json, sys
import geopandas, pandas
if sys.argv[1].endswith(".csv"):
    table = pandas.read_csv(sys.argv[1])
else:
    table = pandas.read_excel(sys.argv[1], engine="openpyxl")  # the default of today
table = table.rename(columns={"编号": "code", "名称": "name", "管控措施": "measures"})
points = geopandas.points_from_xy(table.pop("经度"), table.pop("纬度"), crs="EPSG:4326")
geopandas.GeoDataFrame(table, geometry=points).to_file(sys.argv[2], layer="points", driver="GPKG")
print(json.dumps({"stored": len(table)}))
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
    """Two rows, CSV and XLSX, for each number of rows imported."""
    return [_row(size, kind) for size in sizes for kind in ("csv", "xlsx")]


def _row(size: int, kind: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, store, plain = (folder / n for n in ("points.csv", "ours.gpkg", "peer.gpkg"))
        write_points(source, size, SHISHI)
        if kind == "xlsx":
            source = _workbook(source)
        ours, peer = child(OURS, source, store), child(PEER, source, plain)
        agree = ours.answer == peer.answer and child(READ, store, plain).answer
    return {
        "work": f"import of {kind.upper()} (check, grade, record, store)",
        "size": f"{size:,} rows",
        "peer": f"pandas.{'read_csv' if kind == 'csv' else 'read_excel'}, points_from_xy, to_file",
        "peer_version": f"pandas {pandas.__version__}, geopandas {geopandas.__version__}",
        "ours_cpu_s": ours.cpu_s,
        "peer_cpu_s": peer.cpu_s,
        "ratio": ours.cpu_s / peer.cpu_s,
        "peak_mb": ours.peak_mb,
        "answers_agree": agree,
        "note": f"{size / ours.cpu_s:,.0f} rows per CPU-second; peer's peak {peer.peak_mb:.0f} MB",
    }


def _workbook(source: Path) -> Path:
    """The same table as an Excel workbook, numbers as numbers."""
    path = source.with_suffix(".xlsx")
    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_numbers": True}) as book:
        sheet = book.add_worksheet()
        with source.open(encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.reader(file)):
                sheet.write_row(number, 0, row)
    return path
