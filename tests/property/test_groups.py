"""Site groups keep their limits, whatever the graph, and do not depend on the order of rows."""

from __future__ import annotations

from itertools import combinations
from math import dist

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geo_risk.neighbours.groups import Limits, diameter_m, group_ids, site_groups
from tests.oracles import groups as oracle

place = st.tuples(st.integers(0, 40), st.integers(0, 40))


@st.composite
def cases(draw):
    points = draw(st.lists(place, min_size=1, max_size=28))
    points = [(x * 50.0, y * 50.0) for x, y in points]
    reach = draw(st.sampled_from([0.0, 120.0, 300.0, 700.0]))
    pairs = [
        (i, j)
        for i, j in combinations(range(len(points)), 2)
        if dist(points[i], points[j]) <= reach
    ]
    weights = draw(st.lists(st.floats(0, 1), min_size=len(pairs), max_size=len(pairs)))
    limits = Limits(draw(st.sampled_from([0.0, 200.0, 1000.0])), 3, draw(st.integers(3, 12)))
    ids = draw(st.permutations([f"u{at}" for at in range(len(points))]))
    return list(ids), points, pairs, weights, limits


def found(ids, points, pairs, weights, limits):
    i, j = [a for a, _ in pairs], [b for _, b in pairs]
    return site_groups(ids, np.array(points), i, j, weights, limits)


@settings(deadline=None)
@given(cases())
def test_groups_are_disjoint_linked_and_within_the_limits(case):
    _ids, points, pairs, _weights, limits = case
    groups = found(*case)
    members = [row for group in groups for row in group]
    assert len(set(members)) == len(members)
    for group in groups:
        assert limits.min_members <= len(group) <= limits.max_members
        farthest = max(dist(points[a], points[b]) for a, b in combinations(group, 2))
        assert farthest <= limits.max_diameter_m + 1e-9
        reached, waiting = {group[0]}, [group[0]]
        while waiting:
            one = waiting.pop()
            near = {b for a, b in pairs if a == one} | {a for a, b in pairs if b == one}
            waiting += (near & set(group)) - reached
            reached |= near & set(group)
        assert reached == set(group), "connected by links of its own"


@settings(deadline=None)
@given(cases())
def test_groups_are_those_of_the_rules_in_plain_words(case):
    ids, points, pairs, weights, limits = case
    links = dict(zip(pairs, weights, strict=True))
    assert found(*case) == oracle.site_groups(ids, points, links, limits)


@settings(deadline=None)
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_links_does_not_matter(case, random):
    ids, points, pairs, weights, limits = case
    names = [[ids[row] for row in group] for group in found(*case)]
    order = list(range(len(ids)))
    random.shuffle(order)
    at = {old: new for new, old in enumerate(order)}
    links = [(at[b], at[a]) if random.random() < 0.5 else (at[a], at[b]) for a, b in pairs]
    turned = list(zip(links, weights, strict=True))
    random.shuffle(turned)
    moved_ids = [ids[old] for old in order]
    again = found(
        moved_ids,
        [points[old] for old in order],
        [link for link, _ in turned],
        [weight for _, weight in turned],
        limits,
    )
    assert [[moved_ids[row] for row in group] for group in again] == names


@settings(deadline=None)
@given(cases(), st.integers(0, 27))
def test_elsewhere_nothing_changes_when_one_unit_leaves(case, gone):
    ids, points, pairs, weights, limits = case
    assume(gone < len(ids))
    before = [frozenset(ids[row] for row in group) for group in found(*case)]
    named = dict(zip(group_ids(before, [min(g) for g in before], "site", {}), before, strict=True))
    kept = [(link, w) for link, w in zip(pairs, weights, strict=True) if gone not in link]
    after = [
        frozenset(ids[row] for row in group)
        for group in found(ids, points, [link for link, _ in kept], [w for _, w in kept], limits)
    ]
    linked = {gone}
    for _ in ids:
        linked |= {row for link in pairs if set(link) & linked for row in link}
    far = {ids[row] for row in range(len(ids)) if row not in linked}
    assert [g for g in before if g <= far] == [g for g in after if g <= far]
    names = group_ids(after, [min(g) for g in after], "site", named)
    assert len(set(names)) == len(names)
    for name, group in zip(names, after, strict=True):
        if name in named:
            assert 2 * len(group & named[name]) > len(named[name])
    for name, group in named.items():
        if group in after:
            assert names[after.index(group)] == name


@settings(deadline=None)
@given(st.lists(place, min_size=65, max_size=120))
def test_the_diameter_of_many_is_that_of_brute_force(points):
    slow = max(dist(a, b) for a, b in combinations(points, 2))
    assert abs(diameter_m(np.array(points, float)) - slow) < 1e-9
