"""Hammer the live index from many threads: `python -m tests.fuzz.hammer_index --seconds 60`.

Each thread inserts, moves and deletes units of its own and asks `within` and `nearest`. What never
changes (the city) and what is the thread's own must be in each answer exactly; the units of other
threads may come and go, but only sorted, once, at a place where they may stand. Commuters are moved
back and forth between two places in one circle: whoever asks for the circle must see all of them.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import sys
import threading
import time
from collections import Counter
from typing import Any

import numpy as np
import shapely

from geo_risk.datums import MetricCRS
from geo_risk.neighbours import LiveIndex

CRS = MetricCRS(32650)
X0, Y0, SIDE_M = 660_000.0, 2_737_000.0, 10_000.0
COMMUTERS, CENTRE, CIRCLE_M = 40, (X0 + 2_000.0, Y0 + 2_000.0), 150.0


def places(draw: np.random.Generator, n: int) -> np.ndarray:
    """Points on a 10 m grid, so that some coincide; every tenth a block of up to 200 m."""
    at = np.round(draw.random((n, 2)) * SIDE_M, -1) + np.array([X0, Y0])
    shapes = shapely.points(at)
    wide = draw.uniform(10, 200, (n, 2))
    blocks = shapely.box(*at.T, *(at + wide).T)
    return np.where(np.arange(n) % 10 == 0, blocks, shapes)


class Hammer:
    """The index, the city that never changes, and what the threads did and found wrong."""

    def __init__(self, city: int = 20_000, seed: int = 20261127) -> None:
        self.seed = seed
        self.city = places(np.random.default_rng(seed), city)
        self.city_ids = [f"c{n:06}" for n in range(city)]
        self.tree = shapely.STRtree(self.city)
        self.index = LiveIndex(CRS, self.city_ids, self.city)
        for n in range(COMMUTERS):
            self.index.insert(f"m{n:03}", CENTRE)
        self.done: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.lock = threading.Lock()
        self.stop = threading.Event()

    def run(self, seconds: float, threads: int = 8) -> dict[str, Any]:
        """Let the threads go for so long; what they did, and each wrong answer."""
        workers = [threading.Thread(target=self._work, args=(n,)) for n in range(threads)]
        for worker in workers:
            worker.start()
        time.sleep(seconds)
        self.stop.set()
        for worker in workers:
            worker.join()
        operations = sum(self.done.values())
        return {
            "seconds": seconds,
            "threads": threads,
            "operations": operations,
            **dict(sorted(self.done.items())),
            "wrong": len(self.wrong),
            "first_wrong": self.wrong[:3],
            "units_left": len(self.index),
        }

    def _work(self, number: int) -> None:
        one = _Thread(self, number)
        try:
            while not self.stop.is_set():
                one.step()
        except Exception as error:
            one.wrong.append(repr(error))
        finally:
            with self.lock:
                self.done += one.done
                self.wrong += one.wrong


class _Thread:
    def __init__(self, hammer: Hammer, number: int) -> None:
        self.hammer, self.index = hammer, hammer.index
        self.number = number
        self.draw = np.random.default_rng((hammer.seed, number))
        self.own: dict[str, shapely.Geometry] = {}
        self.made = 0
        self.done: Counter[str] = Counter()
        self.wrong: list[str] = []

    def step(self) -> None:
        share = self.draw.random()
        place = places(self.draw, 10)[int(self.draw.integers(10))]
        if share < 0.35:
            self.ask_within(place, float(self.draw.choice([0.0, 100.0, 500.0])))
        elif share < 0.50:
            self.ask_nearest(place, int(self.draw.integers(1, 30)))
        elif share < 0.55:
            self.ask_circle()
        elif share < 0.65:
            self.commute()
        elif share < 0.80 or not self.own:
            self.insert(place)
        else:
            key = list(self.own)[int(self.draw.integers(len(self.own)))]
            self.delete(key) if share < 0.90 else self.move(key, place)

    def insert(self, place: shapely.Geometry) -> None:
        key = f"t{self.number}-{self.made}"
        self.made += 1
        self.index.insert(key, place)
        self.own[key] = place
        self.done["insert"] += 1

    def delete(self, key: str) -> None:
        self.index.delete(key)
        del self.own[key]
        self.done["delete"] += 1

    def move(self, key: str, place: shapely.Geometry) -> None:
        self.index.move(key, place)
        self.own[key] = place
        self.done["move"] += 1

    def commute(self) -> None:
        """One commuter moves, or five in one step."""
        many = 5 if self.draw.random() < 0.5 else 1
        chosen = self.draw.choice(COMMUTERS, many, replace=False).tolist()
        at = (self.draw.uniform(-90, 90, (many, 2)) + np.array(CENTRE)).tolist()
        changes = {f"m{n:03}": (x, y) for n, (x, y) in zip(chosen, at, strict=True)}
        if many == 1:
            ((key, place),) = changes.items()
            self.index.move(key, place)
            self.done["move"] += 1
        else:
            self.index.refresh(changes, self.index.version)
            self.done["refresh"] += 1

    def ask_circle(self) -> None:
        found = self.index.within(CENTRE, CIRCLE_M)
        seen = [key for key, _ in found if key.startswith("m")]
        self.done["within"] += 1
        if len(seen) != COMMUTERS or len(set(seen)) != COMMUTERS:
            self.wrong.append(f"circle: {len(seen)} of {COMMUTERS} commuters")

    def ask_within(self, place: shapely.Geometry, radius_m: float) -> None:
        found = [tuple(one) for one in self.index.within(place, radius_m)]
        self.done["within"] += 1
        self.check(place, radius_m, found, strict=False)

    def ask_nearest(self, place: shapely.Geometry, k: int) -> None:
        found = [tuple(one) for one in self.index.nearest(place, k)]
        self.done["nearest"] += 1
        if len(found) != k:
            self.wrong.append(f"nearest: {len(found)} of {k}")
        elif found:
            self.check(place, found[-1][1], found, strict=True)

    def check(self, place: Any, radius_m: float, found: list[Any], *, strict: bool) -> None:
        """The city and the own units exactly; of equal distance at the end only the lower ids."""
        hits = self.hammer.tree.query(place, "dwithin", radius_m + 1e-6)
        known = {self.hammer.city_ids[n]: self.hammer.city[n] for n in hits}
        known |= self.own
        pairs = [(place.distance(shape), key) for key, shape in known.items()]
        last = (found[-1][1], found[-1][0]) if strict else (radius_m, "\U0010ffff")
        expected = sorted(pair for pair in pairs if pair <= last)
        mine = f"t{self.number}-"
        seen = [(d, key) for key, d in found if key.startswith(("c", mine))]
        if seen != expected:
            self.wrong.append(f"{place} {radius_m}: {seen[:3]} for {expected[:3]}")
        if [(d, key) for key, d in found] != sorted({(d, key) for key, d in found}):
            self.wrong.append(f"{place} {radius_m}: not sorted, or twice")
        if len({key for key, _ in found}) != len(found):
            self.wrong.append(f"{place} {radius_m}: a unit in two places")


def main() -> None:
    """The command line; status 1 with a wrong answer."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.hammer_index", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--threads", type=int, default=8)
    chosen = parser.parse_args()
    faulthandler.enable()
    told = Hammer().run(chosen.seconds, chosen.threads)
    print(json.dumps(told, ensure_ascii=False))
    sys.exit(bool(told["wrong"]))


if __name__ == "__main__":
    main()
