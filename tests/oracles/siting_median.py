"""p-median and p-centre by trying every plan, a bound by plain loops, paths by Floyd-Warshall."""

from __future__ import annotations

import itertools
import math


def plans(m, p, fixed=(), forbidden=()):
    """All sets of p candidates that hold the fixed and none of the forbidden ones."""
    for plan in itertools.combinations([j for j in range(m) if j not in forbidden], p):
        if set(fixed) <= set(plan):
            yield plan


def median_cost(cost, weights, plan):
    """Σ weight x cost to the nearest site; infinite where a demand is not reached."""
    total = 0.0
    for row, weight in zip(cost, weights, strict=True):
        least = min((row[j] for j in plan), default=math.inf)
        if math.isinf(least):
            return math.inf
        total += weight * least
    return total


def center_cost(cost, plan):
    """The greatest cost to the nearest site."""
    return max(min((row[j] for j in plan), default=math.inf) for row in cost)


def best_median(cost, weights, p, fixed=(), forbidden=()):
    """The least cost of any plan; infinite where none serves all."""
    m = len(cost[0])
    return min(median_cost(cost, weights, plan) for plan in plans(m, p, fixed, forbidden))


def best_center(cost, p, fixed=(), forbidden=()):
    """The least greatest cost of any plan."""
    return min(center_cost(cost, plan) for plan in plans(len(cost[0]), p, fixed, forbidden))


def lagrangian(cost, weights, p, offers):
    """What a plan costs at least, by the multipliers `offers`."""
    savings = []
    for j in range(len(cost[0])):
        gains = [w * row[j] - o for row, w, o in zip(cost, weights, offers, strict=True)]
        savings.append(sum(min(0.0, gain) for gain in gains))
    return sum(offers) + sum(sorted(savings)[:p])


def shortest_paths(edges):
    """{(u, v): cost} of undirected edges (u, v, cost), of which the last listed counts."""
    nodes = sorted({end for u, v, _ in edges for end in (u, v)})
    best = {(a, b): 0.0 if a == b else math.inf for a in nodes for b in nodes}
    for u, v, cost in edges:
        if u != v:
            best[u, v] = best[v, u] = cost
    for via, a, b in itertools.product(nodes, nodes, nodes):
        best[a, b] = min(best[a, b], best[a, via] + best[via, b])
    return best
