"""Plans from the register itself: the layers of the store become the files that planning reads.

Which layer serves for what: docs/methods/kept-plans.md.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely

from geo_risk.errors import Text, UsageError
from geo_risk.store import Query, Store
from geo_risk.store.query import Box

from . import site_cameras, site_centres
from .camera_models import model_of
from .centre_inputs import CentreOptions
from .kept_plans import keep
from .layer_files import Columns, points_of, write_columns, write_shapes
from .places import town_code, town_names
from .site_plans import Plan
from .site_questions import folds, grade_weights
from .watching import UNWATCHED, Watch

RISKS = ("risk_points", "hazard_sources")
PLACES = ("enterprises", "targets")
"""What centres are to reach where the register holds no risk point and no hazard source."""
NEW_CENTRES = 4
MARGIN_DEG = 0.004
"""How far around a town buildings and cameras are read: over 350 m up to 28° of latitude."""
WIDE = {"every_m": 60.0, "step_m": 20.0, "facade_every_m": 0.0}
"""Sparser candidates and samples where a whole city is planned at once."""
_ROADS = ("road_class", "oneway", "maxspeed", "synthetic")
_HEIGHTS = ("height_m", "levels", "synthetic")
_VIEWS = ("heading_deg", "field_of_view_deg", "range_m")


@dataclass(frozen=True)
class Purpose:
    """What centres are for: the facilities of this kind stand already and are kept.

    minutes : from dispatch, or on foot to the place. `on_foot`: people walk there, every
        resident counts, and no hazard source may be near; else risk points and hazard sources
        count by grade. `topic`: which clauses are checked.
    """

    title: Text
    kinds: tuple[str, ...]
    minutes: float
    topic: str
    on_foot: bool = False


PURPOSES = {
    "fire_station": Purpose(
        Text("消防站", "Fire stations"), ("fire_station",), 5.0, "fire_station"
    ),
    "rescue_team": Purpose(
        Text("救援队伍", "Rescue teams"), ("fire_station", "rescue_team"), 5.0, "fire_station"
    ),
    "depot": Purpose(Text("应急物资库", "Depots"), ("depot",), 15.0, "depot"),
    "shelter": Purpose(
        Text("应急避难场所", "Shelters"), ("shelter",), 10.0, "shelter", on_foot=True
    ),
}


@dataclass(frozen=True)
class Made:
    """A plan that is not kept yet, its name, and the states of the layers that it rests on."""

    plan: Plan
    name: Text
    read: Mapping[str, int]

    def kept(self, store: Store) -> str:
        """Keep the plan; its id."""
        return keep(store, self.plan, self.name, self.read)


def keep_cameras(store: Store, asked: Mapping[str, Any], watch: Watch = UNWATCHED) -> str:
    """Plan cameras and keep the plan; its id. Errors as of `cameras`."""
    return cameras(store, asked, watch).kept(store)


def keep_centres(store: Store, asked: Mapping[str, Any], watch: Watch = UNWATCHED) -> str:
    """Plan centres and keep the plan; its id. Errors as of `centres`."""
    return centres(store, asked, watch).kept(store)


def cameras(store: Store, asked: Mapping[str, Any], watch: Watch = UNWATCHED) -> Made:
    """Plan cameras for the city or one `town`.

    `asked`: `p` and the options of `site cameras` by their names, `camera` a model's name.
    `UsageError` `town_unknown`, `layer_empty`, and what `plan_cameras` raises.
    """
    given = dict(asked)
    names = town_names(store)
    town = town_code(names, given.pop("town", ""))
    model = model_of(given.pop("camera"))
    states = store.layer_states()
    options = site_cameras.options_of(given if town else WIDE | given)
    with tempfile.TemporaryDirectory(prefix="geo_risk-") as folder:
        sources = _camera_sources(store, Path(folder), town)
        plan = site_cameras.plan_cameras(sources, model, options, watch)
    where = Text(names.get(town, "全市"), names.get(town, "whole city"))
    title = Text(
        f"视频监控 {where['zh']} 新增 {options.p} 台", f"{options.p} new cameras, {where['en']}"
    )
    read = ("buildings", "enterprises", "roads", "cameras", "towns", *RISKS)
    return _made(plan, title, read, states)


def centres(store: Store, asked: Mapping[str, Any], watch: Watch = UNWATCHED) -> Made:
    """Plan centres of a `purpose` for the city.

    `asked`: `purpose` and the options of `site centres` by their names. `UsageError`
    `layer_empty`, and what `plan_centres` raises.
    """
    given = {name: one for name, one in asked.items() if one is not None}
    purpose = PURPOSES[given.pop("purpose")]
    if not given.keys() & {"p", "cover"}:
        given["p"] = NEW_CENTRES
    given["weights"] = grade_weights(given.pop("weights", ""))
    given["k_fold"] = folds(given.pop("k_fold", ""))
    states = store.layer_states()
    with tempfile.TemporaryDirectory(prefix="geo_risk-") as folder:
        options = CentreOptions(
            candidates=None,
            topic=purpose.topic,
            on_foot=purpose.on_foot,
            to_sites=purpose.on_foot,
            **_centre_files(store, Path(folder), purpose),
            **({"minutes": purpose.minutes} | given),
        )
        plan = site_centres.plan_centres(options, watch)
    n = sum(not one.startswith("facilities/") for one in plan["chosen"])
    minutes = f"{options.minutes:g}"
    title = Text(
        f"{purpose.title['zh']} 新增 {n} 个，{minutes} 分钟",
        f"{purpose.title['en']}: {n} new, {minutes} minutes",
    )
    demand = _demand_layers(store, purpose)
    return _made(plan, title, ("roads", "facilities", "hazard_sources", *demand), states)


def _made(plan: Plan, name: Text, read: tuple[str, ...], states: Mapping[str, int]) -> Made:
    return Made(plan, name, {layer: states.get(layer, 0) for layer in read})


def _camera_sources(store: Store, folder: Path, town: str) -> site_cameras.CameraSources:
    """The files of a camera plan; roads are cut at the town's border, buildings a little beyond."""
    outline = _outline(store, town)
    box = _around(outline)
    paths = {
        name: folder / f"{name}.geojson" for name in ("buildings", "roads", "existing", "towns")
    }
    layer = "buildings" if store.count(Query("buildings", bbox=box)) else "enterprises"
    write_shapes(store, Query(layer, bbox=box), paths["buildings"], _HEIGHTS, cut=_polygons)
    inside = None if outline is None else _within(outline)
    _some(
        "roads",
        write_shapes(store, Query("roads", bbox=box), paths["roads"], _ROADS, cut=inside),
    )
    towns = write_shapes(
        store, Query("towns", ids=(town,) if town else ()), paths["towns"], ("name", "grade")
    )
    hanging = write_shapes(store, Query("cameras", bbox=box), paths["existing"], _VIEWS)
    return site_cameras.CameraSources(
        buildings=paths["buildings"],
        roads=paths["roads"],
        demand=_risks(store, folder / "demand.csv", town),
        existing=paths["existing"] if hanging else None,
        towns=paths["towns"] if towns else None,
    )


