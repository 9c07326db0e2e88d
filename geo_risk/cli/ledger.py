"""The control ledger and the inspection plan: ledger, plan-inspections."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from geo_risk.errors import Text, UsageError

from .ledger_text import tell_ledger, tell_plan
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
@click.option(
    "--due",
    default="",
    help="到期截止日，缺省为今天；写明则只列截至该日应检和从未检查的，合计仍为全部 / "
    "due until, today by default; if given, only what is due by then or never checked is listed, "
    "sums stay whole",
)
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
    tell_ledger(told, language())
    if out:
        echo(out)


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
    tell_plan(told, language())
    if out:
        echo(out)
