"""A joint-prevention group on one page: its map as SVG and its tables; no script, no request."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from ..errors import Lang, Text
from ..vocabulary import GRADES, Grade
from .assessment_charts import shape

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_WIDTH, _HEIGHT, _EDGE, _LEAST_SPAN_M = 640.0, 420.0, 48.0, 200.0
_METRES_PER_DEGREE = 111_195.0
_CSS = """
body{font:14px/1.5 system-ui,sans-serif;margin:1.5rem auto;
max-width:60rem;padding:0 1rem;color:#1f2328}
p{margin:.1rem 0}h1{font-size:1.3rem}h2{font-size:1.05rem;margin-top:1.4rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{border:1px solid #d6d3cd;padding:.25rem .4rem;text-align:left;vertical-align:top}
th{background:#f5f3ee}td:empty{height:1.7rem}
svg{width:100%;height:auto;margin-top:.8rem;border:1px solid #d6d3cd;background:#fbfaf7}
@page{size:A4;margin:12mm}
@media print{body{margin:0;max-width:none;font-size:11px}.wide{overflow:visible}}
"""
_LEAD = Text("牵头", "lead")
_NO_MAP = Text("没有有位置的成员", "No member has a position")


@dataclass(frozen=True)
class Mark:
    """A member on the map: WGS84, its grade, its number in the table, whether it leads."""

    id: str
    lon: float
    lat: float
    grade: str
    label: str
    leads: bool = False


@dataclass(frozen=True)
class Sheet:
    """A table in words."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


def group_page(
    title: str,
    notes: Sequence[str],
    marks: Sequence[Mark],
    links: Sequence[tuple[str, str]],
    sheets: Sequence[Sheet],
    lang: Lang,
) -> str:
    """The page as HTML. All texts are escaped; `links` name marks by their ids."""
    said = "".join(f"<p>{escape(note)}</p>" for note in notes)
    picture = _map(marks, links, lang) if marks else f"<p>{_NO_MAP[lang]}</p>"
    return (
        f'<!doctype html>\n<html lang="{"zh-CN" if lang == "zh" else "en"}"><head>'
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="referrer" content="no-referrer"><title>{escape(title)}</title>'
        f"<style>{_CSS}</style></head><body><h1>{escape(title)}</h1>{said}{picture}"
        f"{''.join(map(_table, sheets))}</body></html>\n"
    )


def _table(sheet: Sheet) -> str:
    heads = "".join(f"<th>{escape(one)}</th>" for one in sheet.headings)
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in sheet.rows
    )
    return (
        f'<h2>{escape(sheet.title)}</h2><div class="wide"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _map(marks: Sequence[Mark], links: Sequence[tuple[str, str]], lang: Lang) -> str:
    """Members by shape and colour of their grade, their links, a scale bar; north is up."""
    at, pixels_per_m = _positions(marks)
    lines = "".join(
        f'<line x1="{at[a][0]:.1f}" y1="{at[a][1]:.1f}" x2="{at[b][0]:.1f}" y2="{at[b][1]:.1f}" '
        'stroke="#6b6f76" stroke-opacity=".55"/>'
        for a, b in links
        if a in at and b in at
    )
    drawn = "".join(_mark(mark, *at[mark.id], lang) for mark in marks)
    bar_m = _round_m(120 / pixels_per_m)
    x, y, length = 16.0, _HEIGHT - 16, bar_m * pixels_per_m
    bar = (
        f'<path d="M{x} {y - 5}V{y}H{x + length:.1f}V{y - 5}" fill="none" stroke="#1f2328"/>'
        f'<text x="{x}" y="{y - 9}" font-size="12">{bar_m:g} m</text>'
    )
    return f'<svg viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" role="img">{lines}{drawn}{bar}</svg>'


def _positions(marks: Sequence[Mark]) -> tuple[dict[str, tuple[float, float]], float]:
    """Where each mark is drawn, and pixels per metre."""
    lon0 = (min(m.lon for m in marks) + max(m.lon for m in marks)) / 2
    lat0 = (min(m.lat for m in marks) + max(m.lat for m in marks)) / 2
    wide = _METRES_PER_DEGREE * math.cos(math.radians(lat0))
    metres = {m.id: ((m.lon - lon0) * wide, (m.lat - lat0) * _METRES_PER_DEGREE) for m in marks}
    span_x = max(_LEAST_SPAN_M, 2 * max(abs(x) for x, _ in metres.values()))
    span_y = max(_LEAST_SPAN_M, 2 * max(abs(y) for _, y in metres.values()))
    scale = min((_WIDTH - 2 * _EDGE) / span_x, (_HEIGHT - 2 * _EDGE) / span_y)
    return {
        key: (_WIDTH / 2 + x * scale, _HEIGHT / 2 - y * scale) for key, (x, y) in metres.items()
    }, scale


def _mark(mark: Mark, x: float, y: float, lang: Lang) -> str:
    style = GRADES[Grade(mark.grade)]
    ring = '<circle r="12" fill="none" stroke="#1f2328" stroke-width="2"/>' if mark.leads else ""
    label = f"{mark.label} {_LEAD[lang]}" if mark.leads else mark.label
    return (
        f'<g transform="translate({x:.1f} {y:.1f})">{ring}<path d="{shape(Grade(mark.grade))}" '
        f'fill="{style.colour}" stroke="#1f2328"/><text x="13" y="4" font-size="12">'
        f"{escape(label)}</text></g>"
    )


def _round_m(metres: float) -> float:
    """1, 2 or 5 times a power of ten, at most so many metres."""
    power = 10.0 ** math.floor(math.log10(metres))
    return max(step * power for step in (1, 2, 5) if step * power <= metres)
