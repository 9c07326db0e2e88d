"""Sensitive targets, facilities and cameras: all fictional, all marked 示例."""

from __future__ import annotations

import numpy as np
import shapely

from .city import generator, polygons_of
from .doors import doors_of_town, nearest_door
from .hamlets import hamlets
from .kinds import HB, HJ, LF, XZ, YN
from .registers import person, phone
from .roads import roads
from .towns import areas_of, town_areas, town_at
from .writing import ORIGIN, Row, gcj02

Spot = tuple[float, float]


def _spots(town: str, number: int, rng: np.random.Generator) -> list[Spot]:
    """Places beside doors, inside the town, at least 120 m apart."""
    ground = town_areas()[town].buffer(-60)
    chosen: list[Spot] = []
    listed = doors_of_town()[town]
    for attempt in range(5000):
        if len(chosen) == number:
            break
        door = listed[int(rng.integers(len(listed)))]
        x, y = rng.normal((door.x, door.y), 30)
        apart = 120 if attempt < 2500 else 40
        free = all(np.hypot(x - a, y - b) > apart for a, b in chosen)
        if free and shapely.contains_xy(ground, x, y):
            chosen.append((float(x), float(y)))
    return chosen


def _common(prefix: str, number: int, name: str, *, kind: str, town: str, spot: Spot) -> Row:
    lon, lat = gcj02(*spot)
    door = nearest_door(*spot, town)
    return {
        "编号": f"{prefix}{number:04d}",
        "名称": name,
        "类别": kind,
        "详细地址": door.address,
        "所属镇街": town,
        "所属村": door.hamlet.name,
        "经度": lon,
        "纬度": lat,
    }


TARGETS = (
    ("小学", "中小学", "石狮市教育局", (280, 1600), 1.0),
    ("中学", "学校", "石狮市教育局", (600, 2600), 0.5),
    ("幼儿园", "幼儿园", "石狮市教育局", (60, 380), 1.0),
    ("卫生院", "卫生院", "石狮市卫生健康局", (40, 420), 0.45),
    ("农贸市场", "农贸市场", "石狮市商务局", (120, 900), 0.6),
    ("敬老院", "养老院", "石狮市民政局", (30, 180), 0.4),
    ("客运码头", "车站码头", "石狮市交通和港口发展局", (80, 900), 0.15),
    ("影剧院", "影剧院", "石狮市文化体育和旅游局", (80, 600), 0.3),
)
"""Word in the name, kind, department, people, how many for each eight villages."""


def target_rows() -> list[Row]:
    """Rows of targets.csv."""
    rng, rows = generator("targets"), []
    for town in areas_of():
        size = sum(h.town == town for h in hamlets())
        wanted = [(t, max(1, round(t[4] * size / 2.4))) for t in TARGETS]
        spots = iter(_spots(town, sum(number for _, number in wanted), rng))
        for (word, kind, department, people, _), number in wanted:
            if word == "客运码头" and town not in (XZ, HJ, YN):
                continue
            for rank in range(number):
                spot = next(spots, None)
                if spot is None:
                    break
                name = f"{town.removesuffix('街道').removesuffix('镇')}示例第{_ordinal(rank)}{word}"
                row = _common("MB", len(rows) + 1, name, kind=kind, town=town, spot=spot)
                row |= {"人数": int(rng.integers(*people)), "主管部门": department}
                rows.append(row | {"模拟数据": "是", "数据来源": ORIGIN})
    return rows


def _ordinal(rank: int) -> str:
    return "一二三四五六七八九十"[rank] if rank < 10 else f"十{'一二三四五六七八九'[rank - 10]}"


FACILITIES = (
    ("专职消防队", "消防站", (12, 45)),
    ("应急救援队", "应急救援队伍", (10, 40)),
    ("应急物资储备库", "应急物资库", (50, 900)),
    ("应急避难场所", "避难场所", (300, 6000)),
)


def facility_rows() -> list[Row]:
    """Rows of facilities.csv."""
    rng, rows = generator("facilities"), []
    for town in areas_of():
        numbers = (1, 1, 1, 4 if town in (LF, HB) else 5)
        spots = iter(_spots(town, sum(numbers) + 1, rng))
        for (word, kind, capacity), number in zip(FACILITIES, numbers, strict=True):
            for rank in range(number):
                suffix = f"{rank + 1}号" if number > 1 else ""
                row = _common(
                    "SS",
                    len(rows) + 1,
                    f"{town}示例{suffix}{word}",
                    kind=kind,
                    town=town,
                    spot=next(spots),
                )
                row |= {
                    "容量": int(rng.integers(*capacity)),
                    "负责人": person(rng.random()),
                    "联系电话": phone(8000 + len(rows)),
                }
                rows.append(row | {"模拟数据": "是", "数据来源": ORIGIN})
    return rows


def camera_rows() -> list[Row]:
    """Rows of cameras.xlsx: beside main roads, looking along them."""
    rng, rows = generator("cameras"), []
    grounds = {town: polygons_of(area.buffer(-40))[0] for town, area in town_areas().items()}
    for road in roads():
        if road.road_class == "local":
            continue
        for part in shapely.get_parts(road.line):
            for at in np.arange(rng.uniform(100, 700), part.length - 30, 1150):
                point = np.array(part.interpolate(at).coords[0])
                ahead = np.array(part.interpolate(at + 20).coords[0]) - point
                town = town_at(point[None])[0]
                if town is None or not shapely.contains_xy(grounds[town], *point):
                    continue
                heading = round(float(np.degrees(np.arctan2(*ahead))) % 360)
                name = f"示例监控-{road.name}{len(rows) + 1:03d}"
                rows.append(
                    _camera(len(rows) + 1, name, town, point=point, heading=heading % 360, rng=rng)
                )
    return rows


def _camera(
    number: int, name: str, town: str, *, point: np.ndarray, heading: int, rng: np.random.Generator
) -> Row:
    lon, lat = gcj02(float(point[0]), float(point[1]))
    door = nearest_door(float(point[0]), float(point[1]), town)
    return {
        "设备编码": f"SP{number:04d}",
        "点位名称": name,
        "所属镇街": town,
        "所属村": door.hamlet.name,
        "经度": lon,
        "纬度": lat,
        "朝向": heading,
        "视场角": int(rng.choice([60, 75, 90, 110])),
        "可视距离": int(rng.choice([60, 80, 120, 150])),
        "建设单位": "示例视频专网",
        "主管部门": "石狮市公安局（演示）",
        "模拟数据": "是",
        "数据来源": ORIGIN,
    }
