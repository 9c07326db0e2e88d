"""Where a curve of cover bends: the number of sites after which more bring less."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

_FLAT = 1e-9


def knee(cover: ArrayLike) -> int | None:
    """The place in a rising row that lies farthest above the straight line between its ends.

    cover : of 0, 1, … sites, shape (k,). The first of several; None where the row lies nowhere
        above that line (fewer than three values, a straight line).
    """
    values = np.asarray(cover, np.float64)
    if len(values) < 3:
        return None
    line = np.linspace(values[0], values[-1], len(values))
    above = values - line
    at = int(above.argmax())
    return at if above[at] > _FLAT * max(1.0, float(np.abs(values).max())) else None
