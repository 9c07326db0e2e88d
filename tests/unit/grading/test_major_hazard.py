"""What a user gets from GB 18218-2018: identification, level, colour, or what is missing."""

import json
from fractions import Fraction

import pytest

from geo_risk.errors import InputError, UsageError
from geo_risk.grading import (
    GRADERS,
    Substance,
    alpha_of,
    grade_major_hazard,
    hazard_level,
    parse_substances,
)
from geo_risk.reference import table
from geo_risk.vocabulary import Grade
from tests.shared_data import shared_data


def worked(identifier: str) -> dict:
    items = json.loads(shared_data("standards/worked_cases.json").read_text())["items"]
    return next(item for item in items if item["id"] == identifier)


def grade(text, exposed=0):
    return grade_major_hazard(parse_substances(text), exposed)


def codes(graded):
    return [reason.code for reason in graded.reasons]


def custom(chemicals: list[dict]) -> list[Substance]:
    return [
        Substance(
            item.get("name", ""),
            Fraction(str(item["q"])),
            critical_t=Fraction(str(item["Q"])),
            beta=Fraction(str(item["beta"])) if "beta" in item else None,
            source="worked case",
        )
        for item in chemicals
    ]


def test_worked_alpha():
    case = worked("gb18218-alpha")
    for people, alpha in case["cases"]:
        assert alpha_of(people)[0] == Fraction(str(alpha))
    for people in case["invalid"]:
        with pytest.raises(UsageError):
            alpha_of(people)
        with pytest.raises(UsageError):
            grade("氨:1", people)


def test_worked_levels():
    for r, level in worked("gb18218-level")["cases"]:
        assert hazard_level(Fraction(str(r))) == level


def test_worked_identification():
    for case in worked("gb18218-S")["cases"]:
        graded = grade_major_hazard(custom(case["chem"]), 0)
        assert Fraction(graded.details["S"]) == Fraction(case["S"])
        assert graded.details["constitutes"] == str(case["major"]).lower()
        assert graded.details["level"] == case.get("level", graded.details["level"])


def test_worked_r():
    for case in worked("gb18218-R")["cases"]:
        graded = grade_major_hazard(custom(case["chem"]), case["pop"])
        for name in ("alpha", "S", "R"):
            assert Fraction(graded.details[name]) == Fraction(str(case[name]))
        assert graded.details["level"] == case["level"]
        assert graded.score == case["R"]


def test_ten_tenths_are_one_exactly():
    case = worked("gb18218-sum-exactly-one-float-trap")["case"]
    graded = grade_major_hazard(custom(case["chem"]), 10)
    assert graded.details["S"] == case["S_exact"]
    assert graded.details["constitutes"] == "true"
    by_symbol = grade(";".join(["W1.1:0.1"] * 10), 10)
    assert (by_symbol.details["S"], by_symbol.details["R"]) == ("1", "2")


def test_ammonia_and_chlorine_by_hand():
    # S = 40/10 + 10/5 = 6; R = 2.0 x (2 x 4 + 4 x 2) = 32, level 3, yellow
    graded = grade("液氨40吨、液氯 10t", 120)
    assert graded.grade is Grade.YELLOW
    assert {k: graded.details[k] for k in ("S", "R", "level", "alpha", "constitutes")} == {
        "S": "6", "R": "32", "level": "三级", "alpha": "2", "constitutes": "true",
    }  # fmt: skip
    assert codes(graded) == [
        "gb18218_quantity", "gb18218_quantity", "gb18218_s", "gb18218_beta", "gb18218_beta",
        "gb18218_alpha", "gb18218_r", "gb18218_level", "hazard_level_colour",
    ]  # fmt: skip
    assert all(reason.clause for reason in graded.reasons)


@pytest.mark.parametrize(
    ("tonnes", "level", "colour"),
    [(5, "四级", "yellow"), (12, "四级", "yellow"), (13, "三级", "yellow"), (62, "三级", "yellow"),
     (63, "二级", "orange"), (124, "二级", "orange"), (125, "一级", "red")],
)  # fmt: skip
def test_chlorine_climbs_the_levels(tonnes, level, colour):
    graded = grade(f"氯:{tonnes}", 10)
    assert (graded.details["level"], graded.grade.value) == (level, colour)


def test_below_one_is_blue_without_beta_and_without_people():
    graded = grade("甲醇:499.9", None)
    assert graded.grade is Grade.BLUE
    assert graded.details["constitutes"] == "false"
    assert graded.score is None
    assert codes(graded)[-1] == "gb18218_below"


