"""The tables of the standards are pinned: a change of a number is a decision, not an accident."""

import csv
import hashlib

import pytest

from geo_risk.grading import GRADERS, grade_major_hazard, parse_substances
from geo_risk.reference import table
from geo_risk.resources import shipped
from tests.shared_data import shared_data

SHA256 = {
    "gb18218_2009_quantities": "faffeca3b952cd33d75608c20db19143f378ff9a8506aa7456267c99f62981cf",
    "direct_rule_conditions": "5a0a130d427e9a113672c79a6cb16e5f4c10c3b0b94b265a7f0202904cc0986c",
    "direct_rules": "c6f7a19a77a8275502a7b650bc108b3399a28bf58097cf0fa705d866f0e394af",
    "profile_rules": "1390dac639a02fcbfc4ca3df7fe436f4019cbabc017025606ab69ff11ff8928c",
    "camera_pixel_density": "23e658933a54354707bb67a55ab50ad6dcd1354812e4da03852c14549cb91b58",
    "camera_models": "3c75e6ecc00240c11f070de095a8ee28f5b0f70231d66ed3f94b9e6f82aabb5a",
    "check_intervals": "6ab8f4e2f5a20b8225cb8ef835dd1be112a50e7f0a95e946549dd14c6e7f6406",
    "control_levels": "7facea7efb2f102fd348880d1b3dc99c1ed972812549d0caf46ba963f9eac6c9",
    "gb18218_2018_alpha_levels": "7ae9cc3a3039476d8957bd29077cdeeea4d1a5a538dc9b67bd398622ee70e66b",
    "gb18218_2018_table1": "6f11398df2a0158b465faed2e93d5795c3ba6ee177fe81a6cae0af210899c9af",
    "gb18218_2018_table1_beta": "9e93ab7d98c5671c569f7c0bf2364a88d35051a50a7d322b7ee48aaef887b1f9",
    "gb18218_2018_table2_table4": "a6759b46486ce6d11520240a48749d6ce465e355beac582f0a1bb664bc0e6686",  # noqa: E501
    "gb18218_2018_table3": "b03765aeb2d95e0e37e566fd3ae08963a789a35ad675fa0e63250f4d85f64dce",
    "gbt4754_2017_sections": "942fd0794845c0a49ea1fa197a1276cdb9f7ee5eebfad097624c7b0aeca6bc5a",
    "grade_profiles": "192b2613beaca207c6294ccb8b61a7ca186a159f5201ac50da71bb8b90599f29",
    "hazard_level_colours": "6ac7f771f451855ac504e9bc42e149de9e69b7a78518101c2cab4201ea057982",
    "lec_scales": "e8acab66fc19f48c6ac1633e3040e32b308d8d13476654a3a28d092032a48ffd",
    "neighbour_policies": "bff753057f795c96e1a79a4c56f1409c24141ab3e503112d703b785d50db79bb",
    "group_policies": "fbb077dfca0bdd99a4154c486d5e77eead5e279e4eca4ddbadd1ae11e5e03669",
    "hazard_screening": "9a2d6d353c429d20c0bdedb849890249c5d8e218b40a447fca24ba05222436c5",
    "road_speeds": "e81b92df39c85e16781e669e7427c54fb33c0fbcbf9487626605040c12b65061",
    "siting_standards": "088bf48e323ec532b8f701adef42b00407d0a136b80533ec654ff49080e5e42a",
    "rollup_indices": "0c1ebe2130641881645627025f959e9aff24b868809b7861ce819948bbf96817",
    "rollup_methods": "77b9f85d9d0d79ce5ba33e30c3ec67fe8ba7e73f1397043fb2744973e4a9306e",
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
        ("camera_pixel_density", "camera_pixel_density",
         {"level": "level", "px_per_m": "px_per_m", "verified": "verified"}),
        ("gb18218_2018_alpha_levels", "gb18218_2018_alpha_levels",
         {"min_inclusive": "min_inclusive", "max_exclusive": "max_exclusive", "value": "value"}),
        ("siting_standards", "siting_standards",
         {"topic": "topic", "title_en": "parameter", "value": "value", "unit": "unit",
          "verified": "verified"}),
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
    for row in (*rules, *table("siting_standards")):
        assert row["verified"] == "verified" or row["on"] == "0"
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
