"""Enterprises as units of joint prevention, and the links between those that are near and alike."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_risk.datums import MetricCRS, metric_crs
from geo_risk.errors import Text
from geo_risk.grading.industries import code_of
from geo_risk.neighbours.groups import Link, reasons
from geo_risk.neighbours.likeness import (
    Industries,
    Policy,
    Tags,
    business_likeness,
    industry_depth,
    link_score,
    meets,
)
from geo_risk.neighbours.live import usable
from geo_risk.neighbours.outlines import shape_pairs_within
from geo_risk.store import Query, Store
from geo_risk.store.chunks import chunks

LAYER = "enterprises"
SOURCE_TAG = "重大危险源"
_COLUMNS = ("id", "geom", "name", "grade", "industry", "people", "town", "village")
_TAGS = {"processes": "process", "hazardous_substances": "substance", "business": "other"}


@dataclass(frozen=True)
class Units:
    """n units by id: their records, positions and outlines in metres (NaN, None: no place),
    codes and tags."""

    ids: list[str]
    records: list[dict[str, Any]]
    shapes_m: NDArray[np.object_]
    xy_m: NDArray[np.float64]
    lonlat: NDArray[np.float64]
    crs: MetricCRS | None
    industries: Industries
    tags: Tags
    tag_sets: list[frozenset[tuple[str, str]]]

    @property
    def placed(self) -> NDArray[np.bool_]:
        """Which have a usable position."""
        return np.isfinite(self.xy_m[:, 0]) & np.isfinite(self.xy_m[:, 1])


def read_units(store: Store, grades: Sequence[str] = (), ids: Sequence[str] | None = None) -> Units:
    """All enterprises, or those of some grades or ids, with the kinds of hazard of their items."""
    names = (*_COLUMNS, *_TAGS, "scale")
    queries = [Query(LAYER)] if ids is None else [Query(LAYER, ids=tuple(p)) for p in chunks(ids)]
    rows = [row for query in queries for row in store.columns(query, names)]
    records = [dict(zip(names, row, strict=True)) for row in rows]
    for record in records:
        record["grade"] = record["grade"] or "no_data"
    records = [r for r in records if not grades or r["grade"] in grades]
    records.sort(key=lambda record: str(record["id"]))
    hazards = _hazard_kinds(store)
    tags = [frozenset(_tags(record, hazards.get(record["id"], set()))) for record in records]
    codes = [code_of(r["industry"]) if r["industry"] else None for r in records]
    shapes = np.empty(len(records), dtype=object)
    shapes[:] = shapely.from_wkb([record.pop("geom") for record in records])
    shapes[~usable(shapes)] = None
    lonlat = shapely.get_coordinates(shapely.point_on_surface(shapes[shapes != None]))  # noqa: E711
    crs = metric_crs(*lonlat.T) if len(lonlat) else None
    metric, xy_m, degrees = _placed(crs, shapes)
    return Units(
        [str(record["id"]) for record in records],
        records,
        *(metric, xy_m, degrees, crs),
        Industries.of(codes),
        Tags.of(tags),
        tags,
    )


def in_metres(crs: MetricCRS, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """WGS84 geometries in metres; None stays None."""
    metric: NDArray[np.object_] = shapely.transform(
        shapes, lambda at: np.column_stack(crs.forward(at[:, 0], at[:, 1]))
    )
    return metric


def site_links(
    units: Units, policy: Policy, tick: Callable[[], None] = lambda: None
) -> tuple[NDArray[np.int64], list[Link]]:
    """Links by the policy: rows, shape (m, 2), first before second by id, and what each is.

    `tick` is called between steps; what it raises ends the work.
    """
    rows = np.flatnonzero(units.placed)
    if len(rows) < 2:
        return np.zeros((0, 2), np.int64), []
    pairs = shape_pairs_within(units.shapes_m[rows], policy.radius_m)
    i = rows[pairs.i].astype(np.int32)
    j = rows[pairs.j].astype(np.int32)
    tick()
    return _links(units, i, j, pairs.distance_m, policy)


def links_of(units: Units, row: int, policy: Policy) -> list[Link]:
    """The links of one unit by the policy: those that `site_links` finds for it among all."""
    others = np.flatnonzero(units.placed)
    metres = shapely.distance(units.shapes_m[row], units.shapes_m[others])
    near = (metres <= policy.radius_m) & (others != row)
    first, second = np.minimum(others[near], row), np.maximum(others[near], row)
    i, j = first.astype(np.int32), second.astype(np.int32)
    return _links(units, i, j, metres[near], policy)[1]


def links_to(units: Units, lead: int, others: Sequence[int], policy: Policy) -> list[Link]:
    """A link of a lead with each of some units at any distance (NaN where one has no place)."""
    j = np.array(others, np.int32)
    i = np.full(len(j), lead, np.int32)
    depth = industry_depth(units.industries, i, j)
    business = business_likeness(units.tags, i, j, policy)
    metres = shapely.distance(units.shapes_m[i], units.shapes_m[j])
    score = link_score(np.full(len(j), policy.radius_m), depth, business, policy.radius_m, policy)
    found = []
    for at, other in enumerate(others):
        a, b = sorted((lead, other))
        told = (float(metres[at]), int(depth[at]), float(business[at]), float(score[at]))
        found.append(_link(units, a, b, *told))
    return found


def common_code(units: Units, row: int, depth: int) -> str:
    """The industry code of a unit down to a depth: what it shares with another."""
    if depth <= 0:
        return ""
    section = chr(int(units.industries.level[row, 0]))
    return section if depth == 1 else f"{units.industries.level[row, depth - 1]:0{depth}d}"


def scale_labels(store: Store) -> dict[str, Text]:
    """The words of an enterprise's scale by code."""
    return {one.code: one.label for one in store.spec(LAYER).by_name["scale"].choices}


