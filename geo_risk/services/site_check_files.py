"""Whether a plan rests on these files: its embedded inputs beside what the files hold now."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .site_checks import Check
from .site_files import Floats, read_candidates, read_demand, read_links
from .site_plans import Plan

_DEGREES = 1e-7
_CLOSE = 1e-9


def against_files(
    plan: Plan,
    demand: Path | None = None,
    candidates: Path | None = None,
    reach: Path | None = None,
) -> Iterator[Check]:
    """For each file given how many of its rows the plan holds as they are.

    Ids, positions, weights, grades and towns of demand; ids, positions and costs of candidates;
    pairs of reach. A plan of cameras or centres may hold more than the files, since roads are
    sampled and places made along them. Errors as of the readers.
    """
    given, made = plan["inputs"], "subject" in plan
    if demand is not None:
        file = read_demand(demand, placed=False)
        columns: dict[str, Any] = {"weight": file.weight, "grade": file.grades, "town": file.towns}
        if plan.get("subject") == "cameras":
            columns = {"grade": file.grades}  # a point's weight is told per unit of demand
        found = _same(given["demand"], file.ids, file.lon, file.lat, columns)
        yield _told("demand file", len(file.ids), found, len(given["demand"]["id"]), made)
    if candidates is not None:
        sites = read_candidates(candidates, placed=False)
        found = _same(given["candidates"], sites.ids, sites.lon, sites.lat, {"cost": sites.cost})
        yield _told("candidates file", len(sites.ids), found, len(given["candidates"]["id"]), made)
    if reach is not None:
        links = read_links(reach, cost=False)
        listed = set(zip(links.demands, links.candidates, strict=True))
        held = _pairs(given)
        yield _told("reach file", len(listed), len(listed & held), len(held), False)


def _told(name: str, of: int, found: int, held: int, made: bool) -> Check:
    return name, found == of and (made or held == of), of, found


def _same(
    held: Mapping[str, Any],
    ids: Sequence[str],
    lon: Floats,
    lat: Floats,
    columns: Mapping[str, Sequence[Any] | Floats | None],
) -> int:
    """How many rows of a file stand in the plan with the same values."""
    at = {key: row for row, key in enumerate(held["id"])}
    places = (("lon", lon, _DEGREES), ("lat", lat, _DEGREES))
    rows = 0
    for row, key in enumerate(ids):
        other = at.get(key)
        if other is None:
            continue
        same = all(_near(held[name][other], cells[row], within) for name, cells, within in places)
        for name, cells in columns.items():
            if cells is not None and held.get(name) is not None:
                same = same and _near(held[name][other], cells[row], _CLOSE)
        rows += same
    return rows


def _near(held: Any, read: Any, within: float) -> bool:
    if isinstance(read, str):
        return bool(held == read)
    if held is None or math.isnan(read):  # a place that neither has
        return held is None and math.isnan(read)
    return bool(abs(held - read) <= within * max(1.0, abs(held)))


def _pairs(given: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Who reaches whom, by ids."""
    reach, ids = given["reach"], given["candidates"]["id"]
    spans = zip(given["demand"]["id"], reach["start"], reach["start"][1:], strict=False)
    return {
        (key, ids[candidate])
        for key, begin, end in spans
        for candidate in reach["candidate"][begin:end]
    }
