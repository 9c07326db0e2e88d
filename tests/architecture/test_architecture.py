"""The house stays in order: imports, sizes, no work at import, nothing that should not be kept."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ON_PATH = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "web")])}
MODULES = sorted([*(ROOT / "geo_risk").rglob("*.py"), *(ROOT / "web/geo_risk_web").rglob("*.py")])
HEAVY = {
    *("numpy", "shapely", "flask", "folium", "sqlalchemy", "pyogrio", "pyproj"),
    *("python_calamine", "rapidfuzz", "charset_normalizer"),
}


def tracked_files() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout, so the tracked files are not known")
    assert done.returncode == 0, done.stderr
    names = [name for name in done.stdout.split("\0") if name]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def imported_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | ON_PATH, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_each_part_imports_only_what_stands_before_it():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        env=os.environ | ON_PATH,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_fits_in_one_reading(module: Path):
    assert len(module.read_text("utf-8").splitlines()) <= 400


def test_the_command_line_starts_without_the_heavy_libraries():
    assert not imported_by("import geo_risk.cli") & HEAVY


def test_the_package_itself_imports_nothing_heavy():
    assert not imported_by("import geo_risk") & HEAVY


def test_importing_any_module_opens_no_file_of_data_and_no_connection():
    names = [
        ".".join(path.relative_to(ROOT / top).with_suffix("").parts)
        for top, paths in (("", "geo_risk"), ("web", "web/geo_risk_web"))
        for path in sorted((ROOT / paths).rglob("*.py"))
        if path.name != "__main__.py"  # these are the commands themselves
    ]
    code = f"""
import importlib, sys
caught = []
def hook(event, args):
    if event in ("socket.connect", "sqlite3.connect"):
        caught.append((event, str(args)))
    if event == "open" and str(args[0]).endswith((".csv", ".toml", ".geojson", ".gpkg", ".xlsx")):
        caught.append((event, str(args[0])))
sys.addaudithook(hook)
for name in {names!r}:
    importlib.import_module(name.removesuffix(".__init__"))
assert not caught, caught
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | ON_PATH, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_no_registry_and_no_path_of_a_machine_is_kept():
    hosts = ["registry." + "npmjs.org", "files." + "pythonhosted.org", "pypi." + "org/simple"]
    places = ["/" + "root/", "/" + "home/", "/" + "work/", "/" + "tmp/"]
    pattern = re.compile(r"(?<![\w.$}<*])(?:" + "|".join(map(re.escape, places)) + ")")
    found = []
    for path in tracked_files():
        if path.suffix in {".png", ".xlsx", ".gpkg", ".woff2"}:
            continue
        text = path.read_bytes().decode("utf-8", errors="replace")
        found += [(path.name, host) for host in hosts if host in text]
        found += [(path.name, match.group()) for match in pattern.finditer(text)]
    assert found == []


def test_no_browser_library_and_no_store_is_kept():
    kept = [path.relative_to(ROOT).as_posix() for path in tracked_files()]
    bad = [name for name in kept if re.search(r"node_modules|/vendor/|\.min\.|\.whl$|\.pkl$", name)]
    stores = [n for n in kept if n.endswith(".gpkg") and not n.startswith("tests/fixtures/")]
    assert bad + stores == []
