"""What every plan loses against the LP's bound, by areas whose plans are enumerated.

The LP's bound pays each open site u for a row of weight w that it reaches, and w - u once. So a
plan loses w - u where it does not reach the row, u for each site but one that does, and the reduced
costs of its sites. What all plans lose in an area lowers the bound. See docs/methods/covering.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from . import _area_kernels as kernels
from . import _reach_kernels
from .bound import Master
from .instance import Flags, row_ends
from .reach import Floats, Longs, summed
from .solution import Stop

_OPEN = 3.0
"""Sites open in an area at first, at most, in the LP's plan."""
_MOST_SITES, _MOST_PAIRS = 600, 1_000_000_000
"""Sites of an area, and sites times pairs of groups, that are looked at."""
_AT_ONCE = 16
"""So often the work for one area is spent in one go over all."""
_LITTLE = 0.005
"""Areas that can lower the bound by less than this share of the gap are left alone."""
_DEEPER = 1.5
"""The limit of losses looked at grows by this until it holds a plan or the work is spent."""
_ROUNDS = 100
"""Steps towards the vibration by which sites are put in order."""
_BITS = 44
"""Losses are whole numbers, of the instance's weight in 2 to this."""


def few_enough(master: Master) -> bool:
    """Whether the groups and sites are so few that areas can be made of them."""
    return master.groups**2 * len(master.instance.cost) <= _MOST_PAIRS


@dataclass(frozen=True)
class Area:
    """Groups of rows, what plans lose in them at least, and whether some plan loses no more."""

    groups: Flags
    least: float = 0.0
    exact: bool = False


