"""Grades: grade (the store again, or lec, ls, major-hazard, profiles, diff, verify), explain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from geo_risk.errors import GeoRiskError
from geo_risk.vocabulary import GRADES, Grade

from .main import echo, language, report
from .options import db_option, json_option, opened


@click.group(invoke_without_command=True)
@click.option("--layer", "layer_id", default="", help="图层，缺省为全部 / layer, all by default")
@click.option("--profile", default="", help="分级方案 / grading profile")
@click.option(
    "--rules",
    default="",
    help="直接判定规则 A,B，或 default、none / direct rules that are asked",
)
@db_option
@json_option
@click.pass_context
def grade(
    context: click.Context, layer_id: str, profile: str, rules: str, db: str | None, as_json: bool
) -> None:
    """重新分级，作为一个批次；或计算、比较、核验 / Grade what is stored again, or compute one.

    \b
    geo-risk grade --layer risk_points --profile lec_ge
    geo-risk grade lec --l 3 --e 6 --c 15
    geo-risk grade major-hazard unit.csv --exposed 120
    """
    if context.invoked_subcommand:
        if db:
            context.obj = {**(context.obj or {}), "db": db}
        return
    from geo_risk.services import grading

    asked = [part.strip() for part in rules.split(",") if part.strip()]
    with opened(context, db) as store:
        result = grading.grade(store, layer_id, profile, asked[0] if len(asked) == 1 else asked)
    if as_json:
        report(result)
        return
    counts = "  ".join(f"{in_words(name)} {n}" for name, n in result["by_grade"].items())
    echo(f"{result['graded']} 已分级 / graded: {counts}")
    for key, name in result["profiles"].items():
        echo(f"  {key}: {name} {' '.join(result['rules'].get(key, ()))}".rstrip())
    echo(f"{result['changed']} 改变 / changed; 批次 / batch {result['batch']}")


def in_words(grade: str | None) -> str:
    """A grade as people read it: `橙(较大)`."""
    style = GRADES[Grade(grade or "no_data")]
    lang = language()
    if style.level[lang] == style.label[lang]:
        return style.label[lang]
    space = "" if lang == "zh" else " "
    return f"{style.level[lang]}{space}({style.label[lang]})"


def _tell_changes(changes: Sequence[Mapping[str, Any]], indent: str) -> None:
    lang = language()
    for change in changes:
        to = f"{in_words(change['grade'])}: " if change["grade"] else ""
        echo(f"{indent}→ {to}{change[lang]}")
        for also in change["also"]:
            echo(f"{indent}  {'并且 ' if lang == 'zh' else 'and '}{also[lang]}")


def _tell(result: dict[str, Any], head: str, as_json: bool) -> None:
    """A computed grade: JSON, or its head line and every reason."""
    if as_json:
        report(result)
        return
    echo(head)
    for reason in result["reasons"]:
        clause = f"  [{reason['clause']}]" if reason.get("clause") else ""
        echo(f"  {reason[language()]}{clause}")


@grade.command()
@click.option("--l", "l", required=True, help="L 可能性 / likelihood")
@click.option("--e", "e", required=True, help="E 暴露频次 / exposure")
@click.option("--c", "c", required=True, help="C 后果 / consequence")
@click.option("--profile", default="", help="分级方案 / grading profile")
@json_option
def lec(l: str, e: str, c: str, profile: str, as_json: bool) -> None:  # noqa: E741
    """作业条件危险性评价 / Grade three scores by LEC.

    \b
    geo-risk grade lec --l 3 --e 6 --c 15
    """
    from geo_risk.services import calculator

    result = calculator.lec(l, e, c, profile)
    _tell(result, f"D = {result['D']}: {in_words(result['grade'])} ({result['profile']})", as_json)


@grade.command()
@click.option("--l", "l", required=True, help="L 可能性 1–5 / likelihood")
@click.option("--s", "s", required=True, help="S 严重性 1–5 / severity")
@click.option("--profile", default="", help="分级方案 / grading profile")
@json_option
def ls(l: str, s: str, profile: str, as_json: bool) -> None:  # noqa: E741
    """风险矩阵 5×5 / Grade a cell of the risk matrix.

    \b
    geo-risk grade ls --l 4 --s 5
    """
    from geo_risk.services import calculator

    result = calculator.ls(l, s, profile)
    _tell(result, f"R = {result['R']}: {in_words(result['grade'])} ({result['profile']})", as_json)


@grade.command("major-hazard")
@click.argument("unit", metavar="UNIT.csv", type=click.Path(path_type=Path))
@click.option("--exposed", type=int, default=None, help="厂界外 500 m 内人数 / people within 500 m")
@click.option("--edition", default="2018", help="标准版本 2018 或 2009 / edition")
@click.option("--custom", is_flag=True, help="采用表中的临界量和 β / take Q and β of the table")
@click.option("--profile", default="", help="级别的颜色方案 / colours of the levels")
@json_option
@click.pass_context
def major_hazard(
    context: click.Context,
    unit: Path,
    exposed: int | None,
    edition: str,
    custom: bool,
    profile: str,
    as_json: bool,
) -> None:
    """按 GB 18218 辨识和分级一个单元 / Identify and level one unit by GB 18218.

    \b
    geo-risk grade major-hazard unit.csv --exposed 120
    UNIT.csv: substance, cas, condition, category, q_t, critical_t, beta
    """
    from geo_risk.services import calculator

    result = calculator.major_hazard(unit, exposed, edition=edition, custom=custom, profile=profile)
    error: GeoRiskError | None = calculator.needed_error(result)
    told = {**result, "error": error.as_json(language())} if error else result
    s, r = (_sum(result[name], result[f"{name}_decimal"]) for name in ("S", "R"))
    own = "；自定义临界量或 β / own Q or β" if result["custom"] else ""
    head = f"{result['edition']}: S = {s}, R = {r}, {result['level'] or '–'}{own}"
    _tell(told, head, as_json)
    if error:
        echo(error.say(language()), err=True)
        context.exit(error.exit_code)


def _sum(text: str | None, value: float | None) -> str:
    """S or R as people read it: a fraction with its decimal."""
    if text is None or value is None:
        return "–"
    return f"{text} ≈ {value:.6g}" if "/" in text else text


@grade.command()
@click.option("--db", expose_value=False, help="方案与数据库无关 / the same for all stores")
@json_option
def profiles(as_json: bool) -> None:
    """列出分级方案和直接判定规则 / List the profiles and the direct rules.

    \b
    geo-risk grade profiles
    """
    from geo_risk.services import grade_diff

    result = grade_diff.profiles()
    if as_json:
        report(result)
        return
    lang = language()
    for one in result["profiles"]:
        default = " *" if one["default"] else ""
        echo(f"{one['method']:8} {one['profile']}{default}  [{one['clause']}; {one['verified']}]")
        echo("         " + "; ".join(f"{in_words(b['grade'])}: {b['range']}" for b in one["bands"]))
        if one.get("note", {}).get(lang):
            echo(f"         {one['note'][lang]}")
    for rule in result["direct_rules"]:
        state = "on" if rule["on"] else "off"
        echo(f"{state:8} {rule['rule']} ({rule['layer']}): {rule['title'][lang]}")
        echo(f"         [{rule['clause']}; {'verified' if rule['verified'] else 'unverified'}]")


@grade.command()
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@db_option
@json_option
@click.pass_context
def diff(context: click.Context, a: str, b: str, db: str | None, as_json: bool) -> None:
    """换一个方案会改变哪些颜色 / What a change of profile would recolour.

    \b
    geo-risk grade diff lec_strict_gt lec_ge
    """
    from geo_risk.services import grade_diff, stores

    target = db or (context.obj or {}).get("db") or stores.default_target()
    if db or "://" in target or Path(target).exists():
        with opened(context, db) as store:
            result = grade_diff.diff(a, b, store)
    else:
        result = grade_diff.diff(a, b)
    if as_json:
        report(result)
        return
    echo(f"{a} → {b}: {result['changed_cells']} / {result['cells']} 格不同 / cells differ")
    for cell in result["changes"]:
        inputs = " ".join(f"{k}={v}" for k, v in cell.items() if k not in ("a", "b"))
        echo(f"  {inputs}: {in_words(cell['a'])} → {in_words(cell['b'])}")
    for layer_id, told in (result["features"] or {}).items():
        echo(f"{layer_id}: {told['changed']} / {told['of']}")
        for change in told["by_change"]:
            echo(f"  {in_words(change['from'])} → {in_words(change['to'])}: {change['n']}")


@grade.command()
@db_option
@json_option
@click.pass_context
def verify(context: click.Context, db: str | None, as_json: bool) -> None:
    """用保存的依据重算每个等级并核对 / Compute every stored grade again and compare.

    \b
    geo-risk grade verify
    """
    from geo_risk.services import verifying

    with opened(context, db) as store:
        result = verifying.verify(store)
    if as_json:
        report(result)
    else:
        echo(f"{result['same']} / {result['checked']} 一致 / the same")
        for told in result["by_what"].values():
            echo(f"  {told[language()]}: {told['n']}")
        for one in result["different"]:
            echo(f"  {one['layer']} {one['id']} {one['name']}: {', '.join(one['what'])}")
    context.exit(0 if result["same"] == result["checked"] else 1)


@click.command()
@click.argument("layer_id", metavar="LAYER")
@click.argument("feature_id", metavar="ID")
@click.option("--history", is_flag=True, help="每一次计算的留存 / every calculation that was kept")
@db_option
@json_option
@click.pass_context
def explain(
    context: click.Context,
    layer_id: str,
    feature_id: str,
    history: bool,
    db: str | None,
    as_json: bool,
) -> None:
    """说明等级的每条理由 / Say why a feature has its grade.

    \b
    geo-risk explain risk_points RP0001
    """
    from geo_risk.services import explaining

    with opened(context, db) as store:
        result = explaining.explain(store, layer_id, feature_id)
        kept = explaining.snapshots(store, layer_id, feature_id) if history else None
    if as_json:
        report(result if kept is None else {**result, "history": kept})
        return
    level = f", {result['level']}" if result["level"] else ""
    _tell(
        result, f"{result['name']}: {in_words(result['grade'])}{level} ({result['profile']})", False
    )
    for child in result["children"]:
        echo(f"  {child['layer']} {child['id']} {child['name']}: {in_words(child['grade'])}")
    for one in kept or ():
        edition = (one["basis"] or {}).get("edition", "")
        when = f"{one['version']} {one['updated_at']}"
        echo(f"  {when} {in_words(one['grade'])} {edition} {one['batch']}")


@click.command()
@click.argument("layer_id", metavar="LAYER")
@click.argument("feature_id", metavar="ID")
@db_option
@json_option
@click.pass_context
def whatif(
    context: click.Context, layer_id: str, feature_id: str, db: str | None, as_json: bool
) -> None:
    """改变什么能降一级 / The smallest changes that lower the colour by one step.

    \b
    geo-risk whatif risk_points RP0001
    """
    from geo_risk.services import what_if

    with opened(context, db) as store:
        result = what_if.what_if(store, layer_id, feature_id)
    if as_json:
        report(result)
        return
    lang = language()
    echo(f"{result['name']}: {in_words(result['grade'])}  {result['note'][lang]}")
    _tell_changes(result["changes"], "  ")
    for one in result.get("items", ()):
        echo(f"  {one['layer']} {one['id']} {one['name']}: {in_words(one['grade'])}")
        _tell_changes(one["changes"], "    ")
