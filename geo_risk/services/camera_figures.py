"""A camera plan as a map and in figures: what each camera sees, shares of each grade in view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_risk.datums import MetricCRS
from geo_risk.export.geojson import geometry_json
from geo_risk.siting.camera_choice import Phases
from geo_risk.siting.camera_shadows import shadows
from geo_risk.siting.cameras_views import Camera
from geo_risk.siting.seen import hiding
from geo_risk.siting.visibility import sights
from geo_risk.siting.walls import Walls

from .camera_demand import GRADES, KINDS, Targets
from .camera_sites import Sites

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Feature = dict[str, Any]
_ROUNDED = 1e-6
"""Shares of weights that are told to three decimals."""
_UNITS = {"points": "points", "roads": "km", "areas": "m2", "all": "weight"}


@dataclass(frozen=True)
class Masks:
    """Which targets are in view before and after, and which circles would claim after."""

    before: Bools
    after: Bools
    circles: Bools


def masks(sites: Sites, chosen: Ints, aims: Targets) -> Masks:
    """What the cameras see, and what lies within the range of any, walls or not, all round."""
    n = len(aims.x_m)
    claimed = np.zeros(n, bool)
    tree = shapely.STRtree(shapely.points(aims.x_m, aims.y_m))
    stands = shapely.points(sites.x_m[chosen], sites.y_m[chosen])
    claimed[tree.query(stands, "dwithin", sites.range_m[chosen])[1]] = True
    return Masks(sites.sees(sites.existing, n), sites.sees(chosen, n), claimed)


def in_view(aims: Targets, weight: Floats, seen: Masks, decimals: int) -> list[dict[str, Any]]:
    """For each kind of demand and each grade how much there is and how much is in view.

    `pct_` of: before, after, and as plain circles would claim. Roads in km, areas in m², `all` by
    weight; what there is none of is left out.
    """
    grades = np.array(aims.demand.grades, object)
    rows = []
    for kind in (*KINDS, "all"):
        of_kind = np.ones(len(grades), bool) if kind == "all" else aims.kind == KINDS.index(kind)
        measure = weight if kind == "all" else aims.measure / (1000.0 if kind == "roads" else 1.0)
        for grade in (*GRADES, "all"):
            those = of_kind if grade == "all" else of_kind & (grades == grade)
            if those.any():
                amounts = _amounts(measure, those, seen, decimals)
                rows.append({"kind": kind, "grade": grade, "unit": _UNITS[kind], **amounts})
    return rows


def by_town(
    aims: Targets, weight: Floats, seen: Masks, decimals: int, cameras: Ints
) -> list[dict[str, Any]]:
    """For each town its grade, the weight there, and in view as in `in_view`; the worst first.

    `cameras` is the town of each new camera. Nothing without towns.
    """
    if aims.towns is None:
        return []
    one, rows = aims.towns, []
    for town, grade in enumerate(one.grades):
        said = "file" if one.own[town] else "points" if grade != "no_data" else None
        rows.append({
            "id": one.towns.ids[town],
            "name": one.towns.names[town] or None,
            "grade": grade,
            "grade_from": said,
            "unit": "weight",
            **_amounts(weight, one.of == town, seen, decimals),
            "new_cameras": int((cameras == town).sum()),
        })  # fmt: skip
    return sorted(rows, key=lambda row: (GRADES.index(str(row["grade"])), str(row["id"])))


def counted(aims: Targets, seen: Bools) -> dict[str, Any]:
    """How many targets are in view, of all, of each grade and town, for a check to count again."""
    told: dict[str, Any] = {"n": int(seen.sum()), "of": len(seen)}
    for name, column in (("by_grade", aims.demand.grades), ("by_town", aims.demand.towns)):
        if column is not None:
            kinds, at = np.unique(np.array(column, np.str_), return_inverse=True)
            of, n = np.bincount(at, minlength=len(kinds)), np.bincount(at, seen, len(kinds))
            told[name] = {
                str(kind): {"n": int(n[row]), "of": int(of[row])} for row, kind in enumerate(kinds)
            }
    return told


def _amounts(measure: Floats, those: Bools, seen: Masks, decimals: int) -> dict[str, float]:
    whole = float(measure[those].sum())
    parts = {"before": seen.before, "after": seen.after, "circles": seen.circles}
    found = {name: float(measure[those & mask].sum()) for name, mask in parts.items()}
    shares = {
        f"pct_{name}": round(100.0 * part / whole, decimals) + 0.0 if whole else None
        for name, part in found.items()
    }
    told = {name: round(part, 3) for name, part in {"of": whole, **found}.items()}
    return {**told, **shares}  # type: ignore[dict-item]


def shares_met(
    rows: Sequence[Mapping[str, Any]], asked: Mapping[str, float], free: Sequence[float] | None
) -> list[dict[str, Any]]:
    """Each least share of a grade in view, by weight, with what was found and whether it is met.

    A grade of which there is no demand is met. `free` are the shares of the plan without these
    demands, None where that is the plan: a share that it missed was `binding`.
    """
    of = {row["grade"]: row for row in rows if row["kind"] == "all"}
    told = []
    for at, (grade, least) in enumerate(asked.items()):
        row = of.get(grade)
        found = row["after"] / row["of"] if row and row["of"] else 1.0
        without = found if free is None else free[at]
        told.append({
            "grade": grade,
            "asked": least,
            "found": round(found, 6),
            "met": bool(found >= least - _ROUNDED),
            "without": round(without, 6),
            "binding": bool(without < least - _ROUNDED),
        })  # fmt: skip
    return told


def features(
    sites: Sites,
    chosen: Ints,
    among: Walls,
    crs: MetricCRS,
    phases: Phases,
    model: str,
    chord_m: float,
    target_height_m: float,
) -> list[Feature]:
    """A point for each camera, then what each sees as a polygon, arcs within `chord_m`."""
    place = {row: at for at, row in enumerate(phases.row.tolist())}
    order = [*phases.row.tolist(), *np.setdiff1d(chosen, phases.row).tolist()]
    outlines = _outlines(sites, np.array(order, np.int64), among, chord_m, target_height_m)
    points, polygons = [], []
    for row, outline in zip(order, outlines, strict=True):
        at = place.get(row)
        told = {
            "id": sites.ids[row],
            "status": "new" if at is not None else sites.status[row],
            "model": model if at is not None else None,
            "heading_deg": _number(sites.heading_deg[row]),
            "hfov_deg": _number(sites.hfov_deg[row]),
            "range_m": _number(sites.range_m[row]),
            "height_m": _number(sites.height_m[row]),
            "phase": None if at is None else int(phases.phase[at]),
            "order": None if at is None else at + 1,
            "adds": None if at is None else round(float(phases.gain[at]), 6),
        }
        here = shapely.Point(sites.x_m[row], sites.y_m[row])
        points.append(_feature("camera", here, crs, told))
        told = {"id": sites.ids[row], "phase": told["phase"], "status": told["status"]}
        polygons.append(_feature("view", outline, crs, {**told, "area_m2": round(outline.area, 1)}))
    return [*points, *polygons]


def _outlines(
    sites: Sites, rows: Ints, among: Walls, chord_m: float, target_m: float
) -> list[shapely.Geometry]:
    """What each camera sees of the ground, in metres."""
    found: dict[int, shapely.Geometry] = {}
    keys = [(sites.range_m[row], sites.height_m[row]) for row in rows.tolist()]
    for range_m, height_m in {(r, None if np.isnan(h) else h) for r, h in keys}:
        alike = [
            row
            for row, (r, h) in zip(rows.tolist(), keys, strict=True)
            if r == range_m and (None if np.isnan(h) else h) == height_m
        ]
        of = Camera(float(range_m), 360.0, height_m, target_m)
        seen = sights(hiding(among, of.height_m), sites.x_m[alike], sites.y_m[alike], of.range_m)
        for at, row in enumerate(alike):
            heading = sites.heading_deg[row]
            if np.isnan(heading):
                found[row] = shapely.Polygon()
                continue
            outline = seen.outline(at, chord_m, (float(heading), float(sites.hfov_deg[row])))
            hidden = shadows(among.of, of, sites.x_m[row], sites.y_m[row])
            found[row] = shapely.difference(outline, hidden)
    return [found[row] for row in rows.tolist()]


def _feature(kind: str, shape: shapely.Geometry, crs: MetricCRS, told: dict[str, Any]) -> Feature:
    def inverse(xy_m: Floats) -> Floats:
        return np.column_stack(crs.inverse(xy_m[:, 0], xy_m[:, 1]))

    geometry = None
    if not shape.is_empty:
        moved = shapely.transform(shape, inverse)
        geometry = geometry_json(shapely.orient_polygons(moved, exterior_cw=False))
    return {"type": "Feature", "geometry": geometry, "properties": {"kind": kind, **told}}


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 3)
