"""Cameras that really see: from buildings, roads, graded points and a model to a checkable plan.

The model, every symbol and the limits: docs/methods/cameras.md.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_risk import __version__
from geo_risk.datums import MetricCRS, metric_crs
from geo_risk.errors import Text, UsageError
from geo_risk.siting.camera_choice import Phases, phased
from geo_risk.siting.cover import max_cover
from geo_risk.siting.reach import Reach
from geo_risk.siting.solution import Report, Solution, Stop, never, silent
from geo_risk.siting.walls import Walls, walls

from .camera_demand import GRADES, Targets, Weighing, targets
from .camera_figures import counted, features, in_view, masks, shares_met
from .camera_ground import (
    Ground,
    in_metres,
    read_areas,
    read_buildings,
    read_ground,
    read_hanging,
    read_lines,
)
from .camera_models import Model
from .camera_sites import Sites, auto_stands, both, given_stands, hanging_sites, new_sites
from .site_files import read_demand
from .site_plans import KIND, Plan, input_hash, inputs
from .site_questions import grade_weights

Shapes = NDArray[np.object_]
AUTO = "auto"
GENERATED = Text("在生成路网上的方法演示", "method demonstration on generated roads")
_NO_SHAPES: Shapes = np.empty(0, object)


@dataclass(frozen=True)
class CameraSources:
    """The files of a camera plan; `candidates` None is auto."""

    buildings: Path
    roads: Path | None = None
    demand: Path | None = None
    candidates: Path | None = None
    existing: Path | None = None
    privacy: Path | None = None
    areas: Path | None = None


@dataclass(frozen=True)
class CameraOptions:
    """How many cameras or how much money, and how candidates, demand and figures are made.

    `weights` by grade (`no_data` too), `min_grade_share` by grade as shares of 1, `phases` as
    cameras or money. Lengths in metres; `facade_every_m` 0 is no place on façades.
    """

    p: int | None = None
    budget: float | None = None
    weights: Mapping[str, float] = field(default_factory=lambda: grade_weights(""))
    min_grade_share: Mapping[str, float] = field(default_factory=dict)
    phases: Sequence[float] = ()
    seed: int = 0
    every_m: float = 20.0
    kerb_m: float = 4.0
    facade_every_m: float = 20.0
    level_m: float = 3.0
    chord_m: float = 0.1
    weighing: Weighing = field(default_factory=Weighing)


@dataclass(frozen=True)
class Watch:
    """When a plan must do as it is, when the work is to end, and who hears of its progress."""

    out_of_time: Stop = never
    cancelled: Stop = never
    report: Report = silent


def options_of(asked: Mapping[str, Any]) -> CameraOptions:
    """Options by their names, weights, shares and phases as people write them.

    `UsageError` `weights_invalid`, `shares_invalid`, `phases_invalid`.
    """
    given = dict(asked)
    weighing = Weighing(**{one.name: given.pop(one.name) for one in fields(Weighing)
                           if one.name in given})  # fmt: skip
    return CameraOptions(
        weights=grade_weights(given.pop("weights", "")),
        min_grade_share=grade_shares(given.pop("min_grade_share", "")),
        phases=phase_limits(given.pop("phases", "")),
        weighing=weighing,
        **given,
    )


def plan_cameras(
    sources: CameraSources,
    model: Model,
    options: CameraOptions,
    watch: Watch = Watch(),
) -> Plan:
    """The plan as a GeoJSON FeatureCollection that holds all it rests on.

    Raises what reading the files raises; `UsageError` `limit_invalid`, `number_invalid`,
    `demand_none`, `candidates_none`; `GeoRiskError` `stopped` where it was cancelled before
    there was a plan.
    """
    _check(options)
    begin = time.monotonic()
    scene = _scene(sources, options)
    sites, told = _sites(sources, scene, model, options, watch.cancelled)
    reach = sites.reach(len(scene.aims.x_m))
    weight = _weights(scene.aims, options.weights)
    solution = max_cover(
        reach,
        weight,
        p=options.p,
        budget=options.budget,
        cost=sites.cost if options.budget is not None else None,
        existing=sites.existing,
        seed=options.seed,
        stop=lambda: watch.out_of_time() or watch.cancelled(),
        report=watch.report,
    )
    price = np.ones(len(sites)) if options.budget is None else sites.cost
    order = phased(reach, weight, price, solution.chosen, sites.existing, options.phases)
    answer = _Answer(scene, sites, reach, weight, solution, order, model, options)
    return answer.plan(sources, told, time.monotonic() - begin)


@dataclass(frozen=True)
class _Scene:
    """What was read, in metres, and what is to be said of it."""

    crs: MetricCRS
    among: Walls
    roads_m: Shapes
    zones_m: Shapes
    aims: Targets
    synthetic: bool
    told: dict[str, Any]


def _scene(sources: CameraSources, options: CameraOptions) -> _Scene:
    files = {
        name: read_ground(path)
        for name in ("buildings", "roads", "areas", "privacy")
        if (path := getattr(sources, name)) is not None
    }
    points = read_demand(sources.demand) if sources.demand is not None else None
    crs = _crs([files[name] for name in ("roads", "buildings") if name in files])
    town = read_buildings(files["buildings"], crs, options.level_m)
    told: dict[str, Any] = {"buildings": town.told}
    roads_m = areas_m = zones_m = _NO_SHAPES
    if "roads" in files:
        roads_m, told["roads"] = read_lines(files["roads"], crs)
    if "areas" in files:
        areas_m = read_areas(files["areas"], crs)
        told["areas"] = {"n": len(areas_m)}
    if "privacy" in files:
        zones_m = read_areas(files["privacy"], crs)
        told["privacy"] = {"n": len(zones_m)}
    among = walls(town.of)
    if points is not None:
        in_metres(crs, np.asarray(shapely.points(points.lon, points.lat), dtype=object))
    aims, moved = targets(crs, among, points, roads_m, areas_m, options.weighing)
    told["demand"] = {"n": len(aims.x_m), **moved}
    synthetic = any(file.synthetic for file in files.values())
    return _Scene(crs, among, roads_m, zones_m, aims, synthetic, told)


def _crs(files: Sequence[Ground]) -> MetricCRS:
    """That of the first file that holds any shape."""
    file = next((one for one in files if len(one.shapes)), files[-1])
    west, south, east, north = shapely.bounds(file.shapes).reshape(-1, 4).T
    return metric_crs((west + east) / 2.0, (south + north) / 2.0)


def _sites(
    sources: CameraSources, scene: _Scene, model: Model, options: CameraOptions, stop: Stop
) -> tuple[Sites, dict[str, Any]]:
    """Cameras that hang and those that may hang, and what was left out."""
    among, aims = scene.among, scene.aims
    if sources.candidates is None:
        spaced = (options.every_m, options.kerb_m, options.facade_every_m)
        stands = auto_stands(among, scene.roads_m, *spaced)
    else:
        stands = given_stands(among, scene.crs, sources.candidates)
    sites, views = new_sites(among, model.view, stands, aims, scene.zones_m, stop)
    told: dict[str, Any] = {"candidates": {**stands.told, **views}}
    if sources.existing is not None:
        hanging = read_hanging(read_ground(sources.existing))
        there, told["existing"] = hanging_sites(
            among, scene.crs, hanging, model.view, aims, scene.zones_m
        )
        sites = both(there, sites)
    return sites, told


def _weights(aims: Targets, by_grade: Mapping[str, float]) -> NDArray[np.float64]:
    grades = aims.demand.grades or []
    return aims.demand.weight * np.array([by_grade[grade] for grade in grades], np.float64)


@dataclass(frozen=True)
class _Answer:
    """All that a plan tells."""

    scene: _Scene
    sites: Sites
    reach: Reach
    weight: NDArray[np.float64]
    solution: Solution
    order: Phases
    model: Model
    options: CameraOptions

    def plan(self, sources: CameraSources, left_out: dict[str, Any], seconds: float) -> Plan:
        scene, sites, solution = self.scene, self.sites, self.solution
        given = inputs(scene.aims.demand, sites.candidates(scene.crs), self.reach)
        parameters = self._parameters(sources)
        seen = masks(sites, solution.chosen, scene.aims)
        rows = in_view(scene.aims, self.weight, seen, 0 if scene.synthetic else 1)
        return {
            "type": "FeatureCollection",
            "kind": KIND,
            "model": "cover",
            "subject": "cameras",
            "label": dict(GENERATED) if scene.synthetic else None,
            "chosen": [sites.ids[row] for row in solution.chosen.tolist()],
            "objective": float(solution.objective),
            "bound": float(solution.bound),
            "gap": float(solution.gap) if math.isfinite(solution.gap) else None,
            "status": solution.status,
            "seconds": round(seconds, 3),
            "solver": f"geo_risk {__version__}",
            "seed": self.options.seed,
            "input_hash": input_hash("cover", parameters, given),
            "parameters": parameters,
            "camera": self.model.as_json(),
            "cover": counted(scene.aims, seen.after),
            "in_view": rows,
            "min_grade_share": shares_met(rows, self.options.min_grade_share),
            "phases": self._phases(),
            "read": {**scene.told, **left_out},
            "unreached": {"n": len(self.reach.unreached)},
            "features": self._features(),
            "inputs": given,
        }

    def _parameters(self, sources: CameraSources) -> dict[str, Any]:
        asked = asdict(self.options)
        asked["weights"] = dict(self.options.weights)
        asked["phases"] = list(self.options.phases)
        asked["camera"] = self.model.as_json()
        del asked["seed"]
        files = {name: path.name for name, path in asdict(sources).items() if path is not None}
        return {**asked, "files": files}

    def _phases(self) -> list[dict[str, Any]]:
        """Each phase with its cameras, what it costs, and the weight in view after it."""
        total = float(self.weight.sum())
        told = []
        for at, (spent, cover) in enumerate(zip(self.order.spent, self.order.cover, strict=True)):
            rows = self.order.row[self.order.phase == at + 1]
            share = cover / total if total else 0.0
            told.append({
                "phase": at + 1,
                "cameras": [self.sites.ids[row] for row in rows],
                "spent": round(float(spent), 6),
                "in_view": round(float(cover), 6),
                "share": round(float(share), 4),
            })  # fmt: skip
        return told

    def _features(self) -> list[dict[str, Any]]:
        return features(
            *(self.sites, self.solution.chosen, self.scene.among, self.scene.crs, self.order),
            model=self.model.name,
            chord_m=self.options.chord_m,
            target_height_m=self.model.view.target_height_m,
        )


def grade_shares(text: str) -> dict[str, float]:
    """`red=0.9,orange=0.7` as least shares; `UsageError` `shares_invalid`."""
    found: dict[str, float] = {}
    for part in filter(None, text.split(",")):
        grade, _, share = (piece.strip() for piece in part.partition("="))
        values = _numbers(share)
        if grade not in GRADES or len(values) != 1 or not 0 <= values[0] <= 1:
            fix = Text("写作 red=0.9,orange=0.7", "Write red=0.9,orange=0.7")
            words = Text("等级的最低比例不正确", "A least share of a grade is not valid")
            raise UsageError("shares_invalid", words, where="--min-grade-share", got=part, fix=fix)
        found[grade] = values[0]
    return found


def phase_limits(text: str) -> list[float]:
    """`10,10,20` as the limits of phases; `UsageError` `phases_invalid`."""
    values = _numbers(text) if text else []
    if text and not (0 < len(values) <= 100 and all(0 < value < 1e12 for value in values)):
        fix = Text("写作 10,10,20", "Write 10,10,20")
        words = Text("分期不正确", "The phases are not valid")
        raise UsageError("phases_invalid", words, where="--phases", got=text, fix=fix)
    return values


def _numbers(text: str) -> list[float]:
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError:
        return []
    return found if all(map(math.isfinite, found)) else []


def _check(options: CameraOptions) -> None:
    """`UsageError` for what cannot be asked."""
    if (options.p is None) == (options.budget is None):
        fix = Text("给出 --p 或 --budget 之一", "Give one of --p and --budget")
        words = Text("上限不明确", "The limit is not clear")
        raise UsageError("limit_invalid", words, where="--p, --budget", fix=fix)
    weighing = options.weighing
    for name, value, low, high in (
        ("--every", options.every_m, 1.0, 10_000.0),
        ("--kerb", options.kerb_m, 0.0, 100.0),
        ("--facade-every", options.facade_every_m, 0.0, 10_000.0),
        ("--level-height", options.level_m, 2.0, 10.0),
        ("--chord", options.chord_m, 0.01, 10.0),
        ("--step", weighing.step_m, 0.5, 1_000.0),
        ("--area-step", weighing.area_step_m, 0.5, 1_000.0),
        ("--metres-per-point", weighing.metres_per_point, 0.001, 1e9),
        ("--m2-per-point", weighing.m2_per_point, 0.001, 1e12),
    ):
        if not low <= value <= high:
            words = Text("数值不正确", "The number is not valid")
            fix = Text(f"{low:g} 到 {high:g}", f"From {low:g} to {high:g}")
            raise UsageError("number_invalid", words, where=name, got=f"{value:g}", fix=fix)
