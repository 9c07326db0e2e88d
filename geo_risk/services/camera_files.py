"""A camera plan as files, and a watch over the work on it."""

from __future__ import annotations

import signal
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from geo_risk.export.camera_catalogue import catalogue_row, write_catalogue
from geo_risk.export.files import format_of

from .site_cameras import Watch
from .site_plans import Plan, write_plan


def check_out(path: Path, formats: Collection[str]) -> None:
    """`UsageError` `format_unknown`, `folder_missing` before any work is done."""
    format_of(path, formats)


def write(path: Path, plan: Plan) -> None:
    """Write a plan as GeoJSON; errors as for `site_plans.write_plan`."""
    write_plan(path, plan)


def write_catalogue_of(path: Path, plan: Plan, form: int) -> None:
    """Write the new cameras of a plan as a catalogue; `form` is their PTZType."""
    rows = []
    for one in plan["features"]:
        told = one["properties"]
        if told["kind"] == "camera" and told["status"] == "new":
            lon, lat = one["geometry"]["coordinates"]
            rows.append(catalogue_row(told, lon, lat, form))
    write_catalogue(path, rows)


@contextmanager
def watched(seconds: float | None) -> Iterator[Watch]:
    """Out of time when so many seconds have passed, cancelled at the first Ctrl-C.

    The second Ctrl-C ends the work.
    """
    end = None if seconds is None else time.monotonic() + seconds
    heard: list[int] = []

    def hear(number: int, _frame: object) -> None:
        if heard:
            raise KeyboardInterrupt
        heard.append(number)

    before = signal.signal(signal.SIGINT, hear)
    try:
        yield Watch(
            out_of_time=lambda: end is not None and time.monotonic() >= end,
            cancelled=lambda: bool(heard),
        )
    finally:
        signal.signal(signal.SIGINT, before)
