"""Properties of grading, and the fast functions against their slow twins."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo_risk.grading import (
    ROLL_UP_COLUMNS,
    Substance,
    canonical_substances,
    count_grades,
    grade_lec,
    grade_ls,
    grade_major_hazard,
    parse_substances,
    roll_up,
)
from geo_risk.vocabulary import SEVERITY, Grade, worst
from tests.oracles import grading_gb18218 as gb
from tests.oracles import grading_lec as lec
from tests.oracles.grading_rollup import roll_up_points

scores = st.tuples(*map(st.sampled_from, (lec.L_SCORES, lec.E_SCORES, lec.C_SCORES)))
lec_profiles = st.sampled_from(["lec_strict_gt", "lec_ge"])
ls_profiles = st.sampled_from(sorted(lec.LS_LIMITS))
stocks = st.lists(
    st.tuples(st.sampled_from(sorted(gb.KNOWN)), st.integers(1, 2_000_000)), min_size=1, max_size=8
)
people = st.integers(0, 5000)
grades = st.lists(st.sampled_from(list(Grade)), max_size=40)


def as_text(stock):
    return ";".join(f"{name}:{kg // 1000}.{kg % 1000:03d}" for name, kg in stock)


@given(scores, lec_profiles)
def test_lec_agrees_with_its_twin(triple, profile):
    assert grade_lec(*triple, profile).grade.value == lec.lec_grade(*triple, profile)


@given(scores, scores, lec_profiles)
def test_raising_a_factor_of_lec_never_lowers_the_grade(one, other, profile):
    low = [min(pair, key=Fraction) for pair in zip(one, other, strict=True)]
    high = [max(pair, key=Fraction) for pair in zip(one, other, strict=True)]
    lower, higher = grade_lec(*low, profile).grade, grade_lec(*high, profile).grade
    assert SEVERITY[higher] >= SEVERITY[lower]


@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 5), ls_profiles)
def test_ls_agrees_with_its_twin_and_is_monotone(likelihood, severity, more, profile):
    here = grade_ls(likelihood, severity, profile).grade
    there = grade_ls(max(likelihood, more), severity, profile).grade
    assert here.value == lec.ls_grade(likelihood, severity, profile)
    assert SEVERITY[there] >= SEVERITY[here]


@given(stocks, people)
def test_gb18218_agrees_with_its_twin(stock, exposed):
    graded = grade_major_hazard(parse_substances(as_text(stock)), exposed)
    assert (graded.grade.value, graded.details["level"]) == gb.colour(stock, exposed)
    assert Fraction(graded.details["S"]) == gb.identify(stock)


@given(stocks, st.tuples(st.sampled_from(sorted(gb.KNOWN)), st.integers(1, 10**6)), people)
def test_adding_a_substance_never_lowers_s_or_the_grade(stock, extra, exposed):
    before = grade_major_hazard(parse_substances(as_text(stock)), exposed)
    after = grade_major_hazard(parse_substances(as_text([*stock, extra])), exposed)
    assert Fraction(after.details["S"]) > Fraction(before.details["S"])
    assert SEVERITY[after.grade] >= SEVERITY[before.grade]


names = st.sampled_from([*sorted(gb.KNOWN), "甲醇", "硝化棉", "活性染料", "甲苯[W5.3]"])


@given(
    st.lists(st.tuples(names, st.integers(1, 2_000_000)), min_size=1, max_size=5),
    st.none() | people,
)
def test_an_identified_major_hazard_source_is_never_blue(stock, exposed):
    graded = grade_major_hazard(parse_substances(as_text(stock)), exposed)
    assert (graded.grade is Grade.BLUE) == (graded.details["constitutes"] == "false")


@given(st.text(alphabet="氨氯甲醇液吨tkgJW0123456789.,:;、，；[]()/- ", max_size=40))
def test_reading_a_cell_gives_a_list_or_a_said_error_and_canonical_text_is_stable(text):
    try:
        canonical = canonical_substances(text)
    except ValueError:
        return
    assert canonical_substances(canonical) == canonical
    assert parse_substances(canonical) == parse_substances(text)
    assert all(isinstance(s, Substance) and s.tonnes > 0 for s in parse_substances(text))


@given(st.lists(grades, max_size=6))
def test_roll_up_agrees_with_its_twin(areas):
    counts = np.array([count_grades(area) for area in areas], dtype=np.int64).reshape(-1, 5)
    rolled = roll_up(counts)
    for at, area in enumerate(areas):
        badge, mean, fill = roll_up_points([grade.value for grade in area])
        assert (rolled.worst[at].value, rolled.fill[at].value) == (badge, fill)
        assert np.isnan(rolled.index[at]) if mean is None else rolled.index[at] == float(mean)


@given(st.lists(grades, min_size=1, max_size=6))
def test_the_badge_of_a_whole_is_never_below_its_worst_part(areas):
    parts = np.array([count_grades(area) for area in areas])
    whole = roll_up(parts.sum(axis=0, keepdims=True)).worst[0]
    assert whole is worst(roll_up(parts).worst)
    assert len(ROLL_UP_COLUMNS) == 5
