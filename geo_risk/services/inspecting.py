"""Looking at a file before it is imported: how it would be read; nothing is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from geo_risk.catalogue import LayerSpec
from geo_risk.datums import parse_datum, shift_m
from geo_risk.errors import Lang
from geo_risk.intake import RawTable, map_columns, read_table
from geo_risk.intake.cleaning import column_missing
from geo_risk.store import Store

from .axes import settle_axes
from .reading import AS_FOUND, Reading, ReadingOptions, finding_json, read, targets

FIRST_ROWS = 5


def inspect_file(
    store: Store,
    path: Path | str,
    layer_id: str | None = None,
    datum: str | None = None,
    how: ReadingOptions = AS_FOUND,
    *,
    lang: Lang = "zh",
) -> dict[str, Any]:
    """Encoding, sheet, header row, mapping with confidence, first rows, problems, findings.

    Without `layer_id` the layer that takes most of the columns is looked at, and `layers` lists
    them all, best first. `positions` tells how far each other datum would move the points.
    """
    path = Path(path)
    table = read_table(path, encoding=how.encoding, sheet=how.sheet)
    ranked = _layers_for(table, store)
    layer = store.spec(layer_id) if layer_id else ranked[0][0]
    reading = read(path, layer, how, store=store, table=table, partial=True)
    missing = column_missing(layer, reading.mapping, table.columns)
    return {
        "file": path.name,
        "kind": table.kind,
        "layer": layer.id,
        "proposed": layer_id is None,
        "layers": [{"id": spec.id, "title": spec.title[lang], "mapped": n} for spec, n in ranked],
        **reading.as_json(lang),
        "title": list(table.title),
        "rows": reading.rows.total,
        "first_rows": [list(row) for row in table.rows[:FIRST_ROWS]],
        "problems": [] if missing is None else [missing.as_json(lang)],
        "remarks": [remark[lang] for remark in reading.remarks],
        "findings": [finding_json(layer, finding, lang) for finding in reading.findings],
        "positions": _positions(reading, datum, _centre_lon(store), lang),
    }


def _layers_for(table: RawTable, store: Store) -> list[tuple[LayerSpec, int]]:
    """The layers by how many of the file's columns they take, the required ones present first."""
    found = []
    for spec in store.schema.specs.values():
        mapping = map_columns(table.columns, spec)
        needed = all(field.name in mapping.fields for field in spec.fields if field.required)
        found.append((needed, len(targets(mapping)), spec))
    found.sort(key=lambda item: (not item[0], -item[1], item[2].order, item[2].id))
    return [(spec, n) for _, n, spec in found]


def _centre_lon(store: Store) -> float | None:
    box = store.extent("city") if "city" in store.schema.specs else None
    return None if box is None else (box[0] + box[2]) / 2


def _positions(
    reading: Reading, datum: str | None, centre_lon: float | None, lang: Lang
) -> dict[str, Any]:
    x, y = reading.rows.x, reading.rows.y
    given = np.isfinite(x) & np.isfinite(y)
    if not given.any():
        return {"given": 0}
    found: dict[str, Any] = {
        "given": int(given.sum()),
        "x": [float(x[given].min()), float(x[given].max())],
        "y": [float(y[given].min()), float(y[given].max())],
    }
    if datum:
        axes = settle_axes(x, y, parse_datum(datum), centre_lon)
        found["datum"] = axes.datum.name
        found["shift_m"] = shift_m(axes.x, axes.y, axes.datum)
        found["remarks"] = [remark[lang] for remark in axes.remarks]
    return found
