"""A cell with a grade as a register states it: colour, word, level, number or letter.

The four grades and their colours are those of 安委办〔2016〕11 号: 重大 red, 较大 orange, 一般
yellow, 低 blue. Words that mean something else in another scale are refused: see
docs/methods/intake-cells.md.
"""

from __future__ import annotations

import re

from geo_risk.errors import Text
from geo_risk.vocabulary import GRADES, Grade

from .faults import Fault, Noted, shown
from .texts import is_blank, plain

_GREEN = "green"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORDS: dict[str, str] = {
    word: grade
    for grade, words in {
        "red": "红 重大 极其危险 red major i 一 壹 1 a",
        "orange": "橙 较大 高度危险 orange considerable ii 二 贰 2 b",
        "yellow": "黄 一般 显著危险 yellow moderate iii 三 叁 3 c",
        "blue": "蓝 低 较小 blue low minor iv 四 肆 4 d",
        _GREEN: "绿 green e 可接受 可忽略 稍有危险",
    }.items()
    for word in words.split()
}
_FILLERS = _words(
    "安全风险等级 风险等级 风险级别 风险区域 安全风险 风险点 风险 等级 级别 级 色 区域 区 的 为 "
    "属于 level grade class colour color risk zone"
)
_AMBIGUOUS = _words(
    "特别重大 特别严重 比较严重 严重 较重 一般危险 可能危险 中等 较高 较低 极高 很高 高 中 大 小 "
    "轻微 五 伍 v 5 high medium middle mid extreme severe serious"
)
_NOT_GRADED = _words("无数据 未评估 未评级 未分级 未定级 待评估 待定级 待定 不涉及 no_data") | {
    "no data"
}
_LATIN = re.compile(r"[a-z0-9]+")
_MARKS = re.compile(r"[\s()\[\]{}【】〔〕<>《》/|\\,、;:.=+_\-–—~·“”\"'*#]+")
_WHOLE = re.compile(r"([1-5])\.0+")


def _token(word: str) -> str:
    """A word as an alternative: one in Latin letters or digits stands alone."""
    return rf"(?<![a-z0-9.]){word}(?![a-z0-9]|\.[0-9])" if _LATIN.fullmatch(word) else word


def _alternatives() -> re.Pattern[str]:
    words = sorted({*_WORDS, *_FILLERS, *_AMBIGUOUS}, key=len, reverse=True)
    return re.compile("|".join(map(_token, words)))


_TOKEN = _alternatives()


def _tokens(text: str) -> list[str] | None:
    """The words of a cell in order, without fillers; None when something else is left over."""
    rest = _MARKS.sub("", _TOKEN.sub("", text))
    if rest:
        return None
    return [word for word in _TOKEN.findall(text) if word not in _FILLERS]


def _unknown(cell: object, ambiguous: bool) -> Fault:
    got = shown(cell)
    if ambiguous:
        message = Text(
            f"“{got}”对不上四级风险中的一级",
            f"“{got}” does not tell which of the four risk grades is meant",
        )
    else:
        message = Text(f"“{got}”不是风险等级", f"“{got}” is not a risk grade")
    return Fault(
        "grade_ambiguous" if ambiguous else "grade_unknown",
        message,
        Text(
            "请写 重大(红)、较大(橙)、一般(黄) 或 低(蓝)",
            "Write red (重大), orange (较大), yellow (一般) or blue (低)",
        ),
    )


def _contradiction(cell: object, grades: list[str]) -> Fault:
    levels = [GRADES[Grade(grade)].level for grade in grades]
    zh, en = (" / ".join(level[lang] for level in levels) for lang in ("zh", "en"))
    return Fault(
        "grade_contradiction",
        Text(f"“{shown(cell)}”前后矛盾：{zh}", f"“{shown(cell)}” contradicts itself: {en}"),
        Text("请只写一个等级，如 重大(红)", "Give one grade only, such as red (重大)"),
    )


def read_grade(cell: object) -> object:
    """`red`, `orange`, `yellow` or `blue`; `Noted` for green, `Fault` for what is not certain."""
    text = plain(cell).casefold()
    if is_blank(text) or text in _NOT_GRADED:
        return None
    whole = _WHOLE.fullmatch(text)
    tokens = _tokens(whole[1] if whole else text) if len(text) <= 60 else None
    if not tokens:
        return _unknown(cell, False)
    if any(word in _AMBIGUOUS for word in tokens):
        return _unknown(cell, True)
    found = list(dict.fromkeys(_WORDS[word] for word in tokens))
    grades = list(dict.fromkeys("blue" if grade == _GREEN else grade for grade in found))
    if len(grades) > 1:
        return _contradiction(cell, grades)
    if _GREEN not in found:
        return grades[0]
    return Noted(
        "blue",
        "grade_green_as_blue",
        Text(
            f"“{shown(cell)}”已读作蓝色(低风险)：四色图没有绿色",
            f"“{shown(cell)}” is read as blue (low): the four-colour map has no green",
        ),
        Text("请核对；建议改写为 低(蓝)", "Check it; better write blue (低)"),
    )
