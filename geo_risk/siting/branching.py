"""Exact on what is left: branch and cut over the master's LP, best bound first."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .bound import Master
from .instance import Flags
from .reach import Floats

_TRIED = 8
"""Sites tried out at a node before one is chosen to split it, until each has been tried enough."""
_RELIABLE = 2
_MOST_ROUNDS = 100
_OPEN = 1e-6
_REST = 300
"""Steps of the LP solver after which the search has a turn."""


class Proof(Protocol):
    """What a run tells branching, and is told."""

    @property
    def target(self) -> float:
        """Parts bounded below this hold no better plan."""

    def stopped(self) -> bool:
        """Whether to stop."""

    def found(self, open_: Flags) -> None:
        """A plan."""

    def lowered(self, bound: float) -> None:
        """A bound on all plans."""

    def rest(self, master: Master, x: Floats) -> None:
        """Time for a search, with the LP's shares of sites."""


@dataclass(frozen=True)
class Node:
    """Part of all plans: those within these bounds of sites."""

    bound: float
    low: Floats
    high: Floats


class _Gains:
    """How much the bound falls per unit when a site is closed or opened, in the mean so far."""

    def __init__(self, alone: Floats) -> None:
        self._sum = np.zeros((2, len(alone)))
        self.seen = np.zeros((2, len(alone)), np.int64)
        self._prior = alone

    def note(self, site: int, value: int, moved: float, fell: float) -> None:
        self._sum[value, site] += max(fell, 0.0) / max(moved, _OPEN)
        self.seen[value, site] += 1

    def scores(self, x: Floats) -> Floats:
        """The larger, the better to split by."""
        known = self.seen > 0
        scale = self._sum[known].sum() / max(float(self._per(self._prior, known)), 1e-9)
        prior = self._prior * (scale if known.any() else 1.0)
        each = np.where(known, self._sum / np.maximum(self.seen, 1), prior)
        score: Floats = np.maximum(each[0] * x, 1e-6) * np.maximum(each[1] * (1 - x), 1e-6)
        return score

    def _per(self, prior: Floats, known: Flags) -> float:
        return float((self.seen * known * prior).sum())


class Branching:
    """Splits parts of the plans until none is left above the target."""

    def __init__(self, master: Master, proof: Proof) -> None:
        self.master, self.proof = master, proof
        self._gains = _Gains(master.instance.alone)
        self.nodes = 0

    def run(self, bound: float, most: int | None = None) -> bool:
        """All plans, the best bound first; `proof` hears bounds, better plans and pauses.

        False where `most` parts were looked at and some are left.
        """
        self.master.remembers = False
        sites = len(self.master.instance.cost)
        heap = [(-bound, 0, Node(bound, np.zeros(sites), np.ones(sites)))]
        closed = -math.inf
        number = 0
        while heap:
            above, _, node = heapq.heappop(heap)
            self.proof.lowered(max(-above, closed))
            if self.proof.stopped():
                return True
            if self.nodes == most:
                return False
            if node.bound < self.proof.target:
                closed = max(closed, node.bound)
                continue
            self.nodes += 1
            left, parts = self._split(node)
            closed = max(closed, left)
            for part in parts:
                number += 1
                heapq.heappush(heap, (-part.bound, number, part))
            if self.master.steps >= _REST:
                self.proof.rest(self.master, self.master.x)
        self.proof.lowered(closed)
        return True

    def _split(self, node: Node) -> tuple[float, list[Node]]:
        """The bound of what needs no more looking at, and the parts that do."""
        bound, worth, x = self._solved(node)
        target = self.proof.target
        if x is None or bound < target:
            return bound, []
        sure = bound - np.abs(worth) < target
        low = np.where(sure & (worth > 0), node.high, node.low)
        high = np.where(sure & (worth < 0), node.low, node.high)
        left = float((bound - np.abs(worth[sure])).max(initial=-math.inf))
        away = np.where(low < high, np.minimum(x, 1.0 - x), -1.0)
        if away.max(initial=-1.0) <= _OPEN:
            self._plan(x)
            loose = np.flatnonzero(low < high)
            if not len(loose):
                return max(bound, left), []
            split = int(loose[np.argmax(np.abs(worth[loose]))])
        else:
            split = self._chosen(Node(bound, low, high), x, away)
        parts = []
        for value in (1.0, 0.0):
            part = Node(bound, low.copy(), high.copy())
            part.low[split] = part.high[split] = value
            parts.append(part)
        return left, parts

    def _plan(self, x: Floats) -> None:
        instance, open_ = self.master.instance, x > 0.5
        if instance.cost[open_].sum() <= instance.budget:
            self.proof.found(open_)

    def _solved(self, node: Node) -> tuple[float, Floats, Floats | None]:
        """Bound, worths and LP shares of a part; no shares where it holds nothing."""
        master = self.master
        master.restrict(node.low, node.high)
        bound, worth = node.bound, np.zeros(len(node.low))
        x: Floats | None = None
        for _ in range(_MOST_ROUNDS):
            if not master.solve():
                return (node.bound, worth, None) if not master.empty else (-math.inf, worth, None)
            x = master.x
            fresh, fresh_worth = master.bound()
            if x is not None and fresh <= bound:
                bound, worth = fresh, fresh_worth
            if bound < self.proof.target or not master.separate(x, x, master.theta)[1]:
                break
        return bound, worth, x

    def _chosen(self, node: Node, x: Floats, away: Floats) -> int:
        """The site to split by: of the best few, the one whose trial lowers the bounds most."""
        scores = np.where(away > _OPEN, self._gains.scores(x), -1.0)
        best, best_score = int(np.argmax(scores)), -1.0
        for site in np.argsort(-scores, kind="stable")[:_TRIED]:
            if scores[site] <= 0:
                break
            if self._gains.seen[:, site].min() < _RELIABLE:
                for value in (0, 1):
                    self._try(node, int(site), value, float(x[site]))
            score = float(self._gains.scores(x)[site])
            if score > best_score:
                best, best_score = int(site), score
        return best

    def _try(self, node: Node, site: int, value: int, share: float) -> None:
        low, high = node.low.copy(), node.high.copy()
        low[site] = high[site] = value
        self.master.restrict(low, high)
        if self.master.solve():
            fell = node.bound - self.master.bound()[0]
            moved = share if value == 0 else 1.0 - share
            self._gains.note(site, value, moved, fell)
