"""From a table as read to typed rows; every row that is not taken in is named with its reason."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_risk.catalogue import FieldSpec, LayerSpec
from geo_risk.errors import InputError, Text

from . import faults
from .conditions import kept_rows
from .credit_code import DEMO_PREFIX
from .faults import Fault, Noted
from .model import ColumnMap, Finding, RawTable
from .positions import check_shapes, from_wkb, read_outline, read_pairs, read_points
from .rows import Rows
from .texts import plain
from .values import Reader, reader_of

_ODD = (Fault, Noted)
_SUMS = {"合计", "小计", "总计", "共计", "total", "subtotal", "sum"}


def _sums(table: RawTable, kept: list[int]) -> tuple[list[int], list[Finding]]:
    """The rows without sums; a sum is a row whose first cell with content says so."""
    notes: list[Finding] = []
    rest: list[int] = []
    for at in kept:
        first = next((cell for cell in table.rows[at] if cell is not None and cell != ""), None)
        if isinstance(first, str) and len(first) < 12:
            word = plain(first).replace(" ", "").rstrip(":").casefold()
            if word in _SUMS:
                text = Text("合计行，已跳过", "A row of sums, left out")
                notes.append(Finding(table.row_numbers[at], "", "sum_skipped", "noted", text))
                continue
        rest.append(at)
    return rest, notes


def _clean_column(cells: Sequence[object], read: Reader) -> tuple[list[object], bool]:
    """Read a column, equal texts once; and whether any cell is a `Fault` or `Noted`."""
    known: dict[str, object] = {"": None}
    values: list[object] = []
    odd = False
    for cell in cells:
        if cell.__class__ is str:
            text: str = cell
            if text not in known:
                known[text] = read(text)
            values.append(known[text])
        else:
            value = None if cell is None else read(cell)
            odd = odd or value.__class__ in _ODD
            values.append(value)
    return values, odd or any(value.__class__ in _ODD for value in known.values())


class _Table:
    """The rows under work: columns by field, and the first fault of each row."""

    def __init__(self, table: RawTable, kept: list[int]) -> None:
        self.rows = [table.rows[at] for at in kept]
        self.numbers = [table.row_numbers[at] for at in kept]
        self.bad: dict[int, Finding] = {}
        self.notes: list[tuple[int, Finding]] = []

    def column(self, at: int) -> list[object]:
        return [row[at] for row in self.rows]

    def refuse(self, index: int, field: str, fault: Fault) -> None:
        if index not in self.bad:
            at = self.numbers[index], fault.field or field, fault.code
            self.bad[index] = Finding(*at, "rejected", fault.message, fault.fix)

    def note(self, index: int, field: str, noted: Noted) -> None:
        at = self.numbers[index], field, noted.code
        self.notes.append((index, Finding(*at, "noted", noted.message, noted.fix)))

    def kept_notes(self) -> list[Finding]:
        """The notes of rows that are taken in, in their order."""
        kept = (item for item in self.notes if item[0] not in self.bad)
        return [finding for _, finding in sorted(kept, key=lambda item: item[0])]

    def refuse_all(self, found: dict[int, Fault], field: str) -> None:
        for index, fault in found.items():
            self.refuse(index, field, fault)

    def field(self, field: FieldSpec, at: int | None) -> list[object]:
        """One field's values; faults and missing required values are refused."""
        if at is None:
            return [None] * len(self.rows)
        values, odd = _clean_column(self.column(at), reader_of(field))
        if not odd and not (field.required and None in values):
            return values
        for index, value in enumerate(values):
            if isinstance(value, Fault):
                self.refuse(index, field.name, value)
            elif isinstance(value, Noted):
                self.note(index, field.name, value)
                values[index] = value.value
            elif value is None and field.required and not field.unless:
                self.refuse(index, field.name, faults.missing(field.label))
        return values

    def need_either(
        self, spec: LayerSpec, columns: dict[str, list[object]], mapping: ColumnMap
    ) -> None:
        """Refuse rows that lack a required field and also the one that may stand for it."""
        for field in spec.fields:
            fed = field.name in mapping.fields or field.unless in mapping.fields
            if field.required and field.unless and fed:
                label = spec.by_name[field.unless].label
                pairs = zip(columns[field.name], columns[field.unless], strict=True)
                for index, pair in enumerate(pairs):
                    if pair == (None, None):
                        self.refuse(index, field.name, faults.both_missing(field.label, label))


def _likely_header(field: str, mapping: ColumnMap, columns: Sequence[str]) -> str | None:
    """The column that most likely holds a field: the one suggested, else the first without use."""
    suggested = mapping.suggested
    fitting = [(-sure, at) for at, (target, sure) in suggested.items() if target == field]
    if fitting:
        return columns[min(fitting)[1]]
    others = {columns[at] for at in suggested}
    free = [column for column in mapping.unmapped if column not in others]
    return next(iter([*free, *mapping.unmapped]), None)


def column_missing(
    spec: LayerSpec, mapping: ColumnMap, columns: Sequence[str]
) -> InputError | None:
    """The error `column_missing` of the first required field that no column feeds, if any."""
    for field in spec.fields:
        fed = field.name in mapping.fields or field.unless in mapping.fields
        if fed or not field.required:
            continue
        words = "、".join(dict.fromkeys([field.label["zh"], *field.synonyms[:4], field.name]))
        fix = Text(f"请把表头写作其中之一：{words}", f"Name the column one of: {words}")
        header = _likely_header(field.name, mapping, columns)
        if header is not None:
            option = f"--map {shlex.quote(f'{header}={field.name}')}"
            zh, en = f"；或指明是哪一列，如 {option}", f"; or say which it is, such as {option}"
            fix = Text(fix["zh"] + zh, fix["en"] + en)
        label = field.label
        return InputError(
            "column_missing",
            Text(f"找不到“{label['zh']}”一列", f"No column for {label['en']!r} was found"),
            where=field.name,
            got=", ".join(columns)[:200],
            fix=fix,
        )
    return None


