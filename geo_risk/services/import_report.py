"""What an import says of itself: counts, findings, how the file was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from geo_risk.errors import Lang, Text
from geo_risk.intake import Finding
from geo_risk.intake.model import Outcome
from geo_risk.store import Record

from .reading import Reading, finding_json


@dataclass(frozen=True)
class ImportReport:
    """What became of every row: `rows == stored + rejected + unplaced`.

    Attributes
    ----------
    reading : the file as it was read.
    findings : everything said of a row, in the file's order.
    review : what went to the review queue: record, level, reasons, candidates.
    changed : how many stored rows were new or other than before.
    filtered : rows that `where` left out.
    by_grade : the grades given.
    datum_check : how well each datum fits, as `DatumFit.as_json`; empty when it was not checked.
    remarks : sentences about the file as a whole.
    to_mend : how many rows the workbook of `report_to` asks to mend.
    """

    reading: Reading
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
    datum_check: dict[str, Any] = field(default_factory=dict)
    remarks: Sequence[Text] = ()
    to_mend: int = 0

    @property
    def layer(self) -> str:
        """The id of the layer."""
        return self.reading.layer.id

    @property
    def rejects(self) -> list[Finding]:
        """The findings that kept a row out."""
        return self.of("rejected")

    @property
    def notes(self) -> list[Finding]:
        """What is odd about rows that were stored, and what was mended or skipped."""
        return self.of("flagged", "noted")

    def of(self, *outcomes: Outcome) -> list[Finding]:
        """The findings with one of these outcomes."""
        return [finding for finding in self.findings if finding.outcome in outcomes]

    def lines(self, lang: Lang, *outcomes: Outcome) -> list[dict[str, Any]]:
        """The same for people and programs: with the field's label."""
        return [finding_json(self.reading.layer, finding, lang) for finding in self.of(*outcomes)]

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
            "rejects": self.lines(lang, "rejected"),
            "review": [_waiting(item, lang) for item in self.review],
            "notes": self.lines(lang, "flagged", "noted"),
            "filtered": self.filtered,
            "changed": self.changed,
            "by_grade": self.by_grade,
            "remarks": [remark[lang] for remark in self.remarks],
            "datum_check": self.datum_check,
            **self.reading.as_json(lang),
        }


def _waiting(item: Record, lang: Lang) -> dict[str, Any]:
    return {
        "row": item["record"]["row"],
        "name": item["record"]["name"],
        "address": item["record"].get("address"),
        "level": item["level"],
        "codes": [reason["code"] for reason in item["reasons"]],
        "reasons": [reason[lang] for reason in item["reasons"]],
        "candidates": item["candidates"],
    }
