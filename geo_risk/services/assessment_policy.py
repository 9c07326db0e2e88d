"""Whether a grade changed with its data, or only with the profile and rules it is judged by."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from geo_risk.assessment import PolicyChange
from geo_risk.catalogue import LayerSpec
from geo_risk.grading import COUNTED_FIELD, GRADERS, direct_rules
from geo_risk.store import Query, Store
from geo_risk.vocabulary import Grade


class Stood(NamedTuple):
    """An item at one moment; `inputs` are the values that a grade may rest on."""

    grade: Grade
    town: str
    name: str
    profile: str = ""
    basis: str = ""
    inputs: tuple[Any, ...] = ()


class Policy(NamedTuple):
    """By what an item was graded: profile, direct rules, edition and version of the formula."""

    profile: str
    rules: tuple[str, ...]
    edition: str
    formula: str


States = Mapping[str, Stood]


def stood(store: Store, spec: LayerSpec, moment: str) -> dict[str, Stood]:
    """The items of a layer at a moment, by id; now for an empty one."""
    table = store.source(spec.id)
    plain = ("id", "grade", "name", "town", "profile", "basis")
    names = [name for name in plain if name in table.c]
    inputs = [name for name in _inputs(spec) if name in table.c]
    # Items with the same inputs have the same basis: each text is kept once.
    found, texts = {}, dict[str, str]()
    for values in store.columns(Query(spec.id, as_of=moment), (*names, *inputs)):
        row = dict(zip(names, values, strict=False))
        found[row["id"]] = Stood(
            Grade(row["grade"] or "no_data"),
            row.get("town") or "",
            row["name"] or row["id"],
            row.get("profile") or "",
            texts.setdefault(row.get("basis") or "", row.get("basis") or ""),
            values[len(names) :],
        )
    return found


def _inputs(spec: LayerSpec) -> tuple[str, ...]:
    """All fields that a grade may rest on, by whatever rules."""
    grader = GRADERS.get(spec.grader)
    rules = [rule for rule in direct_rules() if rule.layer == spec.id]
    return grader.inputs(rules) if grader else ()


@lru_cache(maxsize=4096)
def _policy_of(profile: str, text: str) -> tuple[Policy, Any]:
    basis = json.loads(text) if text else {}
    if "profile" not in basis:
        return Policy(profile, (), "", ""), None
    policy = Policy(
        basis["profile"], tuple(basis["rules"]), basis["edition"], str(basis["formula"])
    )
    return policy, basis["inputs"].get(COUNTED_FIELD)


def _policy(item: Stood) -> tuple[Policy, Any]:
    """By what an item was graded, and the people counted for it."""
    return _policy_of(item.profile, item.basis)


def only_by_policy(old: Stood, new: Stood) -> bool:
    """Whether an item is judged otherwise while all that it rests on is the same."""
    if old.inputs != new.inputs or (old.profile == new.profile and old.basis == new.basis):
        return False
    (then, counted_then), (now, counted_now) = _policy(old), _policy(new)
    if not (old.basis and new.basis):
        return old.profile != new.profile
    return then != now and counted_then == counted_now


def policy_changes(spec: LayerSpec, before: States, after: States) -> tuple[PolicyChange, ...]:
    """From which profile and rules to which the items of a layer went, the most first."""
    found: Counter[tuple[Policy, Policy]] = Counter()
    for key in before.keys() & after.keys():
        old, new = before[key], after[key]
        if old.basis and new.basis and old.basis != new.basis:
            then, now = _policy(old)[0], _policy(new)[0]
            if then[:2] != now[:2]:
                found[then, now] += 1
    return tuple(
        PolicyChange(
            spec.id, spec.title, (then.profile, now.profile), (then.rules, now.rules), number
        )
        for (then, now), number in found.most_common()
    )
