"""Siting plans of the register, kept in the store and shown on the map."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from .interrupt import interruptible
from .main import echo, language, report
from .options import db_option, json_option, opened

_FILE = click.Path(path_type=Path)


@click.group()
def plans() -> None:
    """选址方案：按本库数据生成、存入、上图 / Siting plans of the register, kept and drawn.

    \b
    geo-risk plans cameras --p 60
    geo-risk plans centres --purpose fire_station --p 4
    geo-risk plans list
    """


@plans.command("cameras")
@click.option("--p", type=click.IntRange(0, 2_000), default=40, show_default=True, help="新增台数")
@click.option("--town", default="", help="镇(街道)代码或名称，不给为全市 / a town, else the city")
@click.option(
    "--grade-by",
    type=click.Choice(["cell", "town"]),
    default="cell",
    show_default=True,
    help="道路取单元格或镇的等级 / grade of roads",
)
@click.option("--curve", type=click.IntRange(0, 100), default=40, show_default=True)
@click.option("--camera", default="bullet-4mp-6", show_default=True, help="型号 / model")
@click.option("--weights", default="", help="红,橙,黄,蓝，默认 8,4,2,1 / by grade")
@click.option(
    "--min-grade-share", default="", help="red=0.9：至少看见的比例 / least shares in view"
)
@click.option("--phases", default="", help="分期，如 10,10,20 / cameras a phase")
@click.option("--every", "every_m", type=float, help="沿路间距，米 / metres between poles")
@click.option("--step", "step_m", type=float, help="道路取样，米 / metres between samples")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--time-limit", type=click.FloatRange(0.0), default=60.0, show_default=True)
@db_option
@json_option
@click.pass_context
def cameras(
    context: click.Context, /, time_limit: float, db: str | None, as_json: bool, **asked: Any
) -> None:
    """按风险点、道路、建筑和现有摄像机选位 / Cameras by the store's risks, roads and buildings.

    \b
    geo-risk plans cameras --town 宝盖镇 --p 20
    """
    from geo_risk.services.register_plans import keep_cameras

    given = {name: one for name, one in asked.items() if one is not None}
    _make(context, db, keep_cameras, given, time_limit, as_json)


@plans.command("centres")
@click.option("--purpose", default="fire_station", show_default=True,
              type=click.Choice(["fire_station", "rescue_team", "depot", "shelter"]))  # fmt: skip
@click.option("--p", type=click.IntRange(0, 200), help="新增个数，默认 4 / how many new ones")
@click.option("--cover", type=float, help="0.95：最少几个覆盖这个比例 / the fewest for a share")
@click.option("--minutes", type=float, help="分钟，默认随用途 / minutes, by purpose")
@click.option("--turnout", "turnout_s", type=float, help="出动秒数 / seconds to turn out")
@click.option("--curve", type=click.IntRange(0, 100), default=10, show_default=True)
@click.option("--crossings", is_flag=True, help="线相交即路口 / lines meet where they cross")
@click.option("--weights", default="", help="红,橙,黄,蓝，默认 8,4,2,1 / by grade")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--time-limit", type=click.FloatRange(0.0), default=60.0, show_default=True)
@db_option
@json_option
@click.pass_context
def centres(
    context: click.Context, /, time_limit: float, db: str | None, as_json: bool, **asked: Any
) -> None:
    """消防站、救援队、物资库、避难场所 / Stations, teams, depots, shelters by road.

    \b
    geo-risk plans centres --purpose shelter --p 5 --crossings
    """
    from geo_risk.services.register_plans import keep_centres

    given = {name: one for name, one in asked.items() if one is not None}
    _make(context, db, keep_centres, given, time_limit, as_json)


@plans.command("keep")
@click.argument("file", type=_FILE)
@db_option
@json_option
@click.pass_context
def keep(context: click.Context, file: Path, db: str | None, as_json: bool) -> None:
    """存入 geo-risk site 生成的方案 / Keep a plan that geo-risk site has written.

    \b
    geo-risk plans keep 方案.geojson
    """
    from geo_risk.services import kept_plans, site_plans

    plan = site_plans.read_plan(file)
    with opened(context, db) as store:
        _told(store, kept_plans.keep(store, plan), as_json)


@plans.command("list")
@db_option
@json_option
@click.pass_context
def list_(context: click.Context, db: str | None, as_json: bool) -> None:
    """列出方案，新的在前 / List the plans, the newest first.

    \b
    geo-risk plans list
    """
    from geo_risk.services import kept_plans

    with opened(context, db) as store:
        found = kept_plans.listed(store)
    if as_json:
        report({"n": len(found), "plans": found})
        return
    for one in found:
        _say(one)
    if not found:
        zh, en = "还没有方案：geo-risk plans cameras", "None yet: geo-risk plans cameras"
        echo(zh if language() == "zh" else en)


@plans.command("show")
@click.argument("plan_id", metavar="ID")
@db_option
@json_option
@click.pass_context
def show(context: click.Context, plan_id: str, db: str | None, as_json: bool) -> None:
    """一个方案；--json 给出全部结果 / One plan; --json gives all results of it.

    \b
    geo-risk plans show centres-9b69119718e5
    """
    from geo_risk.services import kept_plans

    with opened(context, db) as store:
        found = kept_plans.shown(store, plan_id)
    report(found) if as_json else _say(found)


@plans.command("export")
@click.argument("plan_id", metavar="ID")
@click.argument("out", type=_FILE)
@db_option
@json_option
@click.pass_context
def export(context: click.Context, plan_id: str, out: Path, db: str | None, as_json: bool) -> None:
    """写成文件，可用 site check 核对 / Write a plan as a file that site check takes.

    \b
    geo-risk plans export centres-9b69119718e5 方案.geojson
    """
    from geo_risk.services import kept_plans

    with opened(context, db) as store:
        kept_plans.export(store, plan_id, out)
    report({"id": plan_id, "file": str(out)}) if as_json else echo(out)


@plans.command("remove")
@click.argument("plan_id", metavar="ID")
@db_option
@json_option
@click.pass_context
def remove(context: click.Context, plan_id: str, db: str | None, as_json: bool) -> None:
    """删去一个方案 / Forget a plan.

    \b
    geo-risk plans remove centres-9b69119718e5
    """
    from geo_risk.services import kept_plans

    with opened(context, db) as store:
        kept_plans.remove(store, plan_id)
    if as_json:
        report({"removed": plan_id})


def _make(
    context: click.Context,
    db: str | None,
    work: Callable[..., str],
    given: Mapping[str, Any],
    time_limit: float,
    as_json: bool,
) -> None:
    from geo_risk.services.watching import Watch

    with opened(context, db) as store, interruptible() as cancelled:
        key = work(store, given, Watch(time_limit, cancelled, _progress))
        _told(store, key, as_json)


def _progress(now: Any) -> None:
    if sys.stderr.isatty():
        echo(f"\r{now.objective:,.6g} | {now.bound:,.6g}   ", nl=False, err=True)


def _told(store: Any, key: str, as_json: bool) -> None:
    from geo_risk.services import kept_plans

    (found,) = (one for one in kept_plans.listed(store) if one["id"] == key)
    if as_json:
        report(found)
    else:
        _say(found)


def _say(one: Mapping[str, Any]) -> None:
    lang = language()
    zh = lang == "zh"
    before = "" if one["share_before"] is None else f"{one['share_before']:.0%} → "
    share = "–" if one["share"] is None else f"{before}{one['share']:.0%}"
    if one["status"] == "optimal":
        proof = "已证明最优" if zh else "proved optimal"
    elif one["gap"] is None:
        proof = "未证明" if zh else "not proved"
    else:
        proof = f"离上界 {one['gap']:.2%}" if zh else f"{one['gap']:.2%} below the bound"
    echo(f"{one['id']}  {one['name'][lang]}  {share}  {proof}")
    for notice in one["notice"]:
        echo(f"  {notice[lang]}")
    if one["changed_since"]:
        layers = ", ".join(one["changed_since"])
        echo(f"  此后数据已变：{layers}" if zh else f"  Changed since: {layers}")
