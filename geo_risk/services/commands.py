"""Commands that are printed to be pasted: what came out of a file must never run in a shell."""

from __future__ import annotations

import shlex
from pathlib import Path

from geo_risk.errors import Lang

_WORKBOOKS: dict[Lang, tuple[str, str]] = {
    "zh": ("问题.xlsx", "问题2.xlsx"),
    "en": ("problems.xlsx", "problems2.xlsx"),
}


def shell(*parts: str) -> str:
    """The words as one line for a POSIX shell, each quoted where it needs it."""
    return shlex.join(parts)


def report_option(imported: Path, lang: Lang) -> str:
    """`--report` with a name for the workbook that is not the imported file itself."""
    itself = imported.resolve()
    name = next(name for name in _WORKBOOKS[lang] if Path(name).resolve() != itself)
    return f"--report {name}"
