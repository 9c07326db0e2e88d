"""A question of siting from its files and options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from geo_risk.errors import Text, UsageError
from geo_risk.siting.reach import Reach, reach_from_table, reach_within

from .site_files import (
    Candidates,
    Demand,
    Links,
    read_candidates,
    read_demand,
    read_edges,
    read_links,
    rows_of,
)
from .site_solvers import DEFAULT_WEIGHTS, GRADES, Question

_DEMAND, _CANDIDATES = Text("需求点", "demands"), Text("候选点", "candidates")
_NODES = Text("图的节点", "nodes of the graph")
_FARTHEST_M = 1_000_000.0
"""The longest straight way that counts where costs are straight distances."""


@dataclass(frozen=True)
class Sources:
    """The files of a question; what is None was not given."""

    demand: Path | None = None
    candidates: Path | None = None
    reach: Path | None = None
    cost: Path | None = None
    graph: Path | None = None
    radius_m: float | None = None
    sphere_m: float | None = None


def question(
    model: str, sources: Sources, parameters: Mapping[str, Any], seed: int = 0
) -> Question:
    """Read the files of a question.

    A cover needs `radius_m` or a table of reach; a median or centre takes a table of costs, a
    graph, or else straight distances. `UsageError` `options_contradict`, `option_missing`; errors
    of the files.
    """
    if model in ("median", "center"):
        demand, candidates, reach = _costs(sources)
    else:
        demand, candidates, reach = _reached(sources)
    told = {name: value for name, value in _where(sources).items() if value is not None}
    return Question(model, demand, candidates, reach, {**told, **parameters}, seed)


def curve_limit(p_max: int | None, budget_max: float | None, steps: int) -> int | list[float]:
    """How far a curve goes: to so many sites, or to a budget in so many equal steps.

    `UsageError` `limit_invalid` unless one of the two is given.
    """
    if p_max is not None and budget_max is None:
        return p_max
    if p_max is None and budget_max is not None and budget_max > 0:
        return [budget_max * step / steps for step in range(1, steps + 1)]
    raise UsageError(
        "limit_invalid",
        Text("上限不明确", "The limit is not clear"),
        where="--p-max, --budget-max",
        fix=Text("给出 --p-max 或 --budget-max 之一", "Give one of --p-max and --budget-max"),
    )


def grade_weights(text: str) -> dict[str, float]:
    """`8,4,2,1` as a weight per grade; what has no grade counts like the least of them.

    `UsageError` `weights_invalid`.
    """
    parts = text.split(",") if text else [str(value) for value in DEFAULT_WEIGHTS]
    try:
        values = [float(part) for part in parts]
    except ValueError:
        values = []
    if len(values) != 4 or not all(0 <= value < 1e9 for value in values):
        raise UsageError(
            "weights_invalid",
            Text("权重不正确", "The weights are not valid"),
            where="--weights",
            got=text,
            fix=Text("写作 红,橙,黄,蓝，如 8,4,2,1", "Write red,orange,yellow,blue, as 8,4,2,1"),
        )
    return dict(zip(GRADES, [*values, min(values)], strict=True))


def folds(text: str) -> dict[str, int]:
    """`red=2,orange=1` as how many sites must reach each demand of a grade.

    `UsageError` `k_fold_invalid`.
    """
    found: dict[str, int] = {}
    for part in filter(None, text.split(",")):
        grade, _, number = part.partition("=")
        if grade not in GRADES or not number.isascii() or not number.isdigit():
            raise UsageError(
                "k_fold_invalid",
                Text("多重覆盖的写法不正确", "The k-fold cover is not valid"),
                where="--k-fold",
                got=text,
                fix=Text("写作 red=2,orange=1", "Write it as red=2,orange=1"),
            )
        found[grade] = int(number)
    return found


def _where(sources: Sources) -> dict[str, float | None]:
    return {"radius_m": sources.radius_m, "sphere_m": sources.sphere_m}


def _reached(sources: Sources) -> tuple[Demand, Candidates, Reach]:
    if sources.reach is not None and sources.radius_m is None:
        demand, candidates = _both(sources, placed=False)
        links = read_links(sources.reach, cost=False)
        return demand, candidates, _table(links, demand, candidates, sources.reach)
    if sources.radius_m is None or sources.reach is not None:
        raise _choose("--radius, --reach")
    demand, candidates = _both(sources, placed=True)
    at = (demand.lon, demand.lat, candidates.lon, candidates.lat)
    return demand, candidates, reach_within(*at, sources.radius_m, sphere_m=sources.sphere_m)


def _costs(sources: Sources) -> tuple[Demand, Candidates, Reach]:
    if sources.cost is not None and sources.graph is not None:
        raise _choose("--cost, --graph")
    if sources.graph is not None:
        return _of_graph(sources, sources.graph)
    demand, candidates = _both(sources, placed=sources.cost is None)
    if sources.cost is not None:
        links = read_links(sources.cost, cost=True)
        return demand, candidates, _table(links, demand, candidates, sources.cost)
    at = (demand.lon, demand.lat, candidates.lon, candidates.lat)
    reach = reach_within(*at, _FARTHEST_M, sphere_m=sources.sphere_m, with_cost=True)
    return demand, candidates, reach


def _of_graph(sources: Sources, path: Path) -> tuple[Demand, Candidates, Reach]:
    from geo_risk.siting.graph import graph_costs

    u, v, cost = read_edges(path)
    nodes = sorted(set(u) | set(v), key=lambda key: (len(key), key))
    first, second = (rows_of(ends, nodes, _NODES, path.name) for ends in (u, v))
    if sources.demand is None and sources.candidates is None:
        demand, candidates = _nodes(nodes)
    else:
        demand, candidates = _both(sources, placed=False)
    froms = rows_of(demand.ids, nodes, _NODES, path.name)
    tos = rows_of(candidates.ids, nodes, _NODES, path.name)
    table = graph_costs(first, second, cost).cost[np.ix_(froms, tos)]
    i, j = np.nonzero(np.isfinite(table))
    size = {"demands": len(froms), "candidates": len(tos)}
    return demand, candidates, reach_from_table(i, j, cost=table[i, j], **size)


def _nodes(ids: list[str]) -> tuple[Demand, Candidates]:
    """Every node of a graph as demand of weight 1 and as a candidate."""
    n = len(ids)
    nowhere, ones = np.full(n, np.nan), np.ones(n)
    demand = Demand(ids, nowhere, nowhere, ones, None, None)
    status = ["candidate"] * n
    return demand, Candidates(ids, nowhere, nowhere, ones, status, np.full(n, np.inf), None)


def _both(sources: Sources, *, placed: bool) -> tuple[Demand, Candidates]:
    missing = [
        option
        for option, path in (("--demand", sources.demand), ("--candidates", sources.candidates))
        if path is None
    ]
    if missing or sources.demand is None or sources.candidates is None:
        raise UsageError(
            "option_missing",
            Text("缺少文件", "A file is missing"),
            where=", ".join(missing),
            fix=Text("给出需求点和候选点的文件", "Give the files of demand and candidates"),
        )
    return (
        read_demand(sources.demand, placed=placed),
        read_candidates(sources.candidates, placed=placed),
    )


def _table(links: Links, demand: Demand, candidates: Candidates, path: Path) -> Reach:
    i = rows_of(links.demands, demand.ids, _DEMAND, path.name)
    j = rows_of(links.candidates, candidates.ids, _CANDIDATES, path.name)
    size = {"demands": len(demand.ids), "candidates": len(candidates.ids)}
    return reach_from_table(i, j, cost=links.cost, **size)


def _choose(options: Sequence[str] | str) -> UsageError:
    return UsageError(
        "options_contradict",
        Text("这些选项要给一个，也只能给一个", "Give one of these options, and one only"),
        where=str(options),
        fix=Text("见 --help", "See --help"),
    )
