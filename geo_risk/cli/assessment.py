"""The city's assessment: assess."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from geo_risk.errors import Text

from .main import echo, language, report
from .options import db_option, json_option, opened, parse_moment

_SINCE = Text(
    "写日期 2026-10-01、时刻 2026-10-01T08:00，或批次号 20261001T080000123-1a2b3c"
    "（见 geo-risk batches）",
    "Give a date 2026-10-01, a moment 2026-10-01T08:00, or the id of a batch "
    "20261001T080000123-1a2b3c (see geo-risk batches)",
)


@click.command()
@click.argument("out", metavar="OUT.html", type=click.Path(path_type=Path))
@click.option(
    "--xlsx", type=click.Path(path_type=Path), help="同时写成工作簿 OUT.xlsx / also as a workbook"
)
@click.option(
    "--since",
    default="",
    help="与某日（本机时间零时）、某时刻或某批次之前对比 / compare with the start of a day (local "
    "time), a moment, or the state before a batch",
)
@click.option("--lang", type=click.Choice(["zh", "en"]), default=None, help="语言 / language")
@db_option
@json_option
@click.pass_context
def assess(
    context: click.Context,
    out: Path,
    xlsx: Path | None,
    since: str,
    lang: Any,
    db: str | None,
    as_json: bool,
) -> None:
    """城市安全风险评估报告（网页和工作簿） / The city's safety risk assessment, page and workbook.

    \b
    geo-risk assess 评估.html --xlsx 评估.xlsx --since 2026-10-01
    """
    from geo_risk.services import assessment, assessment_change, assessment_files

    assessment_files.check_targets(out, xlsx)
    if not assessment_change.BATCH_ID.fullmatch(since):
        since = parse_moment(since, where="--since", whole_day=False, local=True, fix=_SINCE)
    words = lang or language()
    with opened(context, db) as store:
        found = assessment.assess(store, since)
    files = [str(path) for path in assessment_files.write_files(found, out, xlsx, words)]
    if as_json:
        report({"files": files, **assessment_files.summary(found)})
        return
    tally = found.city.tally
    for name in files:
        echo(name)
    echo(
        f"已分级 {tally.graded}/{tally.total}：红 {tally.counts[0]}，橙 {tally.counts[1]}，"
        f"黄 {tally.counts[2]}，蓝 {tally.counts[3]}，无数据 {tally.counts[4]}"
        if words == "zh"
        else f"{tally.graded} of {tally.total} graded: red {tally.counts[0]}, "
        f"orange {tally.counts[1]}, yellow {tally.counts[2]}, blue {tally.counts[3]}, "
        f"no data {tally.counts[4]}"
    )
    for line in assessment_files.change_lines(found, words):
        echo(line)
