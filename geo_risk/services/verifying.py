"""Computing every stored grade again from what was kept with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from geo_risk.catalogue import LayerSpec
from geo_risk.errors import Text
from geo_risk.grading import (
    COUNTED_FIELD,
    FORMULA,
    GRADERS,
    Graded,
    chosen_rules,
    direct_rules,
)
from geo_risk.store import Query, Record, Store

from .grading import basis_text, has_own_grader, reasons_text
from .roll_up_groups import LEVELS
from .roll_ups import derived_as_of

SHOWN = 100
Progress = Callable[[int, int], None]
WHAT: Mapping[str, Text] = {
    "no_basis": Text(
        "没有保存分级依据：运行 geo-risk grade", "No basis was kept: run geo-risk grade"
    ),
    "profile_gone": Text(
        "所用方案不在本机：若是本市规定，请设 GEO_RISK_POLICIES_DIR",
        "Its profile is not on this machine: if it is a city's own, set GEO_RISK_POLICIES_DIR",
    ),
    "rule_gone": Text(
        "所用直接判定规则不在本机：若是本市规定，请设 GEO_RISK_POLICIES_DIR",
        "A direct rule it was asked is not on this machine: set GEO_RISK_POLICIES_DIR",
    ),
    "grade": Text("等级与依据不符", "The grade is not what its basis gives"),
    "score": Text("分值与依据不符", "The score is not what its basis gives"),
    "profile": Text("方案与依据不符", "The profile is not what its basis gives"),
    "reasons": Text("理由与依据不符", "The reasons are not what its basis gives"),
    "basis": Text("保存的结果与依据不符", "The kept result is not what its basis gives"),
    "inputs": Text(
        "登记内容已改，等级没有重算", "The register's inputs changed and were not graded again"
    ),
    "formula": Text("计算公式版本不同", "Computed by another version of the formula"),
    "roll_up": Text("汇总等级与下属对象不符", "The roll-up is not what its parts give"),
}


@dataclass
class _Found:
    checked: int = 0
    different: list[dict[str, Any]] = field(default_factory=list)
    by_what: dict[str, int] = field(default_factory=dict)
    wrong: int = 0

    def add(self, layer_id: str, row: Mapping[str, Any], what: Sequence[str], again: str) -> None:
        self.checked += 1
        if not what:
            return
        self.wrong += 1
        for name in what:
            self.by_what[name] = self.by_what.get(name, 0) + 1
        if len(self.different) < SHOWN:
            told = {"layer": layer_id, "id": row["id"], "name": row.get("name")}
            grades = {"stored": row.get("grade"), "recomputed": again}
            self.different.append({**told, "what": list(what), **grades})


def verify(store: Store, progress: Progress | None = None) -> dict[str, Any]:
    """Grade everything again from the kept inputs, and compare grade, score, profile and reasons.

    Roll-ups are derived again from what lies in them. `checked` is all that was looked at, `same`
    those that came out alike; the first 100 others are listed under `different`.
    """
    found = _Found()
    specs = [s for s in store.schema.specs.values() if s.graded]
    for done, spec in enumerate(specs):
        if progress:
            progress(done, len(specs))
        if has_own_grader(spec):
            _own(store, spec, found)
        else:
            _rolled(store, spec, found)
    if progress:
        progress(len(specs), len(specs))
    return {
        "checked": found.checked,
        "same": found.checked - found.wrong,
        "share": 1.0 if not found.checked else (found.checked - found.wrong) / found.checked,
        "by_what": {name: {"n": n, **WHAT[name]} for name, n in found.by_what.items()},
        "different": found.different,
    }


def _own(store: Store, spec: LayerSpec, found: _Found) -> None:
    known: dict[str, tuple[Graded, str, str] | str] = {}
    for row in store.features(Query(spec.id)):
        text = row.get("basis") or ""
        if text not in known:
            known[text] = _again(spec, text)
        again = known[text]
        if isinstance(again, str):
            found.add(spec.id, row, [again], "")
            continue
        found.add(spec.id, row, _differences(spec, row, *again), str(again[0].grade))


def _again(spec: LayerSpec, text: str) -> tuple[Graded, str, str] | str:
    """The grade by a kept basis, with reasons and result as they are stored, or why not."""
    try:
        basis = json.loads(text)
        grader, profile, inputs = GRADERS[basis["method"]], basis["profile"], dict(basis["inputs"])
        names = set(basis["rules"])
    except (ValueError, KeyError, TypeError):
        return "no_basis"
    if profile not in grader.profiles():
        return "profile_gone"
    if not names <= {rule.name for rule in direct_rules() if rule.layer == spec.id}:
        return "rule_gone"
    graded = grader.grade_rows([inputs], profile, chosen_rules(spec.id, names))[0]
    return graded, reasons_text(graded), basis_text(graded)


def _differences(
    spec: LayerSpec, row: Record, again: Graded, reasons: str, basis: str
) -> list[str]:
    kept = json.loads(row["basis"])
    found = [
        name
        for name, same in (
            ("grade", row["grade"] == str(again.grade)),
            ("score", row["score"] == again.score),
            ("profile", row["profile"] == again.profile),
            ("reasons", row["reasons"] == reasons),
            ("basis", kept == json.loads(basis) or kept.get("formula") != FORMULA),
            ("formula", kept.get("formula") == FORMULA),
        )
        if not same
    ]
    names = [name for name in spec.by_name if name in _read(spec, kept)]
    stated = {name: row[name] for name in names if row[name] is not None and row[name] != ""}
    inputs = {name: value for name, value in kept["inputs"].items() if name != COUNTED_FIELD}
    return found if stated == inputs else [*found, "inputs"]


def _read(spec: LayerSpec, kept: Mapping[str, Any]) -> tuple[str, ...]:
    return GRADERS[kept["method"]].inputs(chosen_rules(spec.id, kept["rules"]))


def _rolled(store: Store, spec: LayerSpec, found: _Found) -> None:
    if spec.id not in {layer_id for layer_id, _ in LEVELS.values()}:
        return
    derived = derived_as_of(store, spec.id, "")
    for row in store.features(Query(spec.id)):
        again = derived[row["id"]]
        names = ("grade", "score", "profile", "reasons")
        same = all(row[name] == again[name] for name in names)
        found.add(spec.id, row, [] if same else ["roll_up"], str(again["grade"]))
