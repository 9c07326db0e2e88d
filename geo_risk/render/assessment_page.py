"""The assessment as one self-contained page: no script, no request, A4 when printed.

Built of small functions and `html.escape`: no text of a user is ever a template.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from ..assessment import (
    Assessment,
    MapData,
    Table,
    Tally,
    change_remarks,
    local_time,
    tables,
)
from ..assessment.words import LIMITS, WORDS
from ..errors import Lang
from ..vocabulary import GRADES, Grade
from .assessment_charts import badge, bar, bar_chart, definitions, grade_css, legend, mark
from .assessment_maps import drawn_grades, grid_map, thinned, town_map
from .assessment_tables import table_html
from .assessment_text import CHAPTERS, PAGE
from .palette import BASE

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_CSS = Path(__file__).with_name("assessment.css")
_CHART_ROWS = 24


def assessment_page(assessment: Assessment, lang: Lang) -> str:
    """The whole HTML page in one language."""
    found = tables(assessment, lang)
    name = assessment.city.name[lang]
    title = f"{name}{'' if lang == 'zh' else ': '}{PAGE['title'][lang]}".lstrip(": ")
    chapters = [
        ("head", _head(assessment, found, lang)),
        ("maps", _maps(assessment, lang)),
        ("groups", _groups(assessment, found, lang)),
        ("worst", _tables(found, "worst", lang)),
        ("change", _change(assessment, found, lang)),
        ("method", _method(assessment, found, lang)),
    ]
    kept = [(key, body) for key, body in chapters if body]
    contents = "".join(
        f'<li><span class="no">{number}</span> <a href="#{key}">{CHAPTERS[key][lang]}</a></li>'
        for number, (key, _) in enumerate(kept, 1)
    )
    main = "".join(
        f'<section class="chapter{" flow" if number == 1 else ""}" id="{key}">'
        f'<h2><span class="no">{number}</span>{CHAPTERS[key][lang]}</h2>{body}</section>'
        for number, (key, body) in enumerate(kept, 1)
    )
    return (
        f'<!doctype html>\n<html lang="{"zh-CN" if lang == "zh" else "en"}"><head>'
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{escape(title)}</title><style>{_css()}</style></head><body>{definitions()}"
        f'{_top(assessment, title, lang)}<main><nav aria-label="{PAGE["contents"][lang]}">'
        f"<ol>{contents}</ol></nav>{main}</main>{_foot(assessment, lang)}</body></html>\n"
    )


def _css() -> str:
    """The palette as custom properties, light and dark; paper is always light."""
    light = "".join(f"--{name}:{colour};" for name, colour in BASE["light"].items())
    dark = "".join(f"--{name}:{colour};" for name, colour in BASE["dark"].items())
    return (
        f":root{{color-scheme:light dark;{light}--mark-line:var(--casing)}}\n"
        f"@media screen and (prefers-color-scheme:dark)"
        f"{{:root{{{dark}--mark-line:var(--casing-outer)}}}}\n"
        f"{_CSS.read_text('utf-8')}{grade_css()}\n"
    )


def _top(assessment: Assessment, title: str, lang: Lang) -> str:
    facts = [
        (PAGE["data_at"][lang], local_time(assessment.data_at)),
        (PAGE["made_at"][lang], local_time(assessment.made_at)),
        (PAGE["last_batch"][lang], assessment.last_batch or "–"),
    ]
    if assessment.change:
        since = local_time(assessment.change.since)
        batch = assessment.change.batch
        if batch:
            since = PAGE["before_batch"][lang].format(batch=batch, at=since)
        facts.append((PAGE["since"][lang], since))
    rows = "".join(f"<dt>{escape(key)}</dt><dd>{escape(value)}</dd>" for key, value in facts)
    said = assessment.notice
    notice = f'<p class="notice">{escape(said[lang])}</p>' if said else ""
    return (
        f'<header class="top"><p class="kicker">{PAGE["kicker"][lang]}</p>'
        f'<h1>{escape(title)}</h1>{notice}<dl class="facts">{rows}</dl></header>'
    )


def _foot(assessment: Assessment, lang: Lang) -> str:
    origins = ("；" if lang == "zh" else "; ").join(assessment.origins)
    stop = "。" if lang == "zh" else "."
    said = f"{PAGE['origins'][lang]}{origins}{stop}" if origins else ""
    return f"<footer><p>{escape(said)} {PAGE['internal'][lang]}</p></footer>"


def _tables(found: Sequence[Table], chapter: str, lang: Lang) -> str:
    return "".join(table_html(table, lang) for table in found if table.chapter == chapter)


def _head(assessment: Assessment, found: Sequence[Table], lang: Lang) -> str:
    tally = assessment.city.tally
    tiles = "".join(
        f"<div><b>{tally.of(grade)}</b><span>{mark(grade)}{style.level[lang]}"
        + (f" · {style.label[lang]}" if grade is not Grade.NO_DATA else "")
        + f"</span><small>{_share(tally, grade)}</small></div>"
        for grade, style in GRADES.items()
    )
    of = PAGE["graded_of"][lang].format(n=tally.graded, m=tally.total)
    return (
        f'<div class="keys">{tiles}</div>{bar(tally, lang, figures=True)}'
        f'<p class="note">{of}</p><dl class="more">{_more(assessment, lang)}</dl>'
        f"{_tables(found, 'head', lang)}"
    )


def _share(tally: Tally, grade: Grade) -> str:
    return f"{100 * tally.of(grade) / tally.total:.1f} %" if tally.total else "–"


def _more(assessment: Assessment, lang: Lang) -> str:
    city, dangers = assessment.city, assessment.dangers
    of = PAGE["n_of_m"][lang]
    index = "–" if city.index is None else f"{city.index:.2f}"
    cells = [
        (PAGE["city_grade"][lang], badge(city.tally.worst, lang), PAGE["by_worst"][lang]),
        (PAGE["city_index"][lang], f"{mark(city.fill)}{index}", ""),
        (
            PAGE["enterprises"][lang],
            str(assessment.enterprises),
            of.format(n=assessment.enterprises_graded, m=assessment.enterprises),
        ),
    ]
    cells += [
        (
            escape(figure.title[lang]),
            str(figure.tally.total),
            of.format(n=figure.tally.graded, m=figure.tally.total),
        )
        for figure in assessment.layers
    ]
    if dangers:
        cells += [
            (
                PAGE["dangers"][lang],
                str(dangers.open),
                PAGE["of_all"][lang].format(m=dangers.total),
            ),
            (
                PAGE["overdue"][lang],
                str(dangers.overdue),
                PAGE["major_open"][lang].format(n=dangers.major_open),
            ),
        ]
    checks = assessment.checks
    cells += [
        (
            PAGE["checks"][lang],
            str(checks.all.overdue.total),
            PAGE["never"][lang].format(n=checks.all.never),
        ),
        (
            PAGE["stated_lower"][lang],
            str(checks.stated_lower),
            PAGE["stated_higher"][lang].format(n=checks.stated_higher),
        ),
    ]
    waiting = sum(row.count for row in assessment.unplaced)
    cells.append((PAGE["waiting"][lang], str(waiting), PAGE["not_counted"][lang]))
    return "".join(
        f"<div><dt>{label}</dt><dd>{value}{f' <small>{small}</small>' if small else ''}</dd></div>"
        for label, value, small in cells
    )


def _maps(assessment: Assessment, lang: Lang) -> str:
    data = assessment.map
    if data is None:
        return f'<p class="empty">{PAGE["no_map"][lang]}</p>'
    source = escape(_source(assessment, data, lang))
    marks = "".join(f"<li>{badge(grade, lang, full=True)}</li>" for grade in drawn_grades(data))
    notes = [PAGE["marks_note"][lang].format(n=len(thinned(data)), m=len(data.marks))]
    if any(item.coarse for item in data.marks):
        notes.append(PAGE["coarse"][lang])
    if data.undrawn:
        notes.append(PAGE["undrawn"][lang].format(n=data.undrawn))
    return (
        f'<figure class="map-figure"><figcaption>{PAGE["town_map"][lang]}</figcaption>'
        f'{town_map(data, lang)}{_fills(assessment, lang)}<ul class="legend">{marks}</ul>'
        f'<p class="note">{" ".join(notes)} {source}</p></figure>'
        f'<figure class="map-figure"><figcaption>'
        f"{PAGE['grid_map'][lang].format(side=data.cell_side_m)}</figcaption>"
        f"{grid_map(data, lang)}{legend(lang)}"
        f'<p class="note">{PAGE["grid_note"][lang].format(n=len(data.cells))} {source}</p></figure>'
    )


def _source(assessment: Assessment, data: MapData, lang: Lang) -> str:
    parts = [PAGE["projection"][lang].format(epsg=data.epsg)]
    if data.approximate:
        parts.append(PAGE["approximate"][lang])
    if assessment.notice:
        parts.append(assessment.notice[lang])
    return ("；" if lang == "zh" else "; ").join(parts) + ("。" if lang == "zh" else ".")


def _fills(assessment: Assessment, lang: Lang) -> str:
    """The colours of the towns: where on the index each begins."""
    limits = dict(assessment.index_starts)
    said = {grade: f"I ≥ {limits[str(grade)]:g}" for grade in GRADES if str(grade) in limits}
    said[Grade.BLUE] = WORDS["below"][lang]
    said[Grade.NO_DATA] = GRADES[Grade.NO_DATA].label[lang]
    items = "".join(
        f'<li><svg aria-hidden="true"><rect class="a-{grade} e-{grade}" x="1" y="1" width="24" '
        f'height="12"/></svg>{escape(said[grade])}</li>'
        for grade in GRADES
    )
    return f'<ul class="fills"><li>{PAGE["town_fill"][lang]}</li>{items}</ul>'


def _groups(assessment: Assessment, found: Sequence[Table], lang: Lang) -> str:
    """Each breakdown's table, with a chart of absolute numbers before town, division and type."""
    charts = {
        f"by_{key}": bar_chart(
            assessment.breakdown(key).groups[:_CHART_ROWS],
            lang,
            assessment.breakdown(key).title[lang] + PAGE["absolute"][lang],
        )
        for key in ("town", "division", "accident_type", "department")
    }
    return "".join(
        charts.get(table.key, "") + table_html(table, lang)
        for table in found
        if table.chapter == "groups"
    )


