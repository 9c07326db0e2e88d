"""What registers say of checks and controls: incomplete, as registers are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from .city import generator
from .writing import Row

FIRST, LAST = date(2025, 9, 1), date(2026, 11, 20)
WITHIN_DAYS = (40, 110, 220, 440)
"""How long ago the last check may be, by rank: red, orange, yellow, blue."""
POSTS = ("安全主管", "车间主任", "班组长", "设备管理员", "仓库管理员")
INTERVALS = (15, 30, 60, 90, 180)
WORDS = ("重大", "较大", "一般", "低")
"""The four grades, as a register writes them."""
STATED = {125: 1, 138: 1, 151: 1, 164: 1, 177: 1, 190: 2, 203: 1, 216: -1, 229: -1, 242: 1}
STATED |= dict.fromkeys(range(250, 330, 8), 0)
"""Rows that state a grade, and by how many steps it differs: down, or up where there is none."""
MEASURES = (
    "液位与可燃气体报警联锁，紧急切断阀每月试验",
    "双回路供电，事故风机与报警联锁",
    "领导包保，每日巡检，视频监控",
    "围堰与事故池，消防炮定期测试",
)


def _last_check(rng: np.random.Generator, rank: int) -> str:
    """A day in one of three ways of writing; empty where the register has none."""
    back, form, known = int(rng.integers(WITHIN_DAYS[rank])), int(rng.integers(3)), rng.random()
    day = max(FIRST, LAST - timedelta(days=back))
    if known < 0.08:
        return ""
    return (f"{day:%Y-%m-%d}", f"{day:%Y/%m/%d}", f"{day.year}年{day.month}月{day.day}日")[form]


def _check(rng: np.random.Generator, rank: int) -> Row:
    post, interval = POSTS[int(rng.integers(len(POSTS)))], int(rng.integers(len(INTERVALS)))
    stated = rng.random() < 0.25
    return {
        "责任岗位": post if rng.random() < 0.85 else "",
        "检查周期": INTERVALS[interval] if stated else "",
        "上次检查日期": _last_check(rng, rank),
    }


def risk_checks(ranks: Sequence[int]) -> list[Row]:
    """Post, interval, last check and stated grade of risk points of some ranks."""
    rng = generator("checks")
    rows = []
    for number, rank in enumerate(ranks):
        step = STATED.get(number, 0)
        other = rank + step if 0 <= rank + step < len(WORDS) else rank - step
        stated = WORDS[other] if number in STATED else ""
        rows.append({**_check(rng, rank), "登记等级": stated})
    return rows


def hazard_checks(number: int) -> list[Row]:
    """Controls and checks of hazard sources."""
    rng = generator("checks of hazard sources")
    rows = []
    for _ in range(number):
        level, measure = rng.random(), MEASURES[int(rng.integers(len(MEASURES)))]
        rows.append(
            {
                "管控层级": "市级" if level < 0.5 else "镇级" if level < 0.9 else "",
                "管控措施": measure if rng.random() < 0.9 else "",
                **_check(rng, 1),
            }
        )
    return rows
