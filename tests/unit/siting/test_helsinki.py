"""Central Helsinki: its invalid outlines, and cameras that really see more than circles claim."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo_risk.siting.buildings import buildings
from geo_risk.siting.candidates import along_roads
from geo_risk.siting.samples import road_samples
from geo_risk.siting.seen import seen
from geo_risk.siting.visibility import sights
from geo_risk.siting.walls import walls
from tests.oracles import sight as slow
from tests.unit.siting.helsinki import features, greedy

RANGE_M, CAMERAS, CLAIMED = 50.0, 221, 0.505


@pytest.fixture(scope="module")
def town():
    ids, outlines = features("buildings")
    return ids, buildings(outlines)


def test_the_12_invalid_outlines_are_repaired_or_said_to_hide_nothing(town):
    ids, made = town
    assert (len(ids), len(made)) == (486, 483)
    assert [ids[row] for row in made.flat] == [86941886, 88315241, 89967061]
    assert len(made.repaired) == 9
    assert "17426424" in made.told(ids)["en"]
    assert shapely.is_valid(made.outline_m).all()


def test_221_cameras_see_more_road_than_the_real_ones_would_as_circles(town):
    _, made = town
    among = walls(made)
    _, roads = features("roads_edges")
    demand = road_samples(roads, 5.0)
    places = along_roads(among, roads, 20.0, kerb_m=4.0)
    found = seen(among, places.x_m, places.y_m, RANGE_M, demand.x_m, demand.y_m)
    chosen, share = greedy(found.starts, found.target, demand.weight, CAMERAS)
    enough = int(np.searchsorted(share, CLAIMED, side="right")) + 1
    print(f"{enough} cameras see over 50.5 % of the road, {len(chosen)} see {share[-1]:.1%}")
    assert enough <= CAMERAS
    assert share[min(len(share), CAMERAS) - 1] > CLAIMED

    # The same by other means: a straight line from each to each, through a building or not.
    stands = shapely.points(places.x_m[chosen], places.y_m[chosen])
    spots = shapely.points(demand.x_m, demand.y_m)
    tree = shapely.STRtree(made.outline_m)
    assert len(tree.query(stands, predicate="within")[0]) == 0
    at, target = shapely.STRtree(spots).query(stands, "dwithin", RANGE_M)
    ends = np.stack([shapely.get_coordinates(p) for p in (stands[at], spots[target])], axis=1)
    line, _ = tree.query(shapely.linestrings(ends), predicate="intersects")
    free = np.ones(len(at), bool)
    free[line] = False
    for row, camera in enumerate(chosen):
        sees = found.target[found.starts[camera] : found.starts[camera + 1]]
        assert set(sees) == set(target[free & (at == row)])


def test_real_buildings_are_seen_as_the_slow_twin_sees_them(town):
    _, made = town
    _, roads = features("roads_edges")
    places = along_roads(walls(made), roads[::150], 40.0)
    found = sights(walls(made), places.x_m, places.y_m, RANGE_M)
    assert len(places) >= 10
    for i in range(len(places)):
        x, y = places.x_m[i], places.y_m[i]
        near = [o for o in made.outline_m if o.distance(shapely.Point(x, y)) < RANGE_M]
        assert found.area_m2[i] == pytest.approx(slow.area_m2(near, x, y, RANGE_M), rel=1e-9)
