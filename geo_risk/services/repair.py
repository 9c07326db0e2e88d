"""The error workbook of an import: what to mend, and how to bring it in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import shapely

from geo_risk.catalogue import LayerSpec
from geo_risk.errors import Lang, Text
from geo_risk.export import error_workbook
from geo_risk.export.error_workbook import Mark, Sheet
from geo_risk.intake import ColumnMap, Finding, RawTable

from .commands import shell
from .hand_positions import earlier_ids

if TYPE_CHECKING:
    from .import_report import ImportReport

_LON_LAT: dict[Lang, tuple[str, str]] = {"zh": ("经度", "纬度"), "en": ("Longitude", "Latitude")}
_POSITION_FIELDS = ("x", "y", "lonlat", "coordinates", "position", "geometry")
_QUEUED_FIX = Text(
    "补全地址或填写坐标后导入本表；或用 geo-risk review place 指定位置",
    "Complete the address or give coordinates and import this table; or use geo-risk review place",
)


def write_report(
    path: Path | str,
    table: RawTable,
    mapping: ColumnMap,
    report: ImportReport,
    layer: LayerSpec,
    datum: str,
    lang: Lang = "zh",
    *,
    source: str = "",
    options: Sequence[str] = (),
) -> int:
    """Write the error workbook of an import to `path`; returns how many rows it asks to mend.

    `source` is the name of the file that was imported, `datum` what was declared for it,
    `options` what else the command that imports the workbook must repeat (`--map 甲=name`).
    Raises what `error_workbook.write` raises.
    """
    path = Path(path)
    columns, rows, shift = _with_positions(table, lang)
    command = _command(path, layer, datum, options)
    about = _about(table, report, layer, (source, datum, command), lang)
    if table.geometry is not None:
        about += _about_geometry(shift, lang)
    origin = _without_ours(
        error_workbook.Origin(
            columns,
            rows,
            table.row_numbers,
            _cells_of(mapping, shift),
            _text_columns(layer, mapping, shift),
            about,
            _ids(table, report),
        )
    )
    return error_workbook.write(path, origin, _marks(report), lang=lang)


def _marks(report: ImportReport) -> list[Mark]:
    """All findings, and the reasons of each row of the review queue that has none yet."""
    marks = [Mark(f.row, f.field, f.code, f.message, f.fix, _sheet(f)) for f in report.findings]
    told = {finding.row for finding in report.findings if finding.outcome == "queued"}
    for item in report.review:
        row = item["record"]["row"]
        for reason in item["reasons"] if row not in told else ():
            text = Text(reason["zh"], reason["en"])
            marks.append(Mark(row, "address", reason["code"], text, _QUEUED_FIX, "mend"))
    return sorted(marks, key=lambda mark: mark.row)


def _without_ours(origin: error_workbook.Origin) -> error_workbook.Origin:
    """Without the columns that an error workbook added when it was written, if it is one."""
    kept = [at for at, name in enumerate(origin.columns) if not name.lstrip().startswith("※")]
    if len(kept) == len(origin.columns):
        return origin
    place = {at: i for i, at in enumerate(kept)}
    cells = origin.cells_of.items()
    return replace(
        origin,
        columns=[origin.columns[at] for at in kept],
        rows=[[row[at] for at in kept] for row in origin.rows],
        cells_of={name: [place[at] for at in ats if at in place] for name, ats in cells},
        text_columns={place[at] for at in origin.text_columns if at in place},
    )


def _ids(table: RawTable, report: ImportReport) -> dict[int, str]:
    """Per row the id it waits under; a workbook's own, where this time it does not even wait."""
    waiting = {item["record"]["row"]: str(item["record"]["id"]) for item in report.review}
    return {**earlier_ids(table), **waiting}


def _sheet(finding: Finding) -> Sheet:
    if finding.outcome not in ("rejected", "queued"):
        return "noted"
    return "repeated" if finding.code == "duplicate_row" else "mend"


