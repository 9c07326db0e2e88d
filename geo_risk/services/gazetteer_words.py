"""The headers and kinds that gazetteer files use, and how one row becomes a place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from geo_risk.geocoding import Place, normalise
from geo_risk.geocoding.model import CODE_DIGITS, Kind, cut_code
from geo_risk.geocoding.names import PROVINCES
from geo_risk.intake.header_words import X_WORDS, Y_WORDS, normal_header

ROLES: dict[str, tuple[str, ...]] = {
    "code": (
        *("code", "代码", "编码", "编号", "区划代码", "行政区划代码", "统计用区划代码", "地名代码"),
        *("geonameid", "adcode", "id"),
    ),
    "name": (
        *("name", "名称", "标准名称", "地名", "村名", "镇名", "村居名称", "单位名称"),
        *("地点名称", "poi名称"),
    ),
    "name_zh": ("zh", "name_zh", "name:zh", "中文名", "中文名称"),
    "kind": ("kind", "level", "type", "类型", "类别", "级别", "层级", "地名类别", "要素类型"),
    "parent": (
        *("parent", "上级", "上级代码", "父级代码", "所属代码", "parent_code", "streetcode"),
        *("areacode", "citycode", "provincecode"),
    ),
    "town": ("town", "所属镇", "镇", "镇街", "街道", "乡镇", "所属乡镇", "所属镇街", "乡镇街道"),
    "village": ("village", "所属村", "村", "社区", "村居", "村社区", "所属社区", "community"),
    "road": ("road", "道路", "路名", "道路名称", "街路巷", "street", "addr:street"),
    "number": ("number", "门牌号", "门牌", "号码", "housenumber", "addr:housenumber"),
    "address": ("address", "地址", "详细地址", "addr", "位置"),
    "radius": ("radius_m", "radius", "半径", "范围半径"),
    "x": X_WORDS,
    "y": Y_WORDS,
}
"""Words of each column, the surest first."""
_KINDS: dict[Kind, str] = {
    "province": "province 省 省级 省份 1",
    "city": "city 市 市级 地级市 地市 2",
    "county": "county district 县 区 区县 县区 县级 县市区 3",
    "town": "town township street 镇 乡 街道 镇街 乡镇 乡镇街道 乡级 4",
    "village": "village community 村 社区 村居 村社区 居委会 村委会 村级 5",
    "road": "road street_line 道路 路 街 巷 街路巷 街巷",
    "door": "door housenumber address 门牌 门牌号 门址 标准地址",
    "poi": "poi place building 兴趣点 地名 地点 单位 建筑物 小区",
}
KIND_WORDS: dict[str, Kind] = {w: kind for kind, text in _KINDS.items() for w in text.split()}
_TAILS = {
    "province": ("省", "市", "自治区", "特别行政区"),
    "city": ("市", "州", "地区", "盟"),
    "county": ("市", "县", "区", "旗"),
    "town": ("镇", "乡", "街道", "办事处", "区", "园", "场"),
    "village": ("村", "社区", "委会", "居委", "区", "场", "会"),
}
_DATUM_TAIL = re.compile(r"[_\s(（-]*(wgs84|cgcs2000|gcj02|bd09)[)）]?$")
_CODE = re.compile(r"[0-9]{2}(?:[0-9]{2}){0,2}|[0-9]{9}|[0-9]{12}")


def roles_of(columns: Sequence[str]) -> dict[str, int]:
    """Which column plays which role: each role takes its surest word, each column one role."""
    names = [_DATUM_TAIL.sub("", normal_header(column)) for column in columns]
    offers = sorted(
        (rank, order, role, names.index(word))
        for order, (role, synonyms) in enumerate(ROLES.items())
        for rank, word in enumerate(map(normal_header, synonyms))
        if word in names
    )
    taken: dict[str, int] = {}
    for _, _, role, at in offers:
        if role not in taken and at not in taken.values():
            taken[role] = at
    if not {"x", "y"} <= taken.keys():
        taken = {role: at for role, at in taken.items() if role not in ("x", "y")}
    return taken


def text_of(cell: object) -> str:
    """A cell as text on one line; a whole number has no point."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return " ".join(str(cell).split())


def metres(text: str) -> float | None:
    """A radius in metres, None where there is no sensible one."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 < value < 100_000 else None


def kind_of(texts: Mapping[str, str]) -> str:
    """The kind of a row: as stated, else by its code and name, its road and number."""
    stated = KIND_WORDS.get(normalise(texts.get("kind", "")).casefold())
    if stated:
        return stated
    kind = _kind_of_code(texts.get("code", ""))
    if kind and normalise(texts.get("name", "")).endswith(_TAILS[kind]):
        return kind
    if texts.get("number"):
        return "door"
    return "road" if texts.get("road") and not texts.get("name") else "poi"


def is_code(kind: str, code: str) -> bool:
    """Whether a text is a division code of this kind, longer ones padded with zeros."""
    cut = cut_code(kind, code)
    rest = code[len(cut) :]
    known = bool(_CODE.fullmatch(cut)) and cut[:2] in PROVINCES and len(cut) == CODE_DIGITS[kind]
    return known and not rest.strip("0")


def division(
    kind: str, texts: Mapping[str, str], at: tuple[float | None, float | None, float | None]
) -> Place:
    """The place of a division's row; its parent follows from its code."""
    code = cut_code(kind, texts["code"])
    above = {"city": 2, "county": 4, "town": 6, "village": 9}.get(kind, 0)
    return Place(code, texts["name"], kind, code[:above], *at)  # type: ignore[arg-type]


def _kind_of_code(code: str) -> Kind | None:
    if not _CODE.fullmatch(code) or code[:2] not in PROVINCES:
        return None
    kinds: tuple[Kind, ...] = ("province", "city", "county", "town", "village")
    return next((kind for kind in kinds if is_code(kind, code)), None)
