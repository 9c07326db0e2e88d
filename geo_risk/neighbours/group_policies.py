"""Policies of joint-prevention groups: limits, who leads, how far a hazard is screened for.

The numbers are those of data/reference/group_policies.csv and hazard_screening.csv, policies of
this project; see docs/methods/groups.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import CatalogueError, Text
from ..reference import own_table, policy_of, table
from .likeness import DEPTHS, Policy, policy_named

DEFAULT_GROUP_POLICY = "joint_1000"
MAJOR = ("red", "orange")
"""The worst grades that make a unit one of major risk."""
LEAD_RULE = Text(
    "等级最高者牵头；同级者人数最多的；再按编号",
    "The unit of the worst grade leads; among equals that of most people; then by id",
)
SCREENING = Text("筛查，未评估", "screening, not assessed")
DECLARED = Text("已申报的评估", "declared assessment")


@dataclass(frozen=True)
class GroupPolicy:
    """The policy of links, and the limits of groups."""

    name: str
    title: Text
    links: Policy
    max_diameter_m: float
    min_members: int
    max_members: int
    alliance_depth: int
    area_likeness: float
    border_m: float


@dataclass(frozen=True)
class Reach:
    """How far a hazard is taken to reach, and on what ground; `source` of a declared one."""

    radius_m: float
    declared: bool = False
    source: str = ""


def group_policies() -> dict[str, GroupPolicy]:
    """All policies by name, those of the city after the shipped ones; `CatalogueError`."""
    found: dict[str, GroupPolicy] = {}
    for row in table("group_policies"):
        if not row["policy"] or row["policy"] in found:
            raise _invalid("group_policies", row["policy"], row["policy"])
        found[row["policy"]] = GroupPolicy(
            name=row["policy"],
            title=Text(row["title_zh"], row["title_en"]),
            links=policy_named(row["neighbour_policy"]),
            max_diameter_m=_number(row, "max_diameter_m", 1, 1e6),
            min_members=int(_number(row, "min_members", 2, 1e6)),
            max_members=int(_number(row, "max_members", _number(row, "min_members", 2, 1e6), 1e6)),
            alliance_depth=int(_number(row, "alliance_depth", 1, len(DEPTHS) - 1)),
            area_likeness=_number(row, "area_likeness", 0, 1),
            border_m=_number(row, "border_m", 0, 1e5),
        )
    return found


def group_policy_named(name: str = "") -> GroupPolicy:
    """A policy by name, the default without one; `UsageError` `policy_unknown`."""
    none = Text("没有这个分组方案", "There is no such policy of groups")
    return policy_of(group_policies(), name or DEFAULT_GROUP_POLICY, none)


def screening_radii() -> dict[tuple[str, str], float]:
    """Metres by layer and kind of accident; a hazard of no row is not screened.

    The city's own rows come after the shipped ones and take their place; 0 screens nothing.
    """
    return {
        (row["layer"], row["kind"]): _number(row, "radius_m", 0, 1e5)
        for row in table("hazard_screening")
    }


def declared_reaches() -> dict[tuple[str, str], Reach]:
    """What assessments declare, by layer and id: the city's own `hazard_reach.csv`."""
    found = {}
    for row in own_table("hazard_reach", ("layer", "id", "radius_m", "source")):
        if not row["source"].strip():
            raise _invalid("hazard_reach", row["id"], row["source"])
        radius_m = _number(row, "radius_m", 0, 1e5)
        found[row["layer"], row["id"]] = Reach(radius_m, True, row["source"].strip())
    return found


def _number(row: Mapping[str, str], column: str, least: float, most: float) -> float:
    try:
        value = float(row[column])
    except ValueError:
        value = math.nan
    if not least <= value <= most:
        raise _invalid("groups", f"{next(iter(row.values()))}, {column}", row[column])
    return value


def _invalid(name: str, where: str, got: str) -> CatalogueError:
    return CatalogueError(
        "group_policy_invalid",
        Text("分组方案不正确", "A policy of groups is not valid"),
        where=f"{name}: {where}",
        got=got,
        fix=Text(
            "名称不重复；直径和半径为正数，成员数 2 以上；申报的距离须写明来源",
            "A name of its own; metres above 0, 2 members or more; a declared reach has a source",
        ),
    )
