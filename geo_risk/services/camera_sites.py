"""Where cameras may hang and do hang, under which headings, and what each of them sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geo_risk.datums import MetricCRS
from geo_risk.errors import GeoRiskError, InputError, Text, UsageError
from geo_risk.siting.camera_choice import undominated
from geo_risk.siting.cameras_views import Camera, Views, candidate_views, existing_views
from geo_risk.siting.candidates import Candidates as Places
from geo_risk.siting.candidates import along_roads, at_points, on_facades
from geo_risk.siting.privacy import looks_into
from geo_risk.siting.reach import Reach, reach_from_table
from geo_risk.siting.solution import Stop
from geo_risk.siting.visibility import sights
from geo_risk.siting.walls import Walls

from .camera_demand import Targets
from .camera_ground import Hanging
from .site_files import Candidates, read_candidates

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]
MOST_PLACES = 200_000
_BLOCK = 16_384
"""Places looked from at a time: what is known of the targets is worked out for each block."""
_BEYOND_M = 1.0
"""Targets a little beyond the range are handed on; the sight itself decides."""


@dataclass(frozen=True)
class Sites:
    """m cameras that hang or may hang, each with its heading, and the targets that it sees.

    Camera i sees `target[starts[i]:starts[i + 1]]`. `heading_deg` is NaN where it is not known;
    `height_m` NaN where every building hides all behind it.
    """

    ids: list[str]
    x_m: Floats
    y_m: Floats
    heading_deg: Floats
    hfov_deg: Floats
    range_m: Floats
    height_m: Floats
    cost: Floats
    status: list[str]
    starts: Ints
    target: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def existing(self) -> Ints:
        """The rows of the cameras that hang already."""
        return np.flatnonzero([state == "existing" for state in self.status])

    def sees(self, rows: Ints, targets: int) -> NDArray[np.bool_]:
        """Which of the targets any of these cameras sees."""
        seen = np.zeros(targets, bool)
        for row in rows.tolist():
            seen[self.target[self.starts[row] : self.starts[row + 1]]] = True
        return seen

    def reach(self, targets: int) -> Reach:
        """Who reaches whom, as the models of siting take it."""
        camera = np.repeat(np.arange(len(self)), np.diff(self.starts))
        return reach_from_table(self.target, camera, demands=targets, candidates=len(self))

    def candidates(self, crs: MetricCRS) -> Candidates:
        """Their part of a plan's inputs."""
        lon, lat = (np.round(part, 7) for part in crs.inverse(self.x_m, self.y_m))
        full = np.full(len(self), np.inf)
        return Candidates(self.ids, lon, lat, self.cost, self.status, full, None)


@dataclass(frozen=True)
class Stands:
    """Places for new cameras with their ids and costs, and what was left out."""

    ids: list[str]
    x_m: Floats
    y_m: Floats
    cost: Floats
    told: dict[str, Any]


def given_stands(among: Walls, crs: MetricCRS, path: Path) -> Stands:
    """The candidates of a file; those inside a building are named and left out, as are forbidden.

    `InputError` `status_unsupported` for existing and required ones, and those of the file.
    """
    read = read_candidates(path)
    for one, state in zip(read.ids, read.status, strict=True):
        if state in ("existing", "required"):
            raise InputError(
                "status_unsupported",
                Text("候选点的状态不适用于摄像机", "A camera's candidate cannot be of this status"),
                where=f"{path.name}, {one}",
                got=state,
                fix=Text("现有摄像机用 --existing", "Give cameras that hang already by --existing"),
            )
    free = np.flatnonzero([state != "forbidden" for state in read.status])
    found = at_points(among, *crs.forward(read.lon[free], read.lat[free]))
    ids = [read.ids[row] for row in free[found.row]]
    inside = [read.ids[row] for row in free[found.inside]]
    told = {
        "n": len(ids),
        "inside_a_building": {"n": len(inside), "ids": inside},
        "forbidden": len(read.ids) - len(free),
    }
    return Stands(ids, found.x_m, found.y_m, read.cost[free[found.row]], told)


