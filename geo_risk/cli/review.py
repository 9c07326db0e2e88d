"""The review queue: list, place, dismiss."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from .main import echo, language, report
from .options import db_option, json_option, opened


@click.group()
def review() -> None:
    """待核列表：没有定位的行 / Rows that wait for a position.

    \b
    geo-risk review list
    geo-risk review place 12 --candidate 1
    """


@review.command("list")
@click.option("--layer", "layer_id", default="", help="只看一个图层 / one layer")
@click.option("--town", default="", help="镇代码或名称 / town, code or name")
@click.option("--reason", default="", help="原因代码，如 town_only / code of a reason")
@click.option(
    "--state",
    default="open",
    show_default=True,
    help="open|placed|dismissed|superseded|undone|all",
)
@db_option
@json_option
@click.pass_context
def review_list(
    context: click.Context,
    layer_id: str,
    town: str,
    reason: str,
    state: str,
    db: str | None,
    as_json: bool,
) -> None:
    """列出待核的行和候选地点 / List the waiting rows with their numbered candidates.

    \b
    geo-risk review list --layer enterprises --town 宝盖镇
    """
    from geo_risk.services import review as queue

    with opened(context, db) as store:
        found = queue.waiting(store, layer=layer_id, town=town, reason=reason, state=state)
        titles = {key: spec.title[language()] for key, spec in store.schema.specs.items()}
    if as_json:
        report({"review": found})
        return
    for entry in found:
        _tell(entry, titles)
    zh = language() == "zh"
    echo(f"共 {len(found)} 行" if zh else f"{len(found)} rows", err=True)
    hint = next((_hint(entry) for entry in found if entry["state"] == "open"), "")
    if hint:
        echo(f"定位: {hint}" if zh else f"to place one: {hint}", err=True)


def _hint(entry: Mapping[str, Any]) -> str:
    chosen = next((c["n"] for c in entry["candidates"] if c["placeable"]), None)
    command = f"geo-risk review place {entry['number']}"
    if chosen is not None:
        return f"{command} --candidate {chosen}"
    return f"{command} --lon 118.6501 --lat 24.7312 --datum wgs84"


def _tell(entry: Mapping[str, Any], titles: Mapping[str, str]) -> None:
    from geo_risk.services.review import STATE_LABELS

    lang = language()
    zh = lang == "zh"
    row = f"第 {entry['row']} 行" if zh else f"row {entry['row']}"
    echo(
        f"{entry['number']}  {titles.get(entry['layer'], entry['layer'])}  {entry['name'] or ''}"
        f"  {entry['address'] or ''}  ({entry['source'] or ''} {row})"
    )
    for given in entry["reasons"]:
        echo(f"    {given[lang]} [{given['code']}]")
    if entry["state"] != "open":
        said = f": {entry['note']}" if entry["note"] else ""
        who = " ".join(filter(None, (entry["who"], (entry["settled_at"] or "")[:16])))
        by = entry["settled_by"] or ""
        echo(f"    = {STATE_LABELS[entry['state']][lang]}{said}  {who} {by}".rstrip())
        return
    for candidate in entry["candidates"]:
        echo(f"    {candidate['n']}) {_candidate(candidate)}")


def _candidate(candidate: Mapping[str, Any]) -> str:
    from geo_risk.vocabulary import MATCH_LEVELS, MatchLevel

    lang = language()
    words = f"{candidate['name']}  {MATCH_LEVELS[MatchLevel(candidate['level'])][lang]}"
    if candidate["lon"] is not None:
        words += f"  {candidate['lon']:.6f},{candidate['lat']:.6f}"
        if candidate["uncertainty_m"] is not None:
            words += f" ±{candidate['uncertainty_m']:.0f} m"
    if not candidate["placeable"]:
        coarse = "仅供参考，不能当作地点" if lang == "zh" else "to look at, no place"
        words += f"  ({coarse})"
    return words


@review.command("place")
@click.argument("number", type=int)
@click.option("--candidate", type=int, help="候选地点的序号 / number of a candidate")
@click.option("--lon", type=float, help="经度或横坐标 / longitude or easting")
@click.option("--lat", type=float, help="纬度或纵坐标 / latitude or northing")
@click.option("--datum", help="坐标系，与 --lon --lat 同用 / datum of --lon, --lat")
@click.option("--uncertainty-m", type=float, help="位置误差，米，默认 20 / metres, 20 by default")
@click.option("--note", default="", help="说明，如何得知 / how it is known")
@db_option
@json_option
@click.pass_context
def review_place(
    context: click.Context,
    number: int,
    candidate: int | None,
    lon: float | None,
    lat: float | None,
    datum: str | None,
    uncertainty_m: float | None,
    note: str,
    db: str | None,
    as_json: bool,
) -> None:
    """给待核的一行定位并入库 / Store a waiting row at a position.

    \b
    geo-risk review place 12 --candidate 1
    geo-risk review place 12 --lon 118.6501 --lat 24.7312 --datum wgs84 --note 现场核实
    """
    from geo_risk.services import review as queue

    metres = queue.CLICKED_UNCERTAINTY_M if uncertainty_m is None else uncertainty_m
    with opened(context, db) as store:
        placed = queue.place(
            store,
            number,
            candidate=candidate,
            lon=lon,
            lat=lat,
            datum=datum,
            uncertainty_m=metres,
            note=note,
        )
    if as_json:
        report(placed)
        return
    where = f"{placed['lon']:.6f},{placed['lat']:.6f} ±{placed['uncertainty_m'] or 0:.0f} m"
    echo(f"{placed['number']}  {placed['name']}  {placed['layer']}/{placed['id']}  {where}")
    zh = language() == "zh"
    if placed["similar"]:
        ids = "、".join(placed["similar"])
        echo(f"附近已有同名记录，核对是否重复: {ids}" if zh else f"same name nearby: {ids}")
    echo(f"批次 {placed['batch']}" if zh else f"batch {placed['batch']}")


@review.command("dismiss")
@click.argument("numbers", metavar="NUMBER...", type=int, nargs=-1, required=True)
@click.option("--reason", default="", help="原因，必填 / why, required")
@db_option
@json_option
@click.pass_context
def review_dismiss(
    context: click.Context, numbers: tuple[int, ...], reason: str, db: str | None, as_json: bool
) -> None:
    """不予收录，留下原因 / Close waiting rows without storing them; all of them or none.

    \b
    geo-risk review dismiss 12 13 --reason 已注销
    """
    from geo_risk.services import review as queue

    with opened(context, db) as store:
        told = queue.dismiss(store, numbers, reason)
    if as_json:
        report(told)
        return
    count = len(told["dismissed"])
    zh = language() == "zh"
    echo(f"不予收录 {count} 行" if zh else f"{count} rows dismissed")
    echo(f"批次 {told['batch']}" if zh else f"batch {told['batch']}")
