"""Hidden dangers over twelve months, with state, deadline and listing."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from .city import generator
from .enterprises import Enterprise, enterprises
from .registers import person
from .writing import ORIGIN, Row, gcj02

TODAY = date(2026, 11, 20)
NUMBER = 412
GENERAL = (
    "疏散通道堆放杂物",
    "灭火器压力不足",
    "配电箱前堆物",
    "安全警示标志缺失",
    "防护罩缺失",
    "电气线路私拉乱接",
    "应急照明损坏",
    "未按期开展安全培训",
    "除尘管道积尘",
    "危化品未分区存放",
    "可燃气体报警器未校验",
    "动火作业未审批",
    "特种作业人员证件过期",
)
MAJOR = (
    "住宿与生产未有效分隔",
    "有限空间作业未审批",
    "氨制冷系统无泄漏报警",
    "粉尘涉爆区未设泄爆",
    "有机热载体锅炉超期未检",
    "安全出口被封堵",
    "储罐紧急切断阀失效",
)
OPEN_GENERAL = ("已登记", "已评估", "整改中", "待复查", "已逾期", "复查未通过")
OPEN_MAJOR = ("整改中", "挂牌督办", "已逾期", "约谈问责", "待复查")


def danger_rows() -> list[Row]:
    """Rows of hidden_dangers.csv without the planted faults."""
    rng = generator("hidden dangers")
    owners = [e for e in enterprises() if e.given != "town"]
    chance = np.array([e.kind.danger**2 for e in owners])
    days = np.sort(rng.integers(0, 360, size=NUMBER))[::-1]
    picked = rng.choice(len(owners), size=NUMBER, p=chance / chance.sum())
    return [
        _row(number, owners[index], TODAY - timedelta(days=int(age)), rng)
        for number, (index, age) in enumerate(zip(picked, days, strict=True))
    ]


def _row(number: int, owner: Enterprise, found: date, rng: np.random.Generator) -> Row:
    major = bool(rng.random() < 0.09 + 0.08 * (owner.kind.danger > 0.8))
    allowed = int(rng.integers(30, 91)) if major else int(rng.integers(5, 31))
    deadline = found + timedelta(days=allowed)
    state, closed = _state(major, found, deadline, rng)
    listed = major and (state in ("挂牌督办", "约谈问责") or rng.random() < 0.6)
    words = MAJOR if major else GENERAL
    exact = owner.given == "point" and rng.random() < 0.12
    lon, lat = gcj02(owner.x, owner.y) if exact else ("", "")
    return {
        "隐患编号": f"YH{number + 1:04d}",
        "隐患描述": words[int(rng.integers(len(words)))],
        "所属企业编号": owner.code,
        "隐患级别": "重大" if major else "一般",
        "整改状态": state,
        "发现日期": _written(found, number),
        "整改期限": _written(deadline, number + 1),
        "销号日期": _written(closed, number) if closed else "",
        "挂牌督办": "是" if listed else "否",
        "督办单位": f"石狮市{owner.town}安全生产委员会" if listed else "",
        "所属镇街": owner.town,
        "经度": lon,
        "纬度": lat,
        "责任人": person(rng.random()),
        "模拟数据": "是",
        "数据来源": ORIGIN,
    }


def _state(
    major: bool, found: date, deadline: date, rng: np.random.Generator
) -> tuple[str, date | None]:
    """Old ones are mostly closed; what is open past its deadline is overdue or worse."""
    age = (TODAY - found).days
    if rng.random() < min(0.96, age / 75) * (0.85 if major else 1.0):
        spent = int(rng.integers(2, max(3, (deadline - found).days + 6)))
        return "已销号", min(found + timedelta(days=spent), TODAY)
    if deadline < TODAY:
        late = ("已逾期", "挂牌督办", "约谈问责") if major else ("已逾期", "待复查", "复查未通过")
        return late[int(rng.integers(3))], None
    states = OPEN_MAJOR[:2] if major else OPEN_GENERAL[:4]
    return states[int(rng.integers(len(states)))], None


def _written(day: date, habit: int) -> str:
    """Three habits of writing a date."""
    if habit % 3 == 0:
        return day.isoformat()
    if habit % 3 == 1:
        return f"{day.year}/{day.month}/{day.day}"
    return f"{day.year}年{day.month}月{day.day}日"
