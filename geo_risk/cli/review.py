"""The review queue: list, place, dismiss."""

from __future__ import annotations

import click

from .main import language, report
from .options import db_option, json_option, opened


@click.group()
def review() -> None:
    """待核列表：没有定位的行 / Rows that wait for a position.

    \b
    geo-risk review list --json
    """


@review.command("list")
@db_option
@json_option
@click.pass_context
def review_list(context: click.Context, db: str | None, as_json: bool) -> None:
    """列出待核的行和候选地点 / List the waiting rows with their candidates.

    \b
    geo-risk review list --json
    """
    from geo_risk.services import review as queue

    with opened(context, db) as store:
        waiting = queue.waiting(store)
    if as_json:
        report({"review": waiting})
        return
    lang = language()
    for item in waiting:
        reasons = "；".join(reason[lang] for reason in item["reasons"])
        click.echo(f"{item['layer']} {item['row']} {item['name']} {item['address']}: {reasons}")
