import math

import numpy as np
import pytest

from geo_risk.siting.solution import Solution, gap


@pytest.mark.parametrize(
    ("objective", "bound", "expected"),
    [(100, 100, 0), (100, 101, 0.01), (200, 190, 0.05), (0, 0, 0), (0, 3, math.inf)],
)
def test_the_gap_is_the_distance_to_the_bound_as_a_share(
    objective: float, bound: float, expected: float
) -> None:
    assert gap(objective, bound) == pytest.approx(expected)


def test_without_a_bound_nothing_is_optimal() -> None:
    solution = Solution(np.array([1]), 10.0, math.inf, maximise=True)
    assert solution.status == "feasible"


def test_only_a_bound_makes_a_plan_optimal() -> None:
    chosen = np.array([0, 3])
    assert Solution(chosen, 10.0, 10.0, maximise=True).status == "optimal"
    assert Solution(chosen, 10.0, 10.001, maximise=True).status == "feasible"
