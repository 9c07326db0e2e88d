"""Where a camera plan may be written, and its new cameras as a catalogue."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from geo_risk.export.camera_catalogue import catalogue_row, write_catalogue
from geo_risk.export.files import format_of

from .site_plans import Plan


def check_out(path: Path, formats: Collection[str]) -> None:
    """`UsageError` `format_unknown`, `folder_missing` before any work is done."""
    format_of(path, formats)


def write_catalogue_of(path: Path, plan: Plan, form: int) -> None:
    """Write the new cameras of a plan as a catalogue; `form` is their PTZType."""
    rows = []
    for one in plan["features"]:
        told = one["properties"]
        if told["kind"] == "camera" and told["status"] == "new":
            lon, lat = one["geometry"]["coordinates"]
            rows.append(catalogue_row(told, lon, lat, form))
    write_catalogue(path, rows)
