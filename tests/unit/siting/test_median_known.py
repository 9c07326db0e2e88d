"""Published optima of the p-median and the p-centre, all reached and proved."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from geo_risk.siting.center import p_center
from geo_risk.siting.graph import graph_costs
from geo_risk.siting.median import p_median
from tests.shared_data import shared_data

INSTANCES = [f"pmed{number}" for number in range(1, 21)]


def instance(name):
    """Costs between all nodes, p, and both optima."""
    path = shared_data(f"optimisation/orlib_pmed/{name}.txt")
    head, *edges = np.loadtxt(path, ndmin=2)
    u, v, cost = np.array(edges).T
    with shared_data("optimisation/orlib_pmed/optima.csv").open(encoding="utf-8") as file:
        (row,) = (row for row in csv.DictReader(file) if row["instance"] == name)
    optima = float(row["pmedian_optimum"]), float(row["pcenter_optimum"])
    return graph_costs(u, v, cost).cost, int(head[2]), *optima


@pytest.mark.parametrize("name", INSTANCES)
def test_the_optima_of_or_library_are_reached_and_proved(name: str):
    cost, p, median, center = instance(name)
    found = p_median(cost, np.ones(len(cost)), p)
    assert (found.objective, found.bound, found.status) == (median, median, "optimal")
    found = p_center(cost, p)
    assert (found.objective, found.bound, found.status) == (center, center, "optimal")


def test_the_optima_of_san_francisco_are_reached_and_proved():
    folder = "optimisation/spopt_san_francisco/"
    table = shared_data(folder + "SF_network_distance_candidateStore_16_censusTract_205_new.csv")
    with table.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    known = json.loads(shared_data(folder + "published_optima.json").read_text("utf-8"))
    stores = sorted({row["name"] for row in rows})
    people = {row["DestinationName"]: float(row["demand"]) for row in rows}
    tracts = list(people)
    cost = np.full((len(tracts), len(stores)), np.inf)
    for row in rows:
        at = tracts.index(row["DestinationName"]), stores.index(row["name"])
        cost[at] = float(row["distance"])
    median = p_median(cost, list(people.values()), known["p"])
    assert median.objective == pytest.approx(known["PMedian_objective"], rel=1e-12)
    assert median.status == "optimal"
    center = p_center(cost, known["p"])
    assert round(center.objective, 6) == known["PCenter_minmax"]
    assert center.status == "optimal"
