"""Can these positions be true? Checks over the placed rows of one import, each row with a reason.

Pure: arrays in, findings out. Why each finding has its outcome is in `OUTCOMES`; the thresholds
are settings; docs/methods/position-checks.md explains both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_risk import settings
from geo_risk.datums.robust import metres_per_degree
from geo_risk.errors import Text

from .buildings import building, hall
from .duplicates import KnownRows, company_core, near_duplicates
from .model import Finding, Outcome

__all__ = [
    "OUTCOMES",
    "KnownRows",
    "Ruling",
    "Swaps",
    "Thresholds",
    "company_core",
    "in_china",
    "near_duplicates",
    "outside_town",
    "pile_ups",
    "swapped",
    "zero_positions",
]

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Inside = Callable[[Floats, Floats], Mask]
"""Says of positions, in the file's own datum, which of them lie where they could."""


@dataclass(frozen=True)
class Thresholds:
    """The settings of the checks, with their defaults."""

    pile_up_count: int = 5
    town_tolerance_m: int = 300
    town_far_m: int = 3000
    near_duplicate_m: int = 100
    similar_name_percent: int = 88

    @classmethod
    def from_settings(cls, environ: Mapping[str, str] | None = None) -> Thresholds:
        """As set by the environment; `UsageError` for a value that is no whole number."""
        return cls(**{field.name: settings.number(field.name, environ) for field in fields(cls)})


@dataclass(frozen=True)
class Ruling:
    """What a finding means for its row, and why."""

    outcome: Outcome
    reason: Text


OUTCOMES: dict[str, Ruling] = {
    "coordinate_zero": Ruling(
        "noted",
        Text("0 表示没有填坐标，由地址定位", "Zero says that none was given; the address decides"),
    ),
    "coordinate_swapped": Ruling(
        "queued",
        Text("对调后合理，但须有人确认", "The exchanged position fits, but a person confirms it"),
    ),
    "pile_up": Ruling(
        "queued",
        Text("地址不同却坐标相同，坐标不可信", "Different addresses, one position: not believed"),
    ),
    "pile_up_possible": Ruling(
        "flagged",
        Text("没有地址可以核对", "There are no addresses to check it against"),
    ),
    "position_outside_town": Ruling(
        "flagged",
        Text("镇界精度有限，可能只是界线误差", "Boundaries are not exact; it may be their error"),
    ),
    "position_far_from_town": Ruling(
        "queued",
        Text("坐标和所填镇必有一个错", "Either the position or the stated town is wrong"),
    ),
    "credit_code_repeated": Ruling(
        "flagged",
        Text("可能是同一企业的两处场所", "It may be two sites of one enterprise"),
    ),
    "near_duplicate": Ruling(
        "flagged",
        Text("名称相近的邻居也可能是两家", "Neighbours with similar names may still be two"),
    ),
}
"""By code; a person can always mend the table and import it again."""


def _finding(row: int, field: str, code: str, message: Text, fix: Text) -> Finding:
    return Finding(int(row), field, code, OUTCOMES[code].outcome, message, fix)


def zero_positions(rows: Sequence[int], x: Floats, y: Floats) -> tuple[list[Finding], Mask]:
    """Rows at (0, 0), within one degree or metre of it, or with one coordinate exactly 0.

    x, y: shape (n,), in any datum. The mask says which rows to treat as without coordinates.
    """
    near = (np.abs(x) < 1.0) & (np.abs(y) < 1.0)
    mask: Mask = np.isfinite(x) & np.isfinite(y) & (near | (x == 0.0) | (y == 0.0))
    fix = Text("坐标未知时留空，不要填 0", "Leave unknown coordinates empty instead of 0")
    found = []
    for i in np.flatnonzero(mask).tolist():
        at = f"({x[i]:g}, {y[i]:g})"
        message = Text(
            f"坐标为 {at}，视为没有坐标，按地址定位",
            f"The coordinates are {at}: taken for none, the address decides",
        )
        found.append(_finding(rows[i], "coordinates", "coordinate_zero", message, fix))
    return found, mask


