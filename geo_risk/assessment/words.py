"""The words of an assessment, in Chinese and English, once for page and workbook."""

from __future__ import annotations

from ..errors import Text
from .model import MoveKind

WORDS: dict[str, Text] = {
    "title": Text("城市安全风险评估报告", "City safety risk assessment"),
    "comma": Text("、", ", "),
    "all": Text("合计", "All"),
    "none": Text("没有", "None"),
    "share": Text("构成", "Shares"),
    "graded_of": Text("已分级/总数", "Graded of all"),
    "graded": Text("已分级", "Graded"),
    "total": Text("总数", "All"),
    "worst": Text("最高", "Worst"),
    "index": Text("指数", "Index"),
    "layer": Text("图层", "Layer"),
    "layers": Text("数据与分级方案", "Data and grading profiles"),
    "layers_note": Text(
        "参与汇总的图层；括号内为采用该方案的条数。",
        "The layers that are counted; in brackets how many were graded by a profile.",
    ),
    "judged": Text("直接判定的企业", "Enterprises judged directly"),
    "sentence_comma": Text("；", "; "),
    "methods": Text("各镇(街道)：几种汇总方法并列", "Towns: the ways to roll up side by side"),
    "methods_note": Text(
        "数值后的小字是名次；等级以最高等级（就高）为准，其他只供比较。",
        "The small figure is the rank. The grade is the highest; the others only compare. ",
    ),
    "profile_used": Text("分级方案（条数）", "Profile (items)"),
    "number": Text("序", "No."),
    "name": Text("名称", "Name"),
    "grade": Text("等级", "Grade"),
    "unit": Text("企业", "Enterprise"),
    "where": Text("位置", "Where"),
    "reason": Text("主要依据", "Main reason"),
    "town": Text("镇(街道)", "Town"),
    "department": Text("监管部门", "Department"),
    "checks_by_town": Text("逾期检查：按镇(街道)", "Overdue checks by town"),
    "checks_by_department": Text("逾期检查：按监管部门", "Overdue checks by department"),
    "checks_note": Text(
        "按管控台账：上次检查加检查周期早于生成之日为逾期，各等级列为逾期数；从未检查的另列。",
        "By the control ledger: overdue where last check plus interval lies before the day made; "
        "the columns of grades count those. Items never checked stand apart.",
    ),
    "overdue": Text("逾期", "Overdue"),
    "never_checked": Text("从未检查", "Never checked"),
    "ranked_of": Text(
        "已分级 {of} 个中的前 {n} 个。排序：", "The first {n} of {of} graded. Order: "
    ),
    "nothing_graded": Text("没有已分级的对象。", "Nothing here is graded."),
    "then": Text("当时", "Then"),
    "now": Text("现在", "Now"),
    "difference": Text("增减", "Difference"),
    "change_by_grade": Text("各等级增减", "Counts per grade"),
    "change_note": Text(
        "两个时点都按库中保存的历史统计；等级是当时保存的等级，不按今天的方案重算。",
        "Both moments are counted from the store's history; grades are those stored then, not "
        "computed again by today's profile.",
    ),
    "change_by_kind": Text("变化的种类", "Kinds of change"),
    "kind_of_change": Text("变化", "Change"),
    "items": Text("个数", "Items"),
    "change_by_town": Text("各镇(街道)增减", "By town"),
    "change_by_town_note": Text(
        "条为各等级构成；± 列为个数增减。按条目当前（已移除的按当时）所在镇(街道)。",
        "Bars are the shares of each grade; ± columns are differences in number. "
        "By the town an item stood in at each moment.",
    ),
    "changed_items": Text("变化清单", "Items that changed"),
    "moved_all": Text("共 {n} 个，全部列出。", "All {n} are listed."),
    "moved_cut": Text(
        "共 {n} 个，列出最重的 {listed} 个。", "{n} in all; the gravest {listed} are listed."
    ),
    "no_change": Text("没有变化。", "Nothing changed."),
    "compared_line": Text("与 {since} 相比：", "Compared with {since}: "),
    "none_changed": Text("没有变化", "nothing changed"),
    "profile_changed": Text("方案 {then} → {now}", "profile {then} → {now}"),
    "rules_changed": Text("直接判定规则 {then} → {now}", "direct rules {then} → {now}"),
    "policy_changed": Text(
        "{layer}：{what}，涉及 {n} 个；因此而变的等级单列为“方案或规则改变”，不算升级或降级。",
        "{layer}: {what}, {n} items; grades that changed by it are counted as “profile or rules "
        "changed”, not as up or down.",
    ),
    "history_begins": Text(
        "库中的历史从 {at} 开始：对比时点在此之前，当时库中什么也没有，所以全部算新增。",
        "The history of this store begins at {at}: nothing was stored at the moment compared "
        "with, which is why everything is new.",
    ),
    "id": Text("编号", "Id"),
    "from_to": Text("等级变化", "From → to"),
    "what_changed": Text("依据的变化", "What changed in the reasons"),
    "profiles": Text("所用分级方案与分界值", "Profiles in use and their limits"),
    "profiles_note": Text(
        "分界值来自 data/reference，每行附出处；未核对原文的方案如实标明。",
        "The limits come from data/reference, each with its source; profiles that were not "
        "checked against it say so.",
    ),
    "profile": Text("方案", "Profile"),
    "method": Text("方法", "Method"),
    "used_by": Text("采用条数", "Items"),
    "limits": Text("分界值", "Limits"),
    "clause": Text("出处", "Source"),
    "checked": Text("核对", "Checked"),
    "verified": Text("已核对", "verified"),
    "unverified": Text("未核对原文", "not verified"),
    "policy": Text("本系统规定", "policy of this system"),
    "none_to_check": Text("–", "–"),
    "index_line": Text("{title}：{formula}", "{title}: {formula}"),
    "method_sheet": Text("方法与局限", "Method and limits"),
    "rolled_up": Text(
        "等级按就高原则汇总：一个区域的等级是其中最重的一个；颜色用指数，因为只看最高等级几乎处处为红。",
        "Grades are rolled up by the highest: an area has the grade of the worst in it. Colours "
        "follow an index, as by the highest alone nearly every area is red.",
    ),
    "fill_starts": Text("指数颜色：", "Colours of the index: "),
    "below": Text("更低", "below"),
    "not_done": Text("没有核实的和没有做到的", "What was not verified and not done"),
    "gaps": Text("没有等级的对象及原因", "Items without a grade, and why"),
    "gaps_note": Text(
        "无数据不等于低风险；补齐数据后重新分级。",
        "No data is not low risk; grade again once the data is complete.",
    ),
    "no_gaps": Text("全部已分级。", "Everything is graded."),
    "code": Text("代码", "Code"),
    "first_of_them": Text("例如", "For example"),
    "unplaced": Text("未定位、待人工核对的行", "Rows not placed, waiting for review"),
    "unplaced_note": Text(
        "这些行尚未入库，不在任何一张表和图上。",
        "These rows are not stored yet; they are in no table and on no map.",
    ),
    "rows_waiting": Text("行数", "Rows"),
    "none_unplaced": Text("没有待核对的行。", "No rows are waiting."),
}

