"""What a user gets beside the worst grade: index, k worst, share of ground, density."""

import csv

import numpy as np
import pytest
import shapely

from geo_risk.datums import geodesic_area_m2, metric_crs
from geo_risk.errors import UsageError
from geo_risk.grading import (
    METHODS,
    Ground,
    counts_by_group,
    grid_of,
    industry_of,
    roll_up_method,
    sections,
    share_of_ground,
    sum_up,
)
from geo_risk.grading import grids as grids_module
from tests.shared_data import shared_data

CRS = metric_crs([118.6, 118.8], [24.65, 24.8])


def ground(*, area_m2, red=0.0, placed=1, unplaced=0):
    return Ground(
        np.array([area_m2]), np.array([red]), np.array([red]), np.array([placed]),
        np.array([unplaced]),
    )  # fmt: skip


def test_the_example_of_the_method_page():
    counts = np.array([[2, 3, 5, 10, 4]])
    summed = sum_up(counts, ground(area_m2=4e6, red=0.005))
    values = {name: one.value[0] for name, one in summed.items()}
    assert values == {"max": 8, "index": 2.4, "topk": 5.6, "share": 0.005, "density": 12}
    grades = {name: one.grade[0] for name, one in summed.items()}
    assert grades == {
        "max": "red", "index": "yellow", "topk": "red", "share": None, "density": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "mean", "grade"),
    [
        ([5, 9, 9, 9, 9], 8, "red"),
        ([0, 1, 0, 4, 0], 1.6, "blue"),
        ([1, 0, 0, 99, 0], 2.4, "yellow"),
        ([0, 0, 1, 0, 7], 2, "yellow"),
        ([0, 0, 0, 1, 0], 1, "blue"),
    ],
)
def test_the_k_worst_are_five_or_all_that_are_graded(counts, mean, grade):
    summed = sum_up(np.array([counts]))["topk"]
    assert (summed.value[0], summed.grade[0]) == (mean, grade)


def test_without_a_grade_an_area_has_no_value_by_any_method_and_is_never_blue():
    for counts in ([0, 0, 0, 0, 0], [0, 0, 0, 0, 9]):
        for one in sum_up(np.array([counts]), ground(area_m2=1e6)).values():
            assert np.isnan(one.value[0])
            assert (one.grade[0], one.rank[0], one.why[0]) == ("no_data", 0, "nothing_graded")


def test_what_has_no_ground_has_no_density_and_says_why():
    summed = sum_up(np.array([[1, 0, 0, 0, 0]]))
    assert (summed["density"].why, summed["share"].why) == (["no_ground"], ["no_ground"])
    summed = sum_up(np.array([[1, 0, 0, 0, 0]]), ground(area_m2=np.nan))
    assert (summed["density"].why, summed["share"].why) == (["outline_unknown"],) * 2


def test_red_items_without_a_position_are_no_share_of_zero():
    counts = np.array([[3, 0, 0, 0, 0]])
    summed = sum_up(counts, ground(area_m2=1e6, placed=0, unplaced=3))
    assert summed["share"].why == ["not_placed"]
    assert np.isnan(summed["share"].value[0])
    assert summed["density"].value[0] == 24


def test_ranks_begin_at_the_highest_and_equal_values_share_one():
    counts = np.array([[0, 0, 0, 1, 0], [1, 0, 0, 0, 0], [0, 0, 0, 0, 1], [2, 0, 0, 0, 0]])
    assert sum_up(counts)["index"].rank.tolist() == [3, 1, 0, 1]


def test_an_unknown_method_names_those_that_exist():
    assert METHODS == ("max", "index", "topk", "share", "density")
    with pytest.raises(UsageError, match="topk"):
        roll_up_method("mean")


def test_items_of_no_group_are_not_counted():
    counts = counts_by_group([0, 4, 3, 0], [1, 1, -1, 0], 2)
    assert counts.tolist() == [[1, 0, 0, 0, 0], [1, 0, 0, 0, 1]]
    assert counts_by_group([], [], 0).shape == (0, 5)


