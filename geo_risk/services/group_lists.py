"""The list of groups as a file: a workbook or CSV for the office, GeoJSON for other tools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from geo_risk.errors import Lang, Text
from geo_risk.export.files import format_of, whole_file
from geo_risk.export.sheets import Column, Page, write_pages
from geo_risk.store import Store

from .group_bodies import Body
from .groups import KINDS, WHY_ALONE, about_groups, bodies

FORMATS = ("xlsx", "csv", "geojson")
_LIST = (
    Column("id", Text("编号", "Code"), width=12),
    Column("kind", Text("类别", "Kind"), width=14),
    Column("name", Text("组", "Group"), width=34),
    Column("worst", Text("最高等级", "Worst grade"), "grade", 11),
    Column("n", Text("单位数", "Units"), "number", 8),
    Column("graded", Text("有等级", "Graded"), "number", 8),
    Column("major", Text("重大和较大", "Red and orange"), "number", 11),
    Column("lead", Text("牵头单位", "Lead unit"), width=28),
    Column("diameter_m", Text("直径(米)", "Across (m)"), "number", 10),
    Column("members", Text("成员", "Members"), width=60),
)
_ALONE = (
    Column("id", Text("编号", "Code"), width=12),
    Column("name", Text("名称", "Name"), width=34),
    Column("grade", Text("风险等级", "Risk grade"), "grade", 11),
    Column("why", Text("未成组的原因", "Why in no group"), width=24),
    Column("partners", Text("可联单位", "Partners"), width=30),
    Column("alliance", Text("行业联盟", "Alliance"), width=14),
)


def write_list(
    store: Store, path: Path, lang: Lang, *, kind: str = "", major_only: bool = False
) -> int:
    """Write the groups that `services.groups.listed` gives; how many.

    `.xlsx` has a second sheet with the units of major risk that are in no site group; `.geojson`
    has a point for each member with a position, WGS84. `UsageError`: `kind_unknown`,
    `format_unknown`, `folder_missing`, `file_unwritable`.
    """
    suffix = format_of(path, FORMATS)
    found = bodies(store, kind=kind, major_only=major_only)
    if suffix == "geojson":
        with whole_file(path) as part:
            part.write_text(_geojson(found, lang), encoding="utf-8", newline="\n")
        return len(found)
    rows = [_row(body, lang) for body in found]
    alone = [_alone(one, lang) for one in (about_groups(store) or {}).get("alone", [])]
    title, left = Text("联防组", "Groups"), Text("未成组", "In no group")
    pages = [Page(title, _LIST, rows, frozen=3), Page(left, _ALONE, alone)]
    return write_pages(path, pages, lang)


def _row(body: Body, lang: Lang) -> dict[str, Any]:
    names = {one["id"]: one["name"] or one["id"] for one in body["members"]}
    return {
        **{name: body.get(name) for name in ("id", "worst", "n", "graded", "major", "diameter_m")},
        "kind": KINDS[body["kind"]][lang],
        "name": body["title"][lang],
        "lead": names.get(body.get("lead")),
        "members": ("、" if lang == "zh" else ", ").join(names.values()),
    }


def _alone(one: Body, lang: Lang) -> dict[str, Any]:
    partners = ("、" if lang == "zh" else ", ").join(one["partners"])
    return {**one, "why": WHY_ALONE[one["why"]][lang], "partners": partners}


def _geojson(found: list[Body], lang: Lang) -> str:
    features = []
    for body in found:
        at = [[m["lon"], m["lat"]] for m in body["members"] if m.get("lon") is not None]
        features.append(
            {
                "type": "Feature",
                "id": body["id"],
                "geometry": {"type": "MultiPoint", "coordinates": at} if at else None,
                "properties": _row(body, lang) | {"kind": body["kind"]},
            }
        )
    body = {"type": "FeatureCollection", "features": features}
    return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"
