"""A cell that cannot be taken in: the sentences, each with what came and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from geo_risk.errors import Text

from .invisible import one_line


@dataclass(frozen=True)
class Fault:
    """Why a cell is refused; becomes a rejecting `Finding` with its row and field."""

    code: str
    message: Text
    fix: Text
    field: str = ""


@dataclass(frozen=True)
class Noted:
    """A value that was read from a form worth a word; becomes a `Finding` that is noted."""

    value: object
    code: str
    message: Text
    fix: Text


def shown(value: object) -> str:
    """A cell as quoted in a message: short, on one line."""
    try:
        text = str(value)
    except ValueError:  # an integer of more than 4,300 digits
        text = "…"
    got = one_line(text[:500])
    return got if len(got) <= 60 else got[:57] + "…"


def invalid(value: object, zh: str, en: str, fix_zh: str, fix_en: str) -> Fault:
    """The fault `value_invalid`, quoting the cell."""
    got = shown(value)
    return Fault("value_invalid", Text(f"“{got}”{zh}", f"“{got}” {en}"), Text(fix_zh, fix_en))


def scientific(value: object) -> Fault:
    """The fault `id_scientific`: a code that a spreadsheet took for a number."""
    got = shown(value)
    return Fault(
        "id_scientific",
        Text(
            f"“{got}”是科学计数法，原来的代码已丢失",
            f"“{got}” is in scientific notation: the code itself is lost",
        ),
        Text(
            "Excel 把代码变成了数字，请把该列设为文本后重新填写",
            "Excel made the code a number: make the column text and write the code again",
        ),
    )


def missing(label: Text) -> Fault:
    """The fault `required_missing`."""
    return Fault(
        "required_missing",
        Text(f"必填项“{label['zh']}”为空", f"The required {label['en']!r} is empty"),
        Text(
            f"请填写{label['zh']}后重新导入此行", f"Fill in {label['en']} and import the row again"
        ),
    )


def both_missing(label: Text, other: Text) -> Fault:
    """The fault `required_missing` of a field for which another may stand."""
    return Fault(
        "required_missing",
        Text(
            f"“{label['zh']}”和“{other['zh']}”都为空",
            f"{label['en']!r} and {other['en']!r} are both empty",
        ),
        Text(
            f"请填写{label['zh']}，至少填写{other['zh']}，再重新导入此行",
            f"Fill in {label['en']}, or at least {other['en']}, and import the row again",
        ),
    )


def order_mended(cell: object, x: float, y: float) -> Noted:
    """The note `coordinate_order_mended`: one cell had latitude before longitude."""
    return Noted(
        (x, y),
        "coordinate_order_mended",
        Text(
            f"“{shown(cell)}”纬度在前，已读作经度 {x:.9g}、纬度 {y:.9g}",
            f"“{shown(cell)}” has latitude first, read as longitude {x:.9g}, latitude {y:.9g}",
        ),
        Text("请核对；经度应写在前面", "Check it; longitude comes first"),
    )


def _both(x: object, y: object) -> str:
    return f"{shown('' if x is None else x)}, {shown('' if y is None else y)}"


def half_coordinate(x: object, y: object, lacking: str) -> Fault:
    """The fault `coordinate_half`: one of the two cells is empty; `lacking` is `x` or `y`."""
    name = Text("经度(X)", "longitude (x)") if lacking == "x" else Text("纬度(Y)", "latitude (y)")
    return Fault(
        "coordinate_half",
        Text(
            f"坐标“{_both(x, y)}”只填了一半，缺{name['zh']}",
            f"Only half of the coordinates “{_both(x, y)}” is there: {name['en']} is lacking",
        ),
        Text(
            f"请补填{name['zh']}；没有坐标时两格都留空",
            f"Fill in {name['en']}, or leave both empty",
        ),
        lacking,
    )


def coordinate(x: object, y: object) -> Fault:
    """The fault `coordinate_invalid` of two cells."""
    got = _both(x, y)
    return Fault(
        "coordinate_invalid",
        Text(f"坐标“{got}”无法读取", f"The coordinates “{got}” cannot be read"),
        Text(
            "经纬度请同时填写数字，如 118.6478、24.7318；没有坐标时两格都留空",
            "Give both as numbers, such as 118.6478 and 24.7318, or leave both empty",
        ),
    )


def coordinate_pair(cell: object) -> Fault:
    """The fault `coordinate_invalid` of one cell that should hold both."""
    return Fault(
        "coordinate_invalid",
        Text(
            f"坐标“{shown(cell)}”无法读出经度和纬度",
            f"No longitude and latitude can be read from “{shown(cell)}”",
        ),
        Text(
            "请写作 118.6478,24.7318（经度在前）；没有坐标时留空",
            "Write 118.6478,24.7318 (longitude first), or leave the cell empty",
        ),
        "lonlat",
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


def outline_missing() -> Fault:
    """A row without the outline that its layer is about."""
    return Fault(
        "outline_missing",
        Text("没有轮廓", "There is no outline"),
        Text(
            "从 GIS 导出多边形，或填写“边界坐标”列；点位不代替轮廓",
            "Export polygons from your GIS or fill the column outline; a point is no outline",
        ),
        "geometry",
    )