def _centre_files(store: Store, folder: Path, purpose: Purpose) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for name in ("roads", "existing", "hazards"):
        paths[name] = folder / f"{name}.geojson"
    _some("roads", write_shapes(store, Query("roads"), paths["roads"], _ROADS))
    layers = _demand_layers(store, purpose)
    demand = _points(store, layers, ("people", "synthetic") if purpose.on_foot else ("synthetic",))
    _some(layers[0], len(demand["id"]))
    if purpose.on_foot:
        demand["weight"] = demand.pop("people")
    paths["demand"] = write_columns(folder / "demand.csv", demand)
    if not write_shapes(store, Query("hazard_sources"), paths["hazards"]):
        del paths["hazards"]
    paths["existing"] = write_columns(folder / "existing.csv", _facilities(store, purpose.kinds))
    return paths


def _facilities(store: Store, kinds: tuple[str, ...]) -> Columns:
    found = points_of(store, "facilities", ("kind",))
    kept = [at for at, kind in enumerate(found.pop("kind")) if kind in kinds]
    columns = {name: [cells[at] for at in kept] for name, cells in found.items()}
    columns["id"] = [f"facilities/{one}" for one in columns["id"]]
    return columns


def _demand_layers(store: Store, purpose: Purpose) -> tuple[str, ...]:
    if purpose.on_foot:
        return ("population",)
    return RISKS if any(store.count(Query(layer)) for layer in RISKS) else PLACES


def _risks(store: Store, path: Path, town: str) -> Path | None:
    """Risk points and hazard sources with their grades and towns; None where there is none."""
    found = _points(store, RISKS, ("synthetic",), town)
    return write_columns(path, found) if found["id"] else None


def _points(
    store: Store, layers: tuple[str, ...], more: tuple[str, ...], town: str = ""
) -> Columns:
    """The placed features of several layers as one table; an id says its layer."""
    tables = []
    for layer in layers:
        found = points_of(store, layer, more, town)
        tables.append(found | {"id": [f"{layer}/{one}" for one in found["id"]]})
    names = dict.fromkeys(name for one in tables for name in one)
    return {
        name: [cell for one in tables for cell in one.get(name, [None] * len(one["id"]))]
        for name in names
    }


def _outline(store: Store, town: str) -> Any | None:
    if not town:
        return None
    rows = store.columns(Query("towns", ids=(town,)), ("geom",))
    if not rows or rows[0][0] is None:
        raise UsageError(
            "town_without_outline",
            Text("这个镇没有边界", "This town has no outline"),
            where="town",
            got=town,
            fix=Text("先导入镇界，或不限镇", "Import its outline first, or plan the whole city"),
        )
    return shapely.from_wkb(rows[0][0])


def _around(outline: Any | None) -> Box | None:
    if outline is None:
        return None
    west, south, east, north = outline.bounds
    return west - MARGIN_DEG, south - MARGIN_DEG, east + MARGIN_DEG, north + MARGIN_DEG


def _within(outline: Any) -> Callable[[Any], Any]:
    shapely.prepare(outline)

    def cut(shape: Any) -> Any:
        parts = shapely.get_parts(shapely.intersection(shape, outline))
        return shapely.MultiLineString([one for one in parts if one.length > 0])

    return cut


def _polygons(shape: Any) -> Any:
    """Areas only: of a building that is but a point nothing is known that hides."""
    areal = shape.geom_type in ("Polygon", "MultiPolygon")
    return shape if areal else shapely.Polygon()


def _some(layer: str, n: int) -> None:
    """`UsageError` `layer_empty` where there is nothing to plan on."""
    if not n:
        raise UsageError(
            "layer_empty",
            Text("图层里没有可用的要素", "The layer has nothing to plan on"),
            where=layer,
            fix=Text(
                "先导入，见 geo-risk import --help", "Import it first: geo-risk import --help"
            ),
        )
