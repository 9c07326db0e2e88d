"""The joint duty sheet of a group: who leads, who warns whom, contacts, resources, joint checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from geo_risk.errors import Lang, Text
from geo_risk.export.files import format_of, whole_file
from geo_risk.export.sheets import Column, Page, write_pages
from geo_risk.neighbours.group_policies import LEAD_RULE
from geo_risk.render.group_page import Mark, Sheet, group_page
from geo_risk.store import Query, Store
from geo_risk.vocabulary import GRADES, Grade

from .features import notice
from .groups import KINDS, about_groups, shown

FORMATS = ("xlsx", "csv", "html")
_ROLE = {"lead": Text("牵头单位", "Lead unit"), "member": Text("成员", "Member")}
_ASK = Text("待填", "to be filled")
_MEMBERS = (
    Column("no", Text("序号", "No"), "number", 6),
    Column("role", Text("角色", "Role"), width=10),
    Column("id", Text("编号", "Code"), width=10),
    Column("name", Text("名称", "Name"), width=28),
    Column("grade", Text("风险等级", "Risk grade"), "grade", 11),
    Column("responsible", Text("责任人", "Person responsible"), width=12),
    Column("phone", Text("电话", "Phone"), width=15),
    Column("department", Text("监管部门", "Department"), width=18),
    Column("address", Text("地址", "Address"), width=30),
)
_WARN = (
    Column("a", Text("通知方", "Who warns"), width=28),
    Column("b", Text("被通知方", "Whom"), width=28),
    Column("phone", Text("被通知方电话", "Phone of whom"), width=15),
    Column("distance_m", Text("距离(米)", "Distance (m)"), "number", 10),
    Column("why", Text("理由", "Reason"), width=50),
    Column("basis", Text("依据", "Ground"), width=20),
)
_RESOURCES = (
    Column("kind", Text("类别", "Kind"), width=14),
    Column("name", Text("名称", "Name"), width=28),
    Column("distance_m", Text("距组中心(米)", "From the middle (m)"), "number", 14),
    Column("responsible", Text("联系人", "Contact"), width=14),
    Column("phone", Text("电话", "Phone"), width=15),
)
_CHECKS = tuple(
    Column(key, title, width=width)
    for key, title, width in (
        ("planned", Text("计划日期", "Planned for"), 13),
        ("done", Text("检查日期", "Done on"), 13),
        ("by", Text("参加单位", "Taking part"), 32),
        ("found", Text("发现问题", "Found"), 36),
        ("closed", Text("整改日期", "Put right on"), 13),
    )
)
_NOTES = (
    Column("label", Text("项目", "Item"), width=16),
    Column("text", Text("说明", "Note"), width=90),
)
_EMPTY_CHECKS = 6


def write_contacts(store: Store, group_id: str, path: Path, lang: Lang) -> dict[str, Any]:
    """Write a group's duty sheet: `.xlsx` (all sheets), `.csv` (members) or `.html` (with map).

    `NotFoundError` `group_unknown`; `UsageError` `format_unknown`, `folder_missing`,
    `file_unwritable`.
    """
    kind = format_of(path, FORMATS)
    group = shown(store, group_id)
    pages = _pages(store, group, lang)
    if kind == "html":
        _write_html(path, group, pages, lang)
    else:
        write_pages(path, pages, lang)
    return {"id": group_id, "members": len(group["members"]), "file": str(path)}


def _pages(store: Store, group: dict[str, Any], lang: Lang) -> list[Page]:
    contacts = _contacts(store, [member["id"] for member in group["members"]])
    members = [
        {
            **member,
            **contacts.get(member["id"], {}),
            "no": number,
            "role": _ROLE["lead" if member["id"] == group.get("lead") else "member"][lang],
        }
        for number, member in enumerate(group["members"], 1)
    ]
    for row in members:
        row.setdefault("phone", _ASK[lang])
    checks: list[dict[str, Any]] = [{} for _ in range(_EMPTY_CHECKS)]
    return [
        Page(Text("成员与联系人", "Members"), _MEMBERS, members, frozen=4, filtered=False),
        Page(Text("谁通知谁", "Who warns whom"), _WARN, _warnings(group, members, lang)),
        Page(Text("共用资源", "Resources"), _RESOURCES, _resources(store, group, lang)),
        Page(Text("联合检查", "Joint checks"), _CHECKS, checks, filtered=False),
        Page(Text("说明", "Notes"), _NOTES, _notes(store, group, lang), filtered=False),
    ]


def _contacts(store: Store, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    names = ("id", "responsible", "phone", "department", "address")
    rows = store.columns(Query("enterprises", ids=tuple(ids)), names)
    return {row[0]: dict(zip(names, row, strict=True)) for row in rows}


def _warnings(
    group: dict[str, Any], members: Sequence[dict[str, Any]], lang: Lang
) -> list[dict[str, Any]]:
    """Owners of hazards that reach others first, then the lead to all, then linked members.

    Each pair once; its reasons, and the grounds of these, stand one below the other.
    """
    of = {row["id"]: row for row in members}
    found: dict[tuple[str, str], dict[str, Any]] = {}

    def add(a: str, b: str, metres: float | None, why: str, basis: str = "") -> None:
        if a not in of or b not in of or a == b:
            return
        line = found.setdefault((a, b), {"from": a, "distance_m": None, "reach": ""})
        line |= {"a": of[a]["name"] or a, "b": of[b]["name"] or b, "phone": of[b].get("phone")}
        if line["distance_m"] is None:
            line["distance_m"] = metres
        for key, words in (("why", why), ("basis", basis)):
            line[key] = "\n".join(
                dict.fromkeys(filter(None, [*line.get(key, "").split("\n"), words]))
            )

    for one in group.get("reaches", []):
        words = one["basis_words"][lang]
        add(one["from"], one["to"], one["distance_m"], _reach_words(one)[lang], words)
    for line in found.values():
        line["reach"] = line["why"]
    lead = str(group.get("lead") or "")
    for row in members:
        add(lead, row["id"], None, _ROLE["lead"][lang], LEAD_RULE[lang])
        add(row["id"], lead, None, Text("报牵头单位", "Tells the lead")[lang])
    if group["kind"] == "area":
        for a, b in (list(of), list(of)[::-1]):
            add(a, b, group["distance_m"], group["reasons"][0][lang], KINDS["area"][lang])
    for link in group.get("links", []):
        why = " · ".join(reason[lang] for reason in link["reasons"])
        for a, b in ((link["a"], link["b"]), (link["b"], link["a"])):
            add(a, b, link["distance_m"], why, Text("相邻相近", "near and alike")[lang])
    return list(found.values())


def _reach_words(one: Mapping[str, Any]) -> Text:
    """A hazard and the radius in which the other lies, on what ground, with its source."""
    ground, source = one["basis_words"], f": {one['source']}" if one["source"] else ""
    metres = f"{one['radius_m']:g}"
    return Text(
        f"{one['name']} {metres} 米以内 ({ground['zh']}{source})",
        f"within {metres} m of {one['name']} ({ground['en']}{source})",
    )


def _resources(store: Store, group: dict[str, Any], lang: Lang) -> list[dict[str, Any]]:
    kinds = store.spec("facilities").by_name["kind"].choices
    choices = {choice.code: choice.label[lang] for choice in kinds}
    found = []
    for kind, one in group.get("resources", {}).items():
        row: dict[str, Any] = {"kind": choices.get(kind, kind), "name": "–"}
        if one:
            facility = store.feature("facilities", one["id"]) or {}
            told = {name: facility.get(name) for name in ("responsible", "phone")}
            row |= {"name": one["name"], "distance_m": one["distance_m"], **told}
        found.append(row)
    return found


def _notes(store: Store, group: dict[str, Any], lang: Lang) -> list[dict[str, str]]:
    joint = "、" if lang == "zh" else ", "
    about = about_groups(store) or {}
    common = joint.join(
        f"{one['tag']} ({one['members']})" for one in group.get("common_hazards", [])
    )
    graded = Text(
        f"{group['n']} 家中 {group['graded']} 家有等级", f"{group['graded']} of {group['n']} graded"
    )
    changed = joint.join(about.get("changed_since", []))
    notes = [
        (Text("类别", "Kind"), KINDS[group["kind"]][lang]),
        (Text("编号", "Code"), group["id"]),
        (Text("分组方案", "Policy"), f"{group['policy']}  {group['built_at'][:10]}"),
        (Text("最高等级", "Worst grade"), GRADES[Grade(group["worst"])].label[lang]),
        (Text("等级数据", "Grades"), graded[lang]),
        (Text("牵头规则", "Lead rule"), LEAD_RULE[lang] if group.get("lead") else ""),
        (Text("共同危险", "Common hazards"), common),
        (Text("此后变动", "Changed since"), changed),
    ]
    notes += [(Text("理由", "Reason"), reason[lang]) for reason in group.get("reasons", [])]
    said = notice(store)
    if said:
        notes.append((Text("数据", "Data"), said[lang]))
    return [{"label": label[lang], "text": text} for label, text in notes if text]


def _write_html(path: Path, group: dict[str, Any], pages: Sequence[Page], lang: Lang) -> None:
    numbers = {row["id"]: str(row["no"]) for row in pages[0].rows}
    marks = [
        Mark(m["id"], m["lon"], m["lat"], m["grade"], numbers[m["id"]], m["id"] == group["lead"])
        for m in group["members"]
        if m.get("lon") is not None
    ]
    links = [(link["a"], link["b"]) for link in group.get("links", [])]
    notes = [f"{row['label']}: {row['text']}" for row in pages[-1].rows]
    title = f"{group['id']}  {group['name'][lang]}"
    pages = [pages[0], _by_notifier(pages[1], lang), *pages[2:-1]]
    sheets = [_sheet(page, lang) for page in pages if page.rows]
    text = group_page(title, notes, marks, links, sheets, lang)
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")


def _by_notifier(page: Page, lang: Lang) -> Page:
    """The warnings in one row for each who warns, so that they fit a printed page."""
    rows: dict[str, dict[str, Any]] = {}
    for line in page.rows:
        row = rows.setdefault(line["from"], {"a": line["a"], "b": [], "why": {}})
        row["b"].append(f"{line['b']} {line['phone'] or ''}".strip())
        for why in filter(None, line["reach"].split("\n")):
            row["why"].setdefault(why, []).append(line["b"])
    joint = "、" if lang == "zh" else ", "
    told = []
    for row in rows.values():
        why = "; ".join(f"{one}: {joint.join(names)}" for one, names in row["why"].items())
        told.append({"a": row["a"], "b": joint.join(row["b"]), "why": why})
    reach = Column("why", Text("危险半径之内", "Within reach of its hazards"))
    return Page(page.title, (_WARN[0], _WARN[1], reach), told)


def _sheet(page: Page, lang: Lang) -> Sheet:
    def cell(column: Column, value: Any) -> str:
        if value is None:
            return ""
        if column.kind == "grade":
            style = GRADES[Grade(value)]
            return f"{style.mark} {style.label[lang]}"
        return f"{value:g}" if isinstance(value, float) else str(value)

    rows = [[cell(column, row.get(column.key)) for column in page.columns] for row in page.rows]
    return Sheet(page.title[lang], [column.title[lang] for column in page.columns], rows)
