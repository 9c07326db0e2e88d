"""Intervals as registers write them are days; what is not certain costs a note, not the row."""

from __future__ import annotations

from dataclasses import replace

import pytest

from geo_risk.catalogue import layer
from geo_risk.intake.faults import Fault, Noted
from geo_risk.intake.values import reader_of

FIELD = layer("risk_points").by_name["check_interval_days"]
DAYS = {
    1: "每天, 每日, 每班, 每班次, 日, 日检, 逐日, 1天, 一日一次, 每日1次, 1次/天, 24小时, "
    "每工作日, daily, 1 day, every day, each shift, once per day, 1",
    2: "隔日, 隔天, 2天, 两天, 48小时, every 2 days, every other day",
    3: "3天, 三日, 每3天, 每三天一次",
    7: "每周, 每星期, 每礼拜, 周, 周检, 每周一次, 每周至少1次, 一周, 1周, 1次/周, 7日, 按周, "
    "weekly, every week, Weekly, 1 week, once a week",
    10: "每旬, 旬, 一旬, 10天, 十天, 10",
    14: "2周, 两周, 每两周, 双周, 2个星期, 每2周1次, 14, fortnightly, 2 weeks, every two weeks",
    15: "每半月, 半月, 半个月, 每半个月, 15天, 十五天, 15日, 每月2次, 2次/月, 两次/月, "
    "twice a month",
    30: "每月, 月, 每个月, 每月一次, 每月1次, 一月一次, 1个月, １个月, 月检, 月度, "
    "1次/月, 次/月, 月/次, 30日, 30天, 30 天, 三十天, 每月检查一次, 每月不少于1次, 1次／月, 30.0, "
    "monthly, 30 days, 30d, 1 month, every month, once a month",
    60: "2个月, 两个月, 两月, 每2月, 每两个月一次, 隔月, 1次/2个月, 60天, every 2 months",
    90: "每季度, 每季, 季度, 季, 每个季度, 一个季度, 3个月, 三个月, 3 个月, 每3个月, 每季度一次, "
    "一季度一次, 1次/季度, 1次/季, 按季度, 季度/次, 90天, 九十天, 每半年2次, 每季度。, "
    "quarterly, every quarter, 3 months, every three months, once every 3 months",
    180: "半年, 每半年, 半年一次, 每半年1次, 1次/半年, 半年度, 6个月, 六个月, 180天, 一百八十天, "
    "half-yearly, semi-annual, 6 months, half a year, every half year",
    360: "12个月, 360",
    365: "每年, 年, 年度, 年检, 1年, 一年, 每年一次, 每年1次, 1次/年, 一年一次, 三百六十五天, "
    "yearly, annually, Yearly, 1 year, every year, once a year",
    730: "2年, 两年, 每两年, 两年一次, 2 years",
}
SPELLINGS = [(spelling, days) for days, line in DAYS.items() for spelling in line.split(", ")]


@pytest.mark.parametrize(("cell", "days"), SPELLINGS)
def test_a_spelling_is_a_number_of_days(cell: str, days: int) -> None:
    got = reader_of(FIELD)(cell)
    assert (got, type(got)) == (days, int)


@pytest.mark.parametrize("cell", [30, 30.0])
def test_a_cell_of_a_workbook_is_a_number_of_days(cell: object) -> None:
    assert reader_of(FIELD)(cell) == 30


@pytest.mark.parametrize("cell", ["", " ", "/", "无", "—", "N/A"])
def test_an_empty_cell_is_no_interval_and_no_note(cell: str) -> None:
    assert reader_of(FIELD)(cell) is None


@pytest.mark.parametrize(
    ("cell", "days"),
    [
        *[("每周2次", 3), ("每年2次", 182), ("twice a year", 182), ("每2小时", 1), ("半天", 1)],
        *[("每班2次", 1), ("100小时", 4)],
    ],
)
def test_a_part_of_a_day_is_dropped_and_told_so_that_no_check_comes_late(
    cell: str, days: int
) -> None:
    got = reader_of(FIELD)(cell)
    assert isinstance(got, Noted)
    assert (got.value, got.code) == (days, "interval_rounded")
    assert f"已读作 {days} 天" in got.message["zh"]


@pytest.mark.parametrize(
    "cell",
    [
        *["不定期", "按需", "约30天", "1-3个月", "每周/每月", "一个半月", "1年半", "1.5年", "30.5"],
        *["3月", "一季度", "第二季度", "2季度", "每周一", "每隔3天", "2026-03-05"],
        *[
            "biweekly",
            "bimonthly",
            "biannual",
            "often",
            "2026年",
            "3651",
            "0",
            "0天",
            "-30",
            "0次/月",
        ],
        *[True, "٣天", "٣ days", "月" * 5000, "9" * 5000 + "天", "<b>每月</b>", "=1+1"],
    ],
)
def test_what_is_not_certain_is_left_out_with_a_note(cell: object) -> None:
    got = reader_of(FIELD)(cell)
    assert isinstance(got, Noted)
    assert (got.value, got.code) == (None, "interval_left_out")
    assert "每季度" in got.fix["zh"]
    assert "quarterly" in got.fix["en"]


def test_a_required_interval_is_refused_instead() -> None:
    got = reader_of(replace(FIELD, required=True))("不定期")
    assert isinstance(got, Fault)


def test_every_risk_point_is_taken_in_and_the_unread_cell_is_told(write_csv, intake) -> None:
    header = ["风险点名称", "L", "E", "C", "检查周期", "措施类别"]
    lines = [
        *[["甲", 3, 6, 15, "每季度", "工程措施"], ["乙", 3, 6, 15, "不定期", "教育培训"]],
        *[["丙", 3, 6, 15, "每周2次", "PPE"], ["丁", 3, 6, 15, "", "管理控制措施"]],
    ]
    rows = intake(write_csv([header, *lines]), "risk_points")
    assert rows.rejects == []
    assert [row["check_interval_days"] for row in rows.records] == [90, None, 3, None]
    kinds = ["engineering", "training", "protection", "management"]
    assert [row["control_kind"] for row in rows.records] == kinds
    told = [(f.row, f.field, f.code, f.outcome) for f in rows.findings]
    assert told == [
        (3, "check_interval_days", "interval_left_out", "noted"),
        (4, "check_interval_days", "interval_rounded", "noted"),
    ]


def test_the_kinds_of_control_are_read_as_registers_write_them() -> None:
    read = reader_of(layer("hazard_sources").by_name["control_kind"])
    cells = {
        "engineering": "工程技术措施 工程技术 工程措施 工程 技术措施",
        "management": "管理措施 管理 管理控制措施",
        "training": "培训教育措施 教育培训 培训",
        "protection": "个体防护措施 PPE ppe ＰＰＥ 个人防护用品",
        "emergency": "应急处置措施 应急",
    }
    for kind, words in cells.items():
        assert {read(word) for word in words.split()} == {kind}
