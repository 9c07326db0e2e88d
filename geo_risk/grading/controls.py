"""Controls: one that is in place, with evidence, may lower a grade by the profile's rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..errors import Text
from ..vocabulary import GRADES, SEVERITY, Grade
from .profiles import ProfileRule
from .results import Graded, Reason

CONTROL_FIELDS = ("control_kind", "control_evidence")
_BY_SEVERITY = {severity: grade for grade, severity in SEVERITY.items()}


def with_control(graded: Graded, row: Mapping[str, object], rule: ProfileRule) -> Graded:
    """The grade after the control that a row records.

    Only a kind that the profile names counts, only with evidence, and never below the profile's
    limit. `details` then has `inherent`, the grade without the control (固有风险).
    """
    kind, evidence = (str(row.get(name) or "").strip() for name in CONTROL_FIELDS)
    least, now = SEVERITY[rule.control_floor], SEVERITY[graded.grade]
    if now < least or not kind or not rule.control_kinds:
        return graded
    if kind not in rule.control_kinds:
        return replace(graded, reasons=(*graded.reasons, _other_kind(kind, rule)))
    if not evidence:
        return replace(graded, reasons=(*graded.reasons, _no_evidence(rule)))
    lowered = _BY_SEVERITY[min(now, max(now - rule.control_steps, least))]
    details = {**graded.details, "inherent": graded.grade.value}
    reason = _lowered(graded.grade, lowered, f"{kind}, {evidence}", rule)
    return replace(graded, grade=lowered, reasons=(*graded.reasons, reason), details=details)


def _lowered(before: Grade, after: Grade, evidence: str, rule: ProfileRule) -> Reason:
    old, new, floor = (GRADES[grade].level for grade in (before, after, rule.control_floor))
    if after is before:
        zh = f"已落实管控（证据：{evidence}），但等级已在限值{floor['zh']}，不再降低"
        en = f"A control is in place ({evidence}), but the grade is at its limit, {floor['en']}"
    else:
        zh = f"已落实管控（证据：{evidence}），由{old['zh']}降为{new['zh']}，不低于{floor['zh']}"
        en = (
            f"A control is in place ({evidence}): lowered from {old['en'].lower()} to "
            f"{new['en'].lower()}, never below {floor['en'].lower()}"
        )
    return Reason(
        "control_lowers",
        Text(f"{zh}（方案 {rule.profile}）", f"{en} (profile {rule.profile})"),
        rule.clause,
        {"control": evidence, "before": before.value, "after": after.value},
    )


def _other_kind(kind: str, rule: ProfileRule) -> Reason:
    wanted = ", ".join(sorted(rule.control_kinds))
    return Reason(
        "control_of_other_kind",
        Text(
            f"已登记的管控类别 {kind} 按方案 {rule.profile} 不降级（只有 {wanted}）",
            f"The control recorded, {kind}, lowers nothing by {rule.profile} (only {wanted} does)",
        ),
        rule.clause,
        {"kind": kind},
    )


def _no_evidence(rule: ProfileRule) -> Reason:
    return Reason(
        "control_without_evidence",
        Text(
            "登记了管控措施但没有证据，等级不降低",
            "A control is recorded without evidence: the grade stays",
        ),
        rule.clause,
    )
