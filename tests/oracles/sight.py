"""Sight among buildings the slow way: every direction where anything can change, every wall.

Between two neighbouring critical directions (ends of walls, crossings of walls, walls with the
range circle) the same wall is nearest or none is, so one ray in the middle tells which, and the
area between is a triangle or a sector.
"""

from __future__ import annotations

import itertools
import math

import shapely

NEAR_M = 1e-6


def walls(outlines):
    """Every edge of every ring, as ((ax, ay), (bx, by), building)."""
    found = []
    for row, outline in enumerate(outlines):
        for polygon in shapely.get_parts(outline):
            for ring in (polygon.exterior, *polygon.interiors):
                points = list(shapely.get_coordinates(ring).tolist())
                found += [(a, b, row) for a, b in itertools.pairwise(points) if a != b]
    return found


def is_inside(outlines, x, y):
    """Whether the viewpoint stands in a building, farther than a micrometre from its walls."""
    point = shapely.Point(x, y)
    return any(o.contains(point) and o.boundary.distance(point) > NEAR_M for o in outlines)


def area_m2(outlines, x, y, range_m):
    """The area that is seen from (x, y)."""
    if is_inside(outlines, x, y):
        return 0.0
    segments = [
        ((ax - x, ay - y), (bx - x, by - y), row) for (ax, ay), (bx, by), row in walls(outlines)
    ]
    segments = [s for s in segments if distance_to(s) < range_m]
    on = [outlines[s[2]] for s in segments if distance_to(s) <= NEAR_M]
    angles = sorted(critical_angles(segments, range_m))
    parts = []
    for low, high in zip(angles, [*angles[1:], angles[0] + math.tau], strict=True):
        middle = (low + high) / 2
        if high - low < 1e-13 or any(starts_into(o, x, y, middle) for o in on):
            continue
        nearest = min(
            ((t, s) for s in segments if (t := ray(s, middle)) is not None and t > NEAR_M),
            default=(math.inf, None),
        )
        if nearest[0] >= range_m:
            parts.append(range_m**2 * (high - low) / 2)
        else:
            ends = [on_line(nearest[1], angle) for angle in (low, high)]
            parts.append(ends[0] * ends[1] * math.sin(high - low) / 2)
    return math.fsum(parts)


def critical_angles(segments, range_m):
    """Directions in [0, 2π) of ends, crossings and places where a wall leaves the range."""
    points = [end for a, b, _ in segments for end in (a, b)]
    for (a, b, _), (c, d, _) in itertools.combinations(segments, 2):
        points += crossing(a, b, c, d)
    for a, b, _ in segments:
        points += at_circle(a, b, range_m)
    angles = {math.atan2(py, px) % math.tau for px, py in points if math.hypot(px, py) > NEAR_M}
    # Along a wall through the viewpoint itself sight changes too.
    for segment in segments:
        if distance_to(segment) <= NEAR_M:
            (ax, ay), (bx, by), _ = segment
            along = math.atan2(by - ay, bx - ax)
            angles |= {along % math.tau, (along + math.pi) % math.tau}
    return angles or {0.0}


def crossing(a, b, c, d):
    """Where two segments cross, as a list of at most one point."""
    ux, uy, vx, vy = b[0] - a[0], b[1] - a[1], d[0] - c[0], d[1] - c[1]
    cross = ux * vy - uy * vx
    if cross == 0:
        return []
    s = ((c[0] - a[0]) * vy - (c[1] - a[1]) * vx) / cross
    t = ((c[0] - a[0]) * uy - (c[1] - a[1]) * ux) / cross
    return [(a[0] + s * ux, a[1] + s * uy)] if 0 <= s <= 1 and 0 <= t <= 1 else []


def at_circle(a, b, range_m):
    """Where a segment crosses the range circle."""
    ux, uy = b[0] - a[0], b[1] - a[1]
    square, half = ux * ux + uy * uy, a[0] * ux + a[1] * uy
    root = half * half - square * (a[0] ** 2 + a[1] ** 2 - range_m**2)
    if root <= 0:
        return []
    at = [(-half + sign * math.sqrt(root)) / square for sign in (-1, 1)]
    return [(a[0] + t * ux, a[1] + t * uy) for t in at if 0 <= t <= 1]


def distance_to(segment):
    """From the viewpoint to the segment."""
    (ax, ay), (bx, by), _ = segment
    ux, uy = bx - ax, by - ay
    t = min(max(-(ax * ux + ay * uy) / (ux * ux + uy * uy), 0.0), 1.0)
    return math.hypot(ax + t * ux, ay + t * uy)


def on_line(segment, angle):
    """How far the segment's line is along a direction."""
    (ax, ay), (bx, by), _ = segment
    ux, uy = bx - ax, by - ay
    return (ax * uy - ay * ux) / (math.cos(angle) * uy - math.sin(angle) * ux)


def ray(segment, angle):
    """How far the segment is along a direction, None where the ray misses it."""
    (ax, ay), (bx, by), _ = segment
    dx, dy = math.cos(angle), math.sin(angle)
    if (dx * ay - dy * ax) * (dx * by - dy * bx) > 0:
        return None
    ux, uy = bx - ax, by - ay
    if dx * uy - dy * ux == 0:
        return None
    far = on_line(segment, angle)
    return far if far >= 0 else None


def starts_into(outline, x, y, angle, step_m=1e-4):
    """Whether a ray from the boundary of a building goes into it."""
    return outline.contains(
        shapely.Point(x + step_m * math.cos(angle), y + step_m * math.sin(angle))
    )


def sees(outlines, heights_m, x, y, camera_m, target, target_m, range_m):
    """Whether the line from the camera to the target, a hair to one side or other, is free.

    It is hidden where it passes through a building lower than the building's roof.
    """
    tx, ty = target[0] - x, target[1] - y
    if math.hypot(tx, ty) > range_m or any(
        (is_inside([outline], x, y) and height_m >= camera_m)
        or (is_inside([outline], *target) and height_m > target_m)
        for outline, height_m in zip(outlines, heights_m, strict=True)
    ):
        return False
    turned = [
        (x + tx * math.cos(a) - ty * math.sin(a), y + tx * math.sin(a) + ty * math.cos(a))
        for a in (-1e-7, 1e-7)
    ]
    return any(
        all(
            _passes(outline, height_m, (x, y), camera_m, end, target_m)
            for outline, height_m in zip(outlines, heights_m, strict=True)
        )
        for end in turned
    )


def _passes(outline, height_m, begin, camera_m, end, target_m):
    line = shapely.LineString([begin, end])
    for part in shapely.get_parts(line.intersection(outline)):
        if part.length < 1e-5:
            continue
        for at in shapely.get_coordinates(part):
            share = math.dist(begin, at) / math.dist(begin, end)
            if camera_m + share * (target_m - camera_m) < height_m:
                return False
    return True
