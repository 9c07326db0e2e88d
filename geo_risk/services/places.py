"""Towns as people name them: by code or by name."""

from __future__ import annotations

from collections.abc import Mapping

from geo_risk.errors import Text, UsageError
from geo_risk.store import Query, Store

TOWN_DIGITS = 9
_SHOWN = 20


def town_names(store: Store) -> dict[str, str]:
    """The towns of the store: code -> name."""
    rows = store.columns(Query("towns"), ("id", "name")) if "towns" in store.schema.specs else []
    return {code: name or code for code, name in rows}


def town_code(towns: Mapping[str, str], town: str) -> str:
    """The code of a town given by code or name; empty for none given.

    A code of twelve digits that ends in 000 is the town's own and is cut to nine; that of a
    village is no town. An unknown town is a `UsageError` (`town_unknown`) that names the towns,
    as an empty answer would pass for “nothing there”.
    """
    town = town.strip()
    if not town or town in towns:
        return town
    cut = town.removesuffix("000") if len(town) == TOWN_DIGITS + 3 else ""
    if cut in towns:
        return cut
    found = [code for code, name in towns.items() if name == town]
    if len(found) == 1:
        return found[0]
    raise UsageError(
        "town_unknown",
        Text("没有这个镇(街道)", "There is no such town"),
        where="--town",
        got=town,
        fix=one_of([f"{code} {name}" for code, name in towns.items()]),
    )


def one_of(names: list[str]) -> Text:
    """The fix that names what there is, the first of them where there are many."""
    shown = "; ".join(names[:_SHOWN]) or "–"
    return Text(f"可用: {shown}", f"Known: {shown}")
