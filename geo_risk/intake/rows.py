"""The outcome of cleaning a table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .model import Finding


@dataclass(frozen=True)
class Rows:
    """Clean rows and what was found; `len(records) + len(rejects) == total`.

    Attributes
    ----------
    records : the layer's fields, typed (None when empty), and `row`, the row number.
    x, y : positions in the declared datum, shape (n,), NaN where there is none.
    geometry : shape (n,), shapely polygons or lines, valid and 2-D; None for a point or nothing.
    findings : rejects, and notes of what was mended or left out.
    filtered : rows that `where` left out; they are not in `total`.
    """

    records: list[dict[str, object]]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    geometry: NDArray[np.object_]
    findings: list[Finding]
    filtered: int
    total: int

    @property
    def rejects(self) -> list[Finding]:
        """The rows that are not taken in."""
        return [finding for finding in self.findings if finding.outcome == "rejected"]
