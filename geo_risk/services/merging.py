"""Rows that the store knows already: what a file does not bring stays, what it changes is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_risk.catalogue import LayerSpec
from geo_risk.datums import geodesic_distance_m
from geo_risk.errors import Text
from geo_risk.geocoding import normalise
from geo_risk.intake import Finding
from geo_risk.store import Query, Record, Store

from .reading import Reading

MOVED_M = 100.0
SAME_DEG = 2e-7
"""Two hundredths of a metre: what the seven decimals of an export leave."""
Shapes = NDArray[np.object_]
_POSITION = ("geom", "level", "uncertainty_m", "datum_in", "position_in")
_DIVISIONS = ("town", "village")
_CHUNK = 500


@dataclass(frozen=True)
class Stored:
    """What the store holds of the features a file speaks of, by id, and what was kept of it."""

    rows: dict[str, Record]
    remarks: tuple[Text, ...] = ()


def recall_fields(store: Store, reading: Reading) -> Stored:
    """Fill the file's records, in place, in those fields that the file has no column for."""
    layer, mapping = reading.layer, reading.mapping
    lacking = [f.name for f in layer.fields if f.name not in (*mapping.fields, *_DIVISIONS)]
    records = reading.rows.records
    rows = _stored(store, layer, [str(record["id"]) for record in records], lacking)
    kept: Counter[str] = Counter()
    for record in records:
        before = rows.get(str(record["id"]), {})
        for name in lacking:
            if record.get(name) is None and before.get(name) is not None:
                record[name] = before[name]
                kept[name] += 1
    return Stored(rows, _remark(layer, kept))


def _stored(
    store: Store, layer: LayerSpec, ids: Sequence[str], lacking: Sequence[str]
) -> dict[str, Record]:
    divisions = [name for name in _DIVISIONS if name in layer.by_name]
    names = list(dict.fromkeys(["id", "name", *_POSITION, *divisions, *lacking]))
    found: dict[str, Record] = {}
    if not store.count(Query(layer.id)):
        return found
    for start in range(0, len(ids), _CHUNK):
        query = Query(layer.id, ids=tuple(ids[start : start + _CHUNK]))
        for row in store.columns(query, names):
            found[row[0]] = dict(zip(names, row, strict=True))
    return found


def keep_positions(
    stored: Stored, records: Sequence[Record], waiting: Sequence[Record], *, brings: bool
) -> tuple[list[Record], list[Record], list[Finding]]:
    """Positions that a file says nothing new of stay as the store has them.

    So it is for a file without coordinates at all, and for the very same point or shape, which
    keeps its level, uncertainty and outline. `waiting` are items for the review queue. Returns
    the records to store, the items still waiting, and notes on names changed and places moved.
    """
    kept, still = list(records), []
    for item in waiting:
        before = stored.rows.get(item["record"]["id"])
        if before and before["position_in"] is not None and not brings:
            kept.append(item["record"])
        else:
            still.append(item)
    known = [record for record in kept if record["id"] in stored.rows]
    moved = _settle(known, stored.rows, brings=brings)
    return kept, still, _notes(known, stored.rows, moved)


def _settle(
    records: Sequence[Record], stored: dict[str, Record], *, brings: bool
) -> dict[str, float]:
    """Keep stored positions where nothing else is said; per id moved, by how many metres."""
    now = _shapes([record["geom"] for record in records])
    then = _shapes([stored[record["id"]]["geom"] for record in records])
    same = _alike(now, then)
    apart_m = geodesic_distance_m(*_points(now), *_points(then))
    moved: dict[str, float] = {}
    for record, metres, equal in zip(records, apart_m.tolist(), same.tolist(), strict=True):
        before = stored[record["id"]]
        stays = before["position_in"] is not None and not brings
        if stays or equal:
            record |= {name: before[name] for name in _POSITION}
        if stays:
            record |= {name: before[name] for name in _DIVISIONS if before.get(name)}
        elif metres > MOVED_M:
            moved[record["id"]] = metres
    return moved


def _alike(now: Shapes, then: Shapes) -> NDArray[np.bool_]:
    """Where both are one shape, or the first is the point that tables write for the second."""
    frames = np.abs(shapely.bounds(now) - shapely.bounds(then)).max(axis=1, initial=0.0)
    alike: NDArray[np.bool_] = frames <= SAME_DEG
    alike[alike] = shapely.hausdorff_distance(now[alike], then[alike]) <= SAME_DEG
    apart = np.abs(_points(now) - _points(then)).max(axis=0, initial=0.0)
    pointed = shapely.get_type_id(now) == shapely.GeometryType.POINT
    alike |= pointed & (apart <= SAME_DEG)
    return alike


def _shapes(geometries: Sequence[bytes | None]) -> Shapes:
    found: Shapes = shapely.from_wkb(np.array(geometries, dtype=object))
    return found


def _points(shapes: Shapes) -> NDArray[np.float64]:
    points = shapely.point_on_surface(shapes)
    return np.array([shapely.get_x(points), shapely.get_y(points)])


def _notes(
    records: Sequence[Record], stored: dict[str, Record], moved: dict[str, float]
) -> list[Finding]:
    notes = []
    for record in records:
        row, before = int(record["row"]), stored[record["id"]]
        if normalise(str(record["name"])) != normalise(str(before["name"])):
            said = Text(
                f"库中同编号的是“{before['name']}”，名称已更新",
                f"The store knew this id as {before['name']!r}; the name is updated",
            )
            notes.append(Finding(row, "name", "name_changed", "noted", said))
        if record["id"] in moved:
            metres = moved[record["id"]]
            said = Text(
                f"与库中位置相距 {metres:.0f} 米，已更新",
                f"{metres:.0f} m from where the store had it: updated",
            )
            notes.append(Finding(row, "coordinates", "position_moved", "noted", said))
    return notes


def _remark(layer: LayerSpec, kept: Counter[str]) -> tuple[Text, ...]:
    if not kept:
        return ()
    zh = "、".join(f"{layer.by_name[name].label['zh']} {n} 行" for name, n in kept.items())
    en = ", ".join(f"{layer.by_name[name].label['en']} {n}" for name, n in kept.items())
    return (
        Text(
            f"文件中没有这些列，沿用库中的值：{zh}",
            f"The file has no such columns, so the store's values stay, in rows: {en}",
        ),
    )
