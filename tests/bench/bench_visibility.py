"""Exact visible polygons, range 120 m, among about 950 detached houses per km².

From valid outlines and viewpoints to polygons as vertex arrays with their areas; preparing the
walls (grid, tree) is not counted, nor is compilation. Ours looks from 20,000 viewpoints anywhere
in the town, at the best of three runs; the peers, which take one viewpoint at a time, from 20 of
those, and all figures are CPU seconds for 1,000. The peers are given only the outlines that are
within range, found by a tree before, which is not counted either: CGAL (pyvispoly) a square with
holes to build and to look from, which sees past the range, so that its polygon is cut at the
circle before the areas are compared; pysovist the walls, for its isovist with its metrics. Answers
agree where all areas do to 1e-9.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
import shapely

from tests.bench.measuring import SEED

SIZES = (1_000, 10_000, 100_000)
TINY = (60,)
RANGE_M = 120.0
PER_M2 = 950e-6
FEW = 20
Town = tuple[Any, Any, Any]


def made(size: int, viewpoints: int) -> Town:
    """Outlines of turned houses that do not touch, and x and y of viewpoints outside of them."""
    draw = np.random.default_rng(SEED)
    across = math.ceil(math.sqrt(size))
    spacing = math.sqrt(1.0 / PER_M2)
    at = np.arange(size)
    centre = np.stack([at % across, at // across], axis=1) + draw.uniform(0.4, 0.6, (size, 2))
    half = draw.uniform(4.0, 9.0, (size, 2))
    turn = draw.uniform(0.0, math.pi, size)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half[:, None, :]
    along = np.stack([np.cos(turn), np.sin(turn)], axis=1)[:, None, :]
    aside = np.stack([-np.sin(turn), np.cos(turn)], axis=1)[:, None, :]
    xy = centre[:, None, :] * spacing + corners[..., :1] * along + corners[..., 1:] * aside
    outlines = shapely.polygons(xy + np.array([6e5, 2.7e6]))
    x, y = draw.uniform(0.0, across * spacing, (2, viewpoints)) + np.array([[6e5], [2.7e6]])
    inside = shapely.STRtree(outlines).query(shapely.points(x, y), predicate="within")[0]
    return outlines, np.delete(x, inside), np.delete(y, inside)


def ours(outlines: Any, x: Any, y: Any) -> tuple[float, Any, float]:
    """CPU seconds a viewpoint, areas, and vertices a polygon."""
    from geo_risk.siting.buildings import buildings
    from geo_risk.siting.visibility import sights
    from geo_risk.siting.walls import walls

    among = walls(buildings(outlines))
    sights(among, x[:1], y[:1], RANGE_M)
    seconds = []
    for _ in range(3):
        start = time.process_time()
        found = sights(among, x, y, RANGE_M)
        seconds.append(time.process_time() - start)
    return min(seconds) / len(x), found.area_m2, len(found.arc) / len(x)


def cgal(corners: Any) -> Callable[[], Any]:
    """The polygon seen from the origin among outlines, by CGAL."""
    from pyvispoly import Point, Polygon, PolygonWithHoles, VisibilityPolygonCalculator

    m = RANGE_M + 40.0
    square = [(-m, -m), (m, -m), (m, m), (-m, m)]

    def look() -> Any:
        holes = [Polygon([Point(x, y) for x, y in ring[:-1][::-1].tolist()]) for ring in corners]
        ground = PolygonWithHoles(Polygon([Point(float(x), float(y)) for x, y in square]), holes)
        seen = VisibilityPolygonCalculator(ground).compute_visibility_polygon(Point(0.0, 0.0))
        return [(float(p.x()), float(p.y())) for p in seen.boundary()]

    return look


def sovist(corners: Any) -> Callable[[], Any]:
    """The area seen from the origin within range, by pysovist."""
    from pysovist import isovist

    segments = np.stack([corners[:, :-1], corners[:, 1:]], axis=2).reshape(-1, 2, 2)
    return lambda: isovist(segments, (0.0, 0.0), max_distance=RANGE_M).metrics["area"]


def area_in_range(vertices: Any) -> float:
    """The area of a polygon around the origin within the range circle."""
    total = 0.0
    for p, q in itertools.pairwise(np.array([*vertices, vertices[0]])):
        d = q - p
        a, b, c = d @ d, p @ d, p @ p - RANGE_M**2
        root = math.sqrt(max(b * b - a * c, 0.0))
        cuts = [t for t in ((-b - root) / a, (-b + root) / a) if 0 < t < 1] if a else []
        stops = [p, *(p + t * d for t in cuts), q]
        for one, other in itertools.pairwise(stops):
            cross, dot = one[0] * other[1] - one[1] * other[0], one @ other
            within = np.hypot(*(one + other)) / 2 <= RANGE_M
            total += cross / 2 if within else RANGE_M**2 * math.atan2(cross, dot) / 2
    return total


def rows(sizes: Sequence[int]) -> list[dict[str, Any]]:
    """A row for each size and peer."""
    found = []
    for size in sizes:
        outlines, x, y = made(size, 20_000 if size > TINY[0] else 30)
        seconds, areas, vertices = ours(outlines, x, y)
        told = f"{1 / seconds:,.0f} polygons of {vertices:.0f} vertices a CPU second"
        for peer, package, work in (("CGAL", "pyvispoly", cgal), ("pysovist", "pysovist", sovist)):
            try:
                which = version(package)
            except PackageNotFoundError:
                which, theirs, agree = "not installed", None, None
            else:
                theirs, agree = _peer(work, outlines, x[:FEW], y[:FEW], areas)
            found.append(
                {
                    "work": "exact visible polygons, for 1,000 viewpoints",
                    "size": f"{size:,} buildings",
                    "peer": peer,
                    "peer_version": which,
                    "ours_cpu_s": 1_000 * seconds,
                    "peer_cpu_s": 1_000 * theirs if theirs else None,
                    "ratio": seconds / theirs if theirs else None,
                    "peak_mb": None,
                    "answers_agree": agree,
                    "note": f"{told}; the peer {1 / theirs:,.0f}" if theirs else told,
                }
            )
    return found


def _peer(work: Any, outlines: Any, x: Any, y: Any, areas: Any) -> tuple[float, bool]:
    """CPU seconds a viewpoint, and whether the areas agree."""
    tree, corners = shapely.STRtree(outlines), shapely.get_coordinates(outlines).reshape(-1, 5, 2)
    near = [tree.query(shapely.Point(*at), "dwithin", RANGE_M) for at in zip(x, y, strict=True)]
    looks = [work(corners[one] - [x[i], y[i]]) for i, one in enumerate(near)]
    looks[0]()
    start = time.process_time()
    answers = [look() for look in looks]
    seconds = (time.process_time() - start) / len(looks)
    seen = [area_in_range(one) if isinstance(one, list) else one for one in answers]
    return seconds, bool(np.allclose(seen, areas[: len(seen)], rtol=1e-9, atol=0))
