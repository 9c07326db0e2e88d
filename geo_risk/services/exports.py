"""Handing features on: files of a layer, and the one-file map."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from geo_risk.errors import Lang, Text, UsageError
from geo_risk.export import check_folder, write
from geo_risk.render.one_file import MapLayer, one_file_map
from geo_risk.store import Query, Store

from .features import Box, notice
from .places import town_code, town_names
from .roll_ups import derived_as_of, rollup

_NOT_DRAWN = ("villages", "addresses", "buildings")


def export(
    store: Store,
    layer_id: str,
    path: Path | str,
    *,
    bbox: Box | None = None,
    grades: Sequence[str] = (),
    town: str = "",
    lang: Lang = "zh",
    omit: Sequence[str] = (),
    as_of: str = "",
) -> int:
    """Write a layer, filtered, as .geojson, .gpkg, .csv or .xlsx; returns the number written.

    `town` is a code or name; an unknown one is a `UsageError` (`town_unknown`). `as_of` is a
    moment (ISO 8601, UTC): the layer as it stood then.
    """
    spec = store.spec(layer_id)
    town = town_code(town_names(store), town) if town else ""
    derived = as_of and spec.grader == "rollup"
    query = Query(
        layer_id, bbox=bbox, grades=() if derived else tuple(grades), town=town, as_of=as_of
    )
    rows = store.features(query)
    if derived:
        then = derived_as_of(store, layer_id, as_of)
        rows = ({**row, **then[row["id"]]} for row in rows)
        rows = (row for row in rows if not grades or row["grade"] in grades)
    return write(spec, rows, Path(path), lang=lang, omit=omit)


def _vendor() -> Path:
    package = find_spec("geo_risk_web")
    if package is None or package.origin is None:
        raise UsageError(
            "web_missing",
            Text("缺少浏览器库", "The browser libraries are missing"),
            fix=Text("请重新安装 geo-risk", "Install geo-risk again"),
        )
    return Path(package.origin).parent / "static" / "vendor" / "leaflet"


def one_file_page(
    store: Store, path: Path | str, layer_ids: Sequence[str] = (), lang: Lang = "zh"
) -> int:
    """Write the one-file map of some layers (all that are drawn, by default); returns features."""
    path = Path(path)
    check_folder(path)
    chosen = [store.spec(layer_id) for layer_id in layer_ids] or [
        spec for spec in store.schema.specs.values() if spec.id not in _NOT_DRAWN
    ]
    fills = {area["id"]: area["fill"] for area in rollup(store, "town")["areas"]}
    layers, drawn = [], 0
    for spec in sorted(chosen, key=lambda spec: spec.order):
        rows = [row for row in store.features(Query(spec.id)) if row["geom"] is not None]
        if spec.id == "towns":
            rows = [{**row, "fill": fills.get(row["id"])} for row in rows]
        if rows:
            layers.append(MapLayer(spec, rows))
            drawn += len(rows)
    city = next(iter(store.features(Query("city", limit=1))), None)
    name = city["name"] if city else ""
    title = Text(f"{name}安全风险一张图", f"{name} safety risk map".strip())
    origin = sorted({o for s in ("city", "enterprises") for o in _origins(store, s)})
    said = notice(store) or Text("", "")
    foot = Text(
        "；".join([said["zh"], *origin]).strip("；"), "; ".join([said["en"], *origin]).strip("; ")
    )
    page = one_file_map(layers, title=title, notice=foot, lang=lang, vendor=_vendor())
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_text(page, encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return drawn


def _origins(store: Store, layer_id: str) -> list[str]:
    return [key[0] for key in store.count_by(Query(layer_id), "origin") if key[0]]
