"""One door for all formats: the suffix chooses, and a file appears whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..catalogue import ACCESS, LayerSpec
from ..errors import Text, UsageError
from .geojson import dump
from .headers import Lang

FORMATS = ("geojson", "gpkg", "csv", "xlsx")


def check_folder(path: Path) -> None:
    """`UsageError` (`folder_missing`) when the folder of a file to be written is not there."""
    if not path.parent.is_dir():
        raise UsageError(
            "folder_missing",
            Text("目标文件夹不存在", "The folder does not exist"),
            where=str(path.parent),
            fix=Text("请先建立文件夹", "Make the folder first"),
        )


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A place beside `path` to write to, moved there when all went well.

    `UsageError` `file_unwritable` where the system does not allow it.
    """
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".geo_risk-") as folder:
            part = Path(folder) / f"part{path.suffix.lower()}"
            yield part
            os.replace(part, path)  # noqa: PTH105 - says what it does better than Path.replace
    except PermissionError:
        raise UsageError(
            "file_unwritable",
            Text("文件无法写入", "The file cannot be written"),
            where=str(path),
            fix=Text(
                "关闭正打开它的 Excel，或换一个位置",
                "Close it in Excel, or choose another place",
            ),
        ) from None


def format_of(path: Path, formats: Collection[str] = FORMATS) -> str:
    """The format of a file to be written, by its suffix, once it and its folder are checked.

    `UsageError` `format_unknown` when it is none of `formats`, `folder_missing`.
    """
    kind = path.suffix.lower().lstrip(".")
    if kind not in formats:
        options = ", ".join(f".{name}" for name in formats)
        raise UsageError(
            "format_unknown",
            Text("不认识的输出格式", "Unknown output format"),
            where=path.name,
            got=path.suffix,
            fix=Text(f"可用后缀: {options}", f"Use one of {options}"),
        )
    check_folder(path)
    return kind


def write(
    spec: LayerSpec,
    rows: Iterable[Mapping[str, Any]],
    path: Path,
    *,
    lang: Lang = "zh",
    access: Collection[str] = ACCESS,
    omit: Collection[str] = (),
) -> int:
    """Write the rows of a layer into `path` and say how many.

    The format is that of the suffix: .geojson, .gpkg, .csv or .xlsx; another is a `UsageError`
    (`format_unknown`). The file appears whole or not at all (`whole_file`).
    `lang` is the language of the headings of CSV and Excel; `omit` leaves out properties of
    GeoJSON.
    """
    kind = format_of(path)
    with whole_file(path) as part:
        # Each format's library is loaded only when it is asked for: `geo-risk` starts fast.
        if kind == "geojson":
            with part.open("w", encoding="utf-8", newline="\n") as file:
                return dump(spec, rows, file, access=access, omit=omit)
        if kind == "gpkg":
            from .geopackage import write_gpkg

            return write_gpkg(spec, rows, part, access=access)
        from .tables import write_csv, write_xlsx

        writer = write_csv if kind == "csv" else write_xlsx
        return writer(spec, rows, part, lang=lang, access=access)
