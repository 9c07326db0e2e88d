"""Pairs of near and like units of a file, each with distance, likeness and score."""

from __future__ import annotations

import contextlib
import json
import re
import resource
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_risk.datums import MetricCRS, metric_crs
from geo_risk.errors import InputError, Text, UsageError
from geo_risk.export.files import format_of
from geo_risk.export.pair_files import FORMATS, write_columns
from geo_risk.grading.industries import code_of
from geo_risk.intake.faults import Fault, Noted
from geo_risk.intake.grades import read_grade
from geo_risk.intake.parquet import need_pyarrow
from geo_risk.neighbours.likeness import (
    Industries,
    Policy,
    Tags,
    business_likeness,
    industry_depth,
    link_score,
    meets,
    policy_named,
)
from geo_risk.neighbours.outlines import shape_pairs_within
from geo_risk.neighbours.pairs import Pairs, checked_radius_m, pairs_within
from geo_risk.vocabulary import SEVERITY, Grade

from .neighbour_files import Units, read_units

Rows = slice | NDArray[np.bool_]
_SPLIT = re.compile(r"[;；、,，|\n]+")
_KINDS = {
    **dict.fromkeys(("process", "工艺"), "process"),
    **dict.fromkeys(("hazard", "危险", "危险类别", "危险种类"), "hazard"),
    **dict.fromkeys(("substance", "物质"), "substance"),
    **dict.fromkeys(("scale", "规模"), "scale"),
}


@dataclass(frozen=True)
class PairOptions:
    """What `neighbours pairs` is asked: columns by name, empty where not; `radius_m` 0 takes the
    policy's; `alike` keeps only pairs that meet the policy's least values."""

    radius_m: float = 0.0
    sector: str = ""
    industry: str = ""
    tags: str = ""
    grade: str = "grade"
    grade_within: int | None = None
    policy: str = ""
    alike: bool = False

    def columns(self) -> dict[str, str]:
        """Option -> the column that it names."""
        wanted = {"--sector": self.sector, "--industry": self.industry, "--tags": self.tags}
        if self.grade_within is not None:
            wanted["--grade"] = self.grade
        return {option: name for option, name in wanted.items() if name}


def checked(out: Path, options: PairOptions) -> tuple[Policy, float]:
    """Policy and radius in metres of what is asked, once it is known that it can be done."""
    if format_of(out, FORMATS) == "parquet":
        need_pyarrow(out.name)
    policy = policy_named(options.policy)
    radius_m = checked_radius_m(options.radius_m or policy.radius_m)
    if options.alike and not (options.industry or options.tags):
        raise UsageError(
            "alike_without_column",
            Text("没有行业或标签，无从判断相近", "Nothing tells what is alike"),
            where="--alike",
            fix=Text("给出 --industry 或 --tags", "Give --industry or --tags"),
        )
    return policy, radius_m


def pairs_of_file(path: Path, out: Path, options: PairOptions) -> dict[str, Any]:
    """Write the pairs of a file's units; the contract's counts, CPU seconds and peak memory.

    `without` counts the rows that do not tell sector, industry, tags or grade. Raises what reading
    and `pairs_within` raise, and `UsageError` for an unknown format, policy or column.
    """
    before_s = cpu_s()
    policy, radius_m = checked(out, options)
    units = read_units(path, options.columns())
    crs = metric_crs(units.lon, units.lat) if units.ids else None
    pairs, without = pairs_of_units(units, crs, radius_m, options)
    columns = columns_of_pairs(units, pairs, radius_m, policy, options, without)
    count = write_columns(out, columns)
    return {
        "points": len(units.ids),
        "pairs": count,
        "cpu_s": round(cpu_s() - before_s, 3),
        "peak_mb": round(peak_mb(), 1),
        "radius_m": radius_m,
        "policy": policy.name,
        "epsg": crs and crs.epsg,
        "without": without,
        "file": str(out),
    }


