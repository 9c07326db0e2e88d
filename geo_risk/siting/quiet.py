"""HiGHS without a word on standard output: its constructor prints unless it is silenced inside."""

from __future__ import annotations

from typing import Any

from .solution import Stop


def quiet_solver(stop: Stop, **options: bool | int | float | str) -> Any:
    """A solver on one thread that ends soon after `stop` says so."""
    import highspy

    base: Any = highspy.Highs

    class Quiet(base):  # type: ignore[misc]
        """Silent before it says who it is."""

        def enableCallbacks(self) -> None:
            """The constructor's last call, and the first that prints."""
            self.setOptionValue("output_flag", False)
            super().enableCallbacks()

    made: Any = Quiet
    solver = made()
    for name, value in (("output_flag", False), ("threads", 1), *options.items()):
        solver.setOptionValue(name, value)
    for moment in (solver.cbMipInterrupt, solver.cbSimplexInterrupt):
        moment.subscribe(lambda event: event.interrupt() if stop() else None)
    return solver
