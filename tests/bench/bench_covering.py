"""Maximal covering of clustered demand within 800 m, three seeds.

Demands and candidates lie around 60 centres (spread 300 to 1,500 m) in a square of 20 km; weights
are 8, 4, 2, 1. Peers: spopt's MCLP with HiGHS, and a HiGHS model with merged rows, both given the
same matrix of reach and a limit of 60 s. Making the reach is in nobody's seconds; compilation and
imports are not either, spopt's building of its model is, merging of rows too. At 100,000 demands
and above no peer is run, because none ends (HiGHS: 5 % after 48 s): the note tells the proved gap
after 5 and 60 CPU seconds. Answers agree where both are proved and equal.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np

from tests.bench.measuring import SEED, child, installed

SIZES = (10_000, 100_000, 1_000_000)
TINY = (300,)
SEEDS = (1, 2, 3)
CHILD = "import sys; from tests.bench import bench_covering as b; b.told(*sys.argv[1:])"
LIMIT_S = 60.0
Made = tuple[Any, Any]


def made(demands: int, seed: int) -> tuple[Made, int, float]:
    """The reach and weights of one instance, how many sites may be chosen, and mean cover."""
    from geo_risk.siting.reach import reach_within

    candidates, p = {300: (30, 4), 10_000: (500, 25)}.get(demands, (1_000, 50))
    draw = np.random.default_rng([SEED, seed])
    centre = draw.uniform(0.0, 20_000.0, (60, 2))
    share, spread_m = draw.dirichlet(np.ones(60)), draw.uniform(300.0, 1_500.0, 60)

    def points(count: int) -> Any:
        at = draw.choice(60, count, p=share)
        xy_m = centre[at] + draw.normal(0.0, 1.0, (count, 2)) * spread_m[at, None]
        return 118.6 + xy_m[:, 0] / 101_100.0, 24.7 + xy_m[:, 1] / 110_780.0

    demand, candidate = points(demands), points(candidates)
    weight = draw.choice([8.0, 4.0, 2.0, 1.0], demands, p=[0.05, 0.15, 0.3, 0.5])
    reach = reach_within(*demand, *candidate, 800.0)
    return (reach, weight), p, len(reach.candidate) / demands


def ours(data: Made, p: int) -> dict[str, Any]:
    """By `max_cover`, with the proved gap after 5 CPU seconds and at the end."""
    from geo_risk.siting.cover import max_cover

    begun, gap_5 = time.process_time(), 1.0

    def report(progress: Any) -> None:
        nonlocal gap_5
        if time.process_time() - begun <= 5.0:
            gap_5 = (progress.bound - progress.objective) / max(progress.objective, 1.0)

    def stop() -> bool:
        return time.process_time() - begun > LIMIT_S

    found = max_cover(*data, p=p, report=report, stop=stop)
    return {"objective": found.objective, "gap": found.gap, "gap_5": gap_5}


def merged(data: Made, p: int) -> dict[str, Any]:
    """By one HiGHS model over merged rows."""
    import highspy

    reach, weight = data
    rows: dict[bytes, float] = {}
    for i in range(reach.demands):
        key = reach.candidate[reach.starts[i] : reach.starts[i + 1]].tobytes()
        if key:
            rows[key] = rows.get(key, 0.0) + weight[i]
    solver = highspy.Highs()
    for name, value in (("output_flag", False), ("threads", 1), ("time_limit", LIMIT_S)):
        solver.setOptionValue(name, value)
    lp, sites, count = highspy.HighsLp(), reach.candidates, len(rows)
    index = [np.r_[np.frombuffer(key, np.int32), sites + i] for i, key in enumerate(rows)]
    lp.num_col_, lp.num_row_ = sites + count, count + 1
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = np.r_[np.zeros(sites), np.fromiter(rows.values(), float)]
    lp.col_lower_, lp.col_upper_ = np.zeros(sites + count), np.ones(sites + count)
    lp.row_lower_ = np.r_[np.zeros(count), -np.inf]
    lp.row_upper_ = np.r_[np.full(count, np.inf), float(p)]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.cumsum([0, *map(len, index), sites]).astype(np.int32)
    lp.a_matrix_.index_ = np.concatenate([*index, np.arange(sites)]).astype(np.int32)
    ones = [np.r_[np.ones(len(row) - 1), -1.0] for row in index]
    lp.a_matrix_.value_ = np.concatenate([*ones, np.ones(sites)])
    kinds = highspy.HighsVarType
    lp.integrality_ = [kinds.kInteger] * sites + [kinds.kContinuous] * count
    solver.passModel(lp)
    solver.run()
    info = solver.getInfo()
    return {"objective": info.objective_function_value, "gap": info.mip_gap}


def spopt(data: Made, p: int) -> dict[str, Any]:
    """By spopt's MCLP from a matrix of cost, with HiGHS through PuLP."""
    import pulp
    from spopt.locate import MCLP

    reach, weight = data
    cost = np.full((reach.demands, reach.candidates), 2.0)
    cost[reach.row_of_entry, reach.candidate] = 1.0
    model = MCLP.from_cost_matrix(cost, weight, service_radius=1.0, p_facilities=p)
    solver = pulp.HiGHS(msg=False, timeLimit=LIMIT_S, threads=1, gapRel=0.0)
    solved = model.problem.solve(solver)
    objective = pulp.value(model.problem.objective)
    proved = solved == pulp.LpStatusOptimal and model.problem.sol_status == 1
    return {"objective": objective, "gap": 0.0 if proved else 1.0}


