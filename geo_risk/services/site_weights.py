"""What a demand counts: its weight times that of its grade."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from geo_risk.errors import Text, UsageError

from .site_files import Demand, Floats

GRADES = ("red", "orange", "yellow", "blue", "no_data")
DEFAULT_WEIGHTS = (8.0, 4.0, 2.0, 1.0)


def grade_weights(text: str = "") -> dict[str, float]:
    """`8,4,2,1` as a weight per grade; what has no grade counts like the least of them.

    `UsageError` `weights_invalid`.
    """
    parts = text.split(",") if text else [str(value) for value in DEFAULT_WEIGHTS]
    try:
        values = [float(part) for part in parts]
    except ValueError:
        values = []
    if len(values) != 4 or not all(0 <= value < 1e9 for value in values):
        raise UsageError(
            "weights_invalid",
            Text("权重不正确", "The weights are not valid"),
            where="--weights",
            got=text,
            fix=Text("写作 红,橙,黄,蓝，如 8,4,2,1", "Write red,orange,yellow,blue, as 8,4,2,1"),
        )
    return dict(zip(GRADES, [*values, min(values)], strict=True))


def weights_of(demand: Demand, by_grade: Mapping[str, float] | None) -> Floats:
    """Each demand's weight, times that of its grade where there are grades, shape (n,)."""
    if demand.grades is None or by_grade is None:
        return demand.weight
    return demand.weight * np.array([by_grade[grade] for grade in demand.grades], np.float64)
