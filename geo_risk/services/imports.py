"""Importing a file as one batch, undoing it, and the list of batches."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from geo_risk import catalogue
from geo_risk.catalogue import LayerSpec
from geo_risk.datums import parse_datum
from geo_risk.errors import Lang, Text, UsageError
from geo_risk.export.files import check_folder
from geo_risk.geocoding import normalise
from geo_risk.intake import Finding, read_table
from geo_risk.store import Record, Store
from geo_risk.vocabulary import GRADES

from .grading import LEVELS, grade_records, profile_of, refresh_roll_ups, restore_profiles
from .hand_positions import came_as, keep_hand_positions
from .identity import feature_id, source_key
from .import_report import ImportReport
from .placing import Placed, place
from .position_checks import require_stated_datum
from .reading import Reading, read, remember
from .repair import write_report
from .surroundings import surroundings_of

Progress = Callable[[int, int], None]
_STEPS = 5
_ROLL_UP_LAYERS = {layer_id for layer_id, _ in LEVELS.values()}


def _silent(_done: int, _total: int) -> None:
    return


def _duplicates(layer: LayerSpec, records: Sequence[Record]) -> list[Finding]:
    """Of the rows that would be kept, reject each after the first of its id, naming that one.

    One that says something else may be a thing of its own: its words say how to bring it in. It
    is a `duplicate_row` all the same, because imported again as it is it would overwrite its twin.
    """
    first: dict[str, Record] = {}
    rejects = []
    for record in records:
        earlier = first.setdefault(record["id"], record)
        if earlier is not record:
            same = _says(layer, earlier) == _says(layer, record)
            rejects.append(_doubled(record, earlier, same=same))
    return rejects


def _says(layer: LayerSpec, record: Record) -> list[object]:
    """What a row itself says, in one spelling; town and village may be inferred: left out."""
    names = [name for name in layer.by_name if name not in ("town", "village")]
    values = [record.get(name) for name in (*names, "position_in")]
    return [normalise(value) if isinstance(value, str) else value for value in values]


def _doubled(record: Record, earlier: Record, *, same: bool) -> Finding:
    row, at, name = record["row"], earlier["row"], earlier.get("name")
    field = next((key for key in ("code", "credit_code") if record.get(key)), "name")
    if same or field == "name":
        message = Text(f"与第 {at} 行重复", f"A duplicate of row {at}")
        fix = Text("删除其中一行，或改正编号", "Delete one of the two, or mend the code")
        return Finding(row, field, "duplicate_row", "rejected", message, fix)
    key = record[field]
    message = Text(
        f"“{key}”已用于第 {at} 行“{name}”，两行内容不同",
        f"{key} is also that of row {at} ({name}), which says something else",
    )
    fix = Text("改正编号；如是同一条，删去一行", "Mend the code, or delete one if they are one")
    if field == "credit_code":
        fix = Text(
            "一家企业有几处场所时，每处填一个不同的企业编号；如是同一条，删去一行",
            "Give each site of a company a code of its own, or delete one if they are one",
        )
    return Finding(row, field, "duplicate_row", "rejected", message, fix)


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
            fix=Text("如 --report 问题.xlsx", "Such as --report problems.xlsx"),
        )


def import_file(
    store: Store,
    path: Path | str,
    layer_id: str,
    datum: str | None,
    *,
    dry_run: bool = False,
    where: Sequence[str] = (),
    encoding: str | None = None,
    sheet: str | None = None,
    chosen: Mapping[str, str] | None = None,
    accept_datum: bool = False,
    report_to: Path | None = None,
    lang: Lang = "zh",
    progress: Progress | None = None,
) -> ImportReport:
    """Read, check, place, grade and store a file as one batch; all of it or none.

    Parameters
    ----------
    datum : wgs84, cgcs2000, gcj02, bd09 or EPSG:N; a missing one is a `UsageError`.
    dry_run : do everything but store; `batch` is None.
    where : `column=value1,value2` or `column=*`; all must hold.
    encoding, sheet, chosen : as in `reading.read`; `chosen` is remembered with the batch.
    accept_datum : import although another datum fits better; the rows are flagged.
    report_to : where to write the workbook of the rows that were not stored, in `lang`.
    progress : called with (done, total) steps; what it raises ends the import, nothing stored.
    """
    told = progress or _silent
    declared, layer = parse_datum(datum), store.spec(layer_id)
    told(0, _STEPS)
    reading = read(
        Path(path), layer, store=store, encoding=encoding, sheet=sheet, chosen=chosen, where=where
    )
    require_stated_datum(reading.mapping.datum_hint, declared, accept=accept_datum)
    told(1, _STEPS)
    records = reading.rows.records
    for record in records:
        key = source_key(layer, record)
        record["source_key"], record["id"] = key, feature_id(key)
    around = surroundings_of(store, layer, exclude={str(record["id"]) for record in records})
    told(2, _STEPS)
    placed = place(
        reading.rows,
        layer,
        declared,
        around,
        accept_datum=accept_datum,
        headers=reading.position_headers,
    )
    told(3, _STEPS)
    report = None
    if dry_run:
        report, _ = _settled(store, reading, placed)
    told(4, _STEPS)
    if report is None:
        report = _stored(store, reading, placed, declared.name)
    if report_to is not None:
        write_report(
            report_to,
            reading.table,
            reading.mapping,
            report,
            layer,
            declared.name,
            lang,
            source=reading.path.name,
            options=reading.options,
        )
    told(_STEPS, _STEPS)
    return report


def _settled(store: Store, reading: Reading, placed: Placed) -> tuple[ImportReport, list[Record]]:
    """Take out doubled rows, keep what people decided, grade: the report and what to store."""
    layer = reading.layer
    waiting_too = [item["record"] for item in placed.review]
    duplicates = _duplicates(layer, [*placed.records, *waiting_too])
    twins = {finding.row for finding in duplicates}
    kept = [record for record in placed.records if record["row"] not in twins]
    waiting = [item for item in placed.review if item["record"]["row"] not in twins]
    kept, waiting, by_hand = keep_hand_positions(store, layer, kept, waiting)
    grade_records(layer, kept, profile_of(store, layer) if _has_grader(layer) else "")
    found = [*reading.findings, *placed.findings, *duplicates, *by_hand]
    fates = _one_fate(found, {int(record["row"]) for record in kept})
    report = ImportReport(
        reading,
        reading.rows.total,
        len(kept),
        len({finding.row for finding in fates if finding.outcome == "rejected"}),
        len(waiting),
        None,
        waiting,
        sorted(fates, key=lambda finding: finding.row),
        reading.rows.filtered,
        by_grade=_graded(kept) if _has_grader(layer) else {},
        datum_check=placed.datum_check,
        remarks=(*reading.remarks, *placed.remarks),
    )
    return report, kept


def _one_fate(findings: Sequence[Finding], stored: set[int]) -> list[Finding]:
    """One fate for a row: what is stored is not also queued, what is rejected is not either."""
    rejected = {finding.row for finding in findings if finding.outcome == "rejected"}
    return [
        finding
        for finding in findings
        if finding.outcome != "queued" or finding.row not in stored | rejected
    ]


def _graded(records: Sequence[Record]) -> dict[str, int]:
    found = Counter(record["grade"] for record in records)
    return {str(grade): found[str(grade)] for grade in GRADES}


def _has_grader(layer: LayerSpec) -> bool:
    return layer.grader not in ("", "rollup")


def _stored(store: Store, reading: Reading, placed: Placed, datum: str) -> ImportReport:
    layer = reading.layer
    info = {"source": reading.path.name, "sha256": reading.table.sha256, "datum": datum}
    with store.batch("import", layer=layer.id, **info) as batch:
        # Only now: what people decide of the review queue while a file is read must hold for it.
        report, records = _settled(store, reading, placed)
        result = batch.put(layer, records, info["source"])
        review = [_review_row(item) for item in report.review]
        became = came_as(reading.table, [*records, *(item["record"] for item in report.review)])
        batch.add_review(layer.id, review, [record["id"] for record in records], became)
        if layer.counted or layer.id in _ROLL_UP_LAYERS:
            refresh_roll_ups(store, batch)
        remember(store, batch, reading)
        batch.info |= {
            "rows": report.rows,
            "stored": report.stored,
            "rejected": report.rejected,
            "unplaced": report.unplaced,
        }
    return replace(report, batch=batch.id, changed=result.inserted + result.updated)


def undo(store: Store, batch_id: str) -> dict[str, Any]:
    """Take a batch back, as a batch of its own; refused when something later builds on it."""
    with store.batch("undo", undoes=batch_id) as batch:
        count = batch.undo(batch_id)
        restore_profiles(store, batch, batch_id)
        refresh_roll_ups(store, batch)
        batch.info |= {"rows": count, "stored": count, "rejected": 0, "unplaced": 0}
    told = {"undone": batch_id, "features": count, "reopened": batch.reopened}
    return {**told, "batch": batch.id}


def batches(store: Store) -> list[Record]:
    """Every batch, oldest first: what, when, who, from which file."""
    return store.rows("batches")
