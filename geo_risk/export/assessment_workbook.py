"""The assessment as a workbook: the page's tables one a sheet, with Excel's own charts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from ..assessment import (
    Assessment,
    Cell,
    Column,
    Table,
    change_remarks,
    local_time,
    tables,
)
from ..assessment.words import LIMITS, WORDS
from ..errors import Lang, Text
from ..vocabulary import GRADES, Grade
from .assessment_sheets import cells_wide, row_height, sheet_names, width_of
from .tables import WORKBOOK_OPTIONS, readable_text

OPTIONS = {**WORKBOOK_OPTIONS, "constant_memory": False}
"""Nothing is read as a formula, link or number; charts and widths need the rows in memory."""

INK, LAND = "#22384d", "#f5f3ee"
_TITLES: dict[str, Text] = {
    "cover": Text("总览", "Overview"),
    "sheet": Text("工作表", "Sheet"),
    "content": Text("内容", "Content"),
    "note": Text("说明", "Note"),
    "shares": Text("各等级个数", "Number of each grade"),
    "rank": Text("名次", "rank"),
    "graded": Text("已分级", "Graded"),
    "total": Text("总数", "All"),
    "before": Text("原等级", "Grade then"),
    "after": Text("现等级", "Grade now"),
    "fill": Text("指数颜色", "Colour of the index"),
    "data_at": Text("数据时点", "Data as of"),
    "made_at": Text("生成时间", "Made"),
    "since": Text("对比时点", "Compared with"),
    "batch": Text("最近批次", "Last batch"),
    "origins": Text("数据来源", "Sources"),
    "index": Text("指数", "Index"),
}
_CHARTED = ("by_town", "by_industry", "by_division", "by_accident_type", "by_department")
_CHART_ROWS = 40
_FORMULA = ("=", "+", "-", "@")


def write_assessment(assessment: Assessment, path: Path, lang: Lang) -> int:
    """Write the workbook into `path`; how many sheets it has.

    Every text is written as text, whatever it looks like: none becomes a formula.
    """
    found = tables(assessment, lang)
    with xlsxwriter.Workbook(str(path), OPTIONS) as book:
        book.set_properties({"title": readable_text(assessment.city.name[lang]), "author": ""})
        formats = _Formats(book)
        cover = book.add_worksheet(_TITLES["cover"][lang])
        taken = (_TITLES["cover"][lang], WORDS["method_sheet"][lang])
        names = sheet_names(found, taken, lang)
        for table, name in zip(found, names, strict=True):
            _Sheet(book, name, table, lang, formats).write()
        _method(book.add_worksheet(taken[1]), assessment, lang, formats)
        _cover(book, cover, assessment, list(zip(found, names, strict=True)), lang, formats)
    return len(found) + 2


class _Formats:
    """The cell formats that all sheets share."""

    def __init__(self, book: Any) -> None:
        top = {"valign": "top"}
        self.title = book.add_format({"bold": True, "font_size": 16, "font_color": INK})
        self.note = book.add_format({**top, "text_wrap": True, "font_color": "#57606a"})
        self.heading = book.add_format(
            {"bold": True, "bg_color": LAND, "bottom": 1, "top": 2, "text_wrap": True, **top}
        )
        self.text = book.add_format({**top, "text_wrap": True})
        # A text that begins like a formula keeps its quote mark, also when it is edited.
        self.quoted = book.add_format({**top, "text_wrap": True, "quote_prefix": True})
        self.whole = book.add_format({**top, "num_format": "0"})
        self.signed = book.add_format({**top, "num_format": "+0;-0;0"})
        self.number = book.add_format({**top, "num_format": "0.00"})
        self.bold = book.add_format({"bold": True, "top": 1, **top})
        self.bold_number = book.add_format({"bold": True, "top": 1, "num_format": "0.00", **top})
        self.grades = {grade: book.add_format(_grade_format(grade)) for grade in GRADES}


def _grade_format(grade: Grade) -> dict[str, Any]:
    """A grade's cell: its colour, readable letters; “no data” is hatched."""
    style = GRADES[grade]
    dark = grade in (Grade.RED, Grade.BLUE)
    shade: dict[str, Any] = {"bg_color": style.colour}
    if grade is Grade.NO_DATA:
        shade = {"pattern": 14, "fg_color": style.colour, "bg_color": "#ffffff"}
    return {
        **shade,
        "font_color": "#ffffff" if dark else "#1f2328",
        "valign": "top",
        "border": 1,
        "border_color": "#ffffff",
    }


