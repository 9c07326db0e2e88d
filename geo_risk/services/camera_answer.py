"""A camera plan as a GeoJSON FeatureCollection that holds all it rests on."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo_risk import __version__
from geo_risk.errors import Text
from geo_risk.siting.camera_choice import Phases
from geo_risk.siting.least_shares import Shared
from geo_risk.siting.reach import Reach

from .camera_figures import by_town, counted, features, in_view, masks, shares_met
from .camera_models import Model
from .camera_options import CameraOptions, CameraSources
from .camera_scene import Scene
from .camera_sites import Sites
from .site_plans import KIND, Plan, input_hash, inputs

GENERATED = Text("在生成路网上的方法演示", "method demonstration on generated roads")


@dataclass(frozen=True)
class Answer:
    """All that a plan tells."""

    scene: Scene
    sites: Sites
    reach: Reach
    weight: NDArray[np.float64]
    found: Shared
    order: Phases
    model: Model
    options: CameraOptions

    def plan(self, sources: CameraSources, left_out: dict[str, Any], seconds: float) -> Plan:
        """The plan; `left_out` is what was said of the places for cameras."""
        scene, sites, solution = self.scene, self.sites, self.found.solution
        given = inputs(scene.aims.demand, sites.candidates(scene.crs), self.reach)
        parameters = self._parameters(sources)
        seen = masks(sites, solution.chosen, scene.aims)
        decimals = 0 if scene.synthetic else 1
        rows = in_view(scene.aims, self.weight, seen, decimals)
        towns = by_town(scene.aims, self.weight, seen, decimals, self._town_of_new())
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
            **({"by_town": towns} if scene.aims.towns else {}),
            "min_grade_share": shares_met(rows, self.options.min_grade_share, self.found.free),
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
        for name in ("seed", "curve"):
            del asked[name]
        files = {name: path.name for name, path in asdict(sources).items() if path is not None}
        return {**asked, "files": files}

    def _town_of_new(self) -> NDArray[np.int64]:
        """The town (a row) of each new camera, -1 for none; nothing without towns."""
        if self.scene.aims.towns is None:
            return np.empty(0, np.int64)
        new = self.order.row
        lonlat = self.scene.crs.inverse(self.sites.x_m[new], self.sites.y_m[new])
        return self.scene.aims.towns.towns.at(*lonlat)

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
            *(self.sites, self.found.solution.chosen, self.scene.among, self.scene.crs, self.order),
            model=self.model.name,
            chord_m=self.options.chord_m,
            target_height_m=self.model.view.target_height_m,
        )
