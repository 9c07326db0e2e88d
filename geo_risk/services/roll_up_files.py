"""Writing a roll-up as a table or a map file: every method in columns of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import shapely

from geo_risk.errors import Lang, Text
from geo_risk.export.result_files import check_format, write_table
from geo_risk.store import Query, Store
from geo_risk.vocabulary import GRADES, Grade

from .features import notice
from .roll_ups import rollup

_HEADS: dict[str, Text] = {
    "id": Text("代码", "Code"),
    "name": Text("名称", "Name"),
    "grade": Text("最高等级", "Highest grade"),
    "graded": Text("已分级", "Graded"),
    "total": Text("总数", "Of"),
    "direct": Text("其中直接判定的企业", "Of these enterprises judged directly"),
}
_GRADE = Text("等级", "grade")
_RANK = Text("名次", "rank")
_WHY = Text("没有数值的原因", "Why there is no value")
_UNPLACED = Text("红橙项中没有位置的", "Red and orange items without a position")
_RED_ORANGE = Text("红色和橙色用地占比", "Share of area, red and orange")


def save(store: Store, path: Path | str, level: str, lang: Lang = "zh", **asked: Any) -> Any:
    """Write a roll-up as .csv, .xlsx (with a sheet of formulas) or .geojson; returns it.

    `asked` is as in `rollup`. In GeoJSON the properties have the names of the JSON, an area has
    its outline, a cell its polygon, and what has neither no geometry: `without_geometry` of the
    answer counts these.
    """
    path = Path(path)
    kind = check_format(path)
    told = rollup(store, level, **asked)
    shapes = _shapes(store, told, asked.get("as_of", ""))
    if kind == "geojson":
        rows = [_properties(area, told["methods"]) for area in told["areas"]]
        columns = list(rows[0]) if rows else ["id"]
        ids = [area["id"] for area in told["areas"]]
        write_table(path, columns, [list(row.values()) for row in rows], shapes, ids=ids)
        told["without_geometry"] = sum(shape is None for shape in shapes)
    else:
        lines = [_cells(area, told["methods"], lang) for area in told["areas"]]
        notes = _formulas(told, lang)
        if said := notice(store):
            notes.append([said[lang]])
        write_table(path, _heads(told["methods"], lang), lines, shapes, notes)
    return told


def _shapes(store: Store, told: dict[str, Any], moment: str) -> list[Any | None]:
    if told["level"] == "grid":
        rings = [area["polygon"] for area in told["areas"]]
        return [shapely.Polygon(ring) if ring else None for ring in rings]
    held: dict[str, Any] = {}
    if told["layer"]:
        for row in store.features(Query(told["layer"], as_of=moment)):
            shape = shapely.from_wkb(row["geom"]) if row["geom"] else None
            held[row["id"]] = shape and shapely.orient_polygons(shape, exterior_cw=False)
    return [held.get(area["id"]) for area in told["areas"]]


def _properties(area: dict[str, Any], methods: dict[str, Any]) -> dict[str, Any]:
    """One area flat, by the names of the JSON: `share`, `share_rank`, …"""
    values = area["values"]
    flat = {name: area[name] for name in ("id", "name", "grade", "graded", "total")}
    flat |= {"direct": area["direct"], **area["counts"]}
    for name in _beside(methods):
        flat |= {name: values[name]["value"], f"{name}_grade": values[name]["grade"]}
        flat[f"{name}_rank"] = values[name]["rank"]
    share = values["share"]
    return flat | {
        "share_red_orange": share.get("red_orange"),
        "share_unplaced": share.get("unplaced"),
        "no_value": "; ".join(_reasons(values, "en")),
    }


def _beside(methods: dict[str, Any]) -> list[str]:
    """The methods with columns of their own: the highest grade has its column already."""
    return [name for name in methods if name != "max"]


def _heads(methods: dict[str, Any], lang: Lang) -> list[str]:
    heads = [text[lang] for text in _HEADS.values()]
    heads += [style.level[lang] for style in GRADES.values()]
    for name in _beside(methods):
        title = methods[name]["title"][lang]
        heads.append(title)
        if methods[name]["thresholds"]:
            heads.append(f"{title} {_GRADE[lang]}")
        heads.append(f"{title} {_RANK[lang]}")
    return [*heads, _RED_ORANGE[lang], _UNPLACED[lang], _WHY[lang]]


def _cells(area: dict[str, Any], methods: dict[str, Any], lang: Lang) -> list[Any]:
    row: list[Any] = []
    for name in _HEADS:
        value = area["label"][lang] if name == "name" else area[name]
        row.append(GRADES[Grade(value)].label[lang] if name == "grade" else value)
    values = area["values"]
    row += area["counts"].values()
    for name in _beside(methods):
        row.append(values[name]["value"])
        if methods[name]["thresholds"]:
            row.append(GRADES[Grade(values[name]["grade"])].label[lang])
        row.append(values[name]["rank"])
    share = values["share"]
    said = "；" if lang == "zh" else "; "
    return [*row, share.get("red_orange"), share.get("unplaced"), said.join(_reasons(values, lang))]


def _reasons(values: dict[str, Any], lang: Lang) -> list[str]:
    return list(dict.fromkeys(one["reason"][lang] for one in values.values() if one["reason"]))


def _formulas(told: dict[str, Any], lang: Lang) -> list[list[Any]]:
    """The sheet that says how each column came about."""
    rows = []
    for method in told["methods"].values():
        held = [f"{name} {value:g}" for name, value in method["parameters"].items()]
        limits = [f"{grade} ≥ {start:g}" for grade, start in (method["thresholds"] or {}).items()]
        said = [method["title"][lang], method["formula"][lang], ", ".join(held)]
        rows.append([*said, ", ".join(limits) or "–", method["note"][lang], method["clause"]])
    if told.get("epsg"):
        cells = "–" if told["cells"] is None else f"{told['cells']} ({told['empty']} empty)"
        rows.append([f"grid {told['grid']}", f"EPSG:{told['epsg']}", cells, "", "", ""])
    return rows
