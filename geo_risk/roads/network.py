"""Roads as arrays: nodes where they meet, edges between them, cut out of lines.

The rules are told in docs/methods/roads.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from ..datums import MetricCRS, geodesic_distance_m, metric_crs
from ..errors import InputError, Text

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Lines = NDArray[np.object_]
DECIMALS = 7
"""Vertices are one where their degrees agree to so many decimals, about 1 cm."""


@dataclass(frozen=True)
class Roads:
    """A road network of n nodes and m edges; an edge runs from node `u` to node `v`.

    Attributes
    ----------
    lon, lat : of the nodes in WGS84 degrees, shape (n,).
    u, v : node numbers, int32, shape (m,); equal for a loop, and edges may be parallel.
    length_m : on the WGS84 ellipsoid, shape (m,), greater than 0.
    road_class : text, shape (m,). `oneway`: int8, 1 only from u to v, -1 only from v to u, 0 both.
    maxspeed_kmh : NaN where no limit is known, shape (m,).
    source : row of the line that the edge was cut out of, shape (m,).
    lines, lines_m : LineStrings from u to v, in WGS84 and in `crs`, shape (m,).
    """

    crs: MetricCRS
    lon: Floats
    lat: Floats
    u: NDArray[np.int32]
    v: NDArray[np.int32]
    length_m: Floats
    road_class: NDArray[np.object_]
    oneway: NDArray[np.int8]
    maxspeed_kmh: Floats
    source: Ints
    lines: Lines
    lines_m: Lines

    def __len__(self) -> int:
        return len(self.u)


def roads_of_lines(
    lines: Lines,
    road_class: ArrayLike,
    oneway: ArrayLike,
    maxspeed_kmh: ArrayLike,
    *,
    vertex_keys: ArrayLike | None = None,
    end_keys: tuple[ArrayLike, ArrayLike] | None = None,
) -> Roads:
    """The network of LineStrings in WGS84, shape (k,), none empty, with what each row says.

    Parameters
    ----------
    vertex_keys : a number for each vertex of all lines one after the other: equal numbers are one
        place. Without them, vertices are one where they agree to 7 decimals of a degree. Lines
        are cut at each vertex that comes more than once.
    end_keys : instead of these, numbers of each line's first and last node, shape (k,) each:
        the lines are edges already and are not cut.

    Edges without length are left out. Raises `InputError` `roads_none` where no edge is left,
    `position_far` for a vertex too far from the others for one projection.
    """
    if end_keys is None:
        given = coordinate_keys(lines) if vertex_keys is None else np.asarray(vertex_keys, np.int64)
        keys = np.unique(given, return_inverse=True)[1].ravel()
        pieces, source, first, last = cut_at_junctions(lines, keys)
    else:
        pieces, source = lines, np.arange(len(lines))
        first, last = (np.asarray(ends, np.int64) for ends in end_keys)
    length_m = geodesic_lengths_m(pieces)
    keep = length_m > 0
    if not keep.any():
        raise _no_roads()
    pieces, source, length_m = pieces[keep], source[keep], length_m[keep]
    (lon, lat), u, v = _nodes(pieces, first[keep], last[keep])
    crs = metric_crs(lon, lat)
    return Roads(
        crs=crs,
        lon=lon,
        lat=lat,
        u=u,
        v=v,
        length_m=length_m,
        road_class=np.asarray(road_class, dtype=object)[source],
        oneway=np.asarray(oneway, np.int8)[source],
        maxspeed_kmh=np.asarray(maxspeed_kmh, np.float64)[source],
        source=source,
        lines=pieces,
        lines_m=in_metres(crs, pieces),
    )


def coordinate_keys(lines: Lines) -> Ints:
    """A number for each vertex of all lines: equal where its degrees are, to 7 decimals."""
    grid = np.rint(shapely.get_coordinates(lines) * 10.0**DECIMALS).astype(np.int64)
    return np.asarray(grid[:, 0] * 2**32 + grid[:, 1])


def cut_at_junctions(lines: Lines, keys: Ints) -> tuple[Lines, Ints, Ints, Ints]:
    """Pieces between vertices whose key (from 0 on) comes more than once, with the row, first
    and last key of each."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    fresh = np.ones(len(keys), bool)
    fresh[1:] = (keys[1:] != keys[:-1]) | (line[1:] != line[:-1])
    xy, line, keys = xy[fresh], line[fresh], keys[fresh]
    end = np.ones(len(keys) + 1, bool)
    end[1:-1] = line[1:] != line[:-1]
    shared = np.bincount(keys, minlength=1)[keys] > 1
    stops = np.flatnonzero(shared | end[:-1] | end[1:])
    inside = line[stops[1:]] == line[stops[:-1]]
    start, stop = stops[:-1][inside], stops[1:][inside]
    sizes = stop - start + 1
    within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    piece = np.repeat(np.arange(len(sizes)), sizes)
    pieces = shapely.linestrings(xy[np.repeat(start, sizes) + within], indices=piece)
    return np.atleast_1d(pieces), line[start], keys[start], keys[stop]


def geodesic_lengths_m(lines: Lines) -> Floats:
    """Length of each line in WGS84 on the ellipsoid, in metres."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    if not len(xy):
        return np.zeros(len(lines))
    (lon1, lat1), (lon2, lat2) = xy[:-1].T, xy[1:].T
    same = line[1:] == line[:-1]
    step_m = geodesic_distance_m(lon1[same], lat1[same], lon2[same], lat2[same])
    return np.bincount(line[1:][same], step_m, len(lines)).astype(np.float64)


def in_metres(crs: MetricCRS, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Shapes of WGS84 in a metric CRS; `InputError` `position_far` where that cannot be."""

    def forward(lonlat: Floats) -> Floats:
        return np.column_stack(crs.forward(lonlat[:, 0], lonlat[:, 1]))

    made = np.asarray(shapely.transform(shapes, forward))
    if not np.isfinite(shapely.get_coordinates(made)).all():
        raise InputError(
            "position_far",
            Text("离其他道路太远，无法同一投影", "Too far from the others for one projection"),
            where=f"EPSG:{crs.epsg}",
            fix=Text("请核对坐标，或分地区计算", "Check the positions, or compute by region"),
        )
    return made


def in_degrees(crs: MetricCRS, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Shapes of a metric CRS in WGS84."""

    def inverse(xy_m: Floats) -> Floats:
        return np.column_stack(crs.inverse(xy_m[:, 0], xy_m[:, 1]))

    return np.asarray(shapely.transform(shapes, inverse))


def _nodes(
    pieces: Lines, first: Ints, last: Ints
) -> tuple[tuple[Floats, Floats], NDArray[np.int32], NDArray[np.int32]]:
    """Degrees of the nodes, each where its first edge has it, and the node numbers of the ends."""
    _, at, node = np.unique(np.concatenate([first, last]), return_index=True, return_inverse=True)
    ends = np.concatenate([shapely.get_point(pieces, 0), shapely.get_point(pieces, -1)])[at]
    u, v = node.ravel().astype(np.int32).reshape(2, -1)
    return (shapely.get_x(ends), shapely.get_y(ends)), u, v


def _no_roads() -> InputError:
    return InputError(
        "roads_none",
        Text("没有可用的道路", "There is no usable road"),
        fix=Text(
            "文件须有道路线和道路等级(highway 或 road_class)",
            "The file must have lines with a class (highway or road_class)",
        ),
    )