def test_an_unverified_beta_is_never_used_silently():
    graded = grade("甲醇:500", 10)
    assert graded.grade is Grade.NO_DATA
    assert (graded.details["constitutes"], graded.details["R"]) == ("true", None)
    needed = graded.reasons[-1]
    assert needed.code == "beta_needed"
    assert "甲醇" in needed.text["zh"] and "W5.3/W5.4" in needed.text["zh"]
    assert needed.clause == "GB 18218-2018 表3、表4"


def test_only_the_verified_betas_of_table_1_are_switched_on():
    usable = {
        row["no"]
        for row in table("gb18218_2018_table1")
        if grade(f"{row['name_zh']}:{10**6}", 1).grade is not Grade.NO_DATA
    }
    sourced = {r["no"] for r in table("gb18218_2018_table1_beta") if r["verified"] == "verified"}
    assert usable == sourced
    assert len(usable) == 13


def test_the_stated_category_gives_the_beta_and_table_1_keeps_the_quantity():
    graded = grade("甲醇[W5.3]:500", 10)
    assert (graded.details["S"], graded.details["R"], graded.details["level"]) == ("1", "1", "四级")


def test_several_categories_take_the_lowest_quantity_and_the_highest_beta():
    graded = grade("某中间体[W5.4/J3]:100", 1)
    assert (graded.details["S"], graded.details["R"]) == ("2", "4")


def test_a_given_beta_needs_its_source_and_the_result_states_it():
    graded = grade_major_hazard(
        [Substance("甲醇", Fraction(500), beta=Fraction(1), source="安全评价报告 2026")], 1
    )
    assert graded.details["level"] == "四级"
    assert "安全评价报告 2026" in [reason.clause for reason in graded.reasons]
    with pytest.raises(UsageError, match="no source"):
        Substance("甲醇", Fraction(500), beta=Fraction(1))


def test_missing_people_are_asked_for_only_when_they_matter():
    graded = grade("氯:5", None)
    assert graded.grade is Grade.NO_DATA
    assert graded.details["constitutes"] == "true"
    assert codes(graded)[-1] == "exposed_needed"


@pytest.mark.parametrize(
    "name", ["甲醛", "50-00-0", "硝酸铵", "硝化棉", "9004-70-0", "硝酸", "7647-01-0"]
)
def test_a_name_without_its_condition_is_not_guessed(name):
    graded = grade(f"{name}:1000", 10)
    assert graded.grade is Grade.NO_DATA
    assert graded.details["S"] is None
    assert "substance_ambiguous" in codes(graded)


def test_a_substance_the_standard_does_not_name_needs_its_category():
    assert "substance_unknown" in codes(grade("活性染料:20"))
    assert "substance_unknown" in codes(grade("氨水:20"))
    assert "substance_unknown" in codes(grade("氢氟酸:20"))


def test_one_unknown_substance_does_not_hide_a_certain_major_hazard_source():
    graded = grade("氯:5;活性染料:20", 10)
    assert graded.grade is Grade.NO_DATA
    assert graded.details["constitutes"] == "true"
    assert "已 ≥ 1" in graded.reasons[-1].text["zh"]


def test_carbon_monoxide_has_the_quantity_of_coal_gas_and_its_own_beta():
    graded = grade("一氧化碳:20", 1)
    assert (graded.details["S"], graded.details["R"]) == ("1", "2")
    assert "beta_needed" in codes(grade("煤气:20", 1))


def test_an_empty_unit_is_an_error():
    with pytest.raises(UsageError):
        grade_major_hazard([], 3)


@pytest.mark.parametrize("tonnes", [0, -1])
def test_a_quantity_is_positive(tonnes):
    with pytest.raises(InputError):
        Substance("氨", Fraction(tonnes))


def test_rows_never_raise():
    rows = [
        {"substances": "氨:40", "exposed_people": "120"},
        {"substances": "氨:1"},
        {"substances": None, "exposed_people": 3},
        {"substances": "氨:-3", "exposed_people": 3},
        {"substances": "氨:40", "exposed_people": -3},
        {"substances": "氨:40", "exposed_people": 1.5},
        {"substances": "氨:40", "exposed_people": "很多"},
        {"substances": "氨:40", "exposed_people": float("nan")},
    ]
    graded = GRADERS["gb18218"].grade_rows(rows, "hazard_level_colours")
    assert [g.grade.value for g in graded] == ["yellow", "blue"] + ["no_data"] * 6
    assert [g.reasons[-1].code for g in graded[2:]] == [
        "input_missing", "substance_unreadable", "exposed_negative", "number_not_whole",
        "number_illegal", "exposed_needed",
    ]  # fmt: skip
