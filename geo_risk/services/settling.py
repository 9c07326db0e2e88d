"""The last steps before the store: from placed rows to records, each row with one fate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from geo_risk.catalogue import LayerSpec
from geo_risk.errors import Text
from geo_risk.geocoding import normalise
from geo_risk.intake import Finding
from geo_risk.store import Query, Record, Store, digest, digest_columns
from geo_risk.vocabulary import GRADES

from .grading import grade_records
from .hand_positions import PLACED_BY_HAND, keep_hand_positions
from .import_report import ImportReport
from .merging import Stored, keep_positions
from .placing import NOT_ASKED, Placed, weigh
from .reading import Reading
from .surroundings import Surroundings


@dataclass(frozen=True)
class Prepared:
    """A file read and placed: all that needs no write lock."""

    reading: Reading
    around: Surroundings
    stored: Stored
    placed: Placed
    doubts: tuple[Text, ...] = ()


def settle(store: Store, ready: Prepared) -> tuple[ImportReport, list[Record]]:
    """From placed rows to what is stored: the report and the records.

    In this order: doubled rows out, positions kept that the file says nothing new of, and those
    that people decided; grades; what is hard to believe beside the others queued or flagged.
    To be called inside the write transaction, so that what people decide meanwhile holds.
    """
    reading, placed, stored = ready.reading, ready.placed, ready.stored
    layer = reading.layer
    has_grader = layer.grader not in ("", "rollup")
    match_of = {int(record["row"]): match for record, match in placed.kept}
    kept = [record for record, _ in placed.kept]
    duplicates = _duplicates(layer, [*kept, *(item["record"] for item in placed.review)])
    twins = {finding.row for finding in duplicates}
    kept = [record for record in kept if record["row"] not in twins]
    waiting = [item for item in placed.review if item["record"]["row"] not in twins]
    kept, waiting, merged = keep_positions(stored, kept, waiting, brings=reading.brings_positions)
    kept, waiting, by_hand = keep_hand_positions(store, layer, kept, waiting)
    grade_records(store, layer, kept)
    standing = _unchanged(store, layer, kept)
    standing |= {
        record["id"]: record["flags"]
        for record in kept
        if PLACED_BY_HAND in str(record["flags"] or "").split(";")
    }
    pairs = [(record, match_of.get(int(record["row"]), NOT_ASKED)) for record in kept]
    weighed = weigh(pairs, layer, ready.around, standing)
    kept = [record for record, _ in weighed.kept]
    found = [*reading.findings, *placed.findings, *duplicates, *merged, *by_hand]
    fates = _one_fate([*found, *weighed.findings], {int(record["row"]) for record in kept})
    report = ImportReport(
        reading,
        reading.rows.total,
        len(kept),
        len({finding.row for finding in fates if finding.outcome == "rejected"}),
        len(waiting) + len(weighed.review),
        None,
        waiting + weighed.review,
        sorted(fates, key=lambda finding: finding.row),
        reading.rows.filtered,
        by_grade=_graded(kept) if has_grader else {},
        datum_check=placed.datum_check,
        remarks=(*reading.remarks, *ready.doubts, *placed.remarks, *stored.remarks),
    )
    return report, kept


def _unchanged(store: Store, layer: LayerSpec, records: Sequence[Record]) -> dict[str, str]:
    """Of the records that the store holds already just so, the ids and the flags they bear."""
    rows = store.columns(Query(layer.id), ("id", "digest", "flags"))
    held = {key: (mark, flags or "") for key, mark, flags in rows}
    columns = digest_columns(layer)
    return {
        record["id"]: held[record["id"]][1]
        for record in records
        if record["id"] in held and digest(record, columns) == held[record["id"]][0]
    }


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
