"""What a user gets from LEC and the LS matrix, cell by cell."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from geo_risk.errors import UsageError
from geo_risk.grading import GRADERS, grade_lec, grade_ls
from geo_risk.vocabulary import Grade
from tests.oracles.grading_lec import C_SCORES, E_SCORES, L_SCORES
from tests.shared_data import shared_data

HERE = Path(__file__).parent
COLOUR = {"R": "red", "O": "orange", "Y": "yellow", "B": "blue"}


def cells(name: str, heads: int) -> dict[str, dict[tuple[str, ...], str]]:
    """The pinned tables of a file: profile -> (row heads..., column head) -> colour."""
    tables: dict[str, dict[tuple[str, ...], str]] = {}
    for line in (HERE / name).read_text().splitlines():
        words = line.split()
        if not words or words[0] == "#":
            continue
        if words[0] == "profile" and len(words) == 4:
            tables[words[1]] = dict(tables[words[3]])
        elif words[0] == "profile":
            current = tables.setdefault(words[1], {})
        elif words[0] == "L":
            columns = [word for word in words if word[0].isdigit()]
        else:
            for column, letter in zip(columns, words[heads:], strict=True):
                current[(*words[:heads], column)] = COLOUR[letter]
    return tables


def worked(identifier: str) -> dict:
    items = json.loads(shared_data("standards/worked_cases.json").read_text())["items"]
    return next(item for item in items if item["id"] == identifier)


def test_all_252_lec_triples_have_the_pinned_colour_and_d_under_every_profile():
    tables = cells("lec_cells.txt", 2)
    assert set(tables) == set(GRADERS["lec"].profiles())
    for profile, pinned in tables.items():
        assert len(pinned) == 252
        graded = {key: grade_lec(*key, profile) for key in pinned}
        assert {key: one.grade.value for key, one in graded.items()} == pinned
        for (l, e, c), one in graded.items():  # noqa: E741
            product = Fraction(l) * Fraction(e) * Fraction(c)
            assert Fraction(one.details["D"]) == product
            assert one.score == float(product)


def test_every_ls_profile_is_pinned_in_25_cells_and_they_disagree_in_17():
    tables = cells("ls_cells.txt", 1)
    assert set(tables) == set(GRADERS["ls"].profiles())
    for profile, pinned in tables.items():
        assert len(pinned) == 25
        assert {key: grade_ls(*key, profile).grade.value for key in pinned} == pinned
    disagree = [c for c in pinned if len({table[c] for table in tables.values()}) > 1]
    assert len(disagree) == 17


def test_worked_case_270_is_orange_and_says_why():
    case = worked("lec-270")
    graded = grade_lec(3, 6, 15)
    assert (graded.score, graded.grade.value) == (case["D"], case["grade_4"])
    assert [reason.code for reason in graded.reasons] == ["lec_scores", "lec_product", "d_band"]
    assert "160 < D ≤ 320" in graded.reasons[-1].text["zh"]
    assert graded.reasons[1].as_json()["inputs"] == {"L": "3", "E": "6", "C": "15"}


def test_worked_boundaries_of_all_triples():
    case = worked("lec-boundaries")
    triples = [(a, b, c) for a in L_SCORES for b in E_SCORES for c in C_SCORES]
    danger = {triple: Fraction(grade_lec(*triple).details["D"]) for triple in triples}
    for limit in (320, 160, 70, 20):
        found = {tuple(map(Fraction, t)) for t, d in danger.items() if d == limit}
        expected = {tuple(Fraction(str(x)) for x in t) for t in case[f"D_eq_{limit}"]}
        assert found == expected
    grades = [grade_lec(*triple).grade.value for triple in triples]
    assert {name: grades.count(name) for name in set(grades)} == case["counts_strict_gt"]
    assert len(set(danger.values())) == case["distinct_D"]
    assert max(danger.values()) == case["max"]


def test_d_of_exactly_70_is_blue_or_yellow_by_profile():
    assert grade_lec(10, 1, 7, "lec_strict_gt").grade is Grade.BLUE
    assert grade_lec(10, 1, 7, "lec_ge").grade is Grade.YELLOW


@pytest.mark.parametrize("tenth", ["0.1", 0.1, Fraction(1, 10), "０．１", " 0.1 ", np.float32(0.1)])
def test_one_tenth_is_one_tenth_however_it_is_written(tenth):
    assert grade_lec(tenth, 2, 100).details["D"] == "20"


@pytest.mark.parametrize(
    ("l", "e", "c", "field"),
    [(4, 6, 15, "l"), (3, 4, 15, "e"), (3, 6, 6, "c"), ("x", 6, 15, "l"), (3, True, 15, "e"),
     (3, 6, float("nan"), "c"), (15, 6, 3, "l")],
)  # fmt: skip
def test_a_score_that_does_not_exist_names_its_field(l, e, c, field):  # noqa: E741
    with pytest.raises(UsageError) as caught:
        grade_lec(l, e, c)
    assert caught.value.where == field
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("value", [0, 6, 2.5, "", None])
def test_ls_takes_whole_scores_from_1_to_5(value):
    with pytest.raises(UsageError):
        grade_ls(value, 3)


def test_an_unknown_profile_lists_those_that_exist():
    with pytest.raises(UsageError, match="lec_ge"):
        grade_lec(3, 6, 15, "ls5_17_11_5")


def test_an_unverified_profile_states_its_doubt_and_is_no_default():
    assert "profile_unverified" in [r.code for r in grade_ls(4, 5, "ls5_20_15_9").reasons]
    assert "profile_unverified" not in [r.code for r in grade_ls(4, 5).reasons]


def test_rows_without_or_with_illegal_scores_are_no_data_with_the_reason():
    rows = [
        {"l": "3", "e": 6, "c": 15.0},
        {"l": "3", "e": None, "c": ""},
        {"l": 4, "e": 6, "c": 15},
        {},
        {"l": True, "e": 1, "c": 1},
        {"l": 1, "e": 1, "c": 1},
    ]
    graded = GRADERS["lec"].grade_rows(rows, "lec_strict_gt")
    assert [g.grade.value for g in graded] == [
        "orange", "no_data", "no_data", "no_data", "no_data", "blue",
    ]  # fmt: skip
    assert set(graded[1].reasons[0].inputs) == {"e", "c"}
    assert graded[2].reasons[0].inputs == {"l": "4"}
    assert all(reason.text["zh"] and reason.text["en"] for g in graded for reason in g.reasons)


def test_an_unknown_profile_fails_before_any_row():
    with pytest.raises(UsageError):
        GRADERS["ls"].grade_rows([], "lec_ge")
