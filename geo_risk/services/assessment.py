"""The comprehensive assessment of the city: everything it says, gathered from one state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import func, select

from geo_risk.assessment import Assessment, CheckRow, Checks, Dangers, LayerFigure, Tally
from geo_risk.catalogue import LayerSpec
from geo_risk.errors import ConflictError, Text
from geo_risk.store import Query, Store

from .assessment_change import change_since
from .assessment_groups import NOT_STATED_WORDS, breakdowns, group_of, methods
from .assessment_map import map_data
from .assessment_method import gaps, profiles, unplaced
from .assessment_worst import rankings
from .features import notice, state
from .ledger import ledger, summary
from .roll_ups import rollup

_TRIES = 3


def assess(store: Store, since: str = "", *, now: datetime | None = None) -> Assessment:
    """The assessment of what stands in the store now.

    `since` is a moment (ISO 8601, UTC) or the id of a batch, which means the state just before it
    was written; without it nothing is compared. `now` is the moment the report is made. All
    tables speak of one state: where the store is written to meanwhile, everything is read again.
    Raises `NotFoundError` `batch_unknown`, `UsageError` `moment_ahead`, `ConflictError`
    `store_changing`.
    """
    made = now or datetime.now(UTC)
    for _ in range(_TRIES):
        before = state(store)
        result = _gather(store, since, made)
        if state(store) == before:
            return result
    raise ConflictError(
        "store_changing",
        Text("数据库正在不断被写入", "The store is being written to all the time"),
        where=store.target,
        fix=Text("等导入结束后再试", "Try again when the import has ended"),
    )


def counted_layers(store: Store) -> list[LayerSpec]:
    """The layers whose grades count, in the order of the map."""
    specs = (spec for spec in store.schema.specs.values() if spec.counted)
    return sorted(specs, key=lambda spec: spec.order)


def _gather(store: Store, since: str, made: datetime) -> Assessment:
    counted = counted_layers(store)
    today = made.astimezone().date()
    city = rollup(store, "city")
    figures = tuple(_figure(store, spec) for spec in counted)
    whole = group_of(city["areas"][0])
    enterprises = store.count_grades(Query("enterprises"))
    batches = store.rows("batches")
    parts = breakdowns(store, counted)
    worst = rankings(store, counted, parts)
    return Assessment(
        city=whole,
        made_at=made.isoformat(timespec="seconds").replace("+00:00", "Z"),
        data_at=batches[-1]["at"] if batches else "",
        last_batch=batches[-1]["id"] if batches else "",
        notice=notice(store),
        origins=_origins(store),
        enterprises=sum(enterprises.values()),
        enterprises_graded=sum(enterprises.values()) - enterprises.get("no_data", 0),
        layers=figures,
        dangers=_dangers(store, f"{today:%Y-%m-%d}"),
        checks=_checks(store, today),
        index_title=city["title"],
        index_formula=city["methods"]["index"]["formula"],
        index_starts=city["starts"],
        methods=methods(rollup(store, "town"), parts[0].groups),
        breakdowns=parts,
        rankings=worst,
        change=change_since(store, counted, since, made) if since else None,
        profiles=profiles(figures),
        gaps=gaps(store, counted),
        unplaced=unplaced(store),
        map=map_data(store, counted, parts, worst),
    )


def _figure(store: Store, spec: LayerSpec) -> LayerFigure:
    used = store.count_by(Query(spec.id), "profile")
    return LayerFigure(
        spec.id,
        spec.title,
        Tally.of_mapping(store.count_grades(Query(spec.id))),
        tuple(sorted(((key[0], n) for key, n in used.items() if key[0]), key=lambda p: -p[1])),
    )


def _checks(store: Store, today: date) -> Checks:
    """Checks overdue and never made, by the control ledger."""
    found = summary(ledger(store, today).items)
    totals = found["totals"]
    return Checks(
        all=_check_row(totals, ""),
        towns=tuple(_check_row(row, row["name"]) for row in found["by_town"]),
        departments=tuple(_check_row(row, row["name"]) for row in found["by_department"]),
        stated_lower=totals["stated_lower"],
        stated_higher=totals["stated_higher"],
    )


def _check_row(row: Mapping[str, Any], name: str | None) -> CheckRow:
    words = NOT_STATED_WORDS if name is None else Text(name, name)
    overdue = Tally.of_mapping(row["overdue_by_grade"])
    return CheckRow(words, row["items"], overdue, row["by_state"]["never_checked"])


def _dangers(store: Store, today: str) -> Dangers | None:
    """Hidden dangers by state; None where the store has no such layer or none of them."""
    if "hidden_dangers" not in store.schema.specs:
        return None
    table = store.source("hidden_dangers")
    is_open = func.coalesce(table.c.state, "") != "closed"
    unmended = func.coalesce(table.c.state, "").not_in(("closed", "accepted"))

    def number(*conditions: Any) -> int:
        return int(
            connection.scalar(select(func.count()).select_from(table).where(*conditions)) or 0
        )

    with store.reading() as connection:
        found = Dangers(
            total=number(),
            open=number(is_open),
            overdue=number(unmended, table.c.deadline < today),
            major_open=number(is_open, table.c.severity == "major"),
        )
    return found if found.total else None


def _origins(store: Store) -> tuple[str, ...]:
    """Where areas and units come from, as their rows say."""
    layers = ("city", "towns", "enterprises", "hazard_sources", "risk_points")
    found: dict[str, None] = {}
    for layer_id in layers:
        if layer_id in store.schema.specs:
            for key in sorted(k[0] for k in store.count_by(Query(layer_id), "origin") if k[0]):
                found[key] = None
    return tuple(found)
