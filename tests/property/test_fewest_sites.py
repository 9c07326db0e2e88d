"""The fewest sites agree with trying every plan; places along roads are near and apart."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_risk.roads.network import roads_of_lines
from geo_risk.roads.places import places_along
from geo_risk.siting.fewest import fewest_sites
from geo_risk.siting.infeasible import InfeasibleError
from geo_risk.siting.reach import reach_from_table
from tests.oracles import fewest_sites as slow

CANDIDATES = 7
Links = list[set[int]]


@st.composite
def questions(draw: st.DrawFn) -> tuple[Links, list[int], float, list[int], list[int]]:
    demands = draw(st.integers(1, 9))
    reached = [draw(st.sets(st.integers(0, demands - 1), max_size=4)) for _ in range(CANDIDATES)]
    weight = [draw(st.integers(0, 9)) for _ in range(demands)]
    share = draw(st.sampled_from([0.3, 0.5, 0.8, 0.95, 1.0]))
    states = [draw(st.sampled_from("cccef")) for _ in range(CANDIDATES)]
    existing, forbidden = ([c for c, s in enumerate(states) if s == one] for one in "ef")
    return reached, weight, share * sum(weight), existing, forbidden


@settings(max_examples=60, deadline=None)
@given(questions())
def test_the_fewest_are_those_of_trying_every_plan(
    question: tuple[Links, list[int], float, list[int], list[int]],
) -> None:
    reached, weight, needed, existing, forbidden = question
    pairs = [(d, c) for c, met in enumerate(reached) for d in met]
    i, j = np.array(pairs, np.int64).reshape(-1, 2).T
    reach = reach_from_table(i, j, demands=len(weight), candidates=CANDIDATES)
    expected = slow.fewest(reached, weight, needed, existing, forbidden)
    states = {"existing": existing, "forbidden": forbidden}
    if expected is None:
        with pytest.raises(InfeasibleError):
            fewest_sites(reach, weight, needed, **states)
        return
    found = fewest_sites(reach, weight, needed, **states)
    assert (found.p, found.solution.objective) == expected
    assert found.proved
    assert found.solution.bound == expected[1]
    assert np.isnan(found.below) == (found.p == 0)
    assert not found.below >= needed
    stopped = fewest_sites(reach, weight, needed, **states, stop=lambda: True)
    assert stopped.solution.objective >= needed - 1e-9
    assert stopped.p >= found.p
    assert not stopped.proved or stopped.p == found.p


@settings(max_examples=30, deadline=None)
@given(st.floats(20, 2000), st.integers(0, 999))
def test_places_along_roads_are_apart_and_leave_no_road_out(spacing_m: float, seed: int) -> None:
    draw = np.random.default_rng(seed)
    xy = np.column_stack([118 + draw.uniform(0, 0.02, (6, 2))[:, 0], draw.uniform(0, 0.02, 6)])

    lines = np.array([shapely.LineString([xy[n], xy[n + 1]]) for n in range(5)], dtype=object)
    roads = roads_of_lines(lines, ["residential"] * 5, [0] * 5, [np.nan] * 5)
    x_m, y_m = roads.crs.forward(*places_along(roads, spacing_m))
    points = shapely.points(x_m, y_m)
    apart = shapely.distance(points[:, None], points[None, :])
    assert (apart[~np.eye(len(points), dtype=bool)] >= spacing_m * (1 - 1e-6)).all()
    along = shapely.line_interpolate_point(
        roads.lines_m[:, None], np.linspace(0, 1, 50)[None, :], normalized=True
    ).ravel()
    nearest = shapely.distance(along[:, None], points[None, :]).min(axis=1)
    assert nearest.max() <= 1.5 * spacing_m * (1 + 1e-6)
