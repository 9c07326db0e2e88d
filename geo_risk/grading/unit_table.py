"""One row of a unit's table as a substance: by name, CAS, condition or hazard category."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from ..errors import GeoRiskError, InputError, Text, UsageError
from .exact import exact
from .gb18218_tables import Listed, candidates, categories, is_certain, same_condition
from .substances import Substance

COLUMNS = ("substance", "cas", "condition", "category", "q_t", "critical_t", "beta")
"""What a row may say; `q_t` is the design maximum in tonnes (设计最大量)."""
CUSTOM = ("critical_t", "beta")
"""What only a custom calculation may say."""


def substance_of(row: Mapping[str, object], where: str, *, custom: bool = False) -> Substance:
    """The substance of one row; `where` names the row in errors.

    A name and a CAS must mean the same row of Table 1, and where that stands under a condition the
    row must state it. Raises `InputError` saying what is needed, `UsageError` for `critical_t` or
    `beta` in a calculation that is not custom.
    """
    said = {name: str(row.get(name) or "").strip() for name in COLUMNS}
    for name in CUSTOM:
        if said[name] and not custom:
            raise _not_custom(where, name, said[name])
    given = {name: _number(said[name], f"{where} {name}") for name in CUSTOM if said[name]}
    # A critical quantity of the user's own needs no row of Table 1.
    listed = None if "critical_t" in given else _listed(said, where)
    symbols = _symbols(said["category"], where)
    tonnes = _number(said["q_t"], f"{where} q_t")
    name = listed.name if listed else said["substance"] or said["cas"]
    if not (name or symbols or "critical_t" in given):
        raise _needed(where, "substance", Text("没有写物质", "No substance is given"))
    try:
        source = f"given by the user, {where}" if given else ""
        return Substance(name, tonnes, symbols, given.get("critical_t"), given.get("beta"), source)
    except GeoRiskError as error:
        error.where = f"{where} {error.where}".strip()
        raise


def _listed(said: Mapping[str, str], where: str) -> Listed | None:
    """The row of Table 1 that name, CAS and condition mean, or None where it names none."""
    by_name, by_cas = candidates(said["substance"]), candidates(said["cas"])
    options = by_name or by_cas
    if by_name and by_cas:
        numbers = {row.number for row in by_cas}
        options = tuple(row for row in by_name if row.number in numbers)
        if not options:
            raise _needed(
                where,
                "cas",
                Text("名称与 CAS 号不是同一物质", "Name and CAS are not the same substance"),
                got=f"{said['substance']} / {said['cas']}",
            )
    if said["condition"]:
        fitting = tuple(row for row in options if same_condition(row, said["condition"]))
        if options and not fitting:
            raise _which(where, said, options)
        options = fitting
    elif any(row.condition for row in options) and not _states_all(said, options):
        raise _which(where, said, options)
    if len(options) > 1:
        raise _which(where, said, options)
    return options[0] if options else None


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


def _number(text: str, where: str) -> Fraction:
    try:
        number = exact(text, where)
    except UsageError as error:
        raise InputError(
            error.code, error.message, where=where, got=error.got or "", fix=error.fix
        ) from None
    if number > 0:
        return number
    raise InputError(
        "quantity_not_positive",
        Text("数量必须大于 0", "A quantity must be greater than 0"),
        where=where,
        got=text,
        fix=Text("请填设计最大量(吨)，没有的物质不要写", "Give the design maximum in tonnes"),
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