class _Sheet:
    """One table: title, note, heading, rows; a chart beside where the table is charted."""

    HEAD = 3

    def __init__(self, book: Any, name: str, table: Table, lang: Lang, formats: _Formats) -> None:
        self.book, self.table, self.lang, self.formats = book, table, lang, formats
        self.name = name
        self.sheet = book.add_worksheet(name)
        self.columns = [
            (number, column) for number, column in enumerate(table.columns) if column.kind != "bar"
        ]
        self.widths: list[int] = []

    def write(self) -> None:
        sheet, table = self.sheet, self.table
        sheet.write_string(0, 0, readable_text(table.title), self.formats.title)
        width = self._head()
        note = readable_text(table.note or table.empty)
        if width > 1:
            sheet.merge_range(1, 0, 1, width - 1, "", self.formats.note)
        sheet.write_string(1, 0, note, self.formats.note)
        sheet.set_row(1, 15 * (1 + cells_wide(note) // (12 * width)))
        for at, cells in enumerate(table.rows, self.HEAD + 1):
            total = table.total and at == self.HEAD + len(table.rows)
            self._row(at, cells, total)
        last = self.HEAD + max(len(table.rows), 1)
        sheet.freeze_panes(self.HEAD + 1, 1)
        if table.rows and not table.total:
            sheet.autofilter(self.HEAD, 0, last, width - 1)
        sheet.repeat_rows(self.HEAD)
        charted = table.key in _CHARTED and 1 < len(table.rows) <= _CHART_ROWS
        _print_set_up(sheet, landscape=width > 7, whole=charted)
        if charted:
            self._chart()

    def _head(self) -> int:
        """Headings and widths; how many columns."""
        at = 0
        for number, column in self.columns:
            texts = [str(cells[number] or "") for cells in self.table.rows]
            for title, kind in _headings(column, self.lang):
                self.widths.append(width_of(kind, texts))
                self.sheet.set_column(at, at, self.widths[-1])
                self.sheet.write_string(self.HEAD, at, readable_text(title), self.formats.heading)
                at += 1
        return at

    def _row(self, at: int, cells: tuple[Cell, ...], total: bool) -> None:
        column_at = 0
        texts: list[tuple[str, int]] = []
        for number, column in self.columns:
            for value in _values(column, cells[number]):
                self._cell(at, column_at, value, column, total)
                if isinstance(value, str) and not isinstance(value, Grade):
                    texts.append((value, self.widths[column_at]))
                column_at += 1
        if height := row_height(texts):
            self.sheet.set_row(at, height)

    def _cell(self, row: int, at: int, value: Any, column: Column, total: bool) -> None:
        if value is None or value == "":
            return
        if isinstance(value, Grade):
            style = GRADES[value]
            words = f"{style.mark} {style.level[self.lang]}"
            self.sheet.write_string(row, at, words, self.formats.grades[value])
        elif isinstance(value, (int, float)):
            plain = self.formats.whole if isinstance(value, int) else self.formats.number
            bold = self.formats.bold if isinstance(value, int) else self.formats.bold_number
            chosen = self.formats.signed if column.kind == "signed" else bold if total else plain
            self.sheet.write_number(row, at, value, chosen)
        else:
            # Written as text whatever it looks like: a formula of a user stays words.
            text = readable_text(str(value))
            plain = self.formats.quoted if text.startswith(_FORMULA) else self.formats.text
            self.sheet.write_string(row, at, text, self.formats.bold if total else plain)

    def _chart(self) -> None:
        """Stacked bars of the counts, worst first from the left, in the grades' colours."""
        rows = len(self.table.rows) - self.table.total
        first, last = self.HEAD + 1, self.HEAD + rows
        chart = self.book.add_chart({"type": "bar", "subtype": "stacked"})
        at = 0
        for _, column in self.columns:
            if column.kind == "count" and column.grade is not None:
                chart.add_series(
                    {
                        "name": [self.name, self.HEAD, at],
                        "categories": [self.name, first, 0, last, 0],
                        "values": [self.name, first, at, last, at],
                        "fill": {"color": GRADES[column.grade].colour},
                        "border": {"color": "#1f2328", "width": 0.5},
                        "gap": 40,
                    }
                    | _hatched(column.grade)
                )
            at += len(_headings(column, self.lang))
        chart.set_y_axis({"reverse": True, "line": {"color": "#b5afa3"}})
        chart.set_x_axis({"major_gridlines": {"visible": True, "line": {"color": "#d8dade"}}})
        chart.set_title(
            {"name": readable_text(self.table.title), "name_font": {"size": 12, "color": INK}}
        )
        chart.set_legend({"position": "bottom"})
        chart.set_size({"width": 640, "height": 120 + 26 * (last - first + 1)})
        self.sheet.insert_chart(self.HEAD + len(self.table.rows) + 2, 0, chart)


def _hatched(grade: Grade) -> dict[str, Any]:
    """“No data” hatched, as on the map."""
    if grade is not Grade.NO_DATA:
        return {}
    pattern = {"pattern": "wide_upward_diagonal", "fg_color": "#77776f", "bg_color": "#c9c9c4"}
    return {"pattern": pattern, "fill": {"none": True}}


def _headings(column: Column, lang: Lang) -> list[tuple[str, str]]:
    """A column's headings in the sheet: a pair of values takes two columns."""
    words = {key: text[lang] for key, text in _TITLES.items()}
    if column.kind == "of":
        return [(words["graded"], "count"), (words["total"], "count")]
    if column.kind == "ranked":
        return [(column.label, "score"), (f"{column.label} {words['rank']}", "count")]
    if column.kind == "index":
        return [(column.label, "score"), (words["fill"], "grade")]
    if column.kind == "move":
        return [(words["before"], "grade"), (words["after"], "grade")]
    return [(column.label, column.kind)]


def _values(column: Column, cell: Cell) -> list[Any]:
    if column.kind in ("of", "ranked", "index", "move"):
        return list(cell) if isinstance(cell, tuple) else [None, None]
    return [cell]


def _print_set_up(sheet: Any, *, landscape: bool, whole: bool = False) -> None:
    """A4, as wide as the sheet, page numbers; with `whole` on one page, so that no chart is cut."""
    sheet.set_paper(9)
    if landscape:
        sheet.set_landscape()
    sheet.fit_to_pages(1, int(whole))
    sheet.set_margins(left=0.6, right=0.6, top=0.7, bottom=0.7)
    sheet.set_footer("&L&A&R&P / &N")
    sheet.hide_gridlines(2)


def _method(sheet: Any, assessment: Assessment, lang: Lang, formats: _Formats) -> None:
    """How grades are rolled up, the formula and colours of the index, and what is not done."""
    width = 84
    sheet.set_column(0, 0, width)
    sheet.write_string(0, 0, WORDS["method_sheet"][lang], formats.title)
    starts = [
        f"{GRADES[Grade(grade)].level[lang]} I ≥ {start:g}"
        for grade, start in assessment.index_starts.items()
    ]
    starts.append(f"{GRADES[Grade.BLUE].level[lang]} {WORDS['below'][lang]}")
    formula = WORDS["index_line"][lang].format(
        title=assessment.index_title[lang], formula=assessment.index_formula[lang]
    )
    lines = [
        WORDS["rolled_up"][lang],
        formula,
        WORDS["fill_starts"][lang] + WORDS["comma"][lang].join(starts),
    ]
    written = [*((line, formats.text) for line in lines), (WORDS["not_done"][lang], formats.bold)]
    written += [(text[lang], formats.text) for text in LIMITS]
    for at, (line, style) in enumerate(written, 2):
        sheet.write_string(at, 0, readable_text(line), style)
        if height := row_height([(line, width)]):
            sheet.set_row(at, height)
    _print_set_up(sheet, landscape=False)


def _cover(
    book: Any,
    sheet: Any,
    assessment: Assessment,
    found: Sequence[tuple[Table, str]],
    lang: Lang,
    formats: _Formats,
) -> None:
    """City, date, notice, counts with two charts, and what each sheet holds."""
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 14)
    sheet.set_column(2, 2, 62)
    sheet.write_string(0, 0, readable_text(assessment.city.name[lang]), formats.title)
    at = 1
    for key, value in _facts(assessment, lang):
        sheet.write_string(at, 0, key, formats.text)
        sheet.write_string(at, 1, readable_text(value))
        at += 1
    first = at + 1
    for offset, (grade, style) in enumerate(GRADES.items()):
        sheet.write_string(
            first + offset, 0, f"{style.mark} {style.level[lang]}", formats.grades[grade]
        )
        sheet.write_number(first + offset, 1, assessment.city.tally.of(grade), formats.whole)
    at = first + len(GRADES)
    sheet.write_string(at, 0, _TITLES["graded"][lang], formats.bold)
    sheet.write_number(at, 1, assessment.city.tally.graded, formats.bold)
    sheet.write_string(at + 1, 0, _TITLES["total"][lang], formats.bold)
    sheet.write_number(at + 1, 1, assessment.city.tally.total, formats.bold)
    at += 3
    for column, key in ((0, "sheet"), (2, "note")):
        sheet.write_string(at, column, _TITLES[key][lang], formats.heading)
    sheet.write_blank(at, 1, None, formats.heading)
    for number, (table, name) in enumerate(found, at + 1):
        sheet.write_string(number, 0, readable_text(name), formats.text)
        note = readable_text(table.note or table.empty)
        sheet.write_string(number, 2, note, formats.note)
        if height := row_height([(name, 26), (note, 62)]):
            sheet.set_row(number, height)
    sheet.write_string(at + len(found) + 1, 0, WORDS["method_sheet"][lang], formats.text)
    _city_charts(book, sheet, first, lang)
    _print_set_up(sheet, landscape=True)


def _facts(assessment: Assessment, lang: Lang) -> list[tuple[str, str]]:
    index = "–" if assessment.city.index is None else f"{assessment.city.index:.2f}"
    formula = f"{index}    {assessment.index_title[lang]}: {assessment.index_formula[lang]}"
    facts = [
        (_TITLES["data_at"][lang], local_time(assessment.data_at)),
        (_TITLES["made_at"][lang], local_time(assessment.made_at)),
        (_TITLES["batch"][lang], assessment.last_batch),
        (_TITLES["index"][lang], formula),
        (_TITLES["origins"][lang], "; ".join(assessment.origins)),
    ]
    if assessment.change:
        remarks = change_remarks(assessment.change, lang)
        facts[2:2] = [
            (_TITLES["since"][lang], local_time(assessment.change.since)),
            *((_TITLES["note"][lang], text) for text in remarks),
        ]
    if assessment.notice:
        facts.insert(0, (_TITLES["note"][lang], assessment.notice[lang]))
    return facts


def _city_charts(book: Any, sheet: Any, first: int, lang: Lang) -> None:
    """The city's counts as columns and as a ring, each in the grades' colours."""
    name, last = _TITLES["cover"][lang], first + len(GRADES) - 1
    points = [
        {"fill": {"color": style.colour}, "border": {"color": "#1f2328", "width": 0.5}}
        if grade is not Grade.NO_DATA
        else _hatched(grade) | {"border": {"color": "#1f2328", "width": 0.5}}
        for grade, style in GRADES.items()
    ]
    for kind, row in (("column", 1), ("doughnut", 17)):
        chart = book.add_chart({"type": kind})
        chart.add_series(
            {
                "name": _TITLES["shares"][lang],
                "categories": [name, first, 0, last, 0],
                "values": [name, first, 1, last, 1],
                "points": points,
                "data_labels": {"value": True},
                "gap": 60,
            }
        )
        chart.set_title({"name": _TITLES["shares"][lang], "name_font": {"size": 12, "color": INK}})
        if kind == "column":
            chart.set_legend({"none": True})
            chart.set_y_axis({"major_gridlines": {"visible": True, "line": {"color": "#d8dade"}}})
        chart.set_size({"width": 460, "height": 300})
        sheet.insert_chart(row, 4, chart)
