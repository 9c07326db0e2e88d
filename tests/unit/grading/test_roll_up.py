"""What a user gets for an area: badge, fill, n of m graded."""

import numpy as np
import pytest

from geo_risk.errors import UsageError
from geo_risk.grading import count_grades, index_names, roll_up
from geo_risk.vocabulary import Grade


def fills(rows):
    return [grade.value for grade in roll_up(np.array(rows)).fill]


def test_an_area_of_one_grade_has_the_fill_of_that_grade():
    assert fills(np.eye(5, dtype=int)) == ["red", "orange", "yellow", "blue", "no_data"]


def test_the_limits_are_half_a_quarter_and_an_eighth_red_among_blue():
    assert fills([[1, 0, 0, 1, 0], [1, 0, 0, 3, 0], [1, 0, 0, 7, 0]]) == ["red", "orange", "yellow"]
    assert fills([[9, 0, 0, 10, 0], [9, 0, 0, 28, 0], [9, 0, 0, 64, 0]]) == [
        "orange", "yellow", "blue",
    ]  # fmt: skip


def test_the_index_tells_areas_apart_that_share_their_worst_grade():
    rolled = roll_up(np.array([[1, 0, 2, 30, 5], [20, 10, 5, 1, 0]]))
    assert rolled.worst == [Grade.RED, Grade.RED]
    assert rolled.fill == [Grade.BLUE, Grade.RED]
    assert rolled.graded.tolist() == [33, 36]
    assert rolled.total.tolist() == [38, 36]


def test_an_area_with_nothing_graded_is_no_data_and_never_blue():
    rolled = roll_up(np.array([[0, 0, 0, 0, 0], [0, 0, 0, 0, 9]]))
    assert rolled.worst == rolled.fill == [Grade.NO_DATA, Grade.NO_DATA]
    assert np.isnan(rolled.index).all()


def test_points_without_a_grade_do_not_dilute_the_index():
    rolled = roll_up(np.array([[1, 0, 0, 1, 0], [1, 0, 0, 1, 99]]))
    assert rolled.index.tolist() == [4.5, 4.5]


def test_no_areas_give_no_rows():
    assert roll_up(np.zeros((0, 5), dtype=np.int64)).fill == []


@pytest.mark.parametrize(
    "counts", [np.zeros(5, int), np.zeros((2, 4), int), np.zeros((1, 5)), -np.eye(5, dtype=int)]
)
def test_other_tables_are_refused(counts):
    with pytest.raises(UsageError):
        roll_up(counts)


def test_an_unknown_index_names_those_that_exist():
    with pytest.raises(UsageError, match=index_names()[0]):
        roll_up(np.zeros((1, 5), dtype=np.int64), "share")


def test_counting_grades():
    grades = [Grade.BLUE, Grade.RED, Grade.NO_DATA, Grade.BLUE]
    assert count_grades(grades).tolist() == [1, 0, 0, 2, 1]