WORKS = {"ours": ours, "merged": merged, "spopt": spopt}


def told(who: str, size: str, seed: str) -> None:
    """Run one of them in this process and print what it took and found."""
    work = WORKS[who]
    for demands in (300, 10_000) if who == "ours" else (300,):
        data, p, _ = made(demands, 9)
        work(data, p)
    data, p, mean = made(int(size), int(seed))
    start = time.process_time()
    found = work(data, p)
    print(json.dumps({"cpu_s": time.process_time() - start, "mean": mean, **found}))


def rows(sizes: Sequence[int]) -> list[dict[str, Any]]:
    """A row for each size, seed and peer."""
    found = []
    for size in sizes:
        for seed in SEEDS if size > TINY[0] else SEEDS[:1]:
            run = child(CHILD, "ours", str(size), str(seed))
            peers = ("merged", "spopt") if installed("spopt") else ("merged",)
            for peer in peers if size <= 10_000 else (None,):
                found.append(_row(size, seed, run.answer, run.peak_mb, peer))
    return found


def _row(
    size: int, seed: int, mine: dict[str, Any], peak_mb: float, peer: str | None
) -> dict[str, Any]:
    theirs = child(CHILD, peer, str(size), str(seed)).answer if peer else None
    name, package = {
        "merged": ("HiGHS, merged rows", "highspy"),
        "spopt": ("spopt MCLP with HiGHS", "spopt"),
        None: ("none ends", "highspy"),
    }[peer]
    proved = theirs is not None and max(mine["gap"], theirs["gap"]) <= 1e-6
    note = f"mean cover {mine['mean']:.1f}; gap {mine['gap']:.2%}"
    note += f", at 5 s {mine['gap_5']:.2%}" if size > 10_000 else ""
    if theirs is not None:
        note += f", peer's {theirs['gap']:.2%}; {theirs['cpu_s'] / mine['cpu_s']:.1f} times as fast"
    return {
        "work": "maximal covering",
        "size": f"{size:,} demands, seed {seed}",
        "peer": name,
        "peer_version": version(package),
        "ours_cpu_s": mine["cpu_s"],
        "peer_cpu_s": theirs["cpu_s"] if theirs else None,
        "ratio": mine["cpu_s"] / theirs["cpu_s"] if theirs else None,
        "peak_mb": peak_mb,
        "answers_agree": abs(mine["objective"] - theirs["objective"]) < 1e-3 if proved else None,
        "note": note,
    }