def auto_stands(
    among: Walls, roads_m: Shapes, every_m: float, kerb_m: float, facade_every_m: float
) -> Stands:
    """Poles along roads, and places on façades every `facade_every_m` unless that is 0."""
    kinds: list[tuple[str, Places]] = []
    if len(roads_m):
        kinds.append(("road", along_roads(among, roads_m, every_m, kerb_m)))
    if facade_every_m:
        kinds.append(("facade", on_facades(among, facade_every_m)))
    told = {
        name: {"n": len(found), "inside_a_building": {"n": len(found.inside)}}
        for name, found in kinds
    }
    ids = [f"{name}-{row}" for name, found in kinds for row in range(1, len(found) + 1)]
    x_m, y_m = (
        np.concatenate([np.empty(0), *(getattr(found, axis) for _, found in kinds)])
        for axis in ("x_m", "y_m")
    )
    if not ids:
        raise UsageError(
            "candidates_none",
            Text("没有候选点", "There are no candidates"),
            where="--candidates auto",
            fix=Text("给出道路、建筑或候选点", "Give roads, buildings or candidates"),
        )
    return Stands(ids, x_m, y_m, np.ones(len(ids)), {"n": len(ids), **told})


def new_sites(
    among: Walls, camera: Camera, stands: Stands, aims: Targets, zones_m: Shapes, stop: Stop
) -> tuple[Sites, dict[str, int]]:
    """Each place under each heading that is worth choosing, and how many were left out and why.

    `UsageError` `candidates_too_many`; `GeoRiskError` `stopped`.
    """
    n = len(stands.ids)
    if n > MOST_PLACES:
        raise _too_many(n)
    parts = []
    told = {"views": 0, "looking_into_privacy": 0, "not_worth": 0}
    for low in range(0, n, _BLOCK):
        if stop():
            raise _stopped()
        part = slice(low, low + _BLOCK)
        where = (stands.x_m[part], stands.y_m[part], aims.x_m, aims.y_m)
        views = candidate_views(among, camera, *where, zones_m=zones_m)
        kept = undominated(views)
        told["views"] += len(views)
        told["looking_into_privacy"] += int(views.barred.sum())
        told["not_worth"] += len(views) - len(kept)
        parts.append((low + views.place[kept], _rows(views, kept)))
    place = np.concatenate([np.empty(0, np.int64), *(one for one, _ in parts)])
    made = _joined([views for _, views in parts])
    ids = [
        f"{stands.ids[at]}@{heading:g}"
        for at, heading in zip(place.tolist(), made.heading_deg.tolist(), strict=True)
    ]
    return _sites(
        ids, stands.x_m[place], stands.y_m[place], made, camera, stands.cost[place], "candidate"
    ), told


def hanging_sites(
    among: Walls, crs: MetricCRS, hanging: Hanging, model: Camera, aims: Targets, zones_m: Shapes
) -> tuple[Sites, dict[str, Any]]:
    """The cameras that hang already under their own headings; every building hides all behind it.

    Those that look into a privacy zone are named; they stay.

    A field of view or range that the file does not say is the model's. One whose heading is not
    known, where it does not see all round, is credited with nothing, and named, as is one that
    stands inside a building.
    """
    x_m, y_m = crs.forward(hanging.lon, hanging.lat)
    hfov = np.where(np.isnan(hanging.hfov_deg), model.hfov_deg, hanging.hfov_deg)
    far = np.where(np.isnan(hanging.range_m), model.range_m, hanging.range_m)
    blind = np.isnan(hanging.heading_deg) & (hfov < 360.0)
    aimed = np.where(blind, np.nan, np.nan_to_num(hanging.heading_deg))
    seen, prying = _true_sight(among, (x_m, y_m, aimed, hfov, far), aims, zones_m)
    n = len(x_m)
    sites = Sites(
        ids=_numbered([f"existing-{one}" for one in hanging.ids]),
        x_m=x_m,
        y_m=y_m,
        heading_deg=aimed,
        hfov_deg=hfov,
        range_m=far,
        height_m=np.full(n, np.nan),
        cost=np.zeros(n),
        status=["existing"] * n,
        starts=np.append(0, np.cumsum([len(one) for one in seen])).astype(np.int64),
        target=np.concatenate([np.empty(0, np.int32), *seen]),
    )
    inside = among.inside(x_m, y_m)
    told = {
        "n": len(hanging.ids),
        "without_position": _listed(hanging.unplaced),
        "without_heading": _listed([hanging.ids[row] for row in np.flatnonzero(blind)]),
        "inside_a_building": _listed([hanging.ids[row] for row in np.flatnonzero(inside)]),
        "looking_into_privacy": _listed([hanging.ids[row] for row in prying]),
        "field_of_view_assumed": int(np.isnan(hanging.hfov_deg).sum()),
        "range_assumed": int(np.isnan(hanging.range_m).sum()),
    }
    return sites, told


