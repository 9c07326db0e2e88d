"""The ways clerks write the names of provinces, counties, towns and villages."""

from __future__ import annotations

import re

from .normalisation import normalise

PROVINCES = {
    "11": "北京市", "12": "天津市", "13": "河北省", "14": "山西省", "15": "内蒙古自治区",
    "21": "辽宁省", "22": "吉林省", "23": "黑龙江省", "31": "上海市", "32": "江苏省",
    "33": "浙江省", "34": "安徽省", "35": "福建省", "36": "江西省", "37": "山东省",
    "41": "河南省", "42": "湖北省", "43": "湖南省", "44": "广东省", "45": "广西壮族自治区",
    "46": "海南省", "50": "重庆市", "51": "四川省", "52": "贵州省", "53": "云南省",
    "54": "西藏自治区", "61": "陕西省", "62": "甘肃省", "63": "青海省", "64": "宁夏回族自治区",
    "65": "新疆维吾尔自治区", "71": "台湾省", "81": "香港特别行政区", "82": "澳门特别行政区",
}  # fmt: skip
"""GB/T 2260 province codes and names."""

_PEOPLES = "壮族|回族|维吾尔|畲族|土家族|苗族|满族|蒙古族|朝鲜族|藏族|侗族|瑶族|彝族"
_PROVINCE_TAIL = re.compile(rf"(?:{_PEOPLES})*(?:特别行政区|自治区|省|市)$")
_TOWN_TAIL = re.compile(r"(街道办事处|街道办|办事处|街道|镇人民政府|镇政府|镇|乡)$")
_VILLAGE_TAIL = re.compile(
    r"(社区居民委员会|社区居委会|居民委员会|居委会|社区|村民委员会|村委会|村)$"
)
_PEOPLE_TAIL = re.compile(rf"(?:{_PEOPLES})$")
_ORDINAL = re.compile(r"第?([一二三四五六七八九])$")
_VILLAGE_WRITTEN = ("村", "村委会", "村民委员会")
_COMMUNITY_WRITTEN = ("社区", "社区居委会", "社区居民委员会", "居委会", "居民委员会")
_STREET_WRITTEN = ("街道", "街道办事处", "街道办", "办事处")
_TOWN_WRITTEN = ("镇", "镇政府", "镇人民政府", "乡")

Forms = dict[str, int]
"""A written form and its rank: 0 as registered, 1 with another suffix, 2 without any."""


def division_forms(name: str) -> Forms:
    """A province, city or county: with and without 省, 市, 县, 区."""
    full = normalise(name)
    short = _PROVINCE_TAIL.sub("", full)
    if short == full:
        short = re.sub(r"[县区]$", "", full)
    forms = {full: 0}
    if len(short) >= 2:
        forms.setdefault(short, 2)
    return forms


def town_stem(name: str) -> str:
    """`永宁` of 永宁镇."""
    return _TOWN_TAIL.sub("", normalise(name))


def town_forms(name: str, county: str) -> Forms:
    """A town or street: its own suffix, the usual variants, and none; zones also shortened."""
    full = normalise(name)
    stem = town_stem(name)
    if stem == full:
        forms = {full: 0}
        short = full.replace("高新技术产业开发区", "高新区").replace("经济开发区", "开发区")
        for form in (full, short):
            bare = form.removeprefix(next(iter(division_forms(county)), "")).removeprefix(
                re.sub(r"[市县区]$", "", normalise(county)) or " "
            )
            for written in (form, bare):
                if len(written) >= 3 and written not in ("开发区", "经济开发区"):
                    forms.setdefault(written, 1)
        return forms
    street = full.endswith(("街道", "办事处"))
    own, other = (_STREET_WRITTEN, _TOWN_WRITTEN) if street else (_TOWN_WRITTEN, _STREET_WRITTEN)
    forms = {stem + suffix: 0 for suffix in own}
    forms |= {stem + suffix: 1 for suffix in other[:1]}
    forms[full] = 0
    if len(stem) >= 2:
        forms.setdefault(stem, 2)
    return forms


def village_forms(name: str, town: str) -> tuple[Forms, Forms]:
    """A village: its forms anywhere, and those that only mean it after its town.

    郭坑回族村委会 is also 郭坑村; 永宁第一社区居委会 is also 永宁一社区, and 第一社区 in 永宁镇.
    """
    full = normalise(name)
    tail = _VILLAGE_TAIL.search(full)
    community = tail is not None and tail[0][0] in "社居"
    stems = _village_stems(full[: tail.start()] if tail else full)
    local = {
        rest
        for stem in stems
        if (rest := stem.removeprefix(town_stem(town))) != stem and _ORDINAL.fullmatch(rest)
    }
    forms = _written(stems, community)
    forms[full] = 0
    in_town = {form: rank for form, rank in _written(local, community).items() if rank < 2}
    return forms, in_town


def division_stem(kind: str, name: str) -> str:
    """What two editions of a division's name share: 永宁第一社区居委会 is 永宁一.

    Without the kind's suffix, the name of a people (郭坑回族村) and 第; digits in Chinese.
    """
    full = normalise(name)
    if kind == "town":
        return town_stem(full)
    if kind != "village":
        return min(division_forms(full), key=len)
    tail = _VILLAGE_TAIL.search(full)
    stem = full[: tail.start()] if tail else full
    bare = _PEOPLE_TAIL.sub("", stem)
    stem = bare if len(bare) >= 2 else stem
    ordinal = re.search(r"第?([一二三四五六七八九1-9])$", stem)
    if ordinal is None:
        return stem
    digit = ordinal[1] if ordinal[1] > "9" else "零一二三四五六七八九"[int(ordinal[1])]
    return stem[: ordinal.start()] + digit


def _village_stems(stem: str) -> set[str]:
    stems = {stem}
    without_people = _PEOPLE_TAIL.sub("", stem)
    if len(without_people) >= 2:
        stems.add(without_people)
    for one in list(stems):
        ordinal = _ORDINAL.search(one)
        if ordinal:
            head, digit = one[: ordinal.start()], ordinal[1]
            arabic = str("零一二三四五六七八九".index(digit))
            stems |= {head + o for o in (digit, "第" + digit, arabic, "第" + arabic)}
    return stems


def _written(stems: set[str], community: bool) -> Forms:
    own = _COMMUNITY_WRITTEN if community else _VILLAGE_WRITTEN
    other = _VILLAGE_WRITTEN if community else _COMMUNITY_WRITTEN
    forms: Forms = {}
    for stem in stems:
        forms |= {stem + suffix: 0 for suffix in own}
        for suffix in other:
            forms.setdefault(stem + suffix, 1)
        if len(stem) >= 2:
            forms.setdefault(stem, 2)
    return forms


def is_virtual(name: str) -> bool:
    """A 虚拟社区: a code without ground, in which nothing can lie."""
    return "虚拟社区" in normalise(name)


def is_zone(town_code: str) -> bool:
    """A development zone (codes from 400): it overlaps the towns it lies in."""
    return len(town_code) == 9 and town_code[6:] >= "400"
