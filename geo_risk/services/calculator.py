"""Grading what is given on the command line, without a store: LEC, LS, a unit's table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from geo_risk.errors import InputError, Text, UsageError
from geo_risk.grading import (
    FORMULA,
    Graded,
    Reason,
    Substance,
    alpha_of,
    exact_text,
    grade_lec,
    grade_ls,
    grade_major_hazard,
    identify_2009,
    resolve,
    substance_of,
)
from geo_risk.grading.unit_table import COLUMNS
from geo_risk.intake import read_table

EDITIONS = ("2018", "2009")
MAX_ROWS = 10_000
_HEADERS = {
    "substance": ("substance", "物质", "物质名称", "名称", "危险化学品名称", "化学品名称"),
    "cas": ("cas", "cas号", "cas no", "cas number"),
    "condition": ("condition", "条件", "限定条件"),
    "category": ("category", "类别", "危险性类别", "类别符号"),
    "q_t": ("q_t", "q", "设计最大量", "设计最大量(t)", "设计最大量(吨)", "数量(t)", "数量(吨)"),
    "critical_t": ("critical_t", "临界量", "临界量(t)", "临界量(吨)"),
    "beta": ("beta", "β", "校正系数", "校正系数β"),
}


def lec(l: str, e: str, c: str, profile: str = "") -> dict[str, Any]:  # noqa: E741
    """D, grade, profile and reasons of three scores."""
    graded = grade_lec(l, e, c, profile) if profile else grade_lec(l, e, c)
    return _scored("D", graded)


def ls(l: str, s: str, profile: str = "") -> dict[str, Any]:  # noqa: E741
    """R, grade, profile and reasons of a cell of the matrix."""
    graded = grade_ls(l, s, profile) if profile else grade_ls(l, s)
    return _scored("R", graded)


def _scored(symbol: str, graded: Graded) -> dict[str, Any]:
    return {
        symbol: _number(Fraction(str(graded.details[symbol]))),
        "grade": graded.grade.value,
        "profile": graded.profile,
        "reasons": _reasons(graded.reasons),
    }


def _number(value: Fraction | None) -> int | float | None:
    """A JSON number; whole where it is whole."""
    if value is None:
        return None
    return int(value) if value.denominator == 1 else float(value)


def _reasons(reasons: Sequence[Reason]) -> list[dict[str, object]]:
    return [reason.as_json() for reason in reasons]


def major_hazard(
    path: Path | str,
    exposed: int | None,
    *,
    edition: str = "2018",
    custom: bool = False,
    profile: str = "",
) -> dict[str, Any]:
    """Identify and level the unit of a table by GB 18218.

    Parameters
    ----------
    path : a table with the columns substance, cas, condition, category, q_t, critical_t, beta (or
        their Chinese names), a substance a row.
    exposed : people within 500 m of the plant boundary.
    custom : let the table give critical quantities and β; the result says so.

    The answer has S, constitutes, R, level, alpha, rows, reasons, and in `needed` what is missing
    for a level. Raises `InputError` for a substance that cannot be resolved, `UsageError` for
    negative people, an unknown edition, or critical quantities without `custom`.
    """
    if edition not in EDITIONS:
        raise UsageError(
            "edition_unknown",
            Text("没有这个版本", "There is no such edition"),
            where="--edition",
            got=edition,
            fix=Text(f"可用: {', '.join(EDITIONS)}", f"Use one of {', '.join(EDITIONS)}"),
        )
    if exposed is not None:
        alpha_of(exposed)
    substances = read_unit(Path(path), custom=custom)
    if edition == "2009":
        return _by_2009(substances, exposed, custom)
    graded = (
        grade_major_hazard(substances, exposed, profile)
        if profile
        else grade_major_hazard(substances, exposed)
    )
    return _by_2018(substances, graded, exposed, custom)


def read_unit(path: Path, *, custom: bool = False) -> list[Substance]:
    """The substances of a unit's table; a row with neither name nor quantity is left out."""
    table = read_table(path, plain=True)
    at = _columns(table.columns, path.name)
    found = []
    for number, cells in zip(table.row_numbers, table.rows, strict=True):
        row = {name: cells[index] for name, index in at.items() if index < len(cells)}
        if any(str(value or "").strip() for value in row.values()):
            found.append(substance_of(row, f"{path.name} row {number}", custom=custom))
    if not found or len(found) > MAX_ROWS:
        raise InputError(
            "unit_empty" if not found else "unit_too_long",
            Text("单元内没有物质" if not found else "物质过多", "No substances, or too many"),
            where=path.name,
            got=len(found),
            fix=Text("一行一种物质，填设计最大量 q_t(吨)", "A substance a row, with q_t in tonnes"),
        )
    return found


