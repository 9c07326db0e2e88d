"""Building a demo city: its files come in by the same road as anyone's."""

from __future__ import annotations

import csv
import json
import os
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from geo_risk.errors import ConflictError, GeoRiskError, NotFoundError, Text
from geo_risk.resources import shipped
from geo_risk.store import Store, open_store

from . import groups
from .import_report import ImportReport
from .imports import import_file
from .reading import ReadingOptions
from .register_plans import keep_cameras, keep_centres
from .watching import Watch

STATE, BUILT = "demo", "built"
_PLANNERS = {"cameras": keep_cameras, "centres": keep_centres}


def cities() -> list[str]:
    """The demo cities that are shipped."""
    return sorted(path.parent.name for path in (shipped("data") / "demo").glob("*/demo.toml"))


def folder_of(city: str) -> Path:
    """The folder of a demo city's files; `NotFoundError` names the cities there are."""
    if city not in cities():
        raise NotFoundError(
            "city_unknown",
            Text("没有这个演示城市", "There is no such demo city"),
            where="--city",
            got=city,
            fix=Text(f"可用: {', '.join(cities())}", f"Known: {', '.join(cities())}"),
        )
    return shipped("data") / "demo" / city


def is_built(target: str) -> bool:
    """Whether a demo city was built in a store, whole; `ConflictError` if it holds other data."""
    try:
        store = open_store(target)
    except GeoRiskError:
        return False
    try:
        state = store.meta(STATE)
        if state is None and store.rows("batches"):
            raise ConflictError(
                "store_in_use",
                Text("该数据库里有别的数据", "The store holds other data"),
                where=store.target,
                fix=Text("换一个 --db，或用 geo-risk serve 查看", "Name another --db, or serve it"),
            )
        return state == BUILT
    finally:
        store.close()


def _number(text: str) -> float | None:
    return float(text) if text else None


def _divisions(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {
                "code": row["code"],
                "name": row["name"],
                "kind": row["kind"],
                "parent": row["parent"],
                "lon": _number(row["lon"]),
                "lat": _number(row["lat"]),
                "radius_m": None,
            }
            for row in csv.DictReader(file)
        ]


def build(
    target: str,
    city: str = "shishi",
    progress: Callable[[int, int], None] | None = None,
    *,
    plans: bool = True,
) -> list[ImportReport]:
    """Import a demo city's files, in the order of its `demo.toml`, into the store `target`.

    Its groups are formed and, with `plans`, its siting plans made. A new GeoPackage is built
    beside its place and moved there when it is whole, so that an interrupted build leaves nothing
    behind.
    """
    folder = folder_of(city)
    manifest = tomllib.loads((folder / "demo.toml").read_text("utf-8"))
    if not plans:
        manifest.pop("plan", None)
    is_file = "://" not in target
    part = f"{target}.part-{os.getpid()}" if is_file and not Path(target).exists() else target
    try:
        reports = _build(part, folder, manifest, progress)
        if part != target:
            Path(part).replace(target)
    finally:
        if part != target:
            for suffix in ("", "-wal", "-shm"):
                Path(part + suffix).unlink(missing_ok=True)
    return reports


def _build(
    target: str,
    folder: Path,
    manifest: dict[str, Any],
    progress: Callable[[int, int], None] | None,
) -> list[ImportReport]:
    steps, plans = manifest["import"], manifest.get("plan", ())
    total = len(steps) + len(plans)
    store = open_store(target, create=True)
    reports = []
    try:
        with store.writing() as connection:
            store.set_meta(connection, STATE, "building")
            store.set_meta(connection, "notice", json.dumps(manifest["notice"], ensure_ascii=False))
        if "gazetteer" in manifest:
            store.replace_gazetteer(_divisions(folder / manifest["gazetteer"]["divisions"]))
        for number, step in enumerate(steps):
            if progress:
                progress(number, total)
            reports.append(
                import_file(
                    store,
                    folder / step["file"],
                    step["layer"],
                    step["datum"],
                    ReadingOptions(where=step.get("where", ())),
                )
            )
        groups.build(store)
        for number, plan in enumerate(plans, len(steps)):
            if progress:
                progress(number, total)
            _plan(store, plan)
        with store.writing() as connection:
            store.set_meta(connection, STATE, BUILT)
        if progress:
            progress(total, total)
    finally:
        store.close()
    return reports


def _plan(store: Store, asked: Mapping[str, Any]) -> None:
    """Make and keep one plan of the manifest; `seconds` is what its solver may take."""
    given = dict(asked)
    planner, seconds = _PLANNERS[given.pop("subject")], given.pop("seconds")
    planner(store, given, Watch(seconds))
