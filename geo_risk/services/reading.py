"""Reading a file for a layer: table, mapping (also the remembered one), clean rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from geo_risk.catalogue import LayerSpec
from geo_risk.errors import Lang, Text
from geo_risk.intake import ColumnMap, Finding, RawTable, Rows, clean_rows, map_columns, read_table
from geo_risk.intake.header_rows import SKIPPED
from geo_risk.store import Batch, Store

from .commands import shell


@dataclass(frozen=True)
class ReadingOptions:
    """How a file is to be read; what is not said is found in the file itself.

    Attributes
    ----------
    encoding : of a text file, such as gb18030. `sheet`: of a workbook, or the file in a zip.
    chosen : headers to targets: a field's name, x, y, lonlat, outline, or - to leave it out.
    where : `column=value1,value2` or `column=*`; only rows for which all hold are read.
    recall : what was chosen before for the same header holds where `chosen` says nothing.
    """

    encoding: str | None = None
    sheet: str | None = None
    chosen: Mapping[str, str] = field(default_factory=dict)
    where: Sequence[str] = ()
    recall: bool = True


AS_FOUND = ReadingOptions()
"""Nothing said: all is found in the file, or as chosen before for its header."""


@dataclass(frozen=True)
class Reading:
    """A file as read for a layer; `findings` are those of the table and of its rows."""

    path: Path
    layer: LayerSpec
    table: RawTable
    mapping: ColumnMap
    rows: Rows
    findings: list[Finding]
    chosen: Mapping[str, str]
    remarks: tuple[Text, ...] = ()

    @property
    def position_headers(self) -> tuple[str, str]:
        """What the two columns of coordinates are called, empty where there are none."""
        at = (self.mapping.x, self.mapping.y)
        x, y = ("" if i is None else self.table.columns[i] for i in at)
        return x, y

    @property
    def brings_positions(self) -> bool:
        """Whether the file has coordinates or shapes at all, in whichever row."""
        mapping = self.mapping
        columns = (mapping.x, mapping.lonlat, mapping.outline)
        return self.table.geometry is not None or any(at is not None for at in columns)

    @property
    def options(self) -> list[str]:
        """What a command must repeat to read the same columns."""
        return [part for pair in self.chosen.items() for part in ("--map", "=".join(pair))]

    def as_json(self, lang: Lang = "zh") -> dict[str, Any]:
        """How the file was read: encoding, sheet, header row, each column's target."""
        table, mapping = self.table, self.mapping
        return {
            "encoding": table.encoding,
            "encoding_how": table.encoding_how,
            "sheet": table.sheet,
            "sheets": list(table.sheets),
            "header_row": table.header_row,
            "columns": columns_json(table, mapping, self.layer, lang),
            "unmapped": list(mapping.unmapped),
        }


def targets(mapping: ColumnMap) -> dict[int, str]:
    """Per mapped column its target: a field's name, or x, y, lonlat, outline."""
    found = {at: name for name, at in mapping.fields.items()}
    for name in ("x", "y", "lonlat", "outline"):
        at = getattr(mapping, name)
        if at is not None:
            found[at] = name
    return found


def columns_json(
    table: RawTable, mapping: ColumnMap, layer: LayerSpec, lang: Lang
) -> list[dict[str, Any]]:
    """Each column of the file: its header, what it feeds, how sure that is, what it may be."""
    fed = targets(mapping)
    columns = []
    for at, header in enumerate(table.columns):
        target = fed.get(at)
        guess = mapping.suggested.get(at)
        columns.append(
            {
                "header": header,
                "target": target,
                "label": label_of(layer, target, lang),
                "confidence": mapping.confidence.get(target) if target else None,
                "suggested": guess[0] if guess else None,
                "ignored": header in mapping.ignored,
            }
        )
    return columns


_POSITION_LABELS = {
    "x": Text("经度或横坐标", "Longitude or easting"),
    "y": Text("纬度或纵坐标", "Latitude or northing"),
    "lonlat": Text("经纬度(同一格)", "Longitude and latitude in one cell"),
    "outline": Text("边界坐标", "Outline"),
    "coordinates": Text("坐标", "Coordinates"),
    "geometry": Text("几何", "Geometry"),
}


def label_of(layer: LayerSpec, target: str | None, lang: Lang) -> str:
    """A field's label; a target of coordinates in words; the target itself otherwise."""
    own = layer.by_name.get(target or "")
    if own is not None:
        return own.label[lang]
    return _POSITION_LABELS[target][lang] if target in _POSITION_LABELS else target or ""


def finding_json(layer: LayerSpec, finding: Finding, lang: Lang) -> dict[str, Any]:
    """A finding with the label of its field."""
    return {**finding.as_json(lang), "label": label_of(layer, finding.field, lang)}


def _remembered(before: Mapping[str, str]) -> tuple[Text, ...]:
    if not before:
        return ()
    said = shell(*(part for pair in before.items() for part in ("--map", "=".join(pair))))
    return (
        Text(
            f"沿用上次为同样表头指定的 {said}；不用则加 --forget-map",
            f"As last time for this header: {said}; --forget-map leaves it out",
        ),
    )


def _key(layer: LayerSpec, columns: Sequence[str]) -> str:
    text = json.dumps(list(columns), ensure_ascii=False)
    return f"map:{layer.id}:{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def remember(store: Store, batch: Batch, reading: Reading) -> None:
    """Keep what `--map` said for this header, and with the batch what held before it."""
    key = _key(reading.layer, reading.table.columns)
    before = store.meta(key)
    now = json.dumps(dict(reading.chosen), ensure_ascii=False)
    if now != (before or "{}"):
        store.set_meta(batch.connection, key, now)
        store.set_meta(
            batch.connection, f"map_before:{batch.id}", json.dumps([key, before or "{}"])
        )


def forget(store: Store, batch: Batch, undone: str) -> None:
    """Map a header again as before a batch, as a part of its undo."""
    kept = store.meta(f"map_before:{undone}")
    if kept:
        key, before = json.loads(kept)
        now = store.meta(key) or "{}"
        store.set_meta(batch.connection, key, before)
        store.set_meta(batch.connection, f"map_before:{batch.id}", json.dumps([key, now]))


def read(
    path: Path,
    layer: LayerSpec,
    how: ReadingOptions = AS_FOUND,
    *,
    store: Store | None = None,
    table: RawTable | None = None,
    partial: bool = False,
) -> Reading:
    """Read a file for a layer, or take it as the `table` it was read into.

    `store` is where it is looked up what was chosen before. `partial` reads on without a
    required column.
    """
    if table is None:
        table = read_table(path, encoding=how.encoding, sheet=how.sheet)
    before: dict[str, str] = {}
    if store is not None and how.recall:
        before = json.loads(store.meta(_key(layer, table.columns)) or "{}")
    chosen = {**before, **how.chosen}
    mapping = map_columns(table.columns, layer, chosen)
    rows = clean_rows(table, layer, mapping, where=how.where, partial=partial)
    skipped = [
        Finding(row, "", code, "noted", SKIPPED[code])
        for row, code in table.skipped
        if code != "title_row"
    ]
    return Reading(
        path,
        layer,
        table,
        mapping,
        rows,
        [*skipped, *rows.findings],
        chosen,
        (*_remembered(before), *(said for _, said in table.notes)),
    )
