"""Camera views worth choosing from, and the order in which chosen cameras are to be built.

Rules and proofs: docs/methods/cameras.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .cameras_views import Views
from .reach import Floats, Longs, Reach


@dataclass(frozen=True)
class Phases:
    """Cameras in the order of building.

    `row` (candidates), `phase` (from 1) and `gain` (the weight that each adds to those before it)
    have one entry for each camera; `spent` and `cover` (what stands already included) one for each
    phase.
    """

    row: Longs
    phase: Longs
    gain: Floats
    spent: Floats
    cover: Floats


def undominated(views: Views) -> Longs:
    """Rows of views worth choosing from, ascending: the others see nothing more than they.

    Left out are views without targets and those whose targets are all seen by the view under the
    next or the last heading at the same place (of equal ones the first stays). A plan that chooses
    one of them is never better than with the other: the optimum stays.
    """
    size = np.diff(views.indptr)
    n = len(views)
    width = int(views.indices.max(initial=-1)) + 1
    view = np.repeat(np.arange(n), size)
    key: Longs = view * width + views.indices.astype(np.int64)
    out = size == 0
    first = np.searchsorted(views.place, views.place, "left")
    last = np.searchsorted(views.place, views.place, "right") - 1
    rows = np.arange(n)
    for other in (np.where(rows == last, first, rows + 1), np.where(rows == first, last, rows - 1)):
        also = _has(key, other[view] * width + views.indices.astype(np.int64))
        common = np.bincount(view[also], minlength=n)
        within = (common == size) & (other != rows)
        out |= within & ((size[other] > size) | (other < rows))
    return np.flatnonzero(~out)


def _has(key: Longs, wanted: Longs) -> NDArray[np.bool_]:
    """Which of the wanted are among the keys, which ascend."""
    at = np.searchsorted(key, wanted)
    at[at == len(key)] = 0
    return key[at] == wanted if len(key) else np.zeros(len(wanted), bool)


def phased(
    reach: Reach,
    weight: Floats,
    cost: Floats,
    chosen: Longs,
    existing: Longs,
    limits: Sequence[float],
) -> Phases:
    """The chosen cameras, those that add most for their cost first, cut into phases.

    A phase ends where the next camera would take the cost over the sum of the limits so far; what
    a phase leaves goes to the next, and what is over all of them makes one more phase. Without
    limits there is one.
    """
    starts, demand = reach.by_candidate()
    seen = np.zeros(reach.demands, bool)
    for row in existing:
        seen[demand[starts[row] : starts[row + 1]]] = True
    base = float(weight[seen].sum())
    left = [int(row) for row in chosen if row not in set(existing.tolist())]
    order, gains = [], []
    while left:
        adds = [_adds(demand[starts[row] : starts[row + 1]], seen, weight) for row in left]
        worth = np.array(adds) / np.maximum(cost[left], 1e-12)
        best = int(np.argmax(worth))
        gains.append(adds[best])
        order.append(left.pop(best))
        seen[demand[starts[order[-1]] : starts[order[-1] + 1]]] = True
    row = np.array(order, np.int64)
    phase = _phase_of(np.cumsum(cost[row]), np.cumsum(np.asarray(limits, float)))
    count = int(phase.max(initial=0))
    gain = np.array(gains, np.float64)
    return Phases(
        *(row, phase, gain),
        spent=np.asarray(np.bincount(phase, cost[row], count + 1)[1:], float),
        cover=np.asarray(base + np.cumsum(np.bincount(phase, gain, count + 1)[1:]), float),
    )


def _adds(targets: NDArray[np.int32], seen: NDArray[np.bool_], weight: Floats) -> float:
    return float(weight[targets[~seen[targets]]].sum())


def _phase_of(spent: Floats, limits: Floats) -> Longs:
    """The first phase up to whose end so much may be spent, never before that of the last."""
    phase = np.searchsorted(limits, spent - 1e-9, "left") + 1
    return np.maximum.accumulate(phase).astype(np.int64) if len(phase) else phase
