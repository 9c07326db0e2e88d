"""The demo's invented houses: on dry land, clear of streets and each other, and said to be so."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
import shapely
from shapely.geometry import shape

from geo_risk.datums import geometries_to_wgs84, metric_crs, parse_datum

SHISHI = Path(__file__).parents[3] / "data/demo/shishi"
Shapes = np.ndarray[Any, Any]


def _features(name: str) -> list[dict[str, Any]]:
    return json.loads((SHISHI / name).read_text(encoding="utf-8"))["features"]


def _metres(shapes: list[shapely.Geometry], datum: str = "wgs84") -> Shapes:
    crs = metric_crs(np.array([118.68]), np.array([24.74]))

    def forward(at: Shapes) -> Shapes:
        return np.column_stack(crs.forward(at[:, 0], at[:, 1]))

    return shapely.transform(
        geometries_to_wgs84(np.array(shapes, dtype=object), parse_datum(datum)), forward
    )


@cache
def _houses() -> Shapes:
    return _metres([shape(one["geometry"]) for one in _features("buildings.geojson")])


@cache
def _plots() -> Shapes:
    """The outlines of the enterprises, as the register states them."""
    book = openpyxl.load_workbook(SHISHI / "enterprises.xlsx")
    lines = list(book.active.iter_rows(values_only=True))
    book.close()
    at = lines[2].index("边界坐标")
    texts = [str(line[at]) for line in lines[3:] if line[at]]
    rings = [[tuple(map(float, p.split(","))) for p in text.split(";")] for text in texts]
    return _metres([shapely.Polygon(ring) for ring in rings], "gcj02")


def test_there_are_a_few_thousand_houses_in_a_small_file() -> None:
    assert 1500 <= len(_houses()) <= 4000
    assert (SHISHI / "buildings.geojson").stat().st_size < 600_000


def test_every_house_is_invented_and_3_to_30_metres_high() -> None:
    told = [one["properties"] for one in _features("buildings.geojson")]
    assert all(one["synthetic"] is True for one in told)
    assert len({one["code"] for one in told}) == len(told)
    assert all(3 <= one["height"] <= 30 and one["levels"] >= 1 for one in told)
    storeys = [(one["levels"], one["height"]) for one in told if one["building"] == "house"]
    means = [
        np.mean([height for levels, height in storeys if levels == n])
        for n in sorted({levels for levels, _ in storeys})
    ]
    assert all(low < high for low, high in pairwise(means)), "more levels are higher"


def test_no_house_stands_on_a_road_or_on_another_house() -> None:
    houses = _houses()
    roads = _metres([shape(one["geometry"]) for one in _features("roads.geojson")])
    assert shapely.is_valid(houses).all()
    assert not shapely.STRtree(roads).query(houses, "dwithin", 3.0).size
    one, other = shapely.STRtree(houses).query(houses, "dwithin", 1.0)
    assert (one == other).all()


def test_every_house_stands_in_the_city() -> None:
    city = _metres([shape(_features("city.geojson")[0]["geometry"])], "gcj02")[0]
    assert shapely.contains(city, _houses()).all()


@pytest.mark.parametrize(
    ("whose", "least"),
    [(lambda on, n: np.unique(on[0]).size / n, 0.2), (lambda on, _: np.unique(on[1]).size, 450)],
    ids=["a fifth are halls of enterprises", "most enterprises with an outline have one"],
)
def test_enterprises_have_halls_on_their_plots(
    whose: Callable[[Shapes, int], float], least: float
) -> None:
    houses, plots = _houses(), _plots()
    on = shapely.STRtree(plots).query(houses, "intersects")
    assert whose(on, len(houses)) > least
    inside = shapely.contains(shapely.buffer(plots, 0.5)[on[1]], houses[on[0]])
    assert inside.all(), "a house is wholly on a plot or not at all"
