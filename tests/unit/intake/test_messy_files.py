"""Messy files as clerks hand them in: each gives the table, or the refusal, written beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from geo_risk.catalogue import layer
from geo_risk.errors import InputError
from geo_risk.intake import clean_rows, map_columns, read_table

MESSY = Path(__file__).parent.parent.parent / "fixtures" / "messy"
FILES = sorted(path for path in MESSY.iterdir() if path.suffix in (".csv", ".tsv", ".xlsx"))


def expectation(path):
    return json.loads(path.with_name(path.name + ".json").read_text("utf-8"))


def mapped(table, mapping):
    targets = {**mapping.fields}
    for name in ("x", "y", "lonlat", "outline"):
        if getattr(mapping, name) is not None:
            targets[name] = getattr(mapping, name)
    return {name: table.columns[at] for name, at in targets.items()}


def test_there_are_at_least_thirty():
    assert len(FILES) >= 30


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_messy_file_gives_what_is_written_beside_it(path):
    expected = expectation(path)
    if "error" in expected:
        with pytest.raises(InputError) as caught:
            read_table(path)
        assert caught.value.code == expected["error"]
        assert caught.value.fix["zh"]
        assert caught.value.fix["en"]
        return
    table, spec = read_table(path), layer(expected["layer"])
    mapping = map_columns(table.columns, spec)
    assert table.columns == expected["columns"]
    assert (table.header_row, table.header_rows) == (
        expected["header_row"],
        expected["header_rows"],
    )
    assert table.row_numbers == expected["row_numbers"]
    assert (table.rows[0] if table.rows else None) == expected["first"]
    assert [list(item) for item in table.skipped] == expected["skipped"]
    assert mapped(table, mapping) == expected["mapping"]
    assert mapping.datum_hint == expected.get("datum_hint")
    for name in ("title", "encoding", "sheet"):
        if name in expected:
            assert getattr(table, name) == expected[name]
    _check_values(table, spec, mapping, expected)


def _check_values(table, spec, mapping, expected):
    if not {"record", "records", "xy"} & set(expected):
        return
    rows = clean_rows(table, spec, mapping)
    if "records" in expected:
        assert len(rows.records) == expected["records"]
    for name, value in expected.get("record", {}).items():
        assert rows.records[0][name] == value
    if "xy" in expected:
        assert [rows.x[0], rows.y[0]] == pytest.approx(expected["xy"])
