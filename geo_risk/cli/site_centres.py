"""`site centres`: emergency centres, stations, depots and shelters that arrive."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from geo_risk.vocabulary import GRADES

from .interrupt import interruptible
from .main import echo, language, report
from .options import json_option
from .site_words import percent, say_curve

_FILE = click.Path(path_type=Path)
AUTO = "auto"
_UNSAID = ("type", "inputs", "features")
"""What only the file holds."""


@click.command("centres")
@click.option(
    "--roads", required=True, type=_FILE, help=".osm.pbf 或道路线 / roads: .osm.pbf or lines"
)
@click.option(
    "--demand", required=True, type=_FILE, help="id, lon, lat, weight, grade, town / 需求点"
)
@click.option(
    "--candidates",
    required=True,
    metavar="FILE|auto",
    help="id, lon, lat, status；auto 沿路布点 / auto: along the roads",
)
@click.option("--existing", type=_FILE, help="现有站点，保留 / sites that stand, kept")
@click.option(
    "--minutes", required=True, type=float, help="从出动指令起的分钟 / minutes from dispatch on"
)
@click.option("--p", type=int, help="新增个数 / how many new ones")
@click.option("--cover", type=float, help="0.95：最少几个覆盖这个比例 / the fewest for a share")
@click.option(
    "--hazards", type=_FILE, help="id, 位置, radius_m, source：危险源 / what to keep away from"
)
@click.option(
    "--screening",
    "screening_m",
    type=float,
    default=300.0,
    show_default=True,
    help="米，未评估的危险源 / metres, where nothing is assessed",
)
@click.option("--closures", type=_FILE, help="封路情景：多边形或编号 / scenario: zones, road ids")
@click.option(
    "--turnout", "turnout_s", type=float, default=0.0, help="出动秒数，先扣除 / seconds to turn out"
)
@click.option("--speeds", default="", help="车速方案，如 urban / policy of speeds")
@click.option("--crossings", is_flag=True, help="线相交即路口 / lines meet where they cross")
@click.option("--to-sites", is_flag=True, help="到站点去(避难) / the way to the sites (shelters)")
@click.option("--on-foot", is_flag=True, help="步行，不限单行 / on foot, one-way or not")
@click.option(
    "--topic", default="", help="条文：fire_station, shelter, ems, nfpa1710, depot / clauses"
)
@click.option(
    "--station", default="", help="消防站类别：class1, class2, small, suburban / kind of station"
)
@click.option("--curve", type=int, default=0, metavar="P", help="到 P 个的曲线 / cover for 1…P")
@click.option("--weights", default="", help="红,橙,黄,蓝，默认 8,4,2,1 / by grade")
@click.option("--k-fold", default="", help="red=2：红点至少两站能到 / how many must reach")
@click.option(
    "--spacing",
    "spacing_m",
    type=float,
    default=500.0,
    show_default=True,
    help="米，auto 候选点间距 / metres between places along the roads",
)
@click.option(
    "--snap", "snap_m", type=float, default=300.0, show_default=True, help="米，点到道路 / metres"
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--time-limit", type=click.FloatRange(0.0), help="秒 / seconds")
@click.option("-o", "--out", type=_FILE, help="方案 .geojson / the plan")
@json_option
def centres(
    candidates: str,
    weights: str,
    k_fold: str,
    time_limit: float | None,
    out: Path | None,
    as_json: bool,
    **asked: Any,
) -> None:
    """救援站、物资库、避难场所：沿道路真正到得了 / Centres that arrive, by road, with proof.

    \b
    geo-risk site centres --roads 道路.osm.pbf --demand 风险点.csv --candidates auto \\
        --minutes 5 --p 3 --hazards 危险源.csv -o 方案.geojson
    """
    from geo_risk.services import site_centres, site_plans
    from geo_risk.services.centre_inputs import CentreOptions
    from geo_risk.services.site_questions import folds, grade_weights
    from geo_risk.services.watching import Watch

    options = CentreOptions(
        candidates=None if candidates == AUTO else Path(candidates),
        weights=grade_weights(weights),
        k_fold=folds(k_fold),
        **asked,
    )
    if out is not None:
        site_plans.check_target(out)
    with interruptible() as cancelled:
        watch = Watch(time_limit, cancelled, _progress)
        plan = site_centres.plan_centres(options, watch)
    if out is not None:
        site_plans.write_plan(out, plan)
    if as_json:
        report({name: one for name, one in plan.items() if name not in _UNSAID})
    else:
        _say(plan, out)


def _progress(now: Any) -> None:
    if sys.stderr.isatty():
        echo(f"\r{now.objective:,.6g} | {now.bound:,.6g}   ", nl=False, err=True)


def _say(plan: dict[str, Any], out: Path | None) -> None:
    zh = language() == "zh"
    for notice in plan["notice"]:
        echo(notice["zh" if zh else "en"])
    cover, proof = plan["cover"], _proof(plan, zh)
    reached = f"{cover['n']} / {cover['of']} ({percent(cover['share'])})"
    minutes = f"{plan['parameters']['minutes']:g}"
    echo(f"{minutes} 分钟到达 {reached}，{proof}" if zh else f"{minutes} min: {reached}, {proof}")
    _say_fewest(plan, zh)
    for grade, style in GRADES.items():
        one = cover.get("by_grade", {}).get(str(grade))
        if one:
            echo(f"  {style.label['zh' if zh else 'en']} {one['n']} / {one['of']}")
    for site in (one["properties"] for one in plan["features"]):
        if site["role"] == "site":
            _say_site(site, zh)
    _say_loss(plan, zh)
    _say_misses(plan, zh)
    for clause in plan["clauses"]:
        echo(f"  {clause['say']['zh' if zh else 'en']}")
    if out is not None:
        echo(out)


def _proof(plan: dict[str, Any], zh: bool) -> str:
    if plan["status"] == "optimal":
        return "已证明最优" if zh else "proved optimal"
    gap = "–" if plan["gap"] is None else f"{plan['gap']:.2%}"
    return f"离上界 {gap}" if zh else f"{gap} below the bound"


def _say_fewest(plan: dict[str, Any], zh: bool) -> None:
    few = plan.get("fewest")
    if few:
        proof = ("已证明最少", "proved") if few["proved"] else ("未证明最少", "not proved")
        words = f"新增 {few['p']} 个" if zh else f"{few['p']} new sites"
        echo(f"{words}，{proof[0]}" if zh else f"{words}, {proof[1]} the fewest")
    say_curve(plan)


def _say_site(site: dict[str, Any], zh: bool) -> None:
    if site["farthest_s"] is None:
        told = "最近的需求点没有" if zh else "nearest to none"
    elif zh:
        told = (
            f"最近 {site['nearest_to']} 个，中位 {site['median_s']} s，最远 {site['farthest_s']} s"
        )
    else:
        told = (
            f"nearest to {site['nearest_to']}, median {site['median_s']} s, "
            f"farthest {site['farthest_s']} s"
        )
    echo(f"  {site['id']} [{site['status']}] {told}")
    for one in site["near_hazards"]:
        echo(
            f"    {one['hazard']} {one['distance_m']} m ≤ {one['radius_m']:g} m {one['basis_text']}"
        )


def _say_loss(plan: dict[str, Any], zh: bool) -> None:
    if plan["loss"]:
        worst = plan["loss"][0]
        lost = f"{worst['n']} ({percent(worst['share'])})"
        echo(
            f"失去任一站的最坏情况：{worst['site']}，{lost} 不再按时到达"
            if zh
            else f"Worst loss of any one: {worst['site']}, {lost} no longer in time"
        )


def _say_misses(plan: dict[str, Any], zh: bool) -> None:
    """What was left out or cannot be reached, by number; the plan holds the ids."""
    far = plan["snapping"]["demand"]["far"]["n"]
    lines = [
        (
            plan["unreached"]["n"],
            "个需求点任何候选点都不能按时到达",
            "demands no candidate reaches",
        ),
        (far, "个需求点附近没有道路", "demands near no road"),
        (plan["excluded"]["n"], "个候选点被排除(危险源或无路)", "candidates excluded"),
    ]
    closed = plan["closures"]
    if closed:
        lines += [
            (closed["cut_off"]["n"], "个需求点因封路断绝", "demands cut off by closures"),
            (closed["not_in_time"]["n"], "个因封路不能按时到达", "no longer in time by closures"),
            (closed["slower"]["n"], "个因封路变慢", "slower by closures"),
        ]
    for n, words, english in lines:
        if n:
            echo(f"  {n} {words}" if zh else f"  {n} {english}")
    roads = plan["roads"]
    if roads["greatest_part"] < 0.9:
        share = percent(roads["greatest_part"])
        echo(
            f"  路网最大的一块只占 {share}；若线相交即为路口，加 --crossings"
            if zh
            else f"  The greatest part holds {share} of the roads; where lines meet: --crossings"
        )
