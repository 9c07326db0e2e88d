"""`geo-risk ledger` and `geo-risk plan-inspections` as scripts and people see them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Cli

TODAY = date.today()  # noqa: DTZ011


def test_the_ledger_in_json_words_and_files(cli: Cli, imported: str, tmp_path: Path) -> None:
    told = cli.json("ledger", "-o", "out.xlsx")
    assert told["as_of"] == told["due_by"] == TODAY.isoformat()
    assert told["file"] == "out.xlsx"
    assert (tmp_path / "out.xlsx").stat().st_size > 5_000
    assert [(item["id"], item["state"]) for item in told["items"]] == [
        ("R1", "never_checked"),
        ("R2", "never_checked"),
    ]
    later = cli.json("ledger", "--due", "2099-12-31", "--intervals", "register_only")
    assert later["due_by"] == "2099-12-31"
    text = cli.run("ledger", "--out", "out.csv")
    assert "无检查记录 2" in text
    assert "out.csv" in text


def test_the_plan_in_json_words_and_files(
    cli: Cli, imported: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    period = ("--from", "2026-12-01", "--to", "2026-12-31")
    told = cli.json("plan-inspections", *period, "-o", "plan.csv")
    assert [(visit["id"], visit["date"]) for visit in told["visits"]] == [
        ("R1", "2026-12-01"),
        ("R2", "2026-12-02"),
        ("R1", "2026-12-31"),
    ]
    assert told["calendar"]["approximate_years"] == []
    assert (tmp_path / "plan.csv").read_text("utf-8-sig").count("\n") == 4
    one = cli.json("plan-inspections", *period[:2], "--to", "2026-12-01", "--per-day", "1")
    assert [visit["id"] for visit in one["unplanned"]] == ["R2"], "exit code 0 all the same"
    assert "每日" in cli.run("plan-inspections", *period)
    monkeypatch.setenv("GEO_RISK_LANG", "en")
    assert "3 visits" in cli.run("plan-inspections", *period)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("ledger", "--due", "tomorrow"), "date_invalid"),
        (("ledger", "--due", "2026-02-30"), "date_invalid"),
        (("ledger", "--town", "1"), "town_unknown"),
        (("ledger", "--department", "x"), "department_unknown"),
        (("ledger", "--layer", "towns"), "layer_not_counted"),
        (("ledger", "--intervals", "x"), "intervals_unknown"),
        (("ledger", "-o", "out.pdf"), "format_unknown"),
        (("plan-inspections", "--from", "2026-12-01"), "usage"),
        (("plan-inspections", "--from", "2026-12-02", "--to", "2026-12-01"), "period_invalid"),
        (("plan-inspections", "--from", "1-1-1", "--to", "2026-12-01"), "date_invalid"),
    ],
)
def test_what_cannot_be_is_said_with_exit_code_2(
    cli: Cli, imported: str, tmp_path: Path, arguments: tuple[str, ...], code: str
) -> None:
    assert cli.error(*arguments, code=2)["code"] == code
    assert not list(tmp_path.glob("out.*"))


def register(cli: Cli, path: Path, *lines: str) -> None:
    head = "编号,名称,经度,纬度,L,E,C,登记等级,上次检查日期\n"
    path.write_text(head + "\n".join(lines) + "\n", "utf-8")
    cli.run("import", path, "--layer", "risk_points", "--datum", "wgs84")


def test_people_read_what_is_overdue_and_which_grades_differ(
    cli: Cli, rows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long, short = TODAY - timedelta(days=400), TODAY - timedelta(days=31)
    lines = [f"B{n:02},蓝{n},118.65,24.73,1,3,3,低,{long}" for n in range(31)]
    lines += [f"R1,红,118.66,24.73,10,6,40,一般,{short}", f"R2,新,118.66,24.73,10,6,40,,{TODAY}"]
    register(cli, rows, *lines)
    text = cli.run("ledger")
    told = text.splitlines()
    start = told.index(f"截至 {TODAY} 逾期和到期 32 项")
    assert told[start + 1] == "  ◆ 重大  R1  红  逾期 1 天"
    assert told[start + 2] == "  ● 低  B00  蓝0  逾期 35 天"
    assert told[start + 31] == "  … 还有 2 项，见 --json 或 -o"
    assert "登记等级偏低 1，偏高 0" in told
    assert "  risk_points  R1  红  登记 ■ 一般，计算 ◆ 重大" in told
    monkeypatch.setenv("GEO_RISK_LANG", "en")
    text = cli.run("ledger")
    assert "R1  红  1 day overdue" in text
    assert "stated ■ Moderate, computed ◆ Major" in text


def test_an_explicit_day_lists_only_what_is_due_by_then(cli: Cli, rows: Path) -> None:
    register(
        cli,
        rows,
        f"R1,甲,118.65,24.73,10,6,40,,{TODAY - timedelta(days=40)}",
        f"R2,乙,118.66,24.73,10,6,40,,{TODAY - timedelta(days=25)}",
        f"R3,丙,118.67,24.73,10,6,40,,{TODAY}",
        "R4,丁,118.68,24.73,10,6,40,,",
    )

    def listed(*options: object) -> tuple[str, list[str]]:
        told = cli.json("ledger", *options)
        assert told["totals"]["items"] == 4, "sums stay whole"
        return told["items_of"], [item["id"] for item in told["items"]]

    assert listed() == ("all", ["R1", "R2", "R3", "R4"])
    assert listed("--due", TODAY + timedelta(days=5)) == ("due", ["R1", "R2", "R4"])
    assert listed("--due", TODAY + timedelta(days=4)) == ("due", ["R1", "R4"])
    assert listed("--due", TODAY - timedelta(days=10)) == ("due", ["R1", "R4"])
    assert listed("--due", TODAY - timedelta(days=11)) == ("due", ["R4"])


def test_a_period_without_work_in_the_past_or_of_an_unknown_year_is_remarked(
    cli: Cli, imported: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = cli.run("plan-inspections", "--from", "2025-11-29", "--to", "2025-11-30")
    assert "时段内没有工作日" in text
    assert "时段已全部过去" in text
    assert "未排入 2（◆ 重大 1，● 低 1）" in text
    period = ("--from", "2059-12-01", "--to", "2059-12-31")
    text = cli.run("plan-inspections", *period)
    assert all(word in text for word in ("2059 年", "春节", "清明", "端午", "中秋"))
    told = cli.json("plan-inspections", *period)
    assert [one["code"] for one in told["remarks"]] == ["holidays_unknown"]
    assert told["unplanned_by_grade"]["red"] == 0
    monkeypatch.setenv("GEO_RISK_LANG", "en")
    text = cli.run("plan-inspections", "--from", "2025-11-29", "--to", "2025-11-30")
    assert "no working day" in text
    assert "not placed 2 (◆ Major 1, ● Low 1)" in text


def test_the_ledger_counts_from_the_day_it_is_asked(cli: Cli, rows: Path, tmp_path: Path) -> None:
    last = TODAY - timedelta(days=31)
    rows.write_text(
        f"编号,名称,经度,纬度,L,E,C,上次检查日期\nR1,示例甲,118.65,24.73,10,6,40,{last}\n", "utf-8"
    )
    cli.run("import", rows, "--layer", "risk_points", "--datum", "wgs84")
    assert cli.json("ledger")["totals"]["by_state"]["overdue"] == 1