@pytest.mark.parametrize("side", ["100", "250", "500"])
def test_a_square_is_a_square_on_the_ground_aligned_to_its_side(side):
    grid = grid_of(side, CRS)
    key = grid.locate([118.65], [24.73])
    (ring,) = grid.rings(key)
    x, y = CRS.forward(*ring.T)
    assert np.allclose([x / int(side), y / int(side)], np.round([x / int(side), y / int(side)]))
    square = shapely.Polygon(ring)
    assert square.contains(shapely.Point(118.65, 24.73))
    assert square.exterior.is_ccw
    assert geodesic_area_m2(square) == pytest.approx(int(side) ** 2, rel=1e-3)
    west, south = round(x.min() / int(side)), round(y.min() / int(side))
    assert grid.ids(key) == [f"G{side}-E{west}-N{south}"]


def test_a_position_on_an_edge_belongs_to_the_cell_east_or_north_of_it():
    class Plane:
        """Metres as degrees, so that an edge is met exactly."""

        epsg = 0

        def forward(self, x, y):
            return np.asarray(x, float), np.asarray(y, float)

        inverse = forward

    grid = grid_of("100", Plane())
    found = grid.ids(grid.locate([0, 100, -100, 99.9, -0.1], [0, 100, -100, 0, -0.1]))
    assert found == ["G100-E0-N0", "G100-E1-N1", "G100-E-1-N-1", "G100-E0-N0", "G100-E-1-N-1"]


@pytest.mark.parametrize("name", ["100", "h3"])
def test_without_a_position_there_is_no_cell(name):
    assert grid_of(name, CRS).locate([np.nan], [24.7]).tolist() == [-1]


def test_the_cells_of_an_area_cover_it_and_each_meets_it():
    area = shapely.Point(118.65, 24.73).buffer(0.01)
    for name in ("100", "500", "h3"):
        grid = grid_of(name, CRS)
        keys = grid.touching(area)
        cells = np.array([shapely.Polygon(ring) for ring in grid.rings(keys)])
        assert shapely.intersects(cells, area).all()
        assert shapely.difference(area, shapely.union_all(cells)).area < area.area * 1e-6
        assert len(set(grid.ids(keys))) == len(keys)


def test_h3_cells_are_the_ones_of_h3():
    import h3

    grid = grid_of("h3", CRS)
    key = grid.locate([118.65], [24.73])
    assert grid.ids(key) == [f"H3-{h3.latlng_to_cell(24.73, 118.65, 9)}"]
    ring = shapely.Polygon(grid.rings(key)[0])
    assert ring.exterior.is_ccw
    assert ring.contains(shapely.Point(118.65, 24.73))


def test_without_h3_the_error_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(grids_module, "find_spec", lambda _: None)
    with pytest.raises(UsageError) as error:
        grid_of("h3", CRS)
    assert error.value.code == "h3_missing"
    assert "geo-risk[h3]" in error.value.fix["zh"]


def test_a_grid_too_fine_for_the_area_is_refused():
    with pytest.raises(UsageError) as error:
        grid_of("100", CRS).touching(shapely.box(112, 22, 124, 28))
    assert error.value.code == "grid_too_fine"


def test_a_hole_is_no_ground():
    ring = shapely.box(0, 0, 300, 300) - shapely.box(100, 100, 200, 200)
    cells = np.array([shapely.box(100, 100, 200, 200), shapely.box(0, 0, 100, 100)])
    assert share_of_ground([ring], cells).tolist() == pytest.approx([1 / 8])
    assert share_of_ground([ring], cells[:0]).tolist() == [0.0]


def test_the_sections_agree_with_the_fact_sheet():
    path = shared_data("standards/gbt4754_2017_industry.csv")
    with path.open(encoding="utf-8", newline="") as file:
        facts = list(csv.DictReader(file))
    assert {s.code: s.name["zh"] for s in sections().values()} == {
        row["code"]: row["name_zh"] for row in facts if row["level"] == "1"
    }
    divisions = [row for row in facts if row["level"] == "2"]
    assert len(divisions) == 97
    for row in divisions:
        assert industry_of(row["code"]) == (row["section"], row["code"])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1819", ("C", "18")), ("C1819", ("C", "18")), ("c18", ("C", "18")), ("18", ("C", "18")),
        ("１８１９", ("C", "18")), (" 0111 ", ("A", "01")), ("C", ("C", "")),
        ("1819 服饰制造", ("C", "18")), ("97", ("T", "97")),
        ("A18", None), ("98", None), ("00", None), ("1", None), ("C1", None), ("U", None),
        ("服装", None), ("", None), ("18191", None), ("-18", None),
    ],
)  # fmt: skip
def test_reading_an_industry_code(text, found):
    assert industry_of(text) == found
