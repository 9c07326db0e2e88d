"""Pairs and likeness against their slow twins, where points crowd, coincide and lie on the edge."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_risk.neighbours.likeness import (
    TAG_KINDS,
    Industries,
    Tags,
    business_likeness,
    industry_depth,
    policies,
)
from geo_risk.neighbours.outlines import shape_pairs_within
from geo_risk.neighbours.pairs import pairs_within
from tests.oracles import neighbour_pairs as slow

whole = st.integers(-8, 8).map(float)
far = st.floats(-5e4, 5e4)
clustered = st.builds(lambda c, d: c * 1000.0 + d, st.integers(-2, 2), st.floats(-30, 30))
coordinate = st.one_of(whole, far, clustered)
radii = st.sampled_from([0.001, 1.0, 5.0, 25.0, 1000.0, 123456.7])
attributes = st.tuples(st.integers(-1, 3), st.integers(-1, 4))


@st.composite
def cases(draw):
    rows = draw(st.lists(st.tuples(coordinate, coordinate, attributes), max_size=40))
    x, y = (np.array([row[at] for row in rows], float) for at in (0, 1))
    sector = np.array([row[2][0] for row in rows], np.int32)
    grade = np.array([row[2][1] for row in rows], np.int8)
    offset = draw(st.sampled_from([0.0, 6e5, -3.3e6]))
    given_ = {}
    if draw(st.booleans()):
        given_["sector"] = sector
    if draw(st.booleans()):
        given_ |= {"grade": grade, "grade_within": draw(st.integers(0, 3))}
    return x + offset, y - offset, draw(radii), given_


def told(pairs):
    assert (pairs.i < pairs.j).all()
    listed = list(zip(pairs.i.tolist(), pairs.j.tolist(), strict=True))
    assert len(set(listed)) == len(listed)
    return dict(zip(listed, pairs.distance_m.tolist(), strict=True))


@settings(deadline=None)
@given(cases())
def test_pairs_are_those_of_brute_force(case):
    x, y, radius_m, how = case
    assert told(pairs_within(x, y, radius_m, **how)) == slow.pairs(x, y, radius_m, **how)


@settings(deadline=None)
@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(-(10**6), 10**6))
def test_a_distance_equal_to_the_radius_counts_and_one_step_more_does_not(m, n, at):
    # Whole-number right triangles: both distances are exact in float64.
    m, n = max(m, n) + 1, min(m, n)
    a, b, c = float(m * m - n * n), float(2 * m * n), float(m * m + n * n)
    scale = 2.0 ** -np.ceil(np.log2(c / 1000.0))
    radius_m = c * scale
    x, y = np.array([0.0, a * scale]), np.array([0.0, b * scale])
    expected = slow.pairs(x, y, radius_m)
    assert told(pairs_within(x, y, radius_m)) == expected
    assert len(pairs_within(x[::-1] * 0 + [at, at + radius_m], y * 0, radius_m)) == 1
    assert len(pairs_within([0.0, np.nextafter(radius_m, np.inf)], y * 0, radius_m)) == 0


@st.composite
def shapes(draw):
    x, y = draw(whole) * 3, draw(whole) * 3
    if draw(st.booleans()):
        return shapely.Point(x, y)
    return shapely.box(x, y, x + draw(st.integers(1, 6)), y + draw(st.integers(1, 6)))


@settings(deadline=None)
@given(st.lists(st.tuples(shapes(), attributes), max_size=20), st.sampled_from([1.0, 3.0, 5.0]))
def test_outlines_pair_by_the_distance_of_their_boundaries(rows, radius_m):
    made = np.array([shape for shape, _ in rows], dtype=object)
    how = {
        "sector": np.array([one for _, (one, _) in rows], np.int32),
        "grade": np.array([one for _, (_, one) in rows], np.int8),
        "grade_within": 1,
    }
    found = told(shape_pairs_within(made, radius_m, **how))
    assert found == pytest.approx(slow.shape_pairs(made, radius_m, **how))


codes = st.none() | st.tuples(
    st.sampled_from("CE"), st.sampled_from(["", "17", "171", "1711", "1712", "172", "18", "1811"])
)
tags = st.lists(st.tuples(st.sampled_from(TAG_KINDS), st.sampled_from("abcd")), max_size=6)


@settings(deadline=None)
@given(st.lists(st.tuples(codes, tags), min_size=1, max_size=12))
def test_likeness_agrees_with_plain_sets(rows):
    i, j = (np.array(part, np.int32) for part in np.triu_indices(len(rows), 1))
    depth = industry_depth(Industries.of([code for code, _ in rows]), i, j)
    assert depth.tolist() == [slow.depth(rows[a][0], rows[b][0]) for a, b in zip(i, j, strict=True)]
    for policy in policies().values():
        weights = dict(zip(TAG_KINDS, policy.tag_weights, strict=True))
        found = business_likeness(Tags.of(tags for _, tags in rows), i, j, policy)
        for at, (a, b) in enumerate(zip(i, j, strict=True)):
            expected = slow.overlap(rows[a][1], rows[b][1], weights)
            assert np.isnan(found[at]) if expected is None else found[at] == expected
