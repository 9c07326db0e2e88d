"""The ledger and the inspection plan as workbooks and CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from geo_risk.catalogue import LayerSpec
from geo_risk.errors import Lang, Text
from geo_risk.export.headers import worded
from geo_risk.export.sheets import Column, Page, write_pages
from geo_risk.grading.checks import CHECK_STATES, CheckState
from geo_risk.grading.inspection_plan import WHY, Visit, Why
from geo_risk.store import Query, Store
from geo_risk.vocabulary import GRADES

from .features import notice
from .inspections import InspectionPlan
from .ledger import GAPS, KINDS, Ledger, LedgerItem
from .stated_grades import UnitDifference

_ITEM = (
    Column("layer", Text("类别", "Layer"), width=8),
    Column("id", Text("编号", "Code"), width=9),
    Column("name", Text("名称", "Name"), width=20),
    Column("enterprise", Text("企业", "Enterprise"), width=18),
    Column("kind", Text("类型", "Kind"), width=11),
    Column("town_name", Text("镇(街道)", "Town"), width=9),
    Column("village_name", Text("村(社区)", "Village"), width=12),
    Column("grade", Text("风险等级", "Risk grade"), "grade", 12),
)
_CONTROL = (
    Column("department", Text("监管部门", "Department"), width=15),
    Column("control_level", Text("管控层级", "Control level"), width=10),
    Column("suggested_level", Text("建议层级(政策)", "Level suggested (policy)"), width=10),
    Column("responsible", Text("责任人", "Person responsible"), width=12),
    Column("post", Text("责任岗位", "Post"), width=11),
    Column("measures", Text("管控措施", "Measures"), width=20),
)
_CHECKS = (
    Column("interval_days", Text("检查周期(天)", "Interval (days)"), "number", 8),
    Column("interval_source", Text("周期来源", "Interval from"), width=8),
    Column("last_check", Text("上次检查", "Last check"), "date", 11),
    Column("next_due", Text("下次应检", "Next due"), "date", 11),
    Column("state", Text("状态", "State"), width=9),
)
_GRADES = (
    Column("grade_computed", Text("计算等级", "Computed grade"), "grade", 12),
    Column("grade_stated", Text("登记等级", "Stated grade"), "grade", 12),
    Column("stated_is", Text("登记与计算", "Stated against computed"), width=9),
)
_LINES = (
    *_ITEM,
    *_GRADES,
    Column("industry", Text("行业代码", "Industry"), width=7),
    *_CONTROL,
    *_CHECKS,
    Column("gaps", Text("缺项", "Missing"), width=15),
)
_NOTES = (
    Column("label", Text("项目", "Item"), width=20),
    Column("text", Text("说明", "Note"), width=100),
)
SIDES = {"lower": Text("登记偏低", "Stated lower"), "higher": Text("登记偏高", "Stated higher")}
SOURCES = {"register": Text("登记", "Register"), "policy": Text("政策", "Policy")}
_ABOUT = Text("说明", "Notes")


def state_words(state: str, lang: Lang) -> str:
    """The state of an item's checks in words."""
    return CHECK_STATES[CheckState(state)][lang]


def gap_words(gap: str, lang: Lang) -> str:
    """What an item lacks, in words."""
    return GAPS[gap][lang]


def write_ledger(store: Store, ledger: Ledger, path: Path, lang: Lang) -> int:
    """Write the ledger: `.xlsx` with five sheets, `.csv` with the lines; how many lines.

    The lines are those listed; sums, differences and what is missing are of all items.
    """
    specs = store.schema.specs
    lines = [_line(specs[item.layer], item, lang) for item in ledger.listed]
    differing = [_line(specs[item.layer], item, lang) for item in ledger.items if item.differs]
    differing += [_unit(store, unit, lang) for unit in ledger.units]
    lacking = [_line(specs[item.layer], item, lang) for item in ledger.items if item.gaps]
    pages = [
        Page(Text("台账", "Ledger"), _LINES, lines, frozen=3),
        _summary_page(ledger, lang),
        Page(
            Text("等级不一致", "Grades that differ"),
            (*_ITEM[:-1], *_GRADES, *_CONTROL[:1], *_CONTROL[3:5]),
            differing,
            frozen=3,
        ),
        Page(Text("缺项", "Missing"), (*_ITEM[:3], _LINES[-1], *_ITEM[3:], *_CONTROL), lacking, 3),
        Page(_ABOUT, _NOTES, _ledger_notes(store, ledger, lang), filtered=False),
    ]
    return write_pages(path, pages, lang)


