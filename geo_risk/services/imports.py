"""Importing a file as one batch, undoing it, and the list of batches."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from geo_risk import catalogue
from geo_risk.datums import Datum, parse_datum
from geo_risk.errors import Lang, Text, UsageError
from geo_risk.export.files import check_folder
from geo_risk.intake import read_table
from geo_risk.store import Record, Store

from .choices import has_choices, refuse_later_choices, restore_choices
from .commands import report_option
from .grading import COUNTED_AROUND, grade_undone, recount
from .hand_positions import came_as
from .identity import feature_id, source_key
from .import_report import ImportReport
from .merging import recall_fields
from .placing import place
from .position_checks import require_stated_datum
from .reading import AS_FOUND, Reading, ReadingOptions, forget, read, remember
from .repair import write_report
from .roll_ups import LEVELS, refresh_roll_ups
from .settling import Prepared, settle
from .surroundings import surroundings_of

Progress = Callable[[int, int], None]
_STEPS = 5
_ROLL_UP_LAYERS = {layer_id for layer_id, _ in LEVELS.values()}


def _silent(_done: int, _total: int) -> None:
    return


def _review_row(item: Mapping[str, Any]) -> Record:
    record = {k: v for k, v in item["record"].items() if not isinstance(v, bytes)}
    return {
        "row": record["row"],
        "feature_id": record["id"],
        "name": record.get("name"),
        "address": record.get("address"),
        "record": json.dumps(record, ensure_ascii=False),
        "level": item["level"],
        "reasons": json.dumps(item["reasons"], ensure_ascii=False),
        "candidates": json.dumps(item["candidates"], ensure_ascii=False),
    }


def check_request(
    path: Path | str, layer_id: str, datum: str | None, report_to: Path | None = None
) -> None:
    """Refuse what `import_file` would refuse before it reads, so that no store need be made."""
    parse_datum(datum)
    catalogue.layer(layer_id)
    if report_to is not None:
        _check_report(report_to, Path(path))
    if not Path(path).is_file():
        read_table(Path(path))


def _check_report(report_to: Path, path: Path) -> None:
    check_folder(report_to)
    if report_to.suffix.lower() != ".xlsx" or report_to.resolve() == path.resolve():
        raise UsageError(
            "report_invalid",
            Text("问题工作簿须另存为 .xlsx 文件", "The workbook must be an .xlsx of its own"),
            where="--report",
            got=report_to.name,
            fix=Text(f"如 {report_option(path, 'zh')}", f"Such as {report_option(path, 'en')}"),
        )


def import_file(
    store: Store,
    path: Path | str,
    layer_id: str,
    datum: str | None,
    how: ReadingOptions = AS_FOUND,
    *,
    dry_run: bool = False,
    accept_datum: bool = False,
    report_to: Path | None = None,
    lang: Lang = "zh",
    progress: Progress | None = None,
) -> ImportReport:
    """Read, check, place, grade and store a file as one batch; all of it or none.

    Parameters
    ----------
    datum : wgs84, cgcs2000, gcj02, bd09 or EPSG:N; a missing one is a `UsageError`.
    how : how to read the file; what it chooses of columns is remembered with the batch.
    dry_run : do everything but store; `batch` is None.
    accept_datum : import although another datum fits better, or is named by the file; the rows
        are flagged.
    report_to : where to write the workbook of the rows that were not stored, in `lang`.
    progress : called with (done, total) steps; what it raises ends the import, nothing stored.
    """
    told = progress or _silent
    declared, layer = parse_datum(datum), store.spec(layer_id)
    told(0, _STEPS)
    reading = read(Path(path), layer, how, store=store)
    told(1, _STEPS)
    ready = _prepared(store, reading, declared, accept_datum, lambda: told(2, _STEPS))
    told(3, _STEPS)
    report = settle(store, ready)[0] if dry_run else None
    told(4, _STEPS)
    if report is None:
        report = _stored(store, ready, declared.name)
    if report_to is not None:
        options = reading.options + (["--accept-datum"] if accept_datum else [])
        to_mend = write_report(
            report_to,
            reading.table,
            reading.mapping,
            report,
            layer,
            declared.name,
            lang,
            source=reading.path.name,
            options=options,
        )
        report = replace(report, to_mend=to_mend)
    told(_STEPS, _STEPS)
    return report


def _prepared(
    store: Store, reading: Reading, declared: Datum, accept: bool, told: Callable[[], None]
) -> Prepared:
    own = reading.mapping.datum_hint, reading.table.crs_name
    doubts = require_stated_datum(*own, declared, accept=accept)
    layer, records = reading.layer, reading.rows.records
    for record, shape in zip(records, reading.rows.geometry, strict=True):
        key = source_key(layer, record, shape)
        record["source_key"], record["id"] = key, feature_id(key)
    stored = recall_fields(store, reading)
    around = surroundings_of(store, layer, exclude={str(record["id"]) for record in records})
    told()
    placed = place(
        reading.rows,
        layer,
        declared,
        around,
        accept_datum=accept,
        headers=reading.position_headers,
        doubted=accept and bool(doubts),
    )
    return Prepared(reading, around, stored, placed, doubts)


def _stored(store: Store, ready: Prepared, datum: str) -> ImportReport:
    reading = ready.reading
    layer = reading.layer
    info = {"source": reading.path.name, "sha256": reading.table.sha256, "datum": datum}
    with store.batch("import", layer=layer.id, **info) as batch:
        # Only now: what people decide of the review queue while a file is read must hold for it.
        report, records = settle(store, ready)
        result = batch.put(layer, records, info["source"])
        review = [_review_row(item) for item in report.review]
        became = came_as(reading.table, [*records, *(item["record"] for item in report.review)])
        batch.queue.add(layer.id, review, [record["id"] for record in records], became)
        again = recount(store, batch) if layer.id in COUNTED_AROUND else 0
        if layer.counted or layer.id in (*_ROLL_UP_LAYERS, *COUNTED_AROUND):
            refresh_roll_ups(store, batch)
        remember(store, batch, reading)
        batch.info |= {
            "rows": report.rows,
            "stored": report.stored,
            "rejected": report.rejected,
            "unplaced": report.unplaced,
        }
    if again:
        said = Text(
            f"周边人数因此改变，{again} 个重大危险源重新分级",
            f"People around {again} hazard sources changed: they were graded again",
        )
        report = replace(report, remarks=(*report.remarks, said))
    return replace(report, batch=batch.id, changed=result.inserted + result.updated)


def undo(store: Store, batch_id: str) -> dict[str, Any]:
    """Take a batch back, as a batch of its own; refused when something later builds on it."""
    with store.batch("undo", undoes=batch_id) as batch:
        choices = has_choices(store, batch_id)
        if choices:
            refuse_later_choices(store, batch_id)
        count = batch.undo(batch_id, features=not choices)
        restore_choices(store, batch, batch_id)
        forget(store, batch, batch_id)
        count += grade_undone(store, batch, everything=choices)
        refresh_roll_ups(store, batch)
        batch.info |= {"rows": count, "stored": count, "rejected": 0, "unplaced": 0}
    told = {"undone": batch_id, "features": count, "reopened": batch.reopened}
    return {**told, "batch": batch.id}


def batches(store: Store) -> list[Record]:
    """Every batch, oldest first: what, when, who, from which file."""
    return store.rows("batches")
