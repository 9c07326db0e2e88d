"""A maximal covering problem reduced to what has to be decided.

Equal rows are merged, decided sites taken out, dominated sites dropped; each step keeps the
optimum (docs/methods/covering.md).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import _reach_kernels as kernels
from .reach import Floats, Ints, Longs, Reach, summed

Flags = NDArray[np.bool_]
_WHOLE = 2.0**50


@dataclass(frozen=True)
class Instance:
    """Choose sites within the budget so that the weight of rows reached, above `base`, is greatest.

    Row i is reached by `sites[starts[i]:starts[i + 1]]`, site j reaches
    `rows[site_starts[j]:site_starts[j + 1]]` and is the candidate `origin[j]`. `opened` are the
    candidates already decided for, `base` the weight that they reach.
    """

    starts: Longs
    sites: Ints
    site_starts: Longs
    rows: Ints
    weight: Floats
    cost: Floats
    budget: float
    base: float
    origin: Longs
    opened: Longs

    @property
    def whole(self) -> bool:
        """Whether every plan's cover is a whole number, told exactly by float64."""
        total = self.weight.sum() + self.base
        whole = not np.any(self.weight % 1.0) and self.base % 1.0 == 0.0
        return bool(whole and total < _WHOLE)

    @property
    def matrix(self) -> tuple[Longs, Ints, Longs, Ints]:
        """`starts, sites, site_starts, rows`, as the kernels take them."""
        return self.starts, self.sites, self.site_starts, self.rows

    def cover(self, open_: Flags) -> float:
        """The weight reached with these sites open, `base` included."""
        if not len(self.weight):
            return self.base
        reached = np.add.reduceat(open_[self.sites].astype(np.int64), self.starts[:-1])
        return float(self.weight[reached > 0].sum() + self.base)

    @property
    def alone(self) -> Floats:
        """The weight that each site reaches."""
        return summed(self.sites, np.repeat(self.weight, np.diff(self.starts)), len(self.cost))

    def plan(self, open_: Flags) -> Longs:
        """The candidates of a plan, ascending."""
        return np.sort(np.concatenate([self.opened, self.origin[open_]]))


def first_instance(reach: Reach, weight: Floats, cost: Floats, budget: float) -> Instance:
    """The problem over all candidates, nothing decided."""
    site_starts, rows = reach.by_candidate()
    return Instance(
        *(reach.starts, reach.candidate, site_starts, rows, weight, cost, budget, 0.0),
        origin=np.arange(reach.candidates),
        opened=np.empty(0, np.int64),
    )


def decided(instance: Instance, opened: Flags, closed: Flags) -> Instance:
    """The problem that is left when sites are decided for and against, merged and thinned out.

    Sites that do not fit the budget any more are closed as well.
    """
    budget = instance.budget - float(instance.cost[opened].sum())
    reached = np.zeros(len(instance.weight), bool)
    entry_row = np.repeat(np.arange(len(instance.weight)), np.diff(instance.starts))
    reached[entry_row[opened[instance.sites]]] = True
    base = instance.base + float(instance.weight[reached].sum())
    keep = ~(opened | closed | (instance.cost > budget))
    made = np.concatenate([instance.opened, instance.origin[opened]])
    live = ~reached[entry_row] & keep[instance.sites]
    rest = _instance(entry_row[live], instance.sites[live], keep, instance, budget, base, made)
    out = kernels.dominated(rest.cost, *rest.matrix)
    if not out.any():
        return rest
    entry_row = np.repeat(np.arange(len(rest.weight)), np.diff(rest.starts))
    live = ~out[rest.sites]
    return _instance(entry_row[live], rest.sites[live], ~out, rest, budget, base, made)


def _instance(
    row: Longs,
    site: Ints,
    keep: Flags,
    before: Instance,
    budget: float,
    base: float,
    opened: Longs,
) -> Instance:
    """From the entries left (by row, sites ascending): sites renumbered, equal rows merged."""
    site = (np.cumsum(keep) - 1).astype(np.int32)[site]
    count = int(keep.sum())
    starts = row_ends(np.bincount(row, minlength=len(before.weight)))
    keys = np.random.default_rng(count).integers(-(2**62), 2**62, count)
    hashes = kernels.row_hashes(starts, site, keys)
    order = np.argsort(hashes, kind="stable")
    same_as = kernels.first_equal(order, hashes, starts, site)
    heads, at = np.unique(same_as, return_inverse=True)
    weight = summed(at, before.weight, len(heads))
    some = (np.diff(starts)[heads] > 0) & (weight > 0)
    heads, weight = heads[some], weight[some]
    is_head = np.zeros(len(before.weight), bool)
    is_head[heads] = True
    sites = site[is_head[row]]
    starts = row_ends(np.diff(starts)[heads])
    rows = np.repeat(np.arange(len(heads), dtype=np.int32), np.diff(starts))
    rows = rows[np.argsort(sites, kind="stable")]
    site_starts = row_ends(np.bincount(sites, minlength=count))
    cost, origin = before.cost[keep], before.origin[keep]
    return Instance(
        starts, sites, site_starts, rows, weight, cost, budget, base, origin, np.sort(opened)
    )


def row_ends(counts: NDArray[np.int64]) -> Longs:
    """Where lists of these lengths begin and end, one after another, shape (n + 1,)."""
    starts = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=starts[1:])
    return starts
