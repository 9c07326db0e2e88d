"""The review queue: rows that wait for a position, and what a person decides of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from geo_risk.catalogue import LayerSpec
from geo_risk.datums import geodesic_distance_m, geometries_to_wgs84, parse_datum
from geo_risk.errors import ConflictError, InputError, NotFoundError, Text, UsageError
from geo_risk.geocoding import normalise
from geo_risk.store import Query, Record, Store
from geo_risk.vocabulary import MATCH_LEVELS, PLACED_LEVELS, MatchLevel

from .grading import COUNTED_AROUND, grade_records, recount
from .hand_positions import PLACED_BY_HAND, settle_divisions
from .position_checks import UNCONVERTIBLE, UNCONVERTIBLE_FIX
from .roll_ups import refresh_roll_ups
from .surroundings import surroundings_of

STATES = ("open", "placed", "dismissed", "superseded", "undone")
STATE_LABELS: dict[str, Text] = {
    "open": Text("待核", "open"),
    "placed": Text("已定位", "placed"),
    "dismissed": Text("不予收录", "dismissed"),
    "superseded": Text("已被后来的导入取代", "superseded by a later import"),
    "undone": Text("所在批次已撤销", "its batch was undone"),
}
CLICKED_UNCERTAINTY_M = 20.0
"""How far off a position may be that a person clicked on the map or typed."""
_SIMILAR_M, _SIMILAR_DEG = 100.0, 0.00095
"""Within how many metres a feature of the same name may be the same; in degrees of latitude."""
_MOST_UNCERTAIN_M = 2000.0
_LONGEST_NOTE = 500
_SEE_LIST = Text("用 geo-risk review list 查看待核的行", "See geo-risk review list")


def waiting(
    store: Store, *, layer: str = "", town: str = "", reason: str = "", state: str = "open"
) -> list[dict[str, Any]]:
    """The entries of the queue, oldest first, with reasons and numbered candidates.

    `layer`, `town` (code or name) and `reason` (code) narrow the list; `state` is one of `STATES`
    or `all`. Each entry says its `number`, the `source` file, and, once settled, by whom, when, in
    which batch and with which `note`.
    """
    if layer:
        store.spec(layer)
    if state != "all" and state not in STATES:
        known = ", ".join((*STATES, "all"))
        raise UsageError(
            "state_unknown",
            Text("没有这个状态", "There is no such state"),
            where="--state",
            got=state,
            fix=Text(f"可用: {known}", f"Use one of {known}"),
        )
    batches = {row["id"]: row for row in store.rows("batches")}
    towns = _codes_and_names(store, town) if town else set()
    found = []
    for row in store.rows("review"):
        if state not in ("all", row["state"]) or layer not in ("", row["layer"]):
            continue
        entry = _entry(row, batches)
        codes = [given["code"] for given in entry["reasons"]]
        if (not reason or reason in codes) and (not town or _in_town(entry, towns)):
            found.append(entry)
    return found


def _entry(row: Record, batches: Mapping[str, Record]) -> dict[str, Any]:
    parsed = {name: json.loads(row[name] or "[]") for name in ("reasons", "candidates", "record")}
    candidates = [
        {"n": n, **candidate, "placeable": _placeable(candidate)}
        for n, candidate in enumerate(parsed["candidates"], 1)
    ]
    standing = row["settled_by"] if row["state"] == row["settled_as"] else None
    settled = batches.get(standing or "", {})
    return {
        "number": row["seq"],
        **{k: v for k, v in row.items() if k not in ("seq", "settled_as", "settled_by", "note")},
        **parsed,
        "candidates": candidates,
        "source": batches.get(row["batch"], {}).get("source"),
        "settled_by": standing,
        "settled_at": settled.get("at"),
        "who": settled.get("who"),
        "note": row["note"] if standing else None,
    }


def _placeable(candidate: Mapping[str, Any]) -> bool:
    return candidate["lon"] is not None and candidate["level"] in PLACED_LEVELS


def _codes_and_names(store: Store, town: str) -> set[str]:
    names = store.columns(Query("towns"), ("id", "name"))
    return {town, *(text for pair in names if town in pair for text in pair)}


def _in_town(entry: Mapping[str, Any], towns: set[str]) -> bool:
    stated = str(entry["record"].get("town") or "")
    places = [str(candidate["code"])[:9] for candidate in entry["candidates"]]
    return bool(towns & {stated, stated[:9], *places})


def place(
    store: Store,
    number: int,
    *,
    candidate: int | None = None,
    lon: float | None = None,
    lat: float | None = None,
    datum: str | None = None,
    uncertainty_m: float = CLICKED_UNCERTAINTY_M,
    note: str = "",
) -> dict[str, Any]:
    """Store a waiting row at a candidate's position, or at `lon`, `lat` in the declared datum.

    One batch of kind `review`: graded, rolled up, undoable; an undo opens the entry again. The
    result's `similar` names other features of the same name close by or in the town: the same?

    Raises
    ------
    NotFoundError : `review_unknown`. ConflictError : `review_settled`.
    UsageError : no position or two, no datum, no such candidate, a town for a place.
    InputError : `position_outside_city`, `coordinate_unconvertible`.
    """
    entry = _open_entries(store, [number])[0]
    layer = store.spec(entry["layer"])
    record = {name: value for name, value in entry["record"].items() if name != "row"}
    if candidate is not None and lon is None and lat is None:
        chosen = _candidate(entry, candidate)
        record |= _position_of(chosen)
    elif candidate is None and lon is not None and lat is not None:
        chosen = {}
        record |= _position_typed(lon, lat, datum, uncertainty_m)
    else:
        raise UsageError(
            "position_missing",
            Text("请给出一个位置", "Give one position"),
            where=f"review place {number}",
            fix=Text(
                "用 --candidate N，或 --lon --lat --datum，二者取一",
                "Either --candidate N, or --lon, --lat and --datum",
            ),
        )
    around = surroundings_of(store, layer)
    point = shapely.from_wkb(record["geom"])
    if not around.near_city(np.array([point]))[0]:
        raise InputError(
            "position_outside_city",
            Text("位置在市域之外", "The position is outside the city"),
            where=f"review place {number}",
            got=f"{point.x:.6f},{point.y:.6f} (WGS84)",
            fix=Text("核对经纬度和坐标系", "Check the position and its datum"),
        )
    if "town" in layer.by_name:
        settle_divisions(record, around, chosen)
    record |= {"flags": PLACED_BY_HAND, "source": entry["source"]}
    batch_id = _store_placed(store, layer, record, entry, _said(note))
    return _told(store, layer, record["id"], number, batch_id)


def _store_placed(
    store: Store, layer: LayerSpec, record: Record, entry: Mapping[str, Any], note: str
) -> str:
    info = {"source": entry["source"], "datum": record["datum_in"]}
    with store.batch("review", layer=layer.id, **info) as batch:
        grade_records(store, layer, [record], batch.connection)
        batch.put(layer, [record])
        batch.queue.settle([entry["number"]], "placed", note or None)
        if layer.id in COUNTED_AROUND:
            recount(store, batch)
        refresh_roll_ups(store, batch)
        batch.info |= {"rows": 1, "stored": 1, "rejected": 0, "unplaced": 0}
    return batch.id


def _similar(store: Store, layer: LayerSpec, row: Record) -> list[str]:
    """Other features of the layer with this name, within 100 m or in the same town."""
    name, at = normalise(str(row.get("name") or "")), shapely.from_wkb(row["geom"])
    if not name or "name" not in layer.by_name:
        return []
    dx, dy = _SIMILAR_DEG / np.cos(np.radians(at.y)), _SIMILAR_DEG
    box = (at.x - dx, at.y - dy, at.x + dx, at.y + dy)
    near = store.columns(Query(layer.id, bbox=box), ("id", "name", "geom"))
    found = {
        key for key, other, geom in near if normalise(str(other)) == name and _within(at, geom)
    }
    if row.get("town"):
        namesakes = Query(layer.id, town=row["town"], name=str(row["name"]))
        pairs = store.columns(namesakes, ("id", "name"))
        found |= {key for key, other in pairs if normalise(str(other)) == name}
    return sorted(found - {row["id"]})


def _within(at: shapely.Point, geom: bytes) -> bool:
    other = shapely.point_on_surface(shapely.from_wkb(geom))
    return bool(geodesic_distance_m(at.x, at.y, other.x, other.y)[0] <= _SIMILAR_M)


def _told(store: Store, layer: LayerSpec, key: str, number: int, batch_id: str) -> dict[str, Any]:
    row = store.feature(layer.id, key) or {}
    point = shapely.from_wkb(row["geom"])
    names = ("name", "level", "uncertainty_m", "town", "village", "grade")
    return {
        "number": number,
        "layer": layer.id,
        "id": key,
        **{name: row.get(name) for name in names},
        "lon": point.x,
        "lat": point.y,
        "similar": _similar(store, layer, row),
        "batch": batch_id,
    }


def _open_entries(store: Store, numbers: Sequence[int]) -> list[dict[str, Any]]:
    batches = {row["id"]: row for row in store.rows("batches")}
    rows = {row["seq"]: row for row in store.rows("review")}
    return [
        _checked_open(number, _entry(rows[number], batches) if number in rows else None)
        for number in dict.fromkeys(numbers)
    ]


def _checked_open(number: int, entry: dict[str, Any] | None) -> dict[str, Any]:
    if entry is None:
        raise NotFoundError(
            "review_unknown",
            Text("待核列表中没有这个编号", "The review queue has no such number"),
            where="review",
            got=number,
            fix=_SEE_LIST,
        )
    if entry["state"] != "open":
        label = STATE_LABELS[entry["state"]]
        by = entry["settled_by"] or entry["batch"]
        raise ConflictError(
            "review_settled",
            Text(f"第 {number} 号已处理：{label['zh']}", f"Number {number} is {label['en']}"),
            where=f"review {number}",
            got=by,
            fix=Text(
                f"要重新处理，先撤销批次：geo-risk undo {by}",
                f"To decide anew, undo that batch first: geo-risk undo {by}",
            )
            if entry["settled_by"]
            else _SEE_LIST,
        )
    return entry


def _candidate(entry: Mapping[str, Any], n: int) -> dict[str, Any]:
    candidates = entry["candidates"]
    where = f"review place {entry['number']} --candidate"
    typed = Text(
        "请改用 --lon --lat --datum 给出位置", "Give the position with --lon, --lat and --datum"
    )
    if not 1 <= n <= len(candidates):
        names = "；".join(f"{c['n']} {c['name']}" for c in candidates)
        raise UsageError(
            "candidate_unknown",
            Text("没有这个候选地点", "There is no such candidate"),
            where=where,
            got=n,
            fix=Text(f"可选: {names}", f"There are: {names}") if names else typed,
        )
    chosen: dict[str, Any] = candidates[n - 1]
    if chosen["level"] not in PLACED_LEVELS:
        level = MATCH_LEVELS[MatchLevel(chosen["level"])]
        raise UsageError(
            "candidate_too_coarse",
            Text("镇级位置不能当作地点", "A town's position is no place"),
            where=where,
            got=f"{chosen['name']} ({level['zh']} / {level['en']})",
            fix=typed,
        )
    if chosen["lon"] is None:
        raise UsageError(
            "candidate_without_position",
            Text("这个候选地点没有已知位置", "This candidate has no known position"),
            where=where,
            got=chosen["name"],
            fix=typed,
        )
    return chosen


def _position_of(candidate: Mapping[str, Any]) -> Record:
    return {
        "geom": shapely.to_wkb(shapely.Point(candidate["lon"], candidate["lat"])),
        "level": candidate["level"],
        "uncertainty_m": candidate["uncertainty_m"],
        "datum_in": "wgs84",
        "position_in": None,
    }


def _position_typed(x: float, y: float, datum: str | None, uncertainty_m: float) -> Record:
    declared = parse_datum(datum)
    if not 0 < uncertainty_m <= _MOST_UNCERTAIN_M:
        raise UsageError(
            "uncertainty_invalid",
            Text("误差不正确", "The uncertainty is not valid"),
            where="--uncertainty-m",
            got=uncertainty_m,
            fix=Text("填写 1 至 2000 米", "Give 1 to 2000 metres"),
        )
    given = shapely.Point(x, y)
    point = (
        geometries_to_wgs84(np.array([given], dtype=object), declared)[0]
        if given.is_valid
        else None
    )
    if point is None or not (abs(point.x) <= 180 and abs(point.y) <= 90):
        raise InputError(
            "coordinate_unconvertible",
            UNCONVERTIBLE,
            where="--lon --lat",
            got=f"{x},{y} ({declared.name})",
            fix=UNCONVERTIBLE_FIX,
        )
    return {
        "geom": shapely.to_wkb(point),
        "level": str(MatchLevel.POINT),
        "uncertainty_m": float(uncertainty_m),
        "datum_in": declared.name,
        "position_in": f"{x:.12g},{y:.12g}",
    }


def _said(note: str) -> str:
    text = " ".join(note.split())
    if len(text) > _LONGEST_NOTE:
        raise UsageError(
            "note_too_long",
            Text("说明太长", "The note is too long"),
            where="--note / --reason",
            got=len(text),
            fix=Text(f"最多 {_LONGEST_NOTE} 字", f"At most {_LONGEST_NOTE} characters"),
        )
    return text


def dismiss(store: Store, numbers: Sequence[int], reason: str) -> dict[str, Any]:
    """Close waiting rows without storing them, saying why; one undoable batch of kind `review`.

    All of them or none: an unknown or settled number refuses the whole. Imported again
    unchanged, a dismissed row stays dismissed.
    """
    said = _said(reason)
    if not said:
        raise UsageError(
            "reason_missing",
            Text("请说明不予收录的原因", "Say why it is dismissed"),
            where="--reason",
            fix=Text('如 --reason "已注销"', 'Such as --reason "closed down"'),
        )
    entries = _open_entries(store, numbers)
    layers = {entry["layer"] for entry in entries}
    with store.batch("review", layer=layers.pop() if len(layers) == 1 else None) as batch:
        batch.queue.settle([entry["number"] for entry in entries], "dismissed", said)
        count = len(entries)
        batch.info |= {"rows": count, "stored": 0, "rejected": count, "unplaced": 0}
    return {
        "dismissed": [entry["number"] for entry in entries],
        "reason": said,
        "batch": batch.id,
    }
