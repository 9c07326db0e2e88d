"""The browser's modules pass the type check of their comments."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "web"
MODULES = sorted((WEB / "geo_risk_web/static/js").glob("*.js"))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_every_module_asks_to_be_checked(module: Path) -> None:
    assert module.read_text("utf-8").startswith("// @ts-check\n")


def test_the_modules_have_no_type_error() -> None:
    driver = pytest.importorskip("playwright._impl._driver")
    node, _ = driver.compute_driver_executable()
    tsc = WEB / "node_modules/typescript/bin/tsc"
    if not tsc.is_file():
        pytest.skip("typescript is not installed: npm ci in web/")
    checked = subprocess.run(
        [node, tsc, "-p", WEB / "jsconfig.json"], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout) == (0, "")
