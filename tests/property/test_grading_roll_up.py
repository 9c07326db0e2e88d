"""Roll-ups against their slow twins, and what holds for every partition of the items."""

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_risk.datums import metric_crs
from geo_risk.grading import (
    ROLL_UP_COLUMNS,
    Ground,
    count_grades,
    counts_by_group,
    grid_of,
    roll_up,
    share_of_ground,
    sum_up,
    to_plane,
)
from geo_risk.vocabulary import SEVERITY, Grade
from tests.oracles import grading_rollup as oracle

GRADES = list(Grade)
CRS = metric_crs([118.65], [24.73])
areas = st.lists(st.lists(st.sampled_from(GRADES), max_size=30), min_size=1, max_size=6)
sides = st.sampled_from(["100", "250", "500"])
city_lon, city_lat = st.floats(118.5, 118.8), st.floats(24.6, 24.85)
near_lon, near_lat = st.floats(118.6, 118.65), st.floats(24.7, 24.75)


@st.composite
def cities(draw):
    """Items in enterprises, enterprises in towns: grade, enterprise of each, town of each."""
    towns = draw(st.integers(1, 4))
    town_of = draw(st.lists(st.integers(0, towns - 1), min_size=1, max_size=8))
    item = st.tuples(st.sampled_from(GRADES), st.integers(0, len(town_of) - 1), city_lon, city_lat)
    return draw(st.lists(item, max_size=40)), np.array(town_of), towns


def codes(items):
    return np.array([ROLL_UP_COLUMNS.index(item[0]) for item in items], int)


def severity(counts):
    return np.array([SEVERITY[grade] for grade in roll_up(counts).worst], int)


@given(areas, st.integers(1, 10**9))
def test_every_method_agrees_with_its_twin(given_areas, area_m2):
    counts = np.array([count_grades(area) for area in given_areas])
    n = len(counts)
    nothing = np.zeros(n, int)
    ground = Ground(np.full(n, float(area_m2)), np.zeros(n), np.zeros(n), nothing, nothing)
    summed = sum_up(counts, ground)
    for at, area in enumerate(given_areas):
        names = [str(grade) for grade in area]
        badge, mean, fill = oracle.roll_up_points(names)
        assert summed["max"].grade[at] == badge
        assert summed["index"].grade[at] == fill
        for method, exact in (
            ("index", mean),
            ("topk", oracle.top_mean(names)),
            ("density", oracle.density(names, area_m2)),
        ):
            value = summed[method].value[at]
            assert np.isnan(value) if exact is None else np.isclose(value, float(exact), rtol=1e-12)


@given(areas)
def test_the_k_worst_are_never_milder_than_the_mean_nor_worse_than_the_worst(given_areas):
    summed = sum_up(np.array([count_grades(area) for area in given_areas]))
    known = np.isfinite(summed["max"].value)
    assert (summed["topk"].value[known] >= summed["index"].value[known]).all()
    assert (summed["topk"].value[known] <= summed["max"].value[known]).all()


@given(cities())
def test_by_the_highest_grade_no_parent_is_below_its_child_and_counts_add_up(city):
    items, town_of, towns = city
    code, enterprise = codes(items), np.array([item[1] for item in items], int)
    enterprises = counts_by_group(code, enterprise, len(town_of))
    by_town = counts_by_group(code, town_of[enterprise], towns)
    whole = counts_by_group(code, np.zeros(len(code), int), 1)
    own = np.array([SEVERITY[item[0]] for item in items], int)
    assert (severity(enterprises)[enterprise] >= own).all()
    assert (severity(by_town)[town_of] >= severity(enterprises)).all()
    assert severity(whole)[0] == severity(by_town).max()
    assert (enterprises.sum(axis=0) == whole[0]).all()
    assert (by_town.sum(axis=0) == whole[0]).all()


@given(cities(), sides)
def test_every_item_is_in_one_cell_whose_grade_is_not_below_it(city, side):
    items, _, _ = city
    lon, lat = (np.array([item[at] for item in items], float) for at in (2, 3))
    grid = grid_of(side, CRS)
    cell = grid.locate(lon, lat)
    keys, at = np.unique(cell, return_inverse=True)
    counts = counts_by_group(codes(items), at, len(keys))
    assert counts.sum() == len(items)
    own = np.array([SEVERITY[item[0]] for item in items], int)
    assert (severity(counts)[at] >= own).all()
    places = shapely.points(*CRS.forward(lon, lat))
    assert shapely.intersects(grid.plane(cell), places).all()
    assert [name.split("-")[0] for name in grid.ids(keys)] == [f"G{side}"] * len(keys)


@given(
    st.lists(st.tuples(*[st.integers(0, 900)] * 2, *[st.integers(1, 600)] * 2), min_size=1),
    st.sets(st.tuples(st.integers(0, 15), st.integers(0, 15)), max_size=60),
)
def test_the_share_of_ground_agrees_with_its_twin(rectangles, cells):
    boxes = [(x, y, x + wide, y + high) for x, y, wide, high in rectangles]
    squares = np.array(
        [shapely.box(c * 100, r * 100, c * 100 + 100, r * 100 + 100) for c, r in cells], object
    )
    shares = share_of_ground([shapely.box(*box) for box in boxes], squares)
    for box, found in zip(boxes, shares, strict=True):
        assert abs(found - float(oracle.share(box, cells, 100))) < 1e-9


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(near_lon, near_lat, st.floats(0.001, 0.02)), min_size=1, max_size=3), sides
)
def test_the_cells_of_an_area_are_those_of_its_box_that_meet_it(discs, side):
    area = shapely.union_all([shapely.Point(x, y).buffer(r) for x, y, r in discs])
    area -= shapely.Point(discs[0][:2]).buffer(discs[0][2] / 2)
    plane, grid = to_plane(area, CRS), grid_of(side, CRS)
    west, south, east, north = (int(bound // int(side)) for bound in plane.bounds)
    every = {(x, y) for x in range(west, east + 1) for y in range(south, north + 1)}
    boxes = {(x, y): shapely.box(x, y, x + 1, y + 1) for x, y in every}
    unit = shapely.transform(plane, lambda metres: metres / int(side))
    shapely.prepare(unit)
    expected = [f"G{side}-E{x}-N{y}" for (x, y), box in boxes.items() if unit.intersects(box)]
    assert sorted(grid.ids(grid.touching(area))) == sorted(expected)


@given(st.lists(st.sampled_from([0, 1, 2, 3, 4]), max_size=50), st.data())
def test_counting_tallies_is_counting_items(code, data):
    group = data.draw(st.lists(st.integers(-1, 3), min_size=len(code), max_size=len(code)))
    times = data.draw(st.lists(st.integers(1, 5), min_size=len(code), max_size=len(code)))
    one_by_one = counts_by_group(np.repeat(code, times), np.repeat(group, times), 4)
    assert (counts_by_group(code, group, 4, times) == one_by_one).all()
    assert one_by_one.sum() == sum(t for t, g in zip(times, group, strict=True) if g >= 0)
