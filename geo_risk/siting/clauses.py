"""Clauses of standards on siting, checked for a plan: met, not met, or what is missing to say so.

The clauses are those of data/reference/siting_standards.csv; a plan gives figures, one for each
site or demand, in the unit of the clause. How to read the result: docs/methods/clauses.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from ..errors import CatalogueError, Lang, Text, UsageError
from ..reference import Row, table

Outcome = Literal["met", "not_met", "unknown"]
OUTCOMES: dict[Outcome, Text] = {
    "met": Text("满足", "met"),
    "not_met": Text("不满足", "not met"),
    "unknown": Text("无法核查", "cannot be checked"),
}
BOUNDS = ("at_most", "at_least", "is")
STATION_AREAS = {
    "class1": "fire_area_class1",
    "class2": "fire_area_class2",
    "small": "fire_area_small",
    "suburban": "fire_area_suburban",
}
"""Kind of fire station -> the clause on the area of its district."""
_SHARE = re.compile(r"\((\d{1,3})%\)")
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Clause:
    """One clause: figures must be `at_most`, `at_least` or exactly (`is`) `value`.

    `share` of them must, 1 unless the clause says another; `on` clauses are checked by default.
    """

    rule: str
    topic: str
    title: Text
    value: float
    unit: str
    bound: str
    clause: str
    verified: bool
    on: bool

    @property
    def share(self) -> float:
        """The share of cases that must keep to it: 0.9 where the unit is `s (90%)`."""
        found = _SHARE.search(self.unit)
        return int(found[1]) / 100 if found else 1.0

    def holds(self, figures: Floats) -> NDArray[np.bool_]:
        """For each figure whether it keeps to the clause; not for NaN."""
        if self.bound == "at_most":
            return np.asarray(figures <= self.value)
        if self.bound == "at_least":
            return np.asarray(figures >= self.value)
        return np.asarray(figures == self.value)


@dataclass(frozen=True)
class Check:
    """What became of one clause.

    Attributes
    ----------
    figure : the worst that is known, NaN without any. `failing`: rows that do not keep to it;
        `unknown`: rows whose figure is missing.
    share : of all rows, how many are known to keep to it.
    """

    clause: Clause
    outcome: Outcome
    figure: float
    share: float
    failing: NDArray[np.int64]
    unknown: NDArray[np.int64]

    def say(self, lang: Lang = "zh") -> str:
        """One line: clause, limit, outcome, worst figure, source."""
        one = self.clause
        sign = {"at_most": "≤", "at_least": "≥", "is": "="}[one.bound]
        figure = f"{self.figure:g}".replace("inf", "∞")
        parts = [f"{one.title[lang]} {sign} {one.value:g} {one.unit}", OUTCOMES[self.outcome][lang]]
        if not np.isnan(self.figure):
            parts.append(f"最差 {figure}" if lang == "zh" else f"worst {figure}")
        if len(self.unknown):
            n = len(self.unknown)
            parts.append(f"{n} 个没有数据" if lang == "zh" else f"{n} without a figure")
        return f"{'；' if lang == 'zh' else '; '}".join([*parts, one.clause])


def clauses_of(topic: str, *, unverified: bool = False) -> list[Clause]:
    """The clauses of a topic (`fire_station`, `shelter`, `ems`, `nfpa1710`, `public_service`).

    Those that were not read in a source only with `unverified`. Raises `UsageError`
    `topic_unknown`, `CatalogueError` where the table breaks its rules.
    """
    every = [_clause(row) for row in table("siting_standards")]
    topics = dict.fromkeys(one.topic for one in every)
    if topic not in topics:
        raise UsageError(
            "topic_unknown",
            Text("没有这类设施的条文", "There are no clauses on this"),
            where="topic",
            got=topic,
            fix=Text(f"可用: {'、'.join(topics)}", f"Use {', '.join(topics)}"),
        )
    return [one for one in every if one.topic == topic and (one.on or unverified)]


def check_plan(
    topic: str, figures: Mapping[str, ArrayLike], *, unverified: bool = False
) -> list[Check]:
    """Every clause of a topic, checked in the order of the table.

    figures : clause (`fire_hazchem`) -> a figure for each site or demand that it concerns, shape
        (k,), in the clause's unit; NaN where it is not known, infinite where it is without end (a
        demand that nobody reaches). A clause without figures cannot be checked; one with none to
        check (k = 0) is left out. Raises `UsageError` `clause_unknown` for another name.
    """
    asked = clauses_of(topic, unverified=unverified)
    known = {one.rule for one in clauses_of(topic, unverified=True)}
    for rule in figures:
        if rule not in known:
            raise UsageError(
                "clause_unknown",
                Text("没有这一条", "There is no such clause"),
                where=topic,
                got=rule,
                fix=Text(f"可用: {'、'.join(sorted(known))}", f"Use {', '.join(sorted(known))}"),
            )
    checks = []
    for one in asked:
        found = np.atleast_1d(np.asarray(figures.get(one.rule, np.nan), np.float64))
        if len(found):
            checks.append(check(one, found))
    return checks


def check(clause: Clause, figures: Floats) -> Check:
    """One clause against figures, shape (k,), k > 0.

    Not met is what too many known figures break; met is what enough known figures keep to.
    """
    holds, missing = clause.holds(figures), np.isnan(figures)
    fails = ~holds & ~missing
    enough = clause.share * len(figures) - 1e-9
    outcome: Outcome = "unknown"
    if holds.sum() >= enough:
        outcome = "met"
    elif (~fails).sum() < enough:
        outcome = "not_met"
    return Check(
        clause=clause,
        outcome=outcome,
        figure=_worst(clause, figures[~missing]),
        share=float(holds.mean()),
        failing=np.flatnonzero(fails),
        unknown=np.flatnonzero(missing),
    )


def district_areas(kinds: ArrayLike, area_km2: ArrayLike) -> dict[str, Floats]:
    """The figures of the clauses on districts: each station's area under the clause of its kind.

    kinds : `class1`, `class2`, `small` or `suburban`, shape (k,). area_km2 : NaN where the
        district is not drawn. Raises `UsageError` `station_kind_unknown`.
    """
    names, areas = np.asarray(kinds, dtype=object), np.asarray(area_km2, np.float64)
    unknown = sorted({str(one) for one in names} - set(STATION_AREAS))
    if unknown:
        options = ", ".join(STATION_AREAS)
        raise UsageError(
            "station_kind_unknown",
            Text("没有这种消防站", "There is no such kind of fire station"),
            where="kinds",
            got=", ".join(unknown),
            fix=Text(f"可用: {options}", f"Use {options}"),
        )
    return {rule: areas[names == kind] for kind, rule in STATION_AREAS.items()}


def nearest_m(sites_m: ArrayLike, others_m: ArrayLike) -> Floats:
    """From each site the metres to the nearest of the others, shape (k,); infinite without any.

    Both are shapely geometries in one metric CRS; 0 where a site lies in one.
    """
    sites = np.atleast_1d(np.asarray(sites_m, dtype=object))
    others = np.atleast_1d(np.asarray(others_m, dtype=object))
    found = np.full(len(sites), np.inf)
    if len(others):
        (at, _), distance_m = shapely.STRtree(others).query_nearest(
            sites, return_distance=True, all_matches=False
        )
        found[at] = distance_m
    return found


def _worst(clause: Clause, known: Floats) -> float:
    if not len(known):
        return float("nan")
    if clause.bound == "is":
        return float(known[np.argmax(np.abs(known - clause.value))])
    return float(known.max() if clause.bound == "at_most" else known.min())


def _clause(row: Row) -> Clause:
    verified = row["verified"] == "verified"
    try:
        value = float(row["value"])
    except ValueError:
        value = float("nan")
    bad = np.isnan(value) or row["bound"] not in BOUNDS or (row["on"] == "1" and not verified)
    if bad:
        raise CatalogueError(
            "policy_table_invalid",
            Text("选址条文表有误", "The table of clauses is not valid"),
            where=f"siting_standards.csv, {row['rule']}",
            got=f"{row['value']}, {row['bound']}, {row['on']}",
            fix=Text(
                "value 为数，bound 为 at_most、at_least、is，未核实的不得启用",
                "A number, one of at_most, at_least, is; what is not verified is off",
            ),
        )
    return Clause(
        rule=row["rule"],
        topic=row["topic"],
        title=Text(row["title_zh"], row["title_en"]),
        value=value,
        unit=row["unit"],
        bound=row["bound"],
        clause=row["clause"],
        verified=verified,
        on=row["on"] == "1",
    )
