"""Emergency centres, stations, depots and shelters that arrive: a plan with its proof.

Rules and limits: docs/methods/centres.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from geo_risk import __version__
from geo_risk.siting.constrained import Demands, max_cover_with
from geo_risk.siting.cover import max_cover
from geo_risk.siting.curve import cover_curve
from geo_risk.siting.fewest import fewest_sites
from geo_risk.siting.solution import Report, Solution, Stop, silent

from .centre_clauses import clauses_told
from .centre_features import features_of
from .centre_inputs import CentreInputs, CentreOptions, read_inputs
from .centre_outcome import Outcome, closures_told, outcome_of
from .isochrones import network_state
from .site_curve import curve_told
from .site_plans import KIND, Plan, input_hash, inputs
from .siting import demands_by_id
from .watching import UNWATCHED, Watch

_CURVE_SHARE = 0.5
"""How much of the time the curve may take, where one is asked for."""


def plan_centres(options: CentreOptions, watch: Watch = UNWATCHED) -> Plan:
    """The plan of centres that is asked for, as a GeoJSON FeatureCollection that can be checked.

    Raises what `read_inputs` raises; `UsageError` and `InfeasibleError` of `max_cover` and
    `fewest_sites`.
    """
    begin = watch.clock()
    asked = read_inputs(options)
    part = 1.0 - _CURVE_SHARE if options.curve else 1.0
    solution, fewest = _solved(asked, watch.until(part), watch.report)
    curve = _curve(asked, watch) if options.curve else None
    outcome = outcome_of(asked, solution.chosen)
    seconds = watch.clock() - begin
    return _plan(asked, outcome, solution, seconds, {"fewest": fewest, "curve": curve})


def _solved(
    asked: CentreInputs, stop: Stop, report: Report
) -> tuple[Solution, dict[str, Any] | None]:
    """The plan, and where a share is asked for how many sites it takes."""
    options = asked.options
    with demands_by_id(asked.demand.ids):
        if options.p is None:
            return _fewest(asked, options.cover or 1.0, stop, report)
        if options.k_fold:
            return _folded(asked, options.p, stop, report), None
        return _cover(asked, options.p, stop, report), None


def _fewest(
    asked: CentreInputs, part: float, stop: Stop, report: Report
) -> tuple[Solution, dict[str, Any]]:
    needed = part * float(asked.weight.sum())
    found = fewest_sites(
        asked.reach, asked.weight, needed, **_rows(asked), stop=stop, report=report
    )
    told = {
        "p": found.p,
        "share": part,
        "needed": needed,
        "proved": found.proved,
        "bound_of_one_fewer": None if np.isnan(found.below) else found.below,
    }
    return found.solution, told


def _folded(asked: CentreInputs, p: int, stop: Stop, report: Report) -> Solution:
    """The most weight by a plan that reaches demands of some grades several times."""
    by_grade = asked.options.k_fold
    grades = asked.demand.grades or ["no_data"] * len(asked.demand.ids)
    demands = Demands(
        k_fold=np.array([by_grade.get(grade, 0) for grade in grades]), **_states(asked)
    )
    return max_cover_with(asked.reach, asked.weight, demands, p=p, stop=stop, report=report)


def _cover(asked: CentreInputs, p: int, stop: Stop, report: Report = silent) -> Solution:
    return max_cover(asked.reach, asked.weight, p=p, **_rows(asked), stop=stop, report=report)


def _states(asked: CentreInputs) -> dict[str, Any]:
    return {state: asked.having(state) for state in ("existing", "required", "forbidden")}


def _rows(asked: CentreInputs) -> dict[str, Any]:
    return _states(asked) | {"seed": asked.options.seed}


def _curve(asked: CentreInputs, watch: Watch) -> dict[str, Any]:
    """Cover with what exists alone, unless sites are required, and for 1, 2, … new ones."""
    stop, least = watch.until(_CURVE_SHARE), len(asked.having("required"))
    most = max(1, least, asked.options.curve)
    found = cover_curve(asked.reach, asked.weight, most, **_rows(asked), stop=stop)
    plans = list(enumerate(found.plans, found.first_p))
    if not least:
        plans.insert(0, (0, _cover(asked, 0, stop)))
    lonlat = asked.candidates.lon, asked.candidates.lat
    total = float(asked.weight.sum())
    return curve_told(plans, found.knee, total, lonlat, asked.having("existing"))


def _plan(
    asked: CentreInputs,
    outcome: Outcome,
    solution: Solution,
    seconds: float,
    told: Mapping[str, Any],
) -> Plan:
    given = inputs(asked.demand, asked.candidates, asked.reach)
    parameters = _parameters(asked)
    ids = asked.candidates.ids
    return {
        "type": "FeatureCollection",
        "kind": KIND,
        "model": "cover",
        "subject": "centres",
        "notice": [dict(one) for one in asked.synthetic],
        "chosen": [ids[row] for row in solution.chosen.tolist()],
        "objective": solution.objective,
        "bound": solution.bound,
        "gap": _finite(solution.gap),
        "status": solution.status,
        "seconds": round(seconds, 1),
        "solver": f"geo_risk {__version__}",
        "seed": asked.options.seed,
        "input_hash": input_hash("cover", parameters, given),
        "parameters": parameters,
        **{name: one for name, one in told.items() if one is not None},
        **outcome.as_json(),
        "clauses": clauses_told(asked, outcome),
        "closures": closures_told(asked, outcome),
        "snapping": _snapping(asked),
        "excluded": {"n": len(asked.excluded), "ids": [ids[row] for row in asked.excluded]},
        "stands_near": [{"id": ids[row], **why} for row, why in asked.stands_near.items()],
        "hazards_without_source": asked.hazards.unused if asked.hazards else [],
        "roads": _roads(asked),
        "inputs": given,
        "features": features_of(asked, outcome),
    }


def _parameters(asked: CentreInputs) -> dict[str, Any]:
    """What was asked, without what has no bearing on the answer."""
    one = asked.options
    return {
        "p": one.p,
        "cover": one.cover,
        "minutes": one.minutes,
        "turnout_s": one.turnout_s,
        "to_sites": one.to_sites,
        "on_foot": one.on_foot,
        "speeds": asked.file.policy,
        "crossings": one.crossings,
        "snap_m": one.snap_m,
        "screening_m": one.screening_m if one.hazards else None,
        "spacing_m": one.spacing_m if one.candidates is None else None,
        "weights": dict(one.weights),
        "k_fold": dict(one.k_fold),
    }


def _roads(asked: CentreInputs) -> dict[str, Any]:
    """What was read of the roads, and how far they hang together."""
    file = asked.file
    state = network_state(file, asked.graph, np.zeros(len(file.roads), bool))
    told = {**file.as_json("zh"), **state, "file": file.path.name}
    told["km"] = round(told["km"], 1)
    return {name: one for name, one in told.items() if not name.startswith("closed")}


def _snapping(asked: CentreInputs) -> dict[str, Any]:
    """How far the points lie from the road, and which lie too far."""
    told: dict[str, Any] = {"limit_m": asked.options.snap_m}
    for name, ids, on in (
        ("demand", asked.demand.ids, asked.demand_on),
        ("candidates", asked.candidates.ids, asked.candidates_on),
    ):
        near = on.aside_m[on.edge >= 0]
        far = on.far.tolist()
        told[name] = {
            "median_m": round(float(np.median(near))) if len(near) else None,
            "farthest_m": round(float(near.max())) if len(near) else None,
            "aside_m": [None if np.isnan(one) else round(one) for one in on.aside_m.tolist()],
            "far": {"n": len(far), "ids": [ids[row] for row in far]},
        }
    return told


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
