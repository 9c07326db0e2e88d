"""Positions set by hand: how they are known again, and how they outlive a new import."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from geo_risk.catalogue import LayerSpec
from geo_risk.errors import Text
from geo_risk.export.error_workbook import ID_HEADERS
from geo_risk.intake import Finding, RawTable
from geo_risk.store import Query, Record, Store

from .identity import TOWN_DIGITS, VILLAGE_DIGITS
from .placing import geocode, set_divisions
from .surroundings import Surroundings

PLACED_BY_HAND = "placed_by_hand"
_KEPT = ("geom", "level", "uncertainty_m", "datum_in", "position_in", "town", "village")
_CHUNK = 500
_POSITION_KEPT = Text(
    "此行曾人工定位，位置和所在镇村保持不变，其余内容已更新",
    "Placed by hand before: its position, town and village stay, the rest is updated",
)
_KEPT_FIX = Text(
    "如要改变位置，在表中填写坐标后重新导入",
    "To move it, fill in its coordinates and import again",
)


def settle_divisions(record: Record, around: Surroundings, candidate: Mapping[str, Any]) -> None:
    """Town and village of a record placed by hand: those of the village chosen, else as imports.

    An import takes them from the row's own columns, its address, the town it lies in.
    """
    code = str(candidate.get("code") or "")
    if code.isdigit() and len(code) == VILLAGE_DIGITS:
        record["town"], record["village"] = code[:TOWN_DIGITS], code
        return
    set_divisions([record], around, geocode([record], around))


def earlier_ids(table: RawTable) -> dict[int, str]:
    """Of an error workbook that comes back: per row number the id the row waited under.

    A row without a code of its own is known by its name and address: mended, it has another id.
    """
    own = {header.casefold() for header in ID_HEADERS.values()}
    heads = [header.strip().casefold() for header in table.columns]
    at = next((i for i, header in enumerate(heads) if header in own), None)
    if at is None:
        return {}
    cells = zip(table.row_numbers, (row[at] for row in table.rows), strict=True)
    return {number: str(cell).strip() for number, cell in cells if cell not in (None, "")}


def came_as(table: RawTable, records: Iterable[Record]) -> dict[str, str]:
    """The ids under which rows waited before -> those under which they come now, where others."""
    before = earlier_ids(table)
    pairs = ((before.get(record["row"]), str(record["id"])) for record in records)
    return {was: now for was, now in pairs if was and was != now}


def keep_hand_positions(
    store: Store, layer: LayerSpec, records: Sequence[Record], review_items: Sequence[Record]
) -> tuple[list[Record], list[Record], list[Finding]]:
    """What people decided before holds when a file is imported again.

    `records` are the placed rows of an import, before grading; `review_items` those for the queue
    (`record`, `level`, `reasons`, `candidates`). A row that was placed by hand keeps that position
    unless it brings other coordinates than it brought then; one that was dismissed and has not
    changed stays dismissed. Returns the records to store, the items still to be queued, and
    findings: `position_kept` (noted) where other fields changed; `row_dismissed`, and
    `mended_since` where the row, unchanged, was mended and stored by a later import (rejected).
    It reads what is committed: call it while the store's write lock is held.
    """
    located = [record for record in records if record.get("geom") is not None]
    asked = [record["id"] for record in (*located, *(item["record"] for item in review_items))]
    entries = _last_entries(store, layer.id, set(asked))
    placed = [key for key, entry in entries.items() if entry["settled_as"] == "placed"]
    by_hand = {
        row["id"]: row
        for row in _features(store, layer.id, placed)
        if PLACED_BY_HAND in str(row.get("flags") or "").split(";")
    }
    mended = _mended_ids(store, layer.id, entries, review_items)
    kept = [_kept(record, by_hand, entries) for record in records]
    findings: list[Finding] = []
    queued: list[Record] = []
    batches: dict[str, Record] = {}
    for item in review_items:
        record, entry = item["record"], entries.get(item["record"]["id"])
        if record["id"] in by_hand:
            kept.append(_with_position(record, by_hand[record["id"]]))
        elif entry is not None and entry["state"] == "dismissed" and _same(entry, record, layer):
            batches = batches or {batch["id"]: batch for batch in store.rows("batches")}
            findings.append(_dismissed(record, entry, batches.get(entry["settled_by"], {})))
        elif entry is not None and record["id"] in mended and _same(entry, record, layer):
            findings.append(_mended(record, entry))
        else:
            queued.append(item)
    findings += [
        Finding(record["row"], "address", "position_kept", "noted", _POSITION_KEPT, _KEPT_FIX)
        for record in kept
        if record["id"] in by_hand and _differs(record, by_hand[record["id"]], layer)
    ]
    return kept, queued, findings


def _last_entries(store: Store, layer_id: str, wanted: set[str]) -> dict[str, Record]:
    """The youngest settled or open entry of each feature; those of undone batches do not count."""
    if not wanted:
        return {}
    return {
        row["feature_id"]: row
        for row in store.rows("review")
        if row["layer"] == layer_id and row["feature_id"] in wanted and row["state"] != "undone"
    }


def _features(store: Store, layer_id: str, ids: Sequence[str]) -> Iterable[Record]:
    for start in range(0, len(ids), _CHUNK):
        yield from store.features(Query(layer_id, ids=tuple(ids[start : start + _CHUNK])))


def _kept(record: Record, by_hand: Mapping[str, Record], entries: Mapping[str, Record]) -> Record:
    """The record, at its place by hand unless it brings coordinates it did not bring then.

    Coordinates that were not believed at first may be now, when others in the file were mended;
    the person who placed the row knew them.
    """
    stored = by_hand.get(record["id"])
    if stored is None:
        return record
    if record.get("position_in") is not None and not _same_position(entries[record["id"]], record):
        return record
    return _with_position(record, stored)


def _same_position(entry: Record, record: Record) -> bool:
    before = json.loads(entry["record"])
    return all(before.get(name) == record.get(name) for name in ("position_in", "datum_in"))


def _with_position(record: Record, stored: Record) -> Record:
    position = {name: stored[name] for name in _KEPT if name in stored}
    # The row's other flags doubt the position that it does not take.
    return {**record, **position, "flags": PLACED_BY_HAND}


def _differs(record: Record, stored: Record, layer: LayerSpec) -> bool:
    names = [field.name for field in layer.fields if field.name not in _KEPT]
    return record.get("position_in") == stored["position_in"] and any(
        record.get(name) != stored[name] for name in names
    )


def _same(entry: Record, record: Record, layer: LayerSpec) -> bool:
    before = json.loads(entry["record"])
    names = [*(field.name for field in layer.fields), "position_in"]
    return all(before.get(name) == record.get(name) for name in names)


def _mended_ids(
    store: Store, layer_id: str, entries: Mapping[str, Record], items: Sequence[Record]
) -> set[str]:
    """Ids of the items whose last entry was settled by storing the row, under this id or another.

    The note of a superseded entry is the id under which its row came in.
    """
    stored_as: dict[str, str] = {}
    for item in items:
        key = item["record"]["id"]
        entry = entries.get(key)
        if entry is not None and entry["state"] in ("placed", "superseded"):
            renamed = entry["note"] if entry["state"] == "superseded" else None
            stored_as[key] = renamed or key
    there = {row["id"] for row in _features(store, layer_id, sorted(set(stored_as.values())))}
    return {key for key, now in stored_as.items() if now in there}


def _mended(record: Record, entry: Record) -> Finding:
    by = entry["settled_by"]
    return Finding(
        record["row"],
        "",
        "mended_since",
        "rejected",
        Text(
            "此行已改正并入库，库中保持改正后的内容",
            "This row was mended and stored since; what is stored stays",
        ),
        Text(
            f"无需处理；如要以本行为准，先撤销：geo-risk undo {by}",
            f"Nothing to do; to return to this row, undo that first: geo-risk undo {by}",
        ),
    )


def _dismissed(record: Record, entry: Record, batch: Mapping[str, Any]) -> Finding:
    on, who = str(batch.get("at") or "")[:10], batch.get("who") or ""
    return Finding(
        record["row"],
        "",
        "row_dismissed",
        "rejected",
        Text(
            f"此行已由 {who} 于 {on} 决定不予收录：{entry['note']}",
            f"Dismissed by {who} on {on}: {entry['note']}",
        ),
        Text(
            f"如要收录，先撤销该决定：geo-risk undo {entry['settled_by']}，再导入",
            f"To take it in, undo that first: geo-risk undo {entry['settled_by']}",
        ),
    )
