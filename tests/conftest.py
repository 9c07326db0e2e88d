"""What tests share: PostGIS and Chromium where there are any, and no silent skips in CI."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator

import pytest

REQUIRED = ("postgis", "browser", "packaging")


def _requires_all() -> bool:
    return os.environ.get("GEO_RISK_REQUIRE_ALL") == "1"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """Where everything must be there, a skip of a test that needs an installed part fails."""
    report = yield
    needs = [name for name in REQUIRED if item.get_closest_marker(name)]
    needs += [name for name in ("postgis_url", "chromium_path") if name in _fixtures(item)]
    if report.skipped and not hasattr(report, "wasxfail") and needs and _requires_all():
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, but GEO_RISK_REQUIRE_ALL=1: {call.excinfo}"
    return report


def _fixtures(item: pytest.Item) -> list[str]:
    return getattr(item, "fixturenames", [])


@pytest.fixture
def postgis_url() -> Iterator[str]:
    """The URL of an empty PostGIS database of this test alone; dropped afterwards."""
    server = os.environ.get("GEO_RISK_TEST_POSTGIS_URL")
    if not server:
        pytest.skip("no PostGIS: set GEO_RISK_TEST_POSTGIS_URL (.ci/run starts one)")
    import sqlalchemy as sa

    name = f"geo_risk_test_{uuid.uuid4().hex[:12]}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        connection.execute(sa.text(f'create database "{name}"'))
    url = sa.make_url(server).set(database=name)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("create extension postgis"))
    engine.dispose()
    yield url.render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(sa.text(f'drop database "{name}" with (force)'))
    admin.dispose()


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Debian's Chromium."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no Chromium: apt install chromium (.ci/run does)")
    return path
