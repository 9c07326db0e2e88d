"""Risk points with L, E and C: a pyramid in each town, the worst where the work is worst."""

from __future__ import annotations

import numpy as np

from .checks import risk_checks
from .city import generator
from .enterprises import Enterprise, enterprises
from .kinds import BG, HB, HJ, HS, JS, LF, LX, XZ, YN
from .registers import person
from .writing import ORIGIN, Row, gcj02

QUOTAS: dict[str, tuple[int, int, int, int]] = {
    HS: (7, 18, 19, 10),
    JS: (5, 14, 18, 10),
    XZ: (2, 8, 16, 14),
    HJ: (2, 7, 17, 19),
    LF: (1, 5, 13, 16),
    BG: (1, 6, 17, 18),
    LX: (1, 6, 15, 16),
    HB: (0, 2, 9, 25),
    YN: (0, 2, 7, 26),
}
"""Town to how many risk points are meant to come out red, orange, yellow and blue."""

SCORES: tuple[tuple[tuple[float, float, float], ...], ...] = (
    ((3, 6, 40), (6, 6, 15), (3, 3, 40), (1, 6, 100)),
    ((3, 6, 15), (1, 6, 40), (6, 6, 7), (3, 10, 7)),
    ((3, 6, 7), (1, 6, 15), (3, 3, 15), (0.5, 6, 40), (1, 10, 15), (6, 6, 3)),
    ((1, 6, 7), (3, 6, 3), (0.5, 6, 15), (3, 3, 7), (1, 3, 15), (0.5, 3, 40), (1, 2, 15)),
)

PLACES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "dyeing": (
        ("定型机烟道", "火灾", "每周清理油污，设火花探测"),
        ("有机热载体锅炉", "锅炉爆炸", "定期检验，超温超压联锁"),
        ("污水调节池", "中毒和窒息", "有限空间作业审批，先通风后检测"),
        ("染缸操作位", "灼烫", "泄压后开盖，穿戴防护"),
        ("保险粉仓库", "火灾", "防潮隔离，专人保管"),
    ),
    "workshop": (
        ("楼梯间疏散通道", "火灾", "住宿与生产分离，保持通道畅通"),
        ("布料堆放间", "火灾", "限高限量，禁烟"),
        ("电动车充电处", "火灾", "移至室外集中充电"),
    ),
    "cold_store": (
        ("氨压缩机房", "中毒和窒息", "氨气报警与事故风机联锁"),
        ("液氨贮液器", "容器爆炸", "安全阀定检，设喷淋"),
        ("冷藏间彩钢板", "火灾", "整改为不燃芯材"),
    ),
    "fish": (
        ("速冻间", "中毒和窒息", "氨气报警，设逃生开关"),
        ("加工车间地面", "其他伤害", "防滑，清洗后断电"),
    ),
    "oil_depot": (
        ("装车台", "火灾", "静电接地联锁"),
        ("储罐区", "其他爆炸", "高液位联锁，紧急切断"),
    ),
    "chem_store": (("禁忌物料库房", "火灾", "分区分类储存"), ("卸货平台", "灼烫", "设洗眼器")),
    "shipyard": (("船舱动火点", "火灾", "动火审批，测爆"), ("吊装区", "起重伤害", "专人指挥")),
    "port": (("集装箱吊装区", "起重伤害", "人机分流"), ("堆场通道", "车辆伤害", "限速与盲区警示")),
    "fuel": (("卸油口", "火灾", "静电接地，专人监护"), ("加油岛", "火灾", "油气回收，禁火")),
    "metal": (
        ("抛光除尘系统", "其他爆炸", "湿式除尘，每班清扫"),
        ("冲床", "机械伤害", "双手按钮与光电保护"),
    ),
    "heat": (("输煤栈桥", "其他爆炸", "喷雾抑尘"), ("锅炉汽包", "锅炉爆炸", "水位联锁")),
    "dyestuff": (("反应釜", "其他爆炸", "温度联锁"), ("原料罐组", "中毒和窒息", "围堰与报警")),
    "sewage": (("厌氧池", "中毒和窒息", "硫化氢报警，强制通风"),),
    "water": (("加氯间", "中毒和窒息", "泄氯吸收装置"),),
    "lpg": (("充装台", "其他爆炸", "可燃气报警，紧急切断"),),
}
OTHER = (
    ("配电间", "触电", "定期检测，双人作业"),
    ("仓库堆垛", "火灾", "控制堆高，保持间距"),
    ("生产车间设备", "机械伤害", "加装防护罩"),
    ("疏散通道", "火灾", "每日巡查，保持畅通"),
)
CONTROL = ("市级", "镇级", "公司级", "班组岗位级")


def _hosts(town: str, number: int, rng: np.random.Generator) -> list[Enterprise]:
    """Enterprises that get risk points, the most dangerous first; some get a second one."""
    here = [e for e in enterprises() if e.town == town and e.given != "town"]
    chance = np.array([e.kind.danger**2 for e in here])
    chosen = rng.choice(
        len(here), size=min(number, len(here)), replace=False, p=chance / chance.sum()
    )
    hosts = [here[i] for i in chosen]
    while len(hosts) < number:
        hosts.append(hosts[int(rng.integers(len(chosen)))])
    return sorted(hosts, key=lambda e: -(e.kind.danger + rng.normal(0, 0.16)))


def risk_rows() -> list[Row]:
    """Rows of risk_points.csv without the planted faults."""
    rng = generator("risk points")
    drawn: list[tuple[Enterprise, int]] = []
    for town, quota in QUOTAS.items():
        rank_of = [rank for rank, number in enumerate(quota) for _ in range(number)]
        drawn += list(zip(_hosts(town, len(rank_of), rng), rank_of, strict=True))
    rows: list[Row] = []
    order = rng.permutation(len(drawn))
    for number, index in enumerate(order):
        owner, rank = drawn[index]
        rows.append(_row(number, owner, rank, rng))
    checks = risk_checks([drawn[index][1] for index in order])
    return [{**row, **check} for row, check in zip(rows, checks, strict=True)]


def _row(number: int, owner: Enterprise, rank: int, rng: np.random.Generator) -> Row:
    places = PLACES.get(owner.kind.key, OTHER)
    place, accident, measures = places[int(rng.integers(len(places)))]
    likelihood, exposure, consequence = SCORES[rank][int(rng.integers(len(SCORES[rank])))]
    exact = owner.given == "point" and rng.random() < 0.8
    shift = rng.uniform(-9, 9, size=2)
    lon, lat = gcj02(owner.x + shift[0], owner.y + shift[1]) if exact else ("", "")
    return {
        "风险点编号": f"FX{number + 1:04d}",
        "风险点名称": f"{owner.name}{place}",
        "所属企业编号": owner.code,
        "所属镇街": owner.town,
        "经度": lon,
        "纬度": lat,
        "L值": _plain(likelihood),
        "E值": _plain(exposure),
        "C值": _plain(consequence),
        "事故类型": accident,
        "管控措施": measures,
        "管控层级": CONTROL[rank],
        "责任部门": owner.kind.department,
        "管控责任人": person(rng.random()),
        "模拟数据": "是",
        "数据来源": ORIGIN,
    }


def _plain(value: float) -> str:
    return f"{value:g}"
