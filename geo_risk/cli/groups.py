"""Joint-prevention groups: build, list, show, contacts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .main import echo, language, report
from .options import db_option, json_option, opened


@click.group()
def groups() -> None:
    """联防组：相邻相近的单位结成组 / Joint-prevention groups of near and like units.

    \b
    geo-risk groups build
    geo-risk groups list --major-only
    geo-risk groups contacts LABCDEFGH 联防值班表.xlsx
    """


@groups.command("build")
@click.option("--policy", default="", help="方案，如 joint_1000 / policy of groups")
@click.option(
    "--major-only", is_flag=True, help="只要重大、较大风险单位 / red and orange units only"
)
@db_option
@json_option
@click.pass_context
def build(
    context: click.Context, policy: str, major_only: bool, db: str | None, as_json: bool
) -> None:
    """重新分组并存入 / Build all groups anew; a group keeps its id while most of it stays.

    \b
    geo-risk groups build --policy joint_1000
    """
    from geo_risk.services import groups as service

    with opened(context, db) as store:
        found = service.build(store, policy, major_only=major_only)
    if as_json:
        report(found)
        return
    lang = language()
    kinds = "，".join(f"{service.KINDS[kind][lang]} {n}" for kind, n in found["groups"].items())
    echo(f"{found['policy']}：{kinds}")
    zh = f"{found['units']} 家单位，{found['graded']} 家有等级，{found['links']} 条联系"
    en = f"{found['units']} units, {found['graded']} graded, {found['links']} links"
    echo(zh if lang == "zh" else en)
    if found["alone"]:
        zh, en = "重大、较大风险而未成组：", "Of major risk, in no site group:"
        echo(zh if lang == "zh" else en)
    for one in found["alone"]:
        partners = "、".join(one["partners"])
        words = service.WHY_ALONE[one["why"]][lang]
        echo(f"  {one['id']}  {one['name'] or ''}  {words}  {partners}".rstrip())


@groups.command("list")
@click.option("--kind", default="", help="site|alliance|area")
@click.option("--major-only", is_flag=True, help="最高为红、橙的组 / worst grade red or orange")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="写成 .xlsx、.csv 或 .geojson / write them as a file",
)
@db_option
@json_option
@click.pass_context
def list_(
    context: click.Context,
    kind: str,
    major_only: bool,
    out: Path | None,
    db: str | None,
    as_json: bool,
) -> None:
    """列出各组，最险的在前 / List the groups, the worst first.

    \b
    geo-risk groups list --kind site --major-only -o 联防组.xlsx
    """
    from geo_risk.services import group_lists
    from geo_risk.services import groups as service

    with opened(context, db) as store:
        if out:
            group_lists.write_list(store, out, language(), kind=kind, major_only=major_only)
        found = service.listed(store, kind=kind, major_only=major_only)
        about = service.about_groups(store)
    if as_json:
        report({"n": len(found), "about": about, "groups": found})
        return
    lang = language()
    for one in found:
        mark = _grade(one["worst"])
        zh = f"{one['graded']}/{one['n']} 家有等级"
        graded = zh if lang == "zh" else f"{one['graded']} of {one['n']} graded"
        kind_words = service.KINDS[one["kind"]][lang]
        echo(f"{one['id']}  {kind_words}  {mark}  {graded}  {one['name'][lang]}")
    echo(f"共 {len(found)} 组" if lang == "zh" else f"{len(found)} in all")
    _say_state(about)


@groups.command("show")
@click.argument("group_id", metavar="ID")
@db_option
@json_option
@click.pass_context
def show(context: click.Context, group_id: str, db: str | None, as_json: bool) -> None:
    """一个组：成员、联系及理由、资源 / A group: members, links with reasons, resources.

    \b
    geo-risk groups show LABCDEFGH
    """
    from geo_risk.services import groups as service

    with opened(context, db) as store:
        found = service.shown(store, group_id)
    if as_json:
        report(found)
        return
    _say_group(found)


@groups.command("contacts")
@click.argument("group_id", metavar="ID")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--lang", type=click.Choice(["zh", "en"]), help="表的语言 / language of the sheet")
@db_option
@json_option
@click.pass_context
def contacts(
    context: click.Context, group_id: str, out: Path, lang: Any, db: str | None, as_json: bool
) -> None:
    """联防值班表：成员、谁通知谁、资源、联查 / The joint duty sheet as .xlsx, .csv or .html.

    \b
    geo-risk groups contacts LABCDEFGH 联防值班表.xlsx
    """
    from geo_risk.services import group_files

    with opened(context, db) as store:
        found = group_files.write_contacts(store, group_id, out, lang or language())
    if as_json:
        report(found)
    else:
        echo(out)


def _grade(grade: str) -> str:
    from geo_risk.vocabulary import GRADES, Grade

    style = GRADES[Grade(grade)]
    return f"{style.mark} {style.label[language()]}"


def _say_state(about: dict[str, Any] | None) -> None:
    lang = language()
    if about is None:
        echo(
            "还没有分组：geo-risk groups build"
            if lang == "zh"
            else "Run geo-risk groups build first"
        )
    elif about["changed_since"]:
        layers = ", ".join(about["changed_since"])
        zh, en = f"此后数据已变({layers})，请重新分组", f"Changed since ({layers}): build anew"
        echo(zh if lang == "zh" else en)


def _say_group(group: dict[str, Any]) -> None:
    lang = language()
    echo(f"{group['id']}  {group['name'][lang]}  {_grade(group['worst'])}")
    lead = "牵头 " if lang == "zh" else "lead "
    for member in group["members"]:
        grade = f"  {_grade(member['grade'])}" if "grade" in member else ""
        mark = lead if member["id"] == group.get("lead") else ""
        echo(f"  {mark}{member['id']}  {member['name'] or ''}{grade}")
    for reason in group.get("reasons", []):
        echo(f"  {reason[lang]}")
    for link in group.get("links", []):
        echo(f"  {link['a']} – {link['b']}: " + " · ".join(r[lang] for r in link["reasons"]))
    for one in group.get("reaches", []):
        words = one["source"] or one["basis_words"][lang]
        echo(f"  {one['from']} {one['name']} → {one['to']}  {one['distance_m']:g} m  ({words})")
    for kind, one in group.get("resources", {}).items():
        echo(f"  {kind}: {one['name']}  {one['distance_m']:,.0f} m" if one else f"  {kind}: –")
