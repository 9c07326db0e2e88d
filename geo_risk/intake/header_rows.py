"""Rows of a grid by what they look like: titles, headers, numbering, units, footnotes, data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from geo_risk.catalogue import layers
from geo_risk.errors import Text

from .affixes import OWN_NOUNS, trimmed
from .header_words import (
    LONLAT_WORDS,
    OUTLINE_WORDS,
    X_WORDS,
    Y_WORDS,
    folded,
    normal_header,
    readings,
)

Row = Sequence[object]
LONGEST_HEADER = 40

SKIPPED = {
    "title_row": Text("标题或填报说明行，未作为数据", "A title or line of particulars, no record"),
    "repeated_header": Text("重复的表头，已跳过", "The header again, left out"),
    "numbering_row": Text("栏次编号行，已跳过", "A row that numbers the columns, left out"),
    "unit_row": Text("单位或类型说明行，已跳过", "A row of units or types, left out"),
    "example_row": Text("填写示例行，已跳过", "An example of how to fill in, left out"),
    "footnote": Text(
        "表后的注释或签名，未作为数据", "A note or signature after the table, no record"
    ),
}
"""What is said of each code of `RawTable.skipped`."""

_NUMBER = re.compile(
    r"[+-]?[\d,]*\.?\d+(?:e[+-]?\d+)?%?|[a-z]{0,4}-?\d{2,}[a-z]?|\d{4}[-/.年]\d{1,2}.*|"
    r"[\d.]+[°度].*|[\d.]+[,;\s]+[\d.]+"
)
_TITLE = re.compile(
    r"台账|台帐|清单|汇总|一览表|统计表|登记表|信息表|明细表|名册|附件|附表|^表\s*\d|填报|填表|制表|"
    r"编制|截止|截至|报送|上报单位|单位[:：]|日期[:：]|时间[:：]|\d{4}年|[:：]\s*\S"
)
_FOOTNOTE = re.compile(
    r"^\W*(?:注|备注|说明|填表说明|填报说明|注意事项|note|notes|填表人|填报人|制表人|制表|审核人|审核|"
    r"复核人?|统计人|经办人|联系人|单位负责人|负责人|主管领导|分管领导|审批|签字|盖章|填报单位|填报日期|"
    r"填表日期|日期|数据来源|资料来源|来源|source)(?:\d|[一二三])?\s*(?:\(.{0,12}\))?\s*[:：]|"
    r"^\W*(?:以下空白|以下无正文|此页无正文|本页以下空白|第\s*\d+\s*页|page\s+\d+)"
)
_UNITS = frozenset(
    (
        *("人", "名", "个", "家", "处", "座", "辆", "台", "套", "件", "次", "%", "db", "分贝"),
        *("吨", "t", "kg", "千克", "公斤", "克", "g", "mg", "升", "l", "ml", "m3", "立方米"),
        *("m", "米", "km", "公里", "千米", "cm", "mm", "m2", "平方米", "亩", "公顷"),
        *("°", "度", "℃", "°c", "元", "万元", "亿元", "mpa", "kpa", "kw", "千瓦"),
        *("年", "月", "日", "天", "小时", "h", "min", "分", "分钟", "秒", "s"),
        *("文本", "文字", "字符", "字符型", "文本型", "数字", "数值", "数值型", "整数", "小数"),
        *("日期", "日期型", "下拉", "下拉选择", "单选", "多选", "必填", "选填", "非必填", "可选"),
        *("自动生成", "text", "number", "date", "string", "integer", "float", "varchar"),
        *("required", "optional"),
    )
)
_EMPTY_MARKS = frozenset(
    ("-", "--", "---", "—", "——", "/", "\\", "*", ":--", ":-:", "---:", "…", "~")
)
_EXAMPLES = frozenset(
    (
        *("例", "例如", "示例", "样例", "举例", "范例", "填写示例", "填报示例", "填写样例"),
        *("示例行", "example", "sample", "e.g."),
    )
)
_ORDINALS = {mark: at for at, mark in enumerate("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳", 1)}
_STEMS = frozenset("甲乙丙丁戊己庚辛")


def texts(row: Row) -> list[str]:
    """The cells with content, as text without space around it."""
    return [text for cell in row if cell is not None and (text := str(cell).strip())]


def is_empty(row: Row) -> bool:
    """Whether no cell holds anything."""
    return all(cell is None or (cell.__class__ is str and not cell.strip()) for cell in row)


@cache
def _known_words() -> frozenset[str]:
    words: set[str] = {*X_WORDS, *Y_WORDS, *LONLAT_WORDS, *OUTLINE_WORDS}
    for layer in layers().values():
        for field in layer.fields:
            words |= {field.name, *field.label.values(), *field.synonyms}
    more = ("序号", "备注", "类型", "类别", "法定代表人", "风险等级", "※行号", "※row")
    return frozenset(normal_header(word) for word in (*words, *more))


@lru_cache(20_000)
def is_known(text: str) -> bool:
    """Whether some layer knows the word, in one of its readings."""
    words = _known_words()
    nouns = tuple(noun for own in OWN_NOUNS.values() for noun in own)
    return any(
        reading.word in words or any(core in words for core, _ in trimmed(reading.word, nouns))
        for reading in readings(text)
    )


def is_value(cell: object) -> bool:
    """Whether a cell is plainly data: a number, a date, a code, a pair of numbers."""
    if isinstance(cell, bool | int | float):
        return True
    return bool(_NUMBER.fullmatch(folded(str(cell)).strip()))


def known_count(row: Row) -> int:
    """How many different known words a row holds."""
    return len({text for text in texts(row) if len(text) <= LONGEST_HEADER and is_known(text)})


def is_wordy(row: Row) -> bool:
    """Whether a row holds short words only, no values: a header may look so."""
    found = texts(row)
    return bool(found) and all(
        len(text) <= LONGEST_HEADER and not is_value(cell)
        for text, cell in zip(
            found, (c for c in row if c is not None and str(c).strip()), strict=True
        )
    )


def is_title(row: Row, width: int) -> bool:
    """Whether a row above the header is a title or a line of particulars."""
    found = list(dict.fromkeys(texts(row)))
    if len(found) <= 1:
        return len(texts(row)) <= 1 or width > 2
    return any(_TITLE.search(folded(text)) for text in found)


def _ordinal(text: str) -> int | None:
    plain = text.strip()
    if plain in _ORDINALS:
        return _ORDINALS[plain]
    found = re.fullmatch(r"[(\[<]?\s*(\d{1,3})\s*[)\]>.、列栏]?", folded(plain))
    return int(found[1]) if found else None


def _is_numbering(row: Row) -> bool:
    found = [text for text in texts(row) if text not in _EMPTY_MARKS]
    rest = [text for text in found if text not in _STEMS and folded(text) not in ("栏次", "序号")]
    numbers = [_ordinal(text) for text in rest]
    if len(found) < 3 or not numbers or None in numbers:
        return False
    first = numbers[0] or 0
    return first in (0, 1, 2) and numbers == list(range(first, first + len(numbers)))


def below_header(row: Row) -> str | None:
    """The code of a row right below a header that holds no record, else None."""
    found = [folded(text).strip("() []") for text in texts(row)]
    if found and found[0].rstrip(":：") in _EXAMPLES:
        return "example_row"
    if _is_numbering(row):
        return "numbering_row"
    parts = [part for text in found for part in re.split(r"[/、]", text) if part]
    if found and all(part in _UNITS or part in _EMPTY_MARKS for part in (parts or found)):
        # One cell 人 or — alone may be a poor record; a row of units speaks of columns.
        marks = all(text in _EMPTY_MARKS or not text for text in found)
        if len(found) >= 3 or not marks:
            return "unit_row"
    return None


def is_footnote(row: Row) -> bool:
    """Whether a row's first text opens a note or a line of signatures."""
    found = texts(row)
    return bool(found) and bool(_FOOTNOTE.search(folded(found[0])))
