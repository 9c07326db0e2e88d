"""Site groups by the rules of docs/methods/groups.md: sets, all pairs, and networkx's Louvain.

Units are their places in the order of ids: 0 is the first id.
"""

from __future__ import annotations

from itertools import combinations
from math import dist

import networkx as nx

SEED = 42
LEAST_WEIGHT = 1e-9


def site_groups(ids, points, links, limits):
    """Rows of each group in the order of ids; `links` is {(row, row): weight}."""
    return City(ids, points, links, limits).groups()


class City:
    def __init__(self, ids, points, links, limits):
        self.limits = limits
        self.rows = sorted(range(len(ids)), key=lambda row: ids[row])
        unit = {row: number for number, row in enumerate(self.rows)}
        self.points = [points[row] for row in self.rows]
        self.weight = {}
        for (a, b), weight in links.items():
            self.weight[unit[a], unit[b]] = self.weight[unit[b], unit[a]] = max(
                weight, LEAST_WEIGHT
            )

    def groups(self):
        groups = []
        for piece in self.pieces({unit for link in self.weight for unit in link}):
            groups += self.joined(sorted(self.divided(piece), key=min))
        large = [sorted(group) for group in groups if len(group) >= self.limits.min_members]
        return [tuple(self.rows[unit] for unit in group) for group in sorted(large)]

    def keeps_the_limits(self, units):
        apart = [dist(self.points[a], self.points[b]) for a, b in combinations(units, 2)]
        return len(units) <= self.limits.max_members and (
            max(apart, default=0.0) <= self.limits.max_diameter_m
        )

    def pieces(self, units):
        """The connected pieces of some units, by links among them."""
        left, found = set(units), []
        while left:
            piece = {min(left)}
            while more := {b for a, b in self.weight if a in piece and b in left} - piece:
                piece |= more
            found.append(piece)
            left -= piece
        return found

    # Rules 1 and 2

    def divided(self, units):
        if self.keeps_the_limits(units):
            return [units]
        communities = self.louvain(units)
        if len(communities) == 1:
            communities = self.halved(sorted(units))
        found = []
        for community in communities:
            for piece in self.pieces(community):
                found += self.divided(piece)
        return found

    def louvain(self, units):
        graph = nx.Graph()
        graph.add_nodes_from(sorted(units))
        for (a, b), weight in sorted(self.weight.items()):
            if a < b and {a, b} <= units:
                graph.add_edge(a, b, weight=weight)
        return nx.community.louvain_communities(graph, weight="weight", seed=SEED)

    def halved(self, units):
        """To the nearer of the two farthest, the first of equals; coincident ones by id."""
        a, b = max(combinations(units, 2), key=lambda two: dist(*(self.points[u] for u in two)))
        at, other = self.points[a], self.points[b]
        if at == other:
            return [set(units[: len(units) // 2]), set(units[len(units) // 2 :])]
        near = {u for u in units if dist(self.points[u], at) <= dist(self.points[u], other)}
        return [near, set(units) - near]

    # Rule 3

    def joined(self, parts):
        small = [n for n, part in enumerate(parts) if self.is_small(part)]
        small.sort(key=lambda n: (len(parts[n]), n))
        waiting = list(small)
        while waiting:
            number = waiting.pop(0)
            if not parts[number] or not self.is_small(parts[number]):
                continue
            for other in self.parts_beside(parts, number):
                if self.keeps_the_limits(parts[number] | parts[other]):
                    parts[other] = parts[number] | parts[other]
                    parts[number] = set()
                    waiting.append(other)
                    break
        for number in small:
            if parts[number]:
                parts = self.completed(parts, number)
        return parts

    def completed(self, parts, number):
        """The parts with one that is too small made large enough, or as they were."""
        after = [set(part) for part in parts]
        while self.is_small(after[number]):
            unit = self.unit_to_take(after, number)
            if unit is None:
                return parts
            for part in after:
                part.discard(unit)
            after[number].add(unit)
        return after

    def unit_to_take(self, parts, number):
        for unit in self.units_beside(parts[number]):
            (owner,) = (part for part in parts if unit in part)
            rest = owner - {unit}
            if self.is_small(rest) or len(self.pieces(rest)) > 1:
                continue
            if self.keeps_the_limits(parts[number] | {unit}):
                return unit
        return None

    def is_small(self, units):
        return len(units) < self.limits.min_members

    def units_beside(self, part):
        return self.by_weight(part, lambda unit: unit)

    def parts_beside(self, parts, number):
        owner = {unit: n for n, part in enumerate(parts) for unit in part}
        return self.by_weight(parts[number], owner.__getitem__)

    def by_weight(self, part, name):
        """What units outside are called, those with most link weight to a part first."""
        total = {}
        for (inside, outside), weight in sorted(self.weight.items()):
            if inside in part and outside not in part:
                total[name(outside)] = total.get(name(outside), 0.0) + weight
        return sorted(total, key=lambda what: (-total[what], what))