NOTHING: dict[str, Text] = {
    "village": Text(
        "没有含重大风险的村(社区)，或各对象未写明村(社区)。",
        "No village holds a major risk, or the items do not name their village.",
    ),
}

MOVE_SHORT: dict[MoveKind, Text] = {
    "rules": Text("方案或规则改变", "Profile or rules changed"),
    "worse": Text("升级", "Up"),
    "new": Text("新增", "New"),
    "ungraded": Text("失去等级", "Grade lost"),
    "better": Text("降级", "Down"),
    "graded": Text("补上等级", "Grade gained"),
    "removed": Text("移除", "Removed"),
}

MOVE_WORDS: dict[MoveKind, Text] = {
    "rules": Text("方案或规则改变（数据未变）", "Profile or rules changed (same data)"),
    "worse": Text("升级（风险变高）", "Upgraded (higher risk)"),
    "new": Text("新增", "New"),
    "ungraded": Text("失去等级", "Grade lost"),
    "better": Text("降级（风险变低）", "Downgraded (lower risk)"),
    "graded": Text("补上等级", "Grade gained"),
    "removed": Text("移除", "Removed"),
}

LIMITS: tuple[Text, ...] = (
    Text(
        "指数的权重和分界、危险源级别的颜色是本系统的规定，不是标准。",
        "Weights and limits of the index, and the colours of hazard levels, are policies of this "
        "system, not of a standard.",
    ),
    Text(
        "LEC 和 LS 的分界值来自公开的表，没有全国统一的规定；换方案会换颜色。",
        "The limits of LEC and LS come from public tables; there is no national one. Another "
        "profile gives other colours.",
    ),
    Text(
        "GB 18218-2018 的表经多份抄本互校，未与印刷本核对；缺 β 或人数的单元为无数据。",
        "The tables of GB 18218-2018 were compared in several transcriptions, not with the printed "
        "standard; a unit without β or people is no data.",
    ),
    Text(
        "评估只见库中登记的对象；没有登记的企业、风险点和隐患不在其中。",
        "The assessment sees what is in the register; what is not registered is not in it.",
    ),
    Text(
        "均值会掩盖少数红色，已分级太少时指数不稳：请同看 n/m。",
        "A mean hides a few red points, and is shaky where few are graded: read n of m with it.",
    ),
)
