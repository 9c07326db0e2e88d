"""The grade that a register states beside the one that was computed or rolled up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from geo_risk.grading.stated import STATED_PROFILE, stated_grade
from geo_risk.store import Query, Store
from geo_risk.vocabulary import SEVERITY, Grade

Side = Literal["lower", "higher"]
LAYER = "enterprises"
_FIELDS = (
    *("id", "name", "town", "village", "department", "responsible"),
    *("grade", "profile", "stated_grade"),
)


@dataclass(frozen=True)
class UnitDifference:
    """An enterprise that declares another grade than the one that follows from what lies in it."""

    id: str
    name: str
    town: str | None
    village: str | None
    department: str | None
    responsible: str | None
    grade_computed: str
    grade_stated: str
    stated_is: Side
    layer: str = LAYER

    def as_json(self) -> dict[str, Any]:
        """The fields as they are."""
        return asdict(self)


def compared(row: Mapping[str, Any], grade: Grade) -> dict[str, Any]:
    """The computed and the stated grade side by side; neither replaces the other."""
    stated = stated_grade(row["stated_grade"])
    computed = None if row["profile"] == STATED_PROFILE else grade
    side: Side | None = None
    if stated is not None and computed is not None and stated is not computed:
        side = "lower" if SEVERITY[stated] < SEVERITY[computed] else "higher"
        # Where nothing could be computed, a stated grade is neither higher nor lower.
        side = None if computed is Grade.NO_DATA else side
    return {
        "grade_computed": computed and str(computed),
        "grade_stated": stated and str(stated),
        "differs": side is not None,
        "stated_is": side,
    }


def unit_differences(
    store: Store, town: str = "", department: str = ""
) -> tuple[UnitDifference, ...]:
    """The enterprises whose stated grade is another than the rolled-up one, worst first."""
    if LAYER not in store.schema.specs:
        return ()
    present = store.source(LAYER).c
    names = [name for name in _FIELDS if name in present]
    found = []
    for values in store.columns(Query(LAYER, town=town), names):
        row = {**dict.fromkeys(_FIELDS), **dict(zip(names, values, strict=True))}
        told = compared(row, Grade(row["grade"] or Grade.NO_DATA))
        if told.pop("differs") and department in ("", row["department"]):
            own = {name: row[name] for name in _FIELDS[:6]}
            found.append(UnitDifference(**{**own, "name": row["name"] or row["id"]}, **told))
    found.sort(key=lambda unit: (-SEVERITY[Grade(unit.grade_computed)], unit.id))
    return tuple(found)
