"""A unit's joint prevention: who stands within the radius, its links with reasons, its groups."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from geo_risk.export.geojson import geometry_json
from geo_risk.neighbours.group_policies import group_policy_named
from geo_risk.neighbours.groups import Link
from geo_risk.neighbours.likeness import Policy
from geo_risk.neighbours.live import LiveIndex
from geo_risk.store import Store

from . import groups
from .explaining import the_feature
from .group_units import LAYER, Units, links_of, read_units, scale_labels, told_link
from .live_neighbours import up_to_date


def links_around(store: Store, unit_id: str) -> dict[str, Any]:
    """The links of an enterprise as the register stands now, and the groups of the last build.

    Found by the live index under the policy of the last build (the default before the first):
    `radius_m`, its position, the `ring` around it as a WGS84 polygon, `around` (how many units
    stand within), `links` with the other unit, the three scores and the reasons, the best first,
    and `groups` in short. Without a position there is no ring (None) and no link. `NotFoundError`.
    """
    the_feature(store, LAYER, unit_id)
    about = groups.about_groups(store)
    policy = group_policy_named(about["policy"] if about else "").links
    return {
        "id": unit_id,
        "policy": {"name": policy.name, "title": dict(policy.title)},
        "radius_m": policy.radius_m,
        **_found(store, unit_id, policy),
        "groups": groups.listed(store, member=unit_id),
        "built": about is not None,
        "changed_since": about["changed_since"] if about else [],
    }


def _found(store: Store, unit_id: str, policy: Policy) -> dict[str, Any]:
    """Position, ring, number of units around, and links."""
    index = up_to_date(store, LAYER)
    if index is None or unit_id not in index:
        return {"lon": None, "lat": None, "ring": None, "around": 0, "links": []}
    place = index.shape(unit_id)
    near = [one.id for one in index.within(place, policy.radius_m) if one.id != unit_id]
    units = read_units(store, ids=sorted([unit_id, *near]))
    row, labels = units.ids.index(unit_id), scale_labels(store)
    links = [
        {**_other(units, link, unit_id), **told_link(units, link, policy, labels)}
        for link in links_of(units, row, policy)
    ]
    lon, lat = units.lonlat[row].round(6).tolist()
    return {
        "lon": lon,
        "lat": lat,
        "ring": _ring(index, place, policy.radius_m),
        "around": len(near),
        "links": sorted(links, key=lambda one: (-one["score"], one["distance_m"], one["id"])),
    }


def _other(units: Units, link: Link, unit_id: str) -> dict[str, Any]:
    key = link.b if link.a == unit_id else link.a
    row = units.ids.index(key)
    lon, lat = units.lonlat[row].round(6).tolist()
    names = ("name", "grade", "industry")
    return {"id": key, **{name: units.records[row][name] for name in names}, "lon": lon, "lat": lat}


def _ring(index: LiveIndex, place: shapely.Geometry, radius_m: float) -> dict[str, Any] | None:
    """What lies within the radius of a place, as GeoJSON."""
    ring = shapely.buffer(place, radius_m, quad_segs=24)
    return geometry_json(
        shapely.transform(ring, lambda at: np.column_stack(index.crs.inverse(*at.T)))
    )
