"""Tiles with a halo find what one run finds: crowded, coincident, on a tile's edge, outlined."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_risk.datums import metric_crs
from geo_risk.errors import GeoRiskError
from geo_risk.neighbours.outlines import shape_pairs_within
from geo_risk.neighbours.pairs import pairs_within
from geo_risk.neighbours.tiles import Halo, MedianTally, Tiling, splitters, widened
from geo_risk.services.neighbours import PairOptions, pairs_of_file
from geo_risk.services.tiled_pairs import Where, tiled_pairs_of_file

whole = st.integers(-8, 8).map(float)
clustered = st.builds(lambda c, d: c * 1000.0 + d, st.integers(-2, 2), st.floats(-30, 30))
coordinate = st.one_of(whole, clustered, st.floats(-5e4, 5e4), st.just(9e8))
point = st.tuples(coordinate, coordinate)
radii = st.sampled_from([0.001, 1.0, 5.0, 25.0, 1000.0, 123456.7])


def by_tiles(boxes, owner_at, radius_m, tiles, one_run):
    """Pairs by index, each as often as it is found, with its distance."""
    tiling = Tiling.of(*owner_at, tiles)
    owner = tiling.owner(*owner_at)
    assert set(owner.tolist()) <= set(range(tiling.tiles))
    nowhere = np.array([np.inf, np.inf, -np.inf, -np.inf])
    bounds = np.array([widened(boxes[owner == t], nowhere) for t in range(tiling.tiles)])
    rows, near = Halo(bounds, radius_m).near(boxes)
    found = []
    for tile in range(tiling.tiles):
        part = np.unique(np.concatenate([rows[near == tile], np.flatnonzero(owner == tile)]))
        pairs = one_run(part)
        mine = owner[part[pairs.i]] == tile
        at = zip(part[pairs.i][mine], part[pairs.j][mine], pairs.distance_m[mine], strict=True)
        found += [(int(i), int(j), float(d)) for i, j, d in at]
    return sorted(found)


def told(pairs):
    return sorted(zip(pairs.i.tolist(), pairs.j.tolist(), pairs.distance_m.tolist(), strict=True))


@settings(deadline=None)
@given(
    st.lists(point, min_size=1, max_size=40), radii, st.integers(1, 12), st.sampled_from([0, 6e5])
)
def test_points_by_tiles_are_those_of_one_run(points, radius_m, tiles, offset):
    x, y = np.array(points).T + offset
    boxes = np.column_stack([x, y, x, y])
    found = by_tiles(
        boxes, (x, y), radius_m, tiles, lambda part: pairs_within(x[part], y[part], radius_m)
    )
    assert found == told(pairs_within(x, y, radius_m))


@st.composite
def shapes(draw):
    x, y = draw(whole) * 3, draw(whole) * 3
    if draw(st.booleans()):
        return shapely.Point(x, y)
    return shapely.box(x, y, x + draw(st.integers(1, 40)), y + draw(st.integers(1, 6)))


@settings(deadline=None)
@given(
    st.lists(shapes(), min_size=1, max_size=20), st.sampled_from([1.0, 3.0, 5.0]), st.integers(1, 9)
)
def test_outlines_that_reach_over_tiles_are_those_of_one_run(made, radius_m, tiles):
    made = np.array(made, dtype=object)
    boxes = shapely.bounds(made)
    found = by_tiles(
        boxes,
        ((boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2),
        radius_m,
        tiles,
        lambda part: shape_pairs_within(made[part], radius_m),
    )
    assert found == told(shape_pairs_within(made, radius_m))


degrees = st.one_of(st.integers(-30, 30).map(lambda k: k * 6.0), st.floats(-180, 180))
latitudes = st.one_of(st.sampled_from([0.0, -0.0, 1e-9, -1e-9]), st.floats(-90, 90))


@settings(deadline=None)
@given(st.lists(st.tuples(degrees, latitudes), min_size=1, max_size=12), st.integers(1, 5))
def test_the_zone_of_positions_block_by_block_is_that_of_their_median(positions, block):
    lon, lat = np.array(positions).T
    tally = MedianTally()
    for begin in range(0, len(lon), block):
        tally.add(lon[begin : begin + block], lat[begin : begin + block])
    assert metric_crs(*tally.centre()) == metric_crs(lon, lat)


@given(st.lists(st.text(max_size=3), max_size=30), st.integers(1, 9))
def test_splitters_ascend_and_part_a_sample(ids, ranges):
    found = splitters(ids, ranges)
    assert found == sorted(set(found)) and len(found) < ranges
    assert set(found) <= set(ids)


def test_a_tiling_halves_evenly_also_beside_one_far_point():
    draw = np.random.default_rng(1)
    x, y = draw.normal(0, 500, (2, 10_000))
    x[0] = 9e8
    tiling = Tiling.of(x, y, 16)
    assert tiling.tiles == 16
    assert np.bincount(tiling.owner(x, y)).max() < 650
    assert Tiling.of(np.zeros(50), np.zeros(50), 16).tiles == 1


@st.composite
def tables(draw):
    """Rows of a CSV around 120° E, on a lattice of some ten metres so that many are near."""
    step = st.integers(-4, 4)
    word = st.sampled_from(["", "甲", "乙", " 甲 "])
    tags = st.lists(
        st.sampled_from(["工艺:染整", "物质:氨", "大型", "物质:氯", "危险:火"]), max_size=4
    )
    grade = draw(st.sampled_from([["", "0", "1", "2", "7"], ["", "红", "orange", "蓝", "3"]]))
    code = st.sampled_from(["", "C1711", "1712", "17", "C", "x"])
    rows = st.lists(st.tuples(step, step, word, code, tags, st.sampled_from(grade)), max_size=25)
    names = draw(st.permutations([f"{'=é中a'[k % 4]}{k}" for k in range(25)]))
    return [
        (name, 120 + a * 1e-4, 24.7 + b * 1e-4, w, c, ";".join(t), g)
        for name, (a, b, w, c, t, g) in zip(names, draw(rows), strict=False)
    ]


@settings(deadline=None, max_examples=40)
@given(
    tables(), st.sampled_from([5.0, 12.0, 40.0]), st.integers(1, 9), st.booleans(), st.booleans()
)
def test_a_file_by_tiles_is_the_file_of_one_run_byte_for_byte(
    rows, radius_m, tile_points, chosen, alike
):
    options = (
        PairOptions(radius_m, "行业", "代码", "标签", "等级", 1)
        if chosen
        else PairOptions(radius_m, industry="代码", tags="标签", alike=alike)
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (folder / "u.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "lon", "lat", "行业", "代码", "标签", "等级"])
            writer.writerows(rows)
        where = Where(tile_points=tile_points)

        def run(name, function, *more):
            try:
                return function(folder / "u.csv", folder / name, options, *more)
            except GeoRiskError as refused:
                return refused.as_json()

        one = run("one.csv", pairs_of_file)
        tiled = run("tiled.csv", tiled_pairs_of_file, where)
        if "code" in one:
            assert tiled == one
            return
        assert (folder / "tiled.csv").read_bytes() == (folder / "one.csv").read_bytes()
        for key in ("points", "pairs", "radius_m", "policy", "epsg", "without"):
            assert tiled[key] == one[key]
        assert sorted(p.name for p in folder.iterdir()) == ["one.csv", "tiled.csv", "u.csv"]
