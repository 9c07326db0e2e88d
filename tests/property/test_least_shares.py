"""Plans that must reach a share of each class, against all subsets."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from geo_risk.errors import Text
from geo_risk.siting import least_shares
from geo_risk.siting.infeasible import InfeasibleError
from geo_risk.siting.least_shares import Least, max_cover_with_shares
from geo_risk.siting.reach import reach_from_table
from geo_risk.siting.share_swaps import Rules, swapped
from tests.oracles import covering as slow

CANDIDATES = 6
CLASSES = ("red", "orange", "blue")


@st.composite
def cases(draw):
    least = draw(st.sampled_from([0, 1, 1, 1]))
    some = st.frozensets(st.integers(0, CANDIDATES - 1), min_size=least, max_size=3)
    rows = draw(st.lists(some, min_size=6, max_size=14))
    weights = st.sampled_from([0.0, 0.3, 1.0, 2.0, 4.0, 8.0])
    weight = draw(st.lists(weights, min_size=len(rows), max_size=len(rows)))
    classes = draw(st.lists(st.sampled_from(CLASSES), min_size=len(rows), max_size=len(rows)))
    part = st.sampled_from([0.0, 0.3, 0.4, 0.5, 0.6, 2 / 3, 0.9, 1.0])
    return rows, weight, classes, draw(st.dictionaries(st.sampled_from(CLASSES), part, min_size=1))


def reach_of(rows):
    pairs = [(i, j) for i, row in enumerate(rows) for j in sorted(row)]
    demand, candidate = np.array(pairs, int).reshape(-1, 2).T
    return reach_from_table(demand, candidate, demands=len(rows), candidates=CANDIDATES)


def asked(rows, weight, classes, shares, **limits):
    reach = reach_of(rows)
    least = [
        Least(Text(name, name), np.array([one == name for one in classes]), share)
        for name, share in shares.items()
    ]
    return max_cover_with_shares(reach, weight, least, **limits)


def checked(case, found, best, existing, free):
    """What holds of any plan: it is one, it meets the shares, no better one exceeds its bound."""
    rows, weight, classes, shares = case
    plan, chosen = found.solution, set(found.solution.chosen.tolist())
    assert existing <= chosen
    assert plan.objective == pytest.approx(slow.cover(rows, weight, chosen))
    assert plan.objective <= best + 1e-9 <= plan.bound + 2e-9
    for name, share in shares.items():
        assert slow.share_of(rows, weight, classes, name, chosen) >= share - 1e-9
    if found.free is None:
        assert plan.objective == pytest.approx(free)
    else:
        assert any(one < share for one, share in zip(found.free, shares.values(), strict=True))


@pytest.mark.parametrize("small", [True, False])
@settings(deadline=None, max_examples=200)
@given(
    cases(),
    st.integers(1, 4),
    st.booleans(),
    st.frozensets(st.integers(0, CANDIDATES - 1), max_size=2),
)
def test_a_plan_meets_its_shares_and_is_the_best_that_does(small, case, p, by_cost, existing):
    rows, weight, classes, shares = case
    cost = [0.5 + j % 3 for j in range(CANDIDATES)] if by_cost else [1.0] * CANDIDATES
    limits = {"budget": float(p), "cost": cost} if by_cost else {"p": p}
    plain = (rows, weight, CANDIDATES, cost, p)
    best = slow.best_cover_with_shares(*plain, classes, shares, existing)
    free = slow.best_cover(*plain, existing)
    with patch.object(least_shares, "_SMALL", 10**9 if small else -1):
        try:
            found = asked(*case, existing=sorted(existing), **limits)
        except InfeasibleError as error:
            event(error.code)
            assert best is None or (error.code == "shares_not_found" and not small)
            assert error.exit_code == 4
            return
    event("met" if found.free is None else "bound")
    assert best is not None
    checked(case, found, best, existing, free)
    if small:
        assert found.solution.status == "optimal" or best == 0


@settings(deadline=None, max_examples=100)
@given(cases(), st.frozensets(st.integers(0, CANDIDATES - 1), min_size=1, max_size=3))
def test_exchanges_keep_the_shares_and_end_where_no_single_one_gains(case, start):
    rows, weight, classes, shares = case
    reach, values = reach_of(rows), np.array([weight] * (1 + len(shares)))
    values[1:] *= [[one == name for one in classes] for name in shares]
    needed = [slow.share_of(rows, weight, classes, name, start) / 2 for name in shares]
    price = np.array([0.0, *[1.0] * (CANDIDATES - 1)])
    rules = Rules(values, np.array(needed) * values[1:].sum(axis=1), price, 3.0)

    def worth(plan):
        return slow.cover(rows, weight, plan)

    def keeps(plan, margin=0.0):
        found = np.array([slow.share_of(rows, weight, classes, name, plan) for name in shares])
        short = found < np.array(needed) + margin
        empty = values[1:].sum(axis=1) == 0
        return not (short & ~empty).any() and sum(price[j] for j in plan) <= 3

    plan = set(swapped(reach, rules, np.array(sorted(start)), lambda: False).tolist())
    assert worth(plan) >= worth(start) - 1e-9
    assert keeps(plan, -1e-9)
    assert 0 in plan or 0 not in start
    for out in [None, *plan - {0}]:
        for site in set(range(CANDIDATES)) - plan:
            other = plan - {out} | {site}
            assert worth(other) <= worth(plan) * (1 + 1e-8) + 1e-9 or not keeps(other, 1e-9)


@settings(deadline=None, max_examples=60)
@given(cases(), st.integers(0, 3), st.integers(0, 8))
def test_when_the_time_is_up_what_is_told_still_holds(case, p, patience):
    rows, weight, classes, shares = case
    plain = (rows, weight, CANDIDATES, [1.0] * CANDIDATES, p)
    best = slow.best_cover_with_shares(*plain, classes, shares)
    tick = iter(range(10**6))
    stop = lambda: next(tick) >= patience  # noqa: E731
    try:
        found = asked(*case, p=p, stop_free=stop, stop=stop)
    except InfeasibleError as error:
        assert best is None or error.code in ("shares_not_found", "no_plan_yet")
        return
    assert best is not None
    chosen = found.solution.chosen.tolist()
    assert found.solution.objective == pytest.approx(slow.cover(rows, weight, chosen))
    assert found.solution.objective <= best + 1e-9 <= found.solution.bound + 2e-9
