"""Cameras that really see: from buildings, roads, graded points and a model to a checkable plan.

The model, every symbol and the limits: docs/methods/cameras.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from geo_risk.datums import MetricCRS
from geo_risk.errors import Text
from geo_risk.siting.camera_choice import phased
from geo_risk.siting.curve import cover_curve
from geo_risk.siting.least_shares import Least, Shared, max_cover_with_shares
from geo_risk.siting.reach import Floats, Reach
from geo_risk.siting.solution import Report, Solution, Stop
from geo_risk.vocabulary import GRADES, Grade

from .camera_answer import Answer
from .camera_ground import read_ground, read_hanging
from .camera_models import Model
from .camera_options import CameraOptions, CameraSources, check_options, options_of
from .camera_scene import Scene, read_scene
from .camera_sites import Sites, auto_stands, both, given_stands, hanging_sites, new_sites
from .site_curve import curve_told
from .site_plans import Plan
from .watching import UNWATCHED, Watch

__all__ = ["AUTO", "CameraOptions", "CameraSources", "options_of", "plan_cameras"]

AUTO = "auto"
_CURVE_SHARE = 0.5
"""How much of the time left after the cameras' views are known a curve may take."""
_FREE_SHARE = 0.4
"""How much of a plan's time its forerunner without least shares may take."""
_CURVE_EFFORT = 10
"""Solutions of the LP for each point of a curve: more lowered no bound of the demo's."""


def plan_cameras(
    sources: CameraSources,
    model: Model,
    options: CameraOptions,
    watch: Watch = UNWATCHED,
) -> Plan:
    """The plan as a GeoJSON FeatureCollection that holds all it rests on.

    Raises what reading the files raises; `UsageError` `limit_invalid`, `number_invalid`,
    `demand_none`, `candidates_none`; `InfeasibleError` where least shares cannot be met, or no
    plan that meets them was found; `GeoRiskError` `stopped` where it was cancelled before
    there was a plan.
    """
    check_options(options, sources)
    begin = watch.clock()
    scene = read_scene(sources, options)
    sites, told = _sites(sources, scene, model, options, watch.cancelled)
    reach, weight = sites.reach(len(scene.aims.x_m)), scene.aims.weighed(options.weights)
    asked = _Asked(scene.crs, sites, reach, weight, scene.aims.demand.grades or [], options)
    part = 1.0 - _CURVE_SHARE if options.curve else 1.0
    first, all_ = watch.until(part * _FREE_SHARE), watch.until(part)
    found = asked.solved(first, all_, watch.report)
    solution = found.solution
    curve = asked.curve(solution, watch.until(_CURVE_SHARE)) if options.curve else None
    price = np.ones(len(sites)) if options.budget is None else sites.cost
    order = phased(reach, weight, price, solution.chosen, sites.existing, options.phases)
    answer = Answer(scene, sites, reach, weight, found, order, model, options)
    plan = answer.plan(sources, told, watch.clock() - begin)
    return plan | ({"curve": curve} if curve else {})


@dataclass(frozen=True)
class _Asked:
    """The covering problem that the cameras pose."""

    crs: MetricCRS
    sites: Sites
    reach: Reach
    weight: Floats
    grades: list[str]
    options: CameraOptions

    def solved(self, first: Stop, stop: Stop, report: Report) -> Shared:
        """The plan for p cameras or the budget; the one without least shares ends at `first`."""
        options, grades = self.options, np.array(self.grades, object)
        least = [
            Least(_name(grade, share), grades == grade, share)
            for grade, share in options.min_grade_share.items()
        ]
        return max_cover_with_shares(
            self.reach,
            self.weight,
            least,
            p=options.p,
            budget=options.budget,
            cost=self.sites.cost if options.budget is not None else None,
            existing=self.sites.existing,
            seed=options.seed,
            stop_free=first if least else stop,
            stop=stop,
            report=report,
        )

    def curve(self, solution: Solution, stop: Stop) -> dict[str, Any]:
        """Cover with what hangs already and with 1, 2, … new cameras, beside the plan's own."""
        options, hanging = self.options, self.sites.existing
        found = cover_curve(
            self.reach,
            self.weight,
            options.curve,
            existing=hanging,
            known={} if options.p is None else {options.p: solution},
            seed=options.seed,
            effort=_CURVE_EFFORT,
            stop=stop,
        )
        before = float(self.weight[self.sites.sees(hanging, len(self.weight))].sum())
        plans = [(0, Solution(hanging, before, before, True)), *enumerate(found.plans, 1)]
        places = self.sites.candidates(self.crs)
        total, lonlat = float(self.weight.sum()), (places.lon, places.lat)
        return curve_told(plans, found.knee, total, lonlat, hanging)


def _sites(
    sources: CameraSources, scene: Scene, model: Model, options: CameraOptions, stop: Stop
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


def _name(grade: str, share: float) -> Text:
    """A least share in words."""
    level = GRADES[Grade(grade)].level
    return Text(f"{level['zh']} ≥ {share:.4g}", f"{level['en']} ≥ {share:.4g}")
