"""Data in and out: import, undo, batches, export, map."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from .main import language, report
from .options import db_option, json_option, opened, parse_bbox, parse_grades, parse_moment

SHOWN_REJECTS = 20


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--layer", "layer_id", required=True, help="图层 / layer, see geo-risk layers")
@click.option("--datum", help="坐标系 / wgs84|cgcs2000|gcj02|bd09|EPSG:N")
@click.option("--where", multiple=True, help="只取 列=值1,值2 或 列=* / only rows of column=values")
@click.option("--dry-run", is_flag=True, help="只检查不写入 / check, store nothing")
@db_option
@json_option
@click.pass_context
def import_command(
    context: click.Context,
    file: Path,
    layer_id: str,
    datum: str | None,
    where: tuple[str, ...],
    dry_run: bool,
    db: str | None,
    as_json: bool,
) -> None:
    """导入一个文件 / Import a file as one batch.

    \b
    geo-risk import 企业.xlsx --layer enterprises --datum gcj02
    geo-risk import pois.geojson --layer targets --datum wgs84 --where amenity=school,hospital
    """
    from geo_risk.services.imports import check_request, import_file

    check_request(file, layer_id, datum)
    with opened(context, db, create=True, scratch=dry_run) as store:
        result = import_file(store, file, layer_id, datum, dry_run=dry_run, where=where)
    if as_json:
        report(result.as_json(language()))
    else:
        _tell(result)
    context.exit(0 if result.complete else 3)


def _tell(result: Any) -> None:
    from geo_risk.vocabulary import GRADES, Grade

    lang = language()
    zh = lang == "zh"
    click.echo(
        f"{result.rows} 行：入库 {result.stored}，拒收 {result.rejected}，待定位 {result.unplaced}"
        if zh
        else f"{result.rows} rows: {result.stored} stored, {result.rejected} rejected, "
        f"{result.unplaced} to be placed"
    )
    for reject in result.rejects[:SHOWN_REJECTS]:
        place = f"第 {reject.row} 行 {reject.field}" if zh else f"row {reject.row} {reject.field}"
        click.echo(
            f"  {place} [{reject.code}] {reject.message[lang]}；{reject.fix[lang]}", err=True
        )
    if len(result.rejects) > SHOWN_REJECTS:
        more = len(result.rejects) - SHOWN_REJECTS
        click.echo(f"  … 另有 {more} 行 / {more} more: --json", err=True)
    for item in result.review[:SHOWN_REJECTS]:
        record = item["record"]
        reasons = "；".join(reason[lang] for reason in item["reasons"])
        place = f"第 {record['row']} 行" if zh else f"row {record['row']}"
        click.echo(f"  {place} {record['name']}: {reasons}", err=True)
    for note in result.notes[:SHOWN_REJECTS]:
        click.echo(f"  {note.row} [{note.code}] {note.message[lang]}", err=True)
    if result.unmapped:
        left = "、".join(result.unmapped)
        click.echo(f"未识别的列: {left}" if zh else f"columns left out: {left}")
    if result.by_grade:
        counts = "  ".join(
            f"{GRADES[Grade(grade)].label[lang]} {n}" for grade, n in result.by_grade.items()
        )
        click.echo(f"等级: {counts}" if zh else f"grades: {counts}")
    if result.batch:
        same = result.stored - result.changed
        click.echo(f"其中 {same} 条与库中相同" if zh else f"{same} of them were there already")
        click.echo(f"批次 {result.batch}" if zh else f"batch {result.batch}")
    else:
        click.echo("试运行，未写入" if zh else "dry run, nothing stored")


@click.command()
@click.argument("batch")
@db_option
@json_option
@click.pass_context
def undo(context: click.Context, batch: str, db: str | None, as_json: bool) -> None:
    """撤销一个批次 / Undo a batch.

    \b
    geo-risk undo 20261124T080000000-a1b2c3
    """
    from geo_risk.services import imports

    with opened(context, db) as store:
        result = imports.undo(store, batch)
    if as_json:
        report(result)
    else:
        click.echo(f"已撤销 {result['features']} 条 / {result['features']} features undone")


@click.command()
@db_option
@json_option
@click.pass_context
def batches(context: click.Context, db: str | None, as_json: bool) -> None:
    """列出批次 / List the batches, oldest first.

    \b
    geo-risk batches --json
    """
    from geo_risk.services import imports

    with opened(context, db) as store:
        found = imports.batches(store)
    if as_json:
        report({"batches": found})
        return
    for row in found:
        undone = " (已撤销 undone)" if row["undone_by"] else ""
        what = row["source"] or row["undoes"] or ""
        click.echo(
            f"{row['id']}  {row['kind']:6}  {row['layer'] or '':16}"
            f"  {row['stored'] or 0:>7}  {what}{undone}"
        )


@click.command()
@click.argument("layer_id", metavar="LAYER")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--bbox", help="范围 W,S,E,N / box in degrees")
@click.option("--grade", "grades", help="等级 red,orange,… / grades")
@click.option("--town", default="", help="镇代码 / town code")
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
    geo-risk export risk_points red.geojson --grade red,orange
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
