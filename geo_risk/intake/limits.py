"""How much a file may cost: read once from the settings and handed to the child."""

from __future__ import annotations

from dataclasses import dataclass

from geo_risk import settings
from geo_risk.errors import InputError, Text

MEBI = 1 << 20
CELL_CHARACTERS = 1_000_000


@dataclass(frozen=True)
class Limits:
    """The caps of the import settings; sizes in MiB, time in seconds."""

    max_mb: int = 200
    rows: int = 1_000_000
    columns: int = 500
    inflated_mb: int = 256
    depth: int = 8
    seconds: int = 30
    memory_mb: int = 1024

    @property
    def result_bytes(self) -> int:
        """Most bytes that the child may answer: JSON escapes take up to six bytes a letter."""
        return 6 * max(self.max_mb, self.inflated_mb) * MEBI


def limits_from_settings() -> Limits:
    """The caps in force."""
    names = ("max_mb", "max_rows", "max_columns", "max_inflated_mb", "max_depth")
    values = [settings.number(f"import_{name}") for name in (*names, "seconds", "memory_mb")]
    return Limits(*values)


def too_big(what: Text, got: object, setting: str) -> InputError:
    """The one error for every cap, naming the setting that moves it."""
    variable = f"GEO_RISK_IMPORT_{setting.upper()}"
    return InputError(
        "file_too_big",
        Text(f"文件超出上限：{what['zh']}", f"The file is over a limit: {what['en']}"),
        got=got,
        fix=Text(f"请拆分文件，或调高 {variable}", f"Split the file, or raise {variable}"),
    )


def too_deep(where: str = "") -> InputError:
    """Nesting beyond the limit."""
    return InputError(
        "too_deep",
        Text("嵌套层数过深", "The content is nested too deeply"),
        where=where,
        fix=Text("请导出为普通的 GeoJSON 或 GeoPackage", "Export plain GeoJSON or GeoPackage"),
    )


def damaged(kind: str, zh: str, en: str, got: object = None, where: str = "") -> InputError:
    """A file that is not what its kind demands."""
    return InputError(
        "file_damaged",
        Text(f"{kind} 文件无法读取：{zh}", f"The {kind} file cannot be read: {en}"),
        got=got,
        where=where,
        fix=Text(
            "请在原软件中打开检查后重新导出", "Open it in its own program and export it again"
        ),
    )
