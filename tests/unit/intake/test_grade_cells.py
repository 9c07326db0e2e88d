"""Every spelling of a grade that registers use, from a table written by hand."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from geo_risk.intake.faults import Fault, Noted
from geo_risk.intake.grades import read_grade

TABLE = Path(__file__).parents[2] / "fixtures" / "grades.csv"
CASES = [
    (row["cell"], row["answer"]) for row in csv.DictReader(TABLE.read_text("utf-8").splitlines())
]


def said(cell: object) -> str:
    answer = read_grade(cell)
    if isinstance(answer, Noted):
        return f"{answer.value} {answer.code}"
    return answer.code if isinstance(answer, Fault) else str(answer).lower()


@pytest.mark.parametrize(("cell", "answer"), CASES)
def test_a_grade_as_the_table_says(cell, answer):
    assert said(cell) == answer


def test_the_table_has_every_outcome():
    assert len(CASES) >= 100
    assert len({answer for _, answer in CASES}) == 9


@pytest.mark.parametrize(
    ("cell", "answer"), [(1, "red"), (4, "blue"), (2.0, "orange"), (None, "none")]
)
def test_numbers_of_a_workbook(cell, answer):
    assert (said(cell) if cell is not None else "none") == answer


def test_true_is_no_first_grade():
    assert said(True) == "grade_unknown"


def test_a_refusal_says_what_to_write_and_quotes_the_cell():
    for cell in ("中", "红(一般)", "紫色"):
        fault = read_grade(cell)
        assert isinstance(fault, Fault)
        assert cell in fault.message["zh"]
        assert cell in fault.message["en"]
        assert "重大" in fault.fix["zh"]
        assert "red" in fault.fix["en"]
