"""Which rows of a grid are title, header, record or neither; nothing is left out unsaid."""

from __future__ import annotations

import pytest

from geo_risk.errors import InputError
from geo_risk.intake.header import column_names, header_at, shape
from geo_risk.intake.header_rows import SKIPPED

HEAD = ["企业名称", "地址", "经度", "纬度"]
ONE = ["示例甲公司", "石狮市鸿山镇1号", "118.7011", "24.7318"]
TWO = ["示例乙公司", "石狮市灵秀镇2号", "118.6622", "24.7344"]


def table(rows, merged=(), kind="csv"):
    raw = {"rows": [list(row) for row in rows], "numbers": list(range(1, len(rows) + 1))}
    return shape({**raw, "merged": [list(span) for span in merged]}, kind, "")


def refusal(rows):
    with pytest.raises(InputError) as caught:
        table(rows)
    assert caught.value.message["zh"]
    assert caught.value.fix["en"]
    return caught.value


@pytest.mark.parametrize("above", range(11))
def test_up_to_ten_lines_stand_above_the_header(above):
    made = table([*[[f"说明第{n}条", "", "", ""] for n in range(above)], HEAD, ONE, TWO])
    assert made.header_row == above + 1
    assert made.title == [f"说明第{n}条" for n in range(above)]
    assert made.skipped == [(n, "title_row") for n in range(1, above + 1)]
    assert made.rows == [ONE, TWO]


@pytest.mark.parametrize(
    "particulars",
    [
        ["填报单位：", "某某办", "日期：", "2026年3月1日"],
        ["单位：人", "", "", "附件1"],
        ["联系人", "示例某", "联系电话", "0595-00000001"],
        ["石狮市企业台账", "", "", ""],
    ],
)
def test_lines_of_particulars_are_no_header_and_no_group(particulars):
    made = table([particulars, HEAD, ONE])
    assert (made.header_row, made.header_rows, made.columns) == (2, 1, HEAD)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (["（1）", "（2）", "（3）", "（4）"], "numbering_row"),
        (["①", "②", "③", "④"], "numbering_row"),
        (["甲", "乙", "1", "2"], "numbering_row"),
        (["1", "2", "3", "4"], "numbering_row"),
        (["—", "—", "—", "—"], "unit_row"),
        (["", "", "°", "°"], "unit_row"),
        (["文本", "文本", "数字", "数字"], "unit_row"),
        (["个", "人/吨", "度", "度"], "unit_row"),
        (["示例", "石狮市鸿山镇1号", "118.7", "24.7"], "example_row"),
        (["企业名称", "地址", "经度", "纬度"], "repeated_header"),
    ],
)
def test_a_row_below_the_header_that_is_no_record(row, code):
    made = table([HEAD, row, ONE])
    assert made.skipped == [(2, code)]
    assert SKIPPED[code]["zh"]
    assert made.rows == [ONE]


@pytest.mark.parametrize(
    "row",
    [
        ["甲", "乙", "丙", "丁"],
        ["1", "3", "7", "2"],
        ["示例公司", "1", "2", "3"],
        ["企业名称", "", "", ""],
        ["注塑厂：一车间", "石狮市", "118.7", "24.7"],
        ["—", "", "", ""],
    ],
)
def test_a_record_is_never_left_out(row):
    made = table([HEAD, row, ONE])
    assert (made.rows, made.skipped) == ([row, ONE], [])


@pytest.mark.parametrize(
    "notes",
    [
        [["注：坐标为GCJ-02", "", "", ""]],
        [["备注:", "", "", ""], ["1.含临时工", "", "", ""], ["2.不含外协", "", "", ""]],
        [["填表人：示例某", "", "审核人：示例某某", "2026年3月"]],
        [["填表说明：见附件", "", "", ""], ["单位负责人：", "", "填报日期：", ""]],
        [["以下空白", "", "", ""]],
    ],
)
def test_notes_after_the_table_are_named(notes):
    made = table([HEAD, ONE, TWO, *notes])
    assert made.rows == [ONE, TWO]
    assert made.skipped == [(4 + at, "footnote") for at in range(len(notes))]


def test_a_note_before_further_records_stays_a_row():
    made = table([HEAD, ONE, ["注：下为二期", "", "", ""], TWO])
    assert len(made.rows) == 3


def test_merged_cells_decide_over_two_rows():
    above = ["企业", None, "位置", None]
    made = table(
        [above, ["名称", "电话", "经度", "纬度"], ["示例公司", "0595-00000001", 118.7, 24.7]],
        [(1, 0, 1, 1), (1, 2, 1, 3)],
        "xlsx",
    )
    assert (made.header_row, made.header_rows) == (2, 2)
    assert made.columns == ["名称", "电话", "经度", "纬度"]


def test_a_header_with_blank_cells_over_records_is_one_row():
    made = table([["企业名称", "", "经度", "纬度"], ONE, TWO])
    assert (made.header_rows, made.rows) == (1, [ONE, TWO])
    made = table([["企业名称", "地址", "所属镇"], ["示例公司", "某路", "某镇"]])
    assert made.header_rows == 1


def test_same_lower_words_are_told_apart_by_the_upper():
    above = ["名称", "负责人", "", "联系人", ""]
    made = table([above, ["", "姓名", "电话", "姓名", "电话"], ["甲", "乙", "1", "丙", "2"]])
    assert made.columns == ["名称", "负责人姓名", "负责人电话", "联系人姓名", "联系人电话"]


def test_without_a_header_no_record_is_eaten():
    error = refusal([ONE, TWO])
    assert error.code == "header_missing"
    assert "示例甲公司" in error.got
    assert refusal([["001", *ONE], ["002", *TWO]]).code == "header_missing"
    assert refusal([["甲公司", "石狮市"], ["乙公司", "晋江市"]]).code == "header_missing"
    # Two words of a record are known ones: it is a record all the same.
    amenity = ["幼儿园一", "118.6", "24.7", "类型", "名称"]
    assert refusal([["小学二", "118.7", "24.8", "甲", "乙"], amenity]).code == "header_missing"


def test_unknown_words_over_values_are_a_header():
    made = table([["招牌", "东", "北"], ["甲店", "118.6", "24.7"], ["乙店", "118.7", "24.8"]])
    assert (made.header_row, made.columns) == (1, ["招牌", "东", "北"])


def test_a_table_on_its_side_is_refused():
    rows = [[name, one, two] for name, one, two in zip(HEAD, ONE, TWO, strict=True)]
    error = refusal(rows)
    assert error.code == "table_transposed"
    assert "转置" in error.fix["zh"]


def test_nothing_at_all_is_an_empty_file():
    assert refusal([["", " "], [None, ""]]).code == "file_empty"
    assert refusal([]).code == "file_empty"


def test_every_row_is_kept_or_named():
    rows = [["台账"], HEAD, ["1", "2", "3", "4"], ONE, HEAD, TWO, [""] * 4, ["注：无"]]
    made = table(rows)
    told = {made.header_row, *made.row_numbers, *(number for number, _ in made.skipped)}
    assert told == set(range(1, 9)) - {7}


def test_the_first_of_two_like_rows_is_the_header():
    assert header_at([HEAD, HEAD]) == 0


def test_a_column_name_keeps_nothing_that_drives_a_terminal():
    assert column_names(["名\u202e称\x1b", "名称", "\u200f"], 3) == ["名称", "名称_2", "column_3"]