def _line(spec: LayerSpec, item: LedgerItem, lang: Lang) -> dict[str, Any]:
    """A line in words."""
    kind = next((name for name in KINDS if name in spec.by_name), "")
    joint = "、" if lang == "zh" else ", "
    return {
        **item.as_json(),
        "layer": spec.title[lang],
        "kind": worded(spec, kind, item.kind, lang),
        "town_name": item.town_name or item.town,
        "village_name": item.village_name or item.village,
        "control_level": worded(spec, "control_level", item.control_level, lang),
        "suggested_level": worded(spec, "control_level", item.suggested_level, lang),
        "interval_source": _say(SOURCES, item.interval_source, lang),
        "stated_is": _say(SIDES, item.stated_is, lang),
        "state": state_words(item.state, lang),
        "gaps": joint.join(gap_words(gap, lang) for gap in item.gaps),
    }


def _unit(store: Store, unit: UnitDifference, lang: Lang) -> dict[str, Any]:
    """An enterprise among the grades that differ."""
    towns, villages = (dict(store.columns(Query(p), ("id", "name"))) for p in ("towns", "villages"))
    return {
        **unit.as_json(),
        "layer": store.spec(unit.layer).title[lang],
        "enterprise": unit.name,
        "town_name": towns.get(unit.town) or unit.town,
        "village_name": villages.get(unit.village) or unit.village,
        "stated_is": _say(SIDES, unit.stated_is, lang),
    }


def _say(words: Mapping[str, Text], code: str | None, lang: Lang) -> str | None:
    return words[code][lang] if code else None


def _summary_page(ledger: Ledger, lang: Lang) -> Page:
    """Due and overdue checks in all, by town, village and department."""
    told = ledger.as_json()
    columns = (
        Column("level", Text("汇总", "By")),
        Column("town", Text("镇(街道)", "Town")),
        Column("name", Text("名称", "Name"), width=28),
        Column("items", Text("项数", "Items"), "number", 8),
        *(Column(s, CHECK_STATES[s], "number", 10) for s in CheckState),
        *(
            Column(
                f"overdue_{grade}",
                Text(f"逾期 {style.label['zh']}", f"Overdue {style.label['en'].lower()}"),
                "number",
                10,
            )
            for grade, style in GRADES.items()
        ),
        Column("stated_lower", SIDES["lower"], "number", 10),
        Column("stated_higher", SIDES["higher"], "number", 10),
    )
    levels = {
        "by_town": Text("镇(街道)", "Town"),
        "by_village": Text("村(社区)", "Village"),
        "by_department": Text("部门", "Department"),
    }
    unnamed = Text("未填", "Not given")[lang]
    rows = [_sums({"name": None, **told["totals"]}, Text("合计", "All")[lang])]
    for key, level in levels.items():
        rows += [
            _sums({**one, "name": one["name"] or one["id"] or unnamed}, level[lang])
            for one in told[key]
        ]
    return Page(Text("到期与逾期", "Due and overdue"), columns, rows, frozen=3)


def _sums(one: Mapping[str, Any], level: str) -> dict[str, Any]:
    overdue = {f"overdue_{grade}": n for grade, n in one["overdue_by_grade"].items()}
    return {
        **one,
        **one["by_state"],
        **overdue,
        "level": level,
        "town": one.get("town_name") or one.get("town"),
    }


def _ledger_notes(store: Store, ledger: Ledger, lang: Lang) -> list[dict[str, str]]:
    told = ledger.as_json()
    days = ", ".join(
        f"{GRADES[grade].label[lang]} {told['intervals']['days'][str(grade)] or '–'}"
        for grade in GRADES
    )
    gaps = ", ".join(f"{GAPS[gap][lang]} {n}" for gap, n in told["gaps"].items())
    totals = told["totals"]
    notes = [
        (Text("日期", "As of"), Text(*[told["as_of"]] * 2)),
        (Text("到期截止", "Due until"), Text(*[told["due_by"]] * 2)),
        (
            Text("台账所列", "Lines listed"),
            Text(
                f"截至 {told['due_by']} 应检或从未检查的 {len(told['items'])} 项；其余各表为全部",
                f"{len(told['items'])} due by {told['due_by']} or never checked; "
                "the other sheets are of all items",
            )
            if ledger.due_only
            else Text("全部", "All"),
        ),
        (
            Text("项数", "Items"),
            Text(
                f"{totals['items']}，无数据 {totals['by_grade']['no_data']}",
                f"{totals['items']}, of which {totals['by_grade']['no_data']} without a grade",
            ),
        ),
        (
            Text("检查周期", "Intervals"),
            Text(f"{ledger.intervals}：{days}", f"{ledger.intervals}: {days}"),
        ),
        (
            Text("周期来源", "Where intervals come from"),
            Text(
                "台账登记的优先；未登记的按等级取，属本项目政策，标准没有规定",
                "The register's own first; else by grade, a policy of this project: "
                "no standard prescribes it",
            ),
        ),
        (
            Text("登记等级", "Stated grade"),
            Text(
                "企业申报的等级与计算的等级并列，差异只列出，不改写",
                "What the enterprise declares stands beside what is computed; "
                "differences are listed, nothing is overwritten",
            ),
        ),
        (
            Text("建议层级", "Suggested level"),
            Text(
                "按等级的建议，属本项目政策，不代替登记的层级",
                "By grade, a policy of this project; it never replaces the register's level",
            ),
        ),
        (Text("缺项", "Missing"), Text(gaps, gaps)),
    ]
    return _told(notes, store, lang)