def _with_positions(
    table: RawTable, lang: Lang
) -> tuple[list[str], Sequence[Sequence[object]], int]:
    """The table with longitude and latitude before its columns where its features are points."""
    if table.geometry is None:
        return table.columns, table.rows, 0
    points = [_point(wkb) for wkb in table.geometry]
    if not any(point for point in points):
        return table.columns, table.rows, 0
    names = _LON_LAT[lang]
    columns = [*names, *(f"{c}_2" if c in names else c for c in table.columns)]
    rows = [[*(at or (None, None)), *row] for at, row in zip(points, table.rows, strict=True)]
    return columns, rows, len(names)


def _point(wkb: bytes | None) -> tuple[float, float] | None:
    if not wkb:
        return None
    shape = shapely.from_wkb(wkb, on_invalid="ignore")
    if shape is None or shape.is_empty or shape.geom_type not in ("Point", "MultiPoint"):
        return None
    x, y = shapely.get_coordinates(shape)[0]
    return float(x), float(y)


def _cells_of(mapping: ColumnMap, shift: int) -> dict[str, list[int]]:
    """Layer field, or what positions are called in findings -> indices of columns."""
    cells = {name: [at + shift] for name, at in mapping.fields.items()}
    both = getattr(mapping, "lonlat", None)
    read = [at + shift for at in (mapping.x, mapping.y, both) if at is not None]
    position = list(range(shift)) or read
    for name in _POSITION_FIELDS:
        cells.setdefault(name, position)
    if mapping.outline is not None:
        cells.setdefault("outline", [mapping.outline + shift])
        if not position:
            cells["geometry"] = [mapping.outline + shift]
    return cells


def _text_columns(layer: LayerSpec, mapping: ColumnMap, shift: int) -> set[int]:
    numbers = ("integer", "number", "boolean")
    return {
        at + shift for name, at in mapping.fields.items() if layer.by_name[name].type not in numbers
    }


def _command(path: Path, layer: LayerSpec, datum: str, options: Sequence[str]) -> str:
    name = f"./{path.name}" if path.name.startswith("-") else path.name
    return shell("geo-risk", "import", name, "--layer", layer.id, "--datum", datum, *options)


def _about(
    table: RawTable, report: ImportReport, layer: LayerSpec, told: tuple[str, str, str], lang: Lang
) -> list[tuple[str, str]]:
    source, datum, command = told
    zh = lang == "zh"
    counts = (
        f"共 {report.rows} 行：入库 {report.stored}，拒收 {report.rejected}，待核 {report.unplaced}"
        if zh
        else f"{report.rows} rows: {report.stored} stored, {report.rejected} rejected, "
        f"{report.unplaced} waiting for a position"
    )
    use = (
        "在第一张表里改正有底色的单元格（批注写明原因），保存，再运行下面的命令。只有这些行会入库；"
        "已入库的行不受影响。带 ※ 的列导入时不读，可以删去。“重复行”不会导入；如果其实不是重复，"
        "改正编号后把该行移到第一张表。"
        if zh
        else "Mend the coloured cells of the first sheet (a comment says why), save, and run the "
        "command below. Only these rows come in; those stored already stay as they are. Columns "
        "with ※ are not read and may be deleted. Duplicates are not imported; where one is a row "
        "of its own, mend its code and move it to the first sheet."
    )
    lines = [
        (Text("怎样修改", "How to mend"), use),
        (Text("再次导入", "Import again"), command),
        (Text("来源文件", "Source file"), source),
        (Text("工作表", "Sheet"), table.sheet or ""),
        (Text("编码", "Encoding"), table.encoding or ""),
        (Text("文件指纹 SHA-256", "SHA-256"), table.sha256),
        (Text("图层", "Layer"), f"{layer.title[lang]} ({layer.id})"),
        (Text("坐标系", "Datum"), datum),
        (Text("结果", "Result"), counts),
    ]
    return [(label[lang], text) for label, text in lines if text]


def _about_geometry(shift: int, lang: Lang) -> list[tuple[str, str]]:
    """What a table cannot carry of a geometry file."""
    words = (
        Text(
            "点的坐标在前两列，可在表中改正；坐标系同来源文件。",
            "The points' coordinates are in the first two columns, in the file's own datum.",
        )
        if shift
        else Text(
            "线和面的图形不在本表中：请在 GIS 软件中修改来源文件，再导入来源文件。",
            "Lines and areas are not in this table: mend the source file in your GIS and import "
            "that again.",
        )
    )
    return [(Text("图形", "Geometry")[lang], words[lang])]
