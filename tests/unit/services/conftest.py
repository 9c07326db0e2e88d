"""The demo, built once for all tests that only read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from geo_risk.services import demo
from geo_risk.services.imports import ImportReport
from geo_risk.store import Store, open_store


@dataclass(frozen=True)
class Demo:
    path: Path
    store: Store
    reports: dict[str, ImportReport]


@pytest.fixture(scope="session")
def shishi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Shishi in a GeoPackage; only for reading."""
    path = tmp_path_factory.mktemp("shishi") / "shishi.gpkg"
    reports = {report.layer: report for report in demo.build(str(path), "shishi", plans=False)}
    store = open_store(str(path))
    yield Demo(path, store, reports)
    store.close()


@pytest.fixture
def own_shishi(shishi: Demo, tmp_path: Path) -> Iterator[Store]:
    """A copy of Shishi that the test may change."""
    import sqlite3

    source, copy = sqlite3.connect(shishi.path), sqlite3.connect(tmp_path / "copy.gpkg")
    source.backup(copy)
    source.close()
    copy.close()
    store = open_store(str(tmp_path / "copy.gpkg"))
    yield store
    store.close()
