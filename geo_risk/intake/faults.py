"""A cell that cannot be taken in: the sentences, each with what came and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from geo_risk.errors import Text


@dataclass(frozen=True)
class Fault:
    """Why a cell is refused; becomes a rejecting `Finding` with its row and field."""

    code: str
    message: Text
    fix: Text
    field: str = ""


def shown(value: object) -> str:
    """A cell as quoted in a message: short, on one line."""
    text = " ".join(str(value).split())
    return text if len(text) <= 60 else text[:57] + "…"


def invalid(value: object, zh: str, en: str, fix_zh: str, fix_en: str) -> Fault:
    """The fault `value_invalid`, quoting the cell."""
    got = shown(value)
    return Fault("value_invalid", Text(f"“{got}”{zh}", f"“{got}” {en}"), Text(fix_zh, fix_en))


def missing(label: Text) -> Fault:
    """The fault `required_missing`."""
    return Fault(
        "required_missing",
        Text(f"必填项“{label['zh']}”为空", f"The required {label['en']!r} is empty"),
        Text(
            f"请填写{label['zh']}后重新导入此行", f"Fill in {label['en']} and import the row again"
        ),
    )


def coordinate(x: object, y: object) -> Fault:
    """The fault `coordinate_invalid`."""
    got = f"{shown('' if x is None else x)}, {shown('' if y is None else y)}"
    return Fault(
        "coordinate_invalid",
        Text(f"坐标“{got}”无法读取", f"The coordinates “{got}” cannot be read"),
        Text(
            "经纬度请同时填写数字，如 118.6478、24.7318；没有坐标时两格都留空",
            "Give both as numbers, such as 118.6478 and 24.7318, or leave both empty",
        ),
    )


def geometry(zh: str, en: str, code: str = "geometry_invalid") -> Fault:
    """A geometry that cannot be used."""
    return Fault(
        code,
        Text(zh, en),
        Text(
            "请在 GIS 软件中修正该要素后重新导出", "Mend the feature in your GIS and export again"
        ),
        "geometry",
    )
