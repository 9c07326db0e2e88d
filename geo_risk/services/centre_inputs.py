"""What centres are asked about: roads, demand, candidates and hazards as one reach in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from scipy.sparse import csr_array

from geo_risk.errors import InputError, Text, UsageError
from geo_risk.intake import read_table
from geo_risk.roads.graph import RoadGraph, road_graph
from geo_risk.roads.network import Floats, Lines
from geo_risk.roads.places import places_along
from geo_risk.roads.snapping import DEFAULT_SNAP_M, Snapped, snap
from geo_risk.roads.speeds import speeds_kmh, speeds_named
from geo_risk.roads.travel import arrival_s
from geo_risk.siting.clauses import STATION_AREAS, clauses_of
from geo_risk.siting.infeasible import InfeasibleError
from geo_risk.siting.reach import Reach

from .plain_columns import says_synthetic
from .road_files import RoadFile, read_roads
from .site_files import Candidates, Demand, read_candidates, read_demand
from .site_hazards import DEFAULT_SCREENING_M, Hazards, read_hazards
from .site_questions import grade_weights
from .site_solvers import weights_of

DEFAULT_SPACING_M = 500.0
WALKING = "walking"
MOST_MINUTES, MOST_SITES = 240.0, 10_000
NO_CLAUSES = ("depot", "none")
"""Topics without clauses: the plan says that none are known."""


@dataclass(frozen=True)
class CentreOptions:
    """What a plan of centres is asked for.

    Attributes
    ----------
    candidates : a file, or None for places along the roads, `spacing_m` apart.
    minutes : from the call on; `turnout_s` of them pass before the first wheel turns.
    p, cover : new sites, or the share of all weight (over 0, at most 1) to reach with the fewest.
    existing : a file of sites that stand already, whatever state it gives.
    hazards, screening_m : what new sites keep away from, and how far without an assessment.
    closures : roads that a scenario closes.
    to_sites : the way counts from the demand to the site, as to a shelter.
    on_foot : people walk: neither speed limits nor one-way roads hold, `speeds` is `walking`.
    topic, station : which clauses are checked; kind of station, for the area of its district.
    k_fold : grade -> how many sites must reach each demand of it, against the loss of one.
    curve : up to how many new sites cover is told, 0 for no curve.
    """

    roads: Path
    demand: Path
    candidates: Path | None
    minutes: float
    p: int | None = None
    cover: float | None = None
    existing: Path | None = None
    hazards: Path | None = None
    screening_m: float = DEFAULT_SCREENING_M
    closures: Path | None = None
    turnout_s: float = 0.0
    speeds: str = ""
    crossings: bool = False
    to_sites: bool = False
    on_foot: bool = False
    topic: str = ""
    station: str = ""
    curve: int = 0
    weights: Mapping[str, float] = field(default_factory=lambda: grade_weights(""))
    k_fold: Mapping[str, int] = field(default_factory=dict)
    spacing_m: float = DEFAULT_SPACING_M
    snap_m: float = DEFAULT_SNAP_M
    seed: int = 0

    @property
    def limit_s(self) -> float:
        """Seconds on the road."""
        return self.minutes * 60 - self.turnout_s

    @property
    def about(self) -> str:
        """The topic of the clauses: shelters where one goes to the sites, else fire stations."""
        return self.topic or ("shelter" if self.to_sites else "fire_station")


@dataclass(frozen=True)
class CentreInputs:
    """What was read, each point on the road, and who reaches whom.

    Attributes
    ----------
    graph : with the direction that counts: from the sites on.
    candidates : with the state `forbidden` where a hazard is near or no road is.
    excluded : row of candidate -> why it may not stand there. `stands_near`: the same for sites
        that stand already, and are kept.
    weight : of each demand with its grade, shape (n,). `demand_on`, `candidates_on`: on the road.
    reach : within the time, `cost` in whole seconds.
    """

    options: CentreOptions
    file: RoadFile
    graph: RoadGraph
    demand: Demand
    candidates: Candidates
    weight: Floats
    demand_on: Snapped
    candidates_on: Snapped
    hazards: Hazards | None
    excluded: dict[int, dict[str, Any]]
    stands_near: dict[int, dict[str, Any]]
    reach: Reach
    synthetic: list[Text]

    def having(self, *states: str) -> list[int]:
        """The rows of candidates in one of these states."""
        return [row for row, state in enumerate(self.candidates.status) if state in states]

    def points_m(self) -> Lines:
        """The candidates in metres (`file.roads.crs`), shape (m,)."""
        return _points_m(self.file, self.candidates)


def read_inputs(options: CentreOptions) -> CentreInputs:
    """Read, put on the road and measure all that a plan of centres rests on.

    Raises what its files raise; `UsageError` for options that cannot be; `InputError`
    `demand_none`, `id_double`; `InfeasibleError` `candidates_none`, `reached_none`.
    """
    check_options(options)
    file = _roads(options)
    demand = read_demand(options.demand)
    if not demand.ids:
        words = Text("没有需求点", "There is no demand")
        raise InputError("demand_none", words, where=options.demand.name)
    given = _candidates(file, options)
    hazards = None
    if options.hazards is not None:
        hazards = read_hazards(options.hazards, file.roads.crs, options.screening_m)
    demand_on, given_on = (
        snap(file.roads, one.lon, one.lat, limit_m=options.snap_m) for one in (demand, given)
    )
    excluded, stands_near = _excluded(file, given, given_on, hazards, options)
    candidates = _without(given, excluded)
    usable = _only(given_on, [state != "forbidden" for state in candidates.status])
    graph = road_graph(file.roads, file.speed_kmh)
    graph = graph.turned() if options.to_sites else graph
    reach = reach_of(arrival_s(graph, usable, demand_on, options.limit_s))
    found = CentreInputs(
        options=options,
        file=file,
        graph=graph,
        demand=demand,
        candidates=candidates,
        weight=weights_of(demand, options.weights),
        demand_on=demand_on,
        candidates_on=given_on,
        hazards=hazards,
        excluded=excluded,
        stands_near=stands_near,
        reach=reach,
        synthetic=_synthetic(file, options),
    )
    _check_some(found)
    return found


def _roads(options: CentreOptions) -> RoadFile:
    """The roads with their speeds: those of vehicles, or of people on foot."""
    speeds = options.speeds or (WALKING if options.on_foot else "")
    file = read_roads(options.roads, speeds=speeds, crossings=options.crossings)
    if not options.on_foot:
        return file
    roads = file.roads
    both, no_limit = np.zeros(len(roads), np.int8), np.full(len(roads), np.nan)
    roads = replace(roads, oneway=both, maxspeed_kmh=no_limit)
    return replace(file, roads=roads, speed_kmh=speeds_kmh(roads, speeds_named(speeds)))


def reach_of(times_s: csr_array) -> Reach:
    """Travel times (sites by demands) as who reaches whom, in whole seconds."""
    by_demand = times_s.T.tocsr()
    by_demand.sort_indices()
    return Reach(
        by_demand.indptr.astype(np.int64),
        by_demand.indices.astype(np.int32),
        times_s.shape[0],
        np.rint(by_demand.data),
    )


def check_options(options: CentreOptions) -> None:
    """`UsageError` for what cannot be asked, and for a topic without a name of ours."""
    if (options.p is None) == (options.cover is None):
        words = Text("--p 和 --cover 要给一个，也只能给一个", "Give --p or --cover, and one only")
        fix = Text("--p 3，或 --cover 0.95", "--p 3, or --cover 0.95")
        raise UsageError("options_contradict", words, where="--p, --cover", fix=fix)
    if options.k_fold and (options.p is None or options.curve):
        words = Text("--k-fold 只能和 --p 一起给", "--k-fold goes with --p only")
        fix = Text("去掉 --cover、--curve", "Leave --cover and --curve out")
        raise UsageError("options_contradict", words, where="--k-fold", fix=fix)
    limits: list[tuple[str, float, float, float]] = [
        ("--minutes", options.minutes, 0.01, MOST_MINUTES),
        ("--turnout", options.turnout_s, 0.0, options.minutes * 60 - 0.01),
        ("--cover", 1.0 if options.cover is None else options.cover, 1e-6, 1.0),
        ("--p", options.p or 0, 0, MOST_SITES),
        ("--curve", options.curve, 0, MOST_SITES),
        ("--snap", options.snap_m, 1.0, 10_000.0),
    ]
    for option, value, least, most in limits:
        if not least <= value <= most:
            raise UsageError(
                "number_invalid",
                Text("数值不正确", "The number is not valid"),
                where=option,
                got=f"{value:g}",
                fix=Text(f"{least:g} 到 {most:g}", f"From {least:g} to {most:g}"),
            )
    if options.about not in NO_CLAUSES:
        clauses_of(options.about)
    if options.station and options.station not in STATION_AREAS:
        names = ", ".join(STATION_AREAS)
        raise UsageError(
            "station_kind_unknown",
            Text("没有这种消防站", "There is no such kind of fire station"),
            where="--station",
            got=options.station,
            fix=Text(f"可用: {names}", f"Use {names}"),
        )


def _candidates(file: RoadFile, options: CentreOptions) -> Candidates:
    """Those of the file or along the roads, and behind them those that stand already."""
    if options.candidates is None:
        lon, lat = places_along(file.roads, options.spacing_m)
        n = len(lon)
        ids, ones = [f"auto-{number}" for number in range(1, n + 1)], np.ones(n)
        found = Candidates(ids, lon, lat, ones, ["candidate"] * n, np.full(n, np.inf), [""] * n)
    else:
        found = read_candidates(options.candidates)
    if options.existing is None:
        return found
    stand = read_candidates(options.existing)
    double = sorted(set(found.ids) & set(stand.ids))
    if double:
        raise InputError(
            "id_double",
            Text("候选点和现有站点的编号重复", "A candidate and an existing site share an id"),
            where=options.existing.name,
            got=", ".join(double[:10]),
            fix=Text("每个站点一个不同的编号", "Give each site an id of its own"),
        )
    towns = [one.towns or [""] * len(one.ids) for one in (found, stand)]
    return Candidates(
        ids=found.ids + stand.ids,
        lon=np.append(found.lon, stand.lon),
        lat=np.append(found.lat, stand.lat),
        cost=np.append(found.cost, stand.cost),
        status=found.status + ["existing"] * len(stand.ids),
        capacity=np.append(found.capacity, stand.capacity),
        towns=towns[0] + towns[1],
    )


def _excluded(
    file: RoadFile,
    given: Candidates,
    on: Snapped,
    hazards: Hazards | None,
    options: CentreOptions,
) -> tuple[dict[int, dict[str, Any]], dict[int, dict[str, Any]]]:
    """Why candidates may not stand where they are; the same for sites that stand already."""
    why: dict[int, dict[str, Any]] = {}
    for row in on.far.tolist():
        why[row] = {"why": "no_road", "aside_m": _whole(on.aside_m[row]), "hazards": []}
    if hazards is not None:
        for row, one in hazards.near(_points_m(file, given)):
            why.setdefault(row, {"why": "hazard", "hazards": []})["hazards"].append(one)
    stand = {row for row, state in enumerate(given.status) if state == "existing"}
    must = [row for row in why if given.status[row] == "required"]
    if must:
        raise InfeasibleError(
            "required_excluded",
            Text("必选点不能设在那里", "A required site may not stand where it is"),
            where=", ".join(given.ids[row] for row in must[:10]),
            got="; ".join(_told(why[row], options) for row in must[:3]),
            fix=Text("改变状态或位置，或核对危险源", "Change its state or place, or the hazards"),
        )
    return (
        {row: why[row] for row in sorted(why) if row not in stand},
        {row: why[row] for row in sorted(why) if row in stand},
    )


def _told(why: Mapping[str, Any], options: CentreOptions) -> str:
    if why["why"] == "no_road":
        return f"no road within {options.snap_m:g} m"
    one = why["hazards"][0]
    return f"{one['hazard']}: {one['distance_m']} m <= {one['radius_m']:g} m ({one['basis_text']})"


def _without(given: Candidates, excluded: Mapping[int, Any]) -> Candidates:
    return replace(
        given,
        status=["forbidden" if row in excluded else s for row, s in enumerate(given.status)],
    )


def _only(on: Snapped, kept: list[bool]) -> Snapped:
    """The same points, off the road where they are not kept."""
    return replace(on, edge=np.where(np.array(kept, bool), on.edge, -1))


def _points_m(file: RoadFile, of: Candidates) -> Lines:
    return np.asarray(shapely.points(*file.roads.crs.forward(of.lon, of.lat)))


def _synthetic(file: RoadFile, options: CentreOptions) -> list[Text]:
    """What of the files says that it was made up."""
    found = [Text("在生成路网上的方法演示", "method demonstration on generated roads")]
    demand = read_table(options.demand, plain=True)
    made_up = says_synthetic(demand.columns, demand.rows)
    told = [Text("需求点为模拟生成", "the demand is generated")]
    return found * file.synthetic + told * made_up


def _check_some(found: CentreInputs) -> None:
    """`InfeasibleError` where no site may be chosen, or none reaches any demand."""
    options = found.options
    if not any(state != "forbidden" for state in found.candidates.status):
        raise InfeasibleError(
            "candidates_none",
            Text("没有可用的候选点", "No candidate may be chosen"),
            where=", ".join(found.candidates.ids[:10]),
            got="; ".join(_told(one, options) for one in list(found.excluded.values())[:3]),
            fix=Text(
                "增加候选点，或核对危险源和道路", "Add candidates, or check hazards and roads"
            ),
        )
    if len(found.reach.candidate):
        return
    far = found.demand_on.far.tolist()
    raise InfeasibleError(
        "reached_none",
        Text(
            f"{len(found.demand.ids)} 个需求点都到不了，其中 {len(far)} 个附近没有道路",
            f"None of {len(found.demand.ids)} demands is reached, {len(far)} are near no road",
        ),
        where=", ".join(found.demand.ids[:10]),
        got=f"{options.minutes:g} min",
        fix=Text(
            "核对坐标和路网(线相交即路口的加 --crossings)，或放宽时限",
            "Check positions and roads (--crossings where lines meet), or allow more time",
        ),
    )


def _whole(metres: float) -> int | None:
    return None if np.isnan(metres) else round(float(metres))
