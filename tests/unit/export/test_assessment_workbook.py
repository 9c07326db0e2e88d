"""The assessment's workbook, read back: the page's numbers, Excel's own charts, no formula."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from geo_risk.assessment import Table, Tally, tables
from geo_risk.assessment.words import LIMITS
from geo_risk.export.assessment_sheets import sheet_names
from geo_risk.export.assessment_workbook import write_assessment
from geo_risk.vocabulary import GRADES, Grade
from tests.unit.assessments import HOSTILE, assessment

HEAD = 4


def flat(table: Table, cells: tuple[Any, ...], lang: Any) -> list[Any]:
    """A row as the sheet has it: pairs in two cells, grades in words, bars left out."""
    found: list[Any] = []
    for column, cell in zip(table.columns, cells, strict=True):
        if isinstance(cell, Tally):
            continue
        pair = column.kind in ("of", "ranked", "index", "move")
        values = (cell if isinstance(cell, tuple) else (None, None)) if pair else (cell,)
        found += [_shown(value, lang) for value in values]
    return found


def _shown(value: Any, lang: Any) -> Any:
    if isinstance(value, Grade):
        return f"{GRADES[value].mark} {GRADES[value].level[lang]}"
    return None if value == "" else value


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_table_comes_back_with_its_numbers(tmp_path: Path, lang: Any) -> None:
    found = assessment()
    expected = tables(found, lang)
    path = tmp_path / "a.xlsx"
    assert write_assessment(found, path, lang) == len(expected) + 2
    book = openpyxl.load_workbook(path)
    assert len(book.sheetnames) == len(expected) + 2
    for table, name in zip(expected, book.sheetnames[1:-1], strict=True):
        sheet = book[name]
        assert sheet.cell(1, 1).value == table.title
        rows = [
            [cell.value for cell in row]
            for row in sheet.iter_rows(min_row=HEAD + 1, max_row=HEAD + len(table.rows))
        ]
        wanted = [flat(table, cells, lang) for cells in table.rows]
        for got, want in zip(rows, wanted, strict=len(table.rows) > 0):
            assert got[: len(want)] == pytest.approx(want) if _numeric(want) else got == want
        assert sheet.freeze_panes == f"B{HEAD + 1}"
        assert sheet.print_title_rows == f"${HEAD}:${HEAD}"
        assert sheet.page_setup.paperSize == 9, "A4"
    cover = book[book.sheetnames[0]]
    cells = [cell.value for row in cover.iter_rows() for cell in row]
    assert set(found.city.tally.counts) <= set(cells)


def _numeric(values: list[Any]) -> bool:
    return all(isinstance(value, (int, float)) for value in values)


def test_grades_are_coloured_and_charts_are_excels_own(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_assessment(assessment(), path, "zh")
    book = openpyxl.load_workbook(path)
    coloured = {
        cell.value: cell.fill
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and cell.value[:1] in "◆▲■●○" and cell.value
    }
    for grade, style in GRADES.items():
        fill = coloured[f"{style.mark} {style.level['zh']}"]
        assert fill.fgColor.rgb == "FF" + style.colour[1:].upper()
        assert (fill.fill_type == "solid") == (grade is not Grade.NO_DATA), "no data is hatched"
    with zipfile.ZipFile(path) as parts:
        charts = [n for n in parts.namelist() if n.startswith("xl/charts/chart")]
        drawn = "".join(parts.read(name).decode() for name in charts)
    assert len(charts) == 7, "two of the city, and towns, industries, divisions, types, departments"
    assert all(style.colour[1:].upper() in drawn.upper() for style in GRADES.values())


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_becomes_a_formula_or_a_link(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.xlsx"
    write_assessment(assessment(name), path, "en")
    book = openpyxl.load_workbook(path)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    shown = [cell for cell in cells if cell.value == name]
    assert len(shown) >= 10
    if name.startswith("="):
        styled = [c for c in shown if c.row > HEAD and c.parent.title != "Overview"]
        assert any(cell.quotePrefix for cell in styled), "it stays text when it is edited"


def test_titles_that_excel_refuses_are_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_assessment(assessment(), path, "en")
    names = openpyxl.load_workbook(path).sheetnames
    assert len({name.lower() for name in names}) == len(names)
    assert all(len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)


def test_sheets_are_named_by_what_they_hold(tmp_path: Path) -> None:
    found = assessment()
    for lang, first, worst in (
        ("zh", "按镇(街道)", "最重十个·"),
        ("en", "By town", "Ten worst - "),
    ):
        path = tmp_path / f"{lang}.xlsx"
        write_assessment(found, path, lang)  # type: ignore[arg-type]
        names = openpyxl.load_workbook(path).sheetnames
        assert first in names
        assert sum(name.startswith(worst) for name in names) == len(found.rankings)
        assert not [name for name in names if name[-1] in " -·"]


def test_a_long_title_is_cut_at_a_word_and_made_unique() -> None:
    long = "Elevators and escalators of public buildings"
    found = [Table(f"t{n}", "groups", long, "", (), ()) for n in range(3)]
    assert sheet_names(found, ("Overview",), "en") == [
        "Elevators and escalators of",
        "Elevators and escalators of 2",
        "Elevators and escalators of 3",
    ]


def test_the_chapter_that_sheets_refer_to_is_a_sheet(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_assessment(assessment(), path, "zh")
    book = openpyxl.load_workbook(path)
    said = "".join(str(cell.value) for cell in book["方法与局限"]["A"])
    assert "就高原则" in said
    assert "红 I ≥ 4.5" in said
    assert all(text["zh"] in said for text in LIMITS)


def test_a_long_profile_has_the_room_it_needs(tmp_path: Path) -> None:
    found = assessment()
    name = "ls5_17_11_5_controls_of_the_city"
    figure = replace(found.layers[0], profiles=((name, 6), (f"{name}_2", 4)))
    profile = replace(found.profiles[0], name=name)
    path = tmp_path / "a.xlsx"
    write_assessment(replace(found, layers=(figure,), profiles=(profile,)), path, "zh")
    book = openpyxl.load_workbook(path)
    assert book["分级方案与分界值"].column_dimensions["A"].width > len(name)
    sheet = book["数据与分级方案"]
    cell = next(c for row in sheet.iter_rows() for c in row if str(c.value).startswith(name))
    lines = len(cell.value) / sheet.column_dimensions[cell.column_letter].width
    assert sheet.row_dimensions[cell.row].height >= 15 * lines
