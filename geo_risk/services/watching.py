"""How long solving may take, when it is to end, and who hears of its progress."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from geo_risk import settings
from geo_risk.siting.solution import Report, Stop, never, silent


@dataclass(frozen=True)
class Watch:
    """What watches over the making of a plan.

    limit_s : seconds that solving may take, from when all is read and it is known who reaches
        whom; None for as long as proof takes.
    cancelled : asked often; then the best so far is given, with the bound that it has.
    """

    limit_s: float | None = None
    cancelled: Stop = never
    report: Report = silent
    clock: Callable[[], float] = time.monotonic

    def until(self, part: float = 1.0) -> Stop:
        """A stop when this part of the time has passed from now, or when cancelled."""
        if self.limit_s is None:
            return self.cancelled
        end, clock, cancelled = self.clock() + part * self.limit_s, self.clock, self.cancelled
        return lambda: cancelled() or clock() >= end

    def part(self, share: float) -> Watch:
        """A watch over part of the work, for this share of the time."""
        limit_s = None if self.limit_s is None else share * self.limit_s
        return replace(self, limit_s=limit_s)


def job_seconds(asked_s: float) -> float:
    """How long a job on the server may solve: as asked, at most `GEO_RISK_SITING_SECONDS`."""
    return min(asked_s, settings.number("siting_seconds"))


UNWATCHED = Watch()
"""For as long as proof takes."""
