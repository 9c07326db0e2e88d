"""The field's terms, once: grades, match levels, hidden-danger states, in Chinese and English."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .errors import Text


class Grade(StrEnum):
    """Risk grade (风险等级), 安委办〔2016〕11 号; “no data” is a class of its own."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    BLUE = "blue"
    NO_DATA = "no_data"


@dataclass(frozen=True)
class GradeStyle:
    """How a grade looks everywhere: one colour, one shape, one letter, one mark, one name."""

    colour: str
    shape: str
    letter: str
    mark: str
    label: Text
    level: Text


GRADES: dict[Grade, GradeStyle] = {
    Grade.RED: GradeStyle("#a50f15", "diamond", "R", "◆", Text("重大", "Major"), Text("红", "Red")),
    Grade.ORANGE: GradeStyle(
        "#f57c00", "triangle", "O", "▲", Text("较大", "Considerable"), Text("橙", "Orange")
    ),
    Grade.YELLOW: GradeStyle(
        "#ffe95c", "square", "Y", "■", Text("一般", "Moderate"), Text("黄", "Yellow")
    ),
    Grade.BLUE: GradeStyle("#2b6cb8", "circle", "B", "●", Text("低", "Low"), Text("蓝", "Blue")),
    Grade.NO_DATA: GradeStyle(
        "#c9c9c4", "ring", "–", "○", Text("无数据", "No data"), Text("无数据", "No data")
    ),
}
"""Order is severity: the first is the worst. Worst colour-blind ΔE of the four is 22.3."""

SEVERITY: dict[Grade, int] = {
    Grade.NO_DATA: 0,
    Grade.BLUE: 1,
    Grade.YELLOW: 2,
    Grade.ORANGE: 3,
    Grade.RED: 4,
}

CASING = "#1f2328"


class MatchLevel(StrEnum):
    """How precisely a record was placed (定位级别), from best to worst."""

    POINT = "point"
    DOOR = "door"
    ROAD = "road"
    VILLAGE = "village"
    TOWN = "town"
    NONE = "none"


MATCH_LEVELS: dict[MatchLevel, Text] = {
    MatchLevel.POINT: Text("坐标", "Coordinates"),
    MatchLevel.DOOR: Text("门牌", "Door number"),
    MatchLevel.ROAD: Text("道路", "Road"),
    MatchLevel.VILLAGE: Text("村(社区)", "Village or community"),
    MatchLevel.TOWN: Text("镇(街道)", "Town"),
    MatchLevel.NONE: Text("未定位", "Not placed"),
}

PLACED_LEVELS = (MatchLevel.POINT, MatchLevel.DOOR, MatchLevel.ROAD, MatchLevel.VILLAGE)
"""Levels good enough to draw; a town-level match goes to the review list."""

FLAGS: dict[str, Text] = {
    "placed_by_hand": Text("人工定位", "Placed by hand"),
    "datum_doubtful": Text("坐标系存疑，导入人已确认", "Datum in doubt, confirmed at import"),
    "pile_up_possible": Text("多家单位坐标相同", "Several units share this position"),
    "position_outside_town": Text("位置不在所填镇(街道)", "Position outside the town stated"),
    "near_duplicate": Text("疑似重复登记", "Possibly registered twice"),
    "credit_code_repeated": Text("信用代码与他人相同", "Credit code shared with another"),
    **dict.fromkeys(
        (
            *("other_province", "other_city", "other_county", "town_of_other_county"),
            *("town_unknown", "town_differs", "village_in_other_town", "village_of_other_county"),
        ),
        Text("地址与坐标不在一处", "The address is elsewhere than the position"),
    ),
}
"""What is odd about a stored record (数据标记), by the code of its finding."""

ACCIDENT_TYPES: dict[str, str] = {
    "物体打击": "Struck by object",
    "车辆伤害": "Vehicle injury",
    "机械伤害": "Machinery injury",
    "起重伤害": "Lifting injury",
    "触电": "Electric shock",
    "淹溺": "Drowning",
    "灼烫": "Burns and scalds",
    "火灾": "Fire",
    "高处坠落": "Fall from height",
    "坍塌": "Collapse",
    "冒顶片帮": "Roof fall and rib spalling",
    "透水": "Water inrush",
    "放炮": "Blasting",
    "火药爆炸": "Explosives",
    "瓦斯爆炸": "Gas explosion in a mine",
    "锅炉爆炸": "Boiler explosion",
    "容器爆炸": "Vessel explosion",
    "其他爆炸": "Other explosion",
    "中毒和窒息": "Poisoning and suffocation",
    "其他伤害": "Other injury",
}
"""The 20 types of accident (事故类别) of GB 6441-1986; the English is our translation."""


def worst(grades: list[Grade]) -> Grade:
    """The worst of some grades (就高原则); no data when there is none."""
    return max(grades, key=SEVERITY.__getitem__, default=Grade.NO_DATA)
