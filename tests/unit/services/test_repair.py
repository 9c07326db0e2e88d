"""Mending: a file with faults, its error workbook, the workbook mended and imported."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from geo_risk.catalogue import layer
from geo_risk.errors import Lang
from geo_risk.export.error_workbook import HEADERS
from geo_risk.intake import map_columns, read_table
from geo_risk.services import imports
from geo_risk.services.repair import _command, write_report
from geo_risk.store import Query, Store, open_store

LAYER = "risk_points"
HEADER = "编号,名称,经度,纬度,L,E,C,备注"
GOOD = ("007,示例甲,118.65,24.73,10,6,40,", "008,示例乙,118.70,24.75,1,3,3,=1+1")
BAD = (
    "009,,118.66,24.74,3,6,15,+86",
    "010,示例丁,118.67,,3,6,15,",
    "011,示例戊,118.68,24.7,3,6,很大,",
)
MENDED = (
    "009,示例丙,118.66,24.74,3,6,15,+86",
    "010,示例丁,118.67,24.72,3,6,15,",
    "011,示例戊,118.68,24.7,3,6,15,",
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(str(tmp_path / "city.gpkg"), create=True)
    yield opened
    opened.close()


def _csv(folder: Path, *rows: str, name: str = "风险点.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([HEADER, *rows]) + "\n", "utf-8")
    return path


def _take(store: Store, path: Path, datum: str = "gcj02") -> imports.ImportReport:
    return imports.import_file(store, path, LAYER, datum)


def _workbook(
    path: Path, out: Path, report: imports.ImportReport, *, layer_id: str = LAYER, lang: Lang = "zh"
) -> int:
    spec, table = layer(layer_id), read_table(path)
    mapping = map_columns(table.columns, spec)
    return write_report(out, table, mapping, report, spec, "gcj02", lang, source=path.name)


def _mend(out: Path, **changes: object) -> None:
    """Correct cells as a clerk does: by 编号 and heading, in Excel."""
    book = openpyxl.load_workbook(out)
    sheet = book.worksheets[0]
    at = {cell.value: cell.column for cell in sheet[1]}
    for row in sheet.iter_rows(min_row=2):
        key = row[at["编号"] - 1].value
        for place, value in changes.items():
            code, _, heading = place.partition("_")
            if code == f"r{key}":
                sheet.cell(row[0].row, at[heading], value)
    book.save(out)
    book.close()


def _state(store: Store) -> dict[str, dict]:
    ours = ("version", "batch", "updated_at", "source", "fid")
    rows = store.features(Query(LAYER))
    return {row["id"]: {k: v for k, v in row.items() if k not in ours} for row in rows}


def _versions(store: Store) -> dict[str, tuple[int, str]]:
    return {row["id"]: (row["version"], row["batch"]) for row in store.features(Query(LAYER))}


def test_mended_rows_come_in_as_if_they_had_never_been_wrong(store: Store, tmp_path: Path) -> None:
    path, out = _csv(tmp_path, *GOOD, *BAD), tmp_path / "错误.xlsx"
    report = _take(store, path)
    assert (report.stored, report.rejected) == (2, 3)
    assert _workbook(path, out, report) == 3
    first = _versions(store)
    _mend(out, r009_名称="示例丙", r010_纬度="24.72", r011_C=15)
    mended = _take(store, out)
    assert (mended.rows, mended.stored, mended.rejected, mended.changed) == (3, 3, 0, 3)
    after = _versions(store)
    assert {key: after[key] for key in first} == first, "what was stored is not touched"

    clean = open_store(str(tmp_path / "clean.gpkg"), create=True)
    _take(clean, _csv(tmp_path, *GOOD, *MENDED, name="clean.csv"))
    assert _state(store) == _state(clean)
    clean.close()

    assert _take(store, out).changed == 0, "the workbook again"
    again = _take(store, path)
    assert (again.changed, again.rejected) == (0, 3), "the faulty original again"
    assert _versions(store) == after


def test_a_workbook_imported_unmended_says_the_same_again(store: Store, tmp_path: Path) -> None:
    path, out = _csv(tmp_path, *GOOD, *BAD), tmp_path / "out.xlsx"
    first = _take(store, path)
    _workbook(path, out, first)
    again = _take(store, out)
    assert (again.stored, again.changed) == (0, 0)
    told = [[(f.code, f.message["zh"]) for f in report.rejects] for report in (first, again)]
    assert told[0] == told[1]


def test_a_duplicate_left_alone_does_not_overwrite_its_twin(store: Store, tmp_path: Path) -> None:
    path, out = _csv(tmp_path, GOOD[0], GOOD[0].replace("甲", "冒名"), *BAD), tmp_path / "out.xlsx"
    assert _workbook(path, out, _take(store, path)) == 4
    before = _versions(store)
    _mend(out, r010_纬度="24.72")
    assert _take(store, out).stored == 1
    assert {key: value for key, value in _versions(store).items() if key in before} == before


def test_what_waits_for_a_position_is_in_the_workbook_with_its_reason(
    store: Store, tmp_path: Path
) -> None:
    path, out = _csv(tmp_path, "012,示例己,,,3,6,15,"), tmp_path / "out.xlsx"
    report = _take(store, path)
    assert report.unplaced == 1
    assert _workbook(path, out, report) == 1
    book = openpyxl.load_workbook(out)
    row = dict(
        zip(*([c.value for c in line] for line in book.worksheets[0].iter_rows()), strict=True)
    )
    book.close()
    assert row["※行号"] == 2
    assert row["※代码"] == report.review[0]["reasons"][0]["code"]
    assert row["※原因"]
    assert "review place" in row["※建议"]
    _mend(out, r012_经度=118.66, r012_纬度=24.74)
    assert _take(store, out).stored == 1
    waiting = [r for r in store.rows("review") if r["state"] == "open"]
    assert waiting == []


def test_points_of_a_geojson_can_be_mended_in_the_workbook(store: Store, tmp_path: Path) -> None:
    path, out = tmp_path / "points.geojson", tmp_path / "out.xlsx"
    features = [
        {
            "type": "Feature",
            "properties": {"编号": code, "名称": name, "L": 3, "E": 6, "C": 15},
            "geometry": {"type": "Point", "coordinates": [118.65, 24.73]},
        }
        for code, name in (("P1", "示例甲"), ("P2", None))
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    report = _take(store, path)
    assert (report.stored, report.rejected) == (1, 1)
    assert _workbook(path, out, report) == 1
    _mend(out, rP2_名称="示例乙")
    assert _take(store, out).stored == 1
    rows = {row["id"]: row for row in store.features(Query(LAYER))}
    assert rows["P1"]["geom"] == rows["P2"]["geom"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_last_sheet_says_what_to_do(store: Store, tmp_path: Path, lang: Lang) -> None:
    path, out = _csv(tmp_path, *GOOD, *BAD), tmp_path / "my errors.xlsx"
    report = _take(store, path)
    _workbook(path, out, report, lang=lang)
    book = openpyxl.load_workbook(out)
    text = "\n".join(str(c.value) for row in book.worksheets[-1].iter_rows() for c in row)
    heads = [cell.value for cell in book.worksheets[0][1]]
    book.close()
    assert heads[:5] == list(HEADERS[lang])
    assert heads[5:] == HEADER.split(",")
    assert f"geo-risk import 'my errors.xlsx' --layer {LAYER} --datum gcj02" in text
    assert "风险点.csv" in text
    assert read_table(path).sha256 in text


def test_the_printed_command_runs_nothing_else_and_repeats_the_options() -> None:
    options = ["--map", "甲 $(touch x)=name", "--accept-datum"]
    told = _command(Path("a;`id`'.xlsx"), layer(LAYER), "gcj02", options)
    words = ["geo-risk", "import", "a;`id`'.xlsx", "--layer", LAYER, "--datum", "gcj02", *options]
    assert shlex.split(told) == words


WITHOUT_CODE = "名称,地址,L,E,C"


def test_a_row_without_a_code_completed_in_the_workbook_settles_its_entry(
    own_shishi: Store, tmp_path: Path
) -> None:
    path, out = tmp_path / "无编号.csv", tmp_path / "错误.xlsx"
    path.write_text(f"{WITHOUT_CODE}\n示例庚,石狮市宝盖镇前圆村,3,6,15\n", "utf-8")
    first = imports.import_file(own_shishi, path, LAYER, "wgs84", report_to=out)
    assert first.unplaced == 1
    entry = next(r for r in own_shishi.rows("review") if r["batch"] == first.batch)

    def edit(heading: str, value: object) -> None:
        book = openpyxl.load_workbook(out)
        heads = [cell.value for cell in book.worksheets[0][1]]
        assert heads == [*HEADERS["zh"], *WITHOUT_CODE.split(","), "※标识"]
        book.worksheets[0].cell(2, heads.index(heading) + 1).value = value
        book.save(out)
        book.close()

    def state() -> str:
        rows = own_shishi.rows("review")
        return next(str(row["state"]) for row in rows if row["seq"] == entry["seq"])

    edit("名称", None)
    spoilt = imports.import_file(own_shishi, out, LAYER, "wgs84", report_to=out)
    assert (spoilt.rejected, state()) == (1, "open"), "and the workbook of it keeps the id"
    edit("名称", "示例庚")
    edit("地址", "石狮市宝盖镇前园村委会")
    mended = imports.import_file(own_shishi, out, LAYER, "wgs84")
    assert (mended.stored, state()) == (1, "superseded")
    again = imports.import_file(own_shishi, path, LAYER, "wgs84")
    assert [f.code for f in again.rejects] == ["mended_since"]
    imports.undo(own_shishi, str(again.batch))
    assert imports.undo(own_shishi, str(mended.batch))["reopened"] == 1
    assert state() == "open"
