"""One substance of a unit: its critical quantity Q, its share q/Q, its β, or what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from ..errors import Text
from .exact import exact_text, said
from .gb18218_tables import EDITION, Category, Listed, candidates, categories, is_certain
from .results import Reason
from .substances import Substance


@dataclass(frozen=True)
class Resolved:
    """A substance with its share of the critical quantity and its β, None where not known."""

    label: str
    tonnes: Fraction
    critical_t: Fraction | None
    share: Fraction | None
    quantity_reason: Reason
    beta: Fraction | None
    beta_reason: Reason


@lru_cache(maxsize=20_000)
def resolve(substance: Substance) -> Resolved:
    """Find Q (Table 1, else the lowest of its categories in Table 2) and β (Table 3, else 4).

    A value given with its source goes first. β of a substance of Table 1 that Table 3 does not
    list needs its hazard category: with several categories the highest β is taken.

    References
    ----------
    GB 18218-2018, 4.1.2 and 4.3, Tables 1 to 4.
    """
    listed = _listed(substance)
    critical = _critical(substance, listed)
    if critical is None:
        missing = _substance_needed(substance)
        return Resolved(substance.label, substance.tonnes, None, None, missing, None, missing)
    limit_t, clause = critical
    beta, beta_reason = _beta(substance, listed)
    share = substance.tonnes / limit_t
    quantity = _share_reason(substance, limit_t, share, clause)
    return Resolved(substance.label, substance.tonnes, limit_t, share, quantity, beta, beta_reason)


def _listed(substance: Substance) -> Listed | None:
    if substance.name and is_certain(substance.name):
        return candidates(substance.name)[0]
    return None


def _critical(substance: Substance, listed: Listed | None) -> tuple[Fraction, str] | None:
    if substance.critical_t is not None:
        return substance.critical_t, substance.source
    if listed is not None:
        return listed.critical_t, listed.clause
    if substance.categories and not candidates(substance.name):
        lowest = min((categories()[s] for s in substance.categories), key=lambda c: c.critical_t)
        return lowest.critical_t, f"{EDITION} 表2 {lowest.symbol}"
    return None


def _share_reason(
    substance: Substance, critical_t: Fraction, share: Fraction, clause: str
) -> Reason:
    q, limit = exact_text(substance.tonnes), exact_text(critical_t)
    label = substance.label or "?"
    return Reason(
        "gb18218_quantity",
        Text(
            f"{label}：设计最大量 {q} t ÷ 临界量 {limit} t = {said(share)}",
            f"{label}: design maximum {q} t / critical quantity {limit} t = {said(share)}",
        ),
        clause,
        {"substance": label, "q_t": q, "Q_t": limit},
    )


def _beta(substance: Substance, listed: Listed | None) -> tuple[Fraction | None, Reason]:
    if substance.beta is not None:
        return substance.beta, _beta_reason(substance, substance.beta, substance.source)
    if listed is not None and listed.beta is not None:
        return listed.beta, _beta_reason(substance, listed.beta, listed.beta_clause)
    if substance.categories:
        worst = max((categories()[s] for s in substance.categories), key=lambda c: c.beta)
        clause = f"{EDITION} 表4 {worst.symbol}"
        return worst.beta, _beta_reason(substance, worst.beta, clause, worst)
    return None, _beta_needed(substance, listed)


def _beta_reason(
    substance: Substance, beta: Fraction, clause: str, category: Category | None = None
) -> Reason:
    value, by_zh, by_en = exact_text(beta), "", ""
    if category is not None:
        by_zh, by_en = (
            f"（填报的类别 {category.symbol}）",
            f" (category as stated: {category.symbol})",
        )
        if category.note:
            by_zh += "，转录本不一致，取多数"
            by_en += "; transcriptions differ, the majority is taken"
    return Reason(
        "gb18218_beta",
        Text(f"{substance.label}：β = {value}{by_zh}", f"{substance.label}: β = {value}{by_en}"),
        clause,
        {"substance": substance.label, "beta": value},
    )


def _beta_needed(substance: Substance, listed: Listed | None) -> Reason:
    label = substance.label or "?"
    hint = _hint(listed.likely_class) if listed is not None else ""
    hint_zh = f"（可能是 {hint}，未核实）" if hint else ""
    hint_en = f" (perhaps {hint}, not verified)" if hint else ""
    return Reason(
        "beta_needed",
        Text(
            f"缺少 {label} 的校正系数 β：请按化学品安全技术说明书写明危险性类别{hint_zh}，"
            f"写成 {label}[类别符号]:{exact_text(substance.tonnes)}",
            f"β of {label} is needed: give its hazard category{hint_en} from the safety data "
            f"sheet, as {label}[symbol]:{exact_text(substance.tonnes)}",
        ),
        f"{EDITION} 表3、表4",
        {"substance": label},
    )


def _hint(likely: str) -> str:
    """A remembered class as symbols that exist: `W9.x` is W9.1 or W9.2."""
    if not likely.endswith(".x"):
        return likely
    return "/".join(symbol for symbol in categories() if symbol.startswith(likely[:-1]))


def _substance_needed(substance: Substance) -> Reason:
    options = candidates(substance.name)
    if options:
        names = "; ".join(row.name for row in options)
        return Reason(
            "substance_ambiguous",
            Text(
                f"“{substance.name}”在表1中带有条件，请写全名：{names}；"
                f"若都不符合，请写实际名称并注明类别：名称[类别符号]:吨数",
                f"Table 1 lists {substance.name} only under conditions; write the full name: "
                f"{names}; if none fits, write what it is with its category: name[symbol]:tonnes",
            ),
            f"{EDITION} 表1",
            {"substance": substance.name},
        )
    label = substance.label or "?"
    return Reason(
        "substance_unknown",
        Text(
            f"表1没有“{label}”，需要危险性类别(J1 至 W11)，写成 {label}[类别符号]:吨数",
            f"Table 1 does not name {label}; its hazard category (J1 to W11) is needed, as "
            f"{label}[symbol]:tonnes",
        ),
        f"{EDITION} 4.1.2",
        {"substance": label},
    )