def _told(notes: Sequence[tuple[Text, Text]], store: Store, lang: Lang) -> list[dict[str, str]]:
    said = notice(store)
    more = [(Text("数据", "Data"), said)] if said else []
    return [{"label": label[lang], "text": text[lang]} for label, text in (*notes, *more)]


_VISIT = (
    Column("date", Text("检查日期", "Day"), "date"),
    *_ITEM,
    Column("number", Text("本期第几次", "Visit no."), "number", 8),
    Column("due", Text("应检日期", "Due"), "date"),
    Column("why", Text("迟于应检或未排入的原因", "Why late or not placed"), width=18),
    *(column for column in _CONTROL if column.key not in ("control_level", "suggested_level")),
    *_CHECKS[:3],
)


def write_plan(store: Store, plan: InspectionPlan, path: Path, lang: Lang) -> int:
    """Write the plan: `.xlsx` with four sheets, `.csv` with the visits; how many visits."""
    lines = [_visit(store, plan, visit, lang) for visit in plan.plan.visits]
    left = [_visit(store, plan, visit, lang) for visit in plan.plan.unplanned]
    told = plan.as_json()
    joint = "、" if lang == "zh" else ", "
    days = [{**day, "towns": joint.join(day["towns"])} for day in told["days"]]
    by_day = (
        Column("date", Text("检查日期", "Day"), "date"),
        Column("visits", Text("检查数", "Visits"), "number", 10),
        Column("towns", Text("镇(街道)", "Towns"), width=60),
    )
    pages = [
        Page(Text("检查计划", "Plan"), _VISIT, lines, frozen=4),
        Page(Text("逐日", "By day"), by_day, days),
        Page(Text("未排入", "Not placed"), _VISIT[1:], left, frozen=3),
        Page(_ABOUT, _NOTES, _plan_notes(store, told, lang), filtered=False),
    ]
    return write_pages(path, pages, lang)


def _visit(store: Store, plan: InspectionPlan, visit: Visit, lang: Lang) -> dict[str, Any]:
    item = plan.items[visit.key]
    line = _line(store.schema.specs[item.layer], item, lang)
    why = WHY[visit.why][lang] if visit.why else None
    return {
        **line,
        **{"date": visit.day and visit.day.isoformat(), "number": visit.number},
        "due": visit.due and visit.due.isoformat(),
        "why": why,
    }


def _plan_notes(store: Store, told: Mapping[str, Any], lang: Lang) -> list[dict[str, str]]:
    late, left = (_listed(told[name], lang) for name in ("late_reasons", "unplanned_reasons"))
    source = told["calendar"]["source"]
    loads = told["loads"]
    notes = [
        (Text("时段", "Period"), Text(*[f"{told['from']} – {told['to']}"] * 2)),
        (
            Text("检查", "Visits"),
            Text(
                f"{told['planned']} 次，{told['working_days']} 个工作日，"
                f"每日 {loads['least']} 至 {loads['most']} 次",
                f"{told['planned']} on {told['working_days']} working days, "
                f"{loads['least']} to {loads['most']} a day",
            ),
        ),
        (Text("迟于应检", "Late"), Text(f"{told['late']} 次 {late}", f"{told['late']} {late}")),
        (Text("未排入", "Not placed"), Text(*[f"{len(told['unplanned'])} {left}"] * 2)),
        (Text("工作日", "Working days"), Text(f"{source}，含调休", f"{source}, with make-up days")),
        *((Text("注意", "Note"), Text(one["zh"], one["en"])) for one in told["remarks"]),
        (Text("检查周期", "Intervals"), Text(*[told["intervals"]] * 2)),
    ]
    return _told(notes, store, lang)


def _listed(reasons: Mapping[str, int], lang: Lang) -> str:
    words = "; ".join(f"{WHY[Why(why)][lang]} {n}" for why, n in reasons.items())
    return f"({words})" if words else ""
