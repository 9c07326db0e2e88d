"""What cannot be met: a plan that does not exist, in words."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo_risk.errors import GeoRiskError, Text

_NAMED = 10
_FIX = Text("放宽其中一项要求", "Relax one of these demands")


class InfeasibleError(GeoRiskError, ValueError):
    """No plan meets what is asked; the message says what cannot be met together.

    `demands` are the rows of demand that stay unserved, ascending, where it is for them.
    """

    exit_code = 4
    status = 422

    def __init__(
        self,
        code: str,
        message: Text,
        *,
        demands: ArrayLike = (),
        where: str = "",
        got: object = None,
        fix: Text | None = None,
    ) -> None:
        self.demands: NDArray[np.int64] = np.asarray(demands, np.int64)
        if len(self.demands) and not where:
            where = "demand rows " + named([str(row) for row in self.demands[: _NAMED + 1]])
        super().__init__(code, message, where=where, got=got, fix=fix or _FIX)


def named(names: list[str]) -> str:
    """The first few names, and a sign that there are more."""
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
