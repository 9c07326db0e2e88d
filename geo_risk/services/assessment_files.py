"""The assessment as files: a page and a workbook, each whole or not at all."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from geo_risk.assessment import (
    Assessment,
    PolicyChange,
    Ranked,
    change_line,
    change_remarks,
)
from geo_risk.errors import Lang, Text, UsageError
from geo_risk.export.files import format_of
from geo_risk.render.assessment_page import assessment_page


def check_targets(page: Path, workbook: Path | None) -> None:
    """`UsageError` when a file could not be written where it is asked for."""
    format_of(page, ("html",))
    if workbook is not None:
        format_of(workbook, ("xlsx",))


def write_files(
    assessment: Assessment, page: Path, workbook: Path | None, lang: Lang
) -> list[Path]:
    """Write the page (.html) and, where asked for, the workbook (.xlsx); the files written.

    Both are made beside their places and moved there when both are whole. `UsageError`
    `format_unknown`, `folder_missing`, `file_unwritable`.
    """
    check_targets(page, workbook)
    try:
        with ExitStack() as stack:
            parts = [(_beside(stack, page), page)]
            text = assessment_page(assessment, lang)
            parts[0][0].write_text(text, encoding="utf-8", newline="\n")
            if workbook is not None:
                from geo_risk.export.assessment_workbook import write_assessment

                parts.append((_beside(stack, workbook), workbook))
                write_assessment(assessment, parts[1][0], lang)
            # The workbook first: it is the one that another program holds open.
            for part, path in reversed(parts):
                part.replace(path)
    except OSError as error:
        raise UsageError(
            "file_unwritable",
            Text("文件无法写入", "The file cannot be written"),
            where=str(error.filename2 or error.filename or page),
            fix=Text(
                "关闭正打开它的程序，或换一个位置", "Close it elsewhere, or choose another place"
            ),
        ) from None
    return [path for _, path in parts]


def _beside(stack: ExitStack, path: Path) -> Path:
    """A place in the same folder, gone when the stack is left."""
    folder = tempfile.TemporaryDirectory(dir=path.parent, prefix=".geo_risk-")
    return Path(stack.enter_context(folder)) / f"part{path.suffix}"


def summary(assessment: Assessment) -> dict[str, Any]:
    """The assessment's main figures as JSON."""
    change = assessment.change
    return {
        "city": assessment.city.name["zh"],
        "data_at": assessment.data_at,
        "counts": assessment.city.tally.as_json(),
        "graded": assessment.city.tally.graded,
        "total": assessment.city.tally.total,
        "grade": str(assessment.city.tally.worst),
        "index": assessment.city.index,
        "layers": {figure.layer: figure.tally.as_json() for figure in assessment.layers},
        "by": {
            part.key: {group.id or "not_stated": group.tally.as_json() for group in part.groups}
            for part in assessment.breakdowns
        },
        "worst": {part.key: [_ranked(row) for row in part.rows] for part in assessment.rankings},
        "change": change
        and {
            "since": change.since,
            "batch": change.batch,
            "then": change.then.as_json(),
            "now": change.now.as_json(),
            "counts": dict(change.counts),
            "policies": [_policy(one) for one in change.policies],
            "history_begins": change.history_begins or None,
        },
        "checks": {
            "overdue": assessment.checks.all.overdue.total,
            "never_checked": assessment.checks.all.never,
            "stated_lower": assessment.checks.stated_lower,
            "stated_higher": assessment.checks.stated_higher,
        },
        "no_grade": {f"{gap.layer}/{gap.code}": gap.count for gap in assessment.gaps},
        "unplaced": {row.layer: row.count for row in assessment.unplaced},
    }


def change_lines(assessment: Assessment, lang: Lang) -> list[str]:
    """The change in one line, and what must be known to read it; nothing where none is asked."""
    change = assessment.change
    return [change_line(change, lang), *change_remarks(change, lang)] if change else []


def _policy(one: PolicyChange) -> dict[str, Any]:
    return {
        "layer": one.layer,
        "profiles": list(one.profiles),
        "rules": [list(names) for names in one.rules],
        "items": one.items,
    }


def _ranked(row: Ranked) -> dict[str, Any]:
    return {"id": row.id, "name": row.name["zh"], "grade": str(row.grade), "score": row.score}
