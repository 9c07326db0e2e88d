"""Roads: how far one gets in some minutes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from geo_risk.errors import Text, UsageError

from .main import echo, language, report
from .options import json_option


@click.command()
@click.option(
    "--roads",
    required=True,
    type=click.Path(path_type=Path),
    help=".osm.pbf 或 GeoJSON 道路线 / roads: .osm.pbf or lines as GeoJSON",
)
@click.option(
    "--at",
    required=True,
    multiple=True,
    metavar="LON,LAT",
    help="出发点，WGS84，可多次 / a point; may be given again",
)
@click.option("--minutes", required=True, metavar="M,M…", help="如 3,5,8 / such as 3,5,8")
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="OUT.geojson")
@click.option(
    "--lines", "lines_out", type=click.Path(path_type=Path), help="到达的道路 / reached roads"
)
@click.option(
    "--turnout", "turnout_s", type=float, default=0.0, help="出动秒数，先扣除 / seconds to turn out"
)
@click.option(
    "--to", "to_points", is_flag=True, help="到达该点，不是出发 / to the points, not from"
)
@click.option("--speeds", default="", help="车速方案，如 urban / policy of speeds")
@click.option("--crossings", is_flag=True, help="线相交即路口 / lines meet where they cross")
@click.option(
    "--closures", type=click.Path(path_type=Path), help="封路：多边形或编号 / zones or ids closed"
)
@click.option(
    "--snap", "snap_m", type=float, default=300.0, show_default=True, help="米，点到道路 / metres"
)
@click.option(
    "--around",
    "around_m",
    type=float,
    default=50.0,
    show_default=True,
    help="米，道路两侧 / metres",
)
@json_option
def isochrone(
    roads: Path,
    at: tuple[str, ...],
    minutes: str,
    out: Path,
    lines_out: Path | None,
    as_json: bool,
    **asked: Any,
) -> None:
    """沿道路几分钟可达的范围 / How far one gets by road in some minutes.

    \b
    geo-risk isochrone --roads roads.osm.pbf --at 118.648,24.732 --minutes 3,5,8 -o 可达范围.geojson
    """
    from geo_risk.services import isochrones as service

    options = service.IsochroneOptions(
        at=[_position(one) for one in at], minutes=_minutes(minutes), **asked
    )
    found = service.isochrones_of_file(roads, out, options, lines_out=lines_out, lang=language())
    if as_json:
        report(found)
        return
    _say(found)
    echo(out)


def _say(found: dict[str, Any]) -> None:
    lang = language()
    for one in found["isochrones"]:
        zh = f"{one['minutes']:g} 分钟：{one['area_km2']:g} km²，道路 {one['road_km']:g} km"
        en = f"{one['minutes']:g} minutes: {one['area_km2']:g} km², {one['road_km']:g} km of road"
        echo(zh if lang == "zh" else en)
    roads = found["roads"]
    if roads["left_out"]:
        told = "、".join(f"{why} {count}" for why, count in roads["left_out"].items())
        echo(f"  未用作车行道 {told}" if lang == "zh" else f"  No road to drive on: {told}")
    if roads["parts"] > 1:
        share = f"{roads['greatest_part']:.1%}"
        zh = f"路网分为互不相通的 {roads['parts']} 块，最大一块占 {share}"
        en = f"The roads fall into {roads['parts']} parts, the greatest holds {share}"
        echo(f"  {zh if lang == 'zh' else en}")
        if roads["greatest_part"] < 0.9:
            zh, en = (
                "若线相交即为路口，加 --crossings",
                "Do roads meet where they cross? --crossings",
            )
            echo(f"  {zh if lang == 'zh' else en}")
    if roads["closed_edges"]:
        zh = f"封闭 {roads['closed_edges']} 段，{roads['closed_km']:g} km"
        en = f"{roads['closed_edges']} edges closed, {roads['closed_km']:g} km"
        echo(f"  {zh if lang == 'zh' else en}")
    for one in (one for one in found["at"] if one["closed"]):
        zh = f"{one['lon']:g},{one['lat']:g} 所在道路已封闭"
        en = f"The road at {one['lon']:g},{one['lat']:g} is closed"
        echo(f"  {zh if lang == 'zh' else en}")
    for note in roads["notes"]:
        echo(f"  {note}")


def _position(text: str) -> tuple[float, float]:
    try:
        lon, lat = (float(part) for part in re.split("[,，]", text))
    except ValueError:
        raise _bad(
            "position_invalid", "位置不正确", "The position is not valid", "--at", text
        ) from None
    return lon, lat


def _minutes(text: str) -> list[float]:
    try:
        return [float(part) for part in re.split("[,，、]", text)]
    except ValueError:
        words = ("时间不正确", "The minutes are not valid")
        raise _bad("minutes_invalid", *words, "--minutes", text) from None


def _bad(code: str, zh: str, en: str, where: str, got: str) -> UsageError:
    fix = {
        "--at": Text("写作 118.648,24.732", "Write 118.648,24.732"),
        "--minutes": Text("写作 3,5,8", "Write 3,5,8"),
    }
    return UsageError(code, Text(zh, en), where=where, got=got, fix=fix[where])
