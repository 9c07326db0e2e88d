"""Where the shared data lies: GEO_RISK_SHARED_DATA, else ../shared/data beside the checkout."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def shared_data(name: str) -> Path:
    """The path of a shared file; the test is skipped, and says so, where it is not there."""
    base = os.environ.get("GEO_RISK_SHARED_DATA") or ROOT.parent / "shared" / "data"
    path = Path(base) / name
    if not path.exists():
        pytest.skip(f"shared data {name} is not here (set GEO_RISK_SHARED_DATA)")
    return path