def _true_sight(
    among: Walls, hung: tuple[Floats, ...], aims: Targets, zones_m: Shapes
) -> tuple[list[NDArray[np.int32]], list[int]]:
    """What each camera sees, and which look into a zone; nothing without a heading (NaN).

    `hung`: x, y, heading, field of view and range, shape (n,) each.
    """
    x_m, y_m, aimed, hfov, far = hung
    seen: list[NDArray[np.int32]] = [np.empty(0, np.int32)] * len(x_m)
    prying: list[int] = []
    known = ~np.isnan(aimed)
    targets = cKDTree(np.column_stack([aims.x_m, aims.y_m]))
    for wide, range_m in sorted({*zip(hfov[known].tolist(), far[known].tolist(), strict=True)}):
        rows = np.flatnonzero(known & (hfov == wide) & (far == range_m))
        places = np.column_stack([x_m[rows], y_m[rows]])
        found = targets.query_ball_point(places, range_m + _BEYOND_M)
        near = np.unique(np.concatenate([np.empty(0), *found])).astype(np.int32)
        where = (*places.T, aimed[rows], aims.x_m[near], aims.y_m[near])
        views = existing_views(among, Camera(range_m, wide), *where)
        for at, row in enumerate(rows.tolist()):
            seen[row] = near[views.indices[views.indptr[at] : views.indptr[at + 1]]]
        if len(zones_m):
            ground = sights(among, x_m[rows], y_m[rows], range_m)
            into = looks_into(ground, zones_m, aimed[rows], wide).diagonal()
            prying.extend(rows[into].tolist())
    return seen, sorted(prying)


def both(first: Sites, second: Sites) -> Sites:
    """Two lots of cameras as one."""
    joined = {
        name: np.concatenate([getattr(first, name), getattr(second, name)])
        for name in ("x_m", "y_m", "heading_deg", "hfov_deg", "range_m", "height_m", "cost")
    }
    return replace(
        first,
        **joined,
        ids=_numbered([*first.ids, *second.ids]),
        status=[*first.status, *second.status],
        starts=np.concatenate([first.starts, second.starts[1:] + first.starts[-1]]),
        target=np.concatenate([first.target, second.target]),
    )


def _sites(
    ids: list[str], x_m: Floats, y_m: Floats, views: Views, camera: Camera, cost: Floats, state: str
) -> Sites:
    n = len(ids)
    return Sites(
        ids=ids,
        x_m=x_m,
        y_m=y_m,
        heading_deg=views.heading_deg,
        hfov_deg=np.full(n, camera.hfov_deg),
        range_m=np.full(n, camera.range_m),
        height_m=np.full(n, np.nan if camera.height_m is None else camera.height_m),
        cost=cost,
        status=[state] * n,
        starts=views.indptr,
        target=views.indices,
    )


def _rows(views: Views, kept: Ints) -> Views:
    """Some of the views."""
    size = np.diff(views.indptr)[kept]
    indptr = np.append(0, np.cumsum(size))
    at = np.arange(indptr[-1]) + np.repeat(views.indptr[:-1][kept] - indptr[:-1], size)
    return Views(
        *(indptr, views.indices[at], views.place[kept], views.heading_deg[kept]), views.barred
    )


def _joined(parts: Sequence[Views]) -> Views:
    """Views of several lots of places one after the other; `place` counts within each lot."""
    size = np.concatenate([np.empty(0, np.int64), *(np.diff(one.indptr) for one in parts)])
    columns = [
        np.concatenate([np.empty(0, kind), *(getattr(one, name) for one in parts)])
        for name, kind in (
            ("indices", np.int32),
            ("place", np.int64),
            ("heading_deg", np.float64),
            ("barred", np.int64),
        )
    ]
    return Views(np.append(0, np.cumsum(size)).astype(np.int64), *columns)


def _numbered(ids: Sequence[str]) -> list[str]:
    """Ids that come once each: a second one gets a number behind it."""
    known: dict[str, int] = {}
    found = []
    for one in ids:
        known[one] = known.get(one, 0) + 1
        found.append(one if known[one] == 1 else f"{one}#{known[one]}")
    return found


def _listed(ids: list[str]) -> dict[str, Any]:
    return {"n": len(ids), "ids": ids}


def _too_many(n: int) -> UsageError:
    return UsageError(
        "candidates_too_many",
        Text("候选位置过多", "There are too many places for cameras"),
        where="--every, --facade-every",
        got=f"{n:,} > {MOST_PLACES:,}",
        fix=Text("加大间距，或按镇分开", "Space them wider, or plan town by town"),
    )


def _stopped() -> GeoRiskError:
    return GeoRiskError(
        "stopped",
        Text("还没有方案就停止了", "Stopped before there was a plan"),
        fix=Text("再运行一次", "Run it again"),
    )
