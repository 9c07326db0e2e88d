"""Plans from the register as processes: what may be given, and running them as jobs."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from geo_risk.errors import Text
from geo_risk.jobs import Progress
from geo_risk.reference import table
from geo_risk.siting.solution import Progress as Now
from geo_risk.siting.solution import gap
from geo_risk.store import Store

from . import kept_plans
from .process_inputs import Input
from .register_plans import PURPOSES, Made, cameras, centres
from .watching import Watch, job_seconds

CAMERA_P, CAMERA, CAMERA_CURVE = 40, "bullet-4mp-6", 40
MOST_CAMERAS, MOST_CENTRES, MOST_CURVE = 2_000, 200, 100
_TELL_S = 0.3
_SECONDS = {"type": "number", "minimum": 1, "maximum": 3_600, "default": 60.0}


def _whole(most: int, default: int | None = None) -> dict[str, Any]:
    told: dict[str, Any] = {"type": "integer", "minimum": 0, "maximum": most}
    return told if default is None else told | {"default": default}


def camera_inputs() -> dict[str, Input]:
    """What may be given for cameras: names are those of `site cameras`, with underscores."""
    models = [row["name"] for row in table("camera_models")]
    metres = {"type": "number", "minimum": 1, "maximum": 10_000}
    return {
        "p": Input(Text("新增台数", "New cameras"), _whole(MOST_CAMERAS, CAMERA_P)),
        "town": Input(Text("镇(街道)代码或名称，空为全市", "Town, empty for all"),
                      {"type": "string", "default": ""}),
        "camera": Input(Text("型号", "Model"),
                        {"type": "string", "enum": models, "default": CAMERA}),
        "grade_by": Input(Text("道路按单元格或镇取等级", "Roads take the grade of cell or town"),
                          {"type": "string", "enum": ["cell", "town"], "default": "cell"}),
        "curve": Input(Text("曲线到多少台", "Curve up to"), _whole(MOST_CURVE, CAMERA_CURVE)),
        "weights": Input(Text("红,橙,黄,蓝的权重", "Weights by grade"), {"type": "string"}),
        "min_grade_share": Input(Text("各等级最低比例，如 red=0.9", "Least shares, as red=0.9"),
                                 {"type": "string"}),
        "phases": Input(Text("分期", "Phases"), {"type": "string"}),
        "every_m": Input(Text("沿路间距(米)", "Metres between poles"), metres),
        "step_m": Input(Text("道路取样(米)", "Metres between road samples"), metres),
        "seed": Input(Text("种子", "Seed"), _whole(1_000_000, 0)),
        "time_limit": Input(Text("秒", "Seconds"), _SECONDS),
    }  # fmt: skip


def centre_inputs() -> dict[str, Input]:
    """What may be given for centres: names are those of `site centres`, with underscores."""
    minutes = {"type": "number", "minimum": 0.5, "maximum": 240}
    return {
        "purpose": Input(Text("用途", "Purpose"),
                         {"type": "string", "enum": list(PURPOSES), "default": "fire_station"}),
        "p": Input(Text("新增个数", "New sites"), _whole(MOST_CENTRES)),
        "cover": Input(Text("或最少几个覆盖这个比例", "Or the fewest for this share"),
                       {"type": "number", "minimum": 0, "maximum": 1}),
        "minutes": Input(Text("分钟", "Minutes"), minutes),
        "turnout_s": Input(Text("出动秒数", "Seconds to turn out"),
                           {"type": "number", "minimum": 0, "maximum": 3_600}),
        "curve": Input(Text("曲线到多少个", "Curve up to"), _whole(MOST_CURVE, 10)),
        "crossings": Input(Text("线相交即路口", "Lines meet where they cross"),
                           {"type": "boolean", "default": False}),
        "weights": Input(Text("红,橙,黄,蓝的权重", "Weights by grade"), {"type": "string"}),
        "seed": Input(Text("种子", "Seed"), _whole(1_000_000, 0)),
        "time_limit": Input(Text("秒", "Seconds"), _SECONDS),
    }  # fmt: skip


def outputs() -> dict[str, Input]:
    """The members of the result: the kept plan in short."""
    return {
        "id": Input(Text("方案编号，见 /plans/{id}", "Id of the plan, see /plans/{id}"),
                    {"type": "string"}),
        "share": Input(Text("方案后的比例", "Share after"), {"type": "number"}),
        "gap": Input(Text("差距", "Gap"), {"type": "number"}),
        "status": Input(Text("是否已证明最优", "Whether it is proved"), {"type": "string"}),
    }  # fmt: skip


def run_cameras(store: Store, given: dict[str, Any], progress: Progress) -> Mapping[str, Any]:
    """Plan cameras and keep the plan."""
    return _run(cameras, store, given, progress)


def run_centres(store: Store, given: dict[str, Any], progress: Progress) -> Mapping[str, Any]:
    """Plan centres and keep the plan."""
    return _run(centres, store, given, progress)


def _run(
    work: Callable[[Store, Mapping[str, Any], Watch], Made],
    store: Store,
    given: dict[str, Any],
    progress: Progress,
) -> Mapping[str, Any]:
    limit_s = job_seconds(given.pop("time_limit"))
    begin = told = time.monotonic()

    def report(now: Now) -> None:
        nonlocal told
        moment = time.monotonic()
        if moment - told < _TELL_S:
            return
        told = moment
        share = min(99, round(100 * (moment - begin) / limit_s))
        progress(share, 100, _gap_words(now))

    progress(0, 100, Text("读取底图", "Reading the ground"))
    made = work(store, given, Watch(limit_s, progress.stop, report))
    # Raises where the job was dismissed: then nothing is kept.
    progress(100, 100, Text("存入", "Keeping the plan"))
    key = made.kept(store)
    (found,) = (one for one in kept_plans.listed(store) if one["id"] == key)
    return found


def _gap_words(now: Now) -> Text:
    apart = gap(now.objective, now.bound)
    if not apart < 10:
        return Text("求解", "Solving")
    words = f"{100 * apart:.2g} %"
    return Text(f"离上界 {words}", f"{words} below the bound")
