"""Lines that cross without a common vertex get one: for plans drawn without junctions."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from ..errors import InputError, Text
from .network import DECIMALS, Floats, Ints, Lines

MAX_SEGMENTS = 300_000
MAX_PAIRS = 5_000_000
_BLOCK = 64
_ON = 1e-9
"""How far beyond its end a segment still touches, as a share of its length."""


def with_crossings(lines: Lines) -> Lines:
    """The LineStrings in WGS84, each with a vertex wherever another crosses or touches it.

    Lines that only run over each other share the vertices that they have. Raises `InputError`
    `crossings_too_many` over 300,000 segments or 5,000,000 pairs of near segments.
    """
    xy, line = shapely.get_coordinates(lines, return_index=True)
    start = np.flatnonzero(line[1:] == line[:-1])
    if len(start) > MAX_SEGMENTS:
        raise _too_many(f"{len(start)} > {MAX_SEGMENTS}")
    i, j = _near_segments(xy, start)
    place, at, share = _meetings(xy, start[i], start[j])
    order = np.lexsort((np.append(np.zeros(len(xy)), share), np.append(np.arange(len(xy)), at)))
    met_xy = np.vstack([xy, place])[order]
    return np.asarray(shapely.linestrings(met_xy, indices=np.append(line, line[at])[order]))


def _near_segments(xy: Floats, start: Ints) -> tuple[Ints, Ints]:
    """Pairs of segments i < j whose boxes touch."""
    segments = shapely.linestrings(np.stack([xy[start], xy[start + 1]], axis=1))
    tree = shapely.STRtree(segments)
    found: list[NDArray[np.int64]] = [np.zeros((2, 0), np.int64)]
    pairs = 0
    for begin in range(0, len(segments), _BLOCK):
        near = tree.query(segments[begin : begin + _BLOCK])
        near[0] += begin
        near = near[:, near[0] < near[1]]
        pairs += near.shape[1]
        if pairs > MAX_PAIRS:
            raise _too_many(f"> {MAX_PAIRS}")
        found.append(near)
    i, j = np.concatenate(found, axis=1)
    return i, j


def _meetings(xy: Floats, a: Ints, b: Ints) -> tuple[Floats, Ints, Floats]:
    """Where segments a and b (by their first vertex) meet: the place, twice; the segment; how far
    along it, as a share."""
    from_a, from_b = xy[a], xy[b]
    along_a, along_b = xy[a + 1] - from_a, xy[b + 1] - from_b
    apart = from_b - from_a
    turn = _cross(along_a, along_b)
    with np.errstate(divide="ignore", invalid="ignore"):
        share_a, share_b = _cross(apart, along_b) / turn, _cross(apart, along_a) / turn
        meet = (share_a >= -_ON) & (share_a <= 1 + _ON) & (share_b >= -_ON) & (share_b <= 1 + _ON)
    share_a, share_b = share_a[meet].clip(0, 1), share_b[meet].clip(0, 1)
    place = np.round(from_a[meet] + share_a[:, None] * along_a[meet], DECIMALS)
    return (
        np.vstack([place, place]),
        np.append(a[meet], b[meet]),
        np.append(share_a, share_b),
    )


def _cross(a: Floats, b: Floats) -> Floats:
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])


def _too_many(got: str) -> InputError:
    return InputError(
        "crossings_too_many",
        Text("线段过多，无法逐一求交", "Too many segments to look for crossings"),
        got=got,
        fix=Text(
            "请先在 GIS 中打断道路，或按区域拆分",
            "Cut the roads at their crossings in a GIS first, or split the file by region",
        ),
    )
