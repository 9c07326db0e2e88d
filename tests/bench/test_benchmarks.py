"""Every benchmark runs at a tiny size and its answers agree, so that none rots."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.__main__ import HEADS, TINY, cells, modules

NAMES = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_runs_and_its_answers_agree(name: str):
    (module,) = modules([name.removeprefix("bench_")])
    rows = module.rows(getattr(module, "TINY", TINY))
    if not rows:
        pytest.skip(f"{name} needs GEO_RISK_TEST_POSTGIS_URL")
    for row in rows:
        assert row["answers_agree"] is not False
        assert row["ours_cpu_s"] >= 0
        assert row["ratio"] is None or row["ratio"] >= 0
        assert len(cells(row)) == len(HEADS)
