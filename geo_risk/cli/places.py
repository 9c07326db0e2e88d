"""Places: gazetteer load, gazetteer stats, geocode, datum convert."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from geo_risk.errors import Text, UsageError

from .main import echo, language, report
from .options import db_option, json_option, opened

SHOWN = 20
FILE = click.Path(path_type=Path)


@click.group()
def gazetteer() -> None:
    """地名库 / The gazetteer that addresses are read by.

    \b
    geo-risk gazetteer stats
    """


@gazetteer.command("load")
@click.argument("file", type=FILE)
@click.option("--datum", help="坐标系 / wgs84|cgcs2000|gcj02|bd09|EPSG:N")
@click.option("--within", default="", help="县(市、区)六位代码 / county, e.g. 350581")
@click.option("--dry-run", is_flag=True, help="只检查不写入 / check, store nothing")
@db_option
@json_option
@click.pass_context
def gazetteer_load(
    context: click.Context,
    file: Path,
    datum: str | None,
    within: str,
    dry_run: bool,
    db: str | None,
    as_json: bool,
) -> None:
    """载入区划、门牌、道路或地点 / Load divisions, doors, roads or points; merges by code and name.

    \b
    geo-risk gazetteer load 地名.csv --datum gcj02
    """
    from geo_risk.services.gazetteer_files import load

    with opened(context, db, create=True, scratch=dry_run) as store:
        result = load(store, file, datum, within=within, dry_run=dry_run)
    if as_json:
        report(result.as_json(language()))
    else:
        _tell_load(result)
    context.exit(3 if result.rejected else 0)


def _tell_load(result: Any) -> None:
    zh = language() == "zh"
    echo(
        f"{result.rows} 行：新增 {result.new}，更新 {result.updated}，"
        f"未变 {result.unchanged}，拒收 {result.rejected}；有坐标 {result.with_position}"
        if zh
        else f"{result.rows} rows: {result.new} new, {result.updated} updated, "
        f"{result.unchanged} unchanged, {result.rejected} rejected; "
        f"{result.with_position} with a position"
    )
    _tell_findings(result.findings)
    if result.unmapped:
        left = "、".join(result.unmapped)
        echo(f"未用到的列: {left}" if zh else f"columns left out: {left}")
    if result.dry_run:
        echo("试运行，未写入" if zh else "dry run, nothing stored")


def _tell_findings(findings: Any) -> None:
    lang = language()
    order = sorted(findings, key=lambda finding: finding.outcome != "rejected")
    for finding in order[:SHOWN]:
        row = f"第 {finding.row} 行" if lang == "zh" else f"row {finding.row}"
        fix = f"；{finding.fix[lang]}" if finding.fix[lang] else ""
        echo(f"  {row} [{finding.code}] {finding.message[lang]}{fix}", err=True)
    if len(order) > SHOWN:
        more = len(order) - SHOWN
        echo(f"  … 另有 {more} 条，见 --json / {more} more: --json", err=True)


@gazetteer.command("stats")
@db_option
@json_option
@click.pass_context
def gazetteer_stats(context: click.Context, db: str | None, as_json: bool) -> None:
    """地名库有多少条、多少有坐标 / How many entries, how many with a position, from where.

    \b
    geo-risk gazetteer stats --json
    """
    from geo_risk.services.gazetteer import stats

    with opened(context, db) as store:
        result = stats(store)
    if as_json:
        report(result)
        return
    zh = language() == "zh"
    echo("类别        条数   有坐标   无坐标" if zh else "kind       total  placed  not placed")
    for kind, counts in result["kinds"].items():
        numbers = [counts[name] for name in ("total", "with_position", "without_position")]
        echo(f"{kind:9}" + "".join(f"{number:8}" for number in numbers))
    for source in result["sources"]:
        echo(f"  {source['source'] or '-'}  {source['datum'] or '-'}  {source['entries']}")


@click.command()
@click.argument("file", type=FILE, required=False)
@click.option("--address", help="单个地址 / one address instead of a file")
@click.option("--column", default="", help="地址列 / column of addresses")
@click.option("--town-column", default="", help="所属镇列 / column of towns")
@click.option("--within", default="", help="县(市、区)六位代码 / county, e.g. 350581")
@click.option("-o", "--out", type=FILE, help="结果文件 / .csv, .xlsx or .geojson")
@db_option
@json_option
@click.pass_context
def geocode(
    context: click.Context,
    file: Path | None,
    address: str | None,
    column: str,
    town_column: str,
    within: str,
    out: Path | None,
    db: str | None,
    as_json: bool,
) -> None:
    """按本地地名库定位地址，不联网 / Place addresses by the store's gazetteer, offline.

    \b
    geo-risk geocode 企业.xlsx --column 地址 -o 结果.csv
    geo-risk geocode --address 石狮市宝盖镇塘边村石泉路128号
    """
    from geo_risk.services.geocoding import geocode_addresses, geocode_file

    if (file is None) == (address is None) or (file is not None and not column):
        raise UsageError(
            "address_missing",
            Text("须给出文件和地址列，或单个地址", "Give a file and its column, or one address"),
            where="FILE",
            fix=Text(
                "geo-risk geocode 文件 --column 地址，或 --address 地址",
                "geo-risk geocode FILE --column ADDRESS, or --address TEXT",
            ),
        )
    with opened(context, db) as store:
        if file is None:
            found = geocode_addresses(store, [address or ""], within=within)
        else:
            found = geocode_file(
                store, file, column, town_column=town_column, within=within, out=out
            )
    if as_json:
        report({"rows": [row.as_json() for row in found]})
    else:
        _tell_geocoded(found, out)
    context.exit(0 if all(row.placed for row in found) else 3)


def _tell_geocoded(found: Any, out: Path | None) -> None:
    from collections import Counter

    from geo_risk.vocabulary import MATCH_LEVELS

    lang = language()
    for row in found[:SHOWN]:
        result = row.as_json()
        at = "未定位" if lang == "zh" else "not placed"
        if row.placed:
            at = f"{result['lon']:.6f},{result['lat']:.6f} ±{result['uncertainty_m']:.0f} m"
        level = MATCH_LEVELS[row.match.level][lang]
        why = "；".join(reason[lang] for reason in result["reasons"])
        echo(f"{row.row}  {at}  {level} {row.town_name}{row.village_name}  {why}")
    if len(found) > SHOWN:
        more = len(found) - SHOWN
        echo(f"… 另有 {more} 行，用 -o 写入文件 / {more} more rows: -o FILE")
    counts = Counter(row.match.level for row in found)
    echo("  ".join(f"{t[lang]} {counts[k]}" for k, t in MATCH_LEVELS.items() if counts[k]))
    if out is not None:
        echo(str(out))


@click.group()
def datum() -> None:
    """坐标系 / Datums.

    \b
    geo-risk datum convert 点位.csv --from gcj02 --to wgs84 -o 结果.csv
    """


@datum.command("convert")
@click.argument("file", type=FILE)
@click.option("--from", "source", help="原坐标系 / wgs84|cgcs2000|gcj02|bd09|EPSG:N")
@click.option("--to", "target", help="目标坐标系 / the datum wanted")
@click.option("-o", "--out", type=FILE, required=True, help="结果文件 / .csv, .xlsx or .geojson")
@json_option
@click.pass_context
def datum_convert(
    context: click.Context,
    file: Path,
    source: str | None,
    target: str | None,
    out: Path,
    as_json: bool,
) -> None:
    """换算一个文件的坐标 / Convert a file's coordinates; nothing is stored.

    \b
    geo-risk datum convert 点位.csv --from gcj02 --to wgs84 -o 结果.csv
    """
    from geo_risk.services.datum_files import convert_file

    result = convert_file(file, source, target, out)
    if as_json:
        report({"file": str(out), **result.as_json(language())})
    else:
        zh = language() == "zh"
        echo(
            f"{out}: {result.rows} 行，换算 {result.converted}，无坐标 {result.empty}，"
            f"出错 {len(result.findings)}"
            if zh
            else f"{out}: {result.rows} rows, {result.converted} converted, "
            f"{result.empty} without coordinates, {len(result.findings)} faulty"
        )
        _tell_findings(result.findings)
    context.exit(3 if result.findings else 0)
