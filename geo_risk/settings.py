"""All settings in one tuple: name, default, sentence. Code, CLI help, docs and a test read it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from .errors import Text, UsageError


@dataclass(frozen=True)
class Setting:
    """One setting; its environment variable is `GEO_RISK_` + the name in capitals."""

    name: str
    default: str | int
    sentence: Text

    @property
    def variable(self) -> str:
        """The environment variable that overrides the default."""
        return f"GEO_RISK_{self.name.upper()}"


SETTINGS = (
    Setting(
        "db", "geo_risk.gpkg", Text("数据库文件或 PostGIS 地址", "Store: a path or a PostGIS URL")
    ),
    Setting("layers_dir", "", Text("追加图层声明的目录", "A folder with further layer files")),
    Setting(
        "policies_dir",
        "",
        Text(
            "本市分级方案等规定表的目录，追加在所附表之后",
            "A folder with the city's own policy tables, read after the shipped ones",
        ),
    ),
    Setting("lang", "zh", Text("界面语言 zh 或 en", "Language of messages: zh or en")),
    Setting("import_max_mb", 200, Text("导入文件大小上限(MB)", "Largest file to import, in MB")),
    Setting("import_max_rows", 1_000_000, Text("导入行数上限", "Most rows to import at once")),
    Setting("import_max_columns", 500, Text("导入列数上限", "Most columns to import")),
    Setting(
        "import_max_cells",
        12_000_000,
        Text("导入单元格总数上限(行数×列数)", "Most cells to import at once, rows times columns"),
    ),
    Setting(
        "import_max_inflated_mb",
        256,
        Text("解压后大小上限(MB)", "Largest size after unpacking, in MB"),
    ),
    Setting(
        "import_max_ratio",
        500,
        Text("压缩包内单个文件的解压倍数上限", "Most times an entry of a zip may unpack to"),
    ),
    Setting("import_max_entries", 4000, Text("压缩包条目上限", "Most entries in a zip")),
    Setting(
        "import_max_cell_chars",
        1_000_000,
        Text("单元格字数上限", "Most characters in one cell"),
    ),
    Setting(
        "import_max_depth", 8, Text("几何与 JSON 嵌套上限", "Deepest nesting of JSON and geometry")
    ),
    Setting(
        "import_seconds", 30, Text("解析进程时限(秒)", "Time limit of the parsing process, in s")
    ),
    Setting(
        "import_memory_mb",
        1024,
        Text("解析进程内存上限(MB)", "Memory limit of the parsing process, in MB"),
    ),
    Setting(
        "datum_margin_m",
        100,
        Text(
            "另一坐标系吻合得更好、导入须停下确认的差距(米)",
            "By how much another datum must fit better to stop an import, in m",
        ),
    ),
    Setting(
        "pile_up_count",
        5,
        Text(
            "几家不同企业坐标完全相同视为落在中心点",
            "From how many different companies on one coordinate it is taken for a centroid",
        ),
    ),
    Setting(
        "town_tolerance_m",
        300,
        Text(
            "位置超出所填镇(街道)多少米开始提示",
            "How far outside the stated town a position may lie unflagged, in m",
        ),
    ),
    Setting(
        "town_far_m",
        3000,
        Text(
            "位置超出所填镇(街道)多少米转人工复核",
            "From how far outside the stated town a position goes to review, in m",
        ),
    ),
    Setting(
        "near_duplicate_m",
        100,
        Text(
            "名称相似的两条相距多少米以内视为疑似重复",
            "Within what distance similar names are taken for a likely duplicate, in m",
        ),
    ),
    Setting(
        "similar_name_percent",
        88,
        Text(
            "名称相似度达到百分之几视为相似",
            "From what similarity on two names count as similar, in percent",
        ),
    ),
    Setting(
        "geocoder",
        "",
        Text(
            "在线地理编码插件名，缺省不联网；只提供待核候选",
            "Online geocoder plug-in, none by default; it only suggests, for review",
        ),
    ),
    Setting("query_seconds", 10, Text("单次查询时限(秒)", "Time limit of one query, in s")),
    Setting(
        "write_wait_seconds",
        60,
        Text("等待写锁的时限(秒)", "How long a write waits for another, in s"),
    ),
    Setting(
        "siting_seconds",
        1_800,
        Text(
            "一个选址任务求解的时限(秒)，到时给出当前最好的方案和界",
            "Time limit of solving in a siting job, in s; then it gives its best plan and bound",
        ),
    ),
    Setting("page_limit", 10_000, Text("每页要素上限", "Most features on one page")),
)
SETTINGS_BY_NAME = {setting.name: setting for setting in SETTINGS}


def _raw(name: str, environ: Mapping[str, str] | None) -> tuple[Setting, str | int]:
    setting = SETTINGS_BY_NAME[name]
    env = os.environ if environ is None else environ
    return setting, env.get(setting.variable) or setting.default


def text(name: str, environ: Mapping[str, str] | None = None) -> str:
    """A setting's value as text."""
    return str(_raw(name, environ)[1])


def number(name: str, environ: Mapping[str, str] | None = None) -> int:
    """A setting's value as a positive whole number; `UsageError` names the variable otherwise."""
    setting, raw = _raw(name, environ)
    if not str(raw).isascii() or not str(raw).isdigit() or int(raw) < 1:
        raise UsageError(
            "setting_invalid",
            Text("设置须为正整数", "The setting must be a positive whole number"),
            where=setting.variable,
            got=raw,
            fix=Text(f"例如 {setting.default}", f"For example {setting.default}"),
        )
    return int(raw)
