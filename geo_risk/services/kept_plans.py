"""Siting plans kept in the store: listed, shown on the map, handed on, and checked elsewhere."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select

from geo_risk.errors import NotFoundError, Text, UsageError
from geo_risk.store import Store

from .site_plans import Plan, write_plan

SUBJECTS = {"cameras": Text("视频监控", "Cameras"), "centres": Text("应急站点", "Centres")}
_INPUTS = "inputs"


def keep(
    store: Store,
    plan: Plan,
    name: Text | None = None,
    read: Mapping[str, int] | None = None,
) -> str:
    """Keep a plan of cameras or centres; its id, the same for the same question.

    `name` is for people, in both languages. `read` tells which layers the plan rests on and their
    states when they were read. A plan of the same question is replaced. `UsageError`
    `plan_not_drawn`.
    """
    subject = str(plan.get("subject"))
    if subject not in SUBJECTS:
        raise UsageError(
            "plan_not_drawn",
            Text("只能存入视频监控和应急站点的方案", "Only plans of cameras and centres are kept"),
            where="plan",
            got=plan.get("model"),
            fix=Text(
                "用 geo-risk site cameras 或 centres 生成", "Make it with site cameras|centres"
            ),
        )
    key = f"{subject}-{str(plan['input_hash'])[:12]}"
    told = summary(plan) | {"name": dict(name or _name(plan)), "read": dict(read or {})}
    body = {member: one for member, one in plan.items() if member != _INPUTS}
    table = store.schema.site_plans
    with store.writing() as connection:
        connection.execute(delete(table).where(table.c.id == key))
        row = {
            "id": key,
            "subject": subject,
            "made_at": _now(),
            "summary": json.dumps(told, ensure_ascii=False),
            "body": _packed(body),
            "inputs": _packed(plan[_INPUTS]),
        }
        connection.execute(insert(table), [row])
        store.touch(connection, "site_plans")
    return key


def summary(plan: Plan) -> dict[str, Any]:
    """What a list tells of a plan: how many sites, the share before and after, and the proof."""
    if plan["subject"] == "cameras":
        whole = next((row for row in plan["in_view"] if (row["kind"], row["grade"]) == _ALL), None)
        before, after = (_part(whole, name) for name in ("before", "after"))
        notice = [plan["label"]] if plan["label"] else []
    else:
        points = plan.get("curve", {}).get("points", ())
        before = next((one["share"] for one in points if one["p"] == 0), None)
        after, notice = plan["cover"]["share"], plan["notice"]
    new = sum(row["properties"].get("status") == "new" for row in _sites(plan))
    return {
        "subject": plan["subject"],
        "new": new,
        "existing": len(plan["chosen"]) - new,
        "share_before": before,
        "share": after,
        "notice": [dict(one) for one in notice],
        "has_curve": bool(plan.get("curve")),
        **{member: plan[member] for member in ("status", "gap", "objective", "bound", "seconds")},
    }


_ALL = ("all", "all")


def _part(row: Mapping[str, Any] | None, name: str) -> float | None:
    return float(row[name] / row["of"]) if row and row["of"] else None


def _sites(plan: Plan) -> list[dict[str, Any]]:
    """The features that are cameras or sites."""
    return [
        one
        for one in plan["features"]
        if one["properties"].get("kind") == "camera" or one["properties"].get("role") == "site"
    ]


def _name(plan: Plan) -> Text:
    n, title = summary(plan)["new"], SUBJECTS[plan["subject"]]
    return Text(f"{title['zh']}，新增 {n}", f"{title['en']}, {n} new")


def listed(store: Store, subject: str = "") -> list[dict[str, Any]]:
    """The plans in short, the newest first; `changed_since` names layers that changed since."""
    table = store.schema.site_plans
    asked = select(table.c.id, table.c.made_at, table.c.summary).order_by(
        table.c.made_at.desc(), table.c.id
    )
    if subject:
        asked = asked.where(table.c.subject == subject)
    now = store.layer_states()
    with store.reading() as connection:
        rows = connection.execute(asked).all()
    return [_short(key, made_at, json.loads(told), now) for key, made_at, told in rows]


def _short(key: str, made_at: str, told: dict[str, Any], now: Mapping[str, int]) -> dict[str, Any]:
    read = told.pop("read")
    changed = [layer for layer, state in read.items() if now.get(layer, 0) != state]
    return {"id": key, "made_at": made_at, **told, "changed_since": changed}


def shown(store: Store, plan_id: str) -> dict[str, Any]:
    """All of a plan but what it rests on; `NotFoundError` `plan_unknown`."""
    made_at, told, body = _row(store, plan_id, ("made_at", "summary", "body"))
    return {**_unpacked(body), **_short(plan_id, made_at, json.loads(told), store.layer_states())}


def whole(store: Store, plan_id: str) -> Plan:
    """A plan with all it rests on, as `site check` takes it; `NotFoundError` `plan_unknown`."""
    body, given = _row(store, plan_id, ("body", _INPUTS))
    return {**_unpacked(body), _INPUTS: _unpacked(given)}


def export(store: Store, plan_id: str, path: Path) -> None:
    """Write a plan as a file; `NotFoundError` `plan_unknown` and the errors of `write_plan`."""
    write_plan(path, whole(store, plan_id))


def remove(store: Store, plan_id: str) -> None:
    """Forget a plan; `NotFoundError` `plan_unknown`."""
    table = store.schema.site_plans
    with store.writing() as connection:
        gone = connection.execute(delete(table).where(table.c.id == plan_id)).rowcount
        if not gone:
            raise _unknown(plan_id)
        store.touch(connection, "site_plans")


def _row(store: Store, plan_id: str, names: Sequence[str]) -> tuple[Any, ...]:
    table = store.schema.site_plans
    with store.reading() as connection:
        asked = select(*(table.c[name] for name in names)).where(table.c.id == plan_id)
        row = connection.execute(asked).first()
    if row is None:
        raise _unknown(plan_id)
    return tuple(row)


def _unknown(plan_id: str) -> NotFoundError:
    return NotFoundError(
        "plan_unknown",
        Text("没有这个方案", "There is no such plan"),
        where="plans",
        got=plan_id[:64],
        fix=Text("用 geo-risk plans list 查看", "See geo-risk plans list"),
    )


def _packed(body: object) -> bytes:
    text = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return gzip.compress(text.encode(), 6, mtime=0)


def _unpacked(body: bytes) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(gzip.decompress(body))
    return told


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
