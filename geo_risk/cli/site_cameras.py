"""geo-risk site cameras: where cameras are to hang, and what they will really see."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from geo_risk.errors import Text
from geo_risk.vocabulary import GRADES, Grade

from .interrupt import interruptible
from .main import echo, language, report
from .options import json_option
from .site_words import percent, say_curve

_FILE = click.Path(path_type=Path)
_KINDS = {
    "points": Text("风险点", "points"),
    "roads": Text("道路", "roads"),
    "areas": Text("公共区域", "areas"),
    "all": Text("合计(加权)", "all, weighted"),
}
_UNITS = {
    "points": Text("个", "points"),
    "km": Text("公里", "km"),
    "m2": Text("平方米", "m²"),
    "weight": Text("权重", "weight"),
}


def _metres(name: str, key: str, default: float, words: str) -> Callable[[Any], Any]:
    return click.option(name, key, type=float, default=default, show_default=True, help=words)


@click.command("cameras")
@click.option("--buildings", required=True, type=_FILE, help="建筑轮廓，高度或层数 / outlines")
@click.option("--demand", type=_FILE, help="风险点 id, lon, lat, grade / graded points")
@click.option(
    "--candidates", default="auto", show_default=True, help="候选点文件，或 auto / a file, or auto"
)
@click.option("--roads", type=_FILE, help="道路线 / roads as lines")
@click.option("--areas", type=_FILE, help="公共区域多边形 / public areas as polygons")
@click.option("--towns", type=_FILE, help="镇界 id, name[, grade]：分镇报数 / towns as polygons")
@click.option(
    "--grade-by",
    type=click.Choice(["cell", "town"]),
    default="cell",
    show_default=True,
    help="道路和区域取格或镇的等级 / whose grade roads and areas have",
)
@click.option("--camera", required=True, help="型号名或 .toml / a model's name or file")
@click.option("--level", "picture", default="", help="画面等级，如 observe / level of picture")
@click.option("--p", type=click.IntRange(0), help="新增台数 / how many new cameras")
@click.option("--budget", type=click.FloatRange(0.0), help="费用上限 / money for new ones")
@click.option("--curve", type=int, default=0, metavar="P", help="到 P 台的曲线 / cover for 0…P")
@click.option("--existing", type=_FILE, help="现有摄像机，朝向视场 / cameras that hang already")
@click.option("--privacy", type=_FILE, help="隐私区多边形 / zones never to be looked into")
@click.option("--weights", default="", help="红,橙,黄,蓝，默认 8,4,2,1 / by grade")
@click.option("--min-grade-share", default="", help="red=0.9：必须达到 / must be met")
@click.option("--phases", default="", help="分期，如 10,10,20 / cameras or money a phase")
@_metres("--every", "every_m", 20.0, "沿路间距，米 / metres between poles")
@_metres("--kerb", "kerb_m", 4.0, "离路中线，米 / metres beside the road's line")
@_metres("--facade-every", "facade_every_m", 20.0, "沿墙间距，0 为不用 / on façades, 0 none")
@_metres("--level-height", "level_m", 3.0, "每层高，米 / metres a storey")
@_metres("--step", "step_m", 5.0, "道路取样，米 / metres between road samples")
@_metres("--area-step", "area_step_m", 10.0, "区域取样，米 / metres between area samples")
@_metres("--metres-per-point", "metres_per_point", 100.0, "多少米道路抵一个点 / of road")
@_metres("--m2-per-point", "m2_per_point", 2500.0, "多少平方米抵一个点 / of area")
@_metres("--chord", "chord_m", 0.1, "视野弧的弦误差，米 / arcs drawn within metres")
@click.option("--time-limit", type=click.FloatRange(0.0), help="秒 / seconds")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("-o", "--out", type=_FILE, help="方案 .geojson / the plan")
@click.option("--catalogue", type=_FILE, help="GB/T 28181 目录 .csv .xml / catalogue")
@json_option
def cameras(
    camera: str,
    picture: str,
    candidates: str,
    out: Path | None,
    catalogue: Path | None,
    time_limit: float | None,
    as_json: bool,
    **asked: Any,
) -> None:
    """摄像机选址：建筑间真正看得见 / Cameras that really see among buildings.

    \b
    geo-risk site cameras --buildings 建筑.geojson --demand 风险点.csv --candidates auto \\
      --roads 道路.geojson --camera bullet-4mp-6 --p 40 -o 方案.geojson
    """
    from geo_risk.services import camera_files, camera_models, site_cameras
    from geo_risk.services.site_plans import write_plan
    from geo_risk.services.watching import Watch

    if out is not None:
        camera_files.check_out(out, ("geojson",))
    if catalogue is not None:
        camera_files.check_out(catalogue, ("csv", "xml"))
    model = camera_models.model_of(camera, picture=picture)
    names = ("buildings", "demand", "roads", "areas", "existing", "privacy", "towns")
    chosen = None if candidates == site_cameras.AUTO else Path(candidates)
    sources = site_cameras.CameraSources(**{n: asked.pop(n) for n in names}, candidates=chosen)
    options = site_cameras.options_of(asked)
    with interruptible() as cancelled:
        watch = Watch(time_limit, cancelled)
        plan = site_cameras.plan_cameras(sources, model, options, watch)
    if out is not None:
        write_plan(out, plan)
    if catalogue is not None:
        camera_files.write_catalogue_of(catalogue, plan, model.form)
    if as_json:
        report({name: one for name, one in plan.items() if name not in ("inputs", "features")})
    else:
        _say(plan, out, catalogue)


def _say(plan: dict[str, Any], *files: Path | None) -> None:
    zh = language() == "zh"
    if plan["label"]:
        echo(plan["label"][language()])
    new = [one for one in plan["chosen"] if not one.startswith("existing-")]
    proof = {"optimal": ("已证明最优", "proved optimal"), "feasible": ("可行", "feasible")}
    word = proof[plan["status"]][not zh]
    gap = "–" if plan["gap"] is None else f"{plan['gap'] * 100:.2g} %"
    echo(
        f"新增 {len(new)} 台，{word}，离上界 {gap}，{plan['seconds']:.0f} 秒"
        if zh
        else f"{len(new)} new cameras, {word}, {gap} below the bound, {plan['seconds']:.0f} s"
    )
    echo("看得见 前 → 后（圆圈声称）" if zh else "In view before → after (circles would claim)")
    for row in plan["in_view"]:
        pct = [f"{row[f'pct_{name}']:g} %" for name in ("before", "after", "circles")]
        whole = f"{row['of']:,.0f}" if plan["label"] else f"{row['of']:,.6g}"
        amount = f"{whole} {_UNITS[row['unit']][language()]}"
        kind, grade = _KINDS[row["kind"]][language()], _grade(row["grade"])
        echo(f"  {kind} {grade}: {pct[0]} → {pct[1]} ({pct[2]})  {amount}")
    _say_towns(plan.get("by_town", []), zh)
    for one in plan["min_grade_share"]:
        without = ("没有此要求时", "without this demand")[not zh]
        bound = f" ({without} {percent(one['without'])})" if one["binding"] else ""
        asked = f"{one['asked'] * 100:.4g} %"
        echo(f"  {_grade(one['grade'])} ≥ {asked}: {percent(one['found'])}{bound}")
    for one in plan["phases"] if len(plan["phases"]) > 1 else ():
        echo(f"  {'第' if zh else 'phase '}{one['phase']}{'期' if zh else ''}: "
             f"{len(one['cameras'])} → {one['share']:.0%}")  # fmt: skip
    say_curve(plan)
    _say_read(plan["read"], zh)
    for path in filter(None, files):
        echo(path)


def _say_towns(towns: list[dict[str, Any]], zh: bool) -> None:
    if towns:
        echo("各镇(加权)，新增台数" if zh else "By town, weighted, and new cameras")
    for one in towns:
        pct = [one[f"pct_{name}"] for name in ("before", "after", "circles")]
        said = ["–" if value is None else f"{value:g} %" for value in pct]
        name = f"{one['id']} {one['name'] or ''}".strip()
        new = f"+{one['new_cameras']}"
        echo(f"  {name} {_grade(one['grade'])}: {said[0]} → {said[1]} ({said[2]})  {new}")


def _grade(grade: str) -> str:
    if grade == "all":
        return Text("全部", "all")[language()]
    return GRADES[Grade(grade)].level[language()]


def _say_read(read: dict[str, Any], zh: bool) -> None:
    """What was repaired or left out, by number and id."""
    town, places = read["buildings"], read["candidates"]
    lines = [
        (town["repaired"], "建筑轮廓无效，已修复", "invalid outlines repaired"),
        (town["without_area"], "轮廓没有面积，不挡视线", "outlines without area hide nothing"),
        (
            town["height_unread"],
            "高度读不出，按全挡计",
            "heights unread: they hide all behind them",
        ),
        (places.get("inside_a_building"), "候选点在建筑内，未用", "candidates inside a building"),
    ]
    there = read.get("existing", {})
    lines += [
        (
            there.get("without_position"),
            "现有摄像机没有位置",
            "existing cameras without a position",
        ),
        (there.get("without_heading"), "现有摄像机没有朝向，不计", "existing without a heading"),
        (there.get("inside_a_building"), "现有摄像机在建筑内", "existing inside a building"),
        (there.get("looking_into_privacy"), "现有摄像机看进隐私区", "existing look into privacy"),
    ]
    for found, chinese, english in lines:
        if found and found["n"]:
            ids = ", ".join(found["ids"][:10]) + ("…" if found["n"] > 10 else "")
            echo(f"  {found['n']} {chinese if zh else english}: {ids}")
    barred = places["looking_into_privacy"]
    if barred:
        echo(
            f"  {barred} {'个朝向会看进隐私区，未用' if zh else 'headings look into privacy zones'}"
        )
