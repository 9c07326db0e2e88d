"""`python -m tests.bench [NAME …]`: measure, and write docs/benchmarks.md.

With names (`startup`, `import` …) only those modules run and the table is printed, not written.
"""

from __future__ import annotations

import importlib
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "benchmarks.md"
SIZES, TINY = (1_000, 50_000), (20,)
HEADS = (
    *("Work", "Size", "Peer", "Peer's version", "Ours, CPU s", "Peer, CPU s"),
    *("Ours / peer", "Peak MB", "Answers agree", "Note"),
)


def modules(only: list[str]) -> list[ModuleType]:
    """The benchmark modules, by name."""
    names = sorted(path.stem for path in HERE.glob("bench_*.py"))
    wanted = [name for name in names if not only or name.removeprefix("bench_") in only]
    return [importlib.import_module(f"tests.bench.{name}") for name in wanted]


def cells(row: dict[str, Any]) -> list[str]:
    """One line of the table."""

    def number(value: float | None, form: str) -> str:
        return "–" if value is None else format(value, form)

    agree = {True: "yes", False: "**no**", None: "–"}[row["answers_agree"]]
    return [
        *(str(row[key]) for key in ("work", "size", "peer", "peer_version")),
        *(number(row[key], ".3g") for key in ("ours_cpu_s", "peer_cpu_s")),
        number(row["ratio"], ".2f"),
        number(row["peak_mb"], ".0f"),
        agree,
        str(row.get("note", "")),
    ]


def table(rows: list[dict[str, Any]]) -> str:
    """The rows as a Markdown table."""
    lines = [HEADS, ["---"] * len(HEADS), *(cells(row) for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def machine() -> str:
    """The processor, its cores, system and Python."""
    info = Path("/proc/cpuinfo")
    models = [
        line.partition(":")[2].strip()
        for line in (info.read_text().splitlines() if info.exists() else [])
        if line.startswith("model name")
    ]
    processor = models[0] if models else platform.machine()
    return (
        f"{processor}, {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}, {datetime.now(UTC):%Y-%m-%d}"
    )


def page(parts: list[ModuleType], rows: list[dict[str, Any]]) -> str:
    """docs/benchmarks.md."""
    notes = "\n".join(
        f"- `{part.__name__.rpartition('.')[2]}`: {' '.join((part.__doc__ or '').split())}"
        for part in parts
    )
    return (
        "# Benchmarks\n\n"
        "Made by `make bench`; do not edit. CPU seconds of all processes that took part, ours and "
        "the peer's in the same run, and whether both gave the same answer. A ratio below 1 means "
        "that we need less. PostGIS rows need GEO_RISK_TEST_POSTGIS_URL (`.ci/run bench` has it).\n"
        f"\nMachine: {machine()}.\n\n{table(rows)}\n\n## What is compared\n\n{notes}\n"
    )


def main(only: list[str]) -> int:
    """Run, write or print; 1 where an answer does not agree."""
    parts, rows = modules(only), []
    for part in parts:
        for size in getattr(part, "SIZES", SIZES):
            print(part.__name__, size, file=sys.stderr)
            rows += part.rows((size,))
    if only:
        print(table(rows))
    else:
        PAGE.write_text(page(parts, rows), encoding="utf-8")
    return int(any(row["answers_agree"] is False for row in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
