"""`geo-risk site` on instances whose answers are published."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.shared_data import shared_data
from tests.unit.cli.conftest import Cli

FRANCISCO = "optimisation/spopt_san_francisco/"


@pytest.fixture
def francisco(tmp_path: Path) -> dict[str, Path]:
    """Files of demand, candidates, costs, and of who is reached within 5,000 m by road."""
    name = "SF_network_distance_candidateStore_16_censusTract_205_new.csv"
    with shared_data(FRANCISCO + name).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    weights = {row["DestinationName"]: row["demand"] for row in rows}
    stores = sorted({row["name"] for row in rows})
    costs = [(row["DestinationName"], row["name"], row["distance"]) for row in rows]
    tables = {
        "demand": [("id", "weight"), *weights.items()],
        "candidates": [("id",), *((store,) for store in stores)],
        "cost": [("demand", "candidate", "cost"), *costs],
        "reach": [("demand", "candidate"), *(c[:2] for c in costs if float(c[2]) <= 5000)],
    }
    paths = {}
    for key, table in tables.items():
        paths[key] = tmp_path / f"{key}.csv"
        with paths[key].open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows(table)
    return paths


def test_san_francisco_is_solved_as_published(cli: Cli, francisco: dict[str, Path]) -> None:
    published = json.loads(shared_data(FRANCISCO + "published_optima.json").read_text("utf-8"))
    files = ("--demand", francisco["demand"], "--candidates", francisco["candidates"], "--p", 4)
    cover = cli.json("site", "cover", *files, "--reach", francisco["reach"])
    assert cover["objective"] == published["MCLP_covered_pop"]
    assert cover["cover"]["n"] / 2.05 == pytest.approx(published["MCLP_perc_tracts_covered"])
    median = cli.json("site", "median", *files, "--cost", francisco["cost"])
    assert median["objective"] == pytest.approx(published["PMedian_objective"], rel=1e-12)
    center = cli.json("site", "center", *files, "--cost", francisco["cost"])
    assert center["objective"] == pytest.approx(published["PCenter_minmax"], abs=1e-6)
    assert {plan["status"] for plan in (cover, median, center)} == {"optimal"}


@pytest.mark.parametrize(("name", "optimum"), [("scp41", 429), ("scp42", 512)])
def test_a_set_cover_is_solved_as_published(
    cli: Cli, tmp_path: Path, name: str, optimum: int
) -> None:
    text = shared_data(f"optimisation/orlib_scp/{name}.txt").read_text("utf-8")
    numbers = iter(map(int, text.split()))
    rows, columns = next(numbers), next(numbers)
    costs = [next(numbers) for _ in range(columns)]
    tables = {"D": [("id",), *((i,) for i in range(rows))],
              "C": [("id", "cost"), *enumerate(costs)],
              "R": [("demand", "candidate")]}  # fmt: skip
    for row in range(rows):
        tables["R"] += [(row, next(numbers) - 1) for _ in range(next(numbers))]
    for key, table in tables.items():
        with (tmp_path / f"{key}.csv").open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows(table)
    files = ("--demand", tmp_path / "D.csv", "--candidates", tmp_path / "C.csv")
    plan = cli.json("site", "set-cover", *files, "--reach", tmp_path / "R.csv")
    assert (plan["objective"], plan["bound"], plan["status"]) == (optimum, optimum, "optimal")


@pytest.mark.parametrize(("name", "median", "center"), [("pmed1", 5819, 127), ("pmed6", 7824, 84)])
def test_a_graph_is_solved_as_published(
    cli: Cli, tmp_path: Path, name: str, median: int, center: int
) -> None:
    text = shared_data(f"optimisation/orlib_pmed/{name}.txt").read_text("utf-8").split()
    p, numbers = text[2], text[3:]
    edges = tmp_path / "edges.csv"
    with edges.open("w", encoding="utf-8", newline="") as out:
        rows = zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True)
        csv.writer(out).writerows([("u", "v", "cost"), *rows])
    plan = tmp_path / "plan.json"
    for model, answer in (("median", median), ("center", center)):
        found = cli.json("site", model, "--graph", edges, "--p", p, "-o", plan)
        assert (found["objective"], found["status"]) == (answer, "optimal")
        assert len(found["chosen"]) == int(p)
        assert cli.json("site", "check", plan)["ok"]
