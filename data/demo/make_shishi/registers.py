"""The registers of enterprises and of their hazard sources."""

from __future__ import annotations

from .checks import hazard_checks
from .city import generator
from .enterprises import SURNAMES, Enterprise, enterprises
from .kinds import KIND_OF
from .writing import ORIGIN, Row, gcj02, outline_text


def person(rng_value: float) -> str:
    """A person who does not exist, and says so."""
    return f"示例{SURNAMES[int(rng_value * len(SURNAMES))]}某某"


def phone(number: int) -> str:
    """A telephone number that cannot be dialled."""
    return f"0595-0000{number % 10000:04d}"


def given_address(one: Enterprise) -> str:
    """The address as the register states it; four habits of writing."""
    if one.given == "town":
        return f"石狮市{one.town}（地址待补充）"
    full = one.door.address
    habit = int(one.code[2:]) % 4
    if habit == 1:
        return f"福建省泉州市{full}"
    if habit == 2:
        return full.removeprefix("石狮市")
    if habit == 3:
        return full.replace("号", f"号{1 + habit}楼")
    return full


def enterprise_rows() -> list[Row]:
    """Rows of enterprises.xlsx without the planted faults."""
    rng = generator("enterprise rows")
    rows: list[Row] = []
    for number, one in enumerate(enterprises()):
        lon, lat = gcj02(one.x, one.y) if one.given == "point" else ("", "")
        size = one.people
        scale = (
            "大型" if size >= 500 else "中型" if size >= 150 else "小型" if size >= 20 else "微型"
        )
        rows.append(
            {
                "企业编号": one.code,
                "企业名称": one.name,
                "统一社会信用代码": f"DEMO{one.kind.industry}{number + 1:010d}",
                "详细地址": given_address(one),
                "所属镇街": one.town,
                "所属村": one.door.hamlet.name if one.given != "town" else "",
                "经度": lon,
                "纬度": lat,
                "边界坐标": outline_text(one.outline),
                "行业代码": one.kind.industry,
                "主要工艺": one.kind.processes,
                "涉及危险物质": one.kind.substances,
                "业态": one.kind.business,
                "危险化学品生产储存企业": "是" if one.kind.hazchem else "否",
                "企业规模": scale,
                "从业人数": one.people,
                "行业主管部门": one.kind.department,
                "联系人": person(rng.random()),
                "联系电话": phone(number + 1),
                "模拟数据": "是",
                "数据来源": ORIGIN,
            }
        )
    return rows


HAZARDS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    (
        "oil_depot",
        "成品油罐区",
        "储存单元",
        ("汽油[W5.3]:12000@160", "汽油[W5.3]:5200@120", "汽油[W5.3]:1500@", "汽油[W5.3]:800@20"),
    ),
    (
        "chem_store",
        "危化品库房",
        "储存单元",
        (
            "乙酸乙酯[W5.3]:900;甲醇[W5.3]:400@45",
            "甲苯[W5.3]:620@",
            "W5.3:700@20",
            "乙醇[W5.3]:180@",
            "乙酸乙酯[W5.3]:120;甲苯[W5.3]:90@25",
            "过乙酸:14@90",
            "氨:6;乙炔:0.2@80",
        ),
    ),
    (
        "cold_store",
        "氨制冷机房",
        "生产单元",
        (
            "氨:45@210",
            "氨:130@180",
            "氨:38@150",
            "氨:16@120",
            "氨:12.5@",
            "氨:11@",
            "氨:9.5@90",
            "氨:8@",
            "氨:7.2@55",
            "氨:6@30",
            "液氨8.5吨@70",
            "氨:4@",
            "氨:5@45",
        ),
    ),
    (
        "fish",
        "速冻车间氨系统",
        "生产单元",
        ("氨:14@130", "氨:3.5@60", "氨:2.8@40", "氨:4.6@52", "氨:1.9@30"),
    ),
    (
        "dyestuff",
        "原料罐组",
        "储存单元",
        ("甲醇[W5.3]:650@", "W9.1:420@", "W3:130@45", "乙酸乙酯[W5.3]:60@30", "W9.1:35@20"),
    ),
    ("heat", "氨水与点火油罐", "储存单元", ("W5.4:300@40", "氨:2.5@35", "W5.4:180@25")),
    ("water", "加氯间", "生产单元", ("氯:6@", "氯:2@35")),
    ("lpg", "液化石油气储罐", "储存单元", ("液化石油气[W2]:280@110", "液化石油气[W2]:46@85")),
    (
        "fuel",
        "埋地油罐",
        "储存单元",
        tuple(
            f"汽油[W5.3]:{tons};W5.4:{tons + 8}@{people}"
            for tons, people in (
                (45, 60),
                (38, 42),
                (52, ""),
                (30, 55),
                (44, ""),
                (36, 48),
                (60, 70),
                (28, 22),
                (40, 38),
                (48, 64),
                (33, 27),
                (42, 51),
                (55, 33),
                (37, 45),
                (46, 29),
                (34, 36),
                (41, 44),
            )
        ),
    ),
)
"""Kind of enterprise, name of the unit, kind of unit, cells of substance:tonnes@people.

Where no people stand they are counted from the registers of targets and residents.
"""

OPEN_CELLS = ("氨:18@", "工业废盐混合物:60@40", "苯乙烯:900@75")
"""Left open by a clerk: people (counted), a name without Q, a substance without a verified β."""


def hazard_sources() -> list[tuple[Enterprise, str, str, str, str]]:
    """Enterprise, unit, kind of unit, substances, people exposed; 60 of them."""
    found = []
    used: set[str] = set()
    for key, unit, unit_kind, cells in HAZARDS:
        owners = [e for e in enterprises() if e.kind is KIND_OF[key] and e.given != "town"]
        for index, cell in enumerate(cells):
            owner = owners[index % len(owners)]
            used.add(owner.code)
            found.append((owner, unit, unit_kind, *cell.split("@")))
    spare = [
        e for e in enterprises() if e.kind.key in ("sewage", "shipyard") and e.given == "point"
    ]
    for owner, cell in zip(spare, OPEN_CELLS, strict=False):
        found.append((owner, "储存间", "储存单元", *cell.split("@")))
    return found


def hazard_rows() -> list[Row]:
    """Rows of hazard_sources.xlsx without the planted faults."""
    rng = generator("hazard rows")
    checks = hazard_checks(len(hazard_sources()))
    rows: list[Row] = []
    for number, (owner, unit, unit_kind, substances, people) in enumerate(hazard_sources()):
        exact = owner.given == "point" and number % 5 != 4
        lon, lat = gcj02(owner.x + 4, owner.y - 3) if exact else ("", "")
        rows.append(
            {
                "重大危险源编号": f"WX{number + 1:03d}",
                "重大危险源名称": f"{owner.name}{unit}",
                "所属企业编号": owner.code,
                "单元类型": unit_kind,
                "物质及数量": substances,
                "暴露人数": int(people) if people else "",
                "所属镇街": owner.town,
                "经度": lon,
                "纬度": lat,
                "主管部门": "石狮市应急管理局",
                "安全负责人": person(rng.random()),
                "联系电话": phone(6000 + number),
                "模拟数据": "是",
                "数据来源": ORIGIN,
                **checks[number],
            }
        )
    return rows