def _columns(headers: Sequence[str], name: str) -> dict[str, int]:
    known = {word: column for column, words in _HEADERS.items() for word in words}
    at: dict[str, int] = {}
    for index, header in enumerate(headers):
        column = known.get(header.strip().lower().replace("（", "(").replace("）", ")"))
        if column is None or column in at:
            raise _bad_header(name, header)
        at[column] = index
    if "q_t" not in at:
        raise _bad_header(name, ", ".join(headers))
    return at


def _bad_header(name: str, got: str) -> InputError:
    columns = ", ".join(COLUMNS)
    return InputError(
        "unit_columns",
        Text("表头不认识、重复或缺少 q_t", "A column is unknown, doubled, or q_t is missing"),
        where=name,
        got=got,
        fix=Text(f"列为 {columns}", f"The columns are {columns}"),
    )


def _by_2018(
    substances: Sequence[Substance], graded: Graded, exposed: int | None, custom: bool
) -> dict[str, Any]:
    details = graded.details
    rows = [resolve(one) for one in substances]
    alpha = None if exposed is None else _number(alpha_of(exposed)[0])
    needed = [r for r in graded.reasons if r.code in NEEDED]
    return {
        "edition": details["edition"],
        "S": details["S"],
        "constitutes": {"true": True, "false": False}.get(str(details["constitutes"])),
        "R": details["R"],
        "level": details["level"],
        "alpha": alpha,
        "exposed": exposed,
        "custom": custom,
        "grade": graded.grade.value,
        "profile": graded.profile,
        "formula": FORMULA,
        "rows": [
            {
                "substance": row.label or one.source,
                "q_t": _number(row.tonnes),
                "Q_t": _number(row.critical_t),
                "beta": _number(row.beta),
                "share": None if row.share is None else exact_text(row.share),
                "basis": _basis(row.quantity_reason, row.beta_reason, row.beta),
            }
            for one, row in zip(substances, rows, strict=True)
        ],
        "reasons": _reasons(graded.reasons),
        "needed": _reasons(needed),
    }


NEEDED = ("beta_needed", "exposed_needed", "substance_unknown", "substance_ambiguous")
"""The reasons that name what is missing for a level."""


def _basis(quantity: Reason, beta: Reason, known: Fraction | None) -> str:
    return quantity.clause if known is None else f"Q {quantity.clause}; β {beta.clause}"


def _by_2009(substances: Sequence[Substance], exposed: int | None, custom: bool) -> dict[str, Any]:
    rows, total, reasons = identify_2009(substances)
    return {
        "edition": "GB 18218-2009",
        "S": exact_text(total),
        "constitutes": total >= 1,
        "R": None,
        "level": None,
        "alpha": None,
        "exposed": exposed,
        "custom": custom,
        "grade": "no_data",
        "profile": None,
        "formula": FORMULA,
        "rows": [
            {
                "substance": row.label,
                "q_t": _number(row.tonnes),
                "Q_t": _number(row.critical_t),
                "beta": None,
                "share": exact_text(row.share),
                "basis": f"Q {row.clause}",
            }
            for row in rows
        ],
        "reasons": _reasons(reasons),
        "needed": [],
    }


def needed_error(result: Mapping[str, Any]) -> InputError | None:
    """What is missing for a level as an error, or None where nothing is."""
    needed = result["needed"]
    if not needed:
        return None
    zh, en = ("; ".join(reason[lang] for reason in needed) for lang in ("zh", "en"))
    return InputError(
        needed[0]["code"],
        Text("资料不足，不能分级", "Something is missing: no level can be computed"),
        where=str(result["edition"]),
        got=", ".join(sorted({str(r["inputs"].get("substance", "exposed")) for r in needed})),
        fix=Text(zh, en),
    )
