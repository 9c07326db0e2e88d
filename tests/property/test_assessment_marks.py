"""Thinning the marks of a map loses no place: each square keeps its worst, numbered ones stay."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from geo_risk.assessment import MapMark
from geo_risk.render.assessment_maps import thinned
from geo_risk.vocabulary import SEVERITY, Grade
from tests.oracles.assessment_marks import marks_by_square
from tests.unit.assessments import assessment

DATA = assessment().map
assert DATA is not None
METRES = st.integers(0, 8_000).map(float)
MARKS = st.lists(
    st.builds(
        MapMark,
        grade=st.sampled_from([Grade.RED, Grade.ORANGE]),
        x_m=METRES,
        y_m=METRES,
        label=st.sampled_from(["", "", "", "7"]),
    ),
    max_size=60,
)


@given(MARKS)
def test_each_square_keeps_its_worst_mark(marks: list[MapMark]) -> None:
    data = replace(DATA, marks=tuple(marks))
    drawn = thinned(data)
    numbered = {id(item) for item in marks if item.label}
    assert numbered == {id(item) for item in drawn if item.label}
    scale = 1000.0 / (data.box_m[2] - data.box_m[0])
    plain = [item for item in drawn if not item.label]
    squares = marks_by_square(
        [((m.x_m - data.box_m[0]) * scale, (data.box_m[3] - m.y_m) * scale, m) for m in marks], 5.0
    )
    for square in squares:
        kept = [item for item in plain if any(item is one for one in square)]
        assert len(kept) == (0 if any(item.label for item in square) else 1)
        if kept:
            assert SEVERITY[kept[0].grade] == max(SEVERITY[item.grade] for item in square)
