"""Grades summed up by area, cell, industry or department: rollup."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from geo_risk.errors import Lang
from geo_risk.vocabulary import GRADES, Grade

from .main import echo, language, report
from .options import db_option, json_option, opened, parse_moment

LEVELS = ("grid", "village", "town", "city", "enterprise", "industry", "department")
SHOWN = 40


@click.command()
@click.option("--level", type=click.Choice(LEVELS), default="town", help="汇总层级 / level")
@click.option(
    "--method",
    type=click.Choice(["max", "index", "topk", "share", "density"]),
    default="max",
    help="汇总方法，缺省取最高等级 / method; the highest grade by default",
)
@click.option(
    "--grid",
    type=click.Choice(["100", "250", "500", "h3"]),
    default="250",
    help="网格边长(米)或 h3 / side of a cell in metres, or h3",
)
@click.option(
    "--depth",
    type=click.Choice(["section", "division"]),
    default="division",
    help="行业门类或大类 / section or division of the industry",
)
@click.option("--empty", is_flag=True, help="包括空网格 / with the empty cells of the city")
@click.option("--as-of", default="", help="某一时刻的状态 2026-11-24T08:00:00Z / as it stood then")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="写入 .csv、.xlsx 或 .geojson / write a file",
)
@db_option
@json_option
@click.pass_context
def rollup(
    context: click.Context, /, out: Path | None, db: str | None, as_json: bool, **asked: Any
) -> None:
    """按镇、村、网格、企业、行业或部门汇总等级 / Sum grades up; all methods side by side.

    \b
    geo-risk rollup --level grid --grid 250 --method density -o cells.geojson
    """
    from geo_risk.services import roll_up_files, roll_ups

    asked["as_of"] = parse_moment(asked["as_of"])
    lang = language()
    with opened(context, db) as store:
        if out is None:
            told = roll_ups.rollup(store, **asked)
        else:
            told = roll_up_files.save(store, out, lang=lang, **asked)
    if as_json:
        report(told if out is None else {"file": str(out), **told})
    elif out is not None:
        echo(f"{out}: {len(told['areas'])} 行 / rows")
        if lost := told.get("without_geometry"):
            echo(
                f"其中 {lost} 个没有图形（未填写、查无或没有界线）"
                if lang == "zh"
                else f"{lost} of them have no geometry (not stated, not listed or no outline)"
            )
    else:
        _say(told, lang)


def _say(told: dict[str, Any], lang: Lang) -> None:
    """The highest by the method asked first, each with n of m, and the formula below."""
    worst_first = list(GRADES)
    last = len(told["areas"])
    areas = sorted(
        told["areas"],
        key=lambda a: (a["asked"]["rank"] or last, worst_first.index(Grade(a["grade"])), a["id"]),
    )
    for area in areas[:SHOWN]:
        echo(_line(area, told["method"], lang))
    if len(areas) > SHOWN:
        more = len(areas) - SHOWN
        echo(f"… 还有 {more} 行，见 --json 或 -o / {more} more, see --json or -o")
    if told["level"] == "grid":
        cells = "?" if told.get("cells") is None else told["cells"]
        empty = "?" if told.get("empty") is None else told["empty"]
        echo(f"网格 {cells}，空 {empty} / {cells} cells, {empty} empty (EPSG:{told.get('epsg')})")
    method = told["methods"][told["method"]]
    echo(f"{method['title'][lang]}: {method['formula'][lang]}")
    if not method["thresholds"]:
        echo(method["note"][lang])


def _line(area: dict[str, Any], method: str, lang: Lang) -> str:
    n_of_m = (
        f"已分级 {area['graded']}/{area['total']}"
        if lang == "zh"
        else f"{area['graded']} of {area['total']} graded"
    )
    line = f"{_badge(area['grade'], lang)}  {area['label'][lang]}  {n_of_m}"
    asked = area["asked"]
    if method == "max":
        words = {grade: style.level[lang].lower() for grade, style in GRADES.items()}
        counts = [f"{words[Grade(grade)]} {n}" for grade, n in area["counts"].items()]
        return f"{line}  {(' ' if lang == 'zh' else ', ').join(counts)}"
    value = asked["reason"][lang] if asked["value"] is None else f"{asked['value']:g}"
    own = f"  {_badge(asked['grade'], lang)}" if asked["grade"] else ""
    rank = f"  #{asked['rank']}" if asked["rank"] else ""
    # Both grades stand there, each by its name: the highest is the area's, the other the method's.
    first = "最高" if lang == "zh" else "highest"
    return f"{first} {line}  {method} {value}{own}{rank}"


def _badge(grade: str, lang: Lang) -> str:
    style = GRADES[Grade(grade)]
    return f"{style.mark} {style.label[lang]}"
