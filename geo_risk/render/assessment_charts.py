"""Marks and stacked bars of an assessment as inline SVG: widths in per cent, text unscaled.

A bar fills whatever width it gets, so that it fits a phone and a sheet of paper; its figures keep
their size. Nothing here holds text of users but through `escape`.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ..assessment import Group, Tally
from ..errors import Lang
from ..vocabulary import GRADES, Grade
from .palette import AREA_FILL_OPACITY

_DARK_TEXT = (Grade.ORANGE, Grade.YELLOW, Grade.NO_DATA)
_SHAPES: dict[str, str] = {
    "diamond": "M0-7 7 0 0 7-7 0Z",
    "triangle": "M0-6.6 7 5.6H-7Z",
    "square": "M-5.6-5.6H5.6V5.6H-5.6Z",
    "circle": "M-6 0A6 6 0 1 1 6 0A6 6 0 1 1-6 0Z",
    "ring": "M-5.4 0A5.4 5.4 0 1 1 5.4 0A5.4 5.4 0 1 1-5.4 0Z",
}
"""Outlines of the marks around their centre, about 14 units wide."""


def shape(grade: Grade) -> str:
    """The outline of a grade's mark as SVG path data."""
    return _SHAPES[GRADES[grade].shape]


def definitions() -> str:
    """The hatching of “no data”, once per page."""
    hatch = (
        '<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect class="hatch-ground" width="6" height="6"/>'
        '<path class="hatch-line" d="M0 0V6" /></pattern>'
    )
    return (
        '<svg class="defs" width="0" height="0" aria-hidden="true" focusable="false">'
        f"<defs>{hatch}</defs></svg>"
    )


def mark(grade: Grade) -> str:
    """A grade's mark in a line of text."""
    return (
        '<svg class="m" viewBox="-9 -9 18 18" aria-hidden="true">'
        f'<path class="mark g-{grade}" d="{shape(grade)}"/></svg>'
    )


def badge(grade: Grade | None, lang: Lang, *, full: bool = False) -> str:
    """Mark and word of a grade, with `full` the letter too; a dash for none."""
    if grade is None:
        return '<span class="none">–</span>'
    style = GRADES[grade]
    word = style.level[lang]
    if full:
        word += f" · {style.label[lang]}" if style.label[lang] != word else ""
        letter = f' <span class="letter">{style.letter}</span>'
    else:
        letter = ""
    return f'<span class="badge">{mark(grade)}<span class="w">{escape(word)}</span>{letter}</span>'


def said(tally: Tally, lang: Lang) -> str:
    """A tally in words, for those who do not see the bar."""
    counts = [f"{style.level[lang]} {tally.of(grade)}" for grade, style in GRADES.items()]
    return ("，" if lang == "zh" else ", ").join(counts)


def bar(tally: Tally, lang: Lang, *, whole: int = 0, figures: bool = False) -> str:
    """A stacked bar of the counts, worst first.

    `whole` is the number that fills the width, by default the tally's own; `figures` writes the
    count into each part that is wide enough.
    """
    whole = whole or tally.total
    if not whole:
        return '<svg class="bar" aria-hidden="true"><path d="M0 0"/></svg>'
    parts, at = [], 0.0
    for grade in GRADES:
        number = tally.of(grade)
        width = 100.0 * number / whole
        if number:
            parts.append(_part(grade, number, at, width, figures))
        at += width
    kind = "bar big" if figures else "bar"
    label = escape(said(tally, lang), quote=True)
    return f'<svg class="{kind}" role="img" aria-label="{label}">{"".join(parts)}</svg>'


def _part(grade: Grade, number: int, at: float, width: float, figures: bool) -> str:
    rect = f'<rect class="g-{grade}" x="{at:.3f}%" width="{width:.3f}%" height="100%"/>'
    if not figures or width < 2.0 + 1.6 * len(str(number)):
        return rect
    colour = "on-light" if grade in _DARK_TEXT else "on-dark"
    middle = f'x="{at + width / 2:.3f}%" y="50%"'
    return f'{rect}<text class="{colour}" {middle} dy=".35em">{number}</text>'


def bar_chart(groups: Sequence[Group], lang: Lang, title: str) -> str:
    """Stacked bars on one scale, the group's name before and its total behind each."""
    whole = max((group.tally.total for group in groups), default=0)
    if not whole:
        return ""
    rows = "".join(
        f'<div class="row"><dt>{escape(group.name[lang])}</dt>'
        f"<dd>{bar(group.tally, lang, whole=whole, figures=True)}</dd>"
        f'<dd class="n">{group.tally.total}</dd></div>'
        for group in groups
    )
    return (
        f'<figure class="chart"><figcaption>{escape(title)}</figcaption>{legend(lang)}'
        f"<dl>{rows}</dl></figure>"
    )


def legend(lang: Lang) -> str:
    """The five grades: mark, colour word, grade word, letter."""
    items = "".join(f"<li>{badge(grade, lang, full=True)}</li>" for grade in GRADES)
    return f'<ul class="legend">{items}</ul>'


def grade_css() -> str:
    """Fills of the grades, for bars and marks at full strength and for areas at 28 %."""
    lines = []
    for grade, style in GRADES.items():
        fill = "url(#hatch)" if grade is Grade.NO_DATA else style.colour
        lines.append(f".g-{grade}{{fill:{fill}}}")
        opacity = 0.6 if grade is Grade.NO_DATA else AREA_FILL_OPACITY
        lines.append(f".a-{grade}{{fill:{fill};fill-opacity:{opacity}}}")
        edge = "var(--text-secondary)" if grade is Grade.NO_DATA else style.colour
        lines.append(f".e-{grade}{{stroke:{edge}}}")
    lines.append(".mark.g-no_data{fill:var(--surface)}")
    return "\n".join(lines)
