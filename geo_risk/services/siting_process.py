"""Siting as a process: the options of `geo-risk site`, with tables inline or of a layer."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from geo_risk.errors import Text, UsageError
from geo_risk.jobs import Progress
from geo_risk.siting.solution import Progress as Now
from geo_risk.store import Store

from . import siting
from .layer_files import points_of, write_columns
from .process_inputs import Input
from .site_questions import Sources, curve_limit, folds, grade_weights, question
from .site_solvers import Question
from .watching import Watch, job_seconds

MODELS = ("cover", "set-cover", "median", "center", "curve")
_MOST_ROWS = 20_000
_MOST_SECONDS = 3_600
_TEXTS = {"type": "array", "items": {"type": "string"}, "maxItems": _MOST_ROWS}
_NUMBERS = {"type": "array", "items": {"type": "number"}, "maxItems": _MOST_ROWS}
_ENDS = {"demand": _TEXTS, "candidate": _TEXTS}
_OWN = ("p", "budget", "min_per_town", "capacity", "allow_unreachable")


def inputs() -> dict[str, Input]:
    """What may be given: each name is the option of the command, with underscores."""
    place = {"id": _TEXTS, "lon": _NUMBERS, "lat": _NUMBERS, "town": _TEXTS}
    demand = {**place, "weight": _NUMBERS, "grade": _TEXTS}
    candidates = {**place, "cost": _NUMBERS, "status": _TEXTS, "capacity": _NUMBERS}
    number = {"type": "integer", "minimum": 0, "maximum": 100_000}
    metres = {"type": "number", "minimum": 0, "maximum": 10_000_000}
    return {
        "model": Input(Text("模型", "Model"), {"type": "string", "enum": list(MODELS)}, True),
        "demand": _columns(Text("需求点，按列", "Demand by columns"), demand),
        "candidates": _columns(Text("候选点，按列", "Candidates by columns"), candidates),
        "demand_layer": Input(Text("或本库的图层", "Or a layer of the store"), {"type": "string"}),
        "candidate_layer": Input(Text("或本库的图层", "Or a layer of it"), {"type": "string"}),
        "radius_m": Input(Text("半径(米)", "Radius in metres"), metres),
        "sphere_m": Input(Text("球半径(米)", "Radius of the sphere"), metres),
        "reach": _columns(Text("谁够得着谁", "Who reaches whom"), _ENDS),
        "cost": _columns(Text("费用表", "Table of costs"), {**_ENDS, "cost": _NUMBERS}),
        "p": Input(Text("新增个数", "How many new ones"), number),
        "p_max": Input(Text("曲线到多少个", "Up to how many, for a curve"), number),
        "budget_max": Input(
            Text("曲线到多少费用", "Up to how much money, for a curve"),
            {"type": "number", "minimum": 0},
        ),
        "steps": Input(
            Text("费用分几步", "Steps of the budget"),
            {"type": "integer", "minimum": 1, "maximum": 1000, "default": 20},
        ),
        "plans": Input(
            Text("另给几个相近的方案", "Other plans nearly as good"),
            {"type": "integer", "minimum": 0, "maximum": 50},
        ),
        "budget": Input(Text("费用上限", "Money for new ones"), {"type": "number", "minimum": 0}),
        "weights": Input(Text("红,橙,黄,蓝的权重", "Weights by grade"), {"type": "string"}),
        "min_per_town": Input(Text("每镇至少", "At least in each town"), number),
        "k_fold": Input(Text("多重覆盖", "How many must reach"), {"type": "string"}),
        "capacity": Input(Text("按容量", "Heed the capacities"), {"type": "boolean"}),
        "allow_unreachable": Input(Text("够不着的不算", "Cover the rest"), {"type": "boolean"}),
        "seed": Input(Text("种子", "Seed"), {**number, "default": 0}),
        "time_limit": Input(
            Text("秒", "Seconds"),
            {"type": "number", "minimum": 0, "maximum": _MOST_SECONDS, "default": 60.0},
        ),
    }


def outputs() -> dict[str, Input]:
    """The members of a plan that stand in every result."""
    return {
        "chosen": Input(Text("选中的点", "Chosen candidates"), {"type": "array"}),
        "objective": Input(Text("目标值", "Objective"), {"type": "number"}),
        "bound": Input(Text("界", "Bound"), {"type": "number"}),
        "gap": Input(Text("差距", "Gap"), {"type": "number"}),
        "status": Input(Text("是否已证明最优", "Whether it is proved"), {"type": "string"}),
    }


def run(store: Store, given: dict[str, Any], progress: Progress) -> Mapping[str, Any]:
    """The plan or curve of what was given; errors as the command has them."""
    with tempfile.TemporaryDirectory(prefix="geo_risk-") as folder:
        asked = _question(store, given, Path(folder))

    def report(now: Now) -> None:
        zh = f"目标 {now.objective:,.6g}，界 {now.bound:,.6g}"
        progress(0, 1, Text(zh, f"objective {now.objective:,.6g}, bound {now.bound:,.6g}"))

    watch = Watch(job_seconds(given["time_limit"]), progress.stop, report)
    if given["model"] == "curve":
        limit = curve_limit(given.get("p_max"), given.get("budget_max"), given["steps"])
        found = siting.curve(asked, limit, watch)
    else:
        found = siting.answered(asked, watch)
    progress(1, 1)
    return found


def _columns(title: Text, properties: Mapping[str, Any]) -> Input:
    return Input(title, {"type": "object", "properties": properties})


def _plans(plans: int, model: str) -> int:
    if model not in ("cover", "median"):
        raise UsageError(
            "options_contradict",
            Text("这个模型没有相近的方案", "This model gives no other plans"),
            where="inputs.plans",
            got=model,
            fix=Text("用 cover 或 median", "Use cover or median"),
        )
    return plans


def _question(store: Store, given: dict[str, Any], folder: Path) -> Question:
    """Through files, so that what comes over HTTP is read by the one reader there is."""
    tables = {name: given.get(name) for name in ("demand", "candidates", "reach", "cost")}
    for name, layer in (("demand", "demand_layer"), ("candidates", "candidate_layer")):
        if tables[name] is None and given.get(layer):
            tables[name] = points_of(store, given[layer])
    paths = {
        name: write_columns(folder / f"{name}.csv", table)
        for name, table in tables.items()
        if table
    }
    sources = Sources(**paths, radius_m=given.get("radius_m"), sphere_m=given.get("sphere_m"))
    parameters = {name: given.get(name) for name in _OWN}
    if given.get("plans"):
        parameters["plans"] = _plans(given["plans"], given["model"])
    parameters["weights"] = grade_weights(given.get("weights", ""))
    parameters["k_fold"] = folds(given.get("k_fold", ""))
    model = "cover" if given["model"] == "curve" else given["model"]
    return question(model, sources, parameters, given["seed"])
