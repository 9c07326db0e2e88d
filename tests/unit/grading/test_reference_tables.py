"""The tables of the standards are pinned: a change of a number is a decision, not an accident."""

import csv
import hashlib

import pytest

from geo_risk.grading import GRADERS, grade_major_hazard, parse_substances
from geo_risk.reference import table
from geo_risk.resources import shipped
from tests.shared_data import shared_data

SHA256 = {
    "gb18218_2009_quantities": "feb11d700bbae37357efa09e82929e30234bdc4719b2cc46161afe8a71fc826d",
    "direct_rule_conditions": "960ce4dd58ce5b51eb7ccc5830b7e285049b7a2d0c8d4a9c1512f6cf7626f7e7",
    "direct_rules": "28f091b10d722a6b661049c3bd68b81459f6f09ef8da52562177fdef15e3a4cb",
    "profile_rules": "efb533b86f6a2764371eb222762416c3fc28bd9f97830735498d2e39ce52e719",
    "check_intervals": "c74f335af89882497f755c9a16cab07e2c5d25baea85f2b9cd8fe66bec237891",
    "control_levels": "9d0706ce4cf1737bc3b301e9b940fbabd63ebc31cc1751c43c7064f52dab30a3",
    "gb18218_2018_alpha_levels": "7ae9cc3a3039476d8957bd29077cdeeea4d1a5a538dc9b67bd398622ee70e66b",
    "gb18218_2018_table1": "6f11398df2a0158b465faed2e93d5795c3ba6ee177fe81a6cae0af210899c9af",
    "gb18218_2018_table1_beta": "9e93ab7d98c5671c569f7c0bf2364a88d35051a50a7d322b7ee48aaef887b1f9",
    "gb18218_2018_table2_table4": "a6759b46486ce6d11520240a48749d6ce465e355beac582f0a1bb664bc0e6686",  # noqa: E501
    "gb18218_2018_table3": "b03765aeb2d95e0e37e566fd3ae08963a789a35ad675fa0e63250f4d85f64dce",
    "gbt4754_2017_sections": "942fd0794845c0a49ea1fa197a1276cdb9f7ee5eebfad097624c7b0aeca6bc5a",
    "grade_profiles": "1b69a9e96f8859ec581eaec339da33e210f28871a45b2eb9fcb6204482d5e590",
    "hazard_level_colours": "3ca8f086cae62e089127e80549d738cffbdef34dcfcc3b4cab37d2e835d83d3a",
    "lec_scales": "e8acab66fc19f48c6ac1633e3040e32b308d8d13476654a3a28d092032a48ffd",
    "rollup_indices": "3dc850b510d286a58a2e1d9f43206319b5cb9bc562d4bb1c83cbe29c6427af6e",
    "rollup_methods": "baadfba33f8d1e569a85695721ee2034cae7288e1a4e170438f2bd7aab789abd",
}


@pytest.mark.parametrize("name", sorted(SHA256))
def test_the_table_is_the_pinned_one_and_every_row_has_its_clause(name):
    data = (shipped("data") / "reference" / f"{name}.csv").read_bytes()
    assert hashlib.sha256(data).hexdigest() == SHA256[name]
    assert all(row["clause"] or row["verified"] == "unknown" for row in table(name))
    assert {row["verified"] for row in table(name)} <= {
        "verified", "unverified", "unknown", "policy",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("ours", "source", "columns"),
    [
        ("lec_scales", "lec_scales", {"factor": "factor", "score": "score"}),
        ("gb18218_2018_table1", "gb18218_2018_table1",
         {"name_zh": "name_zh", "cas": "cas", "critical_t": "critical_t"}),
        ("gb18218_2018_table1_beta", "gb18218_2018_table1_beta_suggested",
         {"name_zh": "name_zh", "beta": "beta"}),
        ("gb18218_2018_table2_table4", "gb18218_2018_table2_table4",
         {"symbol": "symbol", "critical_t": "critical_t", "beta": "table4_beta"}),
        ("gb18218_2018_table3", "gb18218_2018_table3_toxic_gas_beta",
         {"name_zh": "name_zh", "cas": "cas", "beta": "beta"}),
        ("gb18218_2018_alpha_levels", "gb18218_2018_alpha_levels",
         {"min_inclusive": "min_inclusive", "max_exclusive": "max_exclusive", "value": "value"}),
    ],
)  # fmt: skip
def test_the_retyped_table_agrees_with_the_fact_sheet(ours, source, columns):
    with shared_data(f"standards/{source}.csv").open(encoding="utf-8", newline="") as file:
        facts = list(csv.DictReader(file))
    assert [[row[k] for k in columns] for row in table(ours)] == [
        [row[k] for k in columns.values()] for row in facts
    ]


def test_the_standard_has_85_substances_24_categories_and_14_gases():
    sizes = {name: len(table(name)) for name in SHA256}
    assert sizes["gb18218_2018_table1"] == sizes["gb18218_2018_table1_beta"] == 85
    assert sizes["gb18218_2018_table2_table4"] == 24
    assert sizes["gb18218_2018_table3"] == 14


def test_the_betas_of_table_3_are_the_ones_used():
    for row in table("gb18218_2018_table3"):
        graded = grade_major_hazard(parse_substances(f"{row['name_zh']}:1000"), 1)
        assert f"β = {row['beta']}" in " ".join(r.text["zh"] for r in graded.reasons)


def test_levels_by_r_are_the_same_in_both_tables():
    by_alpha_table = [
        (r["label"], r["min_inclusive"], r["max_exclusive"])
        for r in table("gb18218_2018_alpha_levels")
        if r["kind"] == "level"
    ]
    by_profile = [
        (r["grade_zh"], r["min"], r["max"])
        for r in table("grade_profiles")
        if r["profile"] == "gb18218_R"
    ]
    assert by_alpha_table == by_profile


def test_the_default_profiles_exist_and_are_verified_or_policy():
    for grader in GRADERS.values():
        assert grader.default_profile in grader.profiles()
    unverified = {r["profile"] for r in table("grade_profiles") if r["verified"] != "verified"}
    assert unverified.isdisjoint(grader.default_profile for grader in GRADERS.values())


def test_what_is_not_verified_is_switched_off():
    rules = table("direct_rules")
    assert all(row["verified"] == "verified" for row in rules if row["on"] == "1")
    assert {row["rule"] for row in rules} == {
        row["rule"] for row in table("direct_rule_conditions")
    }


def test_the_2009_edition_holds_only_the_sourced_quantities():
    with shared_data("standards/gb18218_2009_vs_2018_changes.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        facts = list(csv.DictReader(file))
    ours = table("gb18218_2009_quantities")
    assert sorted(float(row["critical_t"]) for row in ours) == sorted(
        float(row["q_2009"]) for row in facts
    )
    numbers = {row["no"]: row["name_zh"] for row in table("gb18218_2018_table1")}
    assert all(numbers[row["table1_no"]] == row["name_zh"] for row in ours)
