"""The sentences of the assessment's page, in Chinese and English."""

from __future__ import annotations

from ..errors import Text

CHAPTERS: dict[str, Text] = {
    "head": Text("总体情况", "Overview"),
    "maps": Text("地图", "Maps"),
    "groups": Text("分类统计", "By town, industry and kind"),
    "worst": Text("各类最重的十个", "The ten worst of each"),
    "change": Text("变化", "Change"),
    "method": Text("方法与局限", "Method and limits"),
}

PAGE: dict[str, Text] = {
    "title": Text("安全风险评估报告", "safety risk assessment"),
    "kicker": Text("城市安全风险评估", "City safety risk assessment"),
    "contents": Text("目录", "Contents"),
    "data_at": Text("数据时点", "Data as of"),
    "made_at": Text("生成时间", "Made"),
    "last_batch": Text("最近批次", "Last batch"),
    "since": Text("对比时点", "Compared with"),
    "before_batch": Text("批次 {batch} 之前，{at}", "before batch {batch}, {at}"),
    "origins": Text("数据来源：", "Sources: "),
    "internal": Text(
        "本报告列出单位名称和位置，仅供内部使用。",
        "This report names units and where they are: for internal use.",
    ),
    "graded_of": Text(
        "风险点和危险源共 {m} 个，已分级 {n} 个；无数据单列，不算低风险。",
        "{n} of {m} risk points and hazard sources are graded; no data is a class of its own, "
        "not low risk.",
    ),
    "n_of_m": Text("已分级 {n}/{m}", "{n} of {m} graded"),
    "of_all": Text("共 {m} 条", "of {m}"),
    "city_grade": Text("全市最高等级", "Worst grade in the city"),
    "by_worst": Text("就高", "highest"),
    "city_index": Text("全市风险指数", "Risk index of the city"),
    "enterprises": Text("企业", "Enterprises"),
    "dangers": Text("未销号隐患", "Hidden dangers not closed"),
    "overdue": Text("其中逾期未改", "Of these past the deadline"),
    "major_open": Text("未销号重大隐患 {n}", "{n} major not closed"),
    "checks": Text("逾期未检查", "Checks overdue"),
    "never": Text("从未检查 {n}", "{n} never checked"),
    "stated_lower": Text("申报低于计算等级", "Declared below the computed grade"),
    "stated_higher": Text("申报偏高 {n}", "{n} declared above"),
    "waiting": Text("待定位的行", "Rows waiting for a place"),
    "not_counted": Text("不在统计内", "not counted"),
    "no_map": Text(
        "没有带边界的城市或镇(街道)，不能绘图。",
        "Neither the city nor its towns have an outline: there is nothing to draw.",
    ),
    "town_map": Text(
        "各镇(街道)风险指数与重大、较大风险",
        "Risk index by town, with major and considerable risks",
    ),
    "grid_map": Text(
        "{side} 米网格：每格最高等级", "Grid of {side} m: the worst grade in each cell"
    ),
    "grid_note": Text(
        "有对象的网格 {n} 个；没有对象的不着色。",
        "{n} cells hold something; cells that hold nothing are not coloured.",
    ),
    "marks_note": Text(
        "数字是最重的十个风险点，字母是最重的十个危险源，见“各类最重的十个”；重叠的标记只画最重的一个，"
        "画出 {n}/{m} 个。",
        "Figures are the ten worst risk points, letters the ten worst hazard sources; "
        "of marks that cover each other the worst is drawn: {n} of {m}.",
    ),
    "coarse": Text(
        "重大危险源的位置只表示到约 1 km。", "Hazard sources are drawn to about 1 km only."
    ),
    "undrawn": Text("另有 {n} 个没有位置。", "{n} more have no position."),
    "projection": Text("投影 EPSG:{epsg}，正北为坐标北", "Projection EPSG:{epsg}, grid north"),
    "approximate": Text(
        "镇(街道)界为近似，非法定界线", "Town boundaries are approximate, not legal"
    ),
    "town_fill": Text("镇(街道)颜色，按指数 I：", "Colour of towns by index I:"),
    "absolute": Text("：各等级个数", ": number of each grade"),
    "then": Text("当时", "Then"),
    "now": Text("现在", "Now"),
    "compared": Text("与 {since} 的状态对比。", "Compared with what stood at {since}."),
    "compared_batch": Text(
        "这是批次 {batch} 写入前的状态。", " That is the state before batch {batch} was written."
    ),
}