def pairs_of_units(
    units: Units,
    crs: MetricCRS | None,
    radius_m: float,
    options: PairOptions,
    counted: Rows = slice(None),
) -> tuple[Pairs, dict[str, int]]:
    """Pairs of units in a metric CRS, and how many of the `counted` rows lack a condition."""
    if not units.ids or crs is None:
        empty = np.zeros(0, np.int32)
        return Pairs(empty, empty, np.zeros(0)), {}
    given: dict[str, Any] = {"grade_within": options.grade_within}
    without: dict[str, int] = {}
    if options.sector:
        given["sector"] = _numbered(units.columns["--sector"])
        without["sector"] = int((given["sector"] < 0)[counted].sum())
    if options.grade_within is not None:
        given["grade"] = _grades(units)
        without["grade"] = int((given["grade"] < 0)[counted].sum())
    places_m = placed(units, crs)
    if units.shapes is None:
        return pairs_within(places_m[:, 0], places_m[:, 1], radius_m, **given), without
    return shape_pairs_within(places_m, radius_m, **given), without


def placed(units: Units, crs: MetricCRS) -> NDArray[Any]:
    """Metric x and y, shape (n, 2), or shapes, shape (n,); `InputError` for what is too far."""

    def forward(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(crs.forward(lonlat[:, 0], lonlat[:, 1]))

    if units.shapes is None:
        xy_m = forward(np.column_stack([units.lon, units.lat]))
        _check_reached(units, np.asarray(np.isfinite(xy_m).all(axis=1)))
        return xy_m
    shapes_m = np.asarray(shapely.transform(units.shapes, forward))
    xy_m, row = shapely.get_coordinates(shapes_m, return_index=True)
    good = np.ones(len(shapes_m), bool)
    good[row[~np.isfinite(xy_m).all(axis=1)]] = False
    _check_reached(units, good)
    return shapes_m


def _check_reached(units: Units, good: NDArray[np.bool_]) -> None:
    """`InputError` for the first unit so far from the others that no projection holds both."""
    if good.all():
        return
    at = int(np.argmin(good))
    raise InputError(
        "position_far",
        Text("离其他单位太远，无法同一投影", "Too far from the others for one projection"),
        where=f"第 {units.rows[at]} 行 / row {units.rows[at]}",
        got=f"{units.lon[at]}, {units.lat[at]}",
        fix=Text("请核对坐标，或分地区计算", "Check the position, or compute by region"),
    )


def columns_of_pairs(
    units: Units,
    pairs: Pairs,
    radius_m: float,
    policy: Policy,
    options: PairOptions,
    without: dict[str, int],
    counted: Rows = slice(None),
) -> dict[str, Any]:
    """The columns of the answer, a before b as text, in that order; adds to `without`."""
    i, j = pairs.i, pairs.j
    depth = business = None
    if options.industry:
        cells, at = _distinct(units.columns["--industry"])
        industries = Industries.of([None if cell is None else code_of(cell) for cell in cells])
        without["industry"] = int((industries.level[at, 0] < 0)[counted].sum())
        depth = industry_depth(industries, at[i], at[j])
    if options.tags:
        cells, at = _distinct(units.columns["--tags"])
        tags = Tags.of(map(tags_of, cells))
        without["tags"] = int((np.diff(tags.starts) == 0)[at][counted].sum())
        business = business_likeness(tags, at[i], at[j], policy)
    score = link_score(pairs.distance_m, depth, business, radius_m, policy)
    order, first, second = _by_text(units.ids, i, j)
    if options.alike:
        order = order[meets(policy, depth, business, score)[order]]
    unknown = np.full(len(i), -1, np.int8) if depth is None else depth
    nothing = np.full(len(i), np.nan) if business is None else business
    return {
        "a": [units.ids[row] for row in first[order].tolist()],
        "b": [units.ids[row] for row in second[order].tolist()],
        "distance_m": pairs.distance_m[order],
        "industry_depth": np.ma.masked_less(unknown[order], 0),
        "business": nothing[order],
        "score": score[order],
    }


def _by_text(
    ids: list[str], i: NDArray[np.int32], j: NDArray[np.int32]
) -> tuple[NDArray[np.intp], NDArray[np.int32], NDArray[np.int32]]:
    """Order of the pairs, and both rows of each with the lesser id first."""
    rank = np.empty(len(ids), np.int32)
    rank[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids), dtype=np.int32)
    swap = rank[i] > rank[j]
    first, second = np.where(swap, j, i), np.where(swap, i, j)
    return np.lexsort((rank[second], rank[first])), first, second


