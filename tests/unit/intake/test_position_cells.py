"""Longitude and latitude as clerks write them, apart and in one cell."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_risk.catalogue import layer
from geo_risk.intake import ColumnMap, RawTable, clean_rows
from geo_risk.intake.angles import read_ordinate, read_pair
from tests.oracles.intake_cells import ANGLES, PAIRS, degrees_of

LON, LAT = (118, 38, 52.5), (24, 43, 54.25)


@pytest.mark.parametrize("form", ANGLES)
@given(
    degrees=st.integers(0, 179),
    minutes=st.integers(0, 59),
    hundredths=st.integers(0, 5999),
)
def test_every_form_of_an_angle_reads_back(form, degrees, minutes, hundredths):
    angle = (degrees, minutes, hundredths / 100)
    for axis in "xy":
        assert read_ordinate(ANGLES[form](angle, axis)) == pytest.approx(
            degrees_of(angle), abs=1e-7
        )


@pytest.mark.parametrize("form", PAIRS)
def test_every_form_of_a_pair_reads_as_longitude_and_latitude(form):
    cell, mended = PAIRS[form](LON, LAT)
    pair = read_pair(cell)
    assert pair is not None, cell
    assert pair[:2] == pytest.approx((degrees_of(LON), degrees_of(LAT)), abs=1e-7)
    assert pair.mended == mended


@pytest.mark.parametrize(
    "cell",
    [
        *("118,647", "118°75′10″", "118°38′75″", "999°", "118.5°30′", "W118.6E", "-118.6W"),
        *("东", "约118.6", "118.6?", "nan", "inf", "1e999", "٣", "118.6,24.7", "E", "北纬"),
        *("--118", "118 38 52 1", "200 10 10", "118-38", "118°38′52″″″", "E200.5"),
    ],
)
def test_what_is_no_ordinate(cell):
    assert read_ordinate(cell) is None


@pytest.mark.parametrize(
    "cell",
    [
        *("118.64", "118,6478", "118.64,24.73,5", "118.64,无", "东经118.6,东经24.7", "北京"),
        *("POINT EMPTY", "LINESTRING(1 1,2 2)", "{}", "118.64,2735000", "," * 50),
        *("POINT(1e999 3)", "118.64,24.73" * 40),
    ],
)
def test_what_is_no_pair(cell):
    assert read_pair(cell) is None


@pytest.mark.parametrize("cell", [None, "", "  ", "/", "—", "无", "N/A"])
def test_marks_of_nothing_are_empty(cell):
    value = read_ordinate(cell)
    assert value is not None
    assert math.isnan(value)


def test_outside_china_the_order_stays_as_written_unless_it_cannot_be():
    assert read_pair("24.94,60.17") == (24.94, 60.17, False)
    assert read_pair("60.17,24.94") == (60.17, 24.94, False)
    assert read_pair("-37.8,144.9") == (144.9, -37.8, True)
    assert read_pair("2735000.5,540000.2") == (2735000.5, 540000.2, False)


def _rows(cells):
    rows = [[f"点{at}", *cell] for at, cell in enumerate(cells)]
    numbers = list(range(2, len(rows) + 2))
    table = RawTable(["名称", "x", "y", "坐标"], rows, numbers, None, None, None, 1, "", "csv")
    mapping = ColumnMap({"name": 0}, 1, 2, lonlat=3)
    return clean_rows(table, layer("risk_points"), mapping)


def test_one_cell_serves_where_the_two_are_empty():
    rows = _rows(
        [
            ("118.6", "24.7", "rubbish"),
            ("", None, "118.61,24.71"),
            ("", "", "24.72,118.62"),
            ("/", "/", ""),
            ("", "", "rubbish"),
        ]
    )
    assert rows.x[:3].tolist() == [118.6, 118.61, 118.62]
    assert rows.y[:3].tolist() == [24.7, 24.71, 24.72]
    assert np.isnan(rows.x[3])
    told = [(f.row, f.field, f.code, f.outcome) for f in rows.findings]
    assert told == [
        (4, "lonlat", "coordinate_order_mended", "noted"),
        (6, "lonlat", "coordinate_invalid", "rejected"),
    ]
    assert "118.62" in rows.findings[0].message["zh"]


@given(
    cell=st.text(
        st.sampled_from("0123456789.,-°′″'\"EWNS东西南北经纬度分秒 ;:POINT(){}[]"), max_size=30
    )
)
def test_any_text_of_such_signs_is_read_or_refused(cell):
    value = read_ordinate(cell)
    assert value is None or isinstance(value, float)
    pair = read_pair(cell)
    assert pair is None or all(map(math.isfinite, pair[:2]))