def _change(assessment: Assessment, found: Sequence[Table], lang: Lang) -> str:
    change = assessment.change
    if change is None:
        return ""
    whole = max(change.then.total, change.now.total)
    rows = "".join(
        f'<div class="row"><dt>{PAGE[key][lang]}</dt>'
        f"<dd>{bar(tally, lang, whole=whole, figures=True)}</dd>"
        f'<dd class="n">{tally.total}</dd></div>'
        for key, tally in (("then", change.then), ("now", change.now))
    )
    since = local_time(change.since)
    said = PAGE["compared"][lang].format(since=since)
    if change.batch:
        said += PAGE["compared_batch"][lang].format(batch=escape(change.batch))
    remarks = "".join(f"<p>{escape(text)}</p>" for text in change_remarks(change, lang))
    return (
        f'<p>{said}</p>{remarks}<figure class="chart">{legend(lang)}<dl>{rows}</dl></figure>'
        f"{_tables(found, 'change', lang)}"
    )


def _method(assessment: Assessment, found: Sequence[Table], lang: Lang) -> str:
    limits = "".join(f"<li>{text[lang]}</li>" for text in LIMITS)
    title, formula = assessment.index_title[lang], assessment.index_formula[lang]
    return (
        f"<p>{WORDS['rolled_up'][lang]}</p><p><b>{escape(title)}</b>: {escape(formula)}</p>"
        f"{_fills(assessment, lang)}{_tables(found, 'method', lang)}"
        f'<h3>{WORDS["not_done"][lang]}</h3><ul class="limits">{limits}</ul>'
    )
