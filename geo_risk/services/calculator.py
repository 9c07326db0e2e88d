"""Grading what is given on the command line, without a store: LEC, LS, a unit's table."""

from __future__ import annotations

import unicodedata
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
from geo_risk.grading.quantities import Resolved
from geo_risk.grading.unit_table import COLUMNS
from geo_risk.intake import read_table

EDITIONS = ("2018", "2009")
MAX_ROWS = 10_000
_HEADERS = {
    "substance": ("substance", "物质", "物质名称", "名称", "危险化学品名称", "化学品名称"),
    "cas": ("cas", "cas号", "cas no", "cas number"),
    "condition": ("condition", "条件", "限定条件"),
    "category": ("category", "类别", "危险性类别", "类别符号"),
    "q_t": tuple(
        word + unit
        for word in ("q_t", "q", "设计最大量", "最大储存量", "最大储量", "最大存量", "数量")
        for unit in ("", "(t)", "(吨)")
    ),
    "critical_t": ("critical_t", "临界量", "临界量(t)", "临界量(吨)"),
    "beta": ("beta", "β", "校正系数", "校正系数β"),
}
_ASIDE = ("序号", "备注", "说明", "no", "no.", "remark", "remarks", "note", "notes")
"""Columns that say nothing of the quantities."""


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
        return _by_2009(substances, exposed)
    graded = (
        grade_major_hazard(substances, exposed, profile)
        if profile
        else grade_major_hazard(substances, exposed)
    )
    return _by_2018(substances, graded, exposed)


def read_unit(path: Path, *, custom: bool = False) -> list[Substance]:
    """The substances of a unit's table; a row without any word is left out.

    Nothing else is: a further sheet with content, or a column that is not known, is an error, as
    a substance left out would lower S.
    """
    table = read_table(path, plain=True)
    for code, note in table.notes:
        if code == "sheets_unread":
            fix = Text("一个单元存为一张工作表", "Save the unit as one sheet")
            raise InputError("unit_sheets", note, where=path.name, fix=fix)
    at = _columns(table.columns, path.name)
    found = []
    for number, cells in zip(table.row_numbers, table.rows, strict=True):
        row = {name: cells[index] for name, index in at.items()}
        if any(str(value or "").strip() for value in row.values()):
            where = f"{path.name} 第 {number} 行 / row {number}"
            found.append(substance_of(row, where, custom=custom))
    if not found or len(found) > MAX_ROWS:
        many = Text(f"物质多于 {MAX_ROWS} 行", f"More than {MAX_ROWS} substances")
        none = Text("单元内没有物质", "The unit has no substances")
        raise InputError(
            "unit_too_long" if found else "unit_empty",
            many if found else none,
            where=path.name,
            got=len(found),
            fix=Text("一行一种物质，填设计最大量 q_t(吨)", "A substance a row, with q_t in tonnes"),
        )
    return found


def _columns(headers: Sequence[str], name: str) -> dict[str, int]:
    known = {word: column for column, words in _HEADERS.items() for word in words}
    at: dict[str, int] = {}
    for index, header in enumerate(headers):
        word = unicodedata.normalize("NFKC", header).strip().lower().replace(" ", "")
        column = known.get(word)
        if word in _ASIDE:
            continue
        if column is None:
            raise _bad_header(name, header, Text("不认识的列", "A column that is not known"))
        if column in at:
            raise _bad_header(name, header, Text("列重复", "A column stands twice"))
        at[column] = index
    if "q_t" not in at:
        message = Text("缺少设计最大量 q_t 一列", "The column q_t is missing")
        raise _bad_header(name, ", ".join(headers), message)
    return at


def _bad_header(name: str, got: str, message: Text) -> InputError:
    columns, zh = ", ".join(COLUMNS), "、".join(_CHINESE)
    return InputError(
        "unit_columns",
        message,
        where=name,
        got=got,
        fix=Text(
            f"第一行为表头：{columns}，或 {zh}；可有备注、序号",
            f"The first row is the header: {columns}; a remark or number may stand beside them",
        ),
    )


