"""CPU seconds and peak memory, of this process or of a child with all its descendants."""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SEED = 350581


@dataclass(frozen=True)
class Run:
    """What one child used: CPU seconds with its descendants, peak MB of the largest process."""

    cpu_s: float
    peak_mb: float
    answer: Any


# A small process starts the measured one: a fork of a big one would count the big one's memory.
LAUNCHER = """
import json, os, sys
pid = os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, "-c", *sys.argv[2:]])
_, status, used = os.wait4(pid, 0)
code = os.waitstatus_to_exitcode(status)
with open(int(sys.argv[1]), "w") as out:
    json.dump([code, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024], out)
"""


def installed(package: str) -> bool:
    """Whether a peer is here: some come with the extra `bench` only."""
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True


def child(code: str, *arguments: str | Path, expect_json: bool = True) -> Run:
    """Run `code` in a new Python and measure it; its standard output is the answer, as JSON."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "web")])
    read, write = os.pipe()
    done = subprocess.run(
        [sys.executable, "-S", "-c", LAUNCHER, str(write), code, *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": path},
        stdout=subprocess.PIPE,
        pass_fds=(write,),
        check=True,
    )
    os.close(write)
    with os.fdopen(read) as figures:
        status, seconds, peak_mb = json.load(figures)
    if status:
        raise RuntimeError(f"a measured program failed with {status}")
    said = done.stdout.decode()
    return Run(seconds, peak_mb, json.loads(said.splitlines()[-1]) if expect_json else said)


def cpu_s(work: Callable[[], object], at_least_s: float = 0.5, most: int = 200) -> float:
    """Mean CPU seconds of one call in this process, after one call to warm up."""
    work()
    calls, start = 0, time.process_time()
    while calls < most and (calls == 0 or time.process_time() - start < at_least_s):
        work()
        calls += 1
    return (time.process_time() - start) / calls


def write_points(path: Path, rows: int, bbox: tuple[float, float, float, float]) -> None:
    """A seeded CSV of risk points inside a box of WGS84, headed as clerks head it."""
    draw = random.Random(SEED)
    west, south, east, north = bbox
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["编号", "名称", "经度", "纬度", "L", "E", "C", "管控措施"])
        for number in range(rows):
            lon, lat = draw.uniform(west, east), draw.uniform(south, north)
            scores = [draw.choice([10, 6, 3, 1]), draw.choice([6, 3, 2]), draw.choice([40, 15, 7])]
            name = f"风险点{number}"
            out.writerow([f"R{number}", name, f"{lon:.7f}", f"{lat:.7f}", *scores, "每日巡查"])