def _demo_codes(work: _Table, columns: dict[str, list[object]]) -> None:
    codes, synthetic = columns.get("credit_code"), columns.get("synthetic")
    for index, code in enumerate(codes or ()):
        if isinstance(code, str) and code.startswith(DEMO_PREFIX):
            if synthetic and synthetic[index] is True:
                continue
            fault = faults.invalid(
                code,
                "是演示用代码，只能用于模拟数据",
                "is a demo code, for synthetic records only",
                "请填写真实代码，或把“模拟数据”填为 是",
                "Give the real code, or set synthetic to yes",
            )
            work.refuse(index, "credit_code", fault)


def _shapes(
    work: _Table, table: RawTable, kept: list[int], mapping: ColumnMap
) -> NDArray[np.object_]:
    """Shapes as given: of the features, else of an outline column."""
    shapes = np.full(len(kept), None, dtype=object)
    if table.geometry is not None:
        shapes, lost = from_wkb([table.geometry[at] for at in kept])
        work.refuse_all(lost, "geometry")
    if mapping.outline is not None:
        for index, cell in enumerate(work.column(mapping.outline)):
            if shapes[index] is None and cell is not None and cell != "":
                found = read_outline(cell)
                if isinstance(found, Fault):
                    work.refuse(index, "outline", found)
                else:
                    shapes[index] = found
    return shapes


def _points(work: _Table, mapping: ColumnMap) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """x and y of two columns, where these are empty of the one that holds both."""
    x, y = np.full(len(work.rows), np.nan), np.full(len(work.rows), np.nan)
    if mapping.x is not None and mapping.y is not None:
        x, y, bad = read_points(work.column(mapping.x), work.column(mapping.y))
        work.refuse_all(bad, "x")
    if mapping.lonlat is not None:
        pair_x, pair_y, bad, mended = read_pairs(work.column(mapping.lonlat))
        open_rows = np.isnan(x)
        x, y = np.where(open_rows, pair_x, x), np.where(open_rows, pair_y, y)
        work.refuse_all({at: bad[at] for at in bad if open_rows[at]}, "lonlat")
        for at in mended:
            if open_rows[at]:
                cell = work.rows[at][mapping.lonlat]
                work.note(at, "lonlat", faults.order_mended(cell, pair_x[at], pair_y[at]))
    return x, y


def _place(
    work: _Table, table: RawTable, kept: list[int], spec: LayerSpec, mapping: ColumnMap
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.object_], list[Finding]]:
    """x, y and shapes of the rows; a point feature becomes x and y."""
    x, y = np.full(len(kept), np.nan), np.full(len(kept), np.nan)
    notes: list[Finding] = []
    if not spec.geometry:
        return x, y, np.full(len(kept), None, dtype=object), notes
    if "point" in spec.geometry:
        x, y = _points(work, mapping)
    shapes = _shapes(work, table, kept, mapping)
    shapes, wrong, notes = check_shapes(shapes, spec.geometry, work.numbers)
    work.refuse_all(wrong, "geometry")
    for index in wrong:
        shapes[index] = None
    if spec.geometry == ("outline",) and spec.placement == "required":
        lacking = np.flatnonzero(shapely.is_missing(shapes)).tolist()
        work.refuse_all(dict.fromkeys(lacking, faults.outline_missing()), "geometry")
    types = shapely.get_type_id(shapes)
    points = np.isin(types, [shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOINT])
    if points.any():
        found = shapely.get_coordinates(shapes[points])
        x[points], y[points] = found[:, 0], found[:, 1]
        shapes[points] = None
    return x, y, shapes, notes


def clean_rows(
    table: RawTable,
    spec: LayerSpec,
    mapping: ColumnMap,
    *,
    where: Sequence[str] = (),
    partial: bool = False,
) -> Rows:
    """Type and check a table's rows for a layer.

    `where` holds conditions `column=value1,value2` or `column=*` (not empty), all of which must
    hold. A row with a fault is rejected once, for its first fault in the layer's field order, then
    position, then shape. Raises `UsageError` for a condition that cannot be, `InputError`
    `column_missing` when no column feeds a required field; where `partial`, such a field is
    empty in every row and no row is refused for it, so that a look can go on.
    """
    chosen = kept_rows(table, mapping, where)
    filtered = len(table.rows) - len(chosen)
    kept, notes = _sums(table, chosen)
    lacking = column_missing(spec, mapping, table.columns) if kept and not partial else None
    if lacking:
        raise lacking
    work = _Table(table, kept)
    columns = {
        field.name: work.field(field, mapping.fields.get(field.name)) for field in spec.fields
    }
    work.need_either(spec, columns, mapping)
    _demo_codes(work, columns)
    x, y, shapes, mended = _place(work, table, kept, spec, mapping)
    good = np.ones(len(kept), dtype=bool)
    good[list(work.bad)] = False
    names = ("row", *columns)
    lines = zip(work.numbers, *columns.values(), strict=True)
    records = [
        dict(zip(names, line, strict=True))
        for line, sound in zip(lines, good.tolist(), strict=True)
        if sound
    ]
    rejects = [work.bad[index] for index in sorted(work.bad)]
    findings = notes + mended + work.kept_notes() + rejects
    return Rows(records, x[good], y[good], shapes[good], findings, filtered, len(kept))
