"""GB 18218-2009: identification by those few critical quantities that have a source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..errors import InputError, Text
from ..reference import table
from .exact import exact_text, said
from .gb18218_tables import candidates
from .results import Reason
from .substances import Substance

EDITION = "GB 18218-2009"


@dataclass(frozen=True)
class Identified:
    """One substance by the 2009 edition: its critical quantity in tonnes and its share of it."""

    label: str
    tonnes: Fraction
    critical_t: Fraction
    clause: str

    @property
    def share(self) -> Fraction:
        """q/Q."""
        return self.tonnes / self.critical_t


def identify_2009(
    substances: Sequence[Substance],
) -> tuple[tuple[Identified, ...], Fraction, tuple[Reason, ...]]:
    """The substances, S and the reasons by the 2009 edition, which is not in force any more.

    Only the quantities of `gb18218_2009_quantities.csv` are known; another substance is an
    `InputError`. No level: this project knows no sourced β or level table for that edition.
    """
    rows = tuple(map(_identified, substances))
    total = sum((row.share for row in rows), Fraction(0))
    sign = "≥" if total >= 1 else "<"
    steps = [
        Reason(
            "gb18218_quantity",
            Text(
                f"{row.label}：设计最大量 {exact_text(row.tonnes)} t ÷ "
                f"临界量 {exact_text(row.critical_t)} t = {said(row.share)}",
                f"{row.label}: design maximum {exact_text(row.tonnes)} t / critical quantity "
                f"{exact_text(row.critical_t)} t = {said(row.share)}",
            ),
            row.clause,
            {"substance": row.label, "Q_t": exact_text(row.critical_t)},
        )
        for row in rows
    ]
    result = Reason(
        "gb18218_s",
        Text(
            f"S = {said(total)} {sign} 1；2009 年版已被 2018 年版代替，只辨识，不分级",
            f"S = {said(total)} {sign} 1; the 2009 edition is replaced by that of 2018; it is "
            "identified only, without a level",
        ),
        EDITION,
        {"S": exact_text(total)},
    )
    return rows, total, (*steps, result)


def _identified(substance: Substance) -> Identified:
    if substance.critical_t is not None:
        return Identified(substance.label, substance.tonnes, substance.critical_t, substance.source)
    numbers = {row.number for row in candidates(substance.name)}
    for row in table("gb18218_2009_quantities"):
        if numbers == {row["table1_no"]}:
            return Identified(
                substance.label, substance.tonnes, Fraction(row["critical_t"]), row["clause"]
            )
    known = "; ".join(row["name_zh"] for row in table("gb18218_2009_quantities"))
    raise InputError(
        "substance_not_in_edition",
        Text(
            "该物质在 2009 年版中的临界量没有可靠来源",
            "There is no sourced critical quantity of the substance in the 2009 edition",
        ),
        where=EDITION,
        got=substance.label,
        fix=Text(f"只有：{known}；其他请用 2018 年版", f"Only: {known}; else use the 2018 edition"),
    )
