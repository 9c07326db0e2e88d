"""Stored reasons in one line: what decided a grade, what is missing, what is another than then."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from geo_risk.errors import Text

STEPS = frozenset(
    (
        *("lec_scores", "lec_product", "d_band", "ls_scores", "ls_product", "r_band"),
        *("gb18218_quantity", "gb18218_s", "gb18218_s_incomplete", "gb18218_beta"),
        *("gb18218_alpha", "gb18218_r", "gb18218_level", "gb18218_below", "hazard_level_colour"),
        *("profile_unverified", "grade_differs_from_stated"),
        *("control_lowers", "control_without_evidence"),
    )
)
"""Codes of how a grade is computed and of what stands beside it; another says what is missing."""

_OVERRULING = ("direct_rule", "grade_stated")
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


def first_change(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> Text | None:
    """The first reason that is another now: what it said and what it says."""
    known = {reason.get("zh") for reason in before}
    for place, reason in enumerate(after):
        if reason.get("zh") in known:
            continue
        same = [old for old in before if old.get("code") == reason.get("code")]
        old = same[min(place, len(same) - 1)] if same else None
        new = in_words(reason)
        if old is None:
            return new
        was = in_words(old)
        return Text(f"{was['zh']} → {new['zh']}", f"{was['en']} → {new['en']}")
    return main_reason(after or before)
