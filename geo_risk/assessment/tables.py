"""The tables of an assessment in one language: the page and the workbook show the same ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ..errors import Lang
from ..vocabulary import GRADES, Grade
from .model import Assessment, Breakdown, Change, Method, Ranked, Ranking, Tally
from .words import MOVE_WORDS, NOTHING, WORDS

Kind = Literal[
    "text",
    "long",
    "id",
    "count",
    "of",
    "grade",
    "move",
    "index",
    "score",
    "signed",
    "ranked",
    "bar",
]
Cell = (
    str
    | int
    | float
    | Grade
    | Tally
    | tuple[int, int]
    | tuple[float | None, int | None]
    | tuple[float | None, Grade]
    | tuple[Grade | None, Grade | None]
    | None
)
"""What a cell holds by the kind of its column.

`of` is (n, m), shown as n/m; `ranked` (value, rank); `index` (value, colour of its fill); `move`
(grade then, grade now); `bar` a tally, drawn as a stacked bar; `grade` a `Grade`.
"""


@dataclass(frozen=True)
class Column:
    """A heading, what kind of cells stand below, and for counts of which grade they are."""

    label: str
    kind: Kind
    grade: Grade | None = None


@dataclass(frozen=True)
class Table:
    """A table in words. `total` says that the last row is the sum."""

    key: str
    chapter: str
    title: str
    note: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: bool = False
    empty: str = ""


def tables(assessment: Assessment, lang: Lang) -> list[Table]:
    """All tables in the order of the report."""
    found = [_layers(assessment, lang)]
    found += [_breakdown(assessment, part, lang) for part in assessment.breakdowns]
    found.insert(2, _methods(assessment, lang))
    found += [_ranking(part, lang) for part in assessment.rankings]
    if assessment.change:
        found += _change(assessment.change, lang)
    return [
        *found,
        _profiles(assessment, lang),
        _gaps(assessment, lang),
        _unplaced(assessment, lang),
    ]


def _counts(lang: Lang) -> tuple[Column, ...]:
    return tuple(Column(style.level[lang], "count", grade) for grade, style in GRADES.items())


def _tally_columns(lang: Lang) -> tuple[Column, ...]:
    return (
        Column(WORDS["share"][lang], "bar"),
        *_counts(lang),
        Column(WORDS["graded_of"][lang], "of"),
        Column(WORDS["worst"][lang], "grade"),
    )


def _tally_cells(tally: Tally) -> tuple[Cell, ...]:
    return (tally, *tally.counts, (tally.graded, tally.total), tally.worst)


def _layers(assessment: Assessment, lang: Lang) -> Table:
    def profiles(used: Iterable[tuple[str, int]]) -> str:
        return WORDS["comma"][lang].join(f"{name} ({n})" for name, n in used)

    rows: list[tuple[Cell, ...]] = [
        (figure.title[lang], *_tally_cells(figure.tally), profiles(figure.profiles))
        for figure in assessment.layers
    ]
    judged = assessment.city.tally - sum((one.tally for one in assessment.layers), Tally())
    if any(judged.counts):
        rows.append((WORDS["judged"][lang], *_tally_cells(judged), ""))
    rows.append((WORDS["all"][lang], *_tally_cells(assessment.city.tally), ""))
    return Table(
        "layers",
        "head",
        WORDS["layers"][lang],
        WORDS["layers_note"][lang],
        (
            Column(WORDS["layer"][lang], "text"),
            *_tally_columns(lang),
            Column(WORDS["profile_used"][lang], "id"),
        ),
        tuple(rows),
        total=True,
    )


def _breakdown(assessment: Assessment, part: Breakdown, lang: Lang) -> Table:
    indexed = any(group.index is not None for group in part.groups)
    rows: list[tuple[Cell, ...]] = []
    for group in part.groups:
        aside = () if part.part_label is None else (group.part_of[lang] if group.part_of else "",)
        index = ((group.index, group.fill),) if indexed else ()
        rows.append((group.name[lang], *aside, *_tally_cells(group.tally), *index))
    whole = sum((group.tally for group in part.groups), Tally())
    total = len(rows) > 1 and whole == assessment.city.tally
    if total:
        aside = () if part.part_label is None else ("",)
        index = ((assessment.city.index, assessment.city.fill),) if indexed else ()
        rows.append((WORDS["all"][lang], *aside, *_tally_cells(whole), *index))
    return Table(
        f"by_{part.key}",
        "groups",
        part.title[lang],
        part.note[lang],
        (
            Column(part.label[lang], "text"),
            *(() if part.part_label is None else (Column(part.part_label[lang], "text"),)),
            *_tally_columns(lang),
            *((Column(WORDS["index"][lang], "index"),) if indexed else ()),
        ),
        tuple(rows),
        total=total,
        empty=NOTHING.get(part.key, WORDS["none"])[lang],
    )


def _methods(assessment: Assessment, lang: Lang) -> Table:
    names = [group.name[lang] for group in assessment.breakdown("town").groups]
    said = WORDS["sentence_comma"][lang].join(
        f"{method.title[lang]}: {method.formula[lang]}" for method in assessment.methods
    )
    return Table(
        "town_methods",
        "groups",
        WORDS["methods"][lang],
        WORDS["methods_note"][lang] + said,
        (
            Column(WORDS["town"][lang], "text"),
            *(
                Column(method.title[lang] + (" (%)" if method.share else ""), "ranked")
                for method in assessment.methods
            ),
        ),
        tuple(
            (name, *(_ranked(method, at) for method in assessment.methods))
            for at, name in enumerate(names)
        ),
    )


def _ranked(method: Method, at: int) -> Cell:
    value, _, rank = method.values[at]
    return (100.0 * value if method.share and value is not None else value, rank)


def _ranking(part: Ranking, lang: Lang) -> Table:
    with_units = any(row.unit for row in part.rows)
    with_places = any(row.where for row in part.rows)
    with_counts = any(row.tally for row in part.rows)

    def cells(number: int, row: Ranked) -> tuple[Cell, ...]:
        tally = row.tally or Tally()
        return (
            row.label or number,
            row.name[lang],
            row.grade,
            *((row.kind[lang] if row.kind else "",) if part.kind else ()),
            row.score,
            *((row.unit,) if with_units else ()),
            *((row.where,) if with_places else ()),
            *((*tally.counts[:2], (tally.graded, tally.total)) if with_counts else ()),
            row.reason[lang] if row.reason else "",
        )

    note = WORDS["ranked_of"][lang].format(n=len(part.rows), of=part.of) + part.order[lang]
    return Table(
        f"worst_{part.key}",
        "worst",
        part.title[lang],
        note,
        (
            Column(WORDS["number"][lang], "count"),
            Column(WORDS["name"][lang], "text"),
            Column(WORDS["grade"][lang], "grade"),
            *((Column(part.kind[lang], "text"),) if part.kind else ()),
            Column(part.score[lang], "score"),
            *((Column(WORDS["unit"][lang], "text"),) if with_units else ()),
            *((Column(WORDS["where"][lang], "text"),) if with_places else ()),
            *((*_counts(lang)[:2], Column(WORDS["graded_of"][lang], "of")) if with_counts else ()),
            Column(WORDS["reason"][lang], "long"),
        ),
        tuple(cells(number, row) for number, row in enumerate(part.rows, 1)),
        empty=WORDS["nothing_graded"][lang],
    )


def _change(change: Change, lang: Lang) -> list[Table]:
    grades = tuple(GRADES)
    counts = tuple(
        (grade, then, now, now - then)
        for grade, then, now in zip(grades, change.then.counts, change.now.counts, strict=True)
    )
    whole = change.then.total, change.now.total
    figures = (
        Column(WORDS["then"][lang], "count"),
        Column(WORDS["now"][lang], "count"),
        Column(WORDS["difference"][lang], "signed"),
    )
    by_grade = Table(
        "change_by_grade",
        "change",
        WORDS["change_by_grade"][lang],
        WORDS["change_note"][lang],
        (Column(WORDS["grade"][lang], "grade"), *figures),
        (*counts, (WORDS["all"][lang], *whole, whole[1] - whole[0])),
        total=True,
    )
    kinds = Table(
        "change_by_kind",
        "change",
        WORDS["change_by_kind"][lang],
        "",
        (Column(WORDS["kind_of_change"][lang], "text"), Column(WORDS["items"][lang], "count")),
        tuple((MOVE_WORDS[kind][lang], number) for kind, number in change.counts.items()),
    )
    return [by_grade, kinds, _change_by_town(change, lang), _moved(change, lang)]


def _change_by_town(change: Change, lang: Lang) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for group, tally in change.towns:
        pairs = zip(group.tally.counts, tally.counts, strict=True)
        differences = tuple(after - before for after, before in pairs)
        rows.append((group.name[lang], tally, group.tally, *differences))
    then, now = WORDS["then"][lang], WORDS["now"][lang]
    signed = tuple(Column(f"{c.label} ±", "signed", c.grade) for c in _counts(lang))
    return Table(
        "change_by_town",
        "change",
        WORDS["change_by_town"][lang],
        WORDS["change_by_town_note"][lang],
        (Column(WORDS["town"][lang], "text"), Column(then, "bar"), Column(now, "bar"), *signed),
        tuple(rows),
    )


def _moved(change: Change, lang: Lang) -> Table:
    number = sum(change.counts.values())
    listed = len(change.moved)
    note = WORDS["moved_all"] if listed == number else WORDS["moved_cut"]
    return Table(
        "changed_items",
        "change",
        WORDS["changed_items"][lang],
        note[lang].format(n=number, listed=listed),
        (
            Column(WORDS["kind_of_change"][lang], "text"),
            Column(WORDS["id"][lang], "id"),
            Column(WORDS["name"][lang], "text"),
            Column(WORDS["layer"][lang], "text"),
            Column(WORDS["where"][lang], "text"),
            Column(WORDS["from_to"][lang], "move"),
            Column(WORDS["what_changed"][lang], "long"),
        ),
        tuple(
            (
                MOVE_WORDS[item.kind][lang],
                item.id,
                item.name,
                item.layer_title[lang],
                item.where,
                (item.before, item.after),
                item.reason[lang] if item.reason else "",
            )
            for item in change.moved
        ),
        empty=WORDS["no_change"][lang],
    )


def _profiles(assessment: Assessment, lang: Lang) -> Table:
    said = {
        True: WORDS["verified"],
        False: WORDS["unverified"],
        None: WORDS["policy"],
    }
    rows = tuple(
        (
            profile.name,
            profile.method[lang],
            profile.used_by,
            grade,
            text[lang],
            clause,
            said[profile.verified][lang],
        )
        for profile in assessment.profiles
        for grade, text, clause in profile.bands
    )
    return Table(
        "profiles",
        "method",
        WORDS["profiles"][lang],
        WORDS["profiles_note"][lang],
        (
            Column(WORDS["profile"][lang], "id"),
            Column(WORDS["method"][lang], "text"),
            Column(WORDS["used_by"][lang], "count"),
            Column(WORDS["grade"][lang], "grade"),
            Column(WORDS["limits"][lang], "text"),
            Column(WORDS["clause"][lang], "text"),
            Column(WORDS["checked"][lang], "text"),
        ),
        rows,
        empty=WORDS["none"][lang],
    )


def _gaps(assessment: Assessment, lang: Lang) -> Table:
    return Table(
        "gaps",
        "method",
        WORDS["gaps"][lang],
        WORDS["gaps_note"][lang],
        (
            Column(WORDS["layer"][lang], "text"),
            Column(WORDS["code"][lang], "id"),
            Column(WORDS["items"][lang], "count"),
            Column(WORDS["first_of_them"][lang], "id"),
            Column(WORDS["reason"][lang], "long"),
        ),
        tuple(
            (gap.layer_title[lang], gap.code, gap.count, gap.example_id, gap.example[lang])
            for gap in assessment.gaps
        ),
        empty=WORDS["no_gaps"][lang],
    )


def _unplaced(assessment: Assessment, lang: Lang) -> Table:
    return Table(
        "unplaced",
        "method",
        WORDS["unplaced"][lang],
        WORDS["unplaced_note"][lang],
        (Column(WORDS["layer"][lang], "text"), Column(WORDS["rows_waiting"][lang], "count")),
        tuple((row.layer_title[lang], row.count) for row in assessment.unplaced),
        empty=WORDS["none_unplaced"][lang],
    )
