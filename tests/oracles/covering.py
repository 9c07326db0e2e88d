"""Covering by trying every subset, and reach by comparing every demand with every candidate."""

from __future__ import annotations

import math
from itertools import combinations


def great_circle_m(lon1, lat1, lon2, lat2, sphere_m):
    """The haversine formula, one pair."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    half = math.sin((phi2 - phi1) / 2) ** 2
    half += math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    return 2 * sphere_m * math.asin(math.sqrt(half))


def cover(rows, weight, plan):
    """Weight of the rows (sets of candidates) that the plan meets."""
    return sum(w for row, w in zip(rows, weight, strict=True) if row & set(plan))


def best_cover(rows, weight, candidates, cost, budget, existing=(), required=(), forbidden=()):
    """The greatest cover of any allowed plan within the budget, None without one."""
    best = None
    for size in range(candidates + 1):
        for plan in combinations(range(candidates), size):
            new = set(plan) - set(existing)
            if new & set(forbidden) or not set(required) <= new | set(existing):
                continue
            if sum(cost[j] for j in new) > budget:
                continue
            worth = cover(rows, weight, new | set(existing))
            best = worth if best is None else max(best, worth)
    return best


def plans_within(candidates, cost, budget, existing=(), required=(), forbidden=()):
    """Every allowed plan with its existing sites, as a set."""
    for size in range(candidates + 1):
        for plan in combinations(range(candidates), size):
            new = set(plan) - set(existing)
            if new & set(forbidden) or not set(required) <= new | set(existing):
                continue
            if sum(cost[j] for j in new) <= budget and new == set(plan):
                yield new | set(existing)


def meets(rows, folds, towns, least, plan):
    """Whether each row is reached as often as it must be, and each town has its least sites."""
    return all(len(row & plan) >= k for row, k in zip(rows, folds, strict=True)) and all(
        sum(towns[j] == town for j in plan) >= number for town, number in least.items()
    )


def exchanges(plan, free, cost, most):
    """The plans after one site of `free` left and another came, within `most` money."""
    for out in plan & free:
        for new in free - plan:
            other = plan - {out} | {new}
            if sum(cost[j] for j in other & free) <= most:
                yield other


def served(rows, weight, capacity, plan):
    """The most weight that the plan's sites can serve in parts: the least cut of that flow."""
    reached = [(row & plan, w) for row, w in zip(rows, weight, strict=True) if row & plan]
    cuts = []
    for size in range(len(plan) + 1):
        for full in map(set, combinations(sorted(plan), size)):
            at_sites = sum(capacity[j] for j in full)
            cuts.append(at_sites + sum(w for sites, w in reached if not sites <= full))
    return min(cuts)


def best_cover_with_shares(rows, weight, candidates, cost, budget, classes, shares, existing=()):
    """As `best_cover` of plans that reach each class's share of its weight; None without one."""
    best = None
    for size in range(candidates + 1):
        for plan in combinations(range(candidates), size):
            new = set(plan) - set(existing)
            if sum(cost[j] for j in new) > budget:
                continue
            opened = new | set(existing)
            if all(
                share_of(rows, weight, classes, name, opened) >= share - 1e-9
                for name, share in shares.items()
            ):
                worth = cover(rows, weight, opened)
                best = worth if best is None else max(best, worth)
    return best


def share_of(rows, weight, classes, name, plan):
    """The share of a class's weight that the plan meets, 1 where it has none."""
    own = [(row, w) for row, w, one in zip(rows, weight, classes, strict=True) if one == name]
    whole = sum(w for _, w in own)
    return cover(*zip(*own, strict=True), plan) / whole if whole else 1.0


def least_cost(rows, candidates, cost, existing=()):
    """The least cost of new sites with which every row that can be reached is."""
    wanted = [row for row in rows if row]
    best = math.inf
    for size in range(candidates + 1):
        for plan in combinations(range(candidates), size):
            if all(row & (set(plan) | set(existing)) for row in wanted):
                best = min(best, sum(cost[j] for j in set(plan) - set(existing)))
    return best


def losses(rows, twice, never, opened, closed):
    """What each plan loses against the LP's bound, by plan (a set of candidates)."""
    found = {}
    for size in range(len(opened) + 1):
        for plan in map(frozenset, combinations(range(len(opened)), size)):
            loss = sum(opened[j] if j in plan else closed[j] for j in range(len(opened)))
            for row, more, none in zip(rows, twice, never, strict=True):
                times = len(row & plan)
                loss += more * (times - 1) if times else none
            found[plan] = loss
    return found
