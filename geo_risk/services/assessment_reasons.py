"""Stored reasons in one line: what decided a grade, what is missing, what is another than then."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from geo_risk.errors import Text

STEPS = frozenset(
    (
        *("lec_scores", "lec_product", "d_band", "ls_scores", "ls_product", "r_band"),
        *("gb18218_quantity", "gb18218_s", "gb18218_s_incomplete", "gb18218_beta"),
        *("gb18218_alpha", "gb18218_r", "gb18218_level", "gb18218_below", "hazard_level_colour"),
        *("profile_unverified", "grade_differs_from_stated"),
        *("control_lowers", "control_without_evidence", "control_of_other_kind"),
        *("direct_rule_open", "exposed_more_counted"),
    )
)
"""Codes of how a grade is computed and of what stands beside it; another says what is missing."""

_OVERRULING = ("direct_rule", "grade_stated")
_DECIDING = frozenset(
    (
        *("d_band", "r_band", "gb18218_level", "hazard_level_colour", "gb18218_below"),
        *("control_lowers", "direct_rule", "grade_stated"),
    )
)
_COLOURS_AND_LEVELS = re.compile("[红橙黄蓝]色|[一二三四]级")
_TELLING = ("lec_scores", "ls_scores", "ls_product", "gb18218_r", "gb18218_below")


def parsed(reasons: str | None) -> list[Mapping[str, Any]]:
    """The reasons of a row as stored; none when there are none."""
    return list(json.loads(reasons or "[]"))


def in_words(reason: Mapping[str, Any]) -> Text:
    """One reason as a text."""
    return Text(str(reason.get("zh", "")), str(reason.get("en", "")))


def main_reason(reasons: Sequence[Mapping[str, Any]]) -> Text | None:
    """The reason that says most in one line: what overrides the method, else its inputs."""
    overruling = [r for r in reasons if r.get("code") in _OVERRULING]
    telling = [r for r in reasons if r.get("code") in _TELLING]
    chosen = overruling[:1] or telling[:1] or list(reasons[-1:])
    return in_words(chosen[0]) if chosen else None


def missing_reason(reasons: Sequence[Mapping[str, Any]]) -> tuple[str, Text]:
    """Code and words of what keeps a row from its grade."""
    hindering = [r for r in reasons if r.get("code") not in STEPS] or list(reasons[-1:])
    if not hindering:
        return "not_graded", Text("尚未分级", "Not graded yet")
    return str(hindering[0].get("code", "")), in_words(hindering[0])


def _is_in_force(reason: Mapping[str, Any]) -> bool:
    """Whether a reason decides a grade; a control at its limit lowers nothing."""
    inputs = reason.get("inputs") or {}
    code = reason.get("code")
    return code in _DECIDING and not (
        code == "control_lowers" and inputs.get("before") == inputs.get("after")
    )


def deciding(reasons: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The reason that has the last word on the grade, or says what keeps it away."""
    in_force = [reason for reason in reasons if _is_in_force(reason)]
    hindering = [reason for reason in reasons if reason.get("code") not in STEPS]
    return in_force[-1] if in_force else next(iter(hindering), None)


def _of_the_grade(reason: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a reason says of the grade: colour and level, not how the profile is called."""
    inputs, words = reason.get("inputs") or {}, str(reason.get("zh", ""))
    if reason.get("code") == "control_lowers":
        return (inputs.get("before"), inputs.get("after"))
    if profile := inputs.get("profile"):
        words = words.replace(str(profile), "")
    said = tuple(_COLOURS_AND_LEVELS.findall(words))
    return (inputs.get("rule"), *said[:1]) if "rule" in inputs else said or (words,)


def first_change(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> Text | None:
    """What decides the grade now that did not then; what decided then before it.

    A deciding reason of a new kind stands alone, one that says another grade than the one that
    decided then stands behind that; else the first reason that is another.
    """
    then, now = deciding(before), deciding(after)
    codes = {reason.get("code") for reason in before}
    if now is not None and (then is None or now.get("code") not in codes):
        return in_words(now)
    if then is not None and now is not None and _of_the_grade(then) != _of_the_grade(now):
        return _from_to(then, now)
    known = {reason.get("zh") for reason in before}
    new = next((reason for reason in after if reason.get("zh") not in known), None)
    if new is None:
        return main_reason(after or before)
    old = next((one for one in before if one.get("code") == new.get("code")), None)
    if old is None or _of_the_grade(old) == _of_the_grade(new):
        return in_words(new)
    return _from_to(old, new)


def _from_to(before: Mapping[str, Any], after: Mapping[str, Any]) -> Text:
    was, new = in_words(before), in_words(after)
    return Text(f"{was['zh']} → {new['zh']}", f"{was['en']} → {new['en']}")
