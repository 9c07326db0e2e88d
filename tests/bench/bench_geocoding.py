"""Geocoding addresses of the demo's register in the forms clerks write, a tenth of them wrong.

The peer is the usual way without a parser: rapidfuzz.process.extractOne over all full addresses
of the register. It is measured on at most 200 rows and scaled. Answers agree where an address
stands in the register word for word. The note says how many answers of each lie over 500 m from
the true door; a row that is left to a person is no answer, and the peer always gives one.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from typing import Any

import rapidfuzz
from rapidfuzz import process

from geo_risk.datums import geodesic_distance_m
from geo_risk.geocoding import Gazetteer, Match, Place
from tests.bench.measuring import ROOT, SEED, cpu_s

SIZES = (20_000,)
TINY = (60,)
PEER_ROWS = 200
FAR_M = 500.0
DEMO = ROOT / "data" / "demo" / "shishi"
Door = tuple[str, float, float]


def _table(name: str) -> list[dict[str, str]]:
    with (DEMO / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _places() -> tuple[list[Place], dict[str, dict[str, str]]]:
    places = [
        Place(row["code"], row["name"], row["kind"], row["parent"])  # type: ignore[arg-type]
        for row in _table("divisions.csv")
    ]
    places += [
        Place(row["编号"], row["名称"], "village", row["所属镇"]) for row in _table("villages.csv")
    ]
    names = {place.code: place.name for place in places}
    doors = {}
    for row in _table("addresses.csv"):
        at = float(row["经度"]), float(row["纬度"])
        parent = row["所属村"] or row["所属镇"]
        places.append(
            Place(row["编号"], row["名称"], "door", parent, *at, None, row["道路"], row["门牌号"])
        )
        doors[row["编号"]] = row | {
            "镇名": names[row["所属镇"]],
            "村名": names.get(row["所属村"], ""),
        }
    return places, doors


def _written(doors: dict[str, dict[str, str]], size: int) -> list[tuple[str, Door]]:
    """Addresses with the door they mean; every eighth is the register's own words."""
    draw = random.Random(SEED)
    rows = [row for row in doors.values() if row["道路"] and row["门牌号"]]
    written = []
    for at in range(size):
        row = draw.choice(rows)
        town, village, road, number = (row[k] for k in ("镇名", "村名", "道路", "门牌号"))
        short = village.replace("委会", "") if village.endswith("村委会") else village
        forms = (
            _full(row),
            f"石狮市{town}{short}{road}{number}",
            f"福建省石狮市{town}{road}{number}示例{at}服装织造有限公司",
            f"{town}{village}{road}{number}3楼",
            f"福建省泉州市石狮市 {short}{road}{number}（示例{at}号库房）",
            f"石狮市{town}{village}",
            f"石狮市{town}{short}示例{at}加工厂",
            f"晋江市{town}{short}{road}{number}",
        )
        form = forms[at % len(forms)]
        written.append((form, (_full(row), float(row["经度"]), float(row["纬度"]))))
    return written


def _full(row: dict[str, str]) -> str:
    return f"福建省泉州市石狮市{row['镇名']}{row['村名']}{row['道路']}{row['门牌号']}"


def rows(sizes: Sequence[int]) -> list[dict[str, Any]]:
    """One row for each number of addresses."""
    places, doors = _places()
    return [_row(places, doors, size) for size in sizes]


def _row(places: list[Place], doors: dict[str, dict[str, str]], size: int) -> dict[str, Any]:
    written = _written(doors, size)
    addresses = [address for address, _ in written]
    gazetteer = Gazetteer(places, "350581")
    found: list[Match] = []

    def ours() -> None:
        found[:] = gazetteer.geocode(addresses)

    register = {_full(row): (float(row["经度"]), float(row["纬度"])) for row in doors.values()}
    names = list(register)
    some = min(size, PEER_ROWS)
    best: list[str] = []

    def peer() -> None:
        best[:] = [str(process.extractOne(address, names)[0]) for address in addresses[:some]]

    ours_s = cpu_s(ours)
    peer_s = cpu_s(peer, at_least_s=0.0, most=1) * size / some
    exact = [at for at in range(some) if addresses[at] in register]
    agree = all(
        found[at].lon is not None and _off_m((found[at].lon, found[at].lat), register[best[at]]) < 1
        for at in exact
    )
    ours_far = [_off_m((m.lon, m.lat), w[1][1:]) > FAR_M for m, w in _placed(found[:some], written)]
    peer_far = [_off_m(register[b], w[1][1:]) > FAR_M for b, w in zip(best, written, strict=False)]
    return {
        "work": "geocoding of addresses, offline",
        "size": f"{size:,} rows, {len(names):,} doors",
        "peer": "rapidfuzz extractOne over the register (scaled)",
        "peer_version": f"rapidfuzz {rapidfuzz.__version__}",
        "ours_cpu_s": ours_s,
        "peer_cpu_s": peer_s,
        "ratio": ours_s / peer_s,
        "peak_mb": None,
        "answers_agree": agree,
        "note": f"{size / ours_s:,.0f} rows per CPU-second; over 500 m off: {sum(ours_far)} of "
        f"{len(ours_far)} placed, peer {sum(peer_far)} of {some}",
    }


def _placed(
    found: Sequence[Match], written: Sequence[tuple[str, Door]]
) -> list[tuple[Match, tuple[str, Door]]]:
    """Doors and stretches of road: a village's own middle is no claim to the door."""
    pairs = zip(found, written, strict=False)
    return [(m, w) for m, w in pairs if m.lon is not None and m.level in ("door", "point")]


def _off_m(one: Any, other: Any) -> float:
    return float(geodesic_distance_m(one[0], one[1], other[0], other[1])[0])
