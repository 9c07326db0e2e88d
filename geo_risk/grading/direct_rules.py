"""Direct rules (重大风险直接判定): a situation that makes a grade whatever the score says.

Rules and conditions are data (`direct_rules.csv`, `direct_rule_conditions.csv`); a condition tests
one field by one of three fixed tests. Off unless verified and switched on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache

from .. import settings
from ..errors import CatalogueError, Text, UsageError
from ..reference import Row, table
from ..vocabulary import GRADES, SEVERITY, Grade
from .exact import exact, exact_text
from .results import Graded, Reason

TESTS = ("is_true", "at_least", "any_of")
RESULT = "result."
"""Before a condition's field: what the method found (`result.constitutes`), not what is stored."""


@dataclass(frozen=True)
class Condition:
    """One test of one field: `is_true`, `at_least` a number, `any_of` some texts."""

    field: str
    test: str
    value: str

    def missing(self, row: Mapping[str, object], details: Mapping[str, object]) -> bool:
        """Whether its field says nothing."""
        found = self._found(row, details)
        return found is None or found != found or found == ""  # noqa: PLR0124 (NaN)

    def _found(self, row: Mapping[str, object], details: Mapping[str, object]) -> object:
        source = details if self.field.startswith(RESULT) else row
        return source.get(self.field.removeprefix(RESULT))

    def holds(self, row: Mapping[str, object], details: Mapping[str, object]) -> bool:
        """Whether it is so; what is not stated is not so."""
        if self.missing(row, details):
            return False
        found = self._found(row, details)
        if self.test == "is_true":
            return found in (True, 1, "true", "1")
        if self.test == "at_least":
            return exact(found, self.field) >= Fraction(self.value)
        return str(found) in self.value.split(";")


@dataclass(frozen=True)
class DirectRule:
    """A rule: it holds when all conditions of one alternative hold."""

    name: str
    layer: str
    grade: Grade
    on: bool
    title: Text
    scope: Text
    clause: str
    verified: bool
    alternatives: tuple[tuple[Condition, ...], ...]

    def open_fields(
        self, row: Mapping[str, object], details: Mapping[str, object]
    ) -> tuple[str, ...]:
        """The empty fields that keep it from being asked although its finding is there.

        The finding is the last condition of an alternative; what stands before it is its scope.
        """
        for *scope, finding in self.alternatives:
            rest = [one for one in scope if not one.holds(row, details)]
            empty = [one.field for one in rest if one.missing(row, details)]
            if rest and len(empty) == len(rest) and finding.holds(row, details):
                return tuple(empty)
        return ()

    def holding(
        self, row: Mapping[str, object], details: Mapping[str, object]
    ) -> tuple[Condition, ...]:
        """The conditions that make it hold; empty when it does not."""
        for conditions in self.alternatives:
            if all(condition.holds(row, details) for condition in conditions):
                return conditions
        return ()


def direct_rules() -> tuple[DirectRule, ...]:
    """All rules, in file order."""
    return _rules(settings.text("policies_dir"))


@cache
def _rules(_further: str) -> tuple[DirectRule, ...]:
    conditions = table("direct_rule_conditions")
    rules = tuple(_rule(row, conditions) for row in table("direct_rules"))
    for rule in rules:
        if not rule.alternatives:
            raise _broken(rule.name, Text("规则没有条件", "The rule has no condition"))
    return rules


def rule_fields(rules: Sequence[DirectRule]) -> tuple[str, ...]:
    """The stored fields that some rules read."""
    read = [c.field for rule in rules for found in rule.alternatives for c in found]
    return tuple(dict.fromkeys(name for name in read if not name.startswith(RESULT)))


def chosen_rules(layer_id: str, names: Collection[str] | None = None) -> tuple[DirectRule, ...]:
    """The rules of a layer that are asked: those named, by default those that are on.

    Raises `UsageError` for a name that is no rule of the layer.
    """
    of_layer = [rule for rule in direct_rules() if rule.layer == layer_id]
    if names is None:
        return tuple(rule for rule in of_layer if rule.on)
    known = {rule.name: rule for rule in of_layer}
    for name in names:
        if name not in known:
            options = ", ".join(known) or "-"
            raise UsageError(
                "rule_unknown",
                Text("该图层没有这条直接判定规则", "The layer has no such direct rule"),
                where="rules",
                got=name,
                fix=Text(f"可用: {options}", f"Rules of {layer_id}: {options}"),
            )
    return tuple(rule for rule in of_layer if rule.name in names)


