"""How much a file may cost: read once from the settings and handed to the child."""

from __future__ import annotations

from dataclasses import dataclass, fields

from geo_risk import settings
from geo_risk.errors import InputError, Text

MEBI = 1 << 20
_BYTES_PER_GRID_CELL = 64


@dataclass(frozen=True)
class Limits:
    """The caps of the import settings; sizes in MiB, time in seconds."""

    max_mb: int = 200
    rows: int = 1_000_000
    columns: int = 500
    cells: int = 12_000_000
    inflated_mb: int = 256
    ratio: int = 500
    entries: int = 4000
    cell_chars: int = 1_000_000
    depth: int = 8
    seconds: int = 30
    memory_mb: int = 1024

    @property
    def grid_cells(self) -> int:
        """Most cells of a sheet from A1 to its last corner: the reader keeps the empty ones too."""
        return self.memory_mb * MEBI // _BYTES_PER_GRID_CELL

    @property
    def result_bytes(self) -> int:
        """Most bytes that the child may answer: JSON escapes take up to six bytes a letter."""
        return 6 * max(self.max_mb, self.inflated_mb) * MEBI


def limits_from_settings() -> Limits:
    """The caps in force."""
    names = {entry.name: f"import_max_{entry.name}" for entry in fields(Limits)}
    names |= {name: f"import_{name}" for name in ("max_mb", "seconds", "memory_mb")}
    return Limits(**{name: settings.number(setting) for name, setting in names.items()})


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


def too_many_rows(limits: Limits, got: int) -> InputError:
    """More rows or features than the setting allows."""
    what = Text(f"多于 {limits.rows} 行", f"over {limits.rows} rows")
    return too_big(what, got, "max_rows")


def too_many_cells(limits: Limits, got: int) -> InputError:
    """More cells than the parent may be made to hold."""
    what = Text(f"多于 {limits.cells} 个单元格", f"over {limits.cells} cells")
    return too_big(what, got, "max_cells")


def too_many_columns(limits: Limits, got: object) -> InputError:
    """More columns or properties than the setting allows."""
    what = Text(f"多于 {limits.columns} 列", f"over {limits.columns} columns")
    return too_big(what, got, "max_columns")


def whole_or_float(value: float) -> int | float:
    """A number as read: whole ones as `int`, so that an id never ends in `.0`."""
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def password_needed() -> InputError:
    """A workbook that only opens with a password."""
    return InputError(
        "file_password",
        Text("工作簿有密码，不能读取", "The workbook has a password and cannot be read"),
        fix=Text(
            "请在 Excel 或 WPS 中取消密码，另存后再导入", "Remove the password and save it again"
        ),
    )