def told_link(
    units: Units, link: Link, policy: Policy, labels: Mapping[str, Text], *, near: bool = True
) -> dict[str, Any]:
    """A link as it is kept and shown: its three scores, what is shared, the reasons in words."""
    code = common_code(units, bisect_left(units.ids, link.a), link.depth)
    return {
        "a": link.a,
        "b": link.b,
        "distance_m": None if np.isnan(link.distance_m) else round(link.distance_m, 1),
        "industry_depth": None if link.depth < 0 else link.depth,
        "business": None if link.business is None else round(link.business, 4),
        "score": round(link.score, 4) if near else None,
        "shared": [list(one) for one in link.shared],
        "reasons": reasons(link, policy, code, near=near, labels=labels),
    }


def _links(
    units: Units,
    i: NDArray[np.int32],
    j: NDArray[np.int32],
    distance_m: NDArray[np.float64],
    policy: Policy,
) -> tuple[NDArray[np.int64], list[Link]]:
    """Of pairs of units those that are links by the policy, in the order of their rows."""
    depth = industry_depth(units.industries, i, j)
    business = business_likeness(units.tags, i, j, policy)
    score = link_score(distance_m, depth, business, policy.radius_m, policy)
    keep = np.flatnonzero(meets(policy, depth, business, score))
    keep = keep[np.lexsort((j[keep], i[keep]))]
    told = zip(
        *(i[keep].tolist(), j[keep].tolist(), distance_m[keep].tolist()),
        *(depth[keep].tolist(), business[keep].tolist(), score[keep].tolist()),
        strict=True,
    )
    links = [_link(units, *one) for one in told]
    return np.column_stack([i[keep], j[keep]]).astype(np.int64), links


def _link(
    units: Units, a: int, b: int, metres: float, depth: int, business: float, score: float
) -> Link:
    shared = tuple(sorted(units.tag_sets[a] & units.tag_sets[b]))
    known = None if np.isnan(business) else business
    return Link(units.ids[a], units.ids[b], metres, depth, known, score, shared)


def _placed(
    crs: MetricCRS | None, shapes: NDArray[np.object_]
) -> tuple[NDArray[np.object_], NDArray[np.float64], NDArray[np.float64]]:
    """Shapes in metres, and a position inside each, in metres and degrees."""
    nowhere = np.full((len(shapes), 2), np.nan)
    if crs is None:
        return shapes, nowhere, nowhere
    metric = in_metres(crs, shapes)
    metric[~usable(metric)] = None
    has = np.array([shape is not None for shape in metric], bool)
    xy_m, degrees = nowhere.copy(), nowhere.copy()
    inside = shapely.point_on_surface(metric[has])
    xy_m[has] = shapely.get_coordinates(inside)
    degrees[has] = np.column_stack(crs.inverse(*xy_m[has].T))
    return metric, xy_m, degrees


def _hazard_kinds(store: Store) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for (owner, kind), _ in store.count_by(
        Query("risk_points"), "enterprise_id", "accident_type"
    ).items():
        if owner and kind:
            found.setdefault(owner, set()).add(kind)
    for (owner,), _ in store.count_by(Query("hazard_sources"), "enterprise_id").items():
        if owner:
            found.setdefault(owner, set()).add(SOURCE_TAG)
    return found


def _tags(record: dict[str, Any], hazards: set[str]) -> set[tuple[str, str]]:
    """Kinds and tags of a unit. Its scale counts only beside others: alone it says nothing."""
    found = {("hazard", kind) for kind in hazards}
    for column, kind in _TAGS.items():
        text = unicodedata.normalize("NFKC", str(record[column] or "")).casefold()
        found |= {(kind, part.strip()) for part in text.split(";") if part.strip()}
    if found and record["scale"]:
        found.add(("scale", record["scale"]))
    return found