def in_china(lon: Floats, lat: Floats) -> Mask:
    """Whether degrees lie in China's box; no longitude there can be a latitude."""
    inside: Mask = (lon >= 73.0) & (lon <= 135.1) & (lat >= 3.8) & (lat <= 53.6)
    return inside


@dataclass(frozen=True)
class Swaps:
    """Rows whose coordinates stand in the other order; `file` says that all of them do."""

    findings: list[Finding]
    mask: Mask
    file: Text | None


def swapped(rows: Sequence[int], x: Floats, y: Floats, inside: Inside | None = None) -> Swaps:
    """Rows that are not inside as (x, y) but are as (y, x).

    `inside` takes x and y in the file's datum (convert, then ask the district); without it
    China's box decides, so x and y must be degrees. From 90 % and three rows on `file` says
    that the two columns are exchanged.
    """
    ask = inside or in_china
    given = np.isfinite(x) & np.isfinite(y)
    here, there = np.zeros(len(x), dtype=bool), np.zeros(len(x), dtype=bool)
    here[given] = ask(x[given], y[given])
    away = given & ~here
    there[away] = ask(y[away], x[away])
    fix = Text("对调经度和纬度后重新导入，或在复核中确认", "Exchange them, or confirm in review")
    found = []
    for i in np.flatnonzero(there).tolist():
        message = Text(
            f"经度 {x[i]:g}、纬度 {y[i]:g} 不在本市，对调后在本市",
            f"Longitude {x[i]:g}, latitude {y[i]:g} is not in the city; exchanged it is",
        )
        found.append(_finding(rows[i], "coordinates", "coordinate_swapped", message, fix))
    count, total = int(there.sum()), int(given.sum())
    whole = None
    if count >= 3 and count >= 0.9 * total:
        whole = Text(
            f"{total} 个位置中有 {count} 个经纬度颠倒：这两列很可能写反了，请用列对应对调",
            f"{count} of {total} positions have longitude and latitude exchanged: the two columns "
            "are probably the wrong way round; exchange them in the mapping",
        )
    return Swaps(found, there, whole)


def pile_ups(
    rows: Sequence[int],
    lon: Floats,
    lat: Floats,
    names: Sequence[str | None],
    addresses: Sequence[str | None],
    *,
    group: Sequence[str | None] | None = None,
    thresholds: Thresholds | None = None,
) -> list[Finding]:
    """Many different companies on one coordinate: a village's centre, not their place.

    `group` holds the enterprise of each row (risk points): a group is one company. Where most
    addresses name one building the coordinate is its own (a market hall): nothing is found but
    the rows with another address. Else all are `pile_up`; where most rows have no address,
    `pile_up_possible`.
    """
    limit = (thresholds or Thresholds()).pile_up_count
    good = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    key = np.round(np.column_stack([lon[good], lat[good]]) * 1e6).astype(np.int64)
    _, owner, count = np.unique(key, axis=0, return_inverse=True, return_counts=True)
    order = good[np.argsort(owner.ravel(), kind="stable")]
    ends = np.cumsum(count)
    found: list[Finding] = []
    for place in np.flatnonzero(count >= limit):
        members = [int(i) for i in order[ends[place] - count[place] : ends[place]]]
        companies = {_company(i, names, group) for i in members} - {""}
        if len(companies) >= limit:
            found += _pile(rows, members, addresses, len(companies))
    return sorted(found, key=lambda finding: finding.row)


def _company(i: int, names: Sequence[str | None], group: Sequence[str | None] | None) -> str:
    belongs = group[i] if group is not None else None
    return f"#{belongs}" if belongs else company_core(names[i] or "")


