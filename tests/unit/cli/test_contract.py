"""The command line others script against: JSON on stdout, exit codes, errors with a way out."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pyogrio
import pytest

from geo_risk.cli.main import COMMANDS
from tests.unit.cli.conftest import GOOD, HEADER, Cli

BAD = "R3,,118.65,24.73,3,6,15\n"


@pytest.mark.parametrize("command", [*COMMANDS, "demo", "serve"])
def test_every_command_helps_with_an_example(cli: Cli, command: str) -> None:
    text = cli.run(command, "--help")
    assert f"  geo-risk {command}" in text.partition("\n")[2], "an example"
    assert command in cli.run("--help")
    parts = {
        **{"review": "list", "gazetteer": "stats", "datum": "convert"},
        **{"neighbours": "of", "groups": "build", "site": "cover", "plans": "list"},
    }
    part = parts.get(command)
    if part:
        text = cli.run(command, part, "--help")
    if command not in ("demo", "serve"):
        assert "--json" in text
    if command not in ("layers", "datum", "isochrone", "site"):
        assert "--db" in text


def test_import_reports_as_the_contract_says(cli: Cli, rows: Path) -> None:
    args = ("import", rows, "--layer", "risk_points", "--datum", "wgs84")
    body = cli.json(*args)
    assert (body["layer"], body["rows"], body["stored"]) == ("risk_points", 2, 2)
    assert body["rejects"] == []
    rows.write_text(HEADER + GOOD + BAD, "utf-8")
    body = cli.json(*args, code=3)
    assert body["rows"] == body["stored"] + body["rejected"] + body["unplaced"] == 3
    assert [list(reject) for reject in body["rejects"]] == [
        ["row", "field", "code", "outcome", "message", "fix", "label"]
    ]
    reject = body["rejects"][0]
    assert (reject["row"], reject["field"], reject["code"]) == (4, "name", "required_missing")
    text = cli.run(*args, code=3)
    assert "3 行" in text
    assert "第 4 行" in cli.err


def test_a_dry_run_stores_nothing(cli: Cli, rows: Path, imported: str) -> None:
    rows.write_text(HEADER + "R9,示例,118.65,24.73,1,1,1\n", "utf-8")
    args = ("import", rows, "--layer", "risk_points", "--datum", "wgs84", "--dry-run")
    assert cli.json(*args)["batch"] is None
    assert [b["id"] for b in cli.json("batches")["batches"]] == [imported]


def test_db_may_stand_before_or_after_the_command(cli: Cli, rows: Path, tmp_path: Path) -> None:
    args = ("import", rows, "--layer", "risk_points", "--datum", "wgs84")
    cli.run("--db", "before.gpkg", *args)
    cli.run(*args, "--db", "after.gpkg")
    assert len(cli.json("--db", "after.gpkg", "batches")["batches"]) == 1
    assert len(cli.json("batches", "--db", "before.gpkg")["batches"]) == 1
    assert not (tmp_path / "geo_risk.gpkg").exists()


def test_db_may_come_from_the_environment(
    cli: Cli, rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEO_RISK_DB", "named.gpkg")
    cli.run("import", rows, "--layer", "risk_points", "--datum", "wgs84")
    assert (tmp_path / "named.gpkg").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "name"),
    [
        (("import", "{rows}", "--layer", "risk_points"), 2, "datum_missing"),
        (("import", "{rows}", "--layer", "risk_points", "--datum", "mars"), 2, "datum_unknown"),
        (("import", "{rows}", "--layer", "houses", "--datum", "wgs84"), 1, "layer_unknown"),
        (("import", "no.csv", "--layer", "risk_points", "--datum", "wgs84"), 1, "file_missing"),
        (("import", "{rows}", "--datum", "wgs84"), 2, "usage"),
        (("batches",), 1, "store_missing"),
        (("nonsense",), 2, "usage"),
    ],
)
def test_a_first_command_that_fails_makes_no_store(
    cli: Cli, rows: Path, tmp_path: Path, arguments: tuple[str, ...], code: int, name: str
) -> None:
    error = cli.error(*(a.format(rows=rows) for a in arguments), code=code)
    assert error["code"] == name or not name, error
    assert not (tmp_path / "geo_risk.gpkg").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "name"),
    [
        (("undo", "20000101T000000000-abcdef"), 1, "batch_unknown"),
        (("explain", "houses", "R1"), 1, "layer_unknown"),
        (("explain", "risk_points", "R99"), 1, "feature_unknown"),
        (("grade", "--profile", "kindly"), 2, "profile_unknown"),
        (("grade", "--layer", "towns"), 2, "layer_not_graded"),
        (("export", "risk_points", "out.geojson", "--bbox", "1,2,3"), 2, "bbox_invalid"),
        (("export", "risk_points", "out.geojson", "--bbox", "9,2,3,nan"), 2, "bbox_invalid"),
        (("export", "risk_points", "out.geojson", "--grade", "pink"), 2, "grade_unknown"),
        (("export", "risk_points", "out.geojson", "--town", "鸿山镇"), 2, "town_unknown"),
        (("export", "risk_points", "out.geojson", "--town", "350581100"), 2, "town_unknown"),
        (("export", "risk_points", "out.pdf"), 2, ""),
        (("export", "houses", "out.csv"), 1, "layer_unknown"),
        (("map", "out.html", "--layers", "houses"), 1, "layer_unknown"),
        (("batches", "--db", "風險點.txt"), 1, "store_missing"),
    ],
)
def test_a_failure_says_what_and_what_to_do(
    cli: Cli, imported: str, tmp_path: Path, arguments: tuple[str, ...], code: int, name: str
) -> None:
    error = cli.error(*arguments, code=code)
    assert error["code"] == name or not name, error
    assert not list(tmp_path.glob("out.*"))


def test_errors_come_in_the_language_asked_for(
    cli: Cli, imported: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not cli.error("explain", "risk_points", "R99", code=1)["message"].isascii()
    monkeypatch.setenv("GEO_RISK_LANG", "en")
    assert cli.error("explain", "risk_points", "R99", code=1)["message"].isascii()


def test_undo_and_batches(cli: Cli, imported: str) -> None:
    body = cli.json("undo", imported)
    assert (body["undone"], body["features"]) == (imported, 2)
    listed = cli.json("batches")["batches"]
    assert [(b["kind"], b["undone_by"]) for b in listed] == [
        ("import", body["batch"]),
        ("undo", None),
    ]
    assert listed[0]["source"] == "风险点.csv"
    assert imported in cli.run("batches")
    assert cli.error("undo", imported, code=1)["code"] == "batch_undone"


def test_grade_and_explain(cli: Cli, imported: str) -> None:
    body = cli.json("grade", "--layer", "risk_points", "--profile", "lec_ge")
    assert body["graded"] == 2
    assert body["by_grade"] == {"red": 1, "orange": 0, "yellow": 0, "blue": 1, "no_data": 0}
    told = cli.json("explain", "risk_points", "R1")
    assert (told["grade"], told["profile"], told["score"]) == ("red", "lec_ge", 2400)
    assert {"code", "zh", "en", "clause", "inputs"} <= set(told["reasons"][0])
    assert told["reasons"][0]["zh"] in cli.run("explain", "risk_points", "R1")
    assert cli.json("grade")["graded"] == 2
    kinds = [b["kind"] for b in cli.json("batches")["batches"]]
    assert kinds == ["import", "grade", "grade"]


def test_layers(cli: Cli) -> None:
    body = cli.json("layers")["layers"]
    known = {layer["id"]: layer for layer in body}
    assert {"enterprises", "hazard_sources", "risk_points", "towns", "city"} <= set(known)
    labels = {f["name"]: f["label"] for f in known["enterprises"]["fields"]}
    assert labels["people"] == {"zh": "人数", "en": "People"}


def _ids(path: Path) -> list[str]:
    if path.suffix == ".geojson":
        return [f["id"] for f in json.loads(path.read_text("utf-8"))["features"]]
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [row[0] for row in csv.reader(file)][1:]
    if path.suffix == ".gpkg":
        meta, _, _, values = pyogrio.raw.read(path)
        return [str(v) for v in values[list(meta["fields"]).index("id")]]
    import openpyxl

    book = openpyxl.load_workbook(path)
    found = [str(row[0].value) for row in book.active.iter_rows(min_row=2)]
    book.close()
    return found


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "csv", "xlsx"])
def test_exports_are_filtered_in_every_format(
    cli: Cli, imported: str, tmp_path: Path, suffix: str
) -> None:
    out = tmp_path / f"out.{suffix}"
    filters: dict[tuple[str, ...], list[str]] = {
        (): ["R1", "R2"],
        ("--grade", "red,orange"): ["R1"],
        ("--bbox", "118.69,24.7,118.8,24.8"): ["R2"],
        ("--grade", "重大，蓝"): ["R1", "R2"],
        ("--grade", "Low"): ["R2"],
        ("--grade", "橙色、一般,no data"): [],
    }
    for options, wanted in filters.items():
        body = cli.json("export", "risk_points", out, *options)
        assert body == {"file": str(out), "features": len(wanted)}
        assert _ids(out) == wanted, options


def test_map_writes_one_file(cli: Cli, imported: str, tmp_path: Path) -> None:
    assert cli.json("map", "city.html", "--layers", "risk_points")["features"] == 2
    page = (tmp_path / "city.html").read_text("utf-8")
    assert "示例甲" in page
    assert 'src="http' not in page


def test_doctor(cli: Cli, imported: str) -> None:
    body = cli.json("doctor")
    assert body["sound"] is True
    assert body["features"]["risk_points"] == 2
    assert body["store"] == "geo_risk.gpkg"
    body = cli.json("doctor", "--db", "nothing.gpkg", code=1)
    assert body["problems"]
    assert body["parts"]["shapely"]


def _shell(*arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith("GEO_RISK_")}
    start = "from geo_risk.cli import main; main()"
    command = [sys.executable, "-c", start, *map(str, arguments)]
    return subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_shell_sees_the_same_codes_and_clean_stdout(rows: Path, tmp_path: Path) -> None:
    args = ("import", rows, "--layer", "risk_points", "--datum", "wgs84", "--json")
    done = _shell(*args, folder=tmp_path)
    assert (done.returncode, json.loads(done.stdout)["stored"]) == (0, 2), done.stderr
    done = _shell(*args[:-3], "--json", folder=tmp_path)
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["code"] == "datum_missing"
    assert "Traceback" not in done.stderr


def test_a_dry_run_leaves_no_store_behind(cli: Cli, rows: Path) -> None:
    told = cli.json("import", rows, "--layer", "risk_points", "--datum", "wgs84", "--dry-run")
    assert told["stored"] == 2
    assert told["batch"] is None
    assert not Path("geo_risk.gpkg").exists()


def test_the_report_names_columns_left_out_and_grades_given(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("编号,名称,经度,纬度,L,E,C,备注栏\nA,甲,118.65,24.73,4,6,15,x\n", "utf-8")
    told = cli.run("import", path, "--layer", "risk_points", "--datum", "wgs84")
    assert "备注栏" in told
    assert "无数据 1" in told
