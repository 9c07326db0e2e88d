"""Likeness of two units: industry (行业相近), business (业态相似), and one score by a policy.

The numbers are those of data/reference/neighbour_policies.csv, a policy of this project; formula
and example: docs/methods/neighbours.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..errors import CatalogueError, Text
from ..reference import policy_of, table
from .pairs import MAX_RADIUS_M, MIN_RADIUS_M

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]
DEFAULT_POLICY = "joint_500"
DEPTHS = (
    Text("不相近", "not alike"),
    Text("门类相同", "same section"),
    Text("大类相同", "same division"),
    Text("中类相同", "same group"),
    Text("小类相同", "same class"),
)
"""Industry depth 0 to 4 in words (GB/T 4754: 门类, 大类, 中类, 小类)."""
TAG_KINDS = ("process", "hazard", "substance", "scale", "other")


@dataclass(frozen=True)
class Policy:
    """Radius, weights of the three scores, weights of tags by kind, and least values of a link."""

    name: str
    title: Text
    radius_m: float
    near_weight: float
    industry_weight: float
    business_weight: float
    tag_weights: tuple[float, ...]
    min_industry_depth: int
    min_business: float
    min_score: float


def policies() -> dict[str, Policy]:
    """All policies by name, those of the city after the shipped ones; `CatalogueError`."""
    found: dict[str, Policy] = {}
    for row in table("neighbour_policies"):
        if not row["policy"] or row["policy"] in found:
            raise _invalid("policy", row["policy"])
        found[row["policy"]] = _policy(row)
    return found


def _policy(row: Mapping[str, str]) -> Policy:
    def number(column: str, most: float, least: float = 0.0) -> float:
        try:
            value = float(row[column])
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            raise _invalid(f"{row['policy']}, {column}", row[column])
        return value

    return Policy(
        name=row["policy"],
        title=Text(row["title_zh"], row["title_en"]),
        radius_m=number("radius_m", MAX_RADIUS_M, MIN_RADIUS_M),
        near_weight=number("near_weight", 1e6),
        industry_weight=number("industry_weight", 1e6),
        business_weight=number("business_weight", 1e6),
        # A kind without weight could make two units' overlap 0 by 0.
        tag_weights=tuple(number(f"tag_{kind}", 1e6, 1e-6) for kind in TAG_KINDS),
        min_industry_depth=int(number("min_industry_depth", len(DEPTHS) - 1)),
        min_business=number("min_business", 1.0),
        min_score=number("min_score", 1.0),
    )


def _invalid(where: str, got: str) -> CatalogueError:
    return CatalogueError(
        "neighbour_policy_invalid",
        Text("相邻方案不正确", "A policy of neighbours is not valid"),
        where=f"neighbour_policies.csv: {where}",
        got=got,
        fix=Text(
            "名称不重复；权重为正数，深度 0 到 4，下限 0 到 1",
            "A name of its own; weights above 0, depth 0 to 4, least values 0 to 1",
        ),
    )


def policy_named(name: str = "") -> Policy:
    """A policy by name, the default without one; `UsageError` `policy_unknown`."""
    none = Text("没有这个相邻方案", "There is no such policy of neighbours")
    return policy_of(policies(), name or DEFAULT_POLICY, none)


@dataclass(frozen=True)
class Industries:
    """Per row the numbers of section, division, group and class, shape (n, 4); -1 is unknown."""

    level: Ints

    @classmethod
    def of(cls, codes: Sequence[tuple[str, str] | None]) -> Industries:
        """From section letters and two to four digits (`("C", "1819")`), None where unknown."""
        flat = [number for code in codes for number in _levels(code)]
        return cls(np.array(flat, np.int32).reshape(-1, 4))


@lru_cache(maxsize=4096)
def _levels(code: tuple[str, str] | None) -> tuple[int, int, int, int]:
    """Numbers of section, division, group and class of a code, -1 where it does not say."""
    if code is None:
        return -1, -1, -1, -1
    section, digits = code
    division, group, class_ = (int(digits[:at]) if at <= len(digits) else -1 for at in (2, 3, 4))
    return ord(section), division, group, class_


def industry_depth(industries: Industries, i: Ints, j: Ints) -> NDArray[np.int8]:
    """Depth of the common prefix of two codes of GB/T 4754 per pair, shape (m,).

    小类 (class) 4, 中类 (group) 3, 大类 (division) 2, 门类 (section) 1, else 0; -1 where a code is
    unknown. A code that ends early reaches as deep as it goes.
    """
    from . import _kernels

    return _kernels.common_depth(industries.level, i, j)


@dataclass(frozen=True)
class Tags:
    """Tags of all rows, one after the other: row r has `tag[starts[r]:starts[r + 1]]`."""

    starts: NDArray[np.int64]
    tag: Ints
    kind: Ints

    @classmethod
    def of(cls, rows: Iterable[Iterable[tuple[str, str]]]) -> Tags:
        """From each row's pairs of kind (one of `TAG_KINDS`) and tag; a tag counts once.

        Tags are numbered by their text, so that weights add up alike in any part of the rows.
        """
        sets = [set(row) for row in rows]
        number = {one: at for at, one in enumerate(sorted(set().union(*sets)))}
        flat: list[int] = []
        starts = [0]
        for row in sets:
            flat += sorted(map(number.__getitem__, row))
            starts.append(len(flat))
        kinds = [TAG_KINDS.index(kind) for kind, _ in number]
        return cls(np.array(starts, np.int64), np.array(flat, np.int32), np.array(kinds, np.int32))


def business_likeness(tags: Tags, i: Ints, j: Ints, policy: Policy) -> Floats:
    """Weighted Jaccard overlap of tags per pair: weights of common tags by those of all, 0 to 1.

    NaN where one of the two has no tags.
    """
    from . import _kernels

    weight = np.array(policy.tag_weights)[tags.kind]
    row = np.repeat(np.arange(len(tags.starts) - 1), np.diff(tags.starts))
    # Added up in the kernel's own order, so that equal tags overlap by exactly 1.
    total = np.bincount(row, weight[tags.tag], len(tags.starts) - 1).astype(np.float64)
    return _kernels.overlap(i, j, tags.starts, tags.tag, weight, total)


def link_score(
    distance_m: Floats,
    depth: NDArray[np.int8] | None,
    business: Floats | None,
    radius_m: float,
    policy: Policy,
) -> Floats:
    """One score from 0 to 1 per pair: the weighted mean of near, industry and business.

    near is 1 - distance / radius, industry depth / 4. A score whose column is not there at all
    (None) is left out with its weight; what one of the two units does not tell counts as 0.
    """
    parts = [(policy.near_weight, 1.0 - distance_m / radius_m)]
    if depth is not None:
        parts.append((policy.industry_weight, np.maximum(depth, 0) / 4.0))
    if business is not None:
        parts.append((policy.business_weight, np.fmax(business, 0.0)))
    weights = sum(weight for weight, _ in parts)
    if weights == 0:
        return np.zeros(len(distance_m))
    return np.asarray(sum(weight * value for weight, value in parts) / weights)


def meets(
    policy: Policy, depth: NDArray[np.int8] | None, business: Floats | None, score: Floats
) -> NDArray[np.bool_]:
    """Whether a pair is a link: alike in industry or in business, and its score high enough."""
    alike = np.zeros(len(score), bool)
    if depth is not None:
        alike |= depth >= policy.min_industry_depth
    if business is not None:
        alike |= np.fmax(business, 0.0) >= policy.min_business
    return alike & (score >= policy.min_score)
