"""Neighbours by comparing everything with everything, and likeness with plain sets."""

from __future__ import annotations

import math

import shapely


def pairs(x_m, y_m, radius_m, sector=None, grade=None, grade_within=None):
    """{(i, j): distance} of all pairs that are near and may pair."""
    found = {}
    for i in range(len(x_m)):
        for j in range(i + 1, len(x_m)):
            dx, dy = float(x_m[j]) - float(x_m[i]), float(y_m[j]) - float(y_m[i])
            square = dx * dx + dy * dy
            if square <= radius_m * radius_m and _may_pair(i, j, sector, grade, grade_within):
                found[i, j] = math.sqrt(square)
    return found


def shape_pairs(shapes_m, radius_m, sector=None, grade=None, grade_within=None):
    """The same from boundary to boundary."""
    found = {}
    for i in range(len(shapes_m)):
        for j in range(i + 1, len(shapes_m)):
            distance_m = shapely.distance(shapes_m[i], shapes_m[j])
            if distance_m <= radius_m and _may_pair(i, j, sector, grade, grade_within):
                found[i, j] = distance_m
    return found


def _may_pair(i, j, sector, grade, grade_within):
    if sector is not None and (sector[i] < 0 or sector[i] != sector[j]):
        return False
    if grade_within is None:
        return True
    return min(grade[i], grade[j]) >= 0 and abs(int(grade[i]) - int(grade[j])) <= grade_within


def depth(one, other):
    """Industry depth of two (section, digits), -1 where one is unknown."""
    if one is None or other is None:
        return -1
    if one[0] != other[0]:
        return 0
    levels = [n for n in (2, 3, 4) if len(one[1]) >= n and one[1][:n] == other[1][:n]]
    return 1 + len(levels)


def overlap(one, other, weights):
    """Weighted Jaccard overlap of two sets of (kind, tag); None where one is empty."""
    if not one or not other:
        return None
    both, all_of_them = set(one) & set(other), set(one) | set(other)
    return sum(weights[kind] for kind, _ in both) / sum(weights[kind] for kind, _ in all_of_them)
