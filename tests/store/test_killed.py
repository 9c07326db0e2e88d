"""A kill -9 during an import leaves the store with all of the batch or without it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from geo_risk.services import imports
from geo_risk.store import Query, open_store

ROWS = 4000
RUNS = 20
GRADED, STORED = "4", "5"
"""The steps of `import_file` around the write."""
_IMPORT = """
import sys
from geo_risk.services import imports
from geo_risk.store import open_store
store = open_store(sys.argv[1], create=True)
print("open", flush=True)
def tell(done, total):
    print(done, flush=True)
imports.import_file(store, sys.argv[2], "risk_points", "wgs84", progress=tell)
store.close()
print("closed", flush=True)
"""


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("register") / "rows.csv"
    rows = (
        f"R{i},示例{i},{118.6 + i % 97 / 1000},{24.7 + i % 89 / 1000},3,6,15" for i in range(ROWS)
    )
    path.write_text("编号,名称,经度,纬度,L,E,C\n" + "\n".join(rows) + "\n", "utf-8")
    return path


def _run(target: Path, register: Path, after: str, delay_s: float) -> dict[str, float]:
    """Import in a process of its own, killed some time after a word; when it said which word."""
    child = subprocess.Popen(
        [sys.executable, "-c", _IMPORT, str(target), str(register)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert child.stdout
    said = {"start": time.monotonic()}
    killer = threading.Timer(delay_s, os.killpg, (child.pid, signal.SIGKILL))
    if after == "start":
        killer.start()
    for line in child.stdout:
        said[line.strip()] = time.monotonic()
        if line.strip() == after:
            killer.start()
    killer.cancel()
    child.stdout.close()
    child.wait()
    return said


def _stored(target: Path) -> int:
    """How many features the store holds; asserts that it is sound and of one piece."""
    if not target.exists():
        return 0
    store = open_store(str(target))
    try:
        assert store.check() == []
        count = store.count(Query("risk_points"))
        assert store.count(Query("risk_points", bbox=(118, 24, 119, 25))) == count
        assert len(imports.batches(store)) == (count > 0)
        with store.reading() as connection:
            versions = connection.exec_driver_sql("SELECT count(*) FROM risk_points_history")
            assert versions.scalar() == count
        return count
    finally:
        store.close()


def test_twenty_kills_leave_all_or_nothing(register: Path, tmp_path: Path) -> None:
    said = _run(tmp_path / "whole.gpkg", register, "never", 0)
    assert _stored(tmp_path / "whole.gpkg") == ROWS
    before_writing_s, writing_s = said[GRADED] - said["start"], said[STORED] - said[GRADED]
    small = register.with_name("small.csv")
    small.write_text("编号,名称,经度,纬度,L,E,C\nAFTER,示例,118.6,24.7,3,6,15\n", "utf-8")
    phases = []
    for run in range(RUNS):
        target = tmp_path / f"run{run}.gpkg"
        # Two of three kills fall into the writing, the others into all that comes before.
        after, span_s = (GRADED, writing_s * 1.2) if run % 3 else ("start", before_writing_s)
        delay_s = span_s * run / RUNS
        last = list(_run(target, register, after, delay_s))[-1]
        where = f"run {run}, killed {delay_s:.3f} s after {after}, having said {last}"
        try:
            count = _stored(target)
        except Exception as error:
            raise AssertionError(where) from error
        assert count in (0, ROWS), f"{where}: {count} rows"
        assert count == ROWS or last not in (STORED, "closed"), f"{where}: told stored, but is not"
        phases.append((last, count))
        again = open_store(str(target), create=True)
        assert imports.import_file(again, small, "risk_points", "wgs84").changed == 1, where
        again.close()
    assert phases.count((GRADED, 0)) >= 3, f"too few kills fell into the writing itself: {phases}"
    before = {last for last, _ in phases} - {GRADED, STORED, "closed"}
    assert before, f"none fell before it: {phases}"