def _numbered(cells: list[Any]) -> NDArray[np.int32]:
    """Equal texts as equal numbers from 0, -1 for an empty cell."""
    numbers: dict[str, int] = {}
    found = (
        numbers.setdefault(text, len(numbers)) if text else -1
        for text in ("" if cell is None else str(cell).strip() for cell in cells)
    )
    return np.fromiter(found, np.int32, len(cells))


def _grades(units: Units) -> NDArray[np.int16]:
    """Whole numbers as they are, where all are; otherwise words and colours by severity."""
    texts = grade_texts(units)
    first: dict[str, int] = {}
    for row, text in zip(units.rows, texts, strict=True):
        first.setdefault(text, row)
    known = grade_numbers(first)
    return np.array([known[text] for text in texts], np.int16)


def grade_texts(units: Units) -> list[str]:
    """The grades of units as they are written, empty where there is none."""
    return ["" if cell is None else str(cell).strip() for cell in units.columns["--grade"]]


def grade_numbers(first: dict[str, int]) -> dict[str, int]:
    """A number for each text that stands for a grade, by text and the row it first stands in."""
    if all(not text or (text.isascii() and text.isdigit() and len(text) < 4) for text in first):
        return {text: int(text) if text else -1 for text in first}
    return {text: _severity(text, row) for text, row in first.items()}


def _severity(text: str, row: int) -> int:
    read = read_grade(text)
    if isinstance(read, Fault):
        where = f"第 {row} 行 / row {row}"
        raise InputError(read.code, read.message, where=where, got=text, fix=read.fix)
    word = read.value if isinstance(read, Noted) else read
    if word is None:
        return -1
    return SEVERITY[Grade(str(word))]


def _distinct(cells: list[Any]) -> tuple[list[Any], NDArray[np.int32]]:
    """The different cells, and per row which of them it has: each is read once."""
    numbers: dict[Any, int] = {}
    texts = (tuple(cell) if isinstance(cell, list) else cell for cell in cells)
    at = np.fromiter((numbers.setdefault(c, len(numbers)) for c in texts), np.int32, len(cells))
    return list(numbers), at


def tags_of(cell: Any) -> list[tuple[str, str]]:
    """Kind and tag of each part of `工艺:染整;物质:氨;大型`; without a known kind it is `other`."""
    if cell is None:
        return []
    if isinstance(cell, str) and cell.startswith("["):  # a list in GeoJSON comes as its text
        with contextlib.suppress(ValueError, RecursionError):
            cell = json.loads(cell)
    parts = cell if isinstance(cell, (list, tuple)) else [cell]
    text = unicodedata.normalize("NFKC", "\n".join(map(str, parts))).casefold()
    found = []
    for part in filter(None, (one.strip() for one in _SPLIT.split(text))):
        kind, colon, tag = part.partition(":")
        known = _KINDS.get(kind.strip()) if colon else None
        if known is None:
            found.append(("other", part))
        elif tag.strip():
            found.append((known, tag.strip()))
    return found


def cpu_s() -> float:
    """CPU seconds of this process and of those that it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def peak_mb() -> float:
    """The most memory that this process, or one it waited for, ever held, in MB."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return max(one.ru_maxrss for one in used) / 1024
