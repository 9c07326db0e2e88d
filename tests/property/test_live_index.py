"""The live index and its slow twin give the same answers through any history."""

from __future__ import annotations

import shapely
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from geo_risk.datums import MetricCRS
from geo_risk.neighbours import LiveIndex
from tests.oracles.live_index import SlowIndex

CRS = MetricCRS(32650)
whole = st.integers(0, 12).map(lambda n: n * 50.0)
anywhere = whole | st.floats(-1e4, 1e4).map(lambda metres: round(metres, 6))
"""To the micrometre: GEOS has no distance (NaN) to a line that is 1e-190 m long."""
points = st.builds(shapely.Point, anywhere, anywhere)


def _bent(corners):
    return shapely.LineString(corners)


def _block(x, y, wide, deep):
    return shapely.box(x, y, x + wide, y + deep)


blocks = st.builds(_block, anywhere, anywhere, *[st.floats(0.5, 400)] * 2)
bent = st.lists(st.tuples(anywhere, anywhere), min_size=2, max_size=4, unique=True).map(_bent)
shapes = points | blocks | bent
keys = st.integers(0, 30).map("u{}".format)
radii = st.sampled_from([0.0, 50.0, 100.0, 250.0, 1e5]) | st.floats(0, 2000)


class Histories(RuleBasedStateMachine):
    """Inserts, moves, deletes and refreshes in any order, questions between them."""

    @initialize(first=st.dictionaries(keys, shapes, max_size=20))
    def load(self, first):
        self.slow = SlowIndex(first)
        self.fast = LiveIndex(CRS, list(first), list(first.values()))

    @rule(key=keys, shape=shapes)
    def put(self, key, shape):
        (self.fast.move if key in self.slow.shapes else self.fast.insert)(key, shape)
        self.slow.put(key, shape)

    @rule(key=keys)
    def delete(self, key):
        if key in self.slow.shapes:
            self.fast.delete(key)
            self.slow.delete(key)

    @rule(changes=st.dictionaries(keys, st.none() | shapes, max_size=8))
    def refresh(self, changes):
        self.fast.refresh(changes, self.fast.version + 1)
        for key, shape in changes.items():
            if shape is not None:
                self.slow.put(key, shape)
            elif key in self.slow.shapes:
                self.slow.delete(key)

    @rule(place=shapes, radius_m=radii)
    def ask_within(self, place, radius_m):
        assert self.fast.within(place, radius_m) == self.slow.within(place, radius_m)

    @rule(place=shapes, k=st.integers(1, 40))
    def ask_nearest(self, place, k):
        assert self.fast.nearest(place, k) == self.slow.nearest(place, k)

    @invariant()
    def as_many(self):
        assert len(self.fast) == len(self.slow.shapes)


Histories.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestHistories = Histories.TestCase