def with_direct_rules(
    graded: Graded, row: Mapping[str, object], rules: Sequence[DirectRule]
) -> Graded:
    """The grade after the direct rules: never lower than before, with a reason for each that holds.

    A rule that lacks only what the register leaves empty says so.

    They come after controls: what is judged directly no control lowers.
    """
    for rule in rules:
        held = rule.holding(row, graded.details)
        if held:
            worse = max((graded.grade, rule.grade), key=SEVERITY.__getitem__)
            reason = _reason(rule, held, row, graded)
            graded = replace(graded, grade=worse, reasons=(*graded.reasons, reason))
        elif fields := rule.open_fields(row, graded.details):
            graded = replace(graded, reasons=(*graded.reasons, _open(rule, fields)))
    return graded


def _open(rule: DirectRule, fields: Sequence[str]) -> Reason:
    names = ", ".join(fields)
    return Reason(
        "direct_rule_open",
        Text(
            f"直接判定规则“{rule.title['zh']}”无法判断：未填 {names}",
            f"The direct rule “{rule.title['en']}” cannot be asked: {names} is empty",
        ),
        rule.clause,
        dict.fromkeys(fields, ""),
    )


def _reason(
    rule: DirectRule, held: Sequence[Condition], row: Mapping[str, object], graded: Graded
) -> Reason:
    level = GRADES[rule.grade].level
    inputs = {}
    for condition in held:
        name = condition.field.removeprefix(RESULT)
        source = graded.details if condition.field.startswith(RESULT) else row
        inputs[name] = _said(source.get(name))
    doubt_zh = "" if rule.verified else "；该规则未与原文核对"
    doubt_en = "" if rule.verified else "; the rule was not checked against its source"
    return Reason(
        "direct_rule",
        Text(
            f"直接判定为{level['zh']}色：{rule.title['zh']}（适用范围：{rule.scope['zh']}{doubt_zh}）",
            f"Directly {level['en'].lower()}: {rule.title['en']} "
            f"(scope: {rule.scope['en']}{doubt_en})",
        ),
        rule.clause,
        {"rule": rule.name, **inputs},
    )


def _said(value: object) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return exact_text(exact(value, "value"))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _rule(row: Row, conditions: Sequence[Row]) -> DirectRule:
    alternatives: dict[str, list[Condition]] = {}
    for one in conditions:
        if one["rule"] == row["rule"]:
            alternatives.setdefault(one["alternative"], []).append(_condition(one))
    try:
        grade = Grade(row["grade"])
    except ValueError:
        grade = Grade.NO_DATA
    if grade is Grade.NO_DATA or row["on"] not in ("0", "1"):
        raise _broken(row["rule"], Text("等级或开关不可用", "Its grade or its switch cannot be"))
    return DirectRule(
        name=row["rule"],
        layer=row["layer"],
        grade=grade,
        on=row["on"] == "1",
        title=Text(row["title_zh"], row["title_en"]),
        scope=Text(row["scope_zh"], row["scope_en"]),
        clause=row["clause"],
        verified=row["verified"] == "verified",
        alternatives=tuple(map(tuple, alternatives.values())),
    )


def _condition(row: Row) -> Condition:
    condition = Condition(row["field"], row["test"], row["value"])
    try:
        if condition.test == "at_least":
            Fraction(condition.value)
        usable = condition.test in TESTS and bool(condition.field)
    except (ValueError, ZeroDivisionError):
        usable = False
    if not usable:
        raise _broken(row["rule"], Text("条件不可用", "A condition cannot be used"))
    return condition


def _broken(rule: str, message: Text) -> CatalogueError:
    tests = ", ".join(TESTS)
    return CatalogueError(
        "direct_rule_invalid",
        message,
        where=f"direct_rules.csv {rule}",
        fix=Text(f"检验方式为 {tests}", f"A condition is tested by {tests}"),
    )
