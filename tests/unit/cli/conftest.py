"""`geo-risk` run in this process, in a folder of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from geo_risk.cli import main

HEADER = "编号,名称,经度,纬度,L,E,C\n"
GOOD = "R1,示例甲,118.65,24.73,10,6,40\nR2,示例乙,118.70,24.75,1,3,3\n"


class Cli:
    """Runs commands in this process as the shell would; keeps what they print."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys
        self.err = ""

    def run(self, *arguments: object, code: int = 0) -> str:
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(a) for a in arguments])
        out, self.err = self.capsys.readouterr()
        assert ended.value.code == code, out + self.err
        return out

    def json(self, *arguments: object, code: int = 0) -> Any:
        return json.loads(self.run(*arguments, "--json", code=code))

    def error(self, *arguments: object, code: int) -> dict[str, Any]:
        body = self.json(*arguments, code=code)
        assert list(body) == ["error"]
        assert list(body["error"]) == ["code", "message", "where", "got", "fix"]
        assert body["error"]["message"]
        assert body["error"]["fix"]
        assert self.err, "people read the same on stderr"
        return body["error"]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Cli:
    monkeypatch.chdir(tmp_path)
    for name in ("GEO_RISK_DB", "GEO_RISK_LANG", "GEO_RISK_GEOCODER", "GEO_RISK_POLICIES_DIR"):
        monkeypatch.delenv(name, raising=False)
    return Cli(capsys)


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "风险点.csv"
    path.write_text(HEADER + GOOD, "utf-8")
    return path


@pytest.fixture
def imported(cli: Cli, rows: Path) -> str:
    """The batch of two risk points, one red and one blue, in ./geo_risk.gpkg."""
    args = ("import", rows, "--layer", "risk_points", "--datum", "wgs84")
    return str(cli.json(*args)["batch"])
