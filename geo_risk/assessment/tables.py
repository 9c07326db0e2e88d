"""The tables of an assessment in one language: the page and the workbook show the same ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..errors import Lang
from .change_tables import change_tables
from .model import Assessment, Breakdown, CheckRow, Method, Ranked, Ranking, Tally
from .table import Cell, Column, Table, count_columns, tally_cells, tally_columns
from .words import NOTHING, WORDS


def tables(assessment: Assessment, lang: Lang) -> list[Table]:
    """All tables in the order of the report."""
    found = [_layers(assessment, lang)]
    found += [_breakdown(assessment, part, lang) for part in assessment.breakdowns]
    found.insert(2, _methods(assessment, lang))
    checks = assessment.checks
    found += [
        _checks("town", checks.towns, checks.all, lang),
        _checks("department", checks.departments, checks.all, lang),
    ]
    found += [_ranking(part, lang) for part in assessment.rankings]
    if assessment.change:
        found += change_tables(assessment.change, lang)
    return [
        *found,
        _profiles(assessment, lang),
        _gaps(assessment, lang),
        _unplaced(assessment, lang),
    ]


def _layers(assessment: Assessment, lang: Lang) -> Table:
    def profiles(used: Iterable[tuple[str, int]]) -> str:
        return WORDS["comma"][lang].join(f"{name} ({n})" for name, n in used)

    rows: list[tuple[Cell, ...]] = [
        (figure.title[lang], *tally_cells(figure.tally), profiles(figure.profiles))
        for figure in assessment.layers
    ]
    judged = assessment.city.tally - sum((one.tally for one in assessment.layers), Tally())
    if any(judged.counts):
        rows.append((WORDS["judged"][lang], *tally_cells(judged), ""))
    rows.append((WORDS["all"][lang], *tally_cells(assessment.city.tally), ""))
    return Table(
        "layers",
        "head",
        WORDS["layers"][lang],
        WORDS["layers_note"][lang],
        (
            Column(WORDS["layer"][lang], "text"),
            *tally_columns(lang),
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
        rows.append((group.name[lang], *aside, *tally_cells(group.tally), *index))
    whole = sum((group.tally for group in part.groups), Tally())
    total = len(rows) > 1 and whole == assessment.city.tally
    if total:
        aside = () if part.part_label is None else ("",)
        index = ((assessment.city.index, assessment.city.fill),) if indexed else ()
        rows.append((WORDS["all"][lang], *aside, *tally_cells(whole), *index))
    return Table(
        f"by_{part.key}",
        "groups",
        part.title[lang],
        part.note[lang],
        (
            Column(part.label[lang], "text"),
            *(() if part.part_label is None else (Column(part.part_label[lang], "text"),)),
            *tally_columns(lang),
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


def _checks(key: str, rows: Sequence[CheckRow], whole: CheckRow, lang: Lang) -> Table:
    def cells(name: str, row: CheckRow) -> tuple[Cell, ...]:
        return (name, row.total, row.overdue.total, *row.overdue.counts, row.never)

    return Table(
        f"checks_by_{key}",
        "groups",
        WORDS[f"checks_by_{key}"][lang],
        WORDS["checks_note"][lang],
        (
            Column(WORDS[key][lang], "text"),
            Column(WORDS["items"][lang], "count"),
            Column(WORDS["overdue"][lang], "count"),
            *count_columns(lang),
            Column(WORDS["never_checked"][lang], "count"),
        ),
        (
            *(cells(row.name[lang], row) for row in rows),
            *([cells(WORDS["all"][lang], whole)] if rows else []),
        ),
        total=True,
        empty=WORDS["none"][lang],
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
            *(
                (*count_columns(lang)[:2], Column(WORDS["graded_of"][lang], "of"))
                if with_counts
                else ()
            ),
            Column(WORDS["reason"][lang], "long"),
        ),
        tuple(cells(number, row) for number, row in enumerate(part.rows, 1)),
        empty=WORDS["nothing_graded"][lang],
    )


def _profiles(assessment: Assessment, lang: Lang) -> Table:
    said = {
        "verified": WORDS["verified"],
        "unverified": WORDS["unverified"],
        "policy": WORDS["policy"],
        "none": WORDS["none_to_check"],
    }
    rows: list[tuple[Cell, ...]] = []
    for profile in assessment.profiles:
        head = (profile.name, profile.method[lang], profile.used_by)
        checked = said[profile.checked][lang]
        rows += [(*head, grade, text[lang], why, checked) for grade, text, why in profile.bands]
        if profile.adds:
            text, why = profile.adds
            rows.append((*head, None, text[lang], why, WORDS["policy"][lang]))
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
        tuple(rows),
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
