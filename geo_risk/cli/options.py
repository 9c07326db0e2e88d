"""Options and helpers that commands share."""

from __future__ import annotations

import math
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from geo_risk.errors import Text, UsageError

F = TypeVar("F", bound=Callable[..., Any])


def db_option(command: F) -> F:
    """`--db`, also behind the command."""
    return click.option("--db", help="GeoPackage 文件或 PostGIS 地址 / store: path or URL")(command)


def json_option(command: F) -> F:
    """`--json`: the result as JSON on stdout."""
    return click.option("--json", "as_json", is_flag=True, help="输出 JSON / JSON on stdout")(
        command
    )


@contextmanager
def opened(
    context: click.Context, db: str | None, *, create: bool = False, scratch: bool = False
) -> Iterator[Any]:
    """The store the options name, closed afterwards.

    `create` makes one that is not there; with `scratch` that one is thrown away afterwards.
    """
    from geo_risk.services import stores

    target = db or (context.obj or {}).get("db") or stores.default_target()
    with tempfile.TemporaryDirectory() as folder:
        if scratch and "://" not in target and not Path(target).exists():
            target = str(Path(folder) / "scratch.gpkg")
        store = stores.open_store(target, create=create)
        try:
            yield store
        finally:
            store.close()


def parse_bbox(text: str | None) -> tuple[float, float, float, float] | None:
    """`W,S,E,N` in degrees; `UsageError` otherwise."""
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise _bad_bbox(text) from None
    finite = all(map(math.isfinite, (west, south, east, north)))
    if not (finite and -180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise _bad_bbox(text)
    return west, south, east, north


def _bad_bbox(text: str) -> UsageError:
    return UsageError(
        "bbox_invalid",
        Text("范围不正确", "The box is not valid"),
        where="--bbox",
        got=text,
        fix=Text("写作 西,南,东,北（度）", "Write west,south,east,north in degrees"),
    )


def parse_grades(text: str | None) -> tuple[str, ...]:
    """`red,橙,重大` as grades: codes, colours and labels; `UsageError` names those that exist."""
    from geo_risk.vocabulary import GRADES

    known: dict[str, str] = {}
    for grade, style in GRADES.items():
        words = (str(grade), *style.label.values(), *style.level.values())
        known |= {word.lower(): str(grade) for word in (*words, f"{style.level['zh']}色")}
    parts = (part.strip() for part in re.split("[,，、]", text or ""))
    found: dict[str, None] = {}
    for part in filter(None, parts):
        if part.lower() not in known:
            zh = "、".join(f"{g} {s.level['zh']} {s.label['zh']}" for g, s in GRADES.items())
            en = ", ".join(f"{g} ({s.label['en']})" for g, s in GRADES.items())
            raise UsageError(
                "grade_unknown",
                Text("没有这个等级", "There is no such grade"),
                where="--grade",
                got=part,
                fix=Text(f"可用: {zh}", f"Use {en}"),
            )
        found[known[part.lower()]] = None
    return tuple(found)


def parse_moment(
    text: str,
    *,
    where: str = "--as-of",
    whole_day: bool = True,
    local: bool = False,
    fix: Text | None = None,
) -> str:
    """A date or time as ISO 8601 in UTC with milliseconds, as the store keeps it.

    A date is the end of its day; its start with `whole_day=False`. What has no offset is in UTC,
    with `local` in the machine's own time. `where` names the option, `fix` what it takes.
    """
    from datetime import UTC, datetime, timedelta

    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text)
        if whole_day and len(text) == len("2026-11-24"):  # a date means its whole day
            moment += timedelta(days=1, milliseconds=-1)
        aware = bool(moment.tzinfo) or local
        moment = moment.astimezone(UTC) if aware else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise UsageError(
            "moment_invalid",
            Text("时间不正确", "The time is not valid"),
            where=where,
            got=text,
            fix=fix or Text("写作 2026-11-24T08:00:00Z", "Write 2026-11-24T08:00:00Z"),
        ) from None
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