class Areas:
    """The areas of one solution of the LP, their least losses, and the sites they rule out.

    Holds for plans without the sites `closed`. `work` counts what enumeration touched.
    """

    def __init__(self, master: Master, closed: Flags, stop: Stop) -> None:
        instance = master.instance
        self._instance, self._group, self._stop = instance, master.group, stop
        self._open, self._x, self.work = ~closed, master.x, 0
        ones = np.ones(len(instance.sites), np.int8)
        shape = (len(instance.weight), len(instance.cost))
        self._reach = csr_array((ones, instance.sites, instance.starts), shape)
        self._paid, price = master.row_prices()
        self._gains = self._by_group(self._paid, master.groups)
        short = price * instance.cost - self._gains.sum(axis=0)
        # A site that nobody pays yet is shared among areas by what it reaches there.
        shares = self._gains + 1e-6 * self._by_group(instance.weight, master.groups)
        self._slack = shares / np.maximum(shares.sum(axis=0), 1e-300) * short
        held = float((instance.weight - self._paid).sum() + np.maximum(-short, 0.0).sum())
        self._ceiling = instance.base + held + price * instance.budget + master.margin
        most = float(instance.weight.sum() + np.abs(short).sum())
        self._scale = 2.0 ** (_BITS - math.ceil(math.log2(most)))
        alone = np.eye(master.groups, dtype=bool)
        label = _joined(self._shared(alone), self._sizes(), _OPEN)
        self._areas = [Area(label == k) for k in range(int(label.max()) + 1)]

    @property
    def bound(self) -> float:
        """No plan covers more."""
        return self._ceiling - sum(area.least for area in self._areas)

    def improve(self, best: Flags, gap: float, work: int) -> None:
        """Raise the least losses, with `work` for an area at most; join areas where that helps."""
        lost = self._lost(best)
        end = self.work + _AT_ONCE * work
        hopes = [area.least - lost(area) for area in self._areas]
        for at in np.argsort(hopes, kind="stable"):
            if self.work < end:
                self._areas[at] = self._deeper(self._areas[at], lost, gap, work)
        near = self._shared(np.array([area.groups for area in self._areas]))
        while self.work < end and not self._stop():
            one, other = np.unravel_index(int(np.argmax(near)), near.shape)
            if near[one, other] <= 1e-3:
                break
            near[one, other] = near[other, one] = 0.0
            a, b = self._areas[one], self._areas[other]
            both = Area(a.groups | b.groups, a.least + b.least)
            found = self._deeper(both, lost, gap, work)
            if found.exact or found.least > both.least + 1e-6 * gap:
                self._areas[one], self._areas[other] = found, Area(a.groups & b.groups)
                _join(near, one, other)
        self._areas = [area for area in self._areas if area.groups.any()]

    def rule_out(self, goal: float, work: int) -> tuple[Flags, Flags]:
        """Sites that every plan above `goal` opens, and sites that none does."""
        count = len(self._instance.cost)
        opened, closed = np.zeros(count, bool), np.zeros(count, bool)
        room, end = self.bound - goal, self.work + _AT_ONCE * work
        for at, area in enumerate(self._areas):
            local = self._local(area) if self.work < end and not self._stop() else None
            if local is None:
                continue
            lists, sites, sure = local
            seen = np.zeros(len(sites), np.int64)
            limit = int((area.least + room - sure) * self._scale) + 1
            loss, plans, spent = kernels.plans_below(limit, work, True, seen, lists)
            self.work += spent
            if loss >= 0:
                closed[sites[seen == 0]] = True
                opened[sites[seen == plans]] = True
                least = max(area.least, sure + loss / self._scale)
                self._areas[at] = Area(area.groups, least, plans > 0)
        return opened & ~closed, closed

    def _by_group(self, value: Floats, groups: int) -> Floats:
        """The sum of rows' values by group and site, shape (groups, sites)."""
        instance, sites = self._instance, len(self._instance.cost)
        lengths = np.diff(instance.starts)
        slot = np.repeat(self._group, lengths).astype(np.int64) * sites + instance.sites
        return summed(slot, np.repeat(value, lengths), groups * sites).reshape((groups, sites))

    def _sizes(self) -> Floats:
        """How many sites the LP opens in each group."""
        whole = np.maximum(self._gains.sum(axis=0), 1e-300)
        sizes: Floats = (self._gains / whole * self._x).sum(axis=1)
        return sizes

    def _shared(self, members: NDArray[np.bool_]) -> Floats:
        """How much of their sites each two areas share; groups by area, shape (areas, groups)."""
        # Without BLAS, whose threads wait for each other where cores are shared.
        gains = np.array([self._gains[groups].sum(axis=0) for groups in members])
        shares = gains / np.maximum(gains.sum(axis=0), 1e-300) * (self._x + 0.02)
        near = np.array([np.minimum(row, shares).sum(axis=1) for row in shares])
        np.fill_diagonal(near, 0.0)
        return near

    def _lost(self, open_: Flags) -> Callable[[Area], float]:
        """What a plan loses, for any area."""
        instance = self._instance
        times = np.add.reduceat(open_[instance.sites].astype(np.int64), instance.starts[:-1])
        never = instance.weight - self._paid
        rows = summed(
            self._group, np.where(times > 0, self._paid * (times - 1), never), len(self._gains)
        )

        def lost(area: Area) -> float:
            slack = self._slack[area.groups].sum(axis=0)
            sites = np.where(open_, np.maximum(slack, 0.0), np.maximum(-slack, 0.0))
            return float(rows[area.groups].sum() + sites.sum())

        return lost

    def _deeper(self, area: Area, lost: Callable[[Area], float], gap: float, work: int) -> Area:
        """The area with a greater least loss, as far as the work goes."""
        most = lost(area)
        if area.exact or most - area.least < _LITTLE * gap:
            return area
        local = self._local(area)
        if local is None:
            return area
        lists, _, sure = local
        least, exact, none = max(area.least, sure), False, np.empty(0, np.int64)
        below = max(least * 1.05, 0.1 * most, 0.01 * gap)
        while not exact and not self._stop():
            limit = int((min(below, most * (1.0 + 1e-6)) - sure) * self._scale) + 1
            loss, plans, spent = kernels.plans_below(limit, work, False, none, lists)
            self.work += spent
            if loss < 0:
                break
            least, exact = max(least, sure + loss / self._scale), plans > 0
            if below > most:
                break
            below *= _DEEPER
        return Area(area.groups, least, exact)

    def _local(self, area: Area) -> tuple[kernels.Area, Longs, float] | None:
        """The area for the kernel, its sites in that order, and what every plan loses anyway.

        None where it is too large to be enumerated.
        """
        rows = np.flatnonzero(area.groups[self._group])
        reach = self._reach[rows]
        sites = np.unique(reach.indices)
        sites = sites[self._open[sites]].astype(np.int64)
        if not 0 < len(sites) <= _MOST_SITES:
            return None
        reach = csr_array(reach[:, sites])
        held = np.diff(reach.indptr) > 0
        twice = self._paid[rows]
        never = self._instance.weight[rows] - twice
        sure = float(never[~held].sum())
        reach, twice, never = csr_array(reach[held]), twice[held], never[held]
        order = _swept(reach, twice + never)
        sites = sites[order]
        slack = self._slack[area.groups].sum(axis=0)[sites]
        losses = (loss * self._scale for loss in (twice, never, slack))
        return _lists(csr_array(reach[:, order]), *losses), sites, sure


