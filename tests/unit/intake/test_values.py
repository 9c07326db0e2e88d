"""Cells as people write them, and the sentence for each that cannot be."""

from __future__ import annotations

import numpy as np
import pytest

from geo_risk.catalogue import layer
from geo_risk.intake.credit_code import check_character, is_credit_code
from geo_risk.intake.faults import Fault
from geo_risk.intake.positions import read_points
from geo_risk.intake.values import reader_of


def read(layer_id: str, field: str, cell: object) -> object:
    return reader_of(layer(layer_id).by_name[field])(cell)


@pytest.mark.parametrize(
    ("cell", "value"),
    [("１２", 12), ("1,200", 1200), (" 7 ", 7), ("35人", 35), (3.0, 3), (9, 9), ("", None)],
)
def test_whole_numbers(cell, value):
    assert read("enterprises", "people", cell) == value


@pytest.mark.parametrize("cell", ["约20", "nan", "inf", "1e999", "-1", "1_000", "2.5", True, "٣x"])
def test_what_is_no_number_of_people(cell):
    fault = read("enterprises", "people", cell)
    assert isinstance(fault, Fault)
    assert fault.code == "value_invalid"


@pytest.mark.parametrize(
    "cell", ["2026-03-05", "2026/3/5", "2026.3.5", "20260305", "2026年3月5日", 20260305]
)
def test_dates(cell):
    assert read("hidden_dangers", "found_on", cell) == "2026-03-05"


@pytest.mark.parametrize("cell", ["2026-02-30", "昨天", "3/5/26", 4608, True, "2026-13-01"])
def test_no_dates(cell):
    assert isinstance(read("hidden_dangers", "found_on", cell), Fault)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("是", True),
        ("√", True),
        (1, True),
        (True, True),
        ("否", False),
        ("×", False),
        ("FALSE", False),
    ],
)
def test_booleans(cell, value):
    assert read("enterprises", "synthetic", cell) is value


def test_enum_by_code_label_and_synonym():
    for cell in ("school", "学校", "School", " 小学 ", "ＳＣＨＯＯＬ"):
        assert read("targets", "kind", cell) == "school"
    fault = read("targets", "kind", "网吧")
    assert isinstance(fault, Fault)
    assert "医院" in fault.fix["zh"]
    assert "Hospital" in fault.fix["en"]


def test_tags_and_text():
    assert read("enterprises", "processes", "染色、定型，印花;染色／ 水洗") == "染色;定型;印花;水洗"
    literal = "{{ 7*7 }}<img src=x onerror=alert(1)>"
    assert read("enterprises", "name", f" {literal}\x00 ") == literal
    assert read("enterprises", "name", "甲\ud800乙") == "甲 乙".replace(" ", "")
    assert read("enterprises", "phone", 13800001234) == "13800001234"


def test_credit_codes():
    body = "91350581MA2Y0T1X7"
    good = body + check_character(body)
    assert is_credit_code("91350100M000100Y43")
    assert read("enterprises", "credit_code", good.lower()) == good
    bad = good[:-1] + ("0" if good[-1] != "0" else "1")
    assert isinstance(read("enterprises", "credit_code", bad), Fault)


def test_a_demo_code_is_for_synthetic_records_only(write_csv, intake):
    header = ["名称", "信用代码", "模拟数据"]
    code = "DEMO00000000000001"
    rows = intake(write_csv([header, ["甲", code, "是"], ["乙", code, "否"], ["丙", code, ""]]))
    assert [record["name"] for record in rows.records] == ["甲"]
    assert [(reject.row, reject.field) for reject in rows.rejects] == [
        (3, "credit_code"),
        (4, "credit_code"),
    ]


def test_substances_are_written_in_one_way():
    assert read("hazard_sources", "substances", "氨 40吨；甲醇:120.5") == "氨:40;甲醇:120.5"
    assert isinstance(read("hazard_sources", "substances", "氨 很多"), Fault)


def test_lec_takes_any_number():
    assert read("risk_points", "l", "0.5") == 0.5
    assert read("risk_points", "e", "7") == 7
    assert isinstance(read("risk_points", "c", "高"), Fault)


@pytest.mark.parametrize(
    ("cell", "degrees"),
    [
        ("118.6478", 118.6478),
        ("１１８．６４７８", 118.6478),
        ("118°38′52″", 118 + 38 / 60 + 52 / 3600),
        ("118°38'52\"", 118 + 38 / 60 + 52 / 3600),
        ("118度38分52秒", 118 + 38 / 60 + 52 / 3600),
        ("东经118.6478°", 118.6478),
        ("118.6478°E", 118.6478),
        ("E118.6478", 118.6478),
        ("西经118.6478", -118.6478),
        (118, 118),
    ],
)
def test_coordinates(cell, degrees):
    x, y, bad = read_points([cell, None, ""], ["24.7", "", None])
    assert not bad
    assert x[0] == pytest.approx(degrees, abs=1e-12)
    assert np.isnan(x[1:]).all()
    assert np.isnan(y[1:]).all()


@pytest.mark.parametrize(("x", "y", "lacking"), [("118.6", "", "y"), ("无", 24, "x")])
def test_half_a_coordinate_names_the_half_that_lacks(x, y, lacking):
    _, _, bad = read_points([x], [y])
    assert (bad[0].code, bad[0].field) == ("coordinate_half", lacking)


@pytest.mark.parametrize("pair", [("东", "24"), ("nan", "1"), (True, 1)])
def test_coordinates_that_cannot_be_read(pair):
    _, _, bad = read_points([pair[0]], [pair[1]])
    assert bad[0].code == "coordinate_invalid"


def test_a_row_is_rejected_once_in_both_languages_and_all_adds_up(write_csv, intake):
    header = ["名称", "人数", "经度", "纬度"]
    rows = intake(
        write_csv([header, ["", "x", "y", ""], ["甲", "x", "y", ""], ["乙", "1", "z", "1"], ["丙"]])
    )
    assert [reject.code for reject in rows.rejects] == [
        "required_missing",
        "value_invalid",
        "coordinate_invalid",
    ]
    assert len(rows.records) + len(rows.rejects) == rows.total == 4
    for reject in rows.rejects:
        for lang in ("zh", "en"):
            said = reject.as_json(lang)
            assert said["message"]
            assert said["fix"]
        assert reject.message["zh"] != reject.message["en"]
    assert "“x”" in rows.rejects[1].message["zh"]


@pytest.mark.parametrize("mark", ["\x1b[31m", "\x9b2J", "\x7f", "\u202e", "\u2069", "\u200f"])
def test_a_name_keeps_nothing_that_drives_a_terminal(mark):
    kept = read("enterprises", "name", f"示例{mark}厂\u2028二\ufeff车间")
    assert kept == f"示例{mark.lstrip(chr(27) + chr(0x9B)) if len(mark) > 1 else ''}厂 二车间"
    quoted = read("enterprises", "people", f"{mark}许多")
    assert isinstance(quoted, Fault)
    assert all(letter.isprintable() for letter in quoted.message["zh"])
