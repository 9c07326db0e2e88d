"""Words around a header's core that change nothing: 企业详细地址 is 地址, 负责人姓名 is 负责人."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

OWN_NOUNS: dict[str, tuple[str, ...]] = {
    "enterprises": ("企业", "公司", "单位", "工厂", "商户", "店铺", "经营", "主体"),
    "risk_points": ("风险", "危险源", "设备", "设施", "场所"),
    "hazard_sources": ("危险源", "重大危险"),
    "hidden_dangers": ("隐患", "问题"),
    "cameras": ("监控", "摄像", "点位", "视频", "设备", "国标", "通道", "camera", "device"),
    "facilities": ("设施", "队伍", "仓库", "物资库", "避难", "场所", "站点", "储备"),
    "targets": ("目标", "学校", "场所"),
}
"""What a layer's registers call their things; such a word goes before a general one, and another
layer's things are no name or code of this one's."""


def is_others(word: str, layer_id: str) -> bool:
    """Whether a word speaks of another layer's things: 隐患描述 is no enterprise's name."""
    own = OWN_NOUNS.get(layer_id)
    if own is None or any(noun in word for noun in own):
        return False
    return any(noun in word for nouns in OWN_NOUNS.values() for noun in nouns)


_HOLDERS = ("企业", "单位", "公司", "厂区", "项目", "场所", "本", "该")
_THINGS = (
    *("风险点", "风险源", "风险单元", "风险", "重大危险源", "危险源", "隐患", "问题", "点位"),
    *("监控点位", "监控点", "监控", "摄像机", "摄像头", "摄像", "设备", "设施", "应急设施", "仓库"),
    *(
        "物资库",
        "应急物资库",
        "储备库",
        "避难场所",
        "队伍",
        "救援队伍",
        "站点",
        "目标",
        "学校",
        "安装",
    ),
)
_WHERE = ("所在", "所属", "属地", "辖区", "管辖", "隶属")
_SITE = (
    "中心",
    "中心点",
    "位置",
    "坐标",
    "地理",
    "地图",
    "定位",
    "大门",
    "正门",
    "入口",
    "门口",
    "百度",
    "空间",
)
_DUTY = (
    *(
        "主要",
        "安全",
        "安全生产",
        "安全管理",
        "管控",
        "现场",
        "日常",
        "整改",
        "排查",
        "直接",
        "第一",
    ),
    *("管理", "部门", "岗位", "应急", "法人"),
)
_PEOPLE = (
    *(
        "负责人",
        "主要负责人",
        "安全负责人",
        "联系人",
        "责任人",
        "管控责任人",
        "整改责任人",
        "安全员",
    ),
    *(
        "安全管理人员",
        "管理员",
        "值班",
        "办公",
        "固定",
        "移动",
        "手机",
        "紧急",
        "应急",
        "企业负责人",
    ),
)
_STATED = ("实际", "现", "现有", "具体", "详细", "主要", "总", "当前", "完整", "标准")
_WORK = ("生产", "经营", "生产经营", "作业", "办公")
_LEC = (
    "风险",
    "辨识",
    "风险辨识",
    "评价",
    "评估",
    "风险评价",
    "风险评估",
    "lec",
    "lec法",
    "事故",
    "发生",
    "指标",
)

_BEFORE: dict[str, tuple[str, ...]] = {
    "name": (*_HOLDERS, *_THINGS, *_STATED, "被检查", "受检", "检查", "被监管", "监管"),
    "code": _THINGS,
    "address": (*_HOLDERS, *_THINGS, *_WHERE, *_STATED, *_WORK),
    "town": (*_HOLDERS, *_WHERE),
    "village": (*_HOLDERS, *_WHERE),
    "people": (*_HOLDERS, *_STATED, "在册", "在岗"),
    "responsible": (*_HOLDERS, *_THINGS, *_DUTY),
    "phone": (*_HOLDERS, *_THINGS, *_PEOPLE, *_DUTY),
    "department": (*_WHERE, "行业", "直接", "安全", "政府", "属地"),
    "credit_code": (*_HOLDERS, "营业执照"),
    "enterprise_id": _THINGS,
    "l": (*_LEC, "l"),
    "e": (*_LEC, "e"),
    "c": (*_LEC, "c"),
    "measures": (*_THINGS, *_STATED, "现有", "采取", "采取的", "应采取"),
    "industry": (*_HOLDERS, *_WHERE, "主要"),
    "processes": (*_HOLDERS, *_STATED, "涉及", "产品", "涉及的"),
    "hazardous_substances": (*_HOLDERS, *_STATED, "涉及"),
    "capacity": (*_THINGS, *_STATED, "设计", "最大"),
    "heading_deg": (*_THINGS, "镜头"),
    "field_of_view_deg": (*_THINGS, "镜头"),
    "range_m": (*_THINGS, "镜头", "有效", "最大"),
    "accident_type": (*_THINGS, "主要"),
    "control_level": (*_THINGS,),
    "severity": (),
    "state": ("隐患", "当前", "目前", "现", "最新"),
    "deadline": ("隐患", "问题", "本次"),
    "found_on": ("隐患", "问题", "本次"),
    "closed_on": ("隐患", "问题", "本次"),
    "supervisor": ("隐患",),
    "x": (*_HOLDERS, *_THINGS, *_SITE, *_WHERE),
    "y": (*_HOLDERS, *_THINGS, *_SITE, *_WHERE),
    "lonlat": (*_HOLDERS, *_THINGS, *_SITE, *_WHERE),
    "outline": (*_HOLDERS, *_THINGS, *_SITE, "用地", "占地"),
}
_AFTER: dict[str, tuple[str, ...]] = {
    "name": ("全称",),
    "credit_code": ("证号", "号码", "号"),
    "people": ("数", "数量", "总数"),
    "town": ("名称", "名"),
    "village": ("名称", "名", "委会"),
    "department": ("名称",),
    "industry": ("名称",),
    "responsible": ("姓名",),
    "phone": ("号码", "号"),
    "l": ("值", "分值", "分数", "取值", "得分", "评分", "l"),
    "e": ("值", "分值", "分数", "取值", "得分", "评分", "e"),
    "c": ("值", "分值", "分数", "取值", "得分", "评分", "c"),
    "x": ("坐标", "值", "度", "数值", "e"),
    "y": ("坐标", "值", "度", "数值", "n"),
    "processes": ("名称",),
    "hazardous_substances": ("名称",),
}
_LINKS = ("的", "之")
_DEPTH = 3


def _peeled(word: str, before: Sequence[str], after: Sequence[str], depth: int) -> Iterator[str]:
    if depth == 0 or not word:
        return
    shorter = [word[len(part) :] for part in before if word.startswith(part)]
    shorter += [word[: -len(part)] for part in after if word.endswith(part)]
    shorter += [word[1:] for link in _LINKS if word.startswith(link)]
    for core in shorter:
        if core:
            yield core
            yield from _peeled(core, before, after, depth - 1)


def trimmed(word: str, nouns: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Cores of a word with the target for which what is around them says nothing new."""
    for target, before in _BEFORE.items():
        own = nouns if target in ("name", "code", "address") else ()
        for core in _peeled(word, (*before, *own), _AFTER.get(target, ()), _DEPTH):
            yield core, target
