"""Merging gazetteers: whatever comes in whatever order, nothing is lost and nothing doubled."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from geo_risk.geocoding import Place, merge_places

STEMS = ("前园", "前坑", "塘边", "后垵", "后安", "华山")
TAILS = ("村委会", "村", "社区居委会")
POSITIONS = st.none() | st.tuples(
    st.floats(118.6, 118.7), st.floats(24.6, 24.8), st.none() | st.floats(50, 900)
)


@st.composite
def villages(draw):
    codes = draw(st.lists(st.integers(201, 206), unique=True, max_size=6))
    stems = draw(st.permutations(STEMS))
    found = []
    for code, stem in zip(codes, stems, strict=False):
        lon, lat, radius_m = draw(POSITIONS) or (None, None, None)
        name = stem + draw(st.sampled_from(TAILS))
        found.append(Place(f"350581101{code}", name, "village", "350581101", lon, lat, radius_m))
    return found


def stood(known, merged):
    after = {place.code: place for place in known}
    return after | {m.place.code: m.place for m in merged if m.place and m.outcome != "rejected"}


@given(villages(), villages())
def test_merging_again_changes_nothing(known, incoming):
    after = stood(known, merge_places(known, incoming))
    again = merge_places(list(after.values()), incoming)
    assert {m.outcome for m in again} <= {"unchanged", "rejected"}
    assert stood(list(after.values()), again) == after


@given(villages(), villages())
def test_no_entry_is_lost_and_no_position_taken_away(known, incoming):
    after = stood(known, merge_places(known, incoming))
    for place in known:
        now = after[place.code]
        assert now.name == place.name
        if place.lon is not None:
            assert now.lon is not None
        if place.radius_m is not None:
            assert now.radius_m is not None and now.radius_m <= place.radius_m


@given(villages(), villages())
def test_one_name_in_one_town_stays_one_village(known, incoming):
    after = stood(known, merge_places(known, incoming))
    stems = [
        place.name.removesuffix("村委会").removesuffix("村").removesuffix("社区居委会")
        for place in after.values()
    ]
    assert len(stems) == len(set(stems))


@given(villages(), villages(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_is_no_matter(known, incoming, draw):
    mixed = list(incoming)
    draw.shuffle(mixed)
    one, other = (stood(known, merge_places(known, rows)) for rows in (incoming, mixed))
    strip = {code: replace(place, aliases=()) for code, place in one.items()}
    assert strip == {code: replace(place, aliases=()) for code, place in other.items()}
