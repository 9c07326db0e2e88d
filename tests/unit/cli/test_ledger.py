"""`geo-risk ledger` and `geo-risk plan-inspections` as scripts and people see them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.unit.cli.test_contract import Cli, cli, imported, rows

__all__ = ["cli", "imported", "rows"]

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
        (("ledger", "--intervals", "x"), "profile_unknown"),
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


def test_the_ledger_counts_from_the_day_it_is_asked(cli: Cli, rows: Path, tmp_path: Path) -> None:
    last = TODAY - timedelta(days=31)
    rows.write_text(
        f"编号,名称,经度,纬度,L,E,C,上次检查日期\nR1,示例甲,118.65,24.73,10,6,40,{last}\n", "utf-8"
    )
    cli.run("import", rows, "--layer", "risk_points", "--datum", "wgs84")
    assert cli.json("ledger")["totals"]["by_state"]["overdue"] == 1
