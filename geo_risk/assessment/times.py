"""Stored moments as people read them: in the machine's own time, with its offset."""

from __future__ import annotations

from datetime import datetime


def local_time(moment: str) -> str:
    """A moment (ISO 8601, UTC) as `2026-11-27 17:36 (UTC+08:00)`; a dash for none."""
    if not moment:
        return "–"
    here = datetime.fromisoformat(moment).astimezone()
    offset = f"{here:%z}"
    return f"{here:%Y-%m-%d %H:%M} (UTC{offset[:3]}:{offset[3:5]})"
