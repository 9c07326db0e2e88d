"""What a register states of a grade: taken where nothing can be computed, else only compared."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_risk.grading import GRADERS
from geo_risk.vocabulary import Grade

GRADE = st.sampled_from(["red", "orange", "yellow", "blue"])
SCORE = st.sampled_from([None, "", "3", 6, 15, "x", 40])


def said(result):
    """All of a grade but the inputs that were kept."""
    return replace(result, basis=None)


def graded(name: str, **row: object):
    return GRADERS[name].grade_rows([row])[0]


@pytest.mark.parametrize(
    ("grader", "row"),
    [
        ("lec", {"l": None, "e": "", "c": None}),
        ("lec", {}),
        ("gb18218", {"substances": None, "exposed_people": 20}),
    ],
)
def test_without_inputs_the_stated_grade_stands_and_says_so(grader, row):
    result = graded(grader, **row, stated_grade="orange")
    assert (result.grade, result.profile, result.score) == (Grade.ORANGE, "stated", None)
    assert [reason.code for reason in result.reasons] == ["grade_stated"]
    assert "采用台账登记的等级" in result.reasons[0].text["zh"]
    assert "未按标准计算" in result.reasons[0].text["zh"]
    assert "not computed" in result.reasons[0].text["en"]


def test_with_inputs_the_result_stands_and_a_difference_is_told_last():
    result = graded("lec", l=3, e=6, c=15, stated_grade="blue")
    assert (result.grade, result.score) == (Grade.ORANGE, 270)
    assert result.reasons[-1].code == "grade_differs_from_stated"
    assert "以计算结果为准" in result.reasons[-1].text["zh"]
    assert result.reasons[-1].inputs == {"stated_grade": "blue"}


def test_an_equal_stated_grade_adds_nothing():
    beside = graded("lec", l=3, e=6, c=15, stated_grade="orange")
    assert said(beside) == said(graded("lec", l=3, e=6, c=15))


def test_some_inputs_are_no_reason_to_trust_the_register():
    result = graded("lec", l=3, e=None, c=None, stated_grade="red")
    assert result.grade is Grade.NO_DATA
    assert [reason.code for reason in result.reasons] == [
        "input_missing",
        "grade_differs_from_stated",
    ]


@pytest.mark.parametrize("odd", [None, "", "no_data", "紫", 1, float("nan")])
def test_what_is_no_grade_changes_nothing(odd):
    assert said(graded("lec", stated_grade=odd)) == said(graded("lec"))


@given(l=SCORE, e=SCORE, c=SCORE, stated=st.one_of(st.none(), GRADE))
def test_a_stated_grade_never_changes_a_computed_one(l, e, c, stated):  # noqa: E741
    alone = graded("lec", l=l, e=e, c=c)
    beside = graded("lec", l=l, e=e, c=c, stated_grade=stated)
    if stated and all(value in (None, "") for value in (l, e, c)):
        assert (beside.grade.value, beside.profile) == (stated, "stated")
    else:
        assert (beside.grade, beside.score, beside.profile) == (
            alone.grade,
            alone.score,
            alone.profile,
        )
        assert beside.reasons[: len(alone.reasons)] == alone.reasons
        told = [reason.code for reason in beside.reasons[len(alone.reasons) :]]
        differs = stated is not None and stated != alone.grade.value
        assert told == (["grade_differs_from_stated"] if differs else [])
