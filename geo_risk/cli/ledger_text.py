"""The ledger and the inspection plan as lines on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from geo_risk.errors import Lang
from geo_risk.vocabulary import GRADES, SEVERITY, Grade

from .main import echo

MOST_DUE, MOST_DIFFERENCES = 30, 20
Told = Mapping[str, Any]


def tell_ledger(told: Told, lang: Lang) -> None:
    """Sums, what is overdue and due worst first, grades that differ, what is missing."""
    from geo_risk.services.ledger_files import gap_words, state_words

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
    _tell_due(told, lang)
    _tell_differences(told, lang)
    gaps = "  ".join(f"{gap_words(gap, lang)} {n}" for gap, n in told["gaps"].items() if n)
    echo(f"{'缺项' if zh else 'missing'}: {gaps or '0'}")


def grade_words(grade: str, lang: Lang) -> str:
    """`◆ 重大`."""
    style = GRADES[Grade(grade)]
    return f"{style.mark} {style.label[lang]}"


def _tell_due(told: Told, lang: Lang) -> None:
    """Overdue and due items: the worst grade first, then those due longest ago."""
    zh, today = lang == "zh", date.fromisoformat(told["as_of"])
    # Before a day gone by, what was due by then is overdue today.
    items = [item for item in told["items"] if item["state"] in ("overdue", "due")]
    items.sort(key=lambda i: (-SEVERITY[Grade(i["grade"])], i["next_due"], i["layer"], i["id"]))
    by = told["due_by"]
    echo(f"截至 {by} 逾期和到期 {len(items)} 项" if zh else f"{len(items)} overdue or due by {by}")
    for item in items[:MOST_DUE]:
        days = (today - date.fromisoformat(item["next_due"])).days
        late = f"逾期 {days} 天" if zh else f"{days} day{'' if days == 1 else 's'} overdue"
        soon = f"{item['next_due']} 到期" if zh else f"due {item['next_due']}"
        place = item["town_name"] or item["town"] or ""
        parts = (item["id"], item["name"], place, late if days > 0 else soon)
        echo("  " + "  ".join([grade_words(item["grade"], lang), *filter(None, parts)]))
    _more(len(items) - MOST_DUE, lang)


def _tell_differences(told: Told, lang: Lang) -> None:
    zh = lang == "zh"
    for name, words in (
        ("totals", "登记等级" if zh else "stated grade"),
        ("enterprises", "企业登记等级" if zh else "stated grade of enterprises"),
    ):
        lower, higher = told[name]["stated_lower"], told[name]["stated_higher"]
        echo(
            f"{words}偏低 {lower}，偏高 {higher}"
            if zh
            else f"{words} lower {lower}, higher {higher}"
        )
    for one in told["differences"][:MOST_DIFFERENCES]:
        stated, computed = (grade_words(one[key], lang) for key in ("stated", "computed"))
        said = f"登记 {stated}，计算 {computed}" if zh else f"stated {stated}, computed {computed}"
        echo(f"  {one['layer']}  {one['id']}  {one['name']}  {said}")
    _more(len(told["differences"]) - MOST_DIFFERENCES, lang)


def _more(number: int, lang: Lang) -> None:
    if number > 0:
        zh = lang == "zh"
        echo(f"  … 还有 {number} 项，见 --json 或 -o" if zh else f"  … {number} more: --json or -o")


def tell_plan(told: Told, lang: Lang) -> None:
    """Sums, what finds no place by grade, remarks, and each working day."""
    zh, loads = lang == "zh", told["loads"]
    left = told["unplanned_by_grade"]
    by_grade = _by_grade(left, lang)
    if zh:
        echo(
            f"{told['planned']} 次检查，{told['working_days']} 个工作日，"
            f"每日 {loads['least']}–{loads['most']} 次；迟于应检 {told['late']}，"
            f"未排入 {len(told['unplanned'])}{by_grade}"
        )
    else:
        echo(
            f"{told['planned']} visits on {told['working_days']} working days, "
            f"{loads['least']}–{loads['most']} a day; late {told['late']}, "
            f"not placed {len(told['unplanned'])}{by_grade}"
        )
    for remark in told["remarks"]:
        echo(remark[lang])
    _tell_days(told["days"])


def _by_grade(counts: Mapping[str, int], lang: Lang) -> str:
    joint, (left, right) = ("，", "（）") if lang == "zh" else (", ", ("(", ")"))
    parts = [f"{grade_words(grade, lang)} {n}" for grade, n in counts.items() if n]
    gap = "" if lang == "zh" else " "
    return f"{gap}{left}{joint.join(parts)}{right}" if parts else ""


def _tell_days(days: Sequence[Told]) -> None:
    for day in days:
        echo(f"  {day['date']}  {day['visits']}  {'、'.join(day['towns'])}")
