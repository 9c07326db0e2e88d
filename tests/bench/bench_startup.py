"""Start-up: `geo-risk --version` beside a Python that does nothing."""

from __future__ import annotations

import platform
import statistics
from collections.abc import Sequence
from typing import Any

from geo_risk import __version__
from tests.bench.measuring import child

SIZES = (15,)
TINY = (2,)
OURS = "import sys; sys.argv = ['geo-risk', '--version']; from geo_risk.cli import main; main()"


def rows(sizes: Sequence[int]) -> list[dict[str, Any]]:
    """One row for each number of starts; the medians are compared."""
    result = []
    for starts in sizes:
        ours = [child(OURS, expect_json=False) for _ in range(starts)]
        peer = [child("pass", expect_json=False) for _ in range(starts)]
        ours_s = statistics.median(run.cpu_s for run in ours)
        peer_s = statistics.median(run.cpu_s for run in peer)
        result.append(
            {
                "work": "`geo-risk --version`",
                "size": f"median of {starts} starts",
                "peer": "`python -c pass`",
                "peer_version": platform.python_version(),
                "ours_cpu_s": ours_s,
                "peer_cpu_s": peer_s,
                "ratio": ours_s / peer_s,
                "peak_mb": max(run.peak_mb for run in ours),
                "answers_agree": all(__version__ in run.answer for run in ours),
            }
        )
    return result
