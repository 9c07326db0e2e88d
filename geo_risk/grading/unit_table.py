"""One row of a unit's table as a substance: by name, CAS, condition or hazard category."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from ..errors import GeoRiskError, InputError, Text, UsageError
from .exact import exact
from .gb18218_tables import Listed, candidates, categories, is_certain, same_condition
from .substances import Substance, name_and_classes

COLUMNS = ("substance", "cas", "condition", "category", "q_t", "critical_t", "beta")
"""What a row may say; `q_t` is the design maximum in tonnes (设计最大量)."""
CUSTOM = ("critical_t", "beta")
"""What only a custom calculation may say."""


def substance_of(row: Mapping[str, object], where: str, *, custom: bool = False) -> Substance:
    """The substance of one row; `where` names the row in errors.

    A name and a CAS must mean the same row of Table 1, and where that stands under a condition the
    row must state it. A category may stand behind the name, too: `甲醇[W5.3]`. Raises `InputError`
    saying what is needed, `UsageError` for `critical_t` or `beta` in a calculation that is not
    custom.
    """
    said = {name: str(row.get(name) or "").strip() for name in COLUMNS}
    for name in CUSTOM:
        if said[name] and not custom:
            raise _not_custom(where, name, said[name])
    given = {name: _number(row[name], f"{where} {name}") for name in CUSTOM if said[name]}
    said["substance"], behind = name_and_classes(said["substance"])
    symbols = _symbols(said["category"], where) or behind
    by_own_name = _agree(said, symbols, where)
    # Neither a critical quantity of the user's own nor a name of its own needs a row of Table 1.
    listed = None if by_own_name or "critical_t" in given else _listed(said, where)
    tonnes = _number(row.get("q_t") or "", f"{where} q_t")
    name = listed.name if listed else said["substance"] or said["cas"]
    if not (name or symbols or "critical_t" in given):
        raise _needed(where, "substance", Text("没有写物质", "No substance is given"))
    try:
        source = f"用户填写 / given by the user, {where}" if given else ""
        return Substance(name, tonnes, symbols, given.get("critical_t"), given.get("beta"), source)
    except GeoRiskError as error:
        error.where = f"{where} {error.where}".strip()
        raise


def _agree(said: Mapping[str, str], symbols: tuple[str, ...], where: str) -> bool:
    """Refuse a CAS that is none or another substance's than the name.

    True where the name is none of Table 1 and stands for itself, with its category: a dilution
    of what the CAS alone would mean only under a condition.
    """
    cas, name = said["cas"], said["substance"]
    if not cas:
        return False
    if not _is_cas(cas):
        fix = Text("核对 CAS 号，或留空", "Check the number, or leave it empty")
        raise _needed(where, "cas", Text("CAS 号不正确", "No CAS number"), got=cas, fix=fix)
    by_name, by_cas = candidates(name), candidates(cas)
    if any(row.cas for row in by_name):
        numbers = {row.number for row in by_cas}
        if not any(row.number in numbers for row in by_name):
            message = Text("名称与 CAS 号不是同一物质", "Name and CAS are not the same substance")
            raise _needed(where, "cas", message, got=f"{name} / {cas}")
    if not name or by_name or not by_cas:
        return False
    if symbols and not said["condition"] and all(row.condition for row in by_cas):
        return True
    raise _another_name(where, name, cas, "; ".join(row.name for row in by_cas))


def _another_name(where: str, name: str, cas: str, listed: str) -> InputError:
    return _needed(
        where,
        "substance",
        Text(
            f"表1没有这个名称，CAS 号却是“{listed}”",
            f"Table 1 has no such name, but the CAS number is {listed}",
        ),
        got=f"{name} / {cas}",
        fix=Text(
            f"确是该物质：名称改为 {listed} 或留空；不是：改正或去掉 CAS 号",
            f"If it is that, call it {listed} or leave the name empty; else mend or drop the CAS",
        ),
    )


def _is_cas(text: str) -> bool:
    """Whether the number has the form of a CAS number and its check digit."""
    match = re.fullmatch(r"([0-9]{2,7})-([0-9]{2})-([0-9])", text)
    if match is None:
        return False
    digits = (match[1] + match[2])[::-1]
    return sum(at * int(digit) for at, digit in enumerate(digits, 1)) % 10 == int(match[3])


def _listed(said: Mapping[str, str], where: str) -> Listed | None:
    """The row of Table 1 that name, CAS and condition mean, or None where it names none."""
    by_name, by_cas = candidates(said["substance"]), candidates(said["cas"])
    numbers = {row.number for row in by_cas}
    both = tuple(row for row in by_name if row.number in numbers)
    options = both or by_name or by_cas
    condition = "" if said["condition"] in _NOTHING else said["condition"]
    if condition and options:
        if not any(row.condition for row in options):
            message = Text("表1对该物质没有条件", "Table 1 has no condition for it")
            fix = Text("condition 列留空", "Leave condition empty")
            raise _needed(where, "condition", message, got=condition, fix=fix)
        fitting = tuple(row for row in options if same_condition(row, condition))
        if not fitting:
            raise _which(where, said, options)
        options = fitting
    elif any(row.condition for row in options) and not _states_all(said, options):
        raise _which(where, said, options)
    if len(options) > 1:
        raise _which(where, said, options)
    return options[0] if options else None


_NOTHING = ("", "无", "-", "—", "/", "none")


def _states_all(said: Mapping[str, str], options: tuple[Listed, ...]) -> bool:
    """Whether the name itself states the condition of the one row it means."""
    return is_certain(said["substance"]) and candidates(said["substance"]) == options


def _symbols(text: str, where: str) -> tuple[str, ...]:
    found = tuple(part.upper() for part in re.split(r"[/;,+、\s]+", text) if part)
    for symbol in found:
        if symbol not in categories():
            known = ", ".join(categories())
            raise _needed(
                where,
                "category",
                Text("没有这个危险性类别符号", "There is no such hazard category symbol"),
                got=symbol,
                fix=Text(f"可用符号：{known}", f"Symbols: {known}"),
            )
    return found


def _number(value: object, where: str) -> Fraction:
    """A positive number; of a workbook as it is, of a text as it is written."""
    written = value if isinstance(value, (int, float)) else str(value).strip()
    if written == "":
        raise InputError(
            "number_missing",
            Text("没有填数量", "A number is missing"),
            where=where,
            fix=Text("请填写设计最大量(吨)", "Give the design maximum in tonnes"),
        )
    try:
        number = exact(written, where)
    except UsageError as error:
        raise InputError(
            error.code,
            Text("不能作为数量读取", "It cannot be read as a quantity"),
            where=where,
            got=error.got or "",
            fix=Text(
                "只填吨数，如 40 或 0.5：不带单位、千分位和约数",
                "Give tonnes only, such as 40 or 0.5: no unit, no thousands comma, nothing rough",
            ),
        ) from None
    if number > 0:
        return number
    raise InputError(
        "quantity_not_positive",
        Text("数量必须大于 0", "A quantity must be greater than 0"),
        where=where,
        got=value,
        fix=Text("没有的物质不要写", "Leave out what is not there"),
    )


def _which(where: str, said: Mapping[str, str], options: tuple[Listed, ...]) -> InputError:
    names = "; ".join(row.condition or row.name for row in options)
    return _needed(
        where,
        "condition",
        Text(
            "表1在不同条件下列出该物质，需写明条件",
            "Table 1 lists the substance under conditions: state which",
        ),
        got=said["condition"] or said["substance"] or said["cas"],
        fix=Text(
            f"condition 列填写：{names}；都不符合时写实际名称和 category",
            f"Put one of these in condition: {names}; if none fits, the actual name and a category",
        ),
    )


def _not_custom(where: str, name: str, got: str) -> UsageError:
    return UsageError(
        "custom_not_asked",
        Text(
            "临界量和 β 只在自定义计算中可以填写",
            "A critical quantity or β may be given in a custom calculation only",
        ),
        where=f"{where} {name}",
        got=got,
        fix=Text("删去该值，或加 --custom", "Leave it out, or add --custom"),
    )


def _needed(
    where: str, field: str, message: Text, *, got: str | None = None, fix: Text | None = None
) -> InputError:
    fix = fix or Text(
        "填写表1中的名称或 CAS 号，或危险性类别符号(J1 至 W11)",
        "Give a name or CAS of Table 1, or a hazard category symbol (J1 to W11)",
    )
    return InputError("substance_unresolved", message, where=f"{where} {field}", got=got, fix=fix)
