"""What the columns are called in tables for people, and what is written about the file."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal

from ..catalogue import ACCESS, LayerSpec
from ..errors import Text
from ..vocabulary import FLAGS, GRADES, MATCH_LEVELS
from .geojson import columns

Lang = Literal["zh", "en"]

LABELS: dict[str, Text] = {
    "id": Text("系统编号", "Id"),
    "grade": Text("风险等级", "Risk grade"),
    "score": Text("分值", "Score"),
    "profile": Text("分级方案", "Grading profile"),
    "version": Text("版本", "Version"),
    "batch": Text("导入批次", "Batch"),
    "updated_at": Text("更新时间", "Updated at"),
    "source": Text("来源文件", "Source"),
    "level": Text("定位级别", "Match level"),
    "uncertainty_m": Text("定位误差(m)", "Uncertainty (m)"),
    "flags": Text("数据标记", "Flags"),
    "lon": Text("经度", "Longitude"),
    "lat": Text("纬度", "Latitude"),
}
_WORDS: dict[str, dict[str, Text]] = {
    "grade": {str(grade): style.label for grade, style in GRADES.items()},
    "level": {str(level): words for level, words in MATCH_LEVELS.items()},
    "flags": FLAGS,
}
NOTE_SHEET = Text("说明", "Notes")


def headers(spec: LayerSpec, lang: Lang, access: Collection[str] = ACCESS) -> dict[str, str]:
    """Column name -> heading, with lon and lat; equal headings are told apart by the name."""
    names = [*columns(spec, access), "lon", "lat"]
    titles: dict[str, str] = {}
    for name in names:
        field = spec.by_name.get(name)
        label = field.label[lang] if field else LABELS[name][lang]
        unit = f"({field.unit})" if field and field.unit else ""
        title = label + unit
        titles[name] = f"{title} [{name}]" if title in titles.values() else title
    return titles


def worded(spec: LayerSpec, name: str, value: Any, lang: Lang) -> Any:
    """A stored value as people read it: grades, match levels, choices and booleans in words."""
    if value is None:
        return None
    if name in _WORDS:
        parts = str(value).split(";")
        return ";".join(
            _WORDS[name][part][lang] if part in _WORDS[name] else part for part in parts
        )
    if isinstance(value, bool):
        return {"zh": ("否", "是"), "en": ("no", "yes")}[lang][value]
    field = spec.by_name.get(name)
    if field is not None:
        for choice in field.choices:
            if choice.code == value:
                return choice.label[lang]
    return value


def notes(spec: LayerSpec, count: int, lang: Lang) -> list[tuple[str, str]]:
    """What the second sheet of a workbook says: layer, rows, coordinates, colours."""
    zh = lang == "zh"
    lines = [
        ("图层" if zh else "Layer", spec.title[lang]),
        ("行数" if zh else "Rows", str(count)),
        ("坐标" if zh else "Coordinates", "WGS84 (EPSG:4326)"),
    ]
    if spec.note[lang]:
        lines.insert(1, ("说明" if zh else "Note", spec.note[lang]))
    if spec.graded:
        lines += [
            (f"{style.mark} {style.level[lang]}", style.label[lang]) for style in GRADES.values()
        ]
    return lines
