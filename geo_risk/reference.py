"""The shipped tables of the standards (`data/reference/*.csv`), read once, as rows of text.

A city adds rows of its own to the tables that hold policies, never to those of a standard: files
of the same name in the folder of `GEO_RISK_POLICIES_DIR`, with the same columns.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from . import settings
from .errors import CatalogueError, Text, UsageError
from .resources import shipped

Row = MappingProxyType[str, str]
PolicyT = TypeVar("PolicyT")

POLICY_TABLES = (
    "grade_profiles",
    "profile_rules",
    "hazard_level_colours",
    "direct_rules",
    "direct_rule_conditions",
    "check_intervals",
    "control_levels",
    "neighbour_policies",
    "group_policies",
    "hazard_screening",
    "road_speeds",
)
"""The tables to which a city may add rows."""


def table(name: str) -> tuple[Row, ...]:
    """The rows of one reference table in file order; `CatalogueError` if there is no such table.

    Those of the city follow the shipped ones where the table is a policy.
    """
    further = settings.text("policies_dir") if name in POLICY_TABLES else ""
    return _table(name, further)


def own_table(name: str, columns: tuple[str, ...]) -> tuple[Row, ...]:
    """The rows of a table that only a city can have; empty where it has none."""
    further = settings.text("policies_dir")
    own = Path(further) / f"{name}.csv"
    return _own_rows(own, list(columns)) if further and own.is_file() else ()


def policy_of(known: Mapping[str, PolicyT], name: str, none: Text) -> PolicyT:
    """The policy of a name; `UsageError` `policy_unknown` with `none` and the names there are."""
    if name not in known:
        raise UsageError(
            "policy_unknown",
            none,
            where="--policy",
            got=name,
            fix=Text(f"可用: {'、'.join(known)}", f"Use one of {', '.join(known)}"),
        )
    return known[name]


@cache
def _table(name: str, further: str) -> tuple[Row, ...]:
    path = shipped("data") / "reference" / f"{name}.csv"
    if not path.is_file():
        raise CatalogueError(
            "reference_unknown",
            Text("没有这个标准数据表", "There is no such reference table"),
            where="data/reference",
            got=name,
        )
    rows = _rows(path)
    if not further:
        return rows
    if not Path(further).is_dir():
        raise CatalogueError(
            "policies_dir_missing",
            Text("规定表的目录不存在", "The folder of policy tables does not exist"),
            where="GEO_RISK_POLICIES_DIR",
            got=further,
            fix=Text("检查环境变量", "Check the environment variable"),
        )
    own = Path(further) / f"{name}.csv"
    return (*rows, *_own_rows(own, list(rows[0]))) if own.is_file() else rows


def _rows(path: Path) -> tuple[Row, ...]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return tuple(MappingProxyType(row) for row in csv.DictReader(file, restval=""))


def _own_rows(path: Path, columns: list[str]) -> tuple[Row, ...]:
    try:
        rows = _rows(path)
    except UnicodeDecodeError:
        raise _not_ours(path, "不是 UTF-8 / not UTF-8", columns) from None
    except csv.Error as error:
        raise _not_ours(path, error, columns) from None
    for row in rows:
        if list(row) != columns:
            raise _not_ours(path, ", ".join(map(str, row)), columns)
    return rows


def _not_ours(path: Path, got: object, columns: list[str]) -> CatalogueError:
    names = ", ".join(columns)
    return CatalogueError(
        "policy_table_invalid",
        Text("规定表的列不对", "A policy table has other columns than it must have"),
        where=path.name,
        got=got,
        fix=Text(
            f"存为 UTF-8 的 CSV，列依次为 {names}", f"A CSV in UTF-8 with the columns {names}"
        ),
    )
