"""Both kinds of store, empty, and records to put in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from geo_risk.store import Store, open_store


@pytest.fixture(params=["geopackage", pytest.param("postgis", marks=pytest.mark.postgis)])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty store may be made: a GeoPackage file, a PostGIS database."""
    if request.param == "postgis":
        return str(request.getfixturevalue("postgis_url"))
    return str(tmp_path / "city.gpkg")


@pytest.fixture
def store(target: str) -> Iterator[Store]:
    """A new store of each kind."""
    opened = open_store(target, create=True)
    yield opened
    opened.close()
