"""Siting: where cameras, centres, depots and shelters are to stand, with proof."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from . import site_cameras, site_centres
from .interrupt import interruptible
from .main import echo, language, report
from .options import F, json_option

_FILE = click.Path(path_type=Path)


@click.group()
def site() -> None:
    """选址：摄像头、救援站、物资库、避难场所，附证明 / Where to site, with proof.

    \b
    geo-risk site cover --demand 风险点.csv --candidates 候选.csv --radius 800 --p 20 -o 方案.json
    geo-risk site check 方案.json
    """


site.add_command(site_cameras.cameras)
site.add_command(site_centres.centres)


def _options(*options: Callable[[F], F]) -> Callable[[F], F]:
    def added(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return added


_FILES = _options(
    click.option(
        "--demand", type=_FILE, help="表: id, lon, lat, weight, grade, town / 需求点 demand"
    ),
    click.option("--candidates", type=_FILE, help="id, lon, lat, cost, status / 候选点 candidates"),
)
_REACH = _options(
    click.option("--radius", "radius_m", type=float, help="米，含 / metres, inclusive"),
    click.option("--reach", type=_FILE, help="表：demand, candidate / table of who reaches whom"),
    click.option("--sphere", "sphere_m", type=float, help="球半径(米) / of great circles"),
)
_COST = _options(
    click.option("--cost", type=_FILE, help="表：demand, candidate, cost / table of costs"),
    click.option("--graph", type=_FILE, help="边：u, v, cost / edges of a graph"),
    click.option("--sphere", "sphere_m", type=float, help="球半径(米) / of great circles"),
)
_RUN = _options(
    click.option("--time-limit", type=click.FloatRange(0.0), help="秒 / seconds"),
    click.option("--seed", type=click.IntRange(0), default=0, show_default=True),
    click.option("-o", "--out", type=_FILE, help="方案 .json / the plan"),
    json_option,
)
_P = click.option("--p", type=click.IntRange(0), help="新增个数 / how many new ones")
_WEIGHTS = click.option("--weights", default="", help="红,橙,黄,蓝，默认 8,4,2,1 / by grade")


_PLANS = click.option(
    "--plans",
    type=click.IntRange(0, 50),
    default=0,
    help="另给几个相近的方案 / so many other plans nearly as good",
)
_FURTHER = _options(
    click.option("--min-per-town", type=click.IntRange(1), help="每镇至少 / at least in each town"),
    click.option("--k-fold", default="", help="red=2：红点至少两个够得着 / how many must reach"),
    click.option("--capacity", is_flag=True, help="按候选点的容量 / heed the capacities"),
)


@site.command("cover")
@_FILES
@_REACH
@_P
@click.option("--budget", type=click.FloatRange(0.0), help="费用上限 / money for new ones")
@_WEIGHTS
@_FURTHER
@_PLANS
@_RUN
def cover(weights: str, k_fold: str, **asked: Any) -> None:
    """最大覆盖：给定个数或费用，覆盖最多 / Most weight within reach of p sites or a budget.

    \b
    geo-risk site cover --demand 风险点.csv --candidates 候选.csv --radius 800 --p 20 -o 方案.json
    """
    from geo_risk.services.site_questions import folds, grade_weights

    further = {name: asked.pop(name) for name in ("p", "budget", "min_per_town", "capacity")}
    parameters = {**further, "weights": grade_weights(weights), "k_fold": folds(k_fold)}
    if plans := asked.pop("plans"):
        parameters["plans"] = plans
    _run("cover", parameters, **asked)


@site.command("set-cover")
@_FILES
@_REACH
@click.option("--allow-unreachable", is_flag=True, help="够不着的不算 / cover the rest")
@_RUN
def set_cover(allow_unreachable: bool, **asked: Any) -> None:
    """集合覆盖：够得着每一个，费用最小 / Least cost that reaches every demand.

    \b
    geo-risk site set-cover --demand 风险点.csv --candidates 候选.csv --radius 800 --json
    """
    _run("set-cover", {"allow_unreachable": allow_unreachable}, **asked)


@site.command("curve")
@_FILES
@_REACH
@click.option("--p-max", type=click.IntRange(1), help="到多少个 / up to how many")
@click.option(
    "--budget-max", type=click.FloatRange(0.0), help="或到多少费用 / or up to how much money"
)
@click.option(
    "--steps",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    help="费用分几步 / steps of the budget",
)
@_WEIGHTS
@_RUN
def curve(
    p_max: int | None,
    budget_max: float | None,
    steps: int,
    weights: str,
    time_limit: float | None,
    seed: int,
    out: Path | None,
    as_json: bool,
    **sources: Any,
) -> None:
    """覆盖与个数的曲线，每点带界 / Cover against the number of sites, each with its bound.

    \b
    geo-risk site curve --demand 风险点.csv --candidates 候选.csv --radius 800 --p-max 30
    """
    from geo_risk.services import site_plans, siting
    from geo_risk.services.site_questions import Sources, curve_limit, grade_weights, question
    from geo_risk.services.watching import Watch

    limit = curve_limit(p_max, budget_max, steps)
    parameters = {"weights": grade_weights(weights), "p_max": p_max, "budget_max": budget_max}
    asked = question("cover", Sources(**sources), parameters, seed)
    with interruptible() as interrupted:
        watch = Watch(time_limit, interrupted, _progress)
        found = siting.curve(asked, limit, watch)
    if out is not None:
        site_plans.write_curve(out, found)
    if as_json:
        report(found)
        return
    for point in found["points"]:
        at = point.get("p", point.get("budget"))
        knee = " ←" if at == found["knee"] else ""
        echo(
            f"{at:>6g}  {point['objective']:,.6g}  ≤ {point['bound']:,.6g}"
            f"  {point['share'] * 100:.1f} %{knee}"
        )


@site.command("median")
@_FILES
@_COST
@_P
@_WEIGHTS
@_PLANS
@_RUN
def median(p: int | None, weights: str, plans: int, **asked: Any) -> None:
    """p-中位：加权总费用最小 / Least weight x cost to the nearest site.

    \b
    geo-risk site median --demand 人口.csv --candidates 候选.csv --cost 行程.csv --p 3 -o 方案.json
    """
    from geo_risk.services.site_questions import grade_weights

    others = {"plans": plans} if plans else {}
    _run("median", {"p": p, "weights": grade_weights(weights), **others}, **asked)


@site.command("center")
@_FILES
@_COST
@_P
@_RUN
def center(p: int | None, **asked: Any) -> None:
    """p-中心：最远的也最近 / Least greatest cost to the nearest site.

    \b
    geo-risk site center --graph 路网.csv --p 5 --json
    """
    _run("center", {"p": p}, **asked)


@site.command("check")
@click.argument("plan", type=_FILE)
@_FILES
@click.option("--reach", type=_FILE, help="表：demand, candidate / table of who reaches whom")
@json_option
def check(plan: Path, as_json: bool, **files: Path | None) -> None:
    """重新核对一个方案 / Check a plan anew, without the solver, also against its files.

    \b
    geo-risk site check 方案.json --demand 风险点.csv --candidates 候选.csv
    """
    from geo_risk.services import site_check_files, site_checks, site_plans

    read = site_plans.read_plan(plan)
    found = site_checks.check(read, site_check_files.against_files(read, **files))
    if as_json:
        report(found)
    else:
        for one in found["checks"]:
            echo(f"{'✓' if one['ok'] else '✗'} {one['name']}: {one['said']} | {one['found']}")
    if not found["ok"]:
        raise click.exceptions.Exit(1)


def _run(
    model: str,
    parameters: dict[str, Any],
    *,
    time_limit: float | None,
    seed: int,
    out: Path | None,
    as_json: bool,
    **sources: Any,
) -> None:
    from geo_risk.services import site_plans, siting
    from geo_risk.services.site_questions import Sources, question
    from geo_risk.services.watching import Watch

    asked = question(model, Sources(**sources), parameters, seed)
    with interruptible() as interrupted:
        watch = Watch(time_limit, interrupted, _progress)
        plan = siting.answered(asked, watch)
    if out is not None:
        site_plans.write_plan(out, plan)
    if as_json:
        report({name: value for name, value in plan.items() if name != "inputs"})
    else:
        _say(plan, out)


def _progress(now: Any) -> None:
    if sys.stderr.isatty():
        echo(f"\r{now.objective:,.6g} | {now.bound:,.6g}   ", nl=False, err=True)


def _say(plan: dict[str, Any], out: Path | None) -> None:
    lang = language()
    words = {"optimal": ("已证明最优", "proved optimal"), "feasible": ("可行", "feasible")}
    status = words[plan["status"]][lang == "en"]
    gap = "–" if plan["gap"] is None else f"{plan['gap'] * 100:.3g} %"
    echo(f"{plan['objective']:,.6g}  ({plan['bound']:,.6g}, {gap})  {status}  {plan['seconds']} s")
    echo("、".join(plan["chosen"]) if lang == "zh" else ", ".join(plan["chosen"]))
    cover = plan["cover"]
    echo(f"{cover['n']} / {cover['of']}")
    for other in plan.get("near_best", []):
        apart = sorted(set(other["chosen"]) - set(plan["chosen"]))
        zh, en = "相近方案，未证明为次优", "Nearly as good, not proved the next best"
        echo(f"{zh if lang == 'zh' else en}: {other['objective']:,.6g}  + {', '.join(apart)}")
    if plan["unreached"]["n"]:
        zh = f"{plan['unreached']['n']} 个需求点任何候选点都到不了"
        echo(zh if lang == "zh" else f"No candidate reaches {plan['unreached']['n']} demands")
    if out is not None:
        echo(out)
