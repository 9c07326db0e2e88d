"""Joint prevention among neighbours: pairs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .main import echo, language, report
from .neighbours_of import of
from .options import json_option


@click.group()
def neighbours() -> None:
    """相邻联防：位置相邻、行业相近、业态相似 / Who is near and alike.

    \b
    geo-risk neighbours pairs 企业.csv --radius 500 -o 邻近对.csv
    """


neighbours.add_command(of)


@neighbours.command("pairs")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--radius", "radius_m", type=float, help="米，含 / metres, inclusive; else policy's")
@click.option("--sector", default="", help="列：只配对相同值 / column: only equal values pair")
@click.option("--industry", default="", help="列：GB/T 4754 代码 / column of codes")
@click.option("--tags", default="", help="列：工艺:染整;物质:氨 / column of tags")
@click.option("--grade", default="grade", show_default=True, help="列：等级 / column of grades")
@click.option(
    "--grade-within", type=click.IntRange(0), help="等级至多相差几级 / steps grades may differ"
)
@click.option("--policy", default="", help="方案，如 joint_500 / policy of weights")
@click.option("--alike", is_flag=True, help="只要达到方案下限的 / only links by the policy")
@click.option(
    "-o", "--out", required=True, type=click.Path(path_type=Path), help="OUT.csv|.parquet"
)
@click.option("--workers", type=click.IntRange(1), help="分块，用几个进程 / in tiles, processes")
@click.option("--scheduler", default="", help="分块，Dask 集群 tcp://HOST:PORT / a Dask cluster")
@click.option(
    "--tiles",
    type=click.Path(path_type=Path),
    help="分块，工作文件的文件夹 / in tiles, folder of work files",
)
@json_option
def pairs(
    file: Path,
    radius_m: float | None,
    out: Path,
    workers: int | None,
    scheduler: str,
    tiles: Path | None,
    as_json: bool,
    **asked: Any,
) -> None:
    """文件中相距不超过半径的单位对 / Pairs of units of a file within a radius.

    CSV、GeoJSON 或 GeoParquet，有 id 和 lon、lat (WGS84) 或几何。

    \b
    geo-risk neighbours pairs 企业.csv --radius 500 --sector 行业 --grade-within 1 -o 邻近对.csv
    """
    from geo_risk.services import neighbours as service

    # A radius of 0 that was asked for is refused, not taken for none.
    radius_m = 0.0 if radius_m is None else radius_m or -1.0
    options = service.PairOptions(radius_m, **asked)
    if workers or scheduler or tiles:
        from geo_risk.services.tiled_pairs import Where, tiled_pairs_of_file

        where = Where(workers or 0, scheduler, tiles, progress=_progress)
        found = tiled_pairs_of_file(file, out, options, where)
    else:
        found = service.pairs_of_file(file, out, options)
    if as_json:
        report(found)
        return
    zh = f"{found['points']} 个单位，{found['pairs']} 对，{found['radius_m']:g} 米以内"
    en = f"{found['points']} units, {found['pairs']} pairs within {found['radius_m']:g} m"
    echo(zh if language() == "zh" else en)
    for name, count in found["without"].items():
        if count:
            echo(f"  {name}: {count} 个没有 / without")
    echo(out)


def _progress(done: int, tiles: int) -> None:
    if done == tiles or done % max(1, tiles // 20) == 0:
        echo(f"{done}/{tiles} 块 / tiles", err=True)