def _pile(
    rows: Sequence[int], members: list[int], addresses: Sequence[str | None], companies: int
) -> list[Finding]:
    buildings = {i: building(addresses[i] or "") for i in members}
    written = Counter(key for key in buildings.values() if key)
    addressed = sum(written.values())
    if 2 * addressed < len(members):
        return [_piled(rows[i], "pile_up_possible", companies) for i in members]
    most, times = written.most_common(1)[0]
    if 2 * times > addressed:
        halls = {hall(addresses[i] or "") for i in members if buildings[i] == most} - {""}
        suspect = [
            i
            for i in members
            if buildings[i] not in ("", most) and hall(addresses[i] or "") not in halls
        ]
    else:
        suspect = members
    return [_piled(rows[i], "pile_up", companies) for i in suspect]


def _piled(row: int, code: str, companies: int) -> Finding:
    if code == "pile_up":
        message = Text(
            f"{companies} 家企业坐标完全相同而地址不同，像是村或镇的中心点，不作为企业位置",
            f"{companies} companies with different addresses have this very coordinate: it looks "
            "like the centre of a village or town and is not taken for their place",
        )
    else:
        message = Text(
            f"{companies} 家企业坐标完全相同，可能是村或镇的中心点",
            f"{companies} companies have this very coordinate: it may be the centre of a village",
        )
    fix = Text("填写各企业自己的坐标，或留空按地址定位", "Give each its own, or leave it empty")
    return _finding(row, "coordinates", code, message, fix)


def outside_town(
    rows: Sequence[int],
    lon: Floats,
    lat: Floats,
    stated: NDArray[np.intp],
    towns: Sequence[tuple[str, Any]],
    *,
    thresholds: Thresholds | None = None,
) -> list[Finding]:
    """Positions outside the area of the town their row states.

    `stated`: shape (n,), index into `towns` (name, area in WGS84), -1 where unknown. Distances
    are planar at the middle of the towns, good to 0.1 % across a county.
    """
    limits = thresholds or Thresholds()
    asked = np.isfinite(lon) & np.isfinite(lat) & (stated >= 0)
    if not asked.any():
        return []
    middle = shapely.union_all([shapely.box(*area.bounds) for _, area in towns]).centroid.y
    scale = np.array([float(axis) for axis in metres_per_degree(middle)])
    areas = [shapely.transform(area, lambda at: at * scale) for _, area in towns]
    points = shapely.points(np.column_stack([lon, lat]) * scale)
    away = np.zeros(len(lon))
    for town in np.unique(stated[asked]):
        mine = asked & (stated == town)
        shapely.prepare(areas[town])
        mine[mine] = ~shapely.intersects(areas[town], points[mine])
        away[mine] = shapely.distance(areas[town], points[mine])
    suspect = np.flatnonzero(away > limits.town_tolerance_m).tolist()
    lies = _lies_in(points[suspect], areas).tolist()
    return [
        _outside(rows[i], towns[stated[i]][0], away[i], towns[t][0] if t >= 0 else "", limits)
        for i, t in zip(suspect, lies, strict=True)
    ]


def _lies_in(points: NDArray[np.object_], areas: Sequence[Any]) -> NDArray[np.intp]:
    """Per point the first area it lies in, -1 for none."""
    lies = np.full(len(points), -1, dtype=np.intp)
    which, area = shapely.STRtree(areas).query(points, predicate="intersects")
    lies[which[::-1]] = area[::-1]
    return lies


def _outside(row: int, town: str, away_m: float, lies: str, limits: Thresholds) -> Finding:
    code: Literal["position_outside_town", "position_far_from_town"] = "position_outside_town"
    if away_m > limits.town_far_m:
        code = "position_far_from_town"
    where = (
        Text(f"位于{lies}", f"lies in {lies}") if lies else Text("不在任何镇", "lies in no town")
    )
    message = Text(
        f"所填“{town}”，位置在其界外 {away_m:.0f} 米，{where['zh']}",
        f"The row says {town!r}; the position is {away_m:.0f} m outside it and {where['en']}",
    )
    fix = Text("核对所属镇（街道）和坐标", "Check the town and the coordinates")
    return _finding(row, "town", code, message, fix)
