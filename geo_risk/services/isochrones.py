"""Isochrones: how far one gets by road from some points in some minutes, as a file."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo_risk.errors import InputError, Lang, Text, UsageError
from geo_risk.export.files import format_of, whole_file
from geo_risk.export.geojson import geometry_json
from geo_risk.intake import read_table
from geo_risk.intake.parquet import shapes_of
from geo_risk.roads.graph import Marks, RoadGraph, closed_in, closed_rows, parts_of, road_graph
from geo_risk.roads.isochrones import DEFAULT_AROUND_M, Isochrone, isochrones
from geo_risk.roads.snapping import DEFAULT_SNAP_M, Snapped, check_near, snap

from .plain_columns import check_wgs84, column_at
from .road_files import RoadFile, read_roads

FORMATS = ("geojson", "json")
MOST_MINUTES, MOST_TIMES, MOST_POINTS = 600.0, 24, 1000
_POLYGONS = (3, 6)


@dataclass(frozen=True)
class IsochroneOptions:
    """What an isochrone is asked for.

    Attributes
    ----------
    at : the points, degrees of WGS84; the nearest counts. `minutes`: of response.
    turnout_s : seconds that pass before the first wheel turns, taken off every time.
    to_points : how long one takes to the points, not from them.
    speeds : policy of speeds. `crossings`: lines meet where they cross.
    closures : a file of polygons in which roads are closed, or of ids of closed roads.
    snap_m : how far a point may lie from a road. `around_m`: how far the area reaches beyond it.
    """

    at: Sequence[tuple[float, float]]
    minutes: Sequence[float]
    turnout_s: float = 0.0
    to_points: bool = False
    speeds: str = ""
    crossings: bool = False
    closures: Path | None = None
    snap_m: float = DEFAULT_SNAP_M
    around_m: float = DEFAULT_AROUND_M


def isochrones_of_file(
    path: Path,
    out: Path,
    options: IsochroneOptions,
    *,
    lines_out: Path | None = None,
    lang: Lang = "zh",
) -> dict[str, Any]:
    """Write an area a time into `out`, the reached roads into `lines_out`; what was found.

    Raises what `read_roads` raises; `UsageError` `minutes_invalid`, `number_invalid`,
    `position_invalid`; `InputError` `road_far` where no road is near a point, `closures_unread`.
    """
    _check(options)
    for target in filter(None, (out, lines_out)):
        format_of(target, FORMATS)
    file = read_roads(path, speeds=options.speeds, crossings=options.crossings)
    closed = closed_edges(file, options.closures)
    graph = road_graph(file.roads, file.speed_kmh, closed)
    lon, lat = np.array(options.at, np.float64).T
    points = snap(file.roads, lon, lat, limit_m=options.snap_m)
    check_near(points, [f"{x:g},{y:g}" for x, y in options.at], options.snap_m)
    limits_s = [minutes * 60 - options.turnout_s for minutes in sorted(set(options.minutes))]
    way = graph.turned() if options.to_points else graph
    found = isochrones(file.roads, way, points, limits_s, around_m=options.around_m)
    told = [_told(one, file, options) for one in found]
    _write(out, [(one.area, tell) for one, tell in zip(found, told, strict=True)])
    if lines_out is not None:
        lines = [shapely.multilinestrings(one.lines) for one in found]
        _write(lines_out, list(zip(lines, told, strict=True)))
    return {
        "isochrones": told,
        "at": _told_points(points, closed, options),
        "direction": "to" if options.to_points else "from",
        "turnout_s": options.turnout_s,
        "around_m": options.around_m,
        "epsg": file.roads.crs.epsg,
        "roads": {**file.as_json(lang), **network_state(file, graph, closed)},
        "file": str(out),
        "lines": lines_out and str(lines_out),
    }


def _told(one: Isochrone, file: RoadFile, options: IsochroneOptions) -> dict[str, Any]:
    """The figures of one time: also the properties of its feature."""
    return {
        **({"synthetic": True} if file.synthetic else {}),
        "minutes": round((one.limit_s + options.turnout_s) / 60, 6),
        "travel_s": round(one.limit_s, 3),
        "area_km2": round(one.area_m2 / 1e6, 3),
        "road_km": round(one.length_m / 1000, 3),
    }


def _told_points(
    points: Snapped, closed: Marks, options: IsochroneOptions
) -> list[dict[str, float | bool]]:
    """Each point with its metres to the road, and whether that road is closed."""
    return [
        {"lon": x, "lat": y, "aside_m": round(float(aside_m), 1), "closed": bool(closed[edge])}
        for (x, y), aside_m, edge in zip(options.at, points.aside_m, points.edge, strict=True)
    ]


def network_state(file: RoadFile, graph: RoadGraph, closed: Marks) -> dict[str, Any]:
    """How far the network hangs together, and what of it is closed."""
    parts = parts_of(file.roads, graph)
    open_m = parts.length_m.sum()
    return {
        "parts": parts.number,
        "greatest_part": round(float(parts.length_m[0] / open_m), 4) if open_m else 0.0,
        "one_way_trap_km": round(parts.one_way_trap_m / 1000, 3),
        "closed_edges": int(closed.sum()),
        "closed_km": round(float(file.roads.length_m[closed].sum()) / 1000, 3),
    }


def closed_edges(file: RoadFile, path: Path | None) -> Marks:
    """The edges that a file closes: those in its polygons, or those of the ids in its rows.

    Shape (m,); none without a file. `InputError` `closures_unread`, `road_unknown`.
    """
    closed = np.zeros(len(file.roads), bool)
    if path is None:
        return closed
    table = read_table(path, plain=True)
    if table.geometry is not None:
        check_wgs84(table.crs_name, path)
        zones = shapes_of(table.geometry, "row")
        if not np.isin(shapely.get_type_id(zones), _POLYGONS).all():
            raise _closures_unread(path)
        return closed_in(file.roads, shapely.make_valid(zones))
    at = column_at(table.columns, ("id", "编号"))
    if at is None:
        raise _closures_unread(path)
    ids = [str(row[at]).strip() for row in table.rows if row[at] is not None]
    return closed_rows(file.roads, file.rows_of(ids))


def _write(path: Path, features: list[tuple[shapely.Geometry, dict[str, Any]]]) -> None:
    """A GeoJSON of one feature a line, whole or not at all; None for an empty shape."""
    rows = [
        {
            "type": "Feature",
            "geometry": None if shape.is_empty else geometry_json(shape),
            "properties": properties,
        }
        for shape, properties in features
    ]
    with whole_file(path) as part, part.open("w", encoding="utf-8", newline="\n") as file:
        file.write('{"type":"FeatureCollection","features":[\n')
        file.write(",\n".join(json.dumps(row, separators=(",", ":")) for row in rows))
        file.write("\n]}\n")


def _check(options: IsochroneOptions) -> None:
    """`UsageError` for what cannot be asked."""
    minutes = list(options.minutes)
    if not 0 < len(set(minutes)) <= MOST_TIMES or not all(0 < m <= MOST_MINUTES for m in minutes):
        raise UsageError(
            "minutes_invalid",
            Text("时间不正确", "The minutes are not valid"),
            where="--minutes",
            got=",".join(f"{one:g}" for one in minutes),
            fix=Text(
                f"写作 3,5,8：大于 0，至多 {MOST_MINUTES:g} 分钟、{MOST_TIMES} 个",
                f"Write 3,5,8: over 0, at most {MOST_MINUTES:g} minutes and {MOST_TIMES} times",
            ),
        )
    if not 0 <= options.turnout_s < min(minutes) * 60:
        fix = Text("小于最短的一个时间", "Less than the shortest of the times")
        raise _number("--turnout", options.turnout_s, fix)
    for option, metres in (("--snap", options.snap_m), ("--around", options.around_m)):
        if not 1 <= metres <= 10_000:
            raise _number(option, metres, Text("1 到 10000 米", "From 1 to 10000 metres"))
    for lon, lat in options.at:
        if not (abs(lon) <= 180 and abs(lat) <= 90):
            raise UsageError(
                "position_invalid",
                Text("位置不正确", "The position is not valid"),
                where="--at",
                got=f"{lon:g},{lat:g}",
                fix=Text("写作 经度,纬度（WGS84 度）", "Write lon,lat in degrees of WGS84"),
            )
    if not 0 < len(options.at) <= MOST_POINTS:
        raise _number("--at", len(options.at), Text("至多 1000 个点", "From 1 to 1000 points"))


def _number(option: str, got: float, fix: Text) -> UsageError:
    shown = "–" if math.isnan(got) else f"{got:g}"
    words = Text("数值不正确", "The number is not valid")
    return UsageError("number_invalid", words, where=option, got=shown, fix=fix)


def _closures_unread(path: Path) -> InputError:
    return InputError(
        "closures_unread",
        Text("封路文件读不出封路范围", "The closures cannot be read"),
        where=f"--closures, {path.name}",
        fix=Text(
            "给出多边形(WGS84)，或含 id 列(道路编号)的 CSV",
            "Give polygons (WGS84), or a CSV with a column id of road ids",
        ),
    )
