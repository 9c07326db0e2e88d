"""What a camera plan is asked: its files, its options, and their words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from geo_risk.errors import Text, UsageError

from .camera_demand import GRADES, Weighing
from .site_questions import grade_weights

MOST_CURVE = 1_000


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
    towns: Path | None = None


@dataclass(frozen=True)
class CameraOptions:
    """How many cameras or how much money, and how candidates, demand and figures are made.

    `curve` is the most new cameras of a curve, 0 for none. `weights` by grade (`no_data` too),
    `min_grade_share` by grade as shares of 1, `phases` as
    cameras or money. Lengths in metres; `facade_every_m` 0 is no place on façades.
    """

    p: int | None = None
    budget: float | None = None
    weights: Mapping[str, float] = field(default_factory=lambda: grade_weights(""))
    min_grade_share: Mapping[str, float] = field(default_factory=dict)
    phases: Sequence[float] = ()
    curve: int = 0
    seed: int = 0
    every_m: float = 20.0
    kerb_m: float = 4.0
    facade_every_m: float = 20.0
    level_m: float = 3.0
    chord_m: float = 0.1
    weighing: Weighing = field(default_factory=Weighing)


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


def check_options(options: CameraOptions, sources: CameraSources) -> None:
    """`UsageError` for what cannot be asked."""
    if (options.p is None) == (options.budget is None):
        fix = Text("给出 --p 或 --budget 之一", "Give one of --p and --budget")
        words = Text("上限不明确", "The limit is not clear")
        raise UsageError("limit_invalid", words, where="--p, --budget", fix=fix)
    if options.curve and options.p is None:
        fix = Text("曲线按台数：改用 --p", "A curve is by number: give --p")
        words = Text("按费用没有曲线", "There is no curve by money")
        raise UsageError("options_contradict", words, where="--curve, --budget", fix=fix)
    weighing = options.weighing
    if weighing.grade_by not in ("cell", "town"):
        words = Text("等级的来源应为 cell 或 town", "Grades are by cell or by town")
        raise UsageError("grade_by_unknown", words, where="--grade-by", got=weighing.grade_by)
    if weighing.grade_by == "town" and sources.towns is None:
        fix = Text("加 --towns 镇界文件", "Give the towns' areas by --towns")
        words = Text("按镇取等级要有镇界", "Grades by town need the towns")
        raise UsageError("option_missing", words, where="--grade-by town", fix=fix)
    for name, value, low, high in (
        ("--curve", options.curve, 0, MOST_CURVE),
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
