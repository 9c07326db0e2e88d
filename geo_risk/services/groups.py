"""Joint-prevention groups: built from the store as a whole, kept in it, listed and shown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from geo_risk.errors import NotFoundError, Text, UsageError
from geo_risk.jobs import Progress, silent
from geo_risk.neighbours.group_policies import LEAD_RULE, MAJOR, group_policy_named
from geo_risk.neighbours.groups import group_ids
from geo_risk.store import Store
from geo_risk.vocabulary import SEVERITY, Grade

from .group_areas import area_pairs
from .group_bodies import Bodies, Body
from .group_units import read_units

KINDS = {
    "site": Text("片区组", "Site group"),
    "alliance": Text("行业联盟", "Industry alliance"),
    "area": Text("相邻区域", "Area pair"),
}
WHY_ALONE = {
    "unplaced": Text("没有位置", "no position"),
    "no_link": Text("附近没有相近的单位", "nobody near and alike"),
    "too_few": Text("可联单位不足成组", "too few partners for a group"),
}
_META = "joint_groups"
_STEPS = 4
_READ = ("enterprises", "risk_points", "hazard_sources", "facilities", "towns", "surroundings")
_LISTED = ("id", "kind", "policy", "worst", "n", "graded", "major", "lead", "diameter_m")


def build(
    store: Store, policy: str = "", *, major_only: bool = False, progress: Progress = silent
) -> dict[str, Any]:
    """Build all groups anew and put them in the place of those before; what came of it.

    With `major_only` only units of red or orange worst grade take part. A group keeps the id of
    the one before of which more than half are in it. `UsageError` `policy_unknown`.
    """
    chosen = group_policy_named(policy)
    states = store.layer_states()
    progress(0, _STEPS, Text("读取单位", "Reading the units"))
    units = read_units(store, MAJOR if major_only else ())
    progress(1, _STEPS, Text("结成各组", "Forming the groups"))
    bodies = Bodies(store, units, chosen, lambda: progress(1, _STEPS))
    site, alliance = bodies.site_bodies(), bodies.alliance_bodies()
    progress(2, _STEPS, Text("比较相邻区域", "Comparing adjacent areas"))
    by_kind = {"site": site, "alliance": alliance, "area": area_pairs(store, chosen)}
    progress(3, _STEPS, Text("写入", "Writing"))
    built_at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    with store.writing() as connection:
        kept = 0
        for kind, of in by_kind.items():
            kept += _name(connection, store, kind, of)
        about = {
            "policy": chosen.name,
            "major_only": major_only,
            "built_at": built_at,
            "lead_rule": dict(LEAD_RULE),
            "units": len(units.ids),
            "graded": sum(record["grade"] != "no_data" for record in units.records),
            "placed": int(units.placed.sum()),
            "links": len(bodies.links),
            "groups": {kind: len(of) for kind, of in by_kind.items()},
            "in_site_groups": sum(body["n"] for body in by_kind["site"]),
            "kept_ids": kept,
            "alone": bodies.alone(by_kind["alliance"]),
        }
        progress(3, _STEPS)
        _write(store, connection, by_kind, about, states)
        progress(_STEPS, _STEPS)
    return about


def _name(connection: Connection, store: Store, kind: str, bodies: Sequence[Body]) -> int:
    """Give ids to the groups of a kind; how many are those of before."""
    table = store.schema.joint_groups
    rows = connection.execute(select(table.c.id, table.c.body).where(table.c.kind == kind))
    before = {key: [m["id"] for m in json.loads(body)["members"]] for key, body in rows}
    members = [[member["id"] for member in body["members"]] for body in bodies]
    if kind == "area":
        # A town stands in several pairs: the two are the pair.
        members = [["\n".join(sorted(pair))] for pair in members]
        before = {key: ["\n".join(sorted(pair))] for key, pair in before.items()}
    leads = [body.get("lead") or of[0] for body, of in zip(bodies, members, strict=True)]
    for body, key in zip(bodies, group_ids(members, leads, kind, before), strict=True):
        body["id"] = key
    return sum(body["id"] in before for body in bodies)


def _write(
    store: Store,
    connection: Connection,
    by_kind: dict[str, list[Body]],
    about: dict[str, Any],
    states: dict[str, int],
) -> None:
    table = store.schema.joint_groups
    connection.execute(delete(table))
    shared = {"policy": about["policy"], "built_at": about["built_at"]}
    rows = [
        {
            "id": body["id"],
            "kind": kind,
            **shared,
            "body": json.dumps({**body, "kind": kind, **shared}, ensure_ascii=False),
        }
        for kind, bodies in by_kind.items()
        for body in bodies
    ]
    if rows:
        connection.execute(insert(table), rows)
    read = {layer: states.get(layer, 0) for layer in _READ}
    kept = json.dumps({"about": about, "states": read}, ensure_ascii=False)
    store.set_meta(connection, _META, kept)
    store.touch(connection, _META)


def about_groups(store: Store) -> dict[str, Any] | None:
    """What came of the last build and whether its layers changed since; None before the first."""
    kept = store.meta(_META)
    if kept is None:
        return None
    told = json.loads(kept)
    now = store.layer_states()
    changed = [layer for layer, state in told["states"].items() if now.get(layer, 0) != state]
    return {**told["about"], "changed_since": changed}


def listed(
    store: Store, *, kind: str = "", major_only: bool = False, member: str = ""
) -> list[dict[str, Any]]:
    """The groups in short, the worst first, then the largest, then by id.

    Filtered as `bodies` does it. `UsageError` `kind_unknown`.
    """
    found = []
    for body in bodies(store, kind=kind, major_only=major_only, member=member):
        names = {one["id"]: one["name"] or one["id"] for one in body["members"]}
        short = {name: body.get(name) for name in _LISTED}
        lead_name = names.get(body.get("lead"))
        found.append(
            {**short, "lead_name": lead_name, "name": body["title"], "members": list(names)}
        )
    return found


def bodies(
    store: Store, *, kind: str = "", major_only: bool = False, member: str = ""
) -> list[Body]:
    """The groups with all that is kept of them and a `title`, the worst first.

    Of one kind, with `major_only` those whose worst grade is red or orange, with `member` those
    that have this one. `UsageError` `kind_unknown`.
    """
    if kind and kind not in KINDS:
        raise UsageError(
            "kind_unknown",
            Text("没有这种组", "There is no such kind of group"),
            where="--kind",
            got=kind,
            fix=Text(f"可用: {'、'.join(KINDS)}", f"Use one of {', '.join(KINDS)}"),
        )
    found = []
    for row in store.rows("joint_groups"):
        body = json.loads(row["body"])
        if (kind and row["kind"] != kind) or (major_only and body["worst"] not in MAJOR):
            continue
        if not member or any(one["id"] == member for one in body["members"]):
            found.append({**body, "title": _title(body)})
    return sorted(found, key=lambda g: (-SEVERITY[Grade(g["worst"])], -g["n"], g["id"]))


def shown(store: Store, group_id: str) -> dict[str, Any]:
    """All of a group; `NotFoundError` `group_unknown`."""
    table = store.schema.joint_groups
    with store.reading() as connection:
        body = connection.scalar(select(table.c.body).where(table.c.id == group_id))
    if body is None:
        raise NotFoundError(
            "group_unknown",
            Text("没有这个组", "There is no such group"),
            where="groups",
            got=group_id,
            fix=Text("用 geo-risk groups list 查看", "See geo-risk groups list"),
        )
    told: dict[str, Any] = json.loads(body)
    return {**told, "name": _title(told)}


def _title(body: Body) -> Text:
    names = [one["name"] or one["id"] for one in body["members"]]
    if body["kind"] == "area":
        return Text(" – ".join(names), " – ".join(names))
    first, count = names[0], len(names)
    return Text(f"{first}等 {count} 家", f"{first} and {count - 1} more")