def _swept(reach: csr_array, weight: Floats) -> Longs:
    """An order of sites in which neighbours are near: along their overlaps' slowest vibration."""
    overlap = (reach.T @ csr_array(reach.multiply(weight[:, None]))).toarray()
    drawn = np.random.default_rng(len(overlap)).normal(size=len(overlap))
    return np.argsort(kernels.vibration(overlap, drawn, _ROUNDS), kind="stable")


def _lists(reach: csr_array, twice: Floats, never: Floats, slack: Floats) -> kernels.Area:
    """Rows with equal sites merged and sorted by their last site; losses rounded down."""
    reach.sort_indices()
    count = reach.shape[1]
    starts, sites = reach.indptr.astype(np.int64), reach.indices.astype(np.int32)
    keys = np.random.default_rng(count).integers(-(2**62), 2**62, count)
    hashes = _reach_kernels.row_hashes(starts, sites, keys)
    same_as = _reach_kernels.first_equal(np.argsort(hashes, kind="stable"), hashes, starts, sites)
    heads, at = np.unique(same_as, return_inverse=True)
    twice, never = summed(at, twice, len(heads)), summed(at, never, len(heads))
    last = sites[starts[heads + 1] - 1]
    order = np.argsort(last, kind="stable")
    reach = csr_array(reach[heads[order]])
    by_site = csr_array(reach.T)
    whole = [
        np.floor(np.maximum(loss, 0.0)).astype(np.int64)
        for loss in (twice[order], never[order], slack, -slack)
    ]
    return kernels.Area(
        *(reach.indptr.astype(np.int64), reach.indices.astype(np.int32)),
        *(by_site.indptr.astype(np.int64), by_site.indices.astype(np.int32)),
        row_ends(np.bincount(last, minlength=count)),
        *whole,
    )


def _joined(near: Floats, size: Floats, most: float) -> Longs:
    """Areas joined, those first that share most sites, up to a size; the number of each one's."""
    size, label = size.copy(), np.arange(len(near))
    while True:
        fits = size[:, None] + size[None, :] <= most
        score = np.where(fits, near / (np.minimum(size[:, None], size[None, :]) + 0.01), 0.0)
        one, other = np.unravel_index(int(np.argmax(score)), score.shape)
        if score[one, other] <= 0.0:
            return np.unique(label, return_inverse=True)[1]
        label[label == other] = one
        size[one] += size[other]
        _join(near, one, other)


def _join(near: Floats, one: np.intp, other: np.intp) -> None:
    """One area takes over what another shares."""
    near[one] += near[other]
    near[:, one] += near[:, other]
    near[other] = near[:, other] = 0.0
    near[one, one] = 0.0
