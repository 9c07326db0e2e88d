"""What a scenario costs: roads closed, a site lost, told by the demands that it concerns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array

from .network import Floats, Ints


@dataclass(frozen=True)
class Effect:
    """Travel times of a scenario against those before it; rows of demands, ascending.

    Attributes
    ----------
    unreachable : demands that some site reached in time before, and none does now.
    slower : demands that are still reached, but later; `delay_s` by how many seconds.
    """

    unreachable: Ints
    slower: Ints
    delay_s: Floats


def soonest_s(times_s: csr_array) -> Floats:
    """Seconds of the nearest site for each demand, shape (demands,); infinite where none comes.

    times_s : sites by demands, as `arrival_s` gives them.
    """
    least_s = np.full(times_s.shape[1], np.inf)
    np.minimum.at(least_s, times_s.indices, times_s.data)
    return least_s


def nearest_sites(times_s: csr_array) -> tuple[Ints, Floats]:
    """The soonest site of each demand, and the seconds of the soonest but for it.

    Shape (demands,) each: the first of equally soon sites, -1 where none comes; infinite where no
    other does. So what losing a site delays is known for all sites at once.
    """
    sites, demands = times_s.shape
    soonest = soonest_s(times_s)
    site = np.repeat(np.arange(sites), np.diff(times_s.indptr))
    demand, seconds = times_s.indices, times_s.data
    first = seconds <= soonest[demand]
    nearest = np.full(demands, sites)
    np.minimum.at(nearest, demand[first], site[first])
    others = site != nearest[demand]
    second = np.full(demands, np.inf)
    np.minimum.at(second, demand[others], seconds[others])
    return np.where(nearest == sites, -1, nearest), second


def effect_of(before_s: csr_array, after_s: csr_array) -> Effect:
    """What became of each demand between two sets of travel times within the same limit."""
    before, after = soonest_s(before_s), soonest_s(after_s)
    with np.errstate(invalid="ignore"):
        later_s = after - before
    slower = np.flatnonzero(np.isfinite(after) & (later_s > 0))
    lost = np.flatnonzero(np.isfinite(before) & np.isinf(after))
    return Effect(lost, slower, later_s[slower])


def loss_of_each(times_s: csr_array, weight: ArrayLike | None = None) -> Floats:
    """For each site the weight of the demands that only it reaches, shape (sites,).

    weight : of the demands, shape (demands,); 1 each without it. The greatest is the worst case
        of losing any one site.
    """
    demands = times_s.shape[1]
    weights = np.ones(demands) if weight is None else np.asarray(weight, np.float64)
    once = np.bincount(times_s.indices, minlength=demands) == 1
    site = np.repeat(np.arange(times_s.shape[0]), np.diff(times_s.indptr))
    only = once[times_s.indices]
    lost = np.bincount(site[only], weights[times_s.indices[only]], times_s.shape[0])
    return lost.astype(np.float64)
