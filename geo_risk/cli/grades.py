"""Grades: grade, explain."""

from __future__ import annotations

import click

from .main import echo, language, report
from .options import db_option, json_option, opened


@click.command()
@click.option("--layer", "layer_id", default="", help="图层，缺省为全部 / layer, all by default")
@click.option("--profile", default="", help="分级方案 / grading profile")
@db_option
@json_option
@click.pass_context
def grade(
    context: click.Context, layer_id: str, profile: str, db: str | None, as_json: bool
) -> None:
    """重新分级，作为一个批次 / Grade what is stored again, as a batch of its own.

    \b
    geo-risk grade --layer risk_points --profile lec_ge
    """
    from geo_risk.services import grading

    with opened(context, db) as store:
        result = grading.grade(store, layer_id, profile)
    if as_json:
        report(result)
        return
    counts = "  ".join(f"{name} {n}" for name, n in result["by_grade"].items())
    echo(f"{result['graded']} 已分级 / graded: {counts}")


@click.command()
@click.argument("layer_id", metavar="LAYER")
@click.argument("feature_id", metavar="ID")
@db_option
@json_option
@click.pass_context
def explain(
    context: click.Context, layer_id: str, feature_id: str, db: str | None, as_json: bool
) -> None:
    """说明等级的每条理由 / Say why a feature has its grade.

    \b
    geo-risk explain risk_points RP0001
    """
    from geo_risk.services import grading

    with opened(context, db) as store:
        result = grading.explain(store, layer_id, feature_id)
    if as_json:
        report(result)
        return
    lang = language()
    echo(f"{result['name']}: {result['grade']} ({result['profile']})")
    for reason in result["reasons"]:
        clause = f"  [{reason['clause']}]" if reason.get("clause") else ""
        echo(f"  {reason[lang]}{clause}")
    for child in result["children"]:
        echo(f"  {child['layer']} {child['id']} {child['name']}: {child['grade']}")
