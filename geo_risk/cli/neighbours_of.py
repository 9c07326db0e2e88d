"""Who is around a unit: neighbours of."""

from __future__ import annotations

from typing import Any

import click

from .main import echo, language, report
from .options import db_option, json_option, opened


@click.command("of")
@click.argument("layer")
@click.argument("feature_id", metavar="ID")
@click.option(
    "--radius",
    type=float,
    help="半径(米)，1 到 50000，缺省 500 / within so many metres, 500 by default",
)
@click.option("--k", type=int, help="最近的个数，1 到 1000 / so many nearest")
@db_option
@json_option
@click.pass_context
def of(
    context: click.Context,
    layer: str,
    feature_id: str,
    radius: float | None,
    k: int | None,
    db: str | None,
    as_json: bool,
) -> None:
    """某单位周边有谁，近的在前 / Who is around a unit, nearest first.

    \b
    geo-risk neighbours of enterprises E001 --radius 300
    """
    from geo_risk.services import live_neighbours

    with opened(context, db) as store:
        found = live_neighbours.neighbours_of(store, layer, feature_id, radius_m=radius, k=k)
    asked: dict[str, Any] = {"k": k}
    if k is None:
        asked = {"radius_m": live_neighbours.RADIUS_M if radius is None else radius}
    if as_json:
        report({"layer": layer, "id": feature_id, **asked, "n": len(found), "neighbours": found})
    else:
        _say(found)


def _say(found: list[dict[str, Any]]) -> None:
    from geo_risk.vocabulary import GRADES, Grade

    lang = language()
    for one in found:
        style = GRADES[Grade(one["grade"])] if one["grade"] else None
        grade = f"{style.mark} {style.label[lang]}" if style else ""
        parts = (f"{one['distance_m']:,.1f} m", grade, one["name"], one["industry"], one["id"])
        echo("  ".join(str(part) for part in parts if part))
    echo(f"共 {len(found)} 个" if lang == "zh" else f"{len(found)} in all")
