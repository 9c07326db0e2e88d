"""A siting plan as one JSON document that holds all it rests on, so that anyone can check it.

`model`, `parameters` and `inputs` (demand, candidates, who reaches whom) say what was asked;
`chosen`, `objective`, `bound`, `gap`, `status` and what follows say what came of it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from geo_risk.errors import InputError, Text
from geo_risk.export.files import format_of, whole_file
from geo_risk.siting.reach import Reach

from .site_files import Candidates, Demand, Floats

Plan = dict[str, Any]
KIND = "geo_risk.siting.plan/1"
MOST_BYTES_INSIDE = 20_000_000
"""Larger inputs stand beside the plan, compressed."""
_MOST_BYTES = 2_000_000_000
_BESIDE = re.compile(r"[^/\\:]{1,200}\.inputs\.json\.gz")


def inputs(demand: Demand, candidates: Candidates, reach: Reach) -> dict[str, Any]:
    """What a plan rests on, as JSON.

    Demand i is reached by `reach.candidate[reach.start[i]:reach.start[i + 1]]` (row numbers), at
    `reach.cost` of the same places where there are costs.
    """
    told = {"start": reach.starts.tolist(), "candidate": reach.candidate.tolist()}
    if reach.cost is not None:
        told["cost"] = reach.cost.tolist()
    return {
        "demand": {
            "id": demand.ids,
            **_places(demand.lon, demand.lat),
            "weight": demand.weight.tolist(),
            "grade": demand.grades,
            "town": demand.towns,
        },
        "candidates": {
            "id": candidates.ids,
            **_places(candidates.lon, candidates.lat),
            "cost": candidates.cost.tolist(),
            "status": candidates.status,
            "capacity": _finite(candidates.capacity),
            "town": candidates.towns,
        },
        "reach": told,
    }


def input_hash(model: str, parameters: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    """SHA-256 of what was asked, in a canonical spelling."""
    body = {"model": model, "parameters": parameters, "inputs": given}
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def check_target(path: Path) -> None:
    """Whether a plan can be written there, before the work begins.

    `UsageError`: `format_unknown`, `folder_missing`.
    """
    format_of(path, ("json", "geojson"))


def write_plan(path: Path, plan: Plan) -> None:
    """Write a plan as `.json` or `.geojson`; large inputs stand beside it.

    `UsageError`: `format_unknown`, `folder_missing`, `file_unwritable`.
    """
    check_target(path)
    given = _dumped(plan["inputs"])
    if len(given) > MOST_BYTES_INSIDE:
        beside = path.with_suffix(".inputs.json.gz")
        with whole_file(beside) as part:
            part.write_bytes(gzip.compress(given, 6, mtime=0))
        told = {"file": beside.name, "sha256": hashlib.sha256(given).hexdigest()}
        plan = {**plan, "inputs": told}
    with whole_file(path) as part:
        part.write_bytes(_dumped(plan) + b"\n")


def write_curve(path: Path, curve: Plan) -> None:
    """Write a curve as `.json`; errors as of `write_plan`."""
    format_of(path, ("json",))
    with whole_file(path) as part:
        part.write_bytes(_dumped(curve) + b"\n")


def read_plan(path: Path) -> Plan:
    """A plan with all that it rests on. `InputError`: `plan_unreadable`, `plan_incomplete`."""
    plan = _read(path, path.read_bytes)
    if plan.get("kind") != KIND:
        raise _refused("plan_unreadable", path, Text("不是选址方案", "This is no siting plan"))
    for name in ("model", "parameters", "inputs", "chosen", "objective", "bound", "status"):
        if name not in plan:
            raise _refused("plan_incomplete", path, Text(f"缺少 {name}", f"{name} is missing"))
    if "file" in plan["inputs"]:
        plan["inputs"] = _beside(path, plan["inputs"])
    return plan


def _beside(path: Path, told: Mapping[str, str]) -> dict[str, Any]:
    name = str(told["file"])
    if not _BESIDE.fullmatch(name):
        raise _refused("plan_incomplete", path, Text("旁边的文件名不可用", "Not a file beside it"))
    body = _bounded(path.with_name(name))
    if hashlib.sha256(body).hexdigest() != told.get("sha256"):
        words = Text(f"{name} 与方案不符", f"{name} is not the one of this plan")
        raise _refused("plan_incomplete", path, words)
    return _read(path.with_name(name), lambda: body)


def _bounded(path: Path) -> bytes:
    try:
        with gzip.open(path) as file:
            body = file.read(_MOST_BYTES + 1)
    except (OSError, EOFError) as error:
        words = Text("旁边的文件读不出来", "The file beside it cannot be read")
        raise _refused("plan_incomplete", path, words) from error
    if len(body) > _MOST_BYTES:
        raise _refused("plan_incomplete", path, Text("文件过大", "The file is too large"))
    return body


def _read(path: Path, body: Any) -> Plan:
    try:
        read = json.loads(body())
    except (OSError, ValueError, RecursionError) as error:
        raise _refused("plan_unreadable", path, Text("读不出来", "It cannot be read")) from error
    if not isinstance(read, dict):
        raise _refused("plan_unreadable", path, Text("不是选址方案", "This is no siting plan"))
    return read


def _refused(code: str, path: Path, words: Text) -> InputError:
    fix = Text("请用 geo-risk site 生成的方案", "Use a plan that geo-risk site has written")
    return InputError(code, words, where=path.name, fix=fix)


def _dumped(body: object) -> bytes:
    return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _places(lon: Floats, lat: Floats) -> dict[str, list[float | None]]:
    return {"lon": _finite(lon), "lat": _finite(lat)}


def _finite(told: Floats) -> list[float | None]:
    return [
        value if ok else None
        for value, ok in zip(told.tolist(), np.isfinite(told).tolist(), strict=True)
    ]
