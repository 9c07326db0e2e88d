"""Which marks of a map lie in the same square, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def marks_by_square(places: Sequence[tuple[float, float, Any]], side: float) -> list[list[Any]]:
    """The items of each square that holds any, in the drawing's units."""
    squares: dict[tuple[int, int], list[Any]] = {}
    for x, y, item in places:
        squares.setdefault((int(x // side), int(y // side)), []).append(item)
    return list(squares.values())
