"""A visible polygon cut to a camera's field of view, and its arcs as chords for drawing."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Point = tuple[float, float]
_SAME_POINT_M = 1e-11


def cut(
    vertices_m: Floats, arc: Bools, heading_deg: float, hfov_deg: float
) -> tuple[Floats, Bools]:
    """What of a visible polygon lies within half the field of view of the heading.

    Vertices (from the viewpoint) and arcs as in `visibility.Sights`, the heading clockwise from
    north. The viewpoint itself is the first vertex of what is returned.
    """
    start = math.radians(90.0 - heading_deg - hfov_deg / 2)
    width = math.radians(hfov_deg)
    found: list[tuple[float, int, Point, Point, bool]] = []
    points: list[Point] = [(x, y) for x, y in vertices_m.tolist()]
    for k, (p, q) in enumerate(zip(points, [*points[1:], *points[:1]], strict=True)):
        if p == (0.0, 0.0):
            continue
        at = (math.atan2(p[1], p[0]) - start) % math.tau
        sweep = max(math.atan2(p[0] * q[1] - p[1] * q[0], p[0] * q[0] + p[1] * q[1]), 0.0)
        for begin in (at, at - math.tau):
            low, high = max(begin, 0.0), min(begin + sweep, width)
            if low > high or (sweep == 0.0 and q != (0.0, 0.0)):
                continue  # a step straight away from the viewpoint comes by itself
            is_arc = bool(arc[k])
            a = p if low == begin else _along(p, q, is_arc, start + low)
            b = q if high == begin + sweep else _along(p, q, is_arc, start + high)
            found.append((begin, k, a, b, is_arc))
    corners: list[Point] = [(0.0, 0.0)]
    arcs = [False]
    for _, _, a, b, is_arc in sorted(found):
        for point, goes_on in ((a, is_arc), (b, False)):
            if math.dist(point, corners[-1]) > _SAME_POINT_M:
                corners.append(point)
                arcs.append(goes_on)
            else:
                arcs[-1] = goes_on
    return np.array(corners), np.array(arcs)


def _along(p: Point, q: Point, arc: bool, angle: float) -> Point:
    """Where a direction meets the edge from p to q."""
    ux, uy, dx, dy = math.cos(angle), math.sin(angle), q[0] - p[0], q[1] - p[1]
    far = math.hypot(*p) if arc else (p[0] * dy - p[1] * dx) / (ux * dy - uy * dx)
    return far * ux, far * uy


def area_m2(vertices_m: Floats, arc: Bools) -> float:
    """The area within vertices and arcs around the viewpoint, arcs counted as arcs."""
    after = np.roll(vertices_m, -1, axis=0)
    cross = vertices_m[:, 0] * after[:, 1] - vertices_m[:, 1] * after[:, 0]
    turn = np.arctan2(cross, (vertices_m * after).sum(axis=1))
    square = (vertices_m**2).sum(axis=1)
    return float(np.where(arc, square * turn, cross).sum() / 2.0)


def chords(vertices_m: Floats, arc: Bools, range_m: float, chord_m: float) -> Floats:
    """The vertices with points put on each arc, so that chords lie at most `chord_m` inside it."""
    most = 2.0 * math.acos(max(1.0 - chord_m / range_m, -1.0))
    drawn = []
    for k, p in enumerate(vertices_m):
        drawn.append(p[None])
        if arc[k]:
            q = vertices_m[(k + 1) % len(vertices_m)]
            begin = math.atan2(p[1], p[0])
            turn = math.atan2(p[0] * q[1] - p[1] * q[0], p[0] * q[0] + p[1] * q[1])
            at = begin + np.linspace(0.0, turn, math.ceil(turn / most) + 1)[1:-1]
            drawn.append(range_m * np.column_stack([np.cos(at), np.sin(at)]))
    return np.concatenate(drawn)
