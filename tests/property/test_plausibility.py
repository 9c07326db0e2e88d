"""The fast position checks find what comparing every row with every row finds."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo_risk.intake.duplicates import company_core
from geo_risk.intake.plausibility import (
    Thresholds,
    near_duplicates,
    pile_ups,
    swapped,
    zero_positions,
)
from tests.oracles import plausibility as oracle

BRANDS = ["恒兴", "恒兴泰", "华联", "锦达丰"]
TRADES = ["服装", "针织织造", "印染", ""]
LEGAL = ["有限公司", "厂", "(个体)", ""]
PARTS = ["", "1号", "2号", "东区"]
names = st.builds(
    lambda *parts: "".join(parts),
    st.sampled_from(["石狮市", "福建省石狮市", ""]),
    st.sampled_from(BRANDS),
    st.sampled_from(TRADES),
    st.sampled_from(LEGAL),
    st.sampled_from(PARTS),
)
places = st.tuples(
    st.integers(0, 6).map(lambda k: 118.6 + k * 4e-4),
    st.integers(0, 4).map(lambda k: 24.7 + k * 4e-4),
)
addresses = st.sampled_from(["", "", "石泉路1号", "石泉路1号3楼", "塘边村2号", "塘边村3号"])


def columns(rows):
    lon, lat = (np.array([row[0][axis] for row in rows], dtype=float) for axis in (0, 1))
    return range(len(rows)), lon, lat


@given(st.lists(st.tuples(places, names, st.integers(0, 15)), max_size=9))
def test_near_duplicates_are_those_of_all_pairs(rows):
    numbers, lon, lat = columns(rows)
    ids = [str(row[2]) for row in rows]
    written = [row[1] for row in rows]
    found = near_duplicates(numbers, ids, written, [None] * len(rows), lon, lat)
    expected = oracle.nearest_likeness([row[0] for row in rows], written, ids, 100.0, 88.0)
    assert {finding.row for finding in found} == set(expected)
    for finding in found:
        assert f"{expected[finding.row]:.0f}%" in finding.message["zh"]


@given(st.lists(st.tuples(st.just((118.6, 24.7)), names, addresses), max_size=20))
def test_piles_are_those_of_plain_counting(rows):
    numbers, lon, lat = columns(rows)
    written, where = [row[1] for row in rows], [row[2] for row in rows]
    found = pile_ups(numbers, lon, lat, written, where, thresholds=Thresholds(pile_up_count=3))
    expected = oracle.piles([row[0] for row in rows], written, where, 3)
    assert {finding.row: finding.code for finding in found} == expected


anything = st.floats(allow_nan=True, allow_infinity=True)


@given(st.lists(st.tuples(anything, anything), max_size=20))
def test_no_number_breaks_the_checks_of_single_rows(rows):
    x, y = (np.array([row[axis] for row in rows], dtype=float) for axis in (0, 1))
    numbers = range(len(rows))
    found, mask = zero_positions(numbers, x, y)
    assert [finding.row for finding in found] == np.flatnonzero(mask).tolist()
    swaps = swapped(numbers, x, y)
    assert [finding.row for finding in swaps.findings] == np.flatnonzero(swaps.mask).tolist()
    for i in np.flatnonzero(swaps.mask):
        assert 73 <= y[i] <= 135.1
        assert 3.8 <= x[i] <= 53.6


@given(st.text(max_size=40))
def test_no_name_breaks_the_comparison(name):
    core = company_core(name, ("石狮市",))
    assert isinstance(core, str)
    assert company_core(name, ("石狮市",)) == core
    near = near_duplicates([1, 2], ["a", "b"], [name, name], [None, None], np.zeros(2), np.zeros(2))
    assert len(near) == (2 if core else 0)
