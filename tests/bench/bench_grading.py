"""A city graded and rolled up in one run: risk points by LEC, a tenth as many hazard units.

Ours keeps every grade's reasons with exact arithmetic, and sums up enterprises, villages, towns,
the city, cells of 250 m, industries and departments by every method. The peer is a plain
`DataFrame.apply` of the same rules in floating point, without reasons, and the worst grade of each
group. Each runs in a process of its own that makes its own data; their making and imports are not
in the CPU seconds, but in the peak memory. Tonnes are drawn at random, so nearly no two units are
equal. Answers agree where every grade and the worst of every group does.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np

from tests.bench.measuring import SEED, child

SIZES = (100_000,)
TINY = (200,)
LEVELS = {"enterprise": 10, "village": 300, "town": 4_000, "industry": 1_000, "department": 8_000}
"""How many items there are for each group of a level."""
WORST_FIRST = ("red", "orange", "yellow", "blue", "no_data")
SUBSTANCES = {
    "氨": (10.0, 2.0),
    "氯": (5.0, 4.0),
    "二氧化硫": (20.0, 2.0),
    "环氧乙烷": (10.0, 2.0),
    "硫化氢": (5.0, 5.0),
    "氟化氢": (1.0, 5.0),
    "碳酰氯": (0.3, 20.0),
}
"""Critical quantity in t and β, as the peer writes them down."""
CHILD = "import sys; from tests.bench import bench_grading as b; b.told(sys.argv[1], sys.argv[2])"
Made = tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, Any], Any, Any]


def made(size: int) -> Made:
    """Points and units as rows, the group of each item by level, longitudes and latitudes."""
    draw = np.random.default_rng(SEED)
    units = size // 10
    scores = [(10, 6, 3, 1, 0.5, 0.2, 0.1), (10, 6, 3, 2, 1, 0.5), (100, 40, 15, 7, 3, 1)]
    columns = [draw.choice(np.array(known, float), size).tolist() for known in scores]
    points = [dict(zip("lec", row, strict=True)) for row in zip(*columns, strict=True)]
    names = list(SUBSTANCES)
    stocks = []
    for count in draw.integers(1, 5, units).tolist():
        held = draw.permutation(len(names))[:count].tolist()
        tonnes = np.exp(draw.normal(0.0, 2.0, count)) + 0.001
        pairs = zip(held, tonnes.tolist(), strict=True)
        stocks.append(";".join(f"{names[at]}:{amount:.3f}" for at, amount in pairs))
    people = draw.integers(0, 200, units).tolist()
    hazards = [
        {"substances": stock, "exposed_people": near}
        for stock, near in zip(stocks, people, strict=True)
    ]
    n = size + units
    groups = {level: draw.integers(0, max(n // each, 1), n) for level, each in LEVELS.items()} | {
        "city": np.zeros(n, np.int64)
    }
    return points, hazards, groups, draw.uniform(118.55, 118.78, n), draw.uniform(24.62, 24.8, n)


def ours(data: Made) -> tuple[list[str], dict[str, list[str]]]:
    """The grade of every item, and the worst of every group that has items."""
    from geo_risk.datums import metric_crs
    from geo_risk.grading import GRADERS, ROLL_UP_COLUMNS, counts_by_group, grid_of, sum_up

    points, hazards, groups, lon, lat = data
    graded = GRADERS["lec"].grade_rows(points) + GRADERS["gb18218"].grade_rows(hazards)
    column_of = {grade: at for at, grade in enumerate(ROLL_UP_COLUMNS)}
    code = np.array([column_of[one.grade] for one in graded])
    cell = grid_of("250", metric_crs(lon, lat)).locate(lon, lat)
    worst = {}
    for level, group in (groups | {"grid": cell}).items():
        known, at = np.unique(group, return_inverse=True)
        summed = sum_up(counts_by_group(code, at, len(known)))
        worst[level] = [str(grade) for grade in summed["max"].grade]
    return [str(one.grade) for one in graded], worst


def _peer_lec(row: Any) -> int:
    score = row["l"] * row["e"] * row["c"]
    return 0 if score > 320 else 1 if score > 160 else 2 if score > 70 else 3


def _peer_gb18218(row: Any) -> int:
    ratio, weighted = 0.0, 0.0
    for part in row["substances"].split(";"):
        name, tonnes = part.split(":")
        critical_t, beta = SUBSTANCES[name]
        ratio += float(tonnes) / critical_t
        weighted += beta * float(tonnes) / critical_t
    if ratio < 1:
        return 3
    near = row["exposed_people"]
    alpha = 0.5 if near == 0 else 1 if near < 30 else 1.2 if near < 50 else 1.5 if near < 100 else 2
    risk = alpha * weighted
    return 0 if risk >= 100 else 1 if risk >= 50 else 2


def peer(data: Made) -> tuple[list[str], dict[str, list[str]]]:
    """The same by `DataFrame.apply` and `groupby`."""
    import pandas as pd
    from pyproj import Transformer

    points, hazards, groups, lon, lat = data
    of_points = pd.DataFrame(points).apply(_peer_lec, axis=1)
    of_units = pd.DataFrame(hazards).apply(_peer_gb18218, axis=1)
    code = pd.concat([of_points, of_units], ignore_index=True)
    to_utm = Transformer.from_crs(4326, 32650, always_xy=True)
    x_m, y_m = to_utm.transform(lon, lat)
    cell = pd.Series(x_m // 250) * 1e6 + pd.Series(y_m // 250)
    worst = {
        level: [WORST_FIRST[at] for at in code.groupby(np.asarray(group)).min()]
        for level, group in (groups | {"grid": cell}).items()
    }
    return [WORST_FIRST[at] for at in code], worst


def told(who: str, size: str) -> None:
    """Run one of the two in this process and print what it took and found."""
    works: dict[str, Callable[[Made], Any]] = {"ours": ours, "peer": peer}
    data = made(int(size))
    works[who](made(10))  # what is loaded lazily is loaded now
    start = time.process_time()
    grades, worst = works[who](data)
    seconds = time.process_time() - start
    found = {level: _digest(words) for level, words in {"items": grades, **worst}.items()}
    counts = {name: grades.count(name) for name in WORST_FIRST}
    print(json.dumps({"cpu_s": seconds, "found": found, "counts": counts}))


def _digest(words: Sequence[str]) -> str:
    return hashlib.sha256(" ".join(words).encode()).hexdigest()


def rows(sizes: Sequence[int]) -> list[dict[str, Any]]:
    """A row for each number of risk points."""
    return [_row(size) for size in sizes]


def _row(size: int) -> dict[str, Any]:
    mine, theirs = (child(CHILD, who, str(size)) for who in ("ours", "peer"))
    ours_s, peer_s = mine.answer["cpu_s"], theirs.answer["cpu_s"]
    counts = ", ".join(f"{n:,} {grade}" for grade, n in mine.answer["counts"].items() if n)
    return {
        "work": "grading with reasons, rolled up to 7 levels",
        "size": f"{size:,} points, {size // 10:,} units",
        "peer": "pandas DataFrame.apply",
        "peer_version": version("pandas"),
        "ours_cpu_s": ours_s,
        "peer_cpu_s": peer_s,
        "ratio": ours_s / peer_s if peer_s else None,
        "peak_mb": mine.peak_mb,
        "answers_agree": mine.answer["found"] == theirs.answer["found"],
        "note": f"peer's peak {theirs.peak_mb:.0f} MB; {counts}",
    }
