"""The control ledger and the inspection plan: ledger, plan-inspections."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from geo_risk.errors import Text, UsageError

from .main import echo, language, report
from .options import F, db_option, json_option, opened


def _filters(command: F) -> F:
    """The options that choose which items a command is about."""
    for option in (
        click.option("-o", "--out", type=click.Path(path_type=Path), help="OUT.xlsx|.csv"),
        click.option(
            "--intervals",
            default="",
            help="检查周期方案，register_only 只用登记的 / intervals, e.g. register_only",
        ),
        click.option("--layer", "layers", multiple=True, help="图层，可重复 / layer, repeatable"),
        click.option("--department", default="", help="监管部门，全名 / department, whole name"),
        click.option("--town", default="", help="镇代码或名称 / town, code or name"),
    ):
        command = option(command)
    return command


def _day(text: str, where: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise UsageError(
            "date_invalid",
            Text("日期不正确", "The date is not valid"),
            where=where,
            got=text,
            fix=Text("写作 2026-12-31", "Write 2026-12-31"),
        ) from None


@click.command()
@_filters
@click.option("--due", default="", help="到期截止日，缺省为今天 / due until, today by default")
@db_option
@json_option
@click.pass_context
def ledger(
    context: click.Context,
    town: str,
    department: str,
    layers: tuple[str, ...],
    intervals: str,
    out: Path | None,
    due: str,
    db: str | None,
    as_json: bool,
) -> None:
    """管控台账：责任、周期、到期与逾期、等级差异、缺项 / Who answers for what, and what is due.

    \b
    geo-risk ledger --town 350581104 --due 2026-12-31 -o 台账.xlsx
    """
    from geo_risk.services import ledger as ledgers
    from geo_risk.services.ledger_files import write_ledger

    due_by = _day(due, "--due") if due else None
    with opened(context, db) as store:
        found = ledgers.ledger(
            store,
            date.today(),  # noqa: DTZ011 - the day where the inspectors are
            due_by=due_by,
            town=town,
            department=department,
            layers=layers,
            policy=intervals,
        )
        if out:
            write_ledger(store, found, out, language())
    told = found.as_json()
    if as_json:
        report({**told, "file": str(out) if out else None})
        return
    _tell_ledger(told)
    if out:
        echo(out)


def _tell_ledger(told: Mapping[str, Any]) -> None:
    from geo_risk.services.ledger_files import gap_words, state_words

    lang = language()
    zh, totals = lang == "zh", told["totals"]
    states = "  ".join(f"{state_words(s, lang)} {n}" for s, n in totals["by_state"].items())
    echo(f"{told['as_of']}  {totals['items']} {'项' if zh else 'items'}: {states}")
    unnamed = "未填" if zh else "not given"
    for key in ("by_town", "by_department"):
        for one in told[key]:
            late, due = one["by_state"]["overdue"], one["by_state"]["due"]
            never = one["by_state"]["never_checked"]
            words = (
                f"逾期 {late}  到期 {due}  无检查记录 {never}"
                if zh
                else f"overdue {late}  due {due}  never checked {never}"
            )
            echo(f"  {one['name'] or one['id'] or unnamed}  {one['items']}  {words}")
    lower, higher = totals["stated_lower"], totals["stated_higher"]
    echo(
        f"登记等级偏低 {lower}，偏高 {higher}"
        if zh
        else f"stated grade lower {lower}, higher {higher}"
    )
    gaps = "  ".join(f"{gap_words(gap, lang)} {n}" for gap, n in told["gaps"].items() if n)
    echo(f"{'缺项' if zh else 'missing'}: {gaps or '0'}")


@click.command("plan-inspections")
@_filters
@click.option("--from", "start", required=True, help="第一天 2027-01-01 / first day")
@click.option("--to", "end", required=True, help="最后一天 2027-03-31 / last day")
@click.option("--per-day", type=int, help="每日至多检查数 / most visits on a day")
@db_option
@json_option
@click.pass_context
def plan_inspections(
    context: click.Context,
    town: str,
    department: str,
    layers: tuple[str, ...],
    intervals: str,
    out: Path | None,
    start: str,
    end: str,
    per_day: int | None,
    db: str | None,
    as_json: bool,
) -> None:
    """下期检查计划，均匀排入工作日 / The next period's inspections, spread over working days.

    \b
    geo-risk plan-inspections --from 2027-01-01 --to 2027-03-31 -o 计划.xlsx
    """
    from geo_risk.services.inspections import inspections
    from geo_risk.services.ledger_files import write_plan

    first, last = _day(start, "--from"), _day(end, "--to")
    with opened(context, db) as store:
        plan = inspections(
            store,
            date.today(),  # noqa: DTZ011 - the day where the inspectors are
            first,
            last,
            town=town,
            department=department,
            per_day=per_day,
            layers=layers,
            policy=intervals,
        )
        if out:
            write_plan(store, plan, out, language())
    told = plan.as_json()
    if as_json:
        report({**told, "file": str(out) if out else None})
        return
    _tell_plan(told)
    if out:
        echo(out)


def _tell_plan(told: Mapping[str, Any]) -> None:
    zh, loads = language() == "zh", told["loads"]
    years = ", ".join(map(str, told["calendar"]["approximate_years"]))
    if zh:
        echo(
            f"{told['planned']} 次检查，{told['working_days']} 个工作日，"
            f"每日 {loads['least']}–{loads['most']} 次；迟于应检 {told['late']}，"
            f"未排入 {len(told['unplanned'])}"
        )
    else:
        echo(
            f"{told['planned']} visits on {told['working_days']} working days, "
            f"{loads['least']}–{loads['most']} a day; late {told['late']}, "
            f"not placed {len(told['unplanned'])}"
        )
    if years:
        echo(f"{years}: {'放假安排未知，按周一至周五' if zh else 'holidays not known, Mon–Fri'}")
    for day in told["days"]:
        echo(f"  {day['date']}  {day['visits']}  {'、'.join(day['towns'])}")
