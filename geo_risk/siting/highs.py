"""The HiGHS solver as this package uses it: silent, on one thread, and stopped when asked."""

from __future__ import annotations

import highspy

from .solution import Stop


class QuietHighs(highspy.Highs):
    """HiGHS without its banner, which it writes to standard output when callbacks are enabled."""

    def enableCallbacks(self) -> None:
        """As HiGHS does, but silent first."""
        self.silent()
        super().enableCallbacks()  # type: ignore[no-untyped-call]


def quiet_highs(stop: Stop) -> highspy.Highs:
    """A new solver that ends, with what it has, once `stop` says so."""
    solver = QuietHighs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("threads", 1)
    for event in (solver.cbMipInterrupt, solver.cbSimplexInterrupt):
        event.subscribe(lambda told: told.interrupt() if stop() else None)
    return solver
