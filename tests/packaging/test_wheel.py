"""The wheel carries everything: installed alone, in an empty folder, it shows the demo map."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.packaging

ROOT = Path(__file__).parents[2]
START_SECONDS = 180


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    return next(folder.glob("geo_risk-*.whl"))


@pytest.fixture(scope="module")
def commands(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment that holds the wheel and what it depends on."""
    place = tmp_path_factory.mktemp("installed")
    venv.create(place, with_pip=True)
    pip = [place / "bin" / "python", "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt"]
    run(*pip, wheel, cwd=place)
    return place / "bin"


def test_the_wheel_holds_layers_data_and_browser_libraries_and_nothing_of_others(wheel: Path):
    names = set(zipfile.ZipFile(wheel).namelist())
    for needed in (
        "geo_risk/_shipped/layers/risk_points.toml",
        "geo_risk/_shipped/layers/buildings.toml",
        "geo_risk/_shipped/data/demo/shishi/buildings.geojson",
        "geo_risk/_shipped/data/demo/helsinki/buildings.geojson",
        "geo_risk/_shipped/data/reference/grade_profiles.csv",
        "geo_risk_web/static/vendor/maplibre-gl/maplibre-gl.mjs",
        "geo_risk_web/static/vendor/maplibre-gl/LICENSE.txt",
        "geo_risk_web/static/vendor/noto-sans-sc/LICENSE",
        "geo_risk_web/static/vendor/leaflet/leaflet.js",
        "geo_risk_web/static/vendor/leaflet/LICENSE",
        "geo_risk_web/static/vendor/fonts.json",
    ):
        assert needed in names
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"geo_risk", "geo_risk_web"}


def test_a_source_archive_makes_the_same_wheel_without_node(wheel: Path, tmp_path: Path):
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", tmp_path, cwd=ROOT)
    archive = next(tmp_path.glob("*.tar.gz"))
    run("tar", "-xzf", archive, cwd=tmp_path)
    source = tmp_path / archive.name.removesuffix(".tar.gz")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=source,
        env={"PATH": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    again = zipfile.ZipFile(next(tmp_path.glob("*.whl")))
    assert set(again.namelist()) == set(zipfile.ZipFile(wheel).namelist())


def test_the_installed_command_tells_its_version(commands: Path, tmp_path: Path):
    from geo_risk import __version__

    assert __version__ in run(commands / "geo-risk", "--version", cwd=tmp_path)


@pytest.fixture
def served(commands: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a demo served by the installed wheel from an empty folder."""
    environment = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    log = tmp_path / "log.txt"
    with log.open("w") as output:
        process = subprocess.Popen(
            [commands / "geo-risk", "demo", "--no-browser", "--port", "0"],
            cwd=tmp_path,
            env=environment | {"PYTHONUNBUFFERED": "1"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield _address(process, log)
    finally:
        process.terminate()
        process.wait(20)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        found = re.search(r"http://127\.0\.0\.1:(?!0\b)\d+", log.read_text("utf-8"))
        if found:
            return found.group()
        time.sleep(0.2)
    raise AssertionError(f"the demo was not served: {log.read_text('utf-8')}")


def fetched(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=30) as answer:
        assert answer.status == 200
        return answer.read()


def test_the_installed_demo_serves_its_map_its_libraries_and_a_tile(served: str):
    assert fetched(f"{served}/healthz")
    assert b"maplibre" in fetched(f"{served}/")
    assert len(fetched(f"{served}/static/vendor/maplibre-gl/maplibre-gl.mjs")) > 100_000
    shishi = "10/439/849"
    assert fetched(f"{served}/collections/enterprises/tiles/WebMercatorQuad/{shishi}")
