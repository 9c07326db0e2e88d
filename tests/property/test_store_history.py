"""Any run of imports and undos leaves the same content as a dict that does it slowly."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from geo_risk.errors import ConflictError
from geo_risk.store import Query, open_store
from tests.oracles.store_history import DictStore
from tests.store.records import LAYER, put, record, undo

PUT = st.tuples(
    st.just("put"),
    st.dictionaries(st.sampled_from("ABCD"), st.sampled_from([1, 2, 3]), min_size=1),
)
UNDO = st.tuples(st.just("undo"), st.integers(0, 20))


@given(st.lists(st.one_of(PUT, UNDO), max_size=12))
@settings(max_examples=40, deadline=None)
def test_puts_and_undos_agree_with_a_dict(steps: list) -> None:
    twin, batches = DictStore(), []
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(str(Path(folder) / "city.gpkg"), create=True)
        for kind, what in steps:
            if kind == "put":
                records = [record(key, people=n) | {"l": n} for key, n in what.items()]
                batches.append(put(store, *records))
                twin.put(what)
            elif batches:
                which = what % len(batches)
                try:
                    batches.append(undo(store, batches[which]))
                    done = True
                except ConflictError:
                    done = False
                assert done == twin.may_undo(which)
                if done:
                    twin.undo(which)
            rows = list(store.features(Query(LAYER)))
            assert {row["id"]: row["l"] for row in rows} == twin.content
            assert {row["id"]: row["version"] for row in rows} == {
                key: twin.versions[key] for key in twin.content
            }
        assert store.check() == []
        store.close()
