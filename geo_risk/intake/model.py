"""What intake hands on: the table as read, the mapping of its columns, the findings."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Literal

from geo_risk.errors import Lang, Text

Kind = Literal[
    "csv", "xlsx", "xls", "ods", "geojson", "geojsonl", "gpkg", "shp", "kml", "kmz", "osm"
]

UNREADABLE = b""
"""In `RawTable.geometry`: the feature has a geometry, but it could not be read."""


@dataclass(frozen=True)
class RawTable:
    """A file as a table, nothing interpreted yet.

    Attributes
    ----------
    rows : cells as `str | int | float | bool | None`; a whole number is never a float.
    row_numbers : per row the row or line of the file, from 1; for features the ordinal.
    geometry : per row WKB in the file's own coordinates, None where the feature has none, empty
        bytes where it cannot be read; None for files without geometry.
    crs_name : what the file itself says of its coordinates (`EPSG:4326`, `CRS84`), if it does.
    header_row, header_rows : the file's row of the last header row; how many rows the header
        takes (0 for features).
    title : the texts of the rows above the header.
    skipped : rows that hold no record, with the reason's code: `title_row`, `repeated_header`,
        `numbering_row`, `unit_row`, `example_row`, `footnote`.
    merged : merged cells as (first row, first column, last row, last column), the file's rows
        from 1, columns from 0.
    encoding_how : `bom`, `strict` (UTF-8), `gb18030`, `detected`, `declared`; None for files
        that know no choice.
    sheet, sheets : the sheet, layer or part that was read; all that `sheet=` may choose.
    notes : what of the file was left out, as (code, sentence).
    """

    columns: list[str]
    rows: list[list[object]]
    row_numbers: list[int]
    geometry: list[bytes | None] | None
    encoding: str | None
    sheet: str | None
    header_row: int | None
    sha256: str
    kind: Kind
    crs_name: str | None = None
    header_rows: int = 0
    title: list[str] = field(default_factory=list)
    skipped: list[tuple[int, str]] = field(default_factory=list)
    encoding_how: str | None = None
    sheets: list[str] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    notes: list[tuple[str, Text]] = field(default_factory=list)


@dataclass(frozen=True)
class ColumnMap:
    """Which column feeds which field; the columns' indices, and the headers left over.

    Attributes
    ----------
    lonlat : one column that holds both coordinates.
    confidence : per target taken (a field, `x`, `y`, `lonlat`, `outline`) from 0 to 1.
    suggested : column index -> (target, confidence): alike, but not enough to take it unasked.
    ignored : columns left out on purpose: mapped to `-`, or our own error workbook's.
    datum_hint : the datum that the headers of the coordinates name, or where there are none the
        header of the outline.
    """

    fields: dict[str, int]
    x: int | None = None
    y: int | None = None
    outline: int | None = None
    unmapped: list[str] = field(default_factory=list)
    lonlat: int | None = None
    confidence: dict[str, float] = field(default_factory=dict)
    suggested: dict[int, tuple[str, float]] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    datum_hint: str | None = None


Outcome = Literal["rejected", "queued", "flagged", "noted"]
"""What a finding means for its row: not taken in; kept for review; stored with its code in
`flags`; stored, and something was mended or left out."""


@dataclass(frozen=True)
class Finding:
    """Something about one row: where, why, what becomes of the row and what to do."""

    row: int
    field: str
    code: str
    outcome: Outcome
    message: Text
    fix: Text = dataclasses.field(default_factory=lambda: Text("", ""))

    def as_json(self, lang: Lang = "zh") -> dict[str, str | int]:
        """The contract's form of a finding."""
        return {
            "row": self.row,
            "field": self.field,
            "code": self.code,
            "outcome": self.outcome,
            "message": self.message[lang],
            "fix": self.fix[lang],
        }
