"""Importing a file as one batch, undoing it, and the list of batches."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from geo_risk import catalogue
from geo_risk.catalogue import LayerSpec
from geo_risk.datums import parse_datum
from geo_risk.errors import Lang, Text
from geo_risk.intake import Finding, clean_rows, map_columns, read_table
from geo_risk.store import Record, Store
from geo_risk.vocabulary import GRADES

from .grading import LEVELS, grade_records, profile_of, refresh_roll_ups, restore_profiles
from .identity import feature_id, source_key
from .placing import place, surroundings_of

Progress = Callable[[int, int], None]
_ROLL_UP_LAYERS = {layer_id for layer_id, _ in LEVELS.values()}


@dataclass(frozen=True)
class ImportReport:
    """What became of every row: `rows == stored + rejected + unplaced`.

    `changed` counts the stored rows that were new or other than before; `filtered` the rows that
    `where` left out; `findings` everything said of a row, in the file's order; `by_grade` the
    grades given.
    """

    layer: str
    rows: int
    stored: int
    rejected: int
    unplaced: int
    batch: str | None
    review: list[Record] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    filtered: int = 0
    changed: int = 0
    by_grade: dict[str, int] = field(default_factory=dict)
    encoding: str | None = None
    header_row: int | None = None
    unmapped: list[str] = field(default_factory=list)

    @property
    def rejects(self) -> list[Finding]:
        """The rows that were not taken in, in the file's order."""
        return [finding for finding in self.findings if finding.outcome == "rejected"]

    @property
    def notes(self) -> list[Finding]:
        """What was mended, left out or is odd in rows that were taken in."""
        return [finding for finding in self.findings if finding.outcome != "rejected"]

    @property
    def complete(self) -> bool:
        """Whether every row was stored."""
        return not self.rejected and not self.unplaced

    def as_json(self, lang: Lang = "zh") -> dict[str, Any]:
        """The contract's report."""
        return {
            "layer": self.layer,
            "rows": self.rows,
            "stored": self.stored,
            "rejected": self.rejected,
            "unplaced": self.unplaced,
            "batch": self.batch,
            "rejects": [reject.as_json(lang) for reject in self.rejects],
            "review": [
                {
                    "row": item["record"]["row"],
                    "name": item["record"]["name"],
                    "address": item["record"].get("address"),
                    "level": item["level"],
                    "reasons": [reason[lang] for reason in item["reasons"]],
                }
                for item in self.review
            ],
            "notes": [finding.as_json(lang) for finding in self.notes],
            "filtered": self.filtered,
            "changed": self.changed,
            "by_grade": self.by_grade,
            "encoding": self.encoding,
            "header_row": self.header_row,
            "unmapped": self.unmapped,
        }


def _silent(_done: int, _total: int) -> None:
    return


def _duplicates(records: Sequence[Record]) -> list[Finding]:
    """Of the rows that would be kept, reject each after the first of its id, naming that one."""
    first: dict[str, int] = {}
    rejects = []
    for record in records:
        earlier = first.setdefault(record["id"], record["row"])
        if earlier != record["row"]:
            rejects.append(
                Finding(
                    record["row"],
                    "code" if record.get("code") else "name",
                    "duplicate_row",
                    "rejected",
                    Text(f"与第 {earlier} 行重复", f"A duplicate of row {earlier}"),
                    Text("删除其中一行，或改正编号", "Delete one of the two, or mend the code"),
                )
            )
    return rejects


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


def check_request(path: Path | str, layer_id: str, datum: str | None) -> None:
    """Refuse what `import_file` would refuse before it reads, so that no store need be made."""
    parse_datum(datum)
    catalogue.layer(layer_id)
    if not Path(path).is_file():
        read_table(Path(path))


def import_file(
    store: Store,
    path: Path | str,
    layer_id: str,
    datum: str | None,
    *,
    dry_run: bool = False,
    where: Sequence[str] = (),
    progress: Progress | None = None,
) -> ImportReport:
    """Read, check, place, grade and store a file as one batch; all of it or none.

    Parameters
    ----------
    datum : wgs84, cgcs2000, gcj02, bd09 or EPSG:N; a missing one is a `UsageError`.
    dry_run : do everything but store; `batch` is None.
    where : `column=value1,value2` or `column=*`; all must hold.
    progress : called with (done, total) steps.
    """
    report_progress = progress or _silent
    declared, layer, path = parse_datum(datum), store.spec(layer_id), Path(path)
    report_progress(0, 4)
    table = read_table(path)
    mapping = map_columns(table.columns, layer)
    rows = clean_rows(table, layer, mapping, where=where)
    report_progress(1, 4)
    for record in rows.records:
        key = source_key(layer, record)
        record["source_key"], record["id"] = key, feature_id(key)
    placed = place(rows, layer, declared, surroundings_of(store, layer))
    duplicates = _duplicates([*placed.records, *(item["record"] for item in placed.review)])
    twins = {reject.row for reject in duplicates}
    kept = [record for record in placed.records if record["row"] not in twins]
    review = [item for item in placed.review if item["record"]["row"] not in twins]
    report_progress(2, 4)
    grade_records(layer, kept, profile_of(store, layer) if _has_grader(layer) else "")
    findings = [*rows.findings, *duplicates, *placed.findings]
    rejected = sum(finding.outcome == "rejected" for finding in findings)
    report_progress(3, 4)
    report = ImportReport(
        layer_id,
        rows.total,
        len(kept),
        rejected,
        len(review),
        None,
        review,
        sorted(findings, key=lambda finding: finding.row),
        rows.filtered,
        by_grade=_graded(kept) if _has_grader(layer) else {},
        encoding=table.encoding,
        header_row=table.header_row,
        unmapped=list(mapping.unmapped),
    )
    if not dry_run:
        info = {"source": path.name, "sha256": table.sha256, "datum": declared.name}
        report = _stored(store, layer, report, kept, info)
    report_progress(4, 4)
    return report


def _graded(records: Sequence[Record]) -> dict[str, int]:
    found = Counter(record["grade"] for record in records)
    return {str(grade): found[str(grade)] for grade in GRADES}


def _has_grader(layer: LayerSpec) -> bool:
    return layer.grader not in ("", "rollup")


def _stored(
    store: Store,
    layer: LayerSpec,
    report: ImportReport,
    records: list[Record],
    info: dict[str, str],
) -> ImportReport:
    with store.batch("import", layer=layer.id, **info) as batch:
        result = batch.put(layer, records, info["source"])
        review = [_review_row(item) for item in report.review]
        batch.add_review(layer.id, review, [record["id"] for record in records])
        if layer.counted or layer.id in _ROLL_UP_LAYERS:
            refresh_roll_ups(store, batch)
        batch.info |= {
            "rows": report.rows,
            "stored": report.stored,
            "rejected": report.rejected,
            "unplaced": report.unplaced,
        }
    changed = result.inserted + result.updated
    return ImportReport(**{**vars(report), "batch": batch.id, "changed": changed})


def undo(store: Store, batch_id: str) -> dict[str, Any]:
    """Take a batch back, as a batch of its own; refused when something later builds on it."""
    with store.batch("undo", undoes=batch_id) as batch:
        count = batch.undo(batch_id)
        restore_profiles(store, batch, batch_id)
        refresh_roll_ups(store, batch)
        batch.info |= {"rows": count, "stored": count, "rejected": 0, "unplaced": 0}
    return {"undone": batch_id, "features": count, "batch": batch.id}


def batches(store: Store) -> list[Record]:
    """Every batch, oldest first: what, when, who, from which file."""
    return store.rows("batches")
