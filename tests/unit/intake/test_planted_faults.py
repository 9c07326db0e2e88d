"""Of 2,200 rows the 200 with a planted fault are named, and none of the 2,000 right ones."""

from __future__ import annotations

import dataclasses
import math
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo_risk.catalogue import layer, layers
from geo_risk.intake import ColumnMap, RawTable, clean_rows
from tests.oracles.intake_planted import COLUMNS, FAULTS, right_row

EACH = 20
ENTERPRISES = layer("enterprises")
SPEC = dataclasses.replace(
    ENTERPRISES, fields=(*ENTERPRISES.fields, layer("hidden_dangers").by_name["found_on"])
)


def table_of(rows):
    cells = [[row.get(column) for column in COLUMNS] for row in rows]
    numbers = list(range(2, len(rows) + 2))
    return RawTable(list(COLUMNS), cells, numbers, None, None, None, 1, "", "xlsx")


def mapping_of(columns=COLUMNS):
    at = {column: index for index, column in enumerate(columns)}
    x, y, lonlat = at.pop("x"), at.pop("y"), at.pop("lonlat")
    return ColumnMap(at, x, y, lonlat=lonlat)


@pytest.fixture(scope="module", params=[3, 2026, 350581])
def planted(request):
    rng = Random(request.param)
    pairs = [right_row(rng, number) for number in range(2200)]
    rows = [cells for cells, _ in pairs]
    kinds = [kind for kind in FAULTS for _ in range(EACH)]
    places = dict(zip(rng.sample(range(2200), len(kinds)), kinds, strict=True))
    for at, kind in places.items():
        rows[at] |= FAULTS[kind][2](rng, rows[at])
    return clean_rows(table_of(rows), SPEC, mapping_of()), places, [r for _, r in pairs]


def test_every_planted_fault_is_found_with_its_row_field_and_code(planted):
    rows, places, _ = planted
    assert len(FAULTS) == 10
    found = {reject.row - 2: reject for reject in rows.rejects}
    assert sorted(found) == sorted(places)
    assert len(rows.rejects) == 200
    for at, kind in places.items():
        fields, code, _ = FAULTS[kind]
        assert (found[at].field in fields, found[at].code) == (True, code), (kind, found[at])


def test_none_of_the_right_rows_is_refused_and_each_becomes_what_it_is(planted):
    rows, places, expected = planted
    assert len(rows.records) == 2000
    for record, x, y in zip(rows.records, rows.x, rows.y, strict=True):
        assert record["row"] - 2 not in places
        right = dict(expected[record["row"] - 2])
        where = right.pop("where")
        assert {name: record[name] for name in right} == right
        if where is None:
            assert math.isnan(x)
            assert math.isnan(y)
        else:
            assert (x, y) == pytest.approx(where, abs=1e-6)


def test_what_was_mended_in_a_right_row_is_noted(planted):
    rows, places, _ = planted
    noted = [finding for finding in rows.findings if finding.outcome == "noted"]
    assert {finding.code for finding in noted} == {
        "coordinate_order_mended",
        "date_from_serial",
        "grade_green_as_blue",
        "id_decimal_dropped",
    }
    assert not {finding.row - 2 for finding in noted} & set(places)
    assert all(finding.message["zh"] and finding.message["en"] for finding in noted)


CELL = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.just(10**5000),
    st.floats(),
    st.text(max_size=30),
    st.text("0123456789.,-+eE°′″'\"EWNS东经北纬度分秒年月日/(){}[]:;红黄一二级ⅠO ", max_size=24),
    st.text("9", min_size=300, max_size=5000),
    st.sampled_from(["\ud800", "１２", "绿(重大)", "POINT(1 2)", "١٢", "²", "½", "℃", "12:"]),
)


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(layer_id=st.sampled_from(sorted(layers())), data=st.data())
def test_no_cell_makes_cleaning_raise(layer_id, data):
    spec = layer(layer_id)
    columns = [*(field.name for field in spec.fields), "x", "y", "lonlat", "outline"]
    width = len(columns)
    cells = data.draw(st.lists(st.lists(CELL, min_size=width, max_size=width), max_size=4))
    numbers = list(range(1, len(cells) + 1))
    table = RawTable(columns, cells, numbers, None, None, None, 1, "", "xlsx")
    fields = {name: at for at, name in enumerate(columns[:-4])}
    mapping = ColumnMap(fields, width - 4, width - 3, width - 1, lonlat=width - 2)
    rows = clean_rows(table, spec, mapping)
    assert len(rows.records) + len(rows.rejects) == rows.total <= len(cells)
    for record in rows.records:
        assert all(
            value is None or isinstance(value, (str, int, float, bool)) for value in record.values()
        )
