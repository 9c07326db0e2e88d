"""Days, credit codes and ids as people write them, and what is said of each that is not certain."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_risk.intake.credit_code import (
    ALPHABET,
    check_character,
    is_credit_code,
    likely_code,
    organisation_check_character,
    organisation_fits,
    read_credit_code,
)
from geo_risk.intake.dates import read_date
from geo_risk.intake.faults import Fault, Noted
from geo_risk.intake.identifiers import read_identifier
from tests.oracles.intake_cells import (
    DATES,
    credit_check,
    credit_code,
    excel_serial,
    organisation_check,
)

ORGANISATION = st.text(ALPHABET, min_size=8, max_size=8)
GOOD = credit_code("91", "350581", "MA2Y0T1X")


@pytest.mark.parametrize("form", DATES)
@given(day=st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)))
def test_every_form_of_a_day_reads_back(form, day):
    assert read_date(DATES[form](day)) == day.isoformat()


@given(day=st.dates(dt.date(2009, 7, 6), dt.date(2064, 4, 7)))
def test_a_serial_number_is_read_with_a_note(day):
    for cell in (excel_serial(day), str(excel_serial(day)), excel_serial(day) + 0.25):
        noted = read_date(cell)
        assert isinstance(noted, Noted)
        assert (noted.value, noted.code) == (day.isoformat(), "date_from_serial")
        assert day.isoformat() in noted.message["zh"]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("05/03/2026", "date_ambiguous"),
        ("5-3-2026", "date_ambiguous"),
        ("3/5/26", "date_ambiguous"),
        ("26年3月5日", "date_ambiguous"),
        ("2026-3", "date_incomplete"),
        ("2026年3月", "date_incomplete"),
        ("2026年", "date_incomplete"),
        (202603, "date_incomplete"),
        ("2026", "date_incomplete"),
        ("2026-02-30", "value_invalid"),
        ("30 Feb 2026", "value_invalid"),
        ("0026-03-05", "value_invalid"),
        ("昨天", "value_invalid"),
        (39999, "value_invalid"),
        (60000, "value_invalid"),
        (True, "value_invalid"),
        ("2026-03-05" * 20, "value_invalid"),
    ],
)
def test_a_day_that_is_not_certain_says_how_to_write_it(cell, code):
    fault = read_date(cell)
    assert isinstance(fault, Fault)
    assert fault.code == code
    assert "2026-03-05" in fault.fix["zh"]
    assert "2026-03-05" in fault.fix["en"]


def test_a_day_first_date_is_read_where_no_month_has_its_number():
    assert read_date("25/03/2026") == "2026-03-25"


@given(body=st.text(ALPHABET, min_size=17, max_size=17))
def test_the_check_character_is_that_of_the_standard(body):
    assert check_character(body) == credit_check(body)
    assert organisation_check_character(body[8:16]) == organisation_check(body[8:16])


def test_examples_of_the_standards():
    assert is_credit_code("91350100M000100Y43")
    assert organisation_fits("91350100M000100Y43")
    assert organisation_check_character("D2143569") == "X"


@pytest.mark.parametrize(
    "cell", [GOOD.lower(), f" {GOOD[:6]} {GOOD[6:]} ", f"{GOOD[:8]}-{GOOD[8:]}", "９" + GOOD[1:]]
)
def test_width_case_and_gaps_of_a_code_are_mended(cell):
    assert read_credit_code(cell) == GOOD


@pytest.mark.parametrize("letter", ["O", "I", "Z", "S", "V"])
def test_letters_that_are_in_no_code(letter):
    fault = read_credit_code(GOOD[:9] + letter + GOOD[10:])
    assert isinstance(fault, Fault)
    assert f"不会出现 {letter}" in fault.message["zh"]


@given(organisation=ORGANISATION, data=st.data())
def test_the_one_likely_code_is_named_and_never_taken(organisation, data):
    code = credit_code("91", "350581", organisation)
    mistaken = {"0": "O", "1": "I", "5": "S", "2": "Z"}
    at = data.draw(st.sampled_from([i for i, c in enumerate(code) if c in mistaken]))
    fault = read_credit_code(code[:at] + mistaken[code[at]] + code[at + 1 :])
    assert isinstance(fault, Fault)
    assert code in fault.fix["zh"]
    assert code in fault.fix["en"]


@given(organisation=ORGANISATION)
def test_a_single_b_for_8_is_suggested_only_when_nothing_else_fits(organisation):
    code = credit_code("91", "350581", organisation)
    wrong = code[:6] + "B" + code[7:]
    flips = {"B": "8", "8": "B"}
    fitting = [
        other
        for i, c in enumerate(wrong)
        if c in flips and is_credit_code(other := wrong[:i] + flips[c] + wrong[i + 1 :])
    ]
    assert code in fitting
    assert likely_code(wrong) == (code if len(fitting) == 1 else None)


@pytest.mark.parametrize(
    ("cell", "code", "said"),
    [
        ("9.1E+17", "id_scientific", "请把该列设为文本后重新填写"),
        (9.1350581e17, "id_scientific", "请把该列设为文本后重新填写"),
        ("9.1350581E17", "id_scientific", "Excel 把代码变成了数字"),
        (913505810000000000, "value_invalid", "15 位数字"),
        (GOOD[:-1], "value_invalid", "Excel"),
        ("350581100012345", "value_invalid", "新执照"),
        ("MA2Y0T1X-7", "value_invalid", "18 位代码"),
        ("91350581", "value_invalid", "18 位代码"),
        (GOOD[:-1] + ("0" if GOOD[-1] != "0" else "1"), "value_invalid", "营业执照"),
    ],
)
def test_what_clerks_and_spreadsheets_do_to_a_code(cell, code, said):
    fault = read_credit_code(cell)
    assert isinstance(fault, Fault)
    assert fault.code == code
    assert said in fault.fix["zh"]


def test_a_wrong_organisation_code_inside_is_told_but_taken():
    body = "91350581MA2Y0T1X8"
    noted = read_credit_code(body + credit_check(body))
    assert isinstance(noted, Noted)
    assert noted.code == "credit_code_organisation"
    assert noted.value == body + credit_check(body)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("00123", "00123"),
        ("0595-88881234", "0595-88881234"),
        ("+86 13800001234", "+86 13800001234"),
        (13800001234, "13800001234"),
        (350581001, "350581001"),
        ("1E5", "1E5"),
        ("2E10", "2E10"),
        ("ＱＹ００３５", "QY0035"),
        ("v1.0", "v1.0"),
        ("1.5", "1.5"),
        ("", None),
        (" ", None),
    ],
)
def test_ids_stay_text(cell, value):
    assert read_identifier(cell) == value


@pytest.mark.parametrize("cell", ["12345.0", "12345.00", 12345.0, "１２３４５．０"])
def test_an_id_with_a_decimal_loses_it_with_a_note(cell):
    noted = read_identifier(cell)
    assert isinstance(noted, Noted)
    assert (noted.value, noted.code) == ("12345", "id_decimal_dropped")


@pytest.mark.parametrize("cell", ["1.38E+10", "9E+17", "1.2345e10", 1e22, "3.50581E+11"])
def test_an_id_in_scientific_notation_is_lost(cell):
    fault = read_identifier(cell)
    assert isinstance(fault, Fault)
    assert fault.code == "id_scientific"
