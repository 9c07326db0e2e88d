"""Covering by trying every plan: slow, readable, for a handful of candidates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations


def cover(reached: Sequence[Iterable[int]], weight: Sequence[float], plan: Iterable[int]) -> float:
    """The weight of the demands that any candidate of the plan reaches."""
    met = {demand for candidate in plan for demand in reached[candidate]}
    return sum(weight[demand] for demand in met)


def fewest(
    reached: Sequence[Iterable[int]],
    weight: Sequence[float],
    needed: float,
    existing: Sequence[int] = (),
    forbidden: Sequence[int] = (),
) -> tuple[int, float] | None:
    """The fewest new sites that reach what is needed, and the best cover with so many."""
    free = [c for c in range(len(reached)) if c not in existing and c not in forbidden]
    for p in range(len(free) + 1):
        best = max(cover(reached, weight, [*existing, *new]) for new in combinations(free, p))
        if best >= needed - 1e-9:
            return p, best
    return None