_CHINESE = ("物质", "CAS", "条件", "类别", "设计最大量(t)", "临界量(t)", "β")


def _by_2018(
    substances: Sequence[Substance], graded: Graded, exposed: int | None
) -> dict[str, Any]:
    details = graded.details
    alpha = None if exposed is None else _number(alpha_of(exposed)[0])
    needed = [r for r in graded.reasons if r.code in NEEDED]
    # Quantities without any β ask whether the unit is a major hazard source, not for its level.
    only_s = all(one.critical_t is not None and one.beta is None for one in substances)
    return {
        "edition": details["edition"],
        "S": details["S"],
        "S_decimal": _decimal(details["S"]),
        "constitutes": {"true": True, "false": False}.get(str(details["constitutes"])),
        "R": details["R"],
        "R_decimal": _decimal(details["R"]),
        "level": details["level"],
        "alpha": alpha,
        "exposed": exposed,
        "custom": any(one.source for one in substances),
        "identified_only": bool(needed) and only_s,
        "grade": graded.grade.value,
        "profile": graded.profile,
        "formula": FORMULA,
        "rows": [_row(one, resolve(one)) for one in substances],
        "reasons": _reasons(graded.reasons),
        "needed": [] if only_s else _reasons(needed),
    }


def _decimal(text: str | None) -> float | None:
    """A sum as a number, for those who do not read fractions."""
    return None if text is None else float(Fraction(text.lstrip("≈")))


def _row(one: Substance, row: Resolved) -> dict[str, Any]:
    return {
        "substance": row.label or one.source,
        "q_t": _number(row.tonnes),
        "Q_t": _number(row.critical_t),
        "beta": _number(row.beta),
        "share": None if row.share is None else exact_text(row.share),
        "basis": _basis(row.quantity_reason, row.beta_reason, row.beta),
    }


NEEDED = ("beta_needed", "exposed_needed", "substance_unknown", "substance_ambiguous")
"""The reasons that name what is missing for a level."""


def _basis(quantity: Reason, beta: Reason, known: Fraction | None) -> str:
    return quantity.clause if known is None else f"Q {quantity.clause}; β {beta.clause}"


def _by_2009(substances: Sequence[Substance], exposed: int | None) -> dict[str, Any]:
    rows, total, reasons = identify_2009(substances)
    return {
        "edition": "GB 18218-2009",
        "S": exact_text(total),
        "S_decimal": float(total),
        "constitutes": total >= 1,
        **dict.fromkeys(("R", "R_decimal", "level", "alpha")),
        "exposed": exposed,
        "custom": any(one.source for one in substances),
        "identified_only": True,
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
    codes = {reason["code"] for reason in needed}
    fixes = [fix for code, fix in _FIXES.items() if code in codes]
    names = dict.fromkeys(str(r["inputs"].get("substance", "exposed")) for r in needed)
    return InputError(
        needed[0]["code"],
        Text("资料不足，不能分级", "Something is missing: no level can be computed"),
        where=str(result["edition"]),
        got="、".join(names),
        fix=Text("；".join(f["zh"] for f in fixes), "; ".join(f["en"] for f in fixes)),
    )


_FIXES = {
    "substance_unknown": Text(
        "表1没有的物质：在 category 列填写危险性类别符号(J1 至 W11)",
        "A substance that Table 1 does not name: give its symbol (J1 to W11) in column category",
    ),
    "substance_ambiguous": Text(
        "表1带条件的物质：在 condition 列写明条件",
        "A substance that Table 1 lists under conditions: give it in column condition",
    ),
    "beta_needed": Text(
        "缺少 β：按安全技术说明书在 category 列填写类别符号，或加 --custom 并填 beta 列",
        "β is missing: give the symbol of the safety data sheet in column category, or --custom "
        "and column beta",
    ),
    "exposed_needed": Text(
        "加 --exposed，厂界外 500 m 范围内常住人数",
        "Add --exposed, the people within 500 m of the plant boundary",
    ),
}
