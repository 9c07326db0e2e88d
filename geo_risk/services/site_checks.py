"""Checking a siting plan anew from what it holds: plain sums, nothing of the solver.

The objective, the constraints, the cover by grade and town and the input hash are worked out
again; straight reach is measured again around the chosen sites. The bound itself is not proved
again: it is only compared with the objective.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array

from geo_risk.datums import geodesic_distance_m
from geo_risk.siting.solution import OPTIMAL_GAP, gap

from .site_plans import Plan, input_hash

_CLOSE = 1e-9
_METRES = 1e-6
_ROUNDED = 2e-3
"""Weights are told to three decimals."""


Check = tuple[str, bool, Any, Any]
"""Name, whether it is right, what the plan says, what was found."""


def check(plan: Plan, more: Iterable[Check] = ()) -> dict[str, Any]:
    """What a plan says beside what comes out: `{"ok", "checks": [{name, ok, said, found}]}`.

    `more` are further checks, as those against files.
    """
    checks = [
        {"name": name, "ok": ok, "said": said, "found": found}
        for name, ok, said, found in [*_Checked(plan).all(), *more]
    ]
    return {"ok": all(one["ok"] for one in checks), "model": plan["model"], "checks": checks}


class _Checked:
    """A plan by its parts, and each check of it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        given = plan["inputs"]
        self.demand, self.candidates, self.reach = (
            given[name] for name in ("demand", "candidates", "reach")
        )
        self.asked: dict[str, Any] = plan["parameters"]
        ids = self.candidates["id"]
        self.number = {key: at for at, key in enumerate(ids)}
        self.chosen = {self.number[key] for key in plan["chosen"] if key in self.number}
        self.serving = [self._serving(at) for at in range(len(self.demand["id"]))]

    def _serving(self, at: int) -> list[tuple[int, float]]:
        """The chosen candidates that reach a demand, with their cost (0 where none is told)."""
        begin, end = self.reach["start"][at : at + 2]
        places = self.reach["candidate"][begin:end]
        costs = self.reach.get("cost")
        prices = costs[begin:end] if costs else [0.0] * len(places)
        return [(c, p) for c, p in zip(places, prices, strict=True) if c in self.chosen]

    def all(self) -> Iterator[Check]:
        """Every check that the plan's model and parameters ask for."""
        yield self._hash()
        yield self._known()
        yield self._objective()
        yield from self._bound()
        yield from self._numbers()
        yield from self._share()
        yield from self._statuses()
        yield from self._minimums()
        yield from self._cover()
        yield from self._towns()
        yield from self._grade_shares()
        yield from self._near_best()
        yield from self._distances()

    def _hash(self) -> Check:
        plan = self.plan
        found = input_hash(plan["model"], plan["parameters"], plan["inputs"])
        said = plan.get("input_hash")
        return "input_hash", said == found, said, found

    def _known(self) -> Check:
        ids = self.plan["chosen"]
        fine = len(set(ids)) == len(ids) and all(key in self.number for key in ids)
        return "chosen", fine, len(ids), len(self.chosen)

    def _objective(self) -> Check:
        weights = self._weights()
        by_model: dict[str, Callable[[], float]] = {
            "cover": lambda: self._covered(weights),
            "set-cover": self._new_cost,
            "median": lambda: math.fsum(w * self._nearest(at) for at, w in enumerate(weights)),
            "center": lambda: max(self._nearest(at) for at in range(len(weights))),
        }
        said, found = self.plan["objective"], by_model[self.plan["model"]]()
        return "objective", _near(said, found), said, found

    def _covered(self, weights: list[float]) -> float:
        """The weight that is reached, or, where sites have a capacity, as much as they serve."""
        if self.asked.get("capacity"):
            return _served(weights, self.serving, self.candidates["capacity"])
        return math.fsum(w for w, served in zip(weights, self.serving, strict=True) if served)

    def _new_cost(self) -> float:
        """What the sites cost that do not stand yet."""
        status, cost = self.candidates["status"], self.candidates["cost"]
        return math.fsum(cost[c] for c in self.chosen if status[c] != "existing")

    def _weights(self) -> list[float]:
        """Each demand's weight times that of its grade."""
        by_grade = self.asked.get("weights")
        grades = self.demand["grade"]
        if not by_grade or not grades:
            return list(self.demand["weight"])
        return [w * by_grade[g] for w, g in zip(self.demand["weight"], grades, strict=True)]

    def _nearest(self, at: int) -> float:
        return min((price for _, price in self.serving[at]), default=math.inf)

    def _bound(self) -> Iterator[Check]:
        plan, more = self.plan, self.plan["model"] == "cover"
        objective, bound = plan["objective"], plan["bound"]
        slack = _CLOSE * max(1.0, abs(objective))
        right = bound >= objective - slack if more else bound <= objective + slack
        yield "bound_side", right, bound, objective
        found = gap(objective, bound)
        told = plan["gap"]
        # A plan tells an infinite gap as none.
        right = math.isinf(found) if told is None else math.isfinite(found) and _near(told, found)
        yield "gap", right, told, found
        earned = "optimal" if found <= OPTIMAL_GAP else "feasible"
        yield "status", plan["status"] == earned, plan["status"], earned

    def _numbers(self) -> Iterator[Check]:
        status = self.candidates["status"]
        if self.asked.get("p") is not None:
            new = sum(status[c] != "existing" for c in self.chosen)
            yield "p", new <= self.asked["p"], self.asked["p"], new
        if self.asked.get("budget") is not None:
            most, spent = self.asked["budget"], self._new_cost()
            yield "budget", spent <= most * (1 + _CLOSE), most, spent
        if self.plan["model"] == "set-cover":
            said = self.plan["unreached"]["n"]
            found = sum(not served for served in self.serving)
            yield "all reached", said == found, said, found

    def _share(self) -> Iterator[Check]:
        asked = self.asked.get("cover")
        if asked is not None:
            weights = self._weights()
            total = math.fsum(weights)
            found = self._covered(weights) / total if total else 1.0
            yield "share", found >= asked - _CLOSE, asked, found

    def _statuses(self) -> Iterator[Check]:
        status = self.candidates["status"]
        kept = {c for c, state in enumerate(status) if state in ("existing", "required")}
        yield "kept", kept <= self.chosen, len(kept), len(kept & self.chosen)
        out = {c for c, state in enumerate(status) if state == "forbidden"}
        yield "forbidden", not out & self.chosen, 0, len(out & self.chosen)

    def _minimums(self) -> Iterator[Check]:
        least = self.asked.get("min_per_town")
        if least:
            towns = [town for town in self.candidates["town"] or [] if town]
            count = {town: 0 for town in towns}
            for c in self.chosen:
                if self.candidates["town"][c]:
                    count[self.candidates["town"][c]] += 1
            fewest = min(count.values(), default=0)
            yield "min_per_town", fewest >= least, least, fewest
        for grade, k in (self.asked.get("k_fold") or {}).items():
            rows = [at for at, g in enumerate(self.demand["grade"] or []) if g == grade]
            fewest = min((len(self.serving[at]) for at in rows), default=k)
            yield f"k_fold {grade}", fewest >= k, k, fewest

    def _cover(self) -> Iterator[Check]:
        told = self.plan.get("cover")
        if not told:
            return
        served = [bool(one) for one in self.serving]
        for name, column in (("by_grade", self.demand["grade"]), ("by_town", self.demand["town"])):
            if column and name in told:
                counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
                for key, one in zip(column, served, strict=True):
                    counts[key][0] += one
                    counts[key][1] += 1
                said = {key: [one["n"], one["of"]] for key, one in told[name].items()}
                yield f"cover {name}", said == dict(counts), said, dict(counts)

    def _towns(self) -> Iterator[Check]:
        """The weight of each town, and how much of it is reached."""
        told = self.plan.get("by_town")
        if told and self.demand["town"]:
            sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
            rows = zip(self.demand["town"], self._weights(), self.serving, strict=True)
            for town, weight, served in rows:
                sums[town][0] += weight
                sums[town][1] += weight if served else 0.0
            found = {row["id"]: [round(part, 3) for part in sums[row["id"]]] for row in told}
            said = {row["id"]: [row["of"], row["after"]] for row in told}
            close = all(
                abs(one - other) <= _ROUNDED
                for town in said
                for one, other in zip(said[town], found[town], strict=True)
            )
            yield "by_town", close, said, found

    def _grade_shares(self) -> Iterator[Check]:
        """The least shares of grades, by weight; a grade without any is met."""
        for grade, least in (self.asked.get("min_grade_share") or {}).items():
            rows = zip(self.demand["grade"], self._weights(), self.serving, strict=True)
            own = [(weight, bool(served)) for g, weight, served in rows if g == grade]
            total = math.fsum(weight for weight, _ in own)
            found = math.fsum(w for w, served in own if served) / total if total else 1.0
            yield f"min_grade_share {grade}", found >= least - 2 * _CLOSE, least, found

    def _near_best(self) -> Iterator[Check]:
        """Each further plan: its objective, and that it keeps to what the plan itself does."""
        for number, other in enumerate(self.plan.get("near_best", []), 1):
            one = _Checked({**self.plan, **other})
            _, right, said, found = one._objective()
            kept = [one._known(), *one._numbers(), *one._statuses(), *one._minimums()]
            loss = _near(other["loss"], abs(self.plan["objective"] - said))
            fine = right and loss and all(ok for _, ok, _, _ in kept)
            yield f"near_best {number}", fine, said, found

    def _distances(self) -> Iterator[Check]:
        radius_m = self.asked.get("radius_m")
        if radius_m is None or None in self.demand["lon"]:
            return
        wrong = 0
        for c in sorted(self.chosen):
            lon, lat = self.candidates["lon"][c], self.candidates["lat"][c]
            metres = self._metres(lon, lat)
            for at, distance_m in enumerate(metres):
                inside = any(one == c for one, _ in self.serving[at])
                near_edge = abs(distance_m - radius_m) <= _METRES
                wrong += not near_edge and inside != (distance_m <= radius_m)
        yield "distances", wrong == 0, 0, wrong

    def _metres(self, lon: float, lat: float) -> list[float]:
        to = (self.demand["lon"], self.demand["lat"])
        sphere_m = self.asked.get("sphere_m")
        if not sphere_m:
            metres: list[float] = geodesic_distance_m(lon, lat, *to).tolist()
            return metres
        return [_great_circle_m(lon, lat, x, y, sphere_m) for x, y in zip(*to, strict=True)]


