"""Groups in both kinds of store: written as a whole, read back, empty where nothing is."""

from __future__ import annotations

from geo_risk.services import groups
from geo_risk.store import Store


def test_an_empty_store_has_no_groups(store: Store) -> None:
    assert groups.about_groups(store) is None
    about = groups.build(store)
    assert (about["units"], about["links"], about["alone"]) == (0, 0, [])
    assert groups.listed(store) == []
    assert groups.about_groups(store) == {**about, "changed_since": []}
