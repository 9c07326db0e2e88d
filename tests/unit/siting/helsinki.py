"""Central Helsinki in metres: roads and buildings of OpenStreetMap, and a plain greedy choice."""

from __future__ import annotations

import json

import numpy as np
import shapely
from shapely.geometry import shape

from geo_risk.datums import metric_crs
from tests.shared_data import shared_data


def features(name):
    """Ids and geometries in metres of one file."""
    path = shared_data(f"helsinki_osm/{name}.geojson")
    rows = json.loads(path.read_text(encoding="utf-8"))["features"]
    crs = metric_crs([24.94], [60.17])
    shapes = np.array([shape(row["geometry"]) for row in rows], dtype=object)
    moved = shapely.transform(shapes, lambda xy: np.column_stack(crs.forward(*xy.T)))
    return [row["properties"]["id"] for row in rows], moved


def greedy(starts, target, weight, most):
    """Rows chosen one after the other by what they add, and the share reached after each."""
    added = np.add.reduceat(np.append(weight[target], 0.0), starts[:-1])
    added[starts[:-1] == starts[1:]] = 0.0
    reached = np.zeros(len(weight), bool)
    chosen, shares = [], []
    while len(chosen) < most:
        row = int(np.argmax(added))
        fresh = float(weight[target[starts[row] : starts[row + 1]]][
            ~reached[target[starts[row] : starts[row + 1]]]
        ].sum())  # fmt: skip
        if fresh < added[row] - 1e-9:
            added[row] = fresh  # it was of more use before others were chosen
            continue
        if fresh <= 0.0:
            break
        reached[target[starts[row] : starts[row + 1]]] = True
        added[row] = 0.0
        chosen.append(row)
        shares.append(float(weight[reached].sum() / weight.sum()))
    return np.array(chosen), np.array(shares)
