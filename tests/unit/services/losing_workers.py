"""Tasks that end the process they run in, once; workers import them by name."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from geo_risk.services.tiled_pairs import TileDone, TileJob, run_tile


def killed_once(job: TileJob) -> TileDone:
    """The first worker that takes a tile is killed with it in hand."""
    try:
        (Path(job.folder).parent / "killed").open("x").close()
    except FileExistsError:
        return run_tile(job)
    # As if it had begun to write.
    (Path(job.folder) / "part-half").write_bytes(b"ARROW1")
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def killed_always(job: TileJob) -> TileDone:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def interrupted(job: TileJob) -> TileDone:
    """As Ctrl-C in the process that waits, after a first tile."""
    if job.tile:
        os.kill(os.getpid(), signal.SIGINT)
    return run_tile(job)


def worker(_: object) -> int:
    return os.getpid()


def slow_and_known(job: TileJob) -> TileDone:
    """Say who does it, then take longer than any test waits."""
    (Path(job.folder).parent / f"pid-{os.getpid()}").touch()
    time.sleep(600)
    raise AssertionError
