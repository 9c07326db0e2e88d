"""What intake hands on: the table as read, the mapping of its columns, the rejects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from geo_risk.errors import Lang, Text

Kind = Literal["csv", "xlsx", "geojson", "gpkg"]
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


@dataclass(frozen=True)
class Reject:
    """One row that is not taken in: where, why and what to do."""

    row: int
    field: str
    code: str
    message: Text
    fix: Text

    def as_json(self, lang: Lang = "zh") -> dict[str, str | int]:
        """The contract's form of a reject."""
        return {
            "row": self.row,
            "field": self.field,
            "code": self.code,
            "message": self.message[lang],
            "fix": self.fix[lang],
        }
