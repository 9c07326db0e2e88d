"""What intake hands on: the table as read, the mapping of its columns, the findings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from geo_risk.errors import Lang, Text

Kind = Literal["csv", "xlsx", "xls", "ods", "geojson", "geojsonl", "gpkg", "shp", "kml", "kmz"]
Cell = str | int | float | bool | None

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


@dataclass(frozen=True)
class ColumnMap:
    """Which column feeds which field; the columns' indices, and the headers left over."""

    fields: dict[str, int]
    x: int | None = None
    y: int | None = None
    outline: int | None = None
    unmapped: list[str] = field(default_factory=list)


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
    fix: Text = field(default_factory=lambda: Text("", ""))

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
