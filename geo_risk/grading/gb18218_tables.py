"""Look-ups in the tables of GB 18218-2018: which row a name or CAS means, Q, β, α.

A name is found whole or not at all, never by its beginning: 甲醛 alone is not 甲醛(含量>90%).
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from ..errors import Text, UsageError
from ..reference import Row, table
from .exact import exact

EDITION = "GB 18218-2018"


@dataclass(frozen=True)
class Listed:
    """One named substance of Table 1; `beta` is None where no verified source gives it."""

    number: str
    name: str
    condition: str
    critical_t: Fraction
    clause: str
    beta: Fraction | None
    beta_clause: str
    likely_class: str
    cas: tuple[str, ...] = ()


@dataclass(frozen=True)
class Category:
    """One hazard category of Tables 2 and 4, J1 to W11."""

    symbol: str
    title: str
    critical_t: Fraction
    beta: Fraction
    note: str


@cache
def categories() -> Mapping[str, Category]:
    """The 24 hazard categories by symbol."""
    return {
        row["symbol"]: Category(
            row["symbol"],
            f"{row['category_zh']} {row['criterion_zh']}",
            Fraction(row["critical_t"]),
            Fraction(row["beta"]),
            row["note"],
        )
        for row in table("gb18218_2018_table2_table4")
        if row["verified"] == "verified"
    }


@cache
def candidates(name: str) -> tuple[Listed, ...]:
    """The rows of Table 1 that a name or CAS can mean.

    One row where it is certain, none where the standard does not name it; several, or one whose
    `condition` the name does not state, where the writer must choose (see `is_certain`).
    """
    certain, open_ = _index()
    key = _key(name)
    return certain.get(key) or open_.get(key) or ()


def is_certain(name: str) -> bool:
    """Whether the name or CAS means exactly one row of Table 1, its condition included."""
    return len(_index()[0].get(_key(name), ())) == 1


def same_condition(listed: Listed, written: str) -> bool:
    """Whether a condition as written is that of a row, or its first clause, however spelt."""
    key, first = _key(written), listed.condition.split(",")[0]
    return bool(key) and key in (_key(listed.condition), _key(first), _key(listed.name))


@cache
def _index() -> tuple[Mapping[str, tuple[Listed, ...]], Mapping[str, tuple[Listed, ...]]]:
    certain: dict[str, list[Listed]] = defaultdict(list)
    needs_condition: dict[str, list[Listed]] = defaultdict(list)
    betas = {row["no"]: row for row in table("gb18218_2018_table1_beta")}
    numbered: dict[str, Listed] = {}
    for row in table("gb18218_2018_table1"):
        listed = _listed(row, betas[row["no"]])
        numbered[row["no"]] = listed
        loose = [_bare(row["name_zh"]), *_split(row["aliases_zh"]), *_split(row["cas"])]
        _add(certain, [row["name_zh"], *_split(row["accepted_zh"])], listed)
        _add(needs_condition if listed.condition else certain, loose, listed)
    for row in table("gb18218_2018_table3"):
        if _key(row["cas"]) not in certain and _key(row["name_zh"]) not in certain:
            of = numbered[row["table1_no"]]
            gas = Listed(
                of.number, row["name_zh"], "", of.critical_t, of.clause,
                Fraction(row["beta"]), row["clause"], "", (row["cas"],),
            )  # fmt: skip
            _add(certain, [row["name_zh"], row["cas"]], gas)
    return _frozen(certain), _frozen(needs_condition)


def _listed(row: Row, beta: Row) -> Listed:
    sourced = beta["verified"] == "verified"
    return Listed(
        number=row["no"],
        name=row["name_zh"],
        condition=row["condition_zh"],
        critical_t=Fraction(row["critical_t"]),
        clause=row["clause"],
        beta=Fraction(beta["beta"]) if sourced else None,
        beta_clause=beta["clause"] if sourced else "",
        likely_class="" if sourced else beta["symbol"],
        cas=tuple(_split(row["cas"])),
    )


def _add(index: dict[str, list[Listed]], names: Iterable[str], listed: Listed) -> None:
    for key in dict.fromkeys(map(_key, names)):
        if listed not in index[key]:
            index[key].append(listed)


def _frozen(index: Mapping[str, list[Listed]]) -> dict[str, tuple[Listed, ...]]:
    return {key: tuple(rows) for key, rows in index.items()}


def _split(cell: str) -> list[str]:
    return [part for part in cell.split(";") if part]


def _bare(name: str) -> str:
    return re.split(r"[(\[]", name, maxsplit=1)[0]


def _key(name: str) -> str:
    """The name without what clerks vary: width, case, spaces, kind of bracket, 含 and 量."""
    text = unicodedata.normalize("NFKC", name).lower()
    text = text.replace("<=", "≤").replace(">=", "≥").replace("[", "(").replace("]", ")")
    return re.sub(r"[\s含量]", "", text)


def alpha_of(exposed: int) -> tuple[Fraction, str]:
    """α by the number of people exposed within 500 m of the boundary, and its clause.

    `UsageError` for a negative number of people, or one that is not whole.

    References
    ----------
    GB 18218-2018, Table 5.
    """
    if exact(exposed, "exposed_people").denominator != 1:
        raise UsageError(
            "number_not_whole",
            Text("暴露人数必须是整数", "The number of exposed people must be whole"),
            where="exposed_people",
            got=exposed,
            fix=Text("请填写人数", "Give the number of people"),
        )
    for row in table("gb18218_2018_alpha_levels"):
        if row["kind"] != "alpha" or exposed < int(row["min_inclusive"]):
            continue
        if not row["max_exclusive"] or exposed < int(row["max_exclusive"]):
            return Fraction(row["value"]), row["clause"]
    raise UsageError(
        "exposed_negative",
        Text("暴露人数不能为负数", "The number of exposed people cannot be negative"),
        where="exposed_people",
        got=exposed,
        fix=Text(
            "请填写厂界外 500 m 范围内常住人数", "Give the people within 500 m of the boundary"
        ),
    )
