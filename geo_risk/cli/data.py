"""Data out: export, map."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from .main import language, report
from .options import db_option, json_option, opened, parse_bbox, parse_grades, parse_moment


@click.command()
@click.argument("layer_id", metavar="LAYER")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--bbox", help="范围 W,S,E,N / box in degrees")
@click.option("--grade", "grades", help="等级 red,橙,重大,… / grades")
@click.option("--town", default="", help="镇代码或名称 / town, code or name")
@click.option("--as-of", default="", help="某一时刻的状态 2026-11-24T08:00:00Z / as it stood then")
@db_option
@json_option
@click.pass_context
def export(
    context: click.Context,
    layer_id: str,
    out: Path,
    bbox: str | None,
    grades: str | None,
    town: str,
    as_of: str,
    db: str | None,
    as_json: bool,
) -> None:
    """导出图层为 geojson、gpkg、csv、xlsx / Export a layer; the suffix chooses the format.

    \b
    geo-risk export risk_points red.geojson --grade 红,orange --town 鸿山镇
    """
    from geo_risk.services import exports

    box, wanted, moment = parse_bbox(bbox), parse_grades(grades), parse_moment(as_of)
    with opened(context, db) as store:
        count = exports.export(
            store,
            layer_id,
            out,
            bbox=box,
            grades=wanted,
            town=town,
            lang=language(),
            as_of=moment,
        )
    _written(out, count, as_json)


@click.command("map")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--layers", "layer_ids", default="", help="图层 A,B / layers, all by default")
@click.option("--lang", type=click.Choice(["zh", "en"]), default=None, help="语言 / language")
@db_option
@json_option
@click.pass_context
def map_command(
    context: click.Context,
    out: Path,
    layer_ids: str,
    lang: Any,
    db: str | None,
    as_json: bool,
) -> None:
    """生成单文件地图 / Write the one-file map that opens without a server or network.

    \b
    geo-risk map city.html --layers towns,enterprises
    """
    from geo_risk.services import exports

    chosen = tuple(part.strip() for part in layer_ids.split(",") if part.strip())
    with opened(context, db) as store:
        count = exports.one_file_page(store, out, chosen, lang or language())
    _written(out, count, as_json)


def _written(out: Path, count: int, as_json: bool) -> None:
    if as_json:
        report({"file": str(out), "features": count})
    else:
        sys.stdout.write(f"{out}: {count} 条要素 / {count} features\n")
