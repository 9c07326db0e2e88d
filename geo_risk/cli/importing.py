"""Files in: inspect, import, undo, and the list of batches."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from geo_risk.errors import Lang, Text, UsageError
from geo_risk.services.commands import report_option, shell

from .main import echo, language, report
from .options import F, db_option, json_option, opened

SHOWN_FINDINGS = 20
SHOWN_LETTERS = 24
_SURE = 0.995


def reading_options(command: F) -> F:
    """How a file is read: `--encoding`, `--sheet`, `--map`."""
    options = (
        click.option("--encoding", help="编码，如 gb18030 / encoding of a text file"),
        click.option("--sheet", help="工作表，或压缩包中的文件 / sheet, or file in a zip"),
        click.option(
            "--map",
            "mapping",
            multiple=True,
            help="列对应 表头=字段(x、y、lonlat 为坐标，- 为不要) / HEADER=FIELD, - leaves it out",
        ),
        click.option("--where", multiple=True, help="只取 列=值1,值2 或 列=* / only these rows"),
    )
    for option in reversed(options):
        command = option(command)
    return command


def parse_mapping(pairs: Sequence[str]) -> dict[str, str]:
    """`单位名称=name` as header and target; the last `=` parts them."""
    chosen: dict[str, str] = {}
    for pair in pairs:
        header, equals, target = pair.rpartition("=")
        if not equals or not header.strip() or not target.strip():
            raise UsageError(
                "map_invalid",
                Text("列对应无法读取", "The mapping cannot be read"),
                where="--map",
                got=pair,
                fix=Text("写作 --map 单位名称=name", "Write --map HEADER=FIELD"),
            )
        chosen[header.strip()] = target.strip()
    return chosen


def progress_bar() -> Callable[[int, int], None] | None:
    """A line of progress on stderr where a person looks; nothing in a pipe."""
    if not sys.stderr.isatty():
        return None

    def show(done: int, total: int) -> None:
        end = "\r\033[K" if done == total else "\r"
        sys.stderr.write(f"{done}/{total} {end}")
        sys.stderr.flush()

    return show


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--layer", "layer_id", help="图层，不给则推荐 / layer; proposed when not given")
@click.option("--datum", help="坐标系，可不给 / datum, if known")
@reading_options
@db_option
@json_option
@click.pass_context
def inspect(
    context: click.Context,
    file: Path,
    layer_id: str | None,
    datum: str | None,
    encoding: str | None,
    sheet: str | None,
    mapping: tuple[str, ...],
    where: tuple[str, ...],
    db: str | None,
    as_json: bool,
) -> None:
    """查看一个文件会怎样读入，不写入 / See how a file would be read; writes nothing.

    \b
    geo-risk inspect 企业.xlsx
    geo-risk inspect 企业.csv --layer enterprises --encoding gb18030 --json
    """
    from geo_risk.services.inspecting import inspect_file
    from geo_risk.services.reading import ReadingOptions

    how = ReadingOptions(encoding, sheet, parse_mapping(mapping), where)
    with opened(context, db, create=True, scratch=True) as store:
        result = inspect_file(store, file, layer_id, datum, how, lang=language())
    if as_json:
        report(result)
    else:
        _tell_inspection(result)


def _tell_reading(result: dict[str, Any], lang: Lang) -> None:
    zh = lang == "zh"
    parts = [
        ("编码" if zh else "encoding", result["encoding"]),
        ("工作表" if zh else "sheet", result["sheet"]),
        ("表头行" if zh else "header row", result["header_row"]),
    ]
    echo(" · ".join(f"{title} {value}" for title, value in parts if value is not None))
    used = []
    for column in result["columns"]:
        if column["target"]:
            sure = column["confidence"] or 0
            doubt = "" if sure >= _SURE else f" ({sure:.0%})"
            used.append(f"{column['header']} → {column['label']}{doubt}")
    echo(("列: " if zh else "columns: ") + "；".join(used))
    maybe = [
        shell("--map", f"{column['header']}={column['suggested']}")
        for column in result["columns"]
        if column["suggested"]
    ]
    if maybe:
        echo(("也许是: " if zh else "perhaps: ") + "  ".join(maybe))
    if result["unmapped"]:
        left = "、".join(result["unmapped"])
        echo(f"未识别的列: {left}" if zh else f"columns left out: {left}")


def _tell_inspection(result: dict[str, Any]) -> None:
    lang = language()
    zh = lang == "zh"
    chosen = "、".join(f"{item['id']} ({item['mapped']})" for item in result["layers"][:3])
    title = f"{result['layer']}" if not result["proposed"] else chosen
    echo(f"图层: {title}" if zh else f"layer: {title}")
    _tell_reading(result, lang)
    echo(f"{result['rows']} 行" if zh else f"{result['rows']} rows")
    for row in result["first_rows"]:
        echo("  " + " | ".join(_short(cell) for cell in row))
    for sentence in (*result["remarks"], *result["positions"].get("remarks", ())):
        echo(sentence)
    for name, metres in result["positions"].get("shift_m", {}).items():
        echo(
            f"若是 {name}，各点移动约 {metres:.0f} 米"
            if zh
            else f"were it {name}, the points would move by some {metres:.0f} m"
        )
    for problem in result["problems"]:
        echo(f"{problem['message']}；{problem['fix']}", err=True)
    _tell_lines(result["findings"], lang)


def _short(cell: object) -> str:
    text = "" if cell is None else " ".join(str(cell).split())
    return text if len(text) <= SHOWN_LETTERS else text[: SHOWN_LETTERS - 1] + "…"


def _tell_lines(findings: Sequence[dict[str, Any]], lang: Lang) -> None:
    """The first findings one by one, the rest counted by code; on stderr."""
    zh = lang == "zh"
    for item in findings[:SHOWN_FINDINGS]:
        where = f"第 {item['row']} 行" if zh else f"row {item['row']}"
        label = f" {item['label']}" if item.get("label") else ""
        fix = f"；{item['fix']}" if item["fix"] else ""
        echo(f"  {where}{label} [{item['code']}] {item['message']}{fix}", err=True)
    rest = Counter(item["code"] for item in findings[SHOWN_FINDINGS:])
    for code, count in rest.most_common():
        echo(f"  … {code} × {count}", err=True)


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--layer", "layer_id", required=True, help="图层 / layer, see geo-risk layers")
@click.option("--datum", help="坐标系 / wgs84|cgcs2000|gcj02|bd09|EPSG:N")
@reading_options
@click.option("--forget-map", is_flag=True, help="不沿用上次的 --map / forget the last --map")
@click.option("--accept-datum", is_flag=True, help="坐标系存疑仍导入 / import though in doubt")
@click.option(
    "--report",
    "report_to",
    type=click.Path(path_type=Path),
    help="把没有入库的行写成可修改的工作簿 / workbook of the rows to mend",
)
@click.option("--dry-run", is_flag=True, help="只检查不写入 / check, store nothing")
@db_option
@json_option
@click.pass_context
def import_command(
    context: click.Context,
    file: Path,
    layer_id: str,
    datum: str | None,
    encoding: str | None,
    sheet: str | None,
    mapping: tuple[str, ...],
    where: tuple[str, ...],
    forget_map: bool,
    accept_datum: bool,
    report_to: Path | None,
    dry_run: bool,
    db: str | None,
    as_json: bool,
) -> None:
    """导入一个文件 / Import a file as one batch.

    \b
    geo-risk import 企业.xlsx --layer enterprises --datum gcj02 --report 问题.xlsx
    geo-risk import 台账.csv --layer risk_points --datum cgcs2000 --map "单位=enterprise_id"
    geo-risk import pois.geojson --layer targets --datum wgs84 --where amenity=school,hospital
    """
    from geo_risk.services.imports import check_request, import_file
    from geo_risk.services.reading import ReadingOptions

    how = ReadingOptions(encoding, sheet, parse_mapping(mapping), where, recall=not forget_map)
    check_request(file, layer_id, datum, report_to)
    with opened(context, db, create=True, scratch=dry_run) as store:
        result = import_file(
            store,
            file,
            layer_id,
            datum,
            how,
            dry_run=dry_run,
            accept_datum=accept_datum,
            report_to=report_to,
            lang=language(),
            progress=progress_bar(),
        )
    if as_json:
        report(result.as_json(language()))
    else:
        _tell(result, file, report_to)
    context.exit(0 if result.complete else 3)


def _tell(result: Any, file: Path, report_to: Path | None) -> None:
    from geo_risk.vocabulary import GRADES, Grade

    lang = language()
    zh = lang == "zh"
    body = result.as_json(lang)
    _tell_reading(body, lang)
    echo(
        f"{result.rows} 行：入库 {result.stored}，拒收 {result.rejected}，待定位 {result.unplaced}"
        if zh
        else f"{result.rows} rows: {result.stored} stored, {result.rejected} rejected, "
        f"{result.unplaced} to be placed"
    )
    for heading, outcome in (
        (Text("拒收", "Rejected"), "rejected"),
        (Text("待定位(geo-risk review list)", "To be placed (geo-risk review list)"), "queued"),
        (Text("已入库，请留意", "Stored, but look at"), "flagged"),
        (Text("已处理", "Mended or left out"), "noted"),
    ):
        found = result.lines(lang, outcome)
        if found:
            echo(f"{heading[lang]} {len(found)}", err=True)
            _tell_lines(found, lang)
    for sentence in (*_checked(body["datum_check"], zh=zh), *body["remarks"]):
        echo(sentence)
    if result.by_grade:
        counts = "  ".join(
            f"{GRADES[Grade(grade)].label[lang]} {n}" for grade, n in result.by_grade.items()
        )
        echo(f"等级: {counts}" if zh else f"grades: {counts}")
    if report_to and result.to_mend:
        echo(
            f"问题工作簿 {report_to}：改好后用同样的命令导入它"
            if zh
            else f"workbook {report_to}: mend it and import it with the same command"
        )
    elif report_to:
        echo(f"{report_to}：没有要修改的行" if zh else f"{report_to}: nothing to mend")
    elif not result.complete:
        echo(
            f"加 {report_option(file, lang)} 可得到只含这些行的工作簿，改好后直接导入"
            if zh
            else f"{report_option(file, lang)} writes a workbook of just these rows, "
            "to mend and import"
        )
    if result.batch:
        if same := result.stored - result.changed:
            echo(f"其中 {same} 条与库中相同" if zh else f"{same} of them were there already")
        echo(f"批次 {result.batch}" if zh else f"batch {result.batch}")
    else:
        echo("未写入" if zh else "nothing stored")


def _checked(check: dict[str, Any], *, zh: bool) -> list[str]:
    """How the declared datum stood up: the share in the city, the offset from places named."""
    if not check:
        return []
    fit = check["fits"][0]
    parts = []
    if fit["share_inside"] is not None:
        share = f"{fit['share_inside']:.1%}"
        parts.append(f"{share} 的位置在市域内" if zh else f"{share} of positions in the city")
    if fit["share_at_sea"]:
        share = f"{fit['share_at_sea']:.1%}"
        parts.append(f"{share} 在海上" if zh else f"{share} at sea")
    if fit["offset_m"] is not None:
        metres, n = fit["offset_m"], fit["controls"]
        parts.append(
            f"与 {n} 行所写村、门牌平均相差 {metres:.0f} 米"
            if zh
            else f"{metres:.0f} m off the places that {n} rows name, on average"
        )
    title = f"坐标核对({fit['datum']})：" if zh else f"positions ({fit['datum']}): "
    return [title + ("，" if zh else ", ").join(parts)] if parts else []


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
        echo(f"已撤销 {result['features']} 条 / {result['features']} features undone")
        if count := result["reopened"]:
            echo(f"重新待核 {count} 行 / {count} rows wait again")


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
        echo(
            f"{row['id']}  {row['kind']:6}  {row['layer'] or '':16}"
            f"  {row['stored'] or 0:>7}  {what}{undone}"
        )