def _served(
    weights: list[float],
    serving: list[list[tuple[int, float]]],
    capacity: list[float | None],
) -> float:
    """The most weight that sites can serve within their capacity (None: any), by an LP."""
    entries = [(at, c) for at, served in enumerate(serving) for c, _ in served]
    if not entries:
        return 0.0
    rows, sites = np.array(entries).T
    limited = sorted({c for c in sites.tolist() if capacity[c] is not None})
    place = {c: len(weights) + at for at, c in enumerate(limited)}
    column = np.arange(len(entries))
    over = [(place[c], at) for at, c in enumerate(sites.tolist()) if c in place]
    i = np.concatenate([rows, [row for row, _ in over]]).astype(int)
    j = np.concatenate([column, [at for _, at in over]]).astype(int)
    matrix = coo_array((np.ones(len(i)), (i, j)), shape=(len(weights) + len(limited), len(entries)))
    most = [*weights, *(capacity[c] or 0.0 for c in limited)]
    return -float(linprog(-np.ones(len(entries)), A_ub=matrix.tocsr(), b_ub=most).fun)


def _great_circle_m(lon1: float, lat1: float, lon2: float, lat2: float, sphere_m: float) -> float:
    """By the haversine formula."""
    x1, y1, x2, y2 = map(math.radians, (lon1, lat1, lon2, lat2))
    up, across = math.sin((y2 - y1) / 2) ** 2, math.sin((x2 - x1) / 2) ** 2
    return 2 * sphere_m * math.asin(math.sqrt(up + math.cos(y1) * math.cos(y2) * across))


def _near(said: float, found: float) -> bool:
    return said == found or abs(said - found) <= _CLOSE * max(1.0, abs(found))
