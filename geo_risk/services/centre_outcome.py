"""What a plan of centres brings: who is reached when, what each site is worth, and is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from geo_risk.roads.graph import RoadGraph, road_graph
from geo_risk.roads.network import Floats, Ints
from geo_risk.roads.scenarios import effect_of, loss_of_each, nearest_sites, soonest_s
from geo_risk.roads.snapping import Snapped
from geo_risk.roads.travel import arrival_s

from .centre_inputs import CentreInputs
from .isochrones import closed_edges
from .site_curve import share

MOST_S = 7200.0
"""How long a way is followed to tell how late a demand is reached that is not reached in time."""


@dataclass(frozen=True)
class Outcome:
    """Travel times of the chosen sites (k, in the order of `chosen`) to all n demands.

    Attributes
    ----------
    sites : the chosen sites on the road. `times_s`: sites by demands, whole seconds, up to two
        hours; `in_time_s` those within the limit.
    soonest_s : of each demand, infinite where nobody comes. `nearest`: which site, -1 for none.
        `second_s`: of the next site, infinite where there is none.
    times_served : how many sites reach a demand in time. `lost`: of each site the weight that
        only it reaches in time.
    """

    asked: CentreInputs
    chosen: Ints
    sites: Snapped
    times_s: csr_array
    in_time_s: csr_array
    soonest_s: Floats
    nearest: Ints
    second_s: Floats
    times_served: Ints
    lost: Floats

    @property
    def served(self) -> NDArray[np.bool_]:
        """Whether a demand is reached in time, shape (n,)."""
        return self.times_served > 0

    def only(self, site: int) -> Ints:
        """Rows of the demands that only this site reaches in time."""
        times = self.in_time_s
        mine = times.indices[times.indptr[site] : times.indptr[site + 1]]
        return np.sort(mine[self.times_served[mine] == 1]).astype(np.int64)

    def id_of(self, site: int) -> str:
        """The id of a chosen site."""
        return self.asked.candidates.ids[int(self.chosen[site])]

    def as_json(self) -> dict[str, Any]:
        """Cover, who is not reached and by whose fault, and the worst loss of any one site."""
        asked = self.asked
        ids = asked.demand.ids
        nobody = asked.reach.unreached.tolist()
        missed = np.flatnonzero(~self.served).tolist()
        return {
            "cover": cover_told(asked, self.served),
            "unreached": {"n": len(nobody), "ids": [ids[row] for row in nobody]},
            "not_reached": {"n": len(missed), "ids": [ids[row] for row in missed]},
            "loss": [self.loss_told(at) for at in np.argsort(-self.lost, kind="stable").tolist()],
        }

    def loss_told(self, site: int) -> dict[str, Any]:
        """What is lost in time without one site, and how much later others are reached."""
        asked, rows = self.asked, self.only(site)
        mine = np.flatnonzero(self.nearest == site)
        late_s = self.second_s[mine] - self.soonest_s[mine]
        cut_off, late = np.isinf(late_s), (late_s > 0) & (self.times_served[mine] > 1)
        return {
            "site": self.id_of(site),
            "n": len(rows),
            "weight": float(self.lost[site]),
            "share": share(float(self.lost[site]), float(asked.weight.sum())),
            "by_grade": _counted(asked.demand.grades, rows),
            "ids": [asked.demand.ids[row] for row in rows.tolist()],
            "cut_off": [asked.demand.ids[row] for row in mine[cut_off].tolist()],
            "slower": {"n": int(late.sum()), "most_s": int(late_s[late].max(initial=0))},
        }


def outcome_of(asked: CentreInputs, chosen: Ints) -> Outcome:
    """What these candidates (ascending rows) bring together."""
    sites = rows_of(asked.candidates_on, chosen)
    times_s, in_time_s = _times(asked, asked.graph, sites)
    soonest = soonest_s(times_s)
    nearest, second = nearest_sites(times_s)
    return Outcome(
        asked=asked,
        chosen=chosen,
        sites=sites,
        times_s=times_s,
        in_time_s=in_time_s,
        soonest_s=soonest,
        nearest=nearest,
        second_s=second,
        times_served=np.bincount(in_time_s.indices, minlength=len(soonest)),
        lost=loss_of_each(in_time_s, asked.weight),
    )


def closures_told(asked: CentreInputs, outcome: Outcome) -> dict[str, Any] | None:
    """What closed roads do to the plan: cut off, no longer in time, later; None without any."""
    options, demand = asked.options, asked.demand
    if options.closures is None:
        return None
    closed = closed_edges(asked.file, options.closures)
    graph = road_graph(asked.file.roads, asked.file.speed_kmh, closed)
    graph = graph.turned() if options.to_sites else graph
    after_s, in_time_s = _times(asked, graph, outcome.sites)
    served = _within(in_time_s)
    effect = effect_of(outcome.times_s, after_s)
    late = np.flatnonzero(outcome.served & ~served & np.isfinite(soonest_s(after_s)))
    sites = outcome.sites.edge
    shut = np.flatnonzero((sites >= 0) & closed[sites]).tolist()
    return {
        "file": options.closures.name,
        "closed_edges": int(closed.sum()),
        "closed_km": round(float(asked.file.roads.length_m[closed].sum()) / 1000, 1),
        "sites_on_closed": [outcome.id_of(at) for at in shut],
        "cover": cover_told(asked, served),
        "cut_off": _ids(demand.ids, effect.unreachable),
        "not_in_time": _ids(demand.ids, late),
        "slower": {
            **_ids(demand.ids, effect.slower),
            "delay_s": [round(one) for one in effect.delay_s.tolist()],
        },
    }


def _times(asked: CentreInputs, graph: RoadGraph, sites: Snapped) -> tuple[csr_array, csr_array]:
    """Whole seconds however late, and those of who is reached in time."""
    limit_s = asked.options.limit_s
    times_s = arrival_s(graph, sites, asked.demand_on, max(MOST_S, limit_s))
    site = np.repeat(np.arange(len(sites)), np.diff(times_s.indptr))
    kept, shape = times_s.data <= limit_s, times_s.shape
    in_time = (np.rint(times_s.data[kept]), (site[kept], times_s.indices[kept]))
    every = csr_array((np.rint(times_s.data), times_s.indices, times_s.indptr), shape)
    return every, csr_array(in_time, shape=shape)


def cover_told(asked: CentreInputs, served: NDArray[np.bool_]) -> dict[str, Any]:
    """Demands reached by number, weight, grade and town."""
    demand = asked.demand
    told: dict[str, Any] = {"n": int(served.sum()), "of": len(served)}
    weight, total = float(asked.weight[served].sum()), float(asked.weight.sum())
    told |= {"weight": weight, "of_weight": total, "share": share(weight, total)}
    for name, column in (("by_grade", demand.grades), ("by_town", demand.towns)):
        if column is not None:
            counts: dict[str, dict[str, int]] = {}
            for key, one in zip(column, served.tolist(), strict=True):
                count = counts.setdefault(key, {"n": 0, "of": 0})
                count["n"] += one
                count["of"] += 1
            told[name] = counts
    return told


def rows_of(on: Snapped, rows: Ints) -> Snapped:
    """Some of the points."""
    return Snapped(on.edge[rows], on.share[rows], on.aside_m[rows])


def _within(times_s: csr_array) -> NDArray[np.bool_]:
    return np.asarray(np.bincount(times_s.indices, minlength=times_s.shape[1]) > 0)


def _ids(ids: Sequence[str], rows: Ints) -> dict[str, Any]:
    return {"n": len(rows), "ids": [ids[row] for row in rows.tolist()]}


def _counted(grades: Sequence[str] | None, rows: Ints) -> dict[str, int] | None:
    if grades is None:
        return None
    found: dict[str, int] = {}
    for row in rows.tolist():
        found[grades[row]] = found.get(grades[row], 0) + 1
    return found
