"""A register of grades without the figures behind them is taken in; one of neither is not."""

from __future__ import annotations

import pytest

from geo_risk.catalogue import layer, parse_layer
from geo_risk.errors import CatalogueError, InputError
from geo_risk.export.headers import headers
from geo_risk.grading import GRADERS
from geo_risk.intake import map_columns

RAW = {
    "id": "lifts",
    "title": {"zh": "电梯", "en": "Lifts"},
    "geometry": ["point"],
    "fields": [],
    "field": [
        {"name": "name", "type": "text", "label": {"zh": "名称", "en": "Name"}},
        {"name": "risk", "type": "grade", "label": {"zh": "等级", "en": "Grade"}},
    ],
}


def test_a_hazard_source_needs_its_substances_or_a_stated_grade(write_csv, intake):
    header = ["名称", "风险等级", "危险化学品", "经度", "纬度"]
    lines = [
        ["甲罐区", "Ⅰ级(红色)", "", "118.6", "24.7"],
        ["乙罐区", "", "氨:40", "118.6", "24.7"],
        ["丙罐区", "", "/", "118.6", "24.7"],
        ["丁罐区", "/", "", "118.6", "24.7"],
    ]
    rows = intake(write_csv([header, *lines]), "hazard_sources")
    assert [(r["name"], r["stated_grade"]) for r in rows.records] == [
        ("甲罐区", "red"),
        ("乙罐区", None),
    ]
    assert [(r.row, r.field, r.code) for r in rows.rejects][-1] == (
        5,
        "substances",
        "required_missing",
    )
    assert "登记风险等级" in rows.rejects[-1].fix["zh"]
    assert "Stated risk grade" in rows.rejects[-1].fix["en"]
    grades = GRADERS["gb18218"].grade_rows(rows.records)
    assert (grades[0].grade.value, grades[0].profile) == ("red", "stated")
    assert grades[1].profile != "stated"


def test_a_register_with_grades_only_needs_no_column_of_substances(write_csv, intake):
    rows = intake(write_csv([["名称", "安全风险等级"], ["甲罐区", "较大"]]), "hazard_sources")
    assert rows.records[0]["stated_grade"] == "orange"
    with pytest.raises(InputError, match="substances"):
        intake(write_csv([["名称", "地址"], ["甲罐区", "灵秀镇"]]), "hazard_sources")


def test_the_grade_of_a_hidden_danger_stays_its_own(write_csv, intake):
    header = ["隐患描述", "隐患级别", "状态", "发现日期"]
    rows = intake(write_csv([header, ["无灭火器", "重大", "整改中", "2026-3-5"]]), "hidden_dangers")
    assert rows.records[0]["severity"] == "major"
    assert "stated_grade" not in rows.records[0]


def test_a_field_of_the_type_grade_has_the_four_grades_in_words():
    spec = parse_layer("lifts.toml", RAW, {})
    assert [choice.code for choice in spec.by_name["risk"].choices] == [
        "red",
        "orange",
        "yellow",
        "blue",
    ]
    assert layer("risk_points").by_name["stated_grade"].choices[0].label["zh"] == "重大"


@pytest.mark.parametrize("layer_id", ["risk_points", "hazard_sources", "enterprises"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_in_our_own_export_the_computed_grade_is_not_taken_for_the_stated_one(layer_id, lang):
    spec = layer(layer_id)
    named = headers(spec, lang)
    columns = list(named.values())
    at = map_columns(columns, spec).fields["stated_grade"]
    assert columns[at] == named["stated_grade"] != named["grade"]


def test_unless_names_a_field_of_the_layer():
    fields = [RAW["field"][0] | {"required": True, "unless": "rsik"}, RAW["field"][1]]
    with pytest.raises(CatalogueError, match=r"name\.unless"):
        parse_layer("lifts.toml", RAW | {"field": fields}, {})
